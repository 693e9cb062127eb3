"""Members of segments follow beside the line: a thread of each worker looks every EVERY_SECONDS, one of them asks.

Something changed, or a window may have passed: then every segment of the workspace is asked whole (metrics/segments),
each in a transaction of its own, never in one of the pipeline's. What it took it rests three times over, for no longer
than keeps members right within a minute. Killed at any moment it costs nothing: what was not asked is asked again.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any, ClassVar, Final

from django.db import connection
from django.utils import timezone

from cdp.pipeline import patience
from kernel.errors import TryAgain
from kernel.process import ties

ASKING: Final = "metrics.segments.members"  # loaded where it is used: DuckDB's questions and what they need

logger = logging.getLogger("huiliu.segments")

EVERY_SECONDS: Final = 2.0
REST_SHARE: Final = 3.0  # times what a turn took
REST_MOST: Final = 20.0  # seconds: with the turn, the mirror's and the look's own time within a minute
_STOP = threading.Event()


class _Memory:
    """Of this process: until when it rests at a workspace, by its id."""

    rest: ClassVar[dict[int, float]] = {}


def start() -> None:
    """Begins to follow, in a worker's process."""
    _STOP.clear()
    threading.Thread(target=_follow, name="segments", daemon=True).start()


def stop() -> None:
    """No look any more after the one under way."""
    _STOP.set()


def now(clock: Callable[[], datetime] = timezone.now, *, rested: bool = True) -> int:
    """Asks the segments of every workspace where that is due; how many were asked. `rested`: whether or not it rests.

    Raises TryAgain, once every other workspace was asked, where the mirror is being made.
    """
    members: Any = import_module(ASKING)
    asked, late = 0, None
    for turn in members.turns(connection):
        if not rested and _Memory.rest.get(turn.workspace, 0.0) > time.monotonic():
            continue
        if not members.due(turn, clock(), windows=members.with_windows(turn.workspace)):
            continue
        began = time.monotonic()
        try:
            with patience.worker_lock(connection, alone=False):
                asked += members.take(connection, turn, clock)
        except TryAgain as trouble:
            late = trouble
        took = time.monotonic() - began
        _Memory.rest[turn.workspace] = time.monotonic() + min(REST_SHARE * took, REST_MOST)
    if late is not None:
        raise late
    return asked


def _follow() -> None:
    """The connection stays open between looks; not after trouble, and what it holds goes with it."""
    while not _STOP.wait(EVERY_SECONDS):
        try:
            if now(rested=False):
                ties.give_back()
        except TryAgain as trouble:
            logger.info("segments wait: %s", trouble)
        except Exception as trouble:
            logger.warning("segments wait: %s", str(trouble).strip())
            connection.close()
