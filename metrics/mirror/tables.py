"""What the mirror holds, table by table: columns, DuckDB types, how a change is written. Times are naive, in UTC.

A table either only grows (a touch is never changed) or has a key: what comes for a key takes the place of all that was
there. An order's key is its number, as all orders of a number are made anew together. Rows point to a sighting as in
PostgreSQL; `customers` says whose each is, so joins and splits change that table alone.
VIEWS are what questions read. Not here: files (files.py), how a batch fills them (metrics/capture.py).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

MONEY, QUANTITY, COST = "decimal(20,4)", "decimal(28,8)", "decimal(38,12)"


# What a change says beside the tables' rows: keys that were there and in which months, profiles with another number,
# orders whose lines are to be read again.
GONE, MONTH, RENAMED, AGAIN = "_gone", "month", "renamed", "again"


class Column(NamedTuple):
    """A column and its DuckDB type."""

    name: str
    type: str


class Table(NamedTuple):
    """A table of the mirror. `month`: the column that says in which month's file a row lies; "" for one file."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()  # none: it only grows
    month: str = ""
    order: tuple[str, ...] = ()  # how rows lie in a file

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)


def _columns(text: str) -> tuple[Column, ...]:
    named = {"money": MONEY, "quantity": QUANTITY, "cost": COST}
    pairs = (part.split() for part in text.split(","))
    return tuple(Column(name, named.get(kind, kind)) for name, kind in pairs)


# What customers did and met: page, screen and track events of people, crawlers' left out. `tie` settles equal times:
# the first eight bytes of the event's id. `active`: the customer made it. `properties`: JSON, as stored.
TOUCHES: Final = Table(
    "touches",
    _columns(
        "occurred_at timestamp, tie bigint, sighting bigint, channel integer, touchpoint varchar, name varchar, "
        "active boolean, campaign varchar, source varchar, properties json"
    ),
    month="occurred_at",
    order=("touchpoint", "name", "sighting", "occurred_at"),
)
# Whose a sighting is: the profile's number inside. `identified`: it has an identifier of an IDENTIFYING kind.
CUSTOMERS: Final = Table(
    "customers", _columns("sighting bigint, profile bigint, identified boolean"), key=("sighting",)
)
# What was said of a person that questions break down by (TRAITS); the latest word holds.
TRAITS: Final = Table(
    "traits",
    _columns("sighting bigint, name varchar, value varchar, occurred_at timestamp, tie bigint"),
    order=("name", "sighting"),
)
# Of orders and answers `message_id` settles equal times wherever PostgreSQL counts the same: it does so by that.
ORDERS: Final = Table(
    "orders",
    _columns(
        "order_id varchar, channel integer, occurred_at timestamp, day date, tie bigint, message_id varchar, "
        "sighting bigint, currency varchar, total money, refunded money, discount money, shipping money, tax money, "
        "cancelled_at timestamp, state varchar, store varchar, coupon varchar, campaign varchar, source varchar"
    ),
    key=("order_id",),
    month="day",
    order=("channel", "occurred_at"),
)
# What platforms keep of orders and pay out, where that is said.
SETTLEMENTS: Final = Table(
    "settlements",
    _columns("order_id varchar, channel integer, day date, fees money, payout money"),
    key=("order_id",),
    month="day",
)
# `net`: price x quantity less discount, as far as the line says so. `cost`: quantity x unit cost; null: missing.
ORDER_LINES: Final = Table(
    "order_lines",
    _columns(
        "order_id varchar, channel integer, line integer, occurred_at timestamp, day date, sku varchar, name varchar, "
        "category varchar, brand varchar, quantity quantity, net money, currency varchar, cost cost, "
        "cost_currency varchar, cost_day date"
    ),
    key=("order_id",),
    month="day",
    order=("sku", "day"),
)
REFUNDS: Final = Table(
    "refunds",
    _columns(
        "order_id varchar, channel integer, service_channel integer, kind varchar, occurred_at timestamp, day date, "
        "order_day date, currency varchar, amount money"
    ),
    key=("order_id",),
    month="day",
)
RETURNS: Final = Table(
    "returns",
    _columns(
        "order_id varchar, channel integer, service_channel integer, key varchar, occurred_at timestamp, "
        "requested_at timestamp, received_at timestamp, day date, store varchar"
    ),
    key=("order_id",),
    month="occurred_at",
)
# Goods taken back, by a return received or the cancellation; `line` below 0: a product the order does not have.
RETURN_LINES: Final = Table(
    "return_lines",
    _columns(
        "order_id varchar, channel integer, service_channel integer, kind varchar, line integer, sku varchar, "
        "occurred_at timestamp, day date, quantity quantity"
    ),
    key=("order_id",),
    month="day",
)
PAYMENTS: Final = Table(
    "payments",
    _columns(
        "order_id varchar, channel integer, service_channel integer, occurred_at timestamp, started_at timestamp, "
        "succeeded_at timestamp, failed_at timestamp, state varchar, amount money, currency varchar, method varchar, "
        "reason varchar"
    ),
    key=("order_id",),
    month="occurred_at",
)
SHIPMENTS: Final = Table(
    "shipments",
    _columns(
        "order_id varchar, channel integer, service_channel integer, occurred_at timestamp, shipped_at timestamp, "
        "delivered_at timestamp, promised_at timestamp, carrier varchar"
    ),
    key=("order_id",),
    month="occurred_at",
)
# `promotes`: 1 would recommend us, -1 would not, 0 neither.
ANSWERS: Final = Table(
    "answers",
    _columns(
        "channel integer, key varchar, occurred_at timestamp, day date, tie bigint, message_id varchar, "
        "sighting bigint, satisfied boolean, order_id varchar, promotes integer"
    ),
    key=("channel", "key"),
    month="day",
)
TICKETS: Final = Table(
    "tickets",
    _columns(
        "channel integer, key varchar, occurred_at timestamp, sighting bigint, opened_at timestamp, "
        "resolved_at timestamp, first_response_at timestamp, topic varchar, order_id varchar"
    ),
    key=("channel", "key"),
    month="occurred_at",
)
MEMBERSHIPS: Final = Table(
    "memberships",
    _columns("sighting bigint, occurred_at timestamp, tie bigint, kind varchar, tier varchar"),
)
PRICES: Final = Table(
    "prices",
    _columns("channel integer, sku varchar, occurred_at timestamp, day date, price money, currency varchar"),
    key=("channel", "sku", "occurred_at"),
    month="day",
    order=("sku", "channel", "occurred_at"),
)

TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        TOUCHES,
        CUSTOMERS,
        TRAITS,
        ORDERS,
        SETTLEMENTS,
        ORDER_LINES,
        REFUNDS,
        RETURNS,
        RETURN_LINES,
        PAYMENTS,
        SHIPMENTS,
        ANSWERS,
        TICKETS,
        MEMBERSHIPS,
        PRICES,
    )
}
# What is kept of an order number, all of it replaced when a message speaks of it.
OF_ORDERS: Final = (
    *("orders", "settlements", "order_lines", "refunds", "returns", "return_lines", "payments", "shipments"),
)
TRAITS_KEPT: Final = ("city",)
IDENTIFYING: Final = frozenset({"user_id", "member_no", "phone", "email", "unionid"})

# What questions read beside the tables: rows with the profile they belong to.
VIEWS: Final[Mapping[str, str]] = {
    # Touches of known people.
    "contacts": "select c.profile, t.* exclude (sighting) from touches t join customers c using (sighting)",
    # Orders; `profile` null: nobody known.
    "purchases": "select c.profile, o.* exclude (sighting) from orders o left join customers c using (sighting)",
    "judgements": "select c.profile, a.* exclude (sighting) from answers a left join customers c using (sighting)",
    "inquiries": "select c.profile, k.* exclude (sighting) from tickets k left join customers c using (sighting)",
    "tiers": "select c.profile, m.* exclude (sighting) from memberships m join customers c using (sighting)",
    # The latest word of each trait of a person.
    "said": (
        "select c.profile, t.name, arg_max(t.value, (t.occurred_at, t.tie)) as value "
        "from traits t join customers c using (sighting) group by all"
    ),
}
