"""Orders and after-sales of a WeChat shop 微信小店, as its API tells them -> orders, payments, parcels and refunds.

An answer brings the whole order in the state it has then: whatever notice it was asked for, all of it is told, and the
latest by its update time holds. Amounts come in fen. What the buyer paid is the order's total; what lies between that
and what the merchant gets is paid by others (platform, creators 达人): the platform's discount.
Not here: the door, what is asked of the API (wechat_shop.py).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from channels.connectors import payloads, shops
from channels.connectors.base import Message, Wanted
from channels.connectors.shops import Buyer, part, parts

CURRENCY: Final = "CNY"
UNPAID: Final = "10"
GONE: Final = frozenset(("200", "250"))  # all of it refunded, or cancelled
PAID: Final = frozenset(("12", "13", "20", "21", "30", "100"))  # whatever its pay time says
METHODS: Final = {"": "wechat", "1": "wechat"}
NO_PAYMENT: Final = frozenset(("2", "3", "4"))  # paid after use, won, paid in points
SETTLED: Final = "2"  # of a share of the order's
SHARES: Final = {"0": "达人佣金", "1": "机构佣金"}
SERVICE: Final = "技术服务费"
# Of after-sales, as an order numbers them: the money went back.
REFUNDED_NUMBERS: Final = frozenset(("13", "14"))
REFUNDED: Final = frozenset(("MERCHANT_REFUND_SUCCESS", "MERCHANT_RETURN_SUCCESS"))
OVER: Final = REFUNDED | {
    *("USER_CANCELD", "RETURN_CLOSED", "MERCHANT_REJECT_REFUND", "MERCHANT_REJECT_RETURN", "MERCHANT_FAIL"),
    *("MERCHANT_REFUND_RETRY_FAIL", "MERCHANT_EXCHANGE_SUCCESS"),
}
TOPICS: Final = {"REFUND": "refund", "RETURN": "return", "EXCHANGE": "exchange"}


# ---- an order -------------------------------------------------------------------------------------


def order(found: dict[str, Any], app: str) -> Iterator[Message | Wanted]:
    """What an order says; what became of its money where that stands in after-sales only is asked for."""
    order_id = shops.needed(found, "order_id")
    detail, who = part(found, "order_detail"), _buyer(found, app)
    pay, status = part(detail, "pay_info"), payloads.text_of(found.get("status"))
    changed = shops.epoch(found.get("update_time"), found.get("create_time"))
    paid_at = shops.epoch(pay.get("pay_time"))
    if paid_at is None and status not in PAID:
        yield _attempt(order_id, found, detail, who)
        return
    placed = paid_at or shops.epoch(found.get("create_time"))
    properties = _properties(order_id, detail)
    yield shops.once("Order Completed", f"order-{order_id}", placed, who, properties)
    yield shops.track("Order Updated", f"order-{order_id}-updated", changed, who, properties)
    method = payloads.text_of(pay.get("payment_method"))
    if method not in NO_PAYMENT:
        yield _payment("Payment Succeeded", order_id, placed, who, detail, method=METHODS.get(method, method))
    yield from _parcels(order_id, detail, status, changed, who)
    yield from _ended(order_id, found, status, changed, who)


def _buyer(found: dict[str, Any], app: str) -> Buyer:
    """Who paid: of a present its giver, not who receives it."""
    before = "present_giver_" if found.get("present_giver_openid") else ""
    openid, unionid = (
        payloads.text_of(found.get(f"{before}{name}")) or None for name in ("openid", "unionid")
    )
    return Buyer(namespace=app, openid=openid, unionid=unionid)


def _attempt(order_id: str, found: dict[str, Any], detail: dict[str, Any], who: Buyer) -> Message:
    """An order that nobody paid (yet) is the attempt to."""
    if payloads.text_of(found.get("status")) in GONE:
        at = shops.epoch(found.get("update_time"), found.get("create_time"))
        return _payment("Payment Failed", order_id, at, who, detail, reason="closed")
    return _payment("Payment Started", order_id, shops.epoch(found.get("create_time")), who, detail)


def _payment(event: str, order_id: str, at: Any, who: Buyer, detail: dict[str, Any], **more: str) -> Message:
    amount = payloads.minor_units(part(detail, "price_info").get("order_price"), CURRENCY)
    said = {"order_id": order_id, "payment_id": order_id, "amount": amount, "currency": CURRENCY, **more}
    return shops.track(event, f"payment-{order_id}-{event.rpartition(' ')[2].lower()}", at, who, said)


def _properties(order_id: str, detail: dict[str, Any]) -> dict[str, Any]:
    price = part(detail, "price_info")
    total = shops.needed_cents(price, "order_price", "order.order_detail.price_info.order_price", CURRENCY)
    merchant, platform = _discounts(price)
    changed = price.get("is_change_freight") is True
    return {
        "order_id": order_id,
        "total": total,
        "currency": CURRENCY,
        "shipping": _fen(price, "change_freight" if changed else "freight"),
        "products": [_line(one) for one in parts(detail.get("product_infos"))],
        "paid": total,
        "merchant_discount": shops.written(merchant),
        "platform_discount": shops.written(platform),
        "fees": _fees(detail),
    }


def _fen(found: Mapping[str, Any], name: str) -> str | None:
    return payloads.minor_units(found.get(name), CURRENCY)


def _amount(found: Mapping[str, Any], *names: str) -> Decimal | None:
    """The first of several amounts that is there."""
    several = (shops.cents(found.get(name), CURRENCY) for name in names)
    return next((one for one in several if one is not None), None)


def _discounts(price: dict[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    """What the merchant gave up, and what others paid in the buyer's place: by what the order was worth, what the
    merchant gets and what was paid. Older answers say the parts alone."""
    worth, gets = _amount(price, "original_order_price"), _amount(price, "merchant_receieve_price")
    paid = _amount(price, "order_price")
    if worth is not None and gets is not None and paid is not None and worth >= gets >= paid:
        return worth - gets, gets - paid
    others = ("finder_discounted_price", "cash_coupon_discounted_price", "national_subsidy_discounted_price")
    given = [one for name in others if (one := _amount(price, name)) is not None]
    merchant = _amount(price, "merchant_discounted_price", "discounted_price")
    return merchant, sum(given, Decimal(0)) if given else None


def _line(found: dict[str, Any]) -> dict[str, Any]:
    """A line at its price before discounts; its number is the merchant's own where there is one."""
    price, many, discount = _amount(found, "sale_price"), shops.amount(found.get("sku_cnt")), None
    real = _amount(found, "real_price")
    if price is not None and many is not None and real is not None and price * many > real:
        discount = shops.written(price * many - real)
    return shops.said(
        sku=sku(found),
        name=shops.text(found.get("title")),
        price=shops.written(price),
        quantity=found.get("sku_cnt"),
        discount=discount,
    )


def sku(found: dict[str, Any]) -> str | None:
    """The number of what a line, or an after-sale, is about."""
    names = ("sku_code", "out_sku_id", "sku_id", "product_id")
    return next((said for name in names if (said := shops.number(found.get(name)))), None)


def _fees(detail: dict[str, Any]) -> list[dict[str, str]] | None:
    """What was kept of the order, once it is settled; before that the platform only estimates it."""
    settled = part(detail, "settle_info")
    service = _fen(settled, "commission_fee")
    if shops.epoch(settled.get("settle_time")) is None or service is None:
        return None
    shares = [one for one in parts(detail.get("commission_infos")) if _is(one, "status", SETTLED)]
    found = [{"kind": SERVICE, "amount": service}]
    for one in shares:
        kind, amount = payloads.text_of(one.get("type")), _fen(one, "amount")
        if amount is not None:
            found.append({"kind": SHARES.get(kind, kind), "amount": amount})
    return found


def _is(found: dict[str, Any], name: str, value: str) -> bool:
    return payloads.text_of(found.get(name)) == value


def _parcels(
    order_id: str, detail: dict[str, Any], status: str, changed: Any, who: Buyer
) -> Iterator[Message]:
    """Each parcel that left; all of them have arrived once the buyer, or the platform, has confirmed it."""
    sent = parts(part(detail, "delivery_info").get("delivery_product_info"))
    there = shops.epoch(part(detail, "ext_info").get("confirm_receipt_time")) or (
        changed if status == "100" else None
    )
    arrived = []
    for one in sent:
        parcel = shops.text(one.get("waybill_id"))
        if parcel is None:
            continue
        said = {"order_id": order_id, "shipment_id": parcel, "carrier": shops.text(one.get("delivery_id"))}
        at = shops.epoch(one.get("delivery_time")) or changed
        yield shops.track("Order Shipped", f"shipment-{order_id}-{parcel}", at, who, said)
        arrived.append((f"shipment-{order_id}-{parcel}-there", said))
    if there:
        for key, said in arrived or [(f"order-{order_id}-there", {"order_id": order_id})]:
            yield shops.once("Order Delivered", key, there, who, said)


def _ended(
    order_id: str, found: dict[str, Any], status: str, changed: Any, who: Buyer
) -> Iterator[Message | Wanted]:
    """What took the order back: its after-sales, each with its own amount; without any, that it was cancelled."""
    several = parts(part(found, "aftersale_detail").get("aftersale_order_list"))
    for one in several:
        number, state = shops.number(one.get("aftersale_order_id")), payloads.text_of(one.get("status"))
        if number and state in REFUNDED_NUMBERS:
            yield Wanted(f"aftersale:{number}:{state}", {"after_sale_order_id": number})
    if status in GONE and not several:
        said = {"order_id": order_id}
        yield shops.track("Order Cancelled", f"order-{order_id}-cancelled", changed, who, said)


# ---- an after-sale --------------------------------------------------------------------------------


def aftersale(found: dict[str, Any], bought: dict[str, Any], app: str) -> Iterator[Message]:
    """A ticket; and once they have gone back, its money and its goods. `bought`: the order, whose lines say by which
    number the merchant knows what the after-sale names by the platform's."""
    number, order_id = shops.needed(found, "after_sale_order_id"), shops.needed(found, "order_id")
    kind = payloads.text_of(found.get("type"))
    state, who = payloads.text_of(found.get("status")), _buyer(found, app)
    opened = shops.epoch(found.get("create_time"))
    changed = shops.epoch(found.get("update_time")) or opened
    ticket = {"ticket_id": number, "topic": TOPICS.get(kind, ""), "order_id": order_id}
    yield shops.once("Ticket Opened", f"ticket-{number}", opened, who, ticket)
    named = {"order_id": order_id, "reason": shops.text(found.get("reason_text"), found.get("reason"))}
    if state in REFUNDED:
        where = "after_sale_order.refund_info.amount"
        total = shops.needed_cents(part(found, "refund_info"), "amount", where, CURRENCY)
        goods = _goods(found, bought)
        refund = {"refund_id": number, "total": total, "currency": CURRENCY, "products": goods}
        yield shops.track("Order Refunded", f"refund-{number}", changed, who, {**named, **refund})
        if kind == "RETURN" and goods:
            back = {"return_id": number, "products": goods}
            yield shops.track("Return Received", f"return-{number}", changed, who, {**named, **back})
    if state in OVER:
        yield shops.track("Ticket Resolved", f"ticket-{number}-over", changed, who, ticket)


def _goods(found: dict[str, Any], bought: dict[str, Any]) -> list[dict[str, Any]]:
    """What came back: the platform's number of it as the merchant's."""
    about = part(found, "product_info")
    lines = parts(part(bought, "order_detail").get("product_infos"))
    own = shops.number(about.get("sku_id"))
    same = (one for one in lines if own and shops.number(one.get("sku_id")) == own)
    known = sku(next(same, about))
    return [shops.said(sku=known, quantity=about.get("count"))] if known else []
