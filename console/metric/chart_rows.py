"""The rows behind a chart, for static/js/leads.js: where a click on a point leads. Not here: the rows (kpi_rows.py)."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypedDict

from django.utils.translation import gettext as _


class Span(Protocol):
    """From when to when a point of a chart reaches."""

    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...


class Behind(TypedDict):
    """Where a click leads: the address of the rows, whose days are put in; the days of each point of each line."""

    address: str
    days: list[list[str]]
    before: list[list[str]]
    calendar: str
    hint: str


def behind(address: str, days: Sequence[Span], before: Sequence[Span] = (), calendar: str = "") -> Behind:
    """The rows behind the points of a chart. `calendar`: "1" where a point is a whole interval, whatever the period."""
    return {
        "address": address,
        "days": [[one.first.isoformat(), one.last.isoformat()] for one in days],
        "before": [[one.first.isoformat(), one.last.isoformat()] for one in before],
        "calendar": calendar,
        "hint": _("Click: the rows behind it"),
    }
