"""How work is done beside others: rebuilds go alone, and what others were in the way of is done again."""

import itertools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

import psycopg2
from django.db import DatabaseError

from cdp.pipeline.guard import code
from kernel.db import Connection, rows
from kernel.errors import TryAgain
from profiles import partitions

logger = logging.getLogger("huiliu.pipeline")
T = TypeVar("T")

GATE = 0x4855494C  # the advisory lock between workers and a rebuild
RETRY_CODES = frozenset({"40P01", "40001", "55P03"})  # deadlock, serialization, lock not available
NO_PARTITION = "23514"
RETRIES = 8
RETRY_PAUSE = 0.05  # seconds, growing
UNCUT = 2  # times its time: then the server itself cancels a statement, should nobody be left to do it


@contextmanager
def worker_lock(db: Connection, *, alone: bool) -> Iterator[None]:
    """Workers pass together; a rebuild waits for them and goes alone. Held by the session, so a kill opens it."""
    word = "" if alone else "_shared"
    rows(db, f"select pg_advisory_lock{word}({GATE})")
    try:
        yield
    finally:
        rows(db, f"select pg_advisory_unlock{word}({GATE})")


def patiently(db: Connection, work: Callable[[], T]) -> T:
    """Does it again when others were in the way, or a partition was missing."""
    for tried in itertools.count(1):
        try:
            return work()
        except TryAgain:
            if tried == RETRIES:
                raise
            time.sleep(RETRY_PAUSE * tried)
        except (DatabaseError, psycopg2.Error) as trouble:
            why = code(trouble)
            if why == NO_PARTITION and tried == 1:
                partitions.ensure(db, datetime.now(UTC).date())  # nobody's daily task ran for months
                continue
            if why not in RETRY_CODES or tried == RETRIES:
                raise
            logger.info("work repeated after %s", why)
            time.sleep(RETRY_PAUSE * tried)
    raise AssertionError
