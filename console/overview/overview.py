"""How are we doing, and what needs me today? Not here: computing it (board.py, by_channel.py, action_items.py)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from channels import queries
from console import alarms, names
from console.metric import board, export
from console.overview import action_items, by_channel, first_steps
from kernel.web import access, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query
from metrics.catalogue import BY_NAME
from metrics.models import Board
from metrics.rollups import MEASURES

BOARDS = 3  # linked in the head
NUMBERS = "?compare=previous"  # the default, said: whoever asks for numbers gets them
SHOWN = tuple(
    one for one in MEASURES if one != "stock_value"
)  # of the roll-ups; the stock is read from its beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps(shell.PeriodPage):
    """What stands there before any customer does."""

    steps: list[first_steps.Step]
    done: int
    numbers: str  # the overview all the same; empty: there is no channel


@dataclass(frozen=True, slots=True)
class Link:
    """A board that everybody sees."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """The overview."""

    needs: list[action_items.ActionItem]
    cards: list[board.Card]
    sums: list[board.Card]
    sales: by_channel.Sales
    movers: by_channel.Movers
    returns: by_channel.Returns
    finding: str
    against: str
    before: shell.Period | None
    whole: shell.Period | None
    boards: list[Link]


@access.require_role("viewer", of_channel=True)
def show(request: WorkspaceRequest) -> HttpResponse:
    """The whole page; while nobody has been seen the first steps instead, unless a period is asked for.

    A channel's own people have their statements in its place.
    """
    if request.access.channels:
        return redirect("statements")
    workspace = request.workspace
    channels = list(queries.channels_of(workspace.pk).values())
    period = shell.period_of(request)
    presets, neighbours = shell.presets(request, period), shell.neighbours(request, period)
    if first_steps.wanted(workspace, bool(request.GET)):
        steps = first_steps.of(workspace)
        first = FirstSteps(
            period=period,
            presets=presets,
            neighbours=neighbours,
            steps=steps,
            done=sum(step.state == first_steps.DONE for step in steps),
            numbers=NUMBERS if channels else "",
        )
        return render(request, "overview/first_run.html", first)
    asked = board.Asked(workspace, period, channels, masked=request.access.masked, together=SHOWN)
    sums = [board.card(asked, name, short=True) for name in board.SUMS]
    sales = by_channel.sales(asked, channels, shell.in_period(request, "kpi-rows", board.CHARTED))
    now = {"from": period.today.isoformat(), "to": period.today.isoformat(), "unit": ""}
    skus = shell.in_period(request, "kpi-rows", "price_parity", part="differing", **now)
    revenue = next(one for one in sums if one.name == board.CHARTED)
    page = Page(
        period=period,
        presets=presets,
        neighbours=neighbours,
        needs=action_items.needs(workspace, alarms.of(request), asked.today("price_parity"), skus),
        cards=[board.card(asked, name) for name in board.HEADLINES],
        sums=sums,
        sales=sales,
        movers=by_channel.movers(asked),
        returns=by_channel.returns(asked, channels),
        finding=by_channel.finding(asked, revenue, sales),
        against=period.against,
        before=period.before,
        whole=period.whole,
        boards=_boards(request),
    )
    return render(request, "overview/overview.html", page)


def _boards(request: WorkspaceRequest) -> list[Link]:
    """The boards of the workspace, the last changed first."""
    shared = Board.objects.filter(workspace=request.workspace, shared=True).order_by("-updated_at", "-pk")
    return [Link(one.slug, names.said(one.name)) for one in shared[:BOARDS]]


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """What the page shows, as CSV: each card, and by channel what stands by channel; now, before, target."""
    workspace = request.workspace
    period = shell.period_of(request)
    asked = board.Asked(workspace, period, list(queries.channels_of(workspace.pk).values()))
    head = (
        _("Metric"),
        _("Channel"),
        _("From"),
        _("To"),
        _("Value"),
        _("Numerator"),
        _("Denominator"),
        _("Compared with: from"),
        _("Compared with: to"),
        _("Compared with: value"),
        _("Target"),
        _("Unit"),
    )
    return export.answer(request, f"overview-{period.first}-{period.last}", head, _lines(asked))


def _lines(asked: board.Asked) -> Iterator[tuple[Any, ...]]:
    """A line of each number over the period; where today is counted too, one more of the whole days, compared."""
    for name in (*board.HEADLINES, *board.SUMS, board.RETURNED):
        found = asked.comparison(name)
        if asked.period.open or found.now is None:
            yield from _of(asked, name, asked.period, asked.measure(name), None)
        if found.now is not None and asked.period.whole is not None:
            yield from _of(asked, name, asked.period.whole, found.now, found.before)


def _of(
    asked: board.Asked, name: str, days: shell.Period, now: query.Answer, before: query.Answer | None
) -> Iterator[tuple[Any, ...]]:
    """All channels together, then each where there are figures of each."""
    metric, old_days = BY_NAME[name], asked.period.before if before else None
    for slug, line in {"": now.line, **(now.by or {})}.items():
        total = line.total.json()
        old = before and ((before.by or {})[slug] if slug else before.line)
        yield (
            str(metric.label),
            slug or _("all"),
            days.first,
            days.last,
            total["value"],
            total["numerator"],
            total["denominator"],
            *((old_days.first, old_days.last) if old_days else ("", "")),
            old.total.json()["value"] if old else None,
            None if slug or not (goal := asked.goals.get(name)) else goal.value,
            asked.workspace.currency if metric.unit == "money" else metric.unit,
        )
