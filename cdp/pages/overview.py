"""How are we doing, and what needs me today? Not here: how it is computed (board.py, needs.py)."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from cdp.kernel import access, web
from cdp.pages import board, export, needs
from channels.models import Channel
from metrics.catalogue import BY_NAME


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """The whole page; with no channel that has sent anything, the first steps instead."""
    workspace = request.workspace  # type: ignore[attr-defined]
    channels = list(Channel.objects.filter(workspace=workspace).order_by("id"))
    period = web.period_of(request)
    masked = access.Place(workspace, request.role or "").masked  # type: ignore[attr-defined]
    asked = board.Asked(workspace, period, channels, masked=masked)
    frame = web.period_frame(request, period) | {"channels": channels}
    if not channels:
        return render(request, "cdp/first_run.html", frame)
    sums = [board.card(asked, name, short=True) for name in board.SUMS]
    sales = board.sales(asked, channels)
    skus = web.in_period(request, "kpi-rows", "price_parity", part="differing")
    revenue = next(one for one in sums if one["name"] == "net_revenue")
    return render(
        request,
        "cdp/overview.html",
        frame
        | {
            "needs": needs.needs(workspace, asked.measure("price_parity"), skus),
            "cards": [board.card(asked, name) for name in board.HEADLINES],
            "sums": sums,
            "sales": sales,
            "movers": board.movers(asked, sales["mix"]),
            "returns": board.returns(asked, channels),
            "finding": board.finding(asked, revenue, sales),
            "against": period.against,
            "before": period.before,
        },
    )


@access.needs("viewer")
def download(request: HttpRequest) -> HttpResponseBase:
    """What the page shows, as CSV: each card, and by channel what stands by channel; now, before, target."""
    workspace = request.workspace  # type: ignore[attr-defined]
    period = web.period_of(request)
    asked = board.Asked(workspace, period, list(Channel.objects.filter(workspace=workspace).order_by("id")))
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
        by = now.get("by", {}) if name in board.BY_CHANNEL else {}
        for slug, line in [("", now), *by.items()]:
            total = line["total"]
            old = (before.get("by", {}).get(slug) if slug else before) or {}
            yield (
                str(BY_NAME[name].label),
                slug or _("all"),
                *days,
                total["value"],
                total["numerator"],
                total["denominator"],
                *old_days,
                old.get("total", {}).get("value"),
                None if slug else asked.targets.get(name),
                unit,
            )
