"""Orders and after-sales of a Xiaohongshu shop 小红书, as its API tells them -> orders, payments, parcels, refunds.

An answer brings the whole order in the state it has then; the latest by its update time holds. Amounts of orders come
in fen, those of after-sales in yuan; times in milliseconds. What the buyer paid is the order's total, what the
platform added to it its discount.
Not here: the door, what is asked of the API (xiaohongshu_shop.py).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels.connectors import payloads, shops
from channels.connectors.base import Message
from channels.connectors.shops import Buyer, parts
from channels.reasons import FIELD_OF_PLATFORM, Rejection

CURRENCY: Final = "CNY"
SPACE: Final = "xiaohongshu"  # namespace of its own ids of people
UNPAID: Final = "1"
DONE: Final = "7"
CLOSED: Final = frozenset(("8", "9"))  # after its after-sale; cancelled
REISSUED: Final = "5"  # type of what is sent again for nothing
NO_AFTERSALE: Final = frozenset(("", "1"))
METHODS: Final = {
    **dict.fromkeys(("1", "7"), "alipay"),
    "2": "wechat",
    "3": "apple_in_app",
    "4": "apple_pay",
    "5": "huabei",
    "8": "unionpay",
}
AFTERSALES: Final = {"1": "return", "2": "exchange", "3": "refund", "4": "refund", "5": "refund"}
RETURN: Final = "1"
MONEY_BACK: Final = "2"  # of a refund: it arrived
OVER: Final = frozenset(("4", "5", "6"))  # of an after-sale: done, withdrawn, closed
_USER: Final = re.compile(r"[0-9A-Za-z_\-]{8,64}\Z", re.ASCII)  # others are masked


# ---- an order -------------------------------------------------------------------------------------


def order(found: dict[str, Any]) -> Iterator[Message]:
    """What an order says. What is sent again for nothing is no order."""
    order_id, status = shops.needed(found, "orderId"), payloads.text_of(found.get("orderStatus"))
    if payloads.text_of(found.get("orderType")) == REISSUED:
        return
    who = _buyer(found)
    changed = shops.epoch(found.get("updateTime"), found.get("createdTime"))
    placed = shops.epoch(found.get("paidTime"))
    if placed is None:
        yield _attempt(order_id, found, status, changed, who)
        return
    properties = _properties(order_id, found)
    yield shops.once("Order Completed", f"order-{order_id}", placed, who, properties)
    yield shops.track("Order Updated", f"order-{order_id}-updated", changed, who, properties)
    how = payloads.text_of(found.get("paymentType"))
    yield _payment("Payment Succeeded", order_id, placed, who, found, method=METHODS.get(how, ""))
    yield from _parcels(order_id, found, status, changed, who)
    if status in CLOSED and payloads.text_of(found.get("orderAfterSalesStatus")) in NO_AFTERSALE:
        at = shops.epoch(found.get("cancelTime")) or changed
        yield shops.track("Order Cancelled", f"order-{order_id}-cancelled", at, who, {"order_id": order_id})


def _buyer(found: Mapping[str, Any]) -> Buyer:
    """By the platform's own number, where it is one and no mask."""
    number = payloads.text_of(found.get("userId"))
    return Buyer(account=number, namespace=SPACE) if _USER.match(number) else shops.NOBODY


def _attempt(order_id: str, found: dict[str, Any], status: str, changed: Any, who: Buyer) -> Message:
    """An order that nobody paid (yet) is the attempt to."""
    if status in CLOSED:
        at = shops.epoch(found.get("cancelTime")) or changed
        return _payment("Payment Failed", order_id, at, who, found, reason="closed")
    return _payment("Payment Started", order_id, shops.epoch(found.get("createdTime")), who, found)


def _payment(event: str, order_id: str, at: Any, who: Buyer, found: dict[str, Any], **more: str) -> Message:
    said = {
        "order_id": order_id,
        "payment_id": order_id,
        "amount": _fen(found, "totalPayAmount"),
        "currency": CURRENCY,
    }
    return shops.track(event, f"payment-{order_id}-{event.rpartition(' ')[2].lower()}", at, who, said | more)


def _fen(found: Mapping[str, Any], name: str) -> str | None:
    return payloads.minor_units(found.get(name), CURRENCY)


def _properties(order_id: str, found: dict[str, Any]) -> dict[str, Any]:
    total = shops.needed_cents(found, "totalPayAmount", "data.totalPayAmount", CURRENCY)
    return {
        "order_id": order_id,
        "total": total,
        "currency": CURRENCY,
        "shipping": _fen(found, "totalShippingFree"),
        "products": [_line(one) for one in parts(found.get("skuList"))],
        "paid": total,
        "merchant_discount": _fen(found, "totalMerchantDiscount"),
        "platform_discount": _fen(found, "totalRedDiscount"),
    }


def _line(found: dict[str, Any]) -> dict[str, Any]:
    """A line at its price before discounts: what was paid for it and what merchant and platform took off."""
    names = ("totalPaidAmount", "totalMerchantDiscount", "totalRedDiscount")
    paid, *off = (shops.cents(found.get(name), CURRENCY) for name in names)
    before = None if paid is None else paid + sum(one for one in off if one is not None)
    price, discount = shops.each(before, paid, found.get("skuQuantity"), CURRENCY) or (None, None)
    return shops.said(
        sku=_sku(found, "erpcode"),
        name=shops.text(found.get("skuName"), found.get("itemName")),
        price=price,
        quantity=found.get("skuQuantity"),
        discount=discount,
    )


def _sku(found: dict[str, Any], own: str) -> str | None:
    return shops.number(found.get(own)) or shops.number(found.get("skuId"))


def _parcels(
    order_id: str, found: dict[str, Any], status: str, changed: Any, who: Buyer
) -> Iterator[Message]:
    """Each parcel that left; all have arrived once the order is finished."""
    left = shops.epoch(found.get("deliveryTime"))
    several = parts(found.get("simpleDeliveryOrderList")) or [found]
    there = shops.epoch(found.get("finishTime")) if status == DONE else None
    arrived = []
    for one in several:
        parcel = shops.text(one.get("expressTrackingNo"))
        if parcel is None:
            continue
        said = {
            "order_id": order_id,
            "shipment_id": parcel,
            "carrier": shops.text(one.get("expressCompanyCode")),
        }
        key = f"shipment-{order_id}-{parcel}"
        yield shops.once("Order Shipped", key, left or changed, who, said)
        arrived.append((f"{key}-there", said))
    if there:
        for key, said in arrived or [(f"order-{order_id}-there", {"order_id": order_id})]:
            yield shops.once("Order Delivered", key, there, who, said)


# ---- an after-sale --------------------------------------------------------------------------------


def aftersale(found: dict[str, Any]) -> Iterator[Message]:
    """A ticket; and once they have gone back, its money and its goods."""
    number, order_id = shops.needed(found, "returnsId"), shops.needed(found, "orderId")
    kind, who = payloads.text_of(found.get("returnType")), _buyer(found)
    opened = shops.epoch(found.get("applyTime"))
    changed = shops.epoch(found.get("updatedAt")) or opened
    ticket = {"ticket_id": number, "topic": AFTERSALES.get(kind, ""), "order_id": order_id}
    yield shops.once("Ticket Opened", f"ticket-{number}", opened, who, ticket)
    if payloads.text_of(found.get("refundStatus")) == MONEY_BACK:
        at = shops.epoch(found.get("refundTime")) or changed
        yield from _back(number, order_id, kind, at, who, found)
    if payloads.text_of(found.get("status")) in OVER:
        yield shops.track("Ticket Resolved", f"ticket-{number}-over", changed, who, ticket)


def _back(
    number: str, order_id: str, kind: str, at: Any, who: Buyer, found: dict[str, Any]
) -> Iterator[Message]:
    """What was given back, with what it was given back for; its amount has to be there."""
    total = shops.amount(found.get("refundAmountYuan"))
    if total is None:
        raise Rejection(FIELD_OF_PLATFORM, "afterSaleInfo.refundAmountYuan")
    goods = [
        shops.said(sku=known, quantity=one.get("appliedCount"))
        for one in parts(found.get("skus"))
        if (known := _sku(one, "skuERPCode"))
    ]
    named = {"order_id": order_id, "reason": shops.text(found.get("reasonNameZh"))}
    refund = {
        "refund_id": number,
        "total": shops.written(total),
        "currency": CURRENCY,
        "products": goods,
    }
    yield shops.track("Order Refunded", f"refund-{number}", at, who, {**named, **refund})
    if kind == RETURN and goods:
        back = {"return_id": number, "products": goods}
        yield shops.track("Return Received", f"return-{number}", at, who, {**named, **back})
