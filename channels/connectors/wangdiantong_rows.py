"""Wangdiantong's rows -> orders, payments, parcels, refunds and returns by the shop's own order number; goods, stock.

`trade_no` is the ERP's number; each line says by `src_tid` which order of the shop it is of, and what of the amount and
the freight is its share. Not here: asking for them (wangdiantong.py), which channel a shop is of (erp.py).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from channels.connectors import erp, payloads, pulled, shops
from channels.connectors.base import Message, Unusable
from channels.connectors.erp import CURRENCY, above_nought
from channels.connectors.pulled import moment
from channels.connectors.shops import NOBODY, parts
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection, quoted

GONE: Final = 5  # trade_status: cancelled, merged or split away
PAID_FROM: Final = 16  # below it the order waits for its payment
SENT_FROM: Final = 95
ON_DELIVERY: Final = "2"  # delivery_term
EXCHANGED: Final = "3"  # trade_type: goods that follow a return, nothing is bought
DONE: Final = "90"  # process_status of a refund
GIVES_BACK: Final = frozenset(("1", "2", "4"))  # type: before the parcel left, with the goods, without them
WITH_GOODS: Final = frozenset(("2", "3"))

Row = dict[str, Any]


def messages(topic: str, body: bytes, table: Mapping[str, str]) -> Iterator[Message | Unusable]:
    """What a page says, row by row: one that cannot be read costs the others nothing."""
    read = READERS.get(topic)
    if read is None:
        raise Rejection(UNKNOWN_TOPIC, topic=quoted(topic))
    return pulled.each(topic, body, lambda row: read(row, table))


# ---- orders -----------------------------------------------------------------------------------------


def order(row: Row, table: Mapping[str, str]) -> Iterable[Message]:
    """A trade of the ERP's, as the shop's orders that it is put together of."""
    shops.needed(row, "trade_no")
    status = _count(row.get("trade_status"))
    if status is None:
        raise Rejection(FIELD_OF_PLATFORM, "trade_status")
    later = payloads.text_of(row.get("delivery_term")) == ON_DELIVERY
    if status <= GONE or (status < PAID_FROM and not later):
        return []
    if payloads.text_of(row.get("trade_type")) == EXCHANGED:
        return []
    channel = erp.channel_of(table, row.get("shop_no"), row.get("shop_name"))
    told: list[Message] = []
    by = _by_order(row)
    for number, lines in by.items():
        told += _order(number, row, lines, alone=len(by) == 1)
        told += _payment(number, row, lines) if not later else []
        told += _parcel(number, row) if status >= SENT_FROM else []
    return erp.placed(_where(told, row, channel), channel)


def _where(told: list[Message], row: Row, channel: str | None) -> Iterator[Message]:
    """Which shop it was, where all of them are on the ERP's own channel."""
    name = None if channel else shops.text(row.get("shop_name"), row.get("shop_no"))
    for one in told:
        if name and one["event"] in ("Order Completed", "Order Updated"):
            one["properties"]["store"] = name
        yield one


def _by_order(row: Row) -> dict[str, list[Row]]:
    """The lines by the shop's order number; one that names none is of the trade's first."""
    named = [one.strip() for one in (shops.text(row.get("src_tids")) or "").split(",")]
    first = next((number for one in named if (number := shops.number(one))), None)
    by: dict[str, list[Row]] = {}
    for one in parts(row.get("goods_list")):
        number = shops.number(one.get("src_tid")) or first
        if number:
            by.setdefault(number, []).append(one)
    if not by and first:
        by[first] = []
    if not by:
        raise Rejection(FIELD_OF_PLATFORM, "src_tids")
    return by


def _order(number: str, row: Row, lines: list[Row], *, alone: bool) -> list[Message]:
    total = _total(row, lines, alone=alone)
    if total is None:
        raise Rejection(FIELD_OF_PLATFORM, "goods_list.share_amount")
    placed, changed = moment(row.get("trade_time"), row.get("created")), moment(row.get("modified"))
    freight = row.get("post_amount") if alone else _sum(lines, "share_post")
    properties = {
        "order_id": number,
        "total": total,
        "currency": CURRENCY,
        "products": [_line(one) for one in lines],
        "shipping": freight,
        "discount": above_nought(row.get("discount")) if alone else None,
    }
    told = [shops.once("Order Completed", f"order-{number}", placed, NOBODY, properties)]
    if changed and changed != placed:
        told.append(shops.track("Order Updated", f"order-{number}-updated", changed, NOBODY, properties))
    return told


def _total(row: Row, lines: list[Row], *, alone: bool) -> str | None:
    """What is to be paid for it: of several orders in one trade by the shares of their lines."""
    if alone and shops.amount(row.get("receivable")) is not None:
        return shops.written(shops.amount(row.get("receivable")))
    goods, freight = _sum(lines, "share_amount"), _sum(lines, "share_post")
    whole = shops.total((goods, freight if freight is not None else "0"))
    return None if goods is None or not lines else shops.written(whole)


def _sum(lines: list[Row], name: str) -> str | None:
    return shops.written(shops.total(one.get(name) for one in lines))


def _line(one: Row) -> dict[str, Any]:
    sku = shops.number(one.get("spec_no")) or shops.number(one.get("goods_no"))
    name = " ".join(
        text for text in (shops.text(one.get("goods_name")), shops.text(one.get("spec_name"))) if text
    )
    price = shops.first(one.get("order_price"), one.get("price"))
    return erp.line(sku, name, one.get("num"), one.get("share_amount"), price)


def _payment(number: str, row: Row, lines: list[Row]) -> list[Message]:
    at, amount = moment(row.get("pay_time")), above_nought(_sum(lines, "paid") or row.get("paid"))
    if not at or amount is None:
        return []
    said = {"order_id": number, "payment_id": f"{number}-paid", "amount": amount, "currency": CURRENCY}
    return [shops.track("Payment Succeeded", f"order-{number}-payment", at, NOBODY, said)]


def _parcel(number: str, row: Row) -> list[Message]:
    parcel = shops.number(row.get("logistics_no"))
    said = {"order_id": number, "shipment_id": parcel, "carrier": shops.text(row.get("logistics_name"))}
    left = moment(row.get("consign_time"), row.get("modified"))
    return [shops.track("Order Shipped", f"shipment-{number}-{parcel}", left, NOBODY, said)]


def _count(value: Any) -> int | None:
    text = payloads.text_of(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


# ---- after-sales ------------------------------------------------------------------------------------


def refund(row: Row, table: Mapping[str, str]) -> Iterable[Message]:
    """What was given back, once it is done; what came back, as far as it was taken in."""
    ours = shops.needed(row, "refund_no")
    lines = parts(row.get("refund_order_list"))
    number = shops.number(row.get("tid")) or next(
        (found for one in lines if (found := shops.number(one.get("tid")))), None
    )
    if number is None:
        return []  # a parcel that nobody has matched to an order yet
    key = shops.number(row.get("src_no")) or ours
    kind, done = payloads.text_of(row.get("type")), payloads.text_of(row.get("process_status")) == DONE
    at = moment(row.get("finish_time"), row.get("refund_time"), row.get("modified"))
    named: Row = {"order_id": number, "reason": shops.text(row.get("refund_reason"), row.get("reason_name"))}
    channel = erp.channel_of(table, row.get("shop_no"), row.get("shop_name"))
    told = []
    sums = (row.get(name) for name in ("actual_refund_amount", "guarante_refund_amount", "refund_amount"))
    given = next((found for one in sums if (found := above_nought(one))), None)
    if done and kind in GIVES_BACK and given is not None:
        said = {**named, "refund_id": key, "total": given, "currency": CURRENCY}
        told.append(shops.track("Order Refunded", f"refund-{key}", at, NOBODY, said))
    back = [one for one in lines if above_nought(one.get("stockin_num"))]
    if back and kind in WITH_GOODS:
        goods = [
            shops.said(sku=shops.number(one.get("spec_no")), quantity=one.get("stockin_num")) for one in back
        ]
        said = {**named, "return_id": key, "products": goods}
        told.append(shops.track("Return Received", f"return-{key}", at, NOBODY, said))
    return erp.placed(told, channel)


# ---- goods ------------------------------------------------------------------------------------------


def stock(row: Row, table: Mapping[str, str]) -> Iterable[Message]:
    """What lies in a warehouse, sound goods alone, and what one of them costs."""
    sku, at = shops.needed(row, "spec_no"), moment(row.get("modified"))
    if (
        payloads.text_of(row.get("defect")) == "1"
        or row.get("defect") is True
        or row.get("stock_num") is None
    ):
        return []
    place = shops.number(row.get("warehouse_no"))
    told = [
        shops.record("stock", f"{sku}-{place}", at, sku=sku, quantity=row.get("stock_num"), location=place)
    ]
    costs = above_nought(row.get("cost_price"))
    if costs is not None:
        told.append(shops.record("cost", sku, at, sku=sku, unit_cost=costs, currency=CURRENCY))
    return told


def goods(row: Row, table: Mapping[str, str]) -> Iterable[Message]:
    """The SKUs of an article."""
    shops.needed(row, "goods_no")
    at, name = moment(row.get("modified"), row.get("goods_modified")), shops.text(row.get("goods_name"))
    told = []
    for one in parts(row.get("spec_list")):
        sku = shops.number(one.get("spec_no"))
        if sku is None:
            continue
        whole = " ".join(text for text in (name, shops.text(one.get("spec_name"))) if text)
        shared = {"category": shops.text(row.get("class_name")), "brand": shops.text(row.get("brand_name"))}
        told.append(shops.record("product", sku, at, sku=sku, name=whole, **shared))
    return told


Reader = Callable[[Row, Mapping[str, str]], Iterable[Message]]
READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {"orders": order, "refunds": refund, "stock": stock, "goods": goods}
)
