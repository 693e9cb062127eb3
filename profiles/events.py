"""Events as stored: append a batch, find them again. Not here: whose they are (identity), what they count."""

from typing import Any

import msgspec

from cdp.kernel.db import Connection, copy
from cdp.kernel.event import Clean, Owners

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


def _line(workspace: int, clean: Clean, sighting: int | None) -> tuple[object, ...]:
    marks = "{" + ",".join(clean.marks) + "}"
    data = ENCODER.encode(payload(clean)).decode()
    return (
        workspace,
        clean.id,
        clean.occurred_at,
        clean.received_at,
        clean.channel,
        clean.connector,
        sighting,
        clean.type,
        clean.name,
        clean.touchpoint,
        clean.message_id,
        clean.request,
        clean.position,
        marks,
        data,
    )


def append(db: Connection, workspace: int, fresh: list[Clean], owners: Owners) -> None:
    """COPY a batch's events. Their ids are new: `seen` has said so in this transaction."""
    sighting = owners.sighting
    copy(db, TABLE, COLUMNS, (_line(workspace, clean, sighting.get(clean.id)) for clean in fresh))
