"""What is settled behind the line: purchases whose currency changed its worth, identity that reached beyond a batch."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.db import transaction

from cdp.pipeline import patience, store
from cdp.pipeline.guard import GUARD, Cut
from channels.inbox import pace
from kernel.db import Connection, rows
from kernel.process.timing import StageTimer
from metrics import purchases
from metrics.facts import changes
from profiles import summary
from profiles.identity import locks, waiting

logger = logging.getLogger("huiliu.pipeline")

WHOLE_DAY = 86_400  # seconds: of who waits for it
MOST_DOUBLED = 6  # times the pause before what takes too long is tried again
WAITING = 0x4857  # the class of advisory locks for workspaces whose waiting edges are worked
LONG_WORK = 2.0  # seconds: a workspace whose background takes longer rests after it …
RESTS = 3  # … so many times as long, so that a trickle of waiting edges does not keep a worker
_resting: dict[int, float] = {}  # of this process: workspace -> when its background may go on


def recompute_revenue(db: Connection, *, wait: bool = False) -> None:
    """Sums up again the profiles with orders in a currency whose worth changed. In the background; `drain` waits.

    Each currency of a workspace in its time, as a batch; what takes longer is left for later, and later each time.
    """
    watch, passed = StageTimer(), set[tuple[int, str]]()
    if not wait:
        passed |= {note for note, unpaid in _Memory.unpaid.items() if unpaid.until > time.monotonic()}
    more = True
    while more:
        task = pace.Task(0, 0, 0, 0, WHOLE_DAY if wait else pace.allowed(pace.WHOLE))
        try:
            with (
                patience.worker_lock(db, alone=False),
                GUARD.at(db, watch, task),
                watch("pay"),
                transaction.atomic(),
            ):
                more = _recompute_one(db, passed)
        except Cut:
            logger.warning("what is owed in %s takes too long: later", _Memory.paying)
            _Memory.unpaid[_Memory.paying] = _Memory.unpaid.get(_Memory.paying, _Unpaid()).later()


def _recompute_one(db: Connection, passed: set[tuple[int, str]]) -> bool:
    """One currency of one workspace that was not passed yet; False when there is none."""
    note = next((note for note in purchases.owed(db) if note not in passed), None)
    if note is None:
        return False
    passed.add(note)
    _Memory.paying = note
    workspace, currency = note
    locks.hold(db, workspace)
    profiles = summary.profiles_of(db, workspace, purchases.sightings_with(db, workspace, currency))
    buyers = summary.sightings_of(db, workspace, profiles)
    summary.buy(db, workspace, purchases.spent(db, changes.settings_of(db, workspace), buyers))
    purchases.clear(db, workspace, currency)
    _Memory.unpaid.pop(note, None)
    return True


class _Unpaid(NamedTuple):
    """What took too long: when it is tried again, and how often it was."""

    until: float = 0.0
    failures: int = 0

    def later(self) -> "_Unpaid":
        pause = settings.BATCH_SECONDS * 2 ** min(self.failures, MOST_DOUBLED)
        return _Unpaid(time.monotonic() + pause, self.failures + 1)


class _Memory:
    """Of this process: what is owed and takes too long, and what was tried last."""

    unpaid: ClassVar[dict[tuple[int, str], _Unpaid]] = {}
    paying = (0, "")


def catch_up(db: Connection, watch: StageTimer, *, wait: bool = False) -> int:
    """Settles what reached beyond its batch, in the background; `drain` waits. How many workspaces are left.

    One worker a workspace, each step a transaction: batches go on meanwhile, and what a kill leaves is found again.
    """
    found = waiting.all_of(db)
    for workspace, *_ in found:
        began = time.monotonic()
        if _resting.get(workspace, began) > began and not wait:
            continue
        with _taken(db, workspace) as mine:
            if mine:
                with GUARD.at(db, watch, pace.Task(workspace, 0, 0, 0, WHOLE_DAY)):
                    _catch_up(db, watch, workspace)
        took = time.monotonic() - began
        _resting[workspace] = time.monotonic() + RESTS * took if took > LONG_WORK else began
    return len(waiting.all_of(db)) if found else 0


def _catch_up(db: Connection, watch: StageTimer, workspace: int) -> None:
    with watch("waiting"):
        steps = waiting.plan(db, workspace)
    for step in steps:
        with watch("waiting"), patience.worker_lock(db, alone=False):
            patience.patiently(db, partial(_settled, db, workspace, step))


@contextmanager
def _taken(db: Connection, workspace: int) -> Iterator[bool]:
    """Whether this worker is the one to do what waits in a workspace."""
    mine = bool(rows(db, f"select pg_try_advisory_lock({WAITING}, {workspace})")[0][0])
    try:
        yield mine
    finally:
        if mine:
            rows(db, f"select pg_advisory_unlock({WAITING}, {workspace})")


def _settled(db: Connection, workspace: int, step: waiting.Step) -> None:
    with transaction.atomic():
        store.settle(db, workspace, waiting.take(db, workspace, step))
