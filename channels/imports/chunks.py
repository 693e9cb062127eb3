"""A file's rows -> pieces, each to be one request of the inbox. An order's lines that follow each other stay together.

Not here: reading the rows (formats.py), which of them are known already (known.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from channels.imports.formats import Raw
from channels.tables.chunk import Chunk, Fault, Group
from channels.tables.rows import KEYED, key

ROWS: Final = 1_000  # of a piece
CHARACTERS: Final = 1_000_000  # of a piece
MOST_ROWS: Final = 5_000  # of one order; more are no message that is taken
FILE_DIGITS: Final = 16  # of a file's hash, in the names of its rows


class Piece(NamedTuple):
    """Rows of a file that follow each other. `first` and `last`: whether the file begins and ends with them."""

    rows: list[Raw]
    keys: list[str]  # the order of each; "" where rows are not gathered
    first: bool
    last: bool


def pieces(rows: Iterable[Raw], table: str, fields: Sequence[str], begin: bool) -> Iterator[Piece]:
    """The rows in pieces. `begin`: the first of them is the file's."""
    place = fields.index("order_id") if table in KEYED and "order_id" in fields else -1
    held: list[Raw] = []
    keys: list[str] = []
    size = 0
    for row in rows:
        order = key(row.cells[place]) if place >= 0 and not row.fault else ""
        full = len(held) >= ROWS or size >= CHARACTERS
        if full and not (order and order == keys[-1] and _bounded(keys)):
            yield Piece(held, keys, begin, False)
            held, keys, size, begin = [], [], 0, False
        held.append(row)
        keys.append(order)
        size += len("".join(row.cells))
    if held:
        yield Piece(held, keys, begin, True)


def _bounded(keys: Sequence[str]) -> bool:
    """Whether the last order is still of a size that can be one."""
    return len(keys) < MOST_ROWS or keys[-MOST_ROWS] != keys[-1]


def plain(piece: Piece, table: str, file: str, columns: list[str], fields: list[str]) -> Chunk:
    """A piece whose rows are each a message."""
    faults = [Fault(place, *row.fault) for place, row in enumerate(piece.rows) if row.fault]
    return Chunk(
        rows=table,
        file=file[:FILE_DIGITS],
        columns=columns,
        fields=fields,
        cells=[row.cells for row in piece.rows],
        numbers=[row.number for row in piece.rows],
        faults=faults,
    )


class Gathered(NamedTuple):
    """A message's rows: a number is EARLIER where an earlier file had the row."""

    id: str
    rows: list[Raw]


def gathered(
    groups: Sequence[Gathered], table: str, file: str, columns: list[str], fields: list[str]
) -> Chunk:
    """Rows of which several may be one message."""
    rows = [row for group in groups for row in group.rows]
    found = plain(Piece(rows, [], False, False), table, file, columns, fields)
    found.groups = [Group(len(group.rows), group.id) for group in groups]
    return found
