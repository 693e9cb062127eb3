"""Batch by batch: `step` claims one and stores it in ONE transaction, `drain` repeats it until the inbox is empty.

Not here: what is done with a batch (store.py), when this is called (tasks.py, manage.py drain).
"""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.db import ProgrammingError, connection, transaction

from cdp.pipeline import background, mirroring, patience, quarantine, store
from cdp.pipeline.guard import GUARD, Cut
from channels import alerts
from channels.inbox import log, pace, seen
from kernel import planner
from kernel.db import LOCAL, Connection
from kernel.process.ties import CpuAffinity
from kernel.process.timing import StageTimer

BATCH_EVENTS = 10_000
SMALL_BATCH = 5_000  # events; from there on our work and the database's overlap
SWEEP_EVENTS = 200_000  # between two sweeps of the cycle collector, which rests meanwhile
OTHERS_PAUSE = 0.05  # seconds between looks at batches that other workers hold
CATCH_UP_SECONDS = 60.0  # a line that is never empty does what waits in the background so often


def step(
    db: Connection, watch: StageTimer, limit: int = BATCH_EVENTS, *, gated: bool = True, winners: bool = False
) -> Counter[str] | None:
    """Claims and stores one batch; what it came to, or None when nothing can be claimed.

    `winners`: only the copies that won before a rebuild are taken.
    """

    def attempt() -> Counter[str] | None:
        with patience.worker_lock(db, alone=False) if gated else nullcontext():
            return _attempt(db, watch, limit, winners)

    counts = patience.patiently(db, attempt)
    alerts.tell(db, worked=bool(counts))
    return counts


def _attempt(db: Connection, watch: StageTimer, limit: int, winners: bool) -> Counter[str] | None:
    with watch("claim"):
        wanted = log.choose(db, limit)  # its attempts are committed before the work
    if wanted is None:
        return None
    try:
        with GUARD.at(db, watch, pace.Task.of(wanted)) as work:
            done = _work(db, watch, wanted, winners, work.task.seconds)
    except Cut as cut:
        log.spare(db, wanted)  # nobody died of it
        pace.failed(db, cut.at)
        return Counter(batches=0)
    except ProgrammingError:  # a table or a column is missing: the database is behind, no message is to blame
        log.spare(db, wanted)
        raise
    if isinstance(done, log.Batch):
        return quarantine.one_by_one(db, done, watch, winners)
    if wanted.slow:
        pace.went(db, wanted.workspace, wanted.messages, work.seconds)
    return done


def _work(
    db: Connection, watch: StageTimer, wanted: log.Wanted, winners: bool, seconds: float
) -> Counter[str] | log.Batch:
    """What a batch came to; the batch itself when it is a request that is worked in parts."""
    with transaction.atomic():
        with watch("claim"):
            batch = log.claim(db, wanted, seconds * patience.UNCUT)
        if batch is None:
            return Counter(batches=0)
        if batch.alone:
            return batch
        prepared = store.prepare(db, batch, watch)
        if winners:
            seen.only_winners(db, prepared)
        counts = store.store(db, prepared, watch)
        with watch("finish"):
            log.finish(db, batch)
        counts.update(batches=1, requests=len(batch.rows))
        return counts


@contextmanager
def gc_paused() -> Iterator[Callable[[int], None]]:
    """Python's cycle collector rests: it would walk all objects of a batch time and again, 40 % of our CPU.

    What it gives is told how many events each batch had, and sweeps once in a while.
    """
    resting, left = gc.isenabled(), SWEEP_EVENTS
    gc.disable()

    def worked(events: int) -> None:
        nonlocal left
        left -= events
        if left <= 0:
            gc.collect()
            left = SWEEP_EVENTS

    try:
        yield worked
    finally:
        if resting:
            gc.enable()


@contextmanager
def _beside_its_server() -> Iterator[CpuAffinity]:
    """The database's process of our session, where it runs on this machine."""
    connection.ensure_connection()
    local = connection.settings_dict["HOST"] in LOCAL
    beside = CpuAffinity(connection.connection.info.backend_pid if local else 0, "postgres")
    beside(together=True)
    try:
        yield beside
    finally:
        beside(together=False)


def steps(
    db: Connection, watch: StageTimer, limit: int = BATCH_EVENTS, *, wait: bool = False, **how: bool
) -> Iterator[Counter[str]]:
    """Batch by batch until nothing can be claimed; with `wait` until nothing is left that others hold or that rests."""
    while True:
        counts = step(db, watch, limit, **how)
        if counts is not None:
            yield counts
        elif wait and log.left(db):
            time.sleep(OTHERS_PAUSE)
        else:
            return


def drain(limit: int = BATCH_EVENTS, *, wait: bool = False) -> dict[str, object]:
    """Works the inbox until nothing can be claimed; with `wait` until it is empty, batches others hold included.

    Gives the counts, and the seconds per stage under "seconds".
    """
    watch, total, caught_up = StageTimer(), Counter[str](), time.monotonic()
    with gc_paused() as worked, _beside_its_server() as beside, planner.by_index(connection):
        while True:
            for counts in steps(connection, watch, limit, wait=wait):
                beside(together=counts["events"] < SMALL_BATCH)
                total.update(counts)
                worked(counts["events"])
                if time.monotonic() - caught_up > CATCH_UP_SECONDS:
                    background.catch_up(connection, watch)
                    caught_up = time.monotonic()
            if not (background.catch_up(connection, watch, wait=wait) and wait):
                break
            time.sleep(OTHERS_PAUSE)  # another worker is at it, or a batch of one brought more
    background.recompute_revenue(connection, wait=wait)
    if wait:
        mirroring.if_it_can()
    names = ("batches", "requests", "events", "records", "repeats", "rejects")
    seconds = {stage: round(value, 3) for stage, value in watch.seconds.items()}
    return {name: total[name] for name in names} | {"seconds": seconds}
