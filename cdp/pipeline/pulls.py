"""What platforms are asked for, beside the line: a thread of each worker for pulls, and one for what notices named.

Threads, so that a platform that takes half a minute to answer holds up no batch. One worker a connector, by a lock of
the session's: a kill opens it, and the next one goes on. Not here: a pull, a look-up (channels/pulls/).
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from django.db import connection

from cdp.pipeline import wake
from channels.models import Connector
from channels.pulls import lookups, work
from kernel.db import Connection, rows

logger = logging.getLogger("huiliu.pulls")

EVERY_SECONDS: Final = 1.0
AFTER_TROUBLE: Final = 5.0  # seconds
_STOP = threading.Event()


class Work(NamedTuple):
    """Something that is asked for, connector by connector. `lock`: the class of its advisory locks."""

    name: str
    lock: int
    due: Callable[[Connection], list[Connector]]
    turn: Callable[[Connection, Connector, Callable[[], object]], None]


PULLS: Final = Work("pulls", 0x5055, work.due, work.turn)
LOOKUPS: Final = Work("lookups", 0x4C55, lookups.due, lookups.turn)


def start() -> None:
    """Begins to ask, in a worker's process."""
    _STOP.clear()
    for each in (PULLS, LOOKUPS):
        threading.Thread(target=_follow, args=(each,), name=each.name, daemon=True).start()


def stop() -> None:
    """No look any more after the one under way."""
    _STOP.set()


def run(each: Work = PULLS, kept: Callable[[], object] = wake.notify) -> int:
    """A turn for each connector that is due and that nobody is at; how many had one."""
    done = 0
    for connector in each.due(connection):
        with _alone(each, connector) as mine:
            if mine:
                each.turn(connection, connector, kept)
                done += 1
        if _STOP.is_set():
            break
    return done


@contextmanager
def _alone(each: Work, connector: Connector) -> Iterator[bool]:
    """Whether this worker is the one to do it."""
    key = connector.pk & 0x7FFFFFFF
    mine = bool(rows(connection, f"select pg_try_advisory_lock({each.lock}, {key})")[0][0])
    try:
        yield mine
    finally:
        if mine:
            rows(connection, f"select pg_advisory_unlock({each.lock}, {key})")


def _follow(each: Work) -> None:
    """The connection stays open between looks; not after trouble, and what it holds goes with it."""
    pause = EVERY_SECONDS
    while not _STOP.wait(pause):
        pause = EVERY_SECONDS
        try:
            run(each)
        except Exception as trouble:
            logger.warning("%s wait: %s", each.name, str(trouble).strip())
            connection.close()
            pause = AFTER_TROUBLE
