"""All metrics there are, grouped, with value, change and line over time; found by what they are called or made of.

Not here: one of them (kpi.py), how a card is read (board.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.functional import Promise

from channels.queries import channels_of
from console.metric import board
from kernel.errors import TryAgain
from kernel.web import access, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from kernel.web.period import PERIOD_NAMES
from metrics.catalogue import METRICS
from metrics.catalogue.base import Metric


@dataclass(frozen=True, slots=True)
class Line:
    """A metric; without a card where it cannot be read just now."""

    metric: Metric
    card: board.Card | None


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics that belong together."""

    words: Promise | str
    lines: list[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """The page."""

    groups: list[Group]
    text: str
    against: str
    before: shell.Period | None
    whole: shell.Period | None
    kept: list[tuple[str, str]]
    days: list[tuple[str, str]]  # of the period, kept by a search


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """All of them, or those that hold every word of `q`."""
    period, text = shell.period_of(request), " ".join(request.GET.get("q", "").split())[:100]
    channels = list(channels_of(request.workspace.pk).values())
    asked = board.Asked(request.workspace, period, channels, masked=request.access.masked)
    wanted = [metric for metric in METRICS if holds(metric, text.casefold().split())]
    return render(
        request,
        "metric/index.html",
        Page(
            period=period,
            presets=shell.presets(request, period),
            neighbours=shell.neighbours(request, period),
            groups=_groups(asked, wanted),
            text=text,
            against=period.against,
            before=period.before,
            whole=period.whole,
            kept=[("q", text)] if text else [],
            days=[(name, request.GET[name]) for name in PERIOD_NAMES if request.GET.get(name)],
        ),
    )


def holds(metric: Metric, words: Iterable[str]) -> bool:
    """Whether a metric's name, label, question, formula or group hold every word."""
    said = (metric.name, metric.label, metric.question, metric.formula, metric.group)
    everything = " ".join(str(one) for one in said).casefold()
    return all(word in everything for word in words)


def _groups(asked: board.Asked, metrics: list[Metric]) -> list[Group]:
    lines = [Line(metric, _card(asked, metric)) for metric in metrics]
    names = dict.fromkeys(str(metric.group) for metric in metrics)
    return [Group(name, [line for line in lines if str(line.metric.group) == name]) for name in names]


def _card(asked: board.Asked, metric: Metric) -> board.Card | None:
    try:
        return board.card(asked, metric.name, short=True)
    except TryAgain:
        return None
