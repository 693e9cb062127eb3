"""Statements by name out of the `.sql` file beside a module, arrays and COPY. The only place that opens a cursor."""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from kernel.caches import remembered
from kernel.errors import Trouble

LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})  # hosts that are this machine
COPY_BYTES = 1 << 20  # handed over at a time
REMEMBERED_TIMES = 1 << 15  # a batch's, and more
BLOCK = re.compile(r"^-- ([a-z_]+)( \+)?\n((?:-- .+\n)+)", re.MULTILINE)
PLACE = re.compile(r"%\((\w+)\)s")
ROOT = Path(__file__).resolve().parents[1]


class Connection(Protocol):
    """What the pipeline needs of a connection: Django's own, or a bare psycopg2 one."""

    def cursor(self) -> Any:
        """A cursor to use in a `with`."""


class PreparedStatement(str):
    """A statement whose plan a session keeps (PREPARE): for what is asked in every batch, however small.

    Its text, as if it were any other; `rows` and `run` do the rest. Its plan knows no sizes, so it must be the same for
    one row and for thousands: look-ups by key, and no join of two lists that are given. Every place needs a cast.
    """

    __slots__ = ("call", "make")

    def __new__(cls, name: str, text: str, word: str = "") -> "PreparedStatement":
        """`name` is the session's, so unique; `word` stands before each call."""
        kept = super().__new__(cls, text)
        names = list(dict.fromkeys(PLACE.findall(text)))
        numbered = PLACE.sub(lambda place: f"${names.index(place[1]) + 1}", text).replace("%%", "%")
        kept.make = f"prepare {name} as {numbered}"
        given = f" ({', '.join(f'%({place})s' for place in names)})" if names else ""
        kept.call = f"{word}execute {name}{given}"
        return kept

    make: str
    call: str


class Statements(Mapping[str, str]):
    """`sql = Statements(__file__)`, then `sql["known_identifiers"]`. A `+` after the name: its plan is kept.

    Each begins with its name as a comment: who looks at the server's sessions sees which one runs, and nobody's data.
    """

    def __init__(self, module: str) -> None:
        path = Path(module).with_suffix(".sql")
        parts = BLOCK.split(path.read_text(encoding="utf-8"))
        if parts[0].strip():
            raise Trouble(
                f"{path.name} begins without a name: write '-- name', then a line saying what it yields."
            )
        self._text: dict[str, str] = {}
        for name, plus, text in zip(parts[1::4], parts[2::4], parts[4::4], strict=True):
            word = f"/* {_told(path)} {name} */ "
            kept = f"{path.parent.name}_{path.stem}_{name}"
            self._text[name] = PreparedStatement(kept, word + text, word) if plus else word + text

    def __getitem__(self, name: str) -> str:
        return self._text[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._text)

    def __len__(self) -> int:
        return len(self._text)


def _told(path: Path) -> str:
    """A file as it is called in the repository."""
    whole = path.resolve()
    return str(whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else whole.name)


# What each session has made ready.
_ready: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


def _execute(db: Connection, cursor: Any, statement: str, values: Mapping[str, object]) -> None:
    if type(statement) is not PreparedStatement:
        cursor.execute(statement, values)
        return
    session = getattr(db, "connection", None) or db  # Django's wrapper holds the session, and may change it
    ready = _ready.get(session)
    if ready is None:
        ready = _ready[session] = set()
    if statement.make not in ready:
        cursor.execute(statement.make)
        ready.add(statement.make)
    cursor.execute(statement.call, values)


def rows(db: Connection, statement: str, **values: object) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with db.cursor() as cursor:
        _execute(db, cursor, statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def streamed(db: Any, statement: str, size: int, **values: object) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a statement in lists of at most so many, by a cursor of the server's: Django's connection alone."""
    with db.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while found := cursor.fetchmany(size):
            yield found


def run(db: Connection, statement: str, **values: object) -> int:
    """Run a statement that yields nothing; how many rows it touched."""
    with db.cursor() as cursor:
        _execute(db, cursor, statement, values)
        return int(cursor.rowcount)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@remembered(REMEMBERED_TIMES)
def instant(value: date) -> str:
    """A day or a moment as both literals and COPY take it. A batch writes each of its times many times over."""
    return value.isoformat()


def digits(value: UUID) -> str:
    """An id as 32 digits, without dashes: three times as fast as str()."""
    return f"{value.int:032x}"


# How a value stands in an array literal, by its type: most columns are of one.
ITEMS: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    int: str,
    UUID: digits,
    Decimal: str,
    bool: lambda value: "t" if value else "f",
    datetime: instant,
    date: instant,
    type(None): lambda _value: "NULL",
}


def _item(value: object) -> str:
    """One element of an array literal; a subclass stands as what it is one of."""
    form = ITEMS.get(type(value))
    return form(value) if form else _of_base(value, ITEMS)


def _of_base(value: object, forms: dict[type, Callable[[Any], str]]) -> str:
    base = next((kind for kind in forms if isinstance(value, kind)), None)
    return forms[base](value) if base else str(value)


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal, to be cast: `%(keys)s::uuid[]`. Far cheaper than ARRAY[...] of constants."""
    found: list[Any] = values if isinstance(values, list) else list(values)
    kinds = set(map(type, found))
    if len(kinds) != 1:
        return "{" + ",".join(map(_item, found)) + "}"
    kind = kinds.pop()
    if kind is int:
        return "{" + str(found)[1:-1] + "}"  # one call for all: half of the elements are numbers
    if kind is UUID:
        return "{" + ",".join([f"{one.int:032x}" for one in found]) + "}"
    return "{" + ",".join(map(ITEMS.get(kind, _item), found)) + "}"


def escaped(value: str) -> str:
    """A text as COPY takes it."""
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value


# How a value stands in COPY's text format.
CELLS: dict[type, Callable[[Any], str]] = ITEMS | {
    str: escaped,
    type(None): lambda _value: "\\N",
}


def _cell(value: object) -> str:
    """One cell of COPY's text format."""
    form = CELLS.get(type(value))
    return form(value) if form else _of_base(value, CELLS)


def copy(db: Connection, table: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """COPY rows into a table. The names come from our code, never from outside."""
    copy_text(db, table, columns, "".join(["\t".join(map(_cell, line)) + "\n" for line in lines]))


def copy_text(db: Connection, table: str, columns: Sequence[str], text: str) -> None:
    """The same of rows that stand in COPY's text format already."""
    if not text:
        return
    # Django translates what a statement raises, and knows nothing of COPY.
    with getattr(db, "wrap_database_errors", nullcontext()), db.cursor() as cursor:
        whole = io.BytesIO(text.encode("utf-8", "replace"))
        cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", whole, COPY_BYTES)


class Sink(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> Any:
        """One row of them."""


def export(db: Connection, statement: str, out: Sink, **values: object) -> None:
    """Writes the rows of a statement as CSV: null is nothing, an empty text is quoted."""
    with getattr(db, "wrap_database_errors", nullcontext()), db.cursor() as cursor:
        whole = cursor.mogrify(statement, values).decode()
        cursor.copy_expert(f"copy ({whole}) to stdout with (format csv)", out, COPY_BYTES)
