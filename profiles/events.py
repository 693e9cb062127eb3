"""Events as stored: append a batch, find them again. Not here: whose they are (identity), what they count."""

from itertools import repeat
from typing import Any, NamedTuple

import msgspec

from kernel import binary
from kernel.binary import Shape, micros, raw
from kernel.caches import remembered
from kernel.db import Connection
from kernel.event import Clean
from profiles import surroundings

SHAPE = Shape(
    "profiles_event",
    "workspace_id int, id uuid, occurred_at timestamptz, received_at timestamptz, channel_id int, "
    "connector_id int",
    ("sighting_id", "surrounding_id", "page_id", "type", "name", "touchpoint", "marks", "message_id", "data"),
)
REMEMBERED = 5_000  # names of events with what goes with them
ENCODER = msgspec.json.Encoder(decimal_format="number")


def payload(clean: Clean, context: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a message, beside its columns: absent parts are left out. `context`: what is its own of it."""
    parts: dict[str, Any] = {}
    if clean.properties:
        parts["properties"] = clean.properties
    if clean.traits:
        parts["traits"] = clean.traits
    if context:
        parts["context"] = context
    if clean.beside:
        parts["beside"] = clean.beside
    return parts


class Line(NamedTuple):
    """An event's row, but for its sighting and surroundings, which stand between `head` and `rest`."""

    head: bytes
    rest: bytes
    shared: bytes
    page: bytes


def lines(db: Connection, workspace: int, fresh: list[Clean]) -> list[Line]:
    """Events before it is known whose they are: every event goes through here, so nothing is general."""
    parted = surroundings.settled(db, workspace, fresh)
    heads = SHAPE.heads(
        (
            repeat(workspace),
            [raw(clean.id) for clean in fresh],
            [micros(clean.occurred_at) for clean in fresh],
            [micros(clean.received_at) for clean in fresh],
            [clean.channel for clean in fresh],
            [clean.connector for clean in fresh],
        )
    )
    payloads = ENCODER.encode_lines(map(payload, fresh, parted.own)).split(b"\n")  # JSON has no bare line end
    rests = [
        _names(clean.type, clean.name, clean.touchpoint, clean.marks)
        + binary.text(clean.message_id)
        + binary.sized(data)
        for clean, data in zip(fresh, payloads, strict=False)
    ]  # a line end after the last one
    return list(map(Line, heads, rests, parted.shared, parted.pages))


@remembered(REMEMBERED)
def _names(kind: str, name: str, touchpoint: str, marks: tuple[str, ...]) -> bytes:
    return b"".join(map(binary.text, (kind, name, touchpoint, ",".join(marks))))


def append(db: Connection, workspace: int, fresh: list[Clean], written: list[Line]) -> None:
    """COPY a batch's events. Their ids are new: `seen` has said so in this transaction."""
    ids = surroundings.ids(db, workspace, [value for line in written for value in (line.shared, line.page)])
    cells = {value: binary.number(id_) for value, id_ in ids.items()}
    parts: list[bytes] = []
    for clean, line in zip(fresh, written, strict=True):
        parts += (line.head, binary.optional(clean.sighting), cells[line.shared], cells[line.page], line.rest)
    SHAPE.copy(db, b"".join(parts))
