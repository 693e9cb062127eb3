"""Shopify's orders, refunds and fulfilments -> orders, payments, refunds, returns and shipments of ours.

Every notice about an order brings all of it, so all of it is read whatever the topic: a notice that got lost, or comes
late, is made good by the next one. Amounts are in the shop's currency, as Shopify writes them beside `currency`.
Not here: customers, goods, the door (shopify.py).
"""

from decimal import Decimal
from typing import Any, Final

from channels.connectors import shopify_people, shops
from channels.connectors.base import Message
from channels.connectors.shops import NOBODY, Buyer, amount, part, parts
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection, quoted
from kernel import money

SHIPPED: Final = frozenset((None, "success"))  # what a fulfilment's status is when its parcel left
BACK: Final = frozenset(
    ("return", "legacy_restock")
)  # goods that were out and came back; `cancel` never left


def order(topic: str, found: dict[str, Any], namespace: str) -> list[Message]:
    """A notice about an order, of any topic."""
    order_id = shops.needed(found, "id")
    customer = part(found, "customer")
    who = shopify_people.buyer(customer, namespace, found)
    said = shopify_people.described(who, customer, found)
    placed = shops.time(found.get("processed_at"), found.get("created_at"))
    properties = _properties(order_id, found)
    said.append(shops.once("Order Completed", f"order-{order_id}", placed, who, properties))
    changed = shops.time(found.get("updated_at"), placed)
    if topic != "orders/create":
        said.append(shops.track("Order Updated", f"order-{order_id}-updated", changed, who, properties))
    if topic == "orders/paid":
        said.append(_payment(order_id, changed, who, found))
    if topic == "orders/cancelled" or shops.time(found.get("cancelled_at")):
        said.append(_cancelled(order_id, changed, who, found))
    for one in parts(found.get("fulfillments")):
        said += _shipment(order_id, one, who)
    skus = {shops.number(line.get("id")): _sku(line) for line in parts(found.get("line_items"))}
    for one in parts(found.get("refunds")):
        if shops.number(one.get("id")):
            said += _refund(order_id, one, who, skus, money.currency(found.get("currency")))
    return said


def refund(found: dict[str, Any]) -> list[Message]:
    """A notice about a refund. One whose money is still on its way is refused: an order's next notice tells how it
    ended."""
    shops.needed(found, "id")
    said = _refund(shops.needed(found, "order_id"), found, NOBODY, {}, _shop_currency(found))
    if not said:
        raise Rejection(FIELD_OF_PLATFORM, "transactions")
    return said


def fulfillment(topic: str, found: dict[str, Any]) -> list[Message]:
    """A notice about a parcel."""
    shops.needed(found, "id")
    said = _shipment(shops.needed(found, "order_id"), found, NOBODY)
    if not said:
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(f"{topic}: {shops.text(found.get('status'))}"))
    return said


# ---- an order -------------------------------------------------------------------------------------


def _properties(order_id: str, found: dict[str, Any]) -> dict[str, Any]:
    shipping = part(found, "total_shipping_price_set", "shop_money").get("amount")
    codes = [shops.text(one.get("code")) for one in parts(found.get("discount_codes"))]
    return {
        "order_id": order_id,
        "total": shops.first(found.get("total_price"), found.get("current_total_price")),
        "currency": found.get("currency"),
        "products": [_line(one) for one in parts(found.get("line_items"))],
        "tax": found.get("total_tax"),
        "shipping": shipping,
        "discount": found.get("total_discounts"),
        "coupon": ", ".join(code for code in codes if code),
        "store": _store(found),
        "order_number": shops.text(found.get("name")),
    }


def _line(found: dict[str, Any]) -> dict[str, Any]:
    shares = [one.get("amount") for one in parts(found.get("discount_allocations"))]
    return shops.said(
        sku=_sku(found),
        name=shops.text(found.get("name"), found.get("title")),
        brand=shops.text(found.get("vendor")),
        price=found.get("price"),
        quantity=found.get("quantity"),
        discount=shops.written(shops.total(shares)) if shares else found.get("total_discount"),
    )


def _sku(line: dict[str, Any]) -> str | None:
    return (
        shops.number(line.get("sku"))
        or shops.number(line.get("variant_id"))
        or shops.number(line.get("product_id"))
    )


def _store(found: dict[str, Any]) -> str | None:
    """The location an order was taken at; of the counter's app where it names none, that it was there."""
    at_counter = "pos" if shops.text(found.get("source_name")) == "pos" else None
    return shops.number(found.get("location_id")) or at_counter


def _payment(order_id: str, at: Any, who: Buyer, found: dict[str, Any]) -> Message:
    """An order that is paid whole; paid again after it grew it is the same payment, of more."""
    names = found.get("payment_gateway_names")
    gateways = [shops.text(one) for one in names[: shops.MOST]] if isinstance(names, list) else []
    method = ", ".join(one for one in gateways if one) or shops.text(found.get("gateway"))
    properties = {
        "order_id": order_id,
        "payment_id": f"{order_id}-paid",
        "amount": shops.first(found.get("total_price"), found.get("current_total_price")),
        "currency": found.get("currency"),
        "method": method,
    }
    return shops.track("Payment Succeeded", f"order-{order_id}-paid", at, who, properties)


def _cancelled(order_id: str, changed: Any, who: Buyer, found: dict[str, Any]) -> Message:
    at = shops.time(found.get("cancelled_at"), changed)
    properties = {"order_id": order_id, "reason": shops.text(found.get("cancel_reason"))}
    return shops.track("Order Cancelled", f"order-{order_id}-cancelled", at, who, properties)


def _shipment(order_id: str, found: dict[str, Any], who: Buyer) -> list[Message]:
    """A parcel that left, and that it arrived."""
    shipment_id = shops.number(found.get("id"))
    if shipment_id is None or shops.text(found.get("status")) not in SHIPPED:
        return []
    properties = {
        "order_id": order_id,
        "shipment_id": shipment_id,
        "carrier": shops.text(found.get("tracking_company")),
    }
    left = shops.time(found.get("created_at"), found.get("updated_at"))
    said = [shops.track("Order Shipped", f"shipment-{shipment_id}", left, who, properties)]
    if found.get("shipment_status") == "delivered":
        there = shops.time(found.get("updated_at"), left)
        said.append(shops.track("Order Delivered", f"shipment-{shipment_id}-there", there, who, properties))
    return said


# ---- a refund -------------------------------------------------------------------------------------


def _refund(
    order_id: str,
    found: dict[str, Any],
    who: Buyer,
    skus: dict[str | None, str | None],
    currency: str | None,
) -> list[Message]:
    """The money that went back and the goods that came back; none while the money is on its way, or unreadable."""
    refund_id = shops.number(found.get("id"))
    at = shops.time(found.get("processed_at"), found.get("created_at"))
    lines = parts(found.get("refund_line_items"))
    named = {"order_id": order_id, "reason": shops.text(found.get("note"))}
    back = [one for one in lines if shops.text(one.get("restock_type")) in BACK]
    said = []
    if back:
        place = next((place for one in back if (place := shops.number(one.get("location_id")))), None)
        goods = {"return_id": refund_id, "products": [_goods(one, skus) for one in back], "store": place}
        said.append(shops.track("Return Received", f"return-{refund_id}", at, who, {**named, **goods}))
    paid = _paid(found, currency)
    if paid is not None and (paid[0] or not back):
        given = {
            "refund_id": refund_id,
            "total": shops.written(paid[0]),
            "currency": paid[1],
            "products": [_goods(one, skus) for one in lines],
        }
        said.append(shops.track("Order Refunded", f"refund-{refund_id}", at, who, {**named, **given}))
    return said


def _goods(found: dict[str, Any], skus: dict[str | None, str | None]) -> dict[str, Any]:
    line = part(found, "line_item")
    sku = _sku(line) or skus.get(shops.number(found.get("line_item_id")))
    return shops.said(sku=sku, quantity=found.get("quantity"))


def _paid(found: dict[str, Any], currency: str | None) -> tuple[Decimal, str | None] | None:
    """What the transactions that succeeded gave back, in the shop's currency where that is known; 0 where a refund
    moves no money. None: nothing of it has succeeded yet, or it cannot be read."""
    moved = found.get("transactions")
    if not isinstance(moved, list):
        return None
    refunds = [one for one in parts(moved) if one.get("kind") == "refund"]
    done = [one for one in refunds if one.get("status") == "success"]
    if refunds and not done:
        return None
    sums = shops.total(one.get("amount") for one in done)
    if sums is None:
        return None
    said = {code for one in done if (code := money.currency(one.get("currency")))}
    if not said or currency is None or said == {currency}:
        return abs(sums), currency or next(iter(sorted(said)), None)
    if len(said) > 1:
        return None
    return _in_shop_money(found, abs(sums), said.pop(), currency)


def _in_shop_money(
    found: dict[str, Any], paid: Decimal, customers: str, shops_own: str
) -> tuple[Decimal, str]:
    """A sum in the customer's currency in the shop's: by what the same goods are in both. Where nothing tells, in the
    customer's: it is listed as waiting."""
    own = other = Decimal(0)
    for one in _sums(found):
        mine, theirs = (amount(part(one, side).get("amount")) for side in ("shop_money", "presentment_money"))
        if mine is not None and theirs is not None:
            own, other = own + abs(mine), other + abs(theirs)
    converted = paid * own / other if other else Decimal(0)
    if not 0 < converted <= money.LARGEST:
        return paid, customers
    return (own if paid == other else money.rounded(converted, shops_own)), shops_own


def _sums(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What a refund gives back, in both currencies: goods, their tax, shipping, duties."""
    lines = parts(found.get("refund_line_items"))
    goods = [part(one, name) for one in lines for name in ("subtotal_set", "total_tax_set")]
    way = [part(one, "subtotal_amount_set") for one in parts(found.get("refund_shipping_lines"))]
    return [*goods, *way, part(found, "total_duties_set")]


def _shop_currency(found: dict[str, Any]) -> str | None:
    """A refund does not say it itself, its sums do."""
    codes = (money.currency(part(one, "shop_money").get("currency_code")) for one in _sums(found))
    return next((code for code in codes if code), None)
