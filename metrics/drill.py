"""The rows behind a number: orders, refunds, returns, answers, customers … of a metric's first term. Newest first.

Not here: the number itself (query.py), who a customer is (profiles: customers are given by their profile's id).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from cdp.kernel import cursor
from cdp.kernel.cursor import Order, Page
from cdp.kernel.db import Connection
from metrics import query
from metrics.catalogue import base
from metrics.readings import Days


class Kind(NamedTuple):
    """A list of rows: where they stand, what is shown of them, what they are ordered by."""

    name: str
    source: str
    shown: tuple[str, ...]  # columns; a channel is shown by its slug
    at: str = "occurred_at"
    key: str = "event_id"
    day: str = "day"
    key_cast: str = "uuid"


ORDER_NAMES = ("order_id", "channel_id", "occurred_at", "currency", "total", "refunded", "state")
ORDERS = Kind("orders", "metrics_order", ORDER_NAMES)
REFUNDS = Kind(
    "refunds",
    "metrics_refund",
    ("order_id", "channel_id", "occurred_at", "order_day", "currency", "amount", "reason"),
)
RETURNS = Kind(
    "returns",
    "metrics_return",
    ("order_id", "channel_id", "service_channel_id", "received_at", "store"),
    at="received_at",
)
ANSWERS = Kind(
    "answers",
    "metrics_answer",
    ("channel_id", "occurred_at", "score", "scale", "satisfied", "about"),
    key="id",
)
SPEND = Kind(
    "spend",
    "metrics_spend",
    ("channel_id", "first", "last", "currency", "amount", "campaign", "medium", "kind"),
    at="at",
    key="id",
    day="first",
)
PRICES = Kind("prices", "metrics_price", ("sku", "channel_id", "at", "currency", "price"), at="at", key="id")
LINES = Kind(
    "lines",
    "(select l.*, o.event_id from metrics_order_line l join metrics_order o on o.workspace_id = l.workspace_id"
    " and o.order_id = l.order_id and o.channel_id = l.channel_id)",
    ("order_id", "channel_id", "sku", "occurred_at", "quantity", "unit_cost", "cost_currency", "cost_day"),
    key="(event_id::text || '/' || line)",
    key_cast="text",
)
CUSTOMERS = Kind(
    "customers",
    "(select a.workspace_id, o.profile_id, max(a.last_at) as occurred_at, max(a.day) as day,"
    " array_agg(distinct a.channel_id) as channels from profiles_activity a join profiles_owner o"
    " on o.workspace_id = a.workspace_id and o.sighting_id = a.sighting_id"
    " where a.workspace_id = %(workspace)s::int and a.active > 0 and a.day between %(first)s::date and %(last)s::date"
    " and (%(channel)s::int is null or a.channel_id = %(channel)s::int) group by 1, 2)",
    ("profile_id", "occurred_at", "channels"),
    key="profile_id",
    key_cast="bigint",
)
MEASURES = {
    "gmv": ORDERS,
    "orders": ORDERS,
    "refunds": REFUNDS,
    "returns": RETURNS,
    "returns_elsewhere": RETURNS,
    "cogs": LINES,
    "spend_acquisition": SPEND,
    "answered": ANSWERS,
    "satisfied": ANSWERS,
    "buyers": ORDERS,
    "repeat": ORDERS,
    "new": ORDERS,
}


def kind_of(value: base.Value) -> Kind:
    """The rows a metric's first term is made of."""
    first = base.terms(value)[0]
    if isinstance(first, base.PricedTwice):
        return PRICES
    return MEASURES.get(getattr(first, "measure", ""), CUSTOMERS)


def behind(
    db: Connection,
    shop: query.Shop,
    name: str,
    ask: query.Ask,
    at: str | None = None,
    limit: int = cursor.LIMIT,
) -> tuple[str, Page]:
    """What kind of rows a metric's total is made of, and a page of them."""
    kind = kind_of(query.metric_named(name).value)
    query.intervals(ask)
    columns = ", ".join(("x." + column) for column in kind.shown)
    key = kind.key if kind.key.startswith("(") else f"x.{kind.key}"
    wheres = [
        "x.workspace_id = %(workspace)s::int",
        f"x.{kind.day} between %(first)s::date and %(last)s::date",
    ]
    if ask.channel is not None and "channel_id" in kind.shown:
        wheres.append("x.channel_id = %(channel)s::int")
    select = f"select x.{kind.at}, {key}, {columns} from {kind.source} x"  # noqa: S608 (names of ours)
    order = Order(f"x.{kind.at}", "timestamptz", key, kind.key_cast)

    def make(row: Sequence[Any]) -> dict[str, Any]:
        return dict(_shown(shop, column, value) for column, value in zip(kind.shown, row[2:], strict=True))

    return kind.name, cursor.page(db, select, wheres, _values(shop, ask), order, at, limit, make)


def _values(shop: query.Shop, ask: query.Ask) -> dict[str, Any]:
    period: Days = ask.period
    return {"workspace": shop.workspace, "first": period.first, "last": period.last, "channel": ask.channel}


def _shown(shop: query.Shop, column: str, value: Any) -> tuple[str, Any]:
    """A column as it is shown: channels by slug, numbers as strings, times in UTC."""
    if column == "channels":
        return column, [shop.channels.get(channel) for channel in value]
    if column.endswith("channel_id"):
        return column.removesuffix("_id"), shop.channels.get(value)
    return column, _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return query.text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, date | UUID) else value
