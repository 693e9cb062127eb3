"""Some rows of a file as one request of the inbox holds them: with their header, so that they can be read again.

Not here: how rows become chunks (imports/), what a row means (rows.py).
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

EARLIER = 0  # the number of a row that an earlier file had: it is here because it belongs to the same order


class Group(NamedTuple):
    """Rows that make one message, and its messageId."""

    rows: int
    id: str


class Fault(NamedTuple):
    """A row that cannot be taken as it stands: its place in the chunk, the code of the reason, its parameters."""

    place: int
    code: str
    params: dict[str, Any]


class Chunk(msgspec.Struct, omit_defaults=True):
    """Rows as they stood in a file. `numbers`: theirs in it; `groups`: one for each message, where rows make one."""

    rows: str  # what they are: a table of fields.py
    file: str  # SHA-256 of the file, its beginning
    columns: list[str]
    fields: list[str]  # of the columns, as they were matched when the file came
    cells: list[list[str]]
    numbers: list[int]
    groups: list[Group] | None = None
    faults: list[Fault] = []

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where each message's rows lie: first, and the one after the last."""
        if self.groups is None:
            for place in range(len(self.cells)):
                yield place, place + 1
            return
        first = 0
        for group in self.groups:
            yield first, first + group.rows
            first += group.rows

    @property
    def messages(self) -> int:
        """How many messages it holds, but for what one row says twice."""
        return len(self.cells if self.groups is None else self.groups)


_READ = msgspec.json.Decoder(Chunk)
_WRITE = msgspec.json.Encoder()


def read(body: bytes | str) -> Chunk:
    """A chunk out of a request's body; raises msgspec.MsgspecError for what is none."""
    return _READ.decode(body)


def written(chunk: Chunk) -> str:
    """The other way round."""
    return _WRITE.encode(chunk).decode()


def digest(columns: Sequence[str], cells: Sequence[str]) -> str:
    """What a row says, whatever the order of its columns: the same for the same row of another file."""
    width = len(cells)
    said = [
        f"{name}{cells[place]}" for name, place in _by_name(tuple(columns)) if place < width and cells[place]
    ]
    return hashlib.blake2b("\x1f".join(said).encode("utf-8", "replace"), digest_size=10).hexdigest()


@lru_cache(maxsize=64)
def _by_name(columns: tuple[str, ...]) -> list[tuple[str, int]]:
    """Columns in the order of their names, each with its place."""
    return sorted((f"{column}\x1e", place) for place, column in enumerate(columns))
