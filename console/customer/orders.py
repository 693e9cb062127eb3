"""The orders of a customer as its page shows them: to the cent, each with what it is made of. Not here: the ledger."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from channels.models import Channel
from console import addresses, names
from console.event import event_labels
from kernel.web import access, format

SHOWN = 8  # until all are asked for
MOST = 300
NAMED = 3  # goods of an order


Order = dict[str, Any]  # as metrics hands it over


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: all orders, or one of them opened, by its channel and its id as it is shown."""

    every: bool = False
    channel: str = ""
    order_id: str = ""

    def opens(self, order: Order) -> bool:
        """Whether it is that one."""
        return bool(self.order_id) and (order["channel"], order["order_id"]) == (self.channel, self.order_id)


@dataclass(frozen=True, slots=True)
class Part:
    """A line of what an order is made of."""

    what: str
    more: str
    value: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What an order is made of, of one kind."""

    title: str
    rows: list[Part]


@dataclass(frozen=True, slots=True)
class State:
    """One word on where an order stands."""

    tone: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One order with its parts in words."""

    order_id: str
    occurred_at: datetime
    currency: str
    total: Decimal
    refunded: Decimal
    net: Decimal
    channel: Channel | None
    state: State
    goods: str
    parts: list[Parts]
    opened: bool
    address: str  # of its own page; "" where its number may not be seen whole
    credit: str  # the address of whose it is; "" where its number is not shown whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The newest orders, and the sums of all in the workspace's currency."""

    rows: list[Row]
    more: bool  # there are some that can be asked for
    hidden: int
    count: int
    total: Decimal
    refunded: Decimal
    net: Decimal
    others: int  # in other currencies: in no sum


def listed(
    found: list[Order], channels: dict[str, Channel], currency: str, wanted: Wanted, *, masked: bool
) -> Orders:
    """Orders, newest first, with the sums of those in the workspace's currency. The one asked for is among them."""
    pages = [addresses.of_order(order["channel"], order["order_id"], masked=masked) for order in found]
    numbers = [order["order_id"] for order in found]
    if masked:
        found = [access.scrub(order) for order in found]  # numbers and times pass as they are
    found = [
        order | {"address": page, "whole": order["order_id"] == number}
        for order, page, number in zip(found, pages, numbers, strict=True)
    ]
    total, refunded, others = Decimal(0), Decimal(0), 0
    for order in found:
        if order["currency"] == currency:
            total, refunded = total + order["total"], refunded + order["refunded"]
        else:
            others += 1
    most = MOST if wanted.every else SHOWN
    shown = found[:most] + [order for order in found[most:] if wanted.opens(order)]
    by_id = {channel.pk: channel for channel in channels.values()}
    return Orders(
        rows=[_order(order, channels, by_id, opened=wanted.opens(order)) for order in shown],
        more=not wanted.every and len(found) > SHOWN,
        hidden=len(found) - len(shown),
        count=len(found),
        total=total,
        refunded=refunded,
        net=total - refunded,
        others=others,
    )


def _order(order: Order, channels: dict[str, Channel], by_id: dict[int, Channel], *, opened: bool) -> Row:
    parts = (
        Parts(_("Lines"), _lines(order)),
        Parts(_("Breakdown of the amount"), _sums(order)),
        Parts(_("Settlement"), _settlement(order)),
        Parts(_("Payments"), _payments(order)),
        Parts(_("Parcels"), _parcels(order)),
        Parts(_("Returns"), _returns(order, by_id)),
        Parts(_("Refunds"), _refunds(order, by_id)),
    )
    goods = [
        f"{event_labels.product(line['name'] or line['sku'])} ×{format.number(line['quantity'])}"
        for line in order["lines"][:NAMED]
    ]
    return Row(
        order_id=order["order_id"],
        occurred_at=order["occurred_at"],
        currency=order["currency"],
        total=order["total"],
        refunded=order["refunded"],
        net=order["total"] - order["refunded"],
        channel=channels.get(order["channel"]),
        state=_state(order),
        goods=", ".join(goods) + (" …" if len(order["lines"]) > NAMED else ""),
        parts=[part for part in parts if part.rows],
        opened=opened,
        address=order["address"],
        credit=_credit(order),
    )


def _credit(order: Order) -> str:
    if not order["whole"] or not order["channel"]:
        return ""
    asked = {"channel": order["channel"], "number": order["order_id"]}
    return f"{reverse('attribution-order')}?{urlencode(asked)}"


def _lines(order: Order) -> list[Part]:
    """What was bought."""
    rows = []
    for line in order["lines"]:
        each = format.money(line["price"], order["currency"]) if line["price"] is not None else format.NOTHING
        what = event_labels.product(line["name"] or line["sku"])
        more = line["sku"] if line["name"] else ""
        rows.append(Part(what, more, f"{format.number(line['quantity'])} × {each}"))
    return rows


def _sums(order: Order) -> list[Part]:
    """Shipping, tax and discount, where they were said; what the order was refused or cancelled for."""
    named = (
        (_("Shipping"), "shipping", 1),
        (_("Tax"), "tax", 1),
        (_("Discount"), "discount", -1),
        (_("Merchant discount"), "merchant_discount", -1),
        (_("Platform discount"), "platform_discount", -1),
    )
    rows = [
        Part(title, "", format.money(sign * order[name], order["currency"]))
        for title, name, sign in named
        if order[name]
    ]
    told = ((_("Coupon"), "coupon"), (_("Store"), "store"), (_("Reason"), "reason"))
    return rows + [
        Part(title, "", names.reason(order[name]) if name == "reason" else str(order[name]))
        for title, name in told
        if order[name]
    ]


def _settlement(order: Order) -> list[Part]:
    """What the platform says of the money: paid by the customer, each fee, paid out to us."""
    currency, fees = order["currency"], order["fee_kinds"]
    rows = [Part(_("Customer paid"), "", format.money(order["paid"], currency))] * (order["paid"] is not None)
    rows += [Part(_("Fee"), fee["kind"], format.money(-fee["amount"], currency)) for fee in fees]
    if len(fees) > 1:
        rows.append(Part(_("All fees"), "", format.money(-order["fees"], currency)))
    if order["payout"] is not None:
        rows.append(Part(_("Payout"), "", format.money(order["payout"], currency)))
    return rows


def _payments(order: Order) -> list[Part]:
    """Each attempt and how it ended."""
    said = {"succeeded": _("paid"), "failed": _("failed"), "started": _("started")}
    rows = []
    for one in order["payments"]:
        at = one["succeeded_at"] or one["failed_at"] or one["started_at"] or one["occurred_at"]
        more = [format.moment(at), names.method(one["method"] or ""), names.reason(one["reason"] or "")]
        late = one["succeeded_at"] and order["cancelled_at"] and one["succeeded_at"] > order["cancelled_at"]
        more += [_("after the cancellation")] if late else []
        amount = format.money(one["amount"], one["currency"]) if one["amount"] is not None else format.NOTHING
        rows.append(Part(said.get(one["state"], one["state"]), _joined(more), amount))
    return rows


def _parcels(order: Order) -> list[Part]:
    """Each parcel, when it went and when it came."""
    rows = []
    for one in order["shipments"]:
        late = one["promised_at"] and one["delivered_at"] and one["delivered_at"] > one["promised_at"]
        more = [one["carrier"] or "", _when(_("shipped %(time)s"), one["shipped_at"])]
        more += [_("later than promised")] if late else []
        value = format.moment(one["delivered_at"]) if one["delivered_at"] else format.NOTHING
        rows.append(Part(_("delivered") if one["delivered_at"] else _("shipped"), _joined(more), value))
    return rows


def _returns(order: Order, by_id: dict[int, Channel]) -> list[Part]:
    """Goods announced to come back, or come back, and where."""
    rows = []
    for one in order["returns"]:
        back = [
            f"{line['sku']} ×{format.number(line['quantity'])}"
            for line in order["return_lines"]
            if (line["service_channel_id"], line["key"]) == (one["service_channel_id"], one["key"])
        ]
        place = by_id.get(one["service_channel_id"])
        more = [event_labels.place(place), one["store"] or "", ", ".join(back)]
        at = one["received_at"] or one["requested_at"]
        what = _("received") if one["received_at"] else _("requested")
        rows.append(Part(what, _joined(more), format.moment(at) if at else format.NOTHING))
    return rows


def _refunds(order: Order, by_id: dict[int, Channel]) -> list[Part]:
    """Money given back."""
    rows = []
    for one in order["refunds"]:
        more = [format.moment(one["occurred_at"]), event_labels.place(by_id.get(one["service_channel_id"]))]
        what = _("by cancellation") if one["kind"] != "refund" else _("refund")
        value = format.money(-one["amount"], one["currency"])
        rows.append(Part(what, _joined([*more, names.reason(one["reason"] or "")]), value))
    return rows


def _when(text: str, at: Any) -> str:
    return text % {"time": format.moment(at)} if at else ""


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)


def _state(order: Order) -> State:
    said = {
        "cancelled": ("warn", _("cancelled")),
        "returned": ("warn", _("returned")),
        "refunded": ("warn", _("refunded")),
        "delivered": ("good", _("delivered")),
        "shipped": ("note", _("shipped")),
        "paid": ("note", _("paid")),
    }
    tone, word = said.get(str(order.get("state") or ""), ("", _("ordered")))
    return State(tone, word)
