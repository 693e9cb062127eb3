"""A worker that is slow by force, in one stage of one workspace's batches: a copy of this process, or the product's
Celery application (`celery -A tests.faults.slowed worker`, with SLOW_STAGE, SLOW_WORKSPACE, SLOW_SECONDS, SLOW_HOW)."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import worker_process_init
from django.db import connection

from cdp.celery import app as app

STAGES = ("claim", "prepare", "dedupe", "identity", "profiles", "spans", "facts", "sums", "rejects", "finish")


def in_database(seconds: float) -> None:
    """A statement that takes so long."""
    with connection.cursor() as cursor:
        cursor.execute("/* tests/slow.sql forced */ select pg_sleep(%s)", [seconds])


def in_python(seconds: float) -> None:
    """A loop that hears nothing."""
    time.sleep(seconds)


HOW = {"database": in_database, "python": in_python}


def slow(stage: str, workspace: int, each: float, how: Callable[[float], None]) -> None:
    """From here on, in this process: the stage takes so many seconds more for each message of the workspace."""
    from cdp.pipeline.guard import GUARD
    from kernel.process.timing import StageTimer

    plain = StageTimer.__call__

    @contextmanager
    def slowed(watch: Any, name: str) -> Iterator[None]:
        with plain(watch, name):
            work = GUARD._works.get(threading.get_ident())
            if name == stage and work and work.task.workspace == workspace:
                how(each * work.task.messages)
            yield

    StageTimer.__call__ = slowed


@worker_process_init.connect
def _armed(**_kwargs: Any) -> None:
    found = os.environ
    if "SLOW_STAGE" in found:
        how = HOW[found["SLOW_HOW"]]
        slow(found["SLOW_STAGE"], int(found["SLOW_WORKSPACE"]), float(found["SLOW_SECONDS"]), how)
