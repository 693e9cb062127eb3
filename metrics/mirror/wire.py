"""What goes between who asks the mirror and the process that reads it: pickles, each behind its length."""

import pickle
import struct
from typing import Any, BinaryIO, Final, NamedTuple

LENGTH: Final = struct.Struct(">I")
SPILL: Final = "spill"  # folder of what does not fit into the reading process's memory


class Question(NamedTuple):
    """What is asked. `state` names the files' state, `tables` how each table is read."""

    id: int
    state: str
    tables: dict[str, str]
    sql: str
    values: dict[str, Any]


class Cancel(NamedTuple):
    """Nobody waits for the answer any more."""

    id: int


class Answer(NamedTuple):
    """Rows, or what went wrong."""

    id: int
    rows: list[tuple[Any, ...]]
    error: str = ""


def send(out: BinaryIO, message: object) -> None:
    """Writes a message."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    out.write(LENGTH.pack(len(body)) + body)
    out.flush()


def receive(source: BinaryIO) -> Any:
    """The next message; None at the end."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = source.read(length)
    return pickle.loads(body) if len(body) == length else None  # noqa: S301 (our own parent's or child's)
