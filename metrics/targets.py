"""What a metric should come to in a period: the targets that hold on its days, scaled to them, or why that cannot be.

A target is per day, week, month, quarter, year, per so many days (`45d`), or for all its days together (`whole`). What
adds up by days is asked by days: a week of a month of 30 days is 7/30 of it. A ratio is the same in every period. What
is neither, as customers who count once however often they come, is held only against a period of the target's length.
A target that says no period is per month; of a ratio it holds for any.
Not here: how targets are kept (facts/targets.py), setting them (console/metric/targets.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from kernel.db import Connection, Statements, rows
from kernel.periods import ONE_DAY
from metrics.catalogue.base import Metric, Ratio
from metrics.facts.base import WORKSPACE
from metrics.scope import Days

SQL = Statements(__file__)

CALENDAR = ("day", "week", "month", "quarter", "year")
WHOLE, UNSAID = "whole", "month"
LONGEST = 9_999  # days of a period that is given as such
LENGTHS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (90, 92), "year": (365, 366)}  # days
# Why a value is not held against a target: the target is per another length; it does not hold on all days.
OTHER_LENGTH, GAPS = "other_length", "gaps"


class Target(NamedTuple):
    """What a metric should come to on the days from first to last; channel 0: all together."""

    metric: str
    channel: int
    first: date
    last: date | None
    value: Decimal
    period: str  # as it was said; empty: it was not
    author: str  # the person who set it; empty: a record did
    source: int | None  # the channel whose connector sent the record
    said_at: datetime


class Goal(NamedTuple):
    """What a metric should come to in a period. Value None: nothing it could be held against, `why` says so."""

    target: Target  # the one that holds last in the period
    per: str  # its period; empty: the same in every one
    value: Decimal | None
    why: str = ""
    gaps: int = 0  # days without a target

    @property
    def scaled(self) -> bool:
        """Whether the value is another than the target's own."""
        return self.value is not None and self.value != self.target.value

    def every(self, interval: str) -> Decimal | None:
        """What each interval of a series should come to, where that is the target as it was set."""
        return self.target.value if self.value is not None and self.per in ("", interval) else None


def targets(
    db: Connection,
    workspace: int,
    metric: str | None = None,
    days: Days | None = None,
    channel: int | None = None,
) -> list[Target]:
    """Those of a metric, or of all, the one that began last first; with `days` those that hold on any of them."""
    first, last = days or (None, None)
    asked = {"metric": metric, "first": first, "last": last, "channel": channel}
    return [Target(*row) for row in rows(db, SQL["targets"], workspace=workspace, **asked)]


def goals(db: Connection, workspace: int, metrics: Iterable[Metric], days: Days) -> dict[str, Goal]:
    """What metrics should come to in a period, all channels together, by name; who has no target is not there."""
    found = targets(db, workspace, None, days, WORKSPACE)
    mine = {name: list(those) for name, those in groupby(found, key=lambda one: one.metric)}
    made = {one.name: goal(one, mine.get(one.name, ()), days) for one in metrics}
    return {name: one for name, one in made.items() if one}


def goal(metric: Metric, set_: Sequence[Target], days: Days) -> Goal | None:
    """What the targets of one metric and channel (the one that began last first) ask of the days; None: nothing."""
    last = _on(set_, days.last) or next((one for one in set_ if _holds(one, days)), None)
    if last is None:
        return None
    per = per_of(metric, last)
    if not per:
        return Goal(last, per, last.value)
    if metric.over_time == "own":
        fits = _fits(last, per, days)
        return Goal(last, per, last.value if fits else None, "" if fits else OTHER_LENGTH)
    gaps, asked = 0, Fraction(0)
    for target, stretch in _stretches(set_, days):
        if target is None:
            gaps += stretch.length
        else:
            asked += Fraction(target.value) * _periods(target, per_of(metric, target), stretch)
    if gaps:
        return Goal(last, per, None, GAPS, gaps)
    return Goal(last, per, Decimal(asked.numerator) / Decimal(asked.denominator))


def per_of(metric: Metric, target: Target) -> str:
    """What a target is per, whether it was said or not; empty: it is the same in every period."""
    if metric.over_time == "steady":
        return ""
    if metric.over_time == "own" and isinstance(metric.value, Ratio):
        return target.period
    return target.period or UNSAID


def _on(set_: Sequence[Target], day: date) -> Target | None:
    """Of several that hold on a day, the one that began last."""
    return next((one for one in set_ if one.first <= day and (one.last is None or day <= one.last)), None)


def _holds(target: Target, days: Days) -> bool:
    return target.first <= days.last and (target.last is None or days.first <= target.last)


def _stretches(set_: Sequence[Target], days: Days) -> Iterator[tuple[Target | None, Days]]:
    """The days cut where another target begins to hold, or none."""
    ends = [one.first - ONE_DAY for one in set_] + [one.last for one in set_ if one.last]
    cuts = sorted({one for one in ends if days.first <= one < days.last})
    first = days.first
    for last in [*cuts, days.last]:
        yield _on(set_, last), Days(first, last)
        first = last + ONE_DAY


def _periods(target: Target, per: str, days: Days) -> Fraction:
    """How many of a target's periods lie in the days, by days: a week of November is 7/30 of a month."""
    length = _length(target, per)
    if length:
        return Fraction(days.length, length)
    count, at = Fraction(0), days.first
    while at <= days.last:
        begin, end = _calendar(at, per)
        upto = min(end, days.last)
        count += Fraction((upto - at).days + 1, (end - begin).days + 1)
        at = upto + ONE_DAY
    return count


def _length(target: Target, per: str) -> int | None:
    """Days of a period that always has as many."""
    if per == WHOLE and target.last:
        return Days(target.first, target.last).length
    if per.endswith("d"):
        return int(per[:-1])
    return {"day": 1, "week": 7}.get(per)


def _calendar(day: date, per: str) -> tuple[date, date]:
    """First and last day of the month, quarter or year around a day."""
    months = {"quarter": 3, "year": 12}.get(per, 1)
    begin = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    after = begin.month - 1 + months
    return begin, date(begin.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _fits(target: Target, per: str, days: Days) -> bool:
    """Whether a period is as long as a target's own."""
    if per == WHOLE:
        return (days.first, days.last) == (target.first, target.last)
    exact = _length(target, per)
    least, most = (exact, exact) if exact else LENGTHS.get(per, (0, 0))
    return least <= days.length <= most
