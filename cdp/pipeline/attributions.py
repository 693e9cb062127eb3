"""Large questions of attribution, beside the line: a thread of each worker makes what somebody waits for.

A thread, so that a minute's calculation holds up no batch: the mirror's reading process does most of it. One worker a
job, by its lock; a kill opens it, and the next one begins anew. Not here: the calculation (metrics/attribution).
"""

import logging
import threading
from functools import partial
from typing import Final

from django.db import connection

from cdp.pipeline import jobs
from kernel.errors import TryAgain
from kernel.models import Job
from metrics.attribution import background

logger = logging.getLogger("huiliu.attribution")

EVERY_SECONDS: Final = 0.5
AFTER_TROUBLE: Final = 5.0  # seconds
_STOP = threading.Event()


def start() -> None:
    """Begins to look, in a worker's process."""
    _STOP.clear()
    threading.Thread(target=_follow, name="attribution", daemon=True).start()


def stop() -> None:
    """No look any more after the one under way."""
    _STOP.set()


def run() -> None:
    """All that are asked for."""
    jobs.run(background.KIND, _work)


def _work(job: Job) -> None:
    """What cannot be read now has ended: who asks again begins anew."""
    try:
        if background.make(connection, job, partial(jobs.tell, job)):
            jobs.end(job, "done", done=job.total)
    except TryAgain as trouble:
        logger.warning("attribution %s stopped: %s", job.pk, trouble)
        jobs.end(job, "failed")


def _follow() -> None:
    """The connection stays open between looks; not after trouble, and what it holds goes with it."""
    pause = EVERY_SECONDS
    while not _STOP.wait(pause):
        pause = EVERY_SECONDS
        try:
            run()
        except Exception as trouble:
            logger.warning("attribution waits: %s", str(trouble).strip())
            connection.close()
            pause = AFTER_TROUBLE
