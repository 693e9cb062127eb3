"""One message as it was received, out of the request it came in. Not here: what became of it."""

from datetime import datetime
from uuid import UUID

from channels.mapping import decode
from kernel.db import Connection, Statements, rows

sql = Statements(__file__)


def item(db: Connection, workspace: int, received_at: datetime, request: UUID, position: int) -> str | None:
    """The message's own JSON text; None when its request is no longer there."""
    found = rows(db, sql["request"], workspace=workspace, received_at=received_at, request=request)
    if not found:
        return None
    door, body = found[0]
    opened = decode.opened(door, body)
    if not 0 <= position < len(opened.items):
        return None
    return opened.items[position].decode("utf-8", "replace")
