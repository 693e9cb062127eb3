"""Messages as they were received, out of the requests they came in. Not here: what became of it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from channels import sender, snapshot
from channels.inbox.log import Received
from channels.mapping import decode, deliveries, opening
from channels.protocol import FILE
from channels.tables.rows import rows_of
from kernel.db import Connection, Statements, rows

sql = Statements(__file__)


class Place(NamedTuple):
    """Where a message stands: its request, and its position there."""

    received_at: datetime
    request: UUID
    position: int


def item(db: Connection, workspace: int, received_at: datetime, request: UUID, position: int) -> str | None:
    """The message's own JSON text, of a platform's delivery its body, of a file its rows; None when it is gone."""
    return items(db, workspace, [Place(received_at, request, position)])[0]


def items(db: Connection, workspace: int, places: Sequence[Place]) -> list[str | None]:
    """The same of many, each request looked up once, one in memory at a time."""
    found: dict[Place, str | None] = {}
    for (received_at, request), of_it in groupby(sorted(set(places)), key=itemgetter(0, 1)):
        came = rows(db, sql["request"], workspace=workspace, received_at=received_at, request=request)
        for place in of_it:
            found[place] = _item(db, workspace, place, came[0]) if came else None
    return [found[place] for place in places]


def _item(db: Connection, workspace: int, place: Place, came: tuple[Any, ...]) -> str | None:
    received_at, request, position = place
    door, body, said, connector, mapped = came
    if door == FILE and (own := rows_of(body, position)) is not None:
        return own
    delivered = sender.read(said).hook
    if delivered is not None:  # messages of ours were made of it; what was received is the delivery
        return deliveries.shown(body, delivered)
    if mapped:
        row = Received(request, received_at, connector, door, 0, body, 0, said)
        own_item = opening.received(row, snapshot.of(db, workspace), position)
        return None if own_item is None else own_item.decode("utf-8", "replace")
    opened = decode.opened(door, body)
    if not 0 <= position < len(opened.items):
        return None
    return opened.items[position].decode("utf-8", "replace")
