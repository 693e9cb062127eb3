"""The mirror made anew: every table out of PostgreSQL, as one moment has it. Not here: following changes (sync.py)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final
from uuid import uuid4

from kernel import contacts, periods, vocabulary
from kernel.db import Connection, Statements, array, export, rows
from metrics.mirror.files import DAY_ONE, File, Manifest
from metrics.mirror.selects import nothing, quoted
from metrics.mirror.tables import (
    CUSTOMERS,
    IDENTIFYING,
    ORDER_LINES,
    TABLES,
    TOUCHES,
    TRAITS_KEPT,
    Column,
    Table,
)
from metrics.mirror.writer import Writer

SQL = Statements(__file__)
TRACK: Final = "track"
DIGITS: Final = re.compile(r"\d+")
SHORT_LINE: Final = 1 << 18  # bytes; longer ones only where there are any
LINES: Final = 4  # of the longest, that a buffer holds: with fewer than two DuckDB cannot read on


def whole(db: Connection, workspace: int, writer: Writer, own: dict[str, str]) -> Manifest:
    """A first state. `db` is in a transaction that sees one moment; `own`: who makes the workspace's own events."""
    files: dict[str, list[File]] = {}
    with TemporaryDirectory(dir=writer.folder.path) as name:
        scratch = Scratch(db, workspace, writer, Path(name))
        files[TOUCHES.name] = _touches(scratch, own)
        files[CUSTOMERS.name] = _customers(scratch)
        for table in TABLES.values():
            if table.name not in files:
                with scratch.table(table.name, table.columns, names=array(TRAITS_KEPT)) as select:
                    files[table.name] = writer.put(table, select)
    newest, applied = rows(db, SQL["newest"], workspace=workspace)[0]
    return Manifest(uuid4().hex, 1, applied, micros(newest), files)


def lines_again(db: Connection, workspace: int, writer: Writer, folder: Path, orders: list[str]) -> str:
    """A select of the lines of orders as PostgreSQL has them now; it holds while the folder does."""
    path = folder / "again.csv"
    longest = _export(path, db, SQL["lines_again"], workspace=workspace, orders=array(orders))
    return _csv(path, ORDER_LINES.columns, longest)


def micros(moment: datetime | None) -> int | None:
    """Microseconds since 1970."""
    return None if moment is None else (moment.astimezone(UTC) - DAY_ONE) // datetime.resolution


class Scratch:
    """Rows on their way from PostgreSQL to DuckDB: a file of CSV at a time."""

    def __init__(self, db: Connection, workspace: int, writer: Writer, folder: Path) -> None:
        self.db, self.workspace, self.writer, self.folder = db, workspace, writer, folder

    @contextmanager
    def table(self, statement: str, columns: tuple[Column, ...], **values: Any) -> Iterator[str]:
        """A select of what a statement yields."""
        path = self.folder / f"{statement}.csv"
        longest = _export(path, self.db, SQL[statement], workspace=self.workspace, **values)
        yield _csv(path, columns, longest)
        path.unlink()


class _Rows:
    """A file that is told a row at a time, and which of them is the longest."""

    def __init__(self, out: BinaryIO) -> None:
        self._write, self.longest = out.write, 0

    def write(self, row: bytes) -> int:
        """As psycopg calls it: once a row."""
        if len(row) > self.longest:
            self.longest = len(row)
        return self._write(row)


def _export(path: Path, db: Connection, statement: str, **values: Any) -> int:
    """Writes the rows of a statement; bytes of the longest."""
    with path.open("wb") as out:
        rows_out = _Rows(out)
        export(db, statement, rows_out, **values)
    return rows_out.longest


def _csv(path: Path, columns: tuple[Column, ...], longest: int) -> str:
    """A buffer of DuckDB's holds 16 of the longest lines that may come, all its memory: it is told what comes."""
    if not longest:
        return nothing(columns)
    line = max(longest + 1, SHORT_LINE)
    named = ", ".join(f"'{column.name}': '{_read(column)}'" for column in columns)
    made = ", ".join(map(_taken, columns))
    return (
        f"select {made} from read_csv('{quoted(path)}', columns = {{{named}}}, auto_detect = false, header = false, "
        "delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
        f"max_line_size = {line}, buffer_size = {LINES * line})"
    )


def _taken(column: Column) -> str:
    """A column of the select. By its length, as DuckDB takes a plain cast into the reading, where it fails."""
    if not column.type.startswith("decimal"):
        return column.name
    digits, places = map(int, DIGITS.findall(column.type))
    whole = f"length(split_part(ltrim({column.name}, '-'), '.', 1))"
    return f"case when {whole} <= {digits - places} then {column.name}::{column.type} end as {column.name}"


def _read(column: Column) -> str:
    """The type a column is read as: an amount that is beyond what the mirror holds is not known there."""
    return "varchar" if column.type.startswith("decimal") else column.type


def _touches(scratch: Scratch, own: dict[str, str]) -> list[File]:
    """Month by month, so that no more than one is in hand."""
    columns = tuple(
        Column("type", "varchar") if column.name == "active" else column for column in TOUCHES.columns
    )
    files: list[File] = []
    for (month,) in sorted(rows(scratch.db, SQL["months"], workspace=scratch.workspace)):
        first = datetime.strptime(f"{month}-01", "%Y-%m-%d").replace(tzinfo=UTC)
        after = datetime.combine(periods.following(first.date(), "month"), first.timetz())
        values = {
            "types": array(contacts.CONTACTS),
            "bot": contacts.BOT,
            "first": first.isoformat(),
            "after": after.isoformat(),
        }
        with scratch.table("touches", columns, **values) as select:
            names = scratch.writer.rows(f"select distinct name from ({select}) where type = '{TRACK}'")
            others = [
                name for (name,) in names if not contacts.active(TRACK, vocabulary.event(name), (), own)
            ]
            scratch.writer.rows(
                "create or replace temp table passive as select unnest($names) as name", names=others
            )
            made = select_made(TOUCHES, f"type <> '{TRACK}' or name not in (select name from passive)")
            files += scratch.writer.put(TOUCHES, f"select {made} from ({select})")
    return files


def select_made(table: Table, active: str) -> str:
    """The table's columns, with who made a touch said by its type and name."""
    return ", ".join(f"{active} as active" if name == "active" else name for name in table.names)


def _customers(scratch: Scratch) -> list[File]:
    sighted = (Column("sighting", "bigint"), Column("profile", "bigint"), Column("members", "varchar"))
    named = (Column("identifier", "bigint"),)
    with (
        scratch.table("customers", sighted) as select,
        scratch.table("named", named, kinds=array(sorted(IDENTIFYING))) as known,
    ):
        identified = (
            "select distinct s.sighting "
            "from (select sighting, unnest(string_split(members, ','))::bigint as identifier "
            f"from ({select})) s join ({known}) n using (identifier)"
        )
        return scratch.writer.put(
            CUSTOMERS,
            "select s.sighting, s.profile, i.sighting is not null as identified "
            f"from ({select}) s left join ({identified}) i using (sighting)",
        )
