"""Events as stored: append a batch, find them again. Not here: whose they are (identity), what they count."""

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
    parts = {
        "properties": clean.properties,
        "traits": clean.traits,
        "context": clean.context,
        "beside": clean.beside,
    }
    return {name: part for name, part in parts.items() if part}


def _line(workspace: int, clean: Clean) -> str:
    """An event in COPY's text format, cell by cell as COLUMNS: every event goes through here, so nothing is general."""
    sighting = "\\N" if clean.sighting is None else clean.sighting
    marks = "{" + ",".join(clean.marks) + "}" if clean.marks else "{}"
    data = ENCODER.encode(payload(clean)).decode()
    if "\\" in data:  # JSON has no bare tab or line end, COPY takes a backslash for its own
        data = data.replace("\\", "\\\\")
    return (
        f"{workspace}\t{digits(clean.id)}\t{instant(clean.occurred_at)}\t{instant(clean.received_at)}\t{clean.channel}\t"
        f"{clean.connector}\t{sighting}\t{clean.type}\t{escaped(clean.name)}\t{clean.touchpoint}\t"
        f"{escaped(clean.message_id)}\t{digits(clean.request)}\t{clean.position}\t{escaped(marks)}\t{data}\n"
    )


def append(db: Connection, workspace: int, fresh: list[Clean]) -> None:
    """COPY a batch's events. Their ids are new: `seen` has said so in this transaction."""
    copy_text(db, TABLE, COLUMNS, "".join([_line(workspace, clean) for clean in fresh]))
