"""Statements by name out of the `.sql` file beside a module, arrays and COPY. The only place that opens a cursor."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from cdp.kernel.errors import Trouble

BLOCK = re.compile(r"^-- ([a-z_]+)\n((?:-- .+\n)+)", re.MULTILINE)


class Connection(Protocol):
    """What the pipeline needs of a connection: Django's own, or a bare psycopg2 one."""

    def cursor(self) -> Any:
        """A cursor to use in a `with`."""


class Statements(Mapping[str, str]):
    """`sql = Statements(__file__)`, then `sql["known_identifiers"]`."""

    def __init__(self, module: str) -> None:
        path = Path(module).with_suffix(".sql")
        parts = BLOCK.split(path.read_text(encoding="utf-8"))
        if parts[0].strip():
            raise Trouble(
                f"{path.name} begins without a name: write '-- name', then a line saying what it yields."
            )
        self._text = dict(zip(parts[1::3], parts[3::3], strict=True))

    def __getitem__(self, name: str) -> str:
        return self._text[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._text)

    def __len__(self) -> int:
        return len(self._text)


def rows(db: Connection, statement: str, **values: object) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with db.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def run(db: Connection, statement: str, **values: object) -> int:
    """Run a statement that yields nothing; how many rows it touched."""
    with db.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _item(value: object) -> str:
    """One element of an array literal."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date):  # datetimes too
        return '"' + value.isoformat() + '"'
    return str(value)


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal, to be cast: `%(keys)s::uuid[]`. Far cheaper than ARRAY[...] of constants."""
    return "{" + ",".join([_item(value) for value in values]) + "}"


def _cell(value: object) -> str:
    """One cell of COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
            return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def copy(db: Connection, table: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """COPY rows into a table. The names come from our code, never from outside."""
    text = "".join(["\t".join([_cell(value) for value in line]) + "\n" for line in lines])
    if not text:
        return
    with db.cursor() as cursor:
        cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", io.StringIO(text))
