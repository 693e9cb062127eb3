"""Rows as COPY's binary format has them: nothing is spelled out, quoted, parsed and checked on its way into a table.

For the tables that every batch fills. A `Shape` names the table's columns, those of one width first; values come column
by column, those of any width as one piece a row behind them. Not here: COPY of text, statements (db.py).
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import nullcontext
from datetime import UTC, date, datetime
from itertools import chain, repeat, starmap
from struct import Struct
from typing import Any, Final
from uuid import UUID

from kernel.caches import remembered
from kernel.db import COPY_BYTES, REMEMBERED_TIMES, Connection
from kernel.errors import Trouble

BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END: Final = b"\xff\xff"
NULL: Final = b"\xff\xff\xff\xff"  # a length of -1
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
FIRST_DAY: Final = EPOCH.toordinal()
# A type of one width: how `struct` writes it, and how long it is.
WIDTHS: Final[Mapping[str, tuple[str, int]]] = {
    "bool": ("?", 1),
    "int": ("i", 4),
    "bigint": ("q", 8),
    "date": ("i", 4),
    "timestamptz": ("q", 8),
    "uuid": ("16s", 16),
}
ELEMENTS: Final = {"int": 23, "bigint": 20}  # PostgreSQL's numbers for types

_length: Callable[[int], bytes] = Struct(">i").pack
_number: Callable[[int, int], bytes] = Struct(">ii").pack
_id: Callable[[int, int], bytes] = Struct(">iq").pack


class Shape:
    """A table as it is filled: "name type, …" of the columns of one width, and the names of those that follow."""

    def __init__(self, table: str, fixed: str, more: tuple[str, ...] = ()) -> None:
        named = [tuple(column.split()) for column in fixed.split(", ")]
        self.columns = (*(name for name, _ in named), *more)
        self._into = f"copy {table} ({', '.join(self.columns)}) from stdin with (format binary)"
        widths = [WIDTHS[kind] for _, kind in named]
        self._pack = Struct(">h" + "".join(f"i{code}" for code, _ in widths)).pack
        self._widths = [width for _, width in widths]

    def heads(self, columns: Sequence[Iterable[Any]]) -> Iterator[bytes]:
        """Of each row the columns of one width: as many rows as the columns hold; `repeat` where all have the same."""
        if len({len(column) for column in columns if isinstance(column, Sized)}) > 1:
            raise Trouble(f"The columns of {self._into} are not equally long.")
        cells = chain.from_iterable(
            (repeat(width), column) for width, column in zip(self._widths, columns, strict=True)
        )
        return starmap(self._pack, zip(repeat(len(self.columns)), *cells, strict=False))

    def rows(self, columns: Sequence[Iterable[Any]], more: Iterable[bytes] | None = None) -> bytes:
        """Whole rows. `more`: the rest of each, out of the functions below."""
        heads = self.heads(columns)
        return b"".join(heads if more is None else chain.from_iterable(zip(heads, more, strict=True)))

    def copy(self, db: Connection, rows: bytes) -> None:
        """Puts rows into the table."""
        if not rows:
            return
        # Django translates what a statement raises, and knows nothing of COPY.
        with getattr(db, "wrap_database_errors", nullcontext()), db.cursor() as cursor:
            cursor.copy_expert(self._into, io.BytesIO(b"".join((BEGIN, rows, END))), COPY_BYTES)


@remembered(REMEMBERED_TIMES)
def micros(value: datetime) -> int:
    """A timestamptz: microseconds since 2000."""
    since = value - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def day_number(value: date) -> int:
    """A date: days since 2000."""
    return value.toordinal() - FIRST_DAY


def raw(value: UUID) -> bytes:
    """A uuid."""
    return value.int.to_bytes(16, "big")


def text(value: str) -> bytes:
    """A text, or JSON as text."""
    return sized(value.encode("utf-8", "replace"))


def sized(value: bytes) -> bytes:
    """A text in UTF-8."""
    return _length(len(value)) + value


def number(value: int) -> bytes:
    """An int."""
    return _number(4, value)


def optional(value: int | None) -> bytes:
    """A bigint or null."""
    return NULL if value is None else _id(8, value)


def array(kind: str, values: list[int]) -> bytes:
    """An array of "int" or "bigint"."""
    return _arrays(kind, len(values))(values)


@remembered(1_000)
def _arrays(kind: str, count: int) -> Callable[[list[int]], bytes]:
    code, width = WIDTHS[kind]
    if not count:
        nothing = Struct(">iiiI").pack(12, 0, 0, ELEMENTS[kind])
        return lambda _values: nothing
    pack = Struct(">iiiIii" + f"i{code}" * count).pack
    head = (20 + count * (4 + width), 1, 0, ELEMENTS[kind], count, 1)
    return lambda values: pack(*head, *chain.from_iterable(zip(repeat(width), values, strict=False)))
