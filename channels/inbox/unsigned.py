"""Deliveries that were not the platform's: counted by connector, day and why, never kept.

The front door adds in memory, a thread writes every few seconds: who sends a thousand forged requests costs no thousand
commits. A process that is killed forgets its last seconds. Not here: what is forged (connectors/).
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

import psycopg2

from kernel.db import Connection, Statements, array, rows, run

sql = Statements(__file__)
logger = logging.getLogger("huiliu.unsigned")

EVERY_SECONDS: Final = 2.0
MOST_KINDS: Final = 10_000  # connectors and reasons held at once


class Refused(NamedTuple):
    """What a connector refused in the last days."""

    times: int
    code: str  # the latest's
    last: datetime


class Unsigned:
    """One in each web process."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._counts: Counter[tuple[int, int, str]] = Counter()
        self._lock = threading.Lock()
        self._working = False

    def add(self, workspace: int, connector: int, code: str) -> None:
        """One more."""
        with self._lock:
            if len(self._counts) < MOST_KINDS or (workspace, connector, code) in self._counts:
                self._counts[workspace, connector, code] += 1
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="unsigned", daemon=True).start()

    def _work(self) -> None:
        """Writes what came in these seconds; ends when nothing did."""
        while True:
            time.sleep(EVERY_SECONDS)
            with self._lock:
                counts, self._counts = self._counts, Counter()
                if not counts:
                    self._working = False
                    return
            try:
                self._write(counts)
            except psycopg2.Error:
                logger.exception("%d forged deliveries were not counted", counts.total())

    def _write(self, counts: Counter[tuple[int, int, str]]) -> None:
        db = self._connect()
        try:
            keep(db, counts)
        finally:
            with suppress(psycopg2.Error):
                db.close()


def keep(db: Connection, counts: Counter[tuple[int, int, str]]) -> None:
    """Adds counts by (workspace, connector, code) to today's."""
    found = sorted(counts.items())
    run(
        db,
        sql["add"],
        workspaces=array([key[0] for key, _n in found]),
        connectors=array([key[1] for key, _n in found]),
        codes=array([key[2] for key, _n in found]),
        counts=array([n for _key, n in found]),
    )


def of(db: Connection, workspace: int) -> dict[int, Refused]:
    """By connector, of the last seven days."""
    found = rows(db, sql["of"], workspace=workspace)
    return {connector: Refused(n, code, at) for connector, n, code, at in found}
