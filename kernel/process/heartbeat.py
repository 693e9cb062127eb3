"""Signs of life of the processes, as rows in PostgreSQL: whoever can read the database can see who has stopped.

`Pulse(name).start()`: a thread writes the row every few seconds while its process lives. `beat` writes it once,
with what the process has to say. Not here: what is wrong when a sign stays away (alerts.py of the parts), what each
worker is at (workers.py).
"""

import json
import logging
import threading
from contextlib import closing
from datetime import datetime
from typing import Any, Final, NamedTuple

import psycopg2
from django.conf import settings

from kernel.db import Connection, Statements, rows, run

logger = logging.getLogger("huiliu.pulse")

sql = Statements(__file__)

WORKER: Final = "worker"
CLOCK: Final = "beat"
INBOX: Final = (
    "inbox"  # a worker's last look at the inbox, last finished batch, and the lag of the last minutes
)
BEATS: Final = 3  # in the time after which a silent process counts as stopped


class Sign(NamedTuple):
    """When somebody was last heard of, and what it said."""

    at: datetime
    detail: dict[str, Any]


def beat(db: Connection, name: str, at: datetime, detail: dict[str, Any] | None = None) -> None:
    """Writes a sign of life; the newest stays."""
    run(db, sql["beat"], name=name, at=at, detail=json.dumps(detail or {}))


def signs(db: Connection) -> dict[str, Sign]:
    """Everybody ever heard of."""
    return {name: Sign(at, json.loads(detail)) for name, at, detail in rows(db, sql["signs"])}


class Pulse:
    """A thread that says this process lives. A connection of its own each time: an idle one costs a server process."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seconds = settings.STOPPED_SECONDS / BEATS

    def start(self) -> None:
        """From now on until the process ends."""
        threading.Thread(target=self._work, name="pulse", daemon=True).start()

    def _work(self) -> None:
        pause, failing = threading.Event(), False
        while True:
            try:
                self._once()
            except psycopg2.Error as trouble:
                if not failing:
                    logger.warning("no sign of life could be written: %s", str(trouble).strip())
                failing = True
            else:
                failing = False
            pause.wait(self._seconds)

    def _once(self) -> None:
        with closing(connected()) as db:
            alive(db, self._name)


def alive(db: Connection, name: str) -> None:
    """A sign of life, by the database's clock."""
    run(db, sql["alive"], name=name)


def connected(more: str = "") -> Any:
    """A bare connection to the product's database, each statement a transaction of its own. `more`: settings."""
    found = settings.DATABASES["default"]
    address = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {word: found[name] for word, name in address.items() if found.get(name)}
    options = {**found["OPTIONS"], "options": f"{found['OPTIONS'].get('options', '')} {more}".strip()}
    db = psycopg2.connect(**given, **options)
    db.autocommit = True
    return db
