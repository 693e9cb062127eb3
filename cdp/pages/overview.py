"""How are we doing, and what needs me today? Not here: how it is computed (board.py, needs.py)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cdp.kernel import access, web
from cdp.pages import board, needs
from channels.models import Channel


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """The whole page; with no channel that has sent anything, the first steps instead."""
    workspace = request.workspace  # type: ignore[attr-defined]
    channels = list(Channel.objects.filter(workspace=workspace).order_by("id"))
    period = web.period_of(request)
    asked = board.Asked(workspace, period, channels)
    frame = web.period_frame(request, period) | {"channels": channels}
    if not channels:
        return render(request, "cdp/first_run.html", frame)
    sums = [board.figure(asked, name, short=True) for name in board.SUMS]
    sales = board.sales(asked, channels)
    revenue = next(one for one in sums if one["name"] == "net_revenue")
    return render(
        request,
        "cdp/overview.html",
        frame
        | {
            "needs": needs.needs(workspace, asked.measure("price_parity")),
            "cards": [board.card(asked, name) for name in board.HEADLINES],
            "sums": sums,
            "sales": sales,
            "movers": board.movers(asked, sales["mix"]),
            "returns": board.returns(asked, channels),
            "finding": board.finding(asked, revenue, sales),
            "against": period.against,
        },
    )
