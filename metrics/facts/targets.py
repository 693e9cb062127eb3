"""Targets: what a metric should come to from a day on, said by a record or set by a person on a page.

A person's are kept apart as well, because no inbox has them: after a rebuild they are put in again. Of two with one key
the later holds, whoever said it; one that a person deleted stays as a row that says so, until somebody says it again.
Not here: what one asks of a period (metrics/targets.py), who may set one (console/metric/targets.py).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID, uuid4

from kernel.db import Connection
from kernel.event import Record
from metrics.catalogue import METRICS
from metrics.facts import orders
from metrics.facts.base import WorkspaceSettings
from metrics.facts.records import STAMP, channel, day_of, settle, stamp
from metrics.facts.tables import Key, Table, load


class Target(NamedTuple):
    """A target record. Channel 0: the workspace's."""

    metric: str
    channel_id: int
    first: date
    last: date | None
    value: Decimal
    period: str  # day week month quarter year whole, or so many days: 45d; empty: none was said
    author: str  # the person who set it; empty: a record did
    connector_id: int | None  # that sent the record
    removed: bool
    at: datetime
    id: UUID
    received_at: datetime
    request: UUID
    position: int


INSTANT = timedelta(microseconds=1)
KEYS = ("metric", "channel_id", "first")
TYPES = {
    "metric": "text",
    "channel_id": "int",
    "first": "date",
    "last": "date",
    "value": "numeric",
    "period": "text",
    "author": "text",
    "connector_id": "int",
    "removed": "bool",
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


def remove(
    db: Connection, settings: WorkspaceSettings, key: Key, author: str, now: datetime
) -> Target | None:
    """Takes a target away, inside the caller's transaction; as it was, or None where there is none."""
    orders.hold_records(db, settings.workspace)
    found: Target | None = load(db, settings.workspace, TARGETS, KEYS, [key]).get(key)
    if found is None or found.removed:
        return None
    request = uuid4()
    gone = found._replace(author=author, connector_id=None, removed=True, at=now, id=request)
    gone = gone._replace(received_at=max(now, found.received_at + INSTANT), request=request, position=0)
    settle(db, settings, KEPT, [gone])
    settle(db, settings, TARGETS, [gone])
    return found


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
        period=fields.get("period", ""),
        author="",
        connector_id=record.connector,
        removed=False,
        at=record.at,
        **stamp(record),
    )
