"""Days, weeks (from Monday), months and quarters in a workspace's zone. Not here: what is counted over them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kernel.errors import BadRequest

DEFAULT_DAYS = 30  # a period nobody named: these many days to today
MOST_INTERVALS = 25_000  # of one series
ONE_DAY = timedelta(days=1)
INTERVALS = ("day", "week", "month")
UNITS = ("week", "month", "quarter")  # of the calendar, that a period may be one of


class Interval(NamedTuple):
    """`start` is the calendar's; `first` and `last` (both inside) are what of it lies in the period."""

    start: date
    first: date
    last: date


@lru_cache(maxsize=600)
def zone(name: str) -> tzinfo:
    """The zone of that name; one that no longer exists counts as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def is_zone(name: str) -> bool:
    """Whether there is a zone of that name."""
    return name == "UTC" or zone(name) is not UTC


def day(moment: datetime, where: tzinfo) -> date:
    """The day on which a moment falls there."""
    return moment.astimezone(where).date()


def begins(on: date, where: tzinfo) -> datetime:
    """The first moment of a day there, in UTC."""
    return datetime.combine(on, time(), where).astimezone(UTC)


def ends(on: date, where: tzinfo) -> datetime:
    """The first moment after a day there, in UTC."""
    return begins(on + ONE_DAY, where)


def start(on: date, interval: str) -> date:
    """The calendar start of the interval that holds a day."""
    if interval == "week":
        return on - timedelta(days=on.weekday())
    if interval == "quarter":
        return on.replace(month=on.month - (on.month - 1) % 3, day=1)
    return on.replace(day=1) if interval == "month" else on


def following(begin: date, interval: str) -> date:
    """The start of the next interval."""
    if interval in {"month", "quarter"}:
        within = 32 if interval == "month" else 95  # days from a first day on into the month wanted
        return (begin.replace(day=1) + timedelta(days=within)).replace(day=1)
    return begin + timedelta(days=7 if interval == "week" else 1)


def end(begin: date, interval: str) -> date:
    """The last day of the interval that begins then."""
    return following(begin, interval) - ONE_DAY


def preceding(begin: date, interval: str) -> date:
    """The start of the interval before."""
    return start(begin - ONE_DAY, interval)


def _walk(first: date, last: date, interval: str) -> Iterator[Interval]:
    begin = start(first, interval)
    while begin <= last:
        after = following(begin, interval)
        yield Interval(begin, max(begin, first), min(after - ONE_DAY, last))
        begin = after


def intervals(first: date, last: date, interval: str) -> list[Interval]:
    """Every interval that the period touches, the empty ones too. Raises BadRequest for what cannot be drawn."""
    if interval not in INTERVALS:
        raise BadRequest(f"The interval is one of {', '.join(INTERVALS)}.", code="bad_interval")
    if last < first:
        raise BadRequest("The period ends before it begins.", code="bad_period")
    shortest = {"day": 1, "week": 7, "month": 28}[interval]
    if (last - first).days // shortest > MOST_INTERVALS:
        raise BadRequest(
            f"That is more than {MOST_INTERVALS:,} intervals: ask for longer ones.", code="bad_period"
        )
    return list(_walk(first, last, interval))


def default(last: date) -> tuple[date, date]:
    """The period of somebody who named none: so many days to the last one."""
    return last - timedelta(days=DEFAULT_DAYS - 1), last


def utc_text(at: datetime | None) -> str | None:
    """A moment as the API writes it: ISO 8601 in UTC, with Z."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
