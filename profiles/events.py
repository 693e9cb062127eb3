"""Events as stored: append a batch, find them again. Not here: whose they are (identity), what they count."""

from typing import Any, NamedTuple

import msgspec

from kernel.db import Connection, copy_text, escaped, instant
from kernel.event import Clean
from profiles import surroundings

TABLE = "profiles_event"
COLUMNS = (
    "workspace_id",
    "id",
    "occurred_at",
    "received_at",
    "channel_id",
    "connector_id",
    "sighting_id",
    "surrounding_id",
    "page_id",
    "type",
    "name",
    "touchpoint",
    "message_id",
    "marks",
    "data",
)
NOBODY = "\\N"  # COPY's null
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
    """An event in COPY's text format, but for its sighting and surroundings, which stand before `rest`."""

    before: str
    rest: str
    shared: bytes
    page: bytes


def lines(db: Connection, workspace: int, fresh: list[Clean]) -> list[Line]:
    """Events cell by cell as COLUMNS, before it is known whose they are: every event goes through here, so nothing is
    general."""
    parted = surroundings.settled(db, workspace, fresh)
    payloads = ENCODER.encode_lines(map(payload, fresh, parted.own)).decode()
    if "\\" in payloads:  # JSON has no bare tab or line end, COPY takes a backslash for its own
        payloads = payloads.replace("\\", "\\\\")
    request, received = None, ""
    found = []
    for clean, shared, page, data in zip(
        fresh, parted.shared, parted.pages, payloads.split("\n"), strict=False
    ):  # a line end after the last one
        if clean.request is not request:
            request, received = clean.request, instant(clean.received_at)
        marks = escaped(",".join(clean.marks)) if clean.marks else ""
        found.append(
            Line(
                f"{workspace}\t{clean.id.int:032x}\t{instant(clean.occurred_at)}\t{received}\t{clean.channel}\t"
                f"{clean.connector}\t",
                f"\t{clean.type}\t{escaped(clean.name)}\t{clean.touchpoint}\t{escaped(clean.message_id)}\t{marks}\t"
                f"{data}\n",
                shared,
                page,
            )
        )
    return found


def append(db: Connection, workspace: int, fresh: list[Clean], written: list[Line]) -> None:
    """COPY a batch's events. Their ids are new: `seen` has said so in this transaction."""
    ids = surroundings.ids(db, workspace, [value for line in written for value in (line.shared, line.page)])
    text = [
        f"{line.before}{NOBODY if clean.sighting is None else clean.sighting}\t{ids[line.shared]}\t{ids[line.page]}"
        f"{line.rest}"
        for clean, line in zip(fresh, written, strict=True)
    ]
    copy_text(db, TABLE, COLUMNS, "".join(text))
