"""What is asked of shelves: when, which SKUs and channels; read from an address.

Not here: what is found (parity.py, stock.py).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from kernel import periods
from kernel.errors import BadRequest
from metrics.query import YEARS, ReportingSettings

DAYS = 30  # before a moment, over which units are counted
A_MOMENT = timedelta(microseconds=1)


class Asked(NamedTuple):
    """Of which workspace, up to which moment (it not included), which goods, on which channels (ids; none: all)."""

    settings: ReportingSettings
    until: datetime
    day: date  # on which that moment's last one falls, in the workspace's zone
    category: str = ""
    skus: tuple[str, ...] = ()
    channels: tuple[int, ...] = ()

    @property
    def first(self) -> date:
        """The first of the 30 days that end with `day`."""
        return date.fromordinal(self.day.toordinal() - DAYS + 1)

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return periods.begins(self.first, periods.zone(self.settings.zone))


def asked(given: Mapping[str, Any], settings: ReportingSettings, now: datetime) -> Asked:
    """`at`, `category`, `sku`, `channel` of an address; a BadRequest says what cannot be."""
    ids = {slug: channel for channel, slug in settings.channels.items()}
    for slug in given.get("channel", ()):
        if slug not in ids:
            raise BadRequest(
                _("There is no channel “%(slug)s” in this workspace.") % {"slug": slug[:60]},
                "unknown_channel",
            )
    until, day = moment(given.get("at", ""), settings, now)
    return Asked(
        settings,
        until,
        day,
        given.get("category", ""),
        tuple(given.get("sku", ())),
        tuple(ids[slug] for slug in given.get("channel", ())),
    )


def moment(text: str, settings: ReportingSettings, now: datetime) -> tuple[datetime, date]:
    """When something held: as a day ends (not later than now), or at a moment; and the day of that.

    What begins after now does not hold yet, so of today it is what holds now.
    """
    zone = periods.zone(settings.zone)
    latest = now + A_MOMENT
    if not text:
        return latest, periods.day(now, zone)
    try:
        if len(text) == len("2026-11-01"):
            asked_day = _year(date.fromisoformat(text))
            until = (
                min(periods.ends(asked_day, zone), latest) if asked_day == periods.day(now, zone) else None
            )
            return until or periods.ends(asked_day, zone), asked_day
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise _bad_at() from None
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    _year(at.date())
    return at.astimezone(UTC) + A_MOMENT, periods.day(at, zone)


def _year(day: date) -> date:
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise _bad_at()
    return day


def _bad_at() -> BadRequest:
    return BadRequest(
        _("`at` is a day (2026-11-01: as it ends) or a moment (2026-11-01T09:00+08:00)."), "bad_at"
    )
