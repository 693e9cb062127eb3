"""The targets of a metric as its page lists them, and what the form for another one offers.

Not here: keeping and deleting them (targets.py).
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from channels.models import Channel
from console.metric import target_status
from console.metric.kpi_view import View
from kernel.web import format, shell
from metrics import targets
from metrics.catalogue.base import Metric, Ratio

DAYS = "days"  # in the form: per so many days, which stand beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A target that was set."""

    value: str
    per: str  # in words; empty: the same in every period
    first: date
    days: str  # on which it holds
    channel: Channel | None
    author: str  # the person who set it; empty: a record did, of that channel where it is known
    source_channel: Channel | None
    said_at: datetime


def rows(view: View) -> list[Row]:
    """All targets of the metric, the one that began last first."""
    channels = {channel.pk: channel for channel in view.channels}
    return [
        Row(
            value=view.said(one.value),
            per=target_status.period(targets.per_of(view.metric, one), one),
            first=one.first,
            days=_days(one),
            channel=channels.get(one.channel),
            author=one.author,
            source_channel=channels.get(one.source or 0),
            said_at=one.said_at,
        )
        for one in view.targets
    ]


def _days(target: targets.Target) -> str:
    if target.last:
        return format.days(target.first, target.last)
    return _("from %(day)s until the next one") % {"day": format.day(target.first, year=True)}


def periods(metric: Metric) -> list[tuple[str, str]]:
    """What a target can be per: the value of the form and its words; none where every period is asked the same."""
    if metric.over_time == "steady":
        return []
    free = [("", _("any period"))] if metric.over_time == "own" and isinstance(metric.value, Ratio) else []
    return [
        *free,
        ("month", _("month")),
        ("week", _("week")),
        ("day", _("day")),
        ("quarter", _("quarter")),
        ("year", _("year")),
        (DAYS, _("so many days")),
        (targets.WHOLE, _("all its days together")),
    ]


def proposed(view: View) -> dict[str, str]:
    """What stands in an empty form: it begins so that it holds on all days of the page."""
    first = view.period.first.replace(day=1)
    return {"from": max(first, shell.EARLIEST).isoformat()}
