"""The orders of a customer as its page shows them: to the cent, each with what it is made of. Not here: the ledger."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cdp.kernel import access, speech
from cdp.pages import words
from channels.models import Channel

SHOWN = 8  # until all are asked for
MOST = 300


def listed(
    found: list[dict[str, Any]], channels: dict[str, Channel], currency: str, *, every: bool, masked: bool
) -> dict[str, Any]:
    """Orders, newest first, with the sums of those in the workspace's currency."""
    if masked:
        found = [access.scrub(order) for order in found]  # numbers and times pass as they are
    total, refunded, others = Decimal(0), Decimal(0), 0
    for order in found:
        if order["currency"] == currency:
            total, refunded = total + order["total"], refunded + order["refunded"]
        else:
            others += 1
    shown = found[: MOST if every else SHOWN]
    by_id = {channel.pk: channel for channel in channels.values()}
    return {
        "rows": [_order(order, channels, by_id) for order in shown],
        "more": not every and len(found) > SHOWN,
        "hidden": len(found) - len(shown),
        "count": len(found),
        "total": total,
        "refunded": refunded,
        "net": total - refunded,
        "others": others,
    }


def _order(order: dict[str, Any], channels: dict[str, Channel], by_id: dict[int, Channel]) -> dict[str, Any]:
    """One order with its parts in words."""
    amount, back = order["total"], order["refunded"]
    return {
        "order_id": order["order_id"],
        "occurred_at": order["occurred_at"],
        "currency": order["currency"],
        "total": amount,
        "refunded": back,
        "net": amount - back,
        "channel": channels.get(order["channel"]),
        "state": _state(order),
        "goods": ", ".join(
            f"{words.product(line['name'] or line['sku'])} ×{speech.number(line['quantity'])}"
            for line in order["lines"][:3]
        )
        + (" …" if len(order["lines"]) > 3 else ""),
        "parts": [
            {"title": title, "rows": rows}
            for title, rows in (
                (_("Lines"), _lines(order)),
                (_("Made up of"), _sums(order)),
                (_("Payments"), _payments(order)),
                (_("Parcels"), _parcels(order)),
                (_("Returns"), _returns(order, by_id)),
                (_("Refunds"), _refunds(order, by_id)),
            )
            if rows
        ],
    }


def _lines(order: dict[str, Any]) -> list[dict[str, str]]:
    """What was bought."""
    rows = []
    for line in order["lines"]:
        each = speech.money(line["price"], order["currency"]) if line["price"] is not None else speech.NOTHING
        rows.append(
            {
                "what": words.product(line["name"] or line["sku"]),
                "more": line["sku"] if line["name"] else "",
                "value": f"{speech.number(line['quantity'])} × {each}",
            }
        )
    return rows


def _sums(order: dict[str, Any]) -> list[dict[str, str]]:
    """Shipping, tax and discount, where they were said; what the order was refused or cancelled for."""
    named = ((_("Shipping"), "shipping", 1), (_("Tax"), "tax", 1), (_("Discount"), "discount", -1))
    rows = [
        {"what": title, "more": "", "value": speech.money(sign * order[name], order["currency"])}
        for title, name, sign in named
        if order[name]
    ]
    told = ((_("Coupon"), "coupon"), (_("Store"), "store"), (_("Reason"), "reason"))
    return rows + [
        {"what": title, "more": "", "value": str(order[name])} for title, name in told if order[name]
    ]


def _payments(order: dict[str, Any]) -> list[dict[str, str]]:
    """Each attempt and how it ended."""
    said = {"succeeded": _("paid"), "failed": _("failed"), "started": _("begun")}
    rows = []
    for one in order["payments"]:
        at = one["succeeded_at"] or one["failed_at"] or one["started_at"] or one["occurred_at"]
        more = [speech.moment(at), one["method"] or "", one["reason"] or ""]
        amount = speech.money(one["amount"], one["currency"]) if one["amount"] is not None else speech.NOTHING
        rows.append({"what": said.get(one["state"], one["state"]), "more": _joined(more), "value": amount})
    return rows


def _parcels(order: dict[str, Any]) -> list[dict[str, str]]:
    """Each parcel, when it went and when it came."""
    rows = []
    for one in order["shipments"]:
        late = one["promised_at"] and one["delivered_at"] and one["delivered_at"] > one["promised_at"]
        more = [one["carrier"] or "", _when(_("shipped %(time)s"), one["shipped_at"])]
        more += [_("later than promised")] if late else []
        value = speech.moment(one["delivered_at"]) if one["delivered_at"] else speech.NOTHING
        rows.append(
            {
                "what": _("delivered") if one["delivered_at"] else _("shipped"),
                "more": _joined(more),
                "value": value,
            }
        )
    return rows


def _returns(order: dict[str, Any], by_id: dict[int, Channel]) -> list[dict[str, str]]:
    """Goods announced to come back, or come back, and where."""
    rows = []
    for one in order["returns"]:
        back = [
            f"{line['sku']} ×{speech.number(line['quantity'])}"
            for line in order["return_lines"]
            if (line["service_channel_id"], line["key"]) == (one["service_channel_id"], one["key"])
        ]
        place = by_id.get(one["service_channel_id"])
        more = [words.place(place), one["store"] or "", ", ".join(back)]
        at = one["received_at"] or one["requested_at"]
        rows.append(
            {
                "what": _("came back") if one["received_at"] else _("announced"),
                "more": _joined(more),
                "value": speech.moment(at) if at else speech.NOTHING,
            }
        )
    return rows


def _refunds(order: dict[str, Any], by_id: dict[int, Channel]) -> list[dict[str, str]]:
    """Money given back."""
    rows = []
    for one in order["refunds"]:
        reason = one["reason"] or ""
        more = [speech.moment(one["occurred_at"]), words.place(by_id.get(one["service_channel_id"]))]
        rows.append(
            {
                "what": _("by cancellation") if one["kind"] != "refund" else _("refund"),
                "more": _joined([*more, reason]),
                "value": speech.money(-one["amount"], one["currency"]),
            }
        )
    return rows


def _when(text: str, at: Any) -> str:
    return text % {"time": speech.moment(at)} if at else ""


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)


def _state(order: dict[str, Any]) -> dict[str, str]:
    """One word on where an order stands."""
    said = {
        "cancelled": ("warn", _("cancelled")),
        "returned": ("warn", _("returned")),
        "refunded": ("warn", _("refunded")),
        "delivered": ("good", _("delivered")),
        "shipped": ("note", _("shipped")),
        "paid": ("note", _("paid")),
    }
    tone, word = said.get(str(order.get("state") or ""), ("", _("ordered")))
    return {"tone": tone, "word": word}
