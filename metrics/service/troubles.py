"""Payments that somebody must mend: paid without an order, orders paid more than once. Out of PostgreSQL, as it is now.

An orphan is a payment that succeeded more than an hour ago and whose number stands for no order on its channel: the
customer has paid and waits for nothing. Paid twice is an order with several payments that succeeded and that come to
more than the order is worth, as long as less than the excess was given back; an order paid in parts is none. What was
paid after the order was cancelled is listed where it always was (metrics/queries.py).
Not here: how payments end (payments.py).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel import cursor
from kernel.cursor import Order, Page
from kernel.db import Connection, Statements, rows
from kernel.periods import utc_text
from kernel.web import access
from metrics.query import ReportingSettings
from metrics.scope import Days
from metrics.service.base import said
from metrics.service.listing import Slice

SQL = Statements(__file__)
KINDS: Final = {"orphan": "orphans", "duplicate": "duplicates"}
GRACE: Final = timedelta(hours=1)  # an order may come later than the money for it


class Trouble(NamedTuple):
    """A payment without an order, or an order paid more than once. `excess`: what there is to give back."""

    at: datetime  # of the last payment
    order_id: str
    channel: str | None
    paid_in: str | None
    method: str | None
    paid: Decimal | None
    currency: str
    payments: int
    total: Decimal | None  # of the order
    excess: Decimal | None

    def json(self, *, masked: bool) -> dict[str, Any]:
        """As the API gives it."""
        plain = self._asdict() | {
            "at": utc_text(self.at),
            **{name: said(getattr(self, name)) for name in ("paid", "total", "excess")},
        }
        words = {name: plain[name] for name in ("order_id", "method")}
        return plain | (access.scrub(words) if masked else {})


class Count(NamedTuple):
    """How many there are, and what there is to give back, by currency."""

    troubles: int
    excess: dict[str, Decimal]


def page(
    db: Connection, settings: ReportingSettings, days: Days, kind: str, now: datetime, wanted: Slice
) -> Page:
    """Those of a period, the newest first. `kind`: one of KINDS."""
    columns = (
        *("order_id", "channel_id", "service_channel_id", "method", "paid", "currency", "payments"),
        *("total", "excess"),
    )
    names = ", ".join(f"x.{name}" for name in columns)
    select = f"select x.at, x.key, {names} from ({SQL[KINDS[kind]].rstrip()}) x"  # noqa: S608 (ours)

    def made(row: Sequence[Any]) -> Trouble:
        at, _key, number, channel, paid_in, *rest = row
        return Trouble(at, number, settings.channels.get(channel), settings.channels.get(paid_in), *rest)

    order = Order("x.at", "timestamptz", "x.key", "text")
    values = _values(settings.workspace, days, now)
    return cursor.page(db, select, ["true"], values, order, wanted.at, wanted.limit, made)


def count(db: Connection, workspace: int, days: Days, kind: str, now: datetime) -> Count:
    """How many of a period, and what they come to."""
    text = f"select x.currency, count(*)::int, sum(x.excess) from ({SQL[KINDS[kind]].rstrip()}) x group by x.currency"  # noqa: S608
    found = rows(db, text, **_values(workspace, days, now))
    return Count(
        sum(of for _currency, of, _excess in found),
        {currency: excess for currency, _of, excess in found if excess},
    )


def _values(workspace: int, days: Days, now: datetime) -> dict[str, Any]:
    return {"workspace": workspace, "first": days.first, "last": days.last, "settled": now - GRACE}
