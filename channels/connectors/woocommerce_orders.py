"""WooCommerce's orders -> orders, payments and refunds of ours, by their status.

`pending` and `failed` are a checkout that waits for its payment: only the payment is told, as WooCommerce's own
reports leave them out; every other status is an order. A notice brings the whole order, so all of it is read each
time. Its refunds carry no time: each is told at the time of every notice that lists it, and the earliest holds.
Not here: customers, goods, the door (woocommerce.py).
"""

import re
from typing import Any, Final

from channels.connectors import shops, woocommerce_people
from channels.connectors.base import Message
from channels.connectors.shops import NOBODY, Buyer, amount, parts
from channels.reasons import UNKNOWN_TOPIC, Rejection, quoted
from kernel import money

PENDING: Final = "pending"  # waits for its payment
FAILED: Final = "failed"
GONE: Final = frozenset(("cancelled", "trash"))
REFUNDED: Final = "refunded"
DRAFTS: Final = frozenset(("checkout-draft", "auto-draft", "draft", "new"))
# An order that was paid once is one, whatever became of it since.
NONE_YET: Final = DRAFTS | GONE | {PENDING, FAILED}

_WITHOUT_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\Z", re.ASCII)


def order(topic: str, found: dict[str, Any], namespace: str) -> list[Message]:
    """A notice about an order that is there."""
    order_id = shops.needed(found, "id")
    who = woocommerce_people.buyer(found.get("customer_id"), found, namespace)
    placed, changed = moment(found, "date_created"), moment(found, "date_modified", "date_created")
    status = (shops.text(found.get("status")) or "").removeprefix("wc-")
    said = woocommerce_people.described(who, found, changed)
    if status not in NONE_YET or moment(found, "date_paid"):
        properties = _properties(order_id, found)
        said.append(shops.once("Order Completed", f"order-{order_id}", placed, who, properties))
        if topic != "order.created":
            said.append(shops.track("Order Updated", f"order-{order_id}-updated", changed, who, properties))
    said += _payment(order_id, status, found, who)
    if status in GONE:
        said.append(_cancelled(order_id, changed, who, status))
    said += _refunds(order_id, status, found, who, changed)
    if not said:
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(f"{topic}: {status}"))
    return said


def deleted(found: dict[str, Any]) -> list[Message]:
    """A notice about an order that was thrown away: its number is all it says."""
    return [_cancelled(shops.needed(found, "id"), None, NOBODY, "deleted")]


def moment(found: dict[str, Any], *names: str) -> str | int | None:
    """A time: `…_gmt` is UTC without saying so; the one without is in the site's zone, as the channel's is set."""
    for name in names:
        utc = shops.time(found.get(f"{name}_gmt"))
        if isinstance(utc, str) and _WITHOUT_OFFSET.match(utc.strip()):
            return f"{utc.strip()}Z"
        if said := utc or shops.time(found.get(name)):
            return said
    return None


def _properties(order_id: str, found: dict[str, Any]) -> dict[str, Any]:
    codes = [shops.text(one.get("code")) for one in parts(found.get("coupon_lines"))]
    currency = money.currency(found.get("currency")) or ""
    counter = "pos" in (shops.text(found.get("created_via")) or "").split("-")
    return {
        "order_id": order_id,
        "total": found.get("total"),
        "currency": found.get("currency"),
        "products": [_line(one, currency) for one in parts(found.get("line_items"))],
        "tax": found.get("total_tax"),
        "shipping": found.get("shipping_total"),
        "discount": found.get("discount_total"),
        "coupon": ", ".join(code for code in codes if code),
        "store": "pos" if counter else None,
        "order_number": shops.text(found.get("number")),
    }


def _line(found: dict[str, Any], currency: str) -> dict[str, Any]:
    found_each = shops.each(found.get("subtotal"), found.get("total"), found.get("quantity"), currency)
    price, discount = found_each or (found.get("price"), None)
    return shops.said(
        sku=woocommerce_people.sku(found),
        name=woocommerce_people.plain(found.get("name")),
        price=price,
        quantity=found.get("quantity"),
        discount=discount,
    )


def _payment(order_id: str, status: str, found: dict[str, Any], who: Buyer) -> list[Message]:
    """How its payment stands. An order is paid once: a payment that failed and then went through is one payment."""
    at = moment(found, "date_paid")
    if at:
        event = "Payment Succeeded"
    elif status == FAILED:
        event, at = "Payment Failed", moment(found, "date_modified", "date_created")
    elif status == PENDING:
        event, at = "Payment Started", moment(found, "date_created")
    else:
        return []
    properties = {
        "order_id": order_id,
        "payment_id": f"{order_id}-paid",
        "amount": found.get("total"),
        "currency": found.get("currency"),
        "method": shops.text(found.get("payment_method"), found.get("payment_method_title")),
    }
    return [shops.track(event, f"order-{order_id}-payment", at, who, properties)]


def _cancelled(order_id: str, at: Any, who: Buyer, reason: str) -> Message:
    properties = {"order_id": order_id, "reason": reason}
    return shops.track("Order Cancelled", f"order-{order_id}-cancelled", at, who, properties)


def _refunds(order_id: str, status: str, found: dict[str, Any], who: Buyer, at: Any) -> list[Message]:
    """Each refund of the order; an order that is refunded and lists none gives back all that is left."""
    said = []
    for one in parts(found.get("refunds")):
        refund_id, given = shops.number(one.get("id")), amount(one.get("total"))
        if refund_id is None or given is None:
            continue
        properties = {
            "order_id": order_id,
            "refund_id": refund_id,
            "total": shops.written(abs(given)),
            "currency": found.get("currency"),
            "reason": shops.text(one.get("reason"), one.get("refund")),
        }
        said.append(shops.track("Order Refunded", f"refund-{refund_id}", at, who, properties))
    if not said and status == REFUNDED:
        properties = {"order_id": order_id, "refund_id": f"{order_id}-all"}
        said.append(shops.track("Order Refunded", f"refund-{order_id}-all", at, who, properties))
    return said
