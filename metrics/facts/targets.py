"""Target records: what a metric should come to from a day on. Not here: the metrics (catalogue/)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from cdp.kernel.db import Connection
from cdp.kernel.event import Record
from metrics.facts.base import Place
from metrics.facts.records import STAMP, channel, day_of, settle, stamp
from metrics.facts.tables import Table


class Target(NamedTuple):
    """A target record. Channel 0: the workspace's."""

    metric: str
    channel_id: int
    first: date
    last: date | None
    value: Decimal
    at: datetime
    id: UUID
    received_at: datetime
    request: UUID
    position: int


TARGETS = Table(
    "metrics_target",
    Target,
    ("metric", "channel_id", "first"),
    {
        "metric": "text",
        "channel_id": "int",
        "first": "date",
        "last": "date",
        "value": "numeric",
        "at": "timestamptz",
        **STAMP,
    },
)


def book(db: Connection, place: Place, records: Iterable[Record]) -> None:
    """Writes the batch's target records."""
    settle(db, place, TARGETS, [_row(record) for record in records if record.type == "target"])


def _row(record: Record) -> Target:
    fields = record.fields
    return Target(
        metric=fields["metric"],
        channel_id=channel(record),
        first=day_of(fields["from"]),
        last=day_of(fields["to"]) if fields.get("to") else None,
        value=fields["value"],
        at=record.at,
        **stamp(record),
    )
