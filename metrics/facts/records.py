"""What all records have in common: a key, and of two with one key the later received wins. Not here: any one type."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from kernel.db import Connection
from kernel.event import Record
from metrics.facts.base import WORKSPACE, WorkspaceSettings
from metrics.facts.tables import Key, Row, Table, load, write

STAMP = {"id": "uuid", "received_at": "timestamptz", "request": "uuid", "position": "int"}


class Settled(NamedTuple):
    """Records as they were and as they are, by key, of the keys that came."""

    before: dict[Key, Any]
    after: dict[Key, Any]

    def changed(self) -> list[tuple[Any | None, Any]]:
        """Pairs before, after that differ."""
        return [(self.before.get(key), row) for key, row in self.after.items() if self.before.get(key) != row]


def settle(db: Connection, settings: WorkspaceSettings, table: Table, rows: Iterable[Row]) -> Settled:
    """Writes records, each over what was received before it. The records lock is held (locks.py)."""
    came: dict[Key, Row] = {}
    for row in rows:
        key = table.key(row)
        if key not in came or _received(row) > _received(came[key]):
            came[key] = row
    if not came:
        return Settled({}, {})
    before = load(db, settings.workspace, table, table.keys, list(came))
    after = {
        k: row if k not in before or _received(row) > _received(before[k]) else before[k]
        for k, row in came.items()
    }
    write(db, settings.workspace, table, before, after)
    return Settled(before, after)


def stamp(record: Record) -> dict[str, Any]:
    """Which record it is and when it was received: the last columns of every record's row."""
    return {name: getattr(record, name) for name in STAMP}


def channel(record: Record) -> int:
    """Its channel; 0 for what holds for the workspace."""
    return record.channel or WORKSPACE


def currency(record: Record, settings: WorkspaceSettings) -> str:
    """What its amounts are in."""
    said: str | None = record.fields.get("currency")
    return said or settings.currency_of(channel(record))


def day_of(value: Any) -> date:
    """A date of a record, however it was cleaned."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _received(row: Row) -> tuple[Any, ...]:
    return row.received_at, row.request, row.position
