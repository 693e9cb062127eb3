"""How are we doing, and what needs me today? Not here: computing it (board.py, by_channel.py, action_items.py)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from channels import queries
from console.metric import board, export
from console.overview import action_items, by_channel
from kernel.web import access, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.catalogue import BY_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps(shell.PeriodPage):
    """What stands there before any channel does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """The overview."""

    needs: list[action_items.ActionItem]
    cards: list[board.Card]
    sums: list[board.Card]
    sales: by_channel.Sales
    movers: list[by_channel.Mover]
    returns: by_channel.Returns
    finding: str
    against: str
    before: shell.Period


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The whole page; with no channel that has sent anything, the first steps instead."""
    workspace = request.workspace
    channels = list(queries.channels_of(workspace.pk).values())
    period = shell.period_of(request)
    presets, neighbours = shell.presets(request, period), shell.neighbours(request, period)
    if not channels:
        steps = FirstSteps(period=period, presets=presets, neighbours=neighbours)
        return render(request, "overview/first_run.html", steps)
    asked = board.Asked(workspace, period, channels, masked=request.access.masked)
    sums = [board.card(asked, name, short=True) for name in board.SUMS]
    sales = by_channel.sales(asked, channels, shell.in_period(request, "kpi-rows", board.CHARTED))
    skus = shell.in_period(request, "kpi-rows", "price_parity", part="differing")
    revenue = next(one for one in sums if one.name == board.CHARTED)
    page = Page(
        period=period,
        presets=presets,
        neighbours=neighbours,
        needs=action_items.needs(workspace, asked.measure("price_parity"), skus),
        cards=[board.card(asked, name) for name in board.HEADLINES],
        sums=sums,
        sales=sales,
        movers=by_channel.movers(asked, sales.mix),
        returns=by_channel.returns(asked, channels),
        finding=by_channel.finding(asked, revenue, sales),
        against=period.against,
        before=period.before,
    )
    return render(request, "overview/overview.html", page)


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
        _("Held against: from"),
        _("Held against: to"),
        _("Held against: value"),
        _("Target"),
        _("Unit"),
    )
    return export.answer(request, f"overview-{period.first}-{period.last}", head, _lines(asked))


def _lines(asked: board.Asked) -> Iterator[tuple[Any, ...]]:
    days = (asked.period.first, asked.period.last)
    old_days = (asked.period.before.first, asked.period.before.last)
    for name in (*board.HEADLINES, *board.SUMS, board.RETURNED):
        now, before = asked.measure(name), asked.measure(name, before=True)
        unit = asked.workspace.currency if BY_NAME[name].unit == "money" else BY_NAME[name].unit
        for slug, line in {"": now.line, **(now.by or {})}.items():
            total, old = line.total.json(), (before.by or {})[slug] if slug else before.line
            yield (
                str(BY_NAME[name].label),
                slug or _("all"),
                *days,
                total["value"],
                total["numerator"],
                total["denominator"],
                *old_days,
                old.total.json()["value"],
                None if slug or not (goal := asked.goals.get(name)) else goal.value,
                unit,
            )
