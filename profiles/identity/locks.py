"""Who writes a workspace's identity: one transaction at a time, until it ends. Not here: what is done meanwhile.

Batches of one workspace nearly always meet in somebody, so locking each person they touch cost two rows and two reads a
person, and hardly ever let them pass beside each other. Everything that needs no answer about people (decoding, dedupe,
folding, writing events out) is done before this lock is taken. Other workspaces are never waited for.
"""

import math
import time
from typing import NamedTuple

from kernel.db import Connection, Statements, rows

sql = Statements(__file__)

WAIT_SECONDS = 20  # for the transaction before; then the batch is taken again later
LONGEST = (
    10.0  # seconds of a batch's replays; what is not settled by then is left to the background (waiting.py)
)


class Held(NamedTuple):
    """A workspace whose identity nobody else writes until our transaction ends.

    `until`: after it nothing far is begun.
    """

    db: Connection
    workspace: int
    until: float = math.inf  # of the monotonic clock

    @property
    def late(self) -> bool:
        """Whether others have waited long enough."""
        return time.monotonic() > self.until


def hold(db: Connection, workspace: int, longest: float = math.inf) -> Held:
    """Waits for who writes now. Held again within a transaction, it costs next to nothing."""
    rows(db, sql["hold"], workspace=workspace, wait=f"{WAIT_SECONDS}s")
    return Held(db, workspace, time.monotonic() + longest)
