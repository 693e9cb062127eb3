"""Price records: what an SKU costs the customer on a channel from a moment on. Not here: parity (catalogue/)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection
from kernel.event import Record
from metrics.facts.base import WorkspaceSettings
from metrics.facts.records import STAMP, Settled, channel, currency, settle, stamp
from metrics.facts.tables import Table


class Price(NamedTuple):
    """A price record."""

    channel_id: int
    sku: str
    at: datetime
    day: date
    price: Decimal
    currency: str
    list_price: Decimal | None
    promotion: str | None
    id: UUID
    received_at: datetime
    request: UUID
    position: int


PRICES = Table(
    "metrics_price",
    Price,
    ("channel_id", "sku", "at"),
    {
        "channel_id": "int",
        "sku": "text",
        "at": "timestamptz",
        "day": "date",
        "price": "numeric",
        "currency": "text",
        "list_price": "numeric",
        "promotion": "text",
        **STAMP,
    },
)


def apply(db: Connection, settings: WorkspaceSettings, records: Iterable[Record]) -> Settled:
    """Writes the batch's price records."""
    return settle(
        db, settings, PRICES, [_row(record, settings) for record in records if record.type == "price"]
    )


def _row(record: Record, settings: WorkspaceSettings) -> Price:
    return Price(
        channel_id=channel(record),
        sku=record.fields["sku"],
        at=record.at,
        day=settings.day(record.at),
        price=record.fields["price"],
        currency=currency(record, settings),
        list_price=record.fields.get("list_price"),
        promotion=record.fields.get("promotion"),
        **stamp(record),
    )
