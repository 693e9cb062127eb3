"""All that others may ask of facts and records: orders with their parts, what waits, records read back.

Not here: targets (targets.py), what purchases come to (purchases.py), metrics over a period (query.py), the rows behind
a number (drill.py).
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from kernel import cursor
from kernel.db import Connection, Statements, array, rows
from kernel.errors import BadRequest
from kernel.event import Fee
from metrics import prices
from metrics.catalogue.rows import SKUS
from metrics.facts.ledger import NO_TOTAL, OTHER_CURRENCY, PAID_AFTER_CANCEL
from metrics.facts.order_matching import NOT_UNIQUE, UNKNOWN_ORDER
from metrics.facts.rows import LINES, PAYMENTS, REFUNDS, RETURN_LINES, RETURNS, SHIPMENTS
from metrics.facts.tables import Table, load

SQL = Statements(__file__)

# What an order is shown with; the names are those of the answer.
PARTS: dict[str, Table] = {
    "lines": LINES,
    "refunds": REFUNDS,
    "payments": PAYMENTS,
    "shipments": SHIPMENTS,
    "returns": RETURNS,
    "return_lines": RETURN_LINES,
}
HEAD = (
    *("order_id", "channel_id", "channel", "occurred_at", "currency", "total", "refunded", "cancelled_at"),
    *("state", "tax", "shipping", "discount", "coupon", "store", "reason"),
    *("paid", "merchant_discount", "platform_discount", "fees", "fee_kinds", "payout"),
)
# Types of records: table, the filter columns it has, the columns shown (others than channel, id and at).
RECORDS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "product": ("metrics_product", ("sku",), ("sku", "name", "category", "brand", "tags")),
    "price": ("metrics_price", ("sku", "channel"), ("sku", "price", "currency", "list_price", "promotion")),
    "stock": ("metrics_stock", ("sku", "channel"), ("sku", "quantity", "location")),
    "cost": ("metrics_cost", ("sku", "channel"), ("sku", "unit_cost", "currency")),
    "spend": (
        "metrics_spend",
        ("channel",),
        ("amount", "currency", "first", "last", "campaign", "medium", "kind", "clicks", "impressions"),
    ),
    "payout": ("metrics_payout", ("channel",), ("order_id", "ref", "amount", "currency", "fees")),
    "target": ("metrics_target", ("channel",), ("metric", "value", "period", "first", "last")),
    "rate": ("metrics_rate", (), ("currency", "rate")),
}
SAID = {"first": "from", "last": "to"}  # columns that are called differently outside
LISTED = frozenset({"tags"})  # columns that hold a list, as JSON
FEES = msgspec.json.Decoder(list[Fee])  # of an order


# Reasons to wait. What was paid after a cancellation waits for nothing but a person, and is listed when asked for.
WHY = (UNKNOWN_ORDER, NOT_UNIQUE, NO_TOTAL, OTHER_CURRENCY, PAID_AFTER_CANCEL)
LOOKED_AT = 1_000  # newest messages that wait, when late payments are counted


class Waits(NamedTuple):
    """A message that speaks of an order and counts nothing yet: why, and since when."""

    occurred_at: datetime
    id: Any
    order_id: str
    reason: str
    kind: str
    channel: str | None
    order_channel: str | None
    message_id: str
    amount: Decimal | None
    currency: str | None

    def json(self) -> dict[str, Any]:
        """As the read API says it."""
        return {name: _outside(value) for name, value in self._asdict().items()}


def orders_of(db: Connection, workspace: int, sightings: Collection[int]) -> list[dict[str, Any]]:
    """The orders of these sightings, newest first, each with its lines, refunds, payments, shipments and returns."""
    if not sightings:
        return []
    return _whole(
        db, workspace, rows(db, SQL["orders_of"], workspace=workspace, sightings=array(sorted(sightings)))
    )


def order_of(db: Connection, workspace: int, channel: int, order_id: str) -> dict[str, Any] | None:
    """One order with its parts, and `profile`: the serial id of its customer. None: there is no such order."""
    found = rows(db, SQL["order_of"], workspace=workspace, channel=channel, order=order_id)
    if not found:
        return None
    (*head, profile) = found[0]
    return _whole(db, workspace, [head])[0] | {"profile": profile}


def _whole(db: Connection, workspace: int, found: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Orders with their parts."""
    orders = [dict(zip(HEAD, row, strict=True)) for row in found]
    wanted = {(order["order_id"], order["channel_id"]) for order in orders}
    for name, table in PARTS.items():
        parts: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for key, row in sorted(load(db, workspace, table, ("order_id", "channel_id"), wanted).items()):
            parts[key[:2]].append(row._asdict())
        for order in orders:
            order[name] = parts[order["order_id"], order["channel_id"]]
    for order in orders:
        order["state"] = _stage(order)
        order["fee_kinds"] = [msgspec.structs.asdict(fee) for fee in FEES.decode(order["fee_kinds"] or "[]")]
    return orders


def waiting(
    db: Connection,
    workspace: int,
    reason: str | None = None,
    at: str | None = None,
    limit: int = cursor.LIMIT,
) -> cursor.Page:
    """What speaks of orders and counts nothing yet, newest first. `at`: the cursor."""
    asked = "w.reason = %(reason)s::text" if reason else "w.reason <> %(reason)s::text"
    wheres = ["w.workspace_id = %(workspace)s::int", asked]
    values = {"workspace": workspace, "reason": reason or PAID_AFTER_CANCEL}
    order = cursor.Order("w.occurred_at", "timestamptz", "w.id")
    return cursor.page(db, SQL["waiting"], wheres, values, order, at, limit, lambda row: Waits(*row))


class PaidLate(NamedTuple):
    """Payments that came after their order was cancelled: how many, the newest's messageId, their sums by currency.

    `money` is empty where what one of them came to is not known.
    """

    payments: int
    newest: str
    money: dict[str, Decimal]


def paid_late(db: Connection, workspace: int) -> PaidLate:
    """Of the newest LOOKED_AT messages that wait."""
    asked = {"reason": PAID_AFTER_CANCEL, "looked_at": LOOKED_AT}
    found = rows(db, SQL["paid_late"], workspace=workspace, **asked)
    _at, newest = max(((at, message) for _currency, _n, message, at, _sum in found), default=(None, ""))
    known = all(currency and amount is not None for currency, _n, _message, _at, amount in found)
    money = {currency: amount for currency, _n, _message, _at, amount in found} if known else {}
    return PaidLate(sum(n for _currency, n, *_rest in found), newest, money)


def records(
    db: Connection, workspace: int, asked: dict[str, Any], at: str | None = None, limit: int = cursor.LIMIT
) -> cursor.Page:
    """Records of one type (`asked`: type, sku, channel (a list of slugs)) as they hold now, newest first.

    Values are as the read API says them: decimals as strings, times in ISO 8601.
    """
    kind = asked.get("type")
    if kind not in RECORDS:
        raise BadRequest(f"`type` is one of {', '.join(RECORDS)}.", "bad_type")
    table, filters, shown = RECORDS[kind]
    for name in ("sku", "channel"):
        if asked.get(name) and name not in filters:
            raise BadRequest(f"Records of type {kind} have no {name}.", "unknown_filter")
    scoped = "t.channel_id" if "channel" in filters else "0"
    select = (
        f"select t.at, t.id, c.slug, {', '.join('t.' + column for column in shown)} "  # noqa: S608 (our own names)
        f"from {table} t left join channels_setting c "
        f"on c.workspace_id = %(workspace)s::int and c.channel_id = {scoped}"
    )
    wheres = ["t.workspace_id = %(workspace)s::int"]
    wheres += ["not t.removed"] if kind == "target" else []
    wheres += ["t.sku = %(sku)s::text"] if asked.get("sku") else []
    wheres += ["c.slug = any(%(channels)s::text[])"] if asked.get("channel") else []
    values = {"workspace": workspace, "sku": asked.get("sku"), "channels": array(asked.get("channel") or ())}
    names = ("at", "id", "channel", *(SAID.get(column, column) for column in shown))

    def made(row: Any) -> dict[str, Any]:
        said = {name: _outside(value) for name, value in zip(names, row, strict=True)}
        return {"type": kind, **said, **{name: json.loads(said[name]) for name in LISTED & said.keys()}}

    order = cursor.Order("t.at", "timestamptz", "t.id")
    return cursor.page(db, select, wheres, values, order, at, limit, made)


def campaigns(db: Connection, workspace: int, first: date, last: date) -> list[tuple[str, date, date]]:
    """Campaigns whose first spend ever lies in a period: name, first and last day."""
    found = rows(db, SQL["campaigns"], workspace=workspace, first=first, last=last)
    return [(name, begin, end) for name, begin, end in found if begin >= first]


def prices_moved(db: Connection, workspace: int, last: date, before: date | None) -> prices.Moved:
    """The SKUs whose prices differ at a day's end, and which came apart or together since another's."""
    return prices.moved(_agreeing(db, workspace, before) if before else {}, _agreeing(db, workspace, last))


def _agreeing(db: Connection, workspace: int, last: date) -> dict[str, bool]:
    text = f"select x.sku, x.agreeing from ({SKUS.text}) x"  # noqa: S608 (ours)
    return dict(rows(db, text, workspace=workspace, last=last, channel=None))


def _stage(order: dict[str, Any]) -> str:
    """How far an order has come: ordered, paid, shipped, delivered; or cancelled, returned, refunded."""
    if order["state"] in ("cancelled", "refunded"):
        back = any(one["received_at"] for one in order["returns"])
        return "returned" if back and order["state"] == "refunded" else str(order["state"])
    if any(parcel["delivered_at"] for parcel in order["shipments"]):
        return "delivered"
    if order["shipments"]:
        return "shipped"
    paid = any(payment["state"] == "succeeded" for payment in order["payments"])
    return "paid" if paid else "ordered"


def _outside(value: Any) -> Any:
    """A value as the read API says it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
