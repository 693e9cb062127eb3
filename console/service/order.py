"""One order from end to end: what was bought, and by time what happened to it, in whichever channel.

Not here: the orders of a customer (console/customer/orders.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from channels.queries import channels_of
from console import names
from console.event import event_labels
from console.service.base import Cell, named
from kernel.web import access, format, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query
from metrics.service.story import Happening, Story, story

WORDS = {
    "ordered": gettext_lazy("Ordered"),
    "payment_started": gettext_lazy("Payment started"),
    "payment_failed": gettext_lazy("Payment failed"),
    "paid": gettext_lazy("Paid"),
    "cancelled": gettext_lazy("Cancelled"),
    "shipped": gettext_lazy("Shipped"),
    "delivered": gettext_lazy("Delivered"),
    "return_requested": gettext_lazy("Return asked for"),
    "return_received": gettext_lazy("Goods received back"),
    "refunded": gettext_lazy("Refunded"),
    "ticket_opened": gettext_lazy("Ticket opened"),
    "ticket_answered": gettext_lazy("Ticket answered"),
    "ticket_resolved": gettext_lazy("Ticket resolved"),
    "feedback": gettext_lazy("Feedback given"),
}
WORDED = frozenset({"payment_started", "payment_failed", "paid", "cancelled", "refunded"})
APART = " · "  # between the words of a detail
TONES = {
    "payment_failed": "bad",
    "cancelled": "warn",
    "refunded": "warn",
    "paid": "good",
    "delivered": "good",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened."""

    at: str
    words: str
    tone: str
    where: Cell
    detail: str
    amount: str


@dataclass(frozen=True, slots=True)
class Bought:
    """A line of it."""

    name: str
    sku: str
    quantity: str
    price: str
    returned: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    order_id: str
    channel: Channel | None
    customer: str
    customer_address: str
    finding: str
    total: str
    refunded: str
    net: str
    steps: list[Step]
    lines: list[Bought]


@access.require_role("viewer")
def show(request: WorkspaceRequest, channel: str, order_id: str) -> HttpResponse:
    """The page."""
    settings = query.reporting_settings(connection, request.workspace)
    found, masked = story(connection, settings, channel, order_id), request.access.masked
    channels = channels_of(request.workspace.pk)
    by_id = {one.pk: one for one in channels.values()}
    order, currency = found.order, found.order["currency"]

    def said(text: str) -> str:
        return str(access.scrub(text)) if masked else text

    if found.profile:
        looks.page(request, found.profile)
    return render(
        request,
        "service/order.html",
        Page(
            order_id=said(order["order_id"]),
            channel=channels.get(channel),
            customer=access.scrub_name(found.customer) if masked else found.customer,
            customer_address=reverse("customer", args=[found.profile]) if found.profile else "",
            finding=finding(found, channels, by_id),
            total=format.money(order["total"], currency),
            refunded=format.money(-order["refunded"], currency),
            net=format.money(order["total"] - order["refunded"], currency),
            steps=[
                Step(
                    format.moment(one.at),
                    str(WORDS[one.what]),
                    TONES.get(one.what, ""),
                    Cell(channel=by_id.get(one.channel)),
                    said(_detail(one)),
                    _amount(one, currency),
                )
                for one in found.happenings
            ],
            lines=[
                Bought(
                    event_labels.product(line["name"] or line["sku"]),
                    line["sku"],
                    format.number(line["quantity"]),
                    format.NOTHING if line["price"] is None else format.money(line["price"], currency),
                    format.number(returned(found, line["line"])),
                )
                for line in order["lines"]
            ],
        ),
    )


def _detail(one: Happening) -> str:
    """The sender's words; ways to pay and known reasons in the reader's."""
    if one.what not in WORDED:
        return one.detail
    return APART.join(names.reason(names.method(part)) for part in one.detail.split(APART))


def returned(found: Story, line: int) -> float:
    """How much of a line came back."""
    back = [
        one["quantity"]
        for one in found.order["return_lines"]
        if one["line"] == line and one["kind"] == "return"
    ]
    return float(sum(back))


def finding(found: Story, channels: Mapping[str, Channel], by_id: Mapping[int, Channel]) -> str:
    """Where it was bought and where it came back, and how soon money followed."""
    bought = named(channels, found.order["channel"])
    backs = [one for one in found.happenings if one.what in ("return_requested", "return_received")]
    if not backs:
        return _("Bought in %(bought)s; nothing came back.") % {"bought": bought}
    received = [one for one in backs if one.what == "return_received"] or backs
    place = by_id.get(received[-1].channel)
    ways = {"bought": bought, "returned": shell.channel_name(place) if place else format.NOTHING}
    refunds = [one for one in found.happenings if one.what == "refunded" and one.at >= backs[0].at]
    if not refunds:
        return _("Bought in %(bought)s, returned in %(returned)s; nothing refunded since.") % ways
    ways["time"] = format.duration((refunds[0].at - backs[0].at).total_seconds())
    return (
        _("Bought in %(bought)s, returned in %(returned)s, refunded %(time)s after it was asked for.") % ways
    )


def _amount(one: Happening, currency: str) -> str:
    if one.amount is None:
        return ""
    return format.money(-one.amount if one.what == "refunded" else one.amount, currency)
