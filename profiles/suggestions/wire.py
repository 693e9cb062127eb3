"""What goes between who reads customers and the process that compares them: msgpack, each message behind its length.

Not here: what is done with it (linking.py, in the process; cdp/pipeline/suggesting.py, which starts it).
"""

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import msgspec

LENGTH: Final = struct.Struct(">I")
END: Final = LENGTH.pack(0)


class Customer(msgspec.Struct, array_like=True):
    """A customer as the process gets it: the traits that survived, by name."""

    id: int
    traits: dict[str, Any]


class Pair(msgspec.Struct, array_like=True):
    """Two customers that may be one. `levels`, `weights`: of each of `model.COMPARISONS`; weights in bits."""

    a: int
    b: int
    score: float  # probability
    weight: float
    levels: list[int]  # which degree, 0 the most alike; -1: nothing to compare
    weights: list[float]


class CutShort(Exception):
    """The other side ended before it said that it had."""


def send(out: BinaryIO, message: object) -> None:
    """Writes a message."""
    body = msgspec.msgpack.encode(message)
    out.write(LENGTH.pack(len(body)) + body)
    out.flush()


def end(out: BinaryIO) -> None:
    """Says that no message follows."""
    out.write(END)
    out.flush()


def pages(source: BinaryIO, kind: Any) -> Iterator[Any]:
    """The messages, of a type, until their end; CutShort where it does not come."""
    while True:
        head = source.read(LENGTH.size)
        if head == END:
            return
        body = source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
        if not body:
            raise CutShort("what was sent has no end")
        yield msgspec.msgpack.decode(body, type=kind)
