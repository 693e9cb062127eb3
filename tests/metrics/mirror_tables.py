"""A mirror in memory for tests of questions: the tables of metrics/mirror/tables.py, filled by hand."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import duckdb
import pytest

from metrics.mirror import reading
from metrics.mirror.reading import Rows
from metrics.mirror.tables import TABLES, VIEWS


class InMemory:
    """A Mirror whose rows a test puts in, as dictionaries; what a row leaves out is null."""

    def __init__(self) -> None:
        self.db, self._one = duckdb.connect(), Lock()
        for table in TABLES.values():
            columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
            self.db.execute(f"create table {table.name} ({columns})")
        for name, text in VIEWS.items():
            self.db.execute(f"create view {name} as {text}")

    def put(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Adds rows."""
        names = TABLES[table].names
        given = list(rows)
        assert all(set(row) <= set(names) for row in given), table
        if given:  # column by column: row by row is a hundred times slower
            columns = ", ".join(f"unnest(?::{column.type}[])" for column in TABLES[table].columns)
            lists = [[row.get(name) for row in given] for name in names]
            self.db.execute(f"insert into {table} select {columns}", lists)

    def clear(self) -> None:
        """Takes all rows out: quicker than a new one."""
        for name in TABLES:
            self.db.execute(f"delete from {name}")

    @property
    def as_of(self) -> datetime | None:
        """The newest touch."""
        found: datetime | None = self.rows("select max(occurred_at) from touches")[0][0]
        return found and found.replace(tzinfo=UTC)

    def rows(self, sql: str, **values: Any) -> Rows:
        """Asked in place, one after the other: the parts of a page may ask at once."""
        with self._one:
            return self.db.execute(sql, values).fetchall()


def serve(patch: pytest.MonkeyPatch, mirror: InMemory) -> None:
    """Every view of this test reads this mirror, whatever the workspace."""

    @contextmanager
    def opened(_workspace: int) -> Iterator[InMemory]:
        yield mirror

    patch.setattr(reading, "open_mirror", opened)
