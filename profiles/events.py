"""Events as stored: append a batch, find them again. Not here: whose they are (identity), what they count."""

from collections.abc import Iterator
from typing import Any

import msgspec

from cdp.kernel.db import Connection, copy_text, digits, escaped, instant
from cdp.kernel.event import Clean

TABLE = "profiles_event"
COLUMNS = (
    "workspace_id",
    "id",
    "occurred_at",
    "received_at",
    "channel_id",
    "connector_id",
    "sighting_id",
    "type",
    "name",
    "touchpoint",
    "message_id",
    "request",
    "position",
    "marks",
    "data",
)
ENCODER = msgspec.json.Encoder(decimal_format="number")


def payload(clean: Clean) -> dict[str, Any]:
    """What is kept of a message, beside its columns: absent parts are left out."""
    parts: dict[str, Any] = {}
    if clean.properties:
        parts["properties"] = clean.properties
    if clean.traits:
        parts["traits"] = clean.traits
    if clean.context:
        parts["context"] = clean.context
    if clean.beside:
        parts["beside"] = clean.beside
    return parts


def _lines(workspace: int, fresh: list[Clean]) -> Iterator[str]:
    """Events in COPY's text format, cell by cell as COLUMNS: every event goes through here, so nothing is general."""
    payloads = ENCODER.encode_lines(map(payload, fresh)).decode()
    if "\\" in payloads:  # JSON has no bare tab or line end, COPY takes a backslash for its own
        payloads = payloads.replace("\\", "\\\\")
    request, received = None, ""
    for clean, data in zip(fresh, payloads.split("\n"), strict=False):  # a line end after the last one
        if clean.request is not request:
            request, received = clean.request, instant(clean.received_at)
            number = digits(request)
        sighting = "\\N" if clean.sighting is None else clean.sighting
        marks = escaped("{" + ",".join(clean.marks) + "}") if clean.marks else "{}"
        yield (
            f"{workspace}\t{clean.id.int:032x}\t{instant(clean.occurred_at)}\t{received}\t{clean.channel}\t"
            f"{clean.connector}\t{sighting}\t{clean.type}\t{escaped(clean.name)}\t{clean.touchpoint}\t"
            f"{escaped(clean.message_id)}\t{number}\t{clean.position}\t{marks}\t{data}\n"
        )


def append(db: Connection, workspace: int, fresh: list[Clean]) -> None:
    """COPY a batch's events. Their ids are new: `seen` has said so in this transaction."""
    copy_text(db, TABLE, COLUMNS, "".join(_lines(workspace, fresh)))
