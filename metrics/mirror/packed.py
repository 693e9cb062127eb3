"""Touches on their way from a batch to the mirror: columns of fixed width, one after the other.

Most of what changes is touches, so they are neither spelled out nor parsed: a touch takes 28 bytes and its properties,
and what many have alike (channel, touchpoint, name, campaign) stands once. Not here: what a touch is (capture.py), all
other changes (JSON).
"""

import struct
from collections.abc import Sequence
from typing import Any, Final

import msgspec

LINE_END: Final = b"\n"  # between properties: JSON has none inside
ENCODE: Final = msgspec.msgpack.Encoder().encode
PROPERTIES: Final = msgspec.json.Encoder(decimal_format="number").encode_lines

Kind = tuple[int, str, str, bool, str | None, str | None]


class Packed(msgspec.Struct, array_like=True):
    """Some touches, as many as each column has. Numbers are little-endian."""

    moments: bytes  # int64: microseconds since 2000
    ties: bytes  # uint64: the first eight bytes of the event's id
    sightings: bytes  # int64
    kinds: bytes  # uint32: places in `alike`
    alike: list[Kind]  # channel, touchpoint, name, active, campaign, source
    properties: bytes  # a line of JSON each: an object, or null


DECODE: Final = msgspec.msgpack.Decoder(Packed).decode


def pack(
    moments: Sequence[int],
    ties: Sequence[int],
    sightings: Sequence[int],
    kinds: Sequence[Kind],
    properties: Sequence[Any],
) -> bytes:
    """Touches, column by column, each as long as the others."""
    places: dict[Kind, int] = {}
    codes = [places.setdefault(kind, len(places)) for kind in kinds]
    n = len(codes)
    return ENCODE(
        Packed(
            struct.pack(f"<{n}q", *moments),
            struct.pack(f"<{n}Q", *ties),
            struct.pack(f"<{n}q", *sightings),
            struct.pack(f"<{n}I", *codes),
            list(places),
            PROPERTIES(properties),
        )
    )
