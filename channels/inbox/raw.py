"""One message as it was received, out of the request it came in. Not here: what became of it."""

from datetime import datetime
from uuid import UUID

from channels import sender, snapshot
from channels.inbox.log import Received
from channels.mapping import decode, deliveries, opening
from channels.protocol import FILE
from channels.tables.rows import rows_of
from kernel.db import Connection, Statements, rows

sql = Statements(__file__)


def item(db: Connection, workspace: int, received_at: datetime, request: UUID, position: int) -> str | None:
    """The message's own JSON text, of a platform's delivery its body, of a file its rows; None when it is gone."""
    found = rows(db, sql["request"], workspace=workspace, received_at=received_at, request=request)
    if not found:
        return None
    door, body, said, connector, mapped = found[0]
    if door == FILE and (own := rows_of(body, position)) is not None:
        return own
    delivered = sender.read(said).hook
    if delivered is not None:  # messages of ours were made of it; what was received is the delivery
        return deliveries.shown(body, delivered)
    if mapped:
        row = Received(request, received_at, connector, door, 0, body, 0, said)
        came = opening.received(row, snapshot.of(db, workspace), position)
        return None if came is None else came.decode("utf-8", "replace")
    opened = decode.opened(door, body)
    if not 0 <= position < len(opened.items):
        return None
    return opened.items[position].decode("utf-8", "replace")
