"""A request that held up its workers: worked in parts, until the message that does it is known and set apart."""

import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice

from django.conf import settings
from django.db import transaction

from cdp.pipeline import patience, store
from cdp.pipeline.guard import GUARD, Cut, Work
from channels.inbox import log, pace, seen
from channels.mapping import apply
from channels.reasons import STOPS_WORKER, TOO_SLOW
from kernel.db import Connection, rows
from kernel.event import Prepared
from kernel.process.timing import StageTimer

ALONE = 0x484C  # the class of advisory locks for requests worked message by message


def one_by_one(db: Connection, batch: log.Batch, watch: StageTimer, winners: bool) -> Counter[str]:
    """A request that held up its workers: in blocks, each in a transaction of its own that notes what is next.

    Where a worker dies, or a block does not end in its time, the next one goes message by message; the message that
    ends two more, or is too slow alone and with more and more patience, becomes a reject, the rest goes on. Two,
    because a worker may die of something else.
    """
    lock = int.from_bytes(batch.rows[0].request.bytes[:4], "big", signed=True)
    if not rows(db, f"select pg_try_advisory_lock({ALONE}, {lock})")[0][0]:
        return Counter(batches=0)  # another worker is at it
    try:
        return _in_parts(db, batch, watch, winners)
    finally:
        rows(db, f"select pg_advisory_unlock({ALONE}, {lock})")


def _in_parts(db: Connection, batch: log.Batch, watch: StageTimer, winners: bool) -> Counter[str]:
    """As far as it comes in the time of a batch: then it is the others' turn."""
    total, began, checkpoint = Counter(batches=1), time.monotonic(), log.noted(db, batch)
    messages = _messages(db, batch, checkpoint, winners)
    checkpoint = checkpoint.again
    log.note(db, batch, checkpoint)
    while time.monotonic() - began < settings.BATCH_SECONDS:
        try:
            with GUARD.at(db, watch, pace.Task.part(batch, checkpoint)) as work:
                part = list(islice(messages, checkpoint.width))
                if part:
                    done = partial(_part, db, batch, _one_of(part), checkpoint.following, work)
                    total.update(patience.patiently(db, done))
        except Cut as cut:
            pace.failed(db, cut.at)
            checkpoint = checkpoint.patient if cut.at.blocked else checkpoint.slower
            log.note(db, batch, checkpoint, pace.rest(db, checkpoint, cut.at))
            return total
        if not part:
            log.finish(db, batch)
            total["requests"] += 1
            return total
        checkpoint = checkpoint.following
    log.note(db, batch, checkpoint.left)
    return total


def _messages(
    db: Connection, batch: log.Batch, checkpoint: log.Checkpoint, winners: bool
) -> Iterator[Prepared]:
    """Those of a request from a place on; the first one set apart when it was tried often enough."""
    why = STOPS_WORKER if checkpoint.deadly else TOO_SLOW
    apart = why if checkpoint.apart else None
    for one in apply.messages(batch.rows[0], store.snapshot(db, batch.workspace), checkpoint.position, apart):
        if winners:
            seen.only_winners(db, one)
        yield one


def _part(db: Connection, batch: log.Batch, part: Prepared, then: log.Checkpoint, work: Work) -> Counter[str]:
    with transaction.atomic():
        log.bounded(db, work.task.seconds * patience.UNCUT)
        store.turn_away(db, part, batch)
        counts = store.store(db, part, work.watch)
        log.note(db, batch, then)
    return counts


def _one_of(parts: list[Prepared]) -> Prepared:
    whole = Prepared(parts[0].workspace, [], [], [])
    for part in parts:
        whole.cleans += part.cleans
        whole.records += part.records
        whole.bads += part.bads
        whole.lookups += part.lookups
        for key, (changed, refused) in part.cleaned.items():
            before = whole.cleaned.get(key, (0, 0))
            whole.cleaned[key] = (before[0] + changed, before[1] + refused)
    return whole
