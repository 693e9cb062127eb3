"""What a tile is asked and what it answers: the form that every kind's tile has. Not here: which kinds (tiles.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from console.journey.base import Here
from kernel import periods
from kernel.web import shell
from kernel.web.access import WorkspaceRequest
from kernel.web.period import PERIOD_NAMES
from metrics.journeys import retention
from metrics.models import Analysis

NAMED = ("from", "to")
# What `interval` may be of a kind, where it does not cut a line over time.
CUT: Mapping[str, tuple[str, ...]] = {"retention": retention.INTERVALS}


@dataclass(frozen=True, slots=True)
class Asked:
    """An analysis on a board. `days`: the period as an address has it, that of the board or its own."""

    request: WorkspaceRequest
    key: int
    params: Mapping[str, Any]
    period: shell.Period
    days: Mapping[str, str]

    @classmethod
    def of(cls, request: WorkspaceRequest, analysis: Analysis, board: shell.Period) -> "Asked":
        """The period of the board's address holds; one without lets an analysis keep its own days."""
        given = {name: request.GET.get(name, "") for name in PERIOD_NAMES}
        if given["interval"] not in CUT.get(analysis.kind, periods.INTERVALS):
            given["interval"] = ""
        params, period = analysis.params, board
        if not any(given[name] for name in NAMED):
            period = _own(params, board)
        interval = str(params.get("interval", ""))
        if not given["interval"] and interval in periods.INTERVALS:
            period = period._replace(interval=interval)
        if period == board:
            return cls(request, analysis.pk, params, board, given)
        days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
        own = days if (period.first, period.last) != (board.first, board.last) else {}
        return cls(request, analysis.pk, params, period, given | own | {"interval": period.interval})

    @property
    def here(self) -> Here:
        """As a page of journeys is asked: of what may repeat the last counts."""
        said = {name: value[-1] if isinstance(value, list) else value for name, value in self.params.items()}
        given = {name: str(value) for name, value in said.items()}
        given |= {name: value for name, value in self.days.items() if value}
        return Here(self.request, self.period, given, self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a tile shows: a template, which finds `shows` under that name."""

    template: str
    shows: Any


def _own(params: Mapping[str, Any], board: shell.Period) -> shell.Period:
    """The days that an analysis was kept with; what it does not say is as on a page."""
    first, last = (_date(params.get(name)) for name in NAMED)
    if not first and not last:
        return board
    last = last or max(board.last, first or board.last)
    first = first or periods.default(last)[0]
    return board if first > last else board._replace(first=first, last=last, unit="")


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
