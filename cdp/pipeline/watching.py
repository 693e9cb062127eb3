"""Watched folders and buckets: one worker a connector looks, and reads what it finds before it looks further.

Not here: a look (channels/watching/), reading a file (imports.py).
"""

import logging
from collections.abc import Callable
from typing import Final

from django.db import connection

from cdp.pipeline import imports
from channels.watching import look, store
from kernel.db import rows

logger = logging.getLogger("huiliu.watching")

LOCK: Final = 0x5746  # the class of advisory locks: one worker a connector


def run(between: Callable[[], object]) -> None:
    """A turn for each connector that is due. `between` steps of reading the inbox is worked on."""
    for connector in store.due(connection):
        key = connector.pk & 0x7FFFFFFF
        if not rows(connection, f"select pg_try_advisory_lock({LOCK}, {key})")[0][0]:
            continue
        try:
            look.turn(connection, connector, lambda: imports.run(between))
        except Exception:  # of one place: the others go on, and so does the inbox
            logger.exception("a look of %s stopped", connector.uuid)
            store.looked(connection, connector, look.FAILED_SECONDS, 0, None)
        finally:
            rows(connection, f"select pg_advisory_unlock({LOCK}, {key})")
