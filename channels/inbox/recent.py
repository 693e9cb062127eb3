"""The newest requests of a connector, whole. Not here: what is understood of them."""

from datetime import UTC, datetime, timedelta
from typing import Final

from channels.inbox.log import Received
from kernel.db import Connection, Statements, rows

sql = Statements(__file__)

LOOK_BACK: Final = timedelta(days=90)
MOST_BYTES: Final = 8 * 1024 * 1024  # of bodies, but for the last


def rows_of(db: Connection, workspace: int, connector: int, requests: int) -> list[Received]:
    """The newest first; only so many that their bodies have room."""
    found = rows(
        db,
        sql["newest"],
        workspace=workspace,
        connector=connector,
        since=datetime.now(UTC) - LOOK_BACK,
        requests=requests,
        most=MOST_BYTES,
    )
    return [Received._make((*values[:6], 0, values[6])) for values in found]
