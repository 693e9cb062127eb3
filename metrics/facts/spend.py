"""Spend records: money for advertising, spread over its days. Not here: which customers it won (catalogue/)."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel import money
from kernel.db import Connection
from kernel.event import Record
from metrics.facts.base import WorkspaceSettings, short
from metrics.facts.records import STAMP, channel, currency, day_of, settle, stamp
from metrics.facts.tables import Table
from metrics.rollups import Amounts, Sum, difference
from metrics.rollups import amounts as no_amounts

KINDS = ("acquisition", "retention")
MEASURES = {kind: f"spend_{kind}" for kind in KINDS}


class Spend(NamedTuple):
    """A spend record. `rate_day`: the day of its own moment, whose rate converts it."""

    key: str
    channel_id: int
    at: datetime
    rate_day: date
    first: date
    last: date
    amount: Decimal
    currency: str
    campaign: str
    medium: str
    kind: str
    clicks: Decimal | None
    impressions: Decimal | None
    id: UUID
    received_at: datetime
    request: UUID
    position: int


SPEND = Table(
    "metrics_spend",
    Spend,
    ("key",),
    {
        "key": "text",
        "channel_id": "int",
        "at": "timestamptz",
        "rate_day": "date",
        "first": "date",
        "last": "date",
        "amount": "numeric",
        "currency": "text",
        "campaign": "text",
        "medium": "text",
        "kind": "text",
        "clicks": "numeric",
        "impressions": "numeric",
        **STAMP,
    },
)


def apply(db: Connection, settings: WorkspaceSettings, records: Iterable[Record]) -> Amounts:
    """Writes the batch's spend records; what they change in the roll-ups."""
    settled = settle(
        db, settings, SPEND, [_row(record, settings) for record in records if record.type == "spend"]
    )
    before, after = no_amounts(), no_amounts()
    for old, new in settled.changed():
        if old:
            _spread(before, old)
        _spread(after, new)
    return difference(before, after)


def _spread(sums: Amounts, spend: Spend) -> None:
    """Adds a record's amount day by day, in minor units, the remainder on the first ones."""
    parts = money.shares(spend.amount, (spend.last - spend.first).days + 1, spend.currency)
    for number, part in enumerate(parts):
        day = spend.first + timedelta(days=number)
        sums[Sum(MEASURES[spend.kind], spend.channel_id, day, spend.rate_day, spend.currency)] += part


def _row(record: Record, settings: WorkspaceSettings) -> Spend:
    fields = record.fields
    first = day_of(fields.get("from") or fields.get("date") or fields["to"])
    last = max(first, day_of(fields.get("to") or first))
    campaign, medium = fields.get("campaign") or "", fields.get("medium") or ""
    kind = fields.get("kind") or KINDS[0]
    name = (
        ["id", fields["id"]] if fields.get("id") else [channel(record), campaign, medium, kind, first, last]
    )
    return Spend(
        key=short(json.dumps(name, default=str, ensure_ascii=False)),
        channel_id=channel(record),
        at=record.at,
        rate_day=settings.day(record.at),
        first=first,
        last=last,
        amount=fields["amount"],
        currency=currency(record, settings),
        campaign=campaign,
        medium=medium,
        kind=kind,
        clicks=fields.get("clicks"),
        impressions=fields.get("impressions"),
        **stamp(record),
    )
