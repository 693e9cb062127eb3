"""Payout records: lines of platforms' bills, what is paid out for an order. Not here: orders they pay (payouts.py)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection
from kernel.event import Record
from metrics.facts.base import WorkspaceSettings, short
from metrics.facts.records import STAMP, channel, currency, settle, stamp
from metrics.facts.tables import Table

NOTHING = Decimal(0)


class Payout(NamedTuple):
    """A line of a bill. `ref`: its own `id`; an order has one line without. Below 0: what is taken back."""

    channel_id: int
    order_id: str
    ref: str
    at: datetime
    day: date
    amount: Decimal
    currency: str
    fees: Decimal | None
    id: UUID
    received_at: datetime
    request: UUID
    position: int


PAYOUTS = Table(
    "metrics_payout",
    Payout,
    ("channel_id", "order_id", "ref"),
    {
        "channel_id": "int",
        "order_id": "text",
        "ref": "text",
        "at": "timestamptz",
        "day": "date",
        "amount": "numeric",
        "currency": "text",
        "fees": "numeric",
        **STAMP,
    },
)


def apply(db: Connection, settings: WorkspaceSettings, records: Iterable[Record]) -> None:
    """Writes the batch's payout records."""
    settle(db, settings, PAYOUTS, [_row(record, settings) for record in records if record.type == "payout"])


def _row(record: Record, settings: WorkspaceSettings) -> Payout:
    fees = record.fields.get("fees")
    return Payout(
        channel_id=channel(record),
        order_id=record.fields["order_id"],
        ref=short(record.fields.get("id") or ""),
        at=record.at,
        day=settings.day(record.at),
        amount=record.fields["amount"],
        currency=currency(record, settings),
        fees=None if fees is None else sum((fee.amount for fee in fees), NOTHING),
        **stamp(record),
    )
