"""The rows an order's ledger comes to, and their tables. Not here: how they are found (ledger), their cost (costs)."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from metrics.facts.tables import Table


class Order(NamedTuple):
    """An order that counts."""

    order_id: str
    channel_id: int
    occurred_at: datetime
    day: date
    event_id: UUID
    message_id: str
    sighting_id: int | None
    currency: str
    total: Decimal
    refunded: Decimal
    cancelled_at: datetime | None
    state: str
    tax: Decimal | None
    shipping: Decimal | None
    discount: Decimal | None
    coupon: str | None
    store: str | None
    reason: str | None
    campaign: str | None = None  # that led to it, as its messages say
    source: str | None = None


class Settlement(NamedTuple):
    """What its platform makes of an order's money, where its messages say anything of it."""

    order_id: str
    channel_id: int
    day: date
    currency: str
    paid: Decimal | None  # by the customer
    merchant_discount: Decimal | None
    platform_discount: Decimal | None
    fees: Decimal | None  # all of `fee_kinds`; None: not said
    fee_kinds: str | None  # JSON: each {"kind", "amount"}
    payout: Decimal | None


class OrderLine(NamedTuple):
    """A product of an order. `unit_cost` is what COGS take: its own, else the cost record's."""

    order_id: str
    channel_id: int
    line: int
    sku: str
    occurred_at: datetime
    day: date
    quantity: Decimal
    price: Decimal | None
    discount: Decimal | None
    currency: str
    name: str
    category: str
    brand: str
    own_cost: Decimal | None
    unit_cost: Decimal | None
    cost_currency: str | None
    cost_day: date | None


class Refund(NamedTuple):
    """Money given back, by a refund or by the cancellation."""

    order_id: str
    channel_id: int
    kind: str
    service_channel_id: int
    key: str
    occurred_at: datetime
    day: date
    order_day: date
    event_id: UUID
    currency: str
    asked: Decimal | None
    amount: Decimal
    excess: Decimal
    reason: str | None


class Return(NamedTuple):
    """Goods announced to come back, or come back (`received_at`), in the service channel."""

    order_id: str
    channel_id: int
    service_channel_id: int
    key: str
    occurred_at: datetime
    requested_at: datetime | None
    received_at: datetime | None
    day: date | None
    event_id: UUID
    store: str | None


class ReturnLine(NamedTuple):
    """What of a line was taken back, by a return received or by the cancellation."""

    order_id: str
    channel_id: int
    kind: str
    service_channel_id: int
    key: str
    line: int
    sku: str
    occurred_at: datetime
    day: date
    quantity: Decimal
    excess: Decimal


class Payment(NamedTuple):
    """A payment attempt and how it ended. Where there is no such order, `channel_id` is its own channel."""

    order_id: str
    channel_id: int
    service_channel_id: int
    key: str
    occurred_at: datetime
    day: date
    started_at: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    state: str
    amount: Decimal | None
    currency: str
    method: str | None
    reason: str | None
    sighting_id: int | None = None  # who paid: the order's customer, else who the payment's own messages saw


class Shipment(NamedTuple):
    """A parcel."""

    order_id: str
    channel_id: int
    service_channel_id: int
    key: str
    occurred_at: datetime
    day: date
    shipped_at: datetime | None
    delivered_at: datetime | None
    promised_at: datetime | None
    carrier: str | None


class Waiting(NamedTuple):
    """A message that speaks of an order and counts nothing yet."""

    order_id: str
    id: UUID
    reason: str
    kind: str
    channel_id: int
    order_channel_id: int | None
    occurred_at: datetime
    message_id: str
    amount: Decimal | None
    currency: str | None


NUMERIC = (
    *("total", "refunded", "tax", "shipping", "discount", "quantity", "price", "own_cost", "unit_cost"),
    *("asked", "amount", "excess"),
    *("paid", "merchant_discount", "platform_discount", "fees", "payout"),
)
INTEGER = ("channel_id", "service_channel_id", "order_channel_id", "line")
TIMES = (
    *(
        "occurred_at",
        "cancelled_at",
        "requested_at",
        "received_at",
        "started_at",
        "succeeded_at",
        "failed_at",
    ),
    *("shipped_at", "delivered_at", "promised_at"),
)
TYPES = {
    **dict.fromkeys(NUMERIC, "numeric"),
    **dict.fromkeys(INTEGER, "int"),
    **dict.fromkeys(TIMES, "timestamptz"),
    **dict.fromkeys(["day", "order_day", "cost_day"], "date"),
    **dict.fromkeys(["event_id", "id"], "uuid"),
    "sighting_id": "bigint",
}  # what is not named here is text


def _table(name: str, form: type, *keys: str) -> Table:
    types = {column: TYPES.get(column, "text") for column in form._fields}  # type: ignore[attr-defined]
    return Table(name, form, ("order_id", *keys), types)


ORDERS = _table("metrics_order", Order, "channel_id")
SETTLEMENTS = _table("metrics_settlement", Settlement, "channel_id")
LINES = _table("metrics_order_line", OrderLine, "channel_id", "line")
REFUNDS = _table("metrics_refund", Refund, "channel_id", "kind", "service_channel_id", "key")
RETURNS = _table("metrics_return", Return, "channel_id", "service_channel_id", "key")
RETURN_LINES = _table(
    "metrics_return_line", ReturnLine, "channel_id", "kind", "service_channel_id", "key", "line"
)
PAYMENTS = _table("metrics_payment", Payment, "channel_id", "service_channel_id", "key")
SHIPMENTS = _table("metrics_shipment", Shipment, "channel_id", "service_channel_id", "key")
WAITING = _table("metrics_waiting", Waiting, "id")
