"""Targets: what a metric should come to from a day on, said by a record or set by a person on a page.

A person's are kept apart as well, because no inbox has them: after a rebuild they are put in again. Of two with one key
the later holds, whoever said it. Not here: the metrics (catalogue/), who may set one (console/metric/targets.py).
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection
from kernel.event import Record
from metrics.catalogue import METRICS
from metrics.facts import orders
from metrics.facts.base import WorkspaceSettings
from metrics.facts.records import STAMP, channel, day_of, settle, stamp
from metrics.facts.tables import Table, load


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


KEYS = ("metric", "channel_id", "first")
TYPES = {
    "metric": "text",
    "channel_id": "int",
    "first": "date",
    "last": "date",
    "value": "numeric",
    "at": "timestamptz",
    **STAMP,
}
TARGETS = Table("metrics_target", Target, KEYS, TYPES)
KEPT = Table("metrics_kept_target", Target, KEYS, TYPES)  # what people set


def apply(db: Connection, settings: WorkspaceSettings, records: Iterable[Record]) -> None:
    """Writes the batch's target records."""
    settle(db, settings, TARGETS, [_row(record) for record in records if record.type == "target"])


def keep(db: Connection, settings: WorkspaceSettings, target: Target) -> None:
    """Keeps what a person set, inside the caller's transaction."""
    orders.hold_records(db, settings.workspace)
    settle(db, settings, KEPT, [target])
    settle(db, settings, TARGETS, [target])


def again(db: Connection, settings: WorkspaceSettings) -> None:
    """After everything was made anew: what people set, over what records said before it."""
    kept = load(db, settings.workspace, KEPT, ("metric",), {(metric.name,) for metric in METRICS})
    settle(db, settings, TARGETS, kept.values())


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
