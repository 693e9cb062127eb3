"""A mirror in memory for tests of questions: the tables of metrics/mirror/tables.py, filled by hand."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb

from metrics.mirror.reading import Rows
from metrics.mirror.tables import TABLES, VIEWS


class InMemory:
    """A Mirror whose rows a test puts in, as dictionaries; what a row leaves out is null."""

    def __init__(self) -> None:
        self.db = duckdb.connect()
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
        found: datetime | None = self.db.execute("select max(occurred_at) from touches").fetchall()[0][0]
        return found and found.replace(tzinfo=UTC)

    def rows(self, sql: str, **values: Any) -> Rows:
        """Asked in place."""
        return self.db.execute(sql, values).fetchall()
