"""What platforms say they pay out, held against the orders they pay for: order by order, and in sum.

An order expects the `payout` that its messages say; the lines of bills (facts/payouts.py) of its channel, number and
currency are what is paid for it. Not here: metrics over payouts (catalogue/settlement.py).
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from kernel import cursor
from kernel.cursor import Order, Page
from kernel.db import Connection, Statements, rows
from metrics.query import ReportingSettings
from metrics.scope import Days

SQL = Statements(__file__)
# Both say the same; a payout that no bill has; both say something else; a bill pays what no order expects.
STATES = ("matched", "missing", "differing", "unexpected")
CURRENCY = "(%(currency)s::text = '' or x.currency = %(currency)s::text)"
SHOWN = (
    *("order_id", "channel_id", "currency", "expected", "paid", "fees", "fees_billed", "billed_at", "state"),
)


# What sums can be put together by: the expression over a row.
BY = {
    "channel": "x.channel_id",
    "day": "x.day",
    "week": "date_trunc('week', x.day)::date",
    "month": "date_trunc('month', x.day)::date",
}


class Asked(NamedTuple):
    """Orders of these days, on one channel or any, of one state and currency or any."""

    period: Days
    channel: int | None = None
    state: str = ""
    currency: str = ""


class Reconciled(NamedTuple):
    """An order's payout as it is expected and as it is paid; None: nobody says it."""

    at: datetime
    order_id: str
    channel: str | None
    currency: str
    expected: Decimal | None
    paid: Decimal | None
    fees: Decimal | None
    fees_billed: Decimal | None
    billed_at: datetime | None
    state: str


class Total(NamedTuple):
    """What the orders of one state come to in one currency."""

    currency: str
    state: str
    orders: int
    expected: Decimal
    paid: Decimal


class Group(NamedTuple):
    """The same of a channel (its id) or of the days from one on."""

    key: int | date
    currency: str
    state: str
    orders: int
    expected: Decimal
    paid: Decimal


def groups(db: Connection, settings: ReportingSettings, asked: Asked, by: str) -> list[Group]:
    """By channel or interval, currency and state, whatever state is asked for; `by` is one of BY."""
    text = (
        f"select {BY[by]}, x.currency, x.state, count(*), coalesce(sum(x.expected), 0), coalesce(sum(x.paid), 0) "  # noqa: S608
        f"from ({SQL['reconciled'].rstrip()}) x where {CURRENCY} group by 1, 2, 3 order by 1, 2"
    )
    return [Group(*row) for row in rows(db, text, **_values(settings, asked))]


def totals(db: Connection, settings: ReportingSettings, asked: Asked) -> list[Total]:
    """By currency and state, whatever state is asked for."""
    text = (
        "select x.currency, x.state, count(*), coalesce(sum(x.expected), 0), coalesce(sum(x.paid), 0) "  # noqa: S608
        f"from ({SQL['reconciled'].rstrip()}) x where {CURRENCY} group by 1, 2"
    )
    found = [Total(*row) for row in rows(db, text, **_values(settings, asked))]
    return sorted(found, key=lambda one: (one.currency, STATES.index(one.state)))


def page(db: Connection, settings: ReportingSettings, asked: Asked, at: str | None, limit: int) -> Page:
    """Orders, the newest first."""
    columns = ", ".join(f"x.{name}" for name in SHOWN)
    select = f"select x.at, x.key, {columns} from ({SQL['reconciled'].rstrip()}) x"  # noqa: S608 (ours)
    wheres = [CURRENCY, *(["x.state = %(state)s::text"] if asked.state else [])]
    order = Order("x.at", "timestamptz", "x.key", "text")

    def made(row: Sequence[Any]) -> Reconciled:
        moment, _key, number, channel, *rest = row
        return Reconciled(moment, number, settings.channels.get(channel), *rest)

    return cursor.page(db, select, wheres, _values(settings, asked), order, at, limit, made)


def _values(settings: ReportingSettings, asked: Asked) -> dict[str, Any]:
    first, last = asked.period
    values = {"workspace": settings.workspace, "first": first, "last": last}
    return values | {"channel": asked.channel, "state": asked.state, "currency": asked.currency}
