"""Worker processes as the database sees them: which process a session is of, what each is at, and the end of the dead.

A worker signs its sessions with where it runs, its number and its start (ties.py:signature), so that after a kill -9
the next one can tell which sessions are nobody's any more and end them: a statement of the dead would go on, and its
locks with it. Sessions of other machines are left alone; the server notices by itself that their sockets are gone.
Not here: time limits (cdp/pipeline/guard.py), alarms.
"""

import json
import re
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings

from kernel.db import Connection, Statements, array, rows, run
from kernel.process.ties import lives, place, signature

sql = Statements(__file__)

START: Final = "worker "  # of the names of their signs of life
NAME_SIZE: Final = 20  # characters of the program's own name; PostgreSQL keeps 63 in all
SIGNED: Final = re.compile(r"\b([0-9a-f]{8}) (\d+)\.(\d+)$")
LONG_OVER: Final = timedelta(hours=1)


class Sign(NamedTuple):
    """What a worker said last. `moves` and `live` tell whether it gets on: it began something, it is in a statement."""

    name: str
    at: datetime
    detail: dict[str, Any]

    @property
    def where(self) -> str:
        """The place it runs at."""
        return self.name.removeprefix(START).partition(" ")[0]


class Busy(NamedTuple):
    """A statement that runs: whether in the session asked for, its name, since when (epoch), whether it is blocked."""

    own: bool
    statement: str
    since: float
    blocked: bool


def sign(pid: int) -> str:
    """From now on this process's new sessions bear its name; the name of its sign of life."""
    options = settings.DATABASES["default"]["OPTIONS"]
    options["application_name"] = f"{options['application_name'][:NAME_SIZE]} {signature(pid)}"
    return f"{START}{signature(pid)}"


def tell(db: Connection, name: str, detail: dict[str, Any]) -> None:
    """A sign of life."""
    run(db, sql["told"], name=name, detail=json.dumps(detail))


def signs(db: Connection) -> list[Sign]:
    """Of all workers, everywhere."""
    return [Sign(name, at, json.loads(detail)) for name, at, detail in rows(db, sql["signs"], start=START)]


def bury(db: Connection) -> list[dict[str, Any]]:
    """Ends the sessions of this place's dead workers, and takes their signs away; what they were at."""
    if not place():
        return []
    for pid, name in rows(db, sql["sessions"], place=f" {place()} "):
        if _dead(name):
            rows(db, sql["end_session"], pid=pid, name=name)
    dead = [one.name for one in signs(db) if _dead(one.name)]
    run(db, sql["old"], start=START, age=LONG_OVER)
    return [json.loads(detail) for (detail,) in rows(db, sql["buried"], names=array(dead))] if dead else []


def number(db: Connection) -> int:
    """Of the server's process that serves a session; behind a pooler the driver knows another one."""
    return int(rows(db, sql["number"])[0][0])


def busy(db: Connection, pid: int, name: str) -> list[Busy]:
    """The statements that session `pid`, and all of the worker with this sign, are in."""
    signed = name.removeprefix(START) or None
    return [Busy(*found) for found in rows(db, sql["busy"], pid=pid, signature=signed)]


def cut(db: Connection, pid: int) -> None:
    """Cancels what a session is in."""
    rows(db, sql["cut"], pid=pid)


def _dead(name: str) -> bool:
    """Whether a name is of a process of this place that is gone."""
    found = SIGNED.search(name)
    return bool(found and found[1] == place() and not lives(int(found[2]), found[3]))
