"""Jushuitan's rows -> orders, payments, parcels, refunds, returns by the shop's own order number; stock, goods, costs.

`so_id` is the shop's number, `o_id` the ERP's own. A merged order's lines say by `raw_so_id` whose they are.
Not here: asking for them (jushuitan.py), which channel a shop is of (erp.py).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from channels.connectors import erp, pulled, shops
from channels.connectors.base import Message, Unusable
from channels.connectors.erp import CURRENCY, above_nought
from channels.connectors.pulled import moment
from channels.connectors.shops import NOBODY, parts
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection, quoted

MERGED, SPLIT, UNPAID, CANCELLED, SENT = "Merged", "Split", "WaitPay", "Cancelled", "Sent"
NO_SALE: Final = frozenset(("补发订单", "换货订单"))  # goods that follow an order: nothing is bought
CLOSED: Final = "TRADE_CLOSED"  # how the shop's own state begins when the shop cancelled it
REPLACED: Final = "Replaced"
CONFIRMED: Final = "Confirmed"
LONGEST_SPACE: Final = 60  # characters of a platform's name in the ERP

Row = dict[str, Any]


def messages(topic: str, body: bytes, table: Mapping[str, str]) -> Iterator[Message | Unusable]:
    """What a page says, row by row: one that cannot be read costs the others nothing."""
    read = READERS.get(topic)
    if read is None:
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(topic))
    return pulled.each(topic, body, lambda row: read(row, table))


# ---- orders -----------------------------------------------------------------------------------------


def order(row: Row, table: Mapping[str, str]) -> Iterable[Message]:
    """An order of the ERP's; one that was merged or split away, is not paid yet, or sells nothing says nothing."""
    number = shops.needed(row, "so_id")
    status = shops.text(row.get("status")) or ""
    if status in (MERGED, SPLIT) or (status == UNPAID and not _on_delivery(row)):
        return []
    if shops.text(row.get("type"), row.get("order_type")) in NO_SALE:
        return []
    channel = erp.channel_of(table, row.get("shop_id"), row.get("shop_name"))
    told: list[Message] = []
    for own, lines, total in _orders(row, number):
        told += _order(own, row, (lines, total), channel)
    return erp.placed(told, channel)


def _on_delivery(row: Row) -> bool:
    return row.get("is_cod") is True


def _orders(row: Row, number: str) -> Iterator[tuple[str, list[Row], Any]]:
    """The shop's orders in one of the ERP's: each with its lines and what it comes to."""
    lines = [one for one in parts(row.get("items")) if shops.text(one.get("item_status")) != REPLACED]
    by: dict[str, list[Row]] = {}
    for one in lines:
        by.setdefault(shops.number(one.get("raw_so_id")) or number, []).append(one)
    if len(by) <= 1:
        yield next(iter(by), number), lines, shops.first(row.get("pay_amount"), row.get("paid_amount"))
        return
    freight = shops.amount(row.get("freight")) or Decimal(0)
    for own, of_it in by.items():
        goods = shops.total(one.get("amount") for one in of_it)
        whole = None if goods is None else goods + (freight if own == number else 0)
        yield own, of_it, shops.written(whole)


def _order(number: str, row: Row, sale: tuple[list[Row], Any], channel: str | None) -> list[Message]:
    lines, total = sale
    if shops.amount(total) is None:
        raise Rejection(FIELD_OF_PLATFORM, "pay_amount")
    space = f"jushuitan:{(shops.text(row.get('shop_site')) or '')[:LONGEST_SPACE]}"
    who = erp.buyer_of(channel, shops.number(row.get("open_id")), space)
    placed = moment(row.get("order_date"), row.get("created"))
    changed = moment(row.get("modified"))
    alone = len({shops.number(one.get("raw_so_id")) or number for one in parts(row.get("items"))}) <= 1
    properties = {
        "order_id": number,
        "total": total,
        "currency": CURRENCY,
        "products": [_line(one) for one in lines],
        "shipping": row.get("freight") if alone else None,
        "discount": above_nought(row.get("free_amount")) if alone else None,
        "paid": above_nought(row.get("buyer_paid_amount")) if alone else None,
        "store": None if channel else shops.text(row.get("shop_name")),
    }
    told = [shops.once("Order Completed", f"order-{number}", placed, who, properties)]
    if changed and changed != placed:
        told.append(shops.track("Order Updated", f"order-{number}-updated", changed, who, properties))
    if alone:
        told += _payment(number, row, who)
    told += _parcel(number, row, who)
    closed = (shops.text(row.get("shop_status")) or "").startswith(CLOSED)
    if shops.text(row.get("status")) == CANCELLED and closed:
        said = {"order_id": number, "reason": shops.text(row.get("question_desc"), row.get("question_type"))}
        told.append(shops.track("Order Cancelled", f"order-{number}-cancelled", changed, who, said))
    return told


def _line(one: Row) -> dict[str, Any]:
    sku = shops.number(one.get("sku_id")) or shops.number(one.get("shop_sku_id"))
    price = shops.first(one.get("price"), one.get("base_price"))
    return erp.line(sku, one.get("name"), one.get("qty"), one.get("amount"), price)


def _payment(number: str, row: Row, who: shops.Buyer) -> list[Message]:
    at, amount = moment(row.get("pay_date")), above_nought(row.get("paid_amount"))
    if not at or amount is None or _on_delivery(row):
        return []
    method = next((how for one in parts(row.get("pays")) if (how := shops.text(one.get("payment")))), None)
    said = {
        "order_id": number,
        "payment_id": f"{number}-paid",
        "amount": amount,
        "currency": CURRENCY,
        "method": method,
    }
    return [shops.track("Payment Succeeded", f"order-{number}-payment", at, who, said)]


def _parcel(number: str, row: Row, who: shops.Buyer) -> list[Message]:
    """By the parcel's number: the shop's own connector may name it too."""
    if shops.text(row.get("status")) != SENT:
        return []
    parcel = shops.number(row.get("l_id"))
    said = {"order_id": number, "shipment_id": parcel, "carrier": shops.text(row.get("logistics_company"))}
    left = moment(row.get("send_date"), row.get("io_date"), row.get("modified"))
    key = f"shipment-{number}-{parcel}"
    told = [shops.track("Order Shipped", key, left, who, said)]
    there = moment(row.get("sign_time"))
    if there:
        told.append(shops.track("Order Delivered", f"{key}-there", there, who, said))
    return told


# ---- after-sales ------------------------------------------------------------------------------------


def refund(row: Row, table: Mapping[str, str]) -> Iterable[Message]:
    """What was given back, once it is confirmed; what came back, as far as it was taken in."""
    ours = shops.needed(row, "as_id")
    number = shops.number(row.get("so_id"))
    if number is None:
        return []  # a parcel that nobody has matched to an order yet
    key = shops.number(row.get("outer_as_id")) or ours
    channel = erp.channel_of(table, row.get("shop_id"), row.get("shop_name"))
    at = moment(row.get("confirm_date"), row.get("modified"))
    named: Row = {"order_id": number, "reason": shops.text(row.get("question_type"))}
    told = []
    given = above_nought(row.get("refund"))
    if shops.text(row.get("status")) == CONFIRMED and given is not None:
        said = {**named, "refund_id": key, "total": given, "currency": CURRENCY}
        told.append(shops.track("Order Refunded", f"refund-{key}", at, NOBODY, said))
    back = [one for one in parts(row.get("items")) if above_nought(one.get("r_qty"))]
    if back:
        came = moment(*(one.get("receive_date") for one in back), row.get("modified"))
        goods = [shops.said(sku=shops.number(one.get("sku_id")), quantity=one.get("r_qty")) for one in back]
        said = {**named, "return_id": key, "products": goods, "store": shops.text(row.get("warehouse"))}
        told.append(shops.track("Return Received", f"return-{key}", came, NOBODY, said))
    return erp.placed(told, channel)


# ---- goods ------------------------------------------------------------------------------------------


def stock(row: Row, table: Mapping[str, str]) -> Iterable[Message]:
    """What lies in the main warehouse."""
    sku, at = shops.needed(row, "sku_id"), moment(row.get("modified"), row.get("ts"))
    return (
        [shops.record("stock", sku, at, sku=sku, quantity=row.get("qty"))]
        if row.get("qty") is not None
        else []
    )


def goods(row: Row, table: Mapping[str, str]) -> Iterable[Message]:
    """An SKU, and what one of it costs."""
    sku, at = shops.needed(row, "sku_id"), moment(row.get("modified"), row.get("created"))
    name = " ".join(
        one for one in (shops.text(row.get("name")), shops.text(row.get("properties_value"))) if one
    )
    told = [
        shops.record(
            "product",
            sku,
            at,
            sku=sku,
            name=name,
            category=shops.text(row.get("category"), row.get("c_name"), row.get("vc_name")),
            brand=shops.text(row.get("brand")),
        )
    ]
    costs = above_nought(row.get("cost_price"))
    if costs is not None:
        told.append(shops.record("cost", sku, at, sku=sku, unit_cost=costs, currency=CURRENCY))
    return told


Reader = Callable[[Row, Mapping[str, str]], Iterable[Message]]
READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {"orders": order, "refunds": refund, "stock": stock, "goods": goods}
)
