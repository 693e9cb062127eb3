"""The columnar mirror follows beside the line: a thread of each worker looks every EVERY_SECONDS, one of them writes.

A thread, so that a first build of minutes holds up no batch: DuckDB and PostgreSQL do its work outside of Python.
Killed at any moment it costs nothing (metrics/mirror/sync.py). Not here: what is written.
"""

import gc
import logging
import os
import threading
from contextlib import suppress
from importlib import import_module
from typing import Final

from django.db import connection

from cdp.pipeline import patience
from kernel.errors import TryAgain
from kernel.process import ties

WRITER: Final = (
    "metrics.mirror.sync"  # loaded with DuckDB where files are written: 60 MB that no web process needs
)
logger = logging.getLogger("huiliu.mirror")

EVERY_SECONDS: Final = 15.0
LATER: Final = "%s The mirror follows later."
_STOP = threading.Event()


def start() -> None:
    """Begins to follow, in a worker's process."""
    _STOP.clear()
    threading.Thread(target=_follow, name="mirror", daemon=True).start()


def stop() -> None:
    """No look any more after the one under way."""
    _STOP.set()


def now(*, anew: bool = False) -> int:
    """Brings the files up to date and waits for another who is at it; how many workspaces there were to do.

    Raises TryAgain where they cannot be laid down now; what was kept for them is still there.
    """
    with patience.worker_lock(connection, alone=False):
        return int(import_module(WRITER).follow(connection, anew=anew, wait=True))


def if_it_can() -> None:
    """The same for who has done his work without it: where it cannot follow now it does so later."""
    try:
        now()
    except TryAgain as trouble:  # said in our words: a bucket that does not answer
        logger.warning(LATER, trouble)


def _follow() -> None:
    with suppress(OSError, AttributeError):
        os.sched_setaffinity(
            0, range(os.cpu_count() or 1)
        )  # not where the batches' thread is put beside its server
    while not _STOP.wait(EVERY_SECONDS):
        try:
            with patience.worker_lock(connection, alone=False):
                written = import_module(WRITER).follow(connection)
        except TryAgain as trouble:
            logger.warning(LATER, trouble)
            continue
        except Exception:  # the line goes on, and so do we: what was kept is still there
            logger.exception("the mirror could not follow; it is tried again")
            connection.close()
            continue
        if written:
            gc.collect(0)
            ties.give_back()
