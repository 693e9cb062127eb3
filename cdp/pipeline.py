"""IN: inbox -> numbers. The one list of the order of work; the work itself lies in the parts.

`step` claims a batch and stores it in ONE transaction; `drain` repeats it until the inbox is empty.
Not here: when it is called (cdp/tasks.py, manage.py drain), starting over (cdp/rebuild.py).
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, OperationalError, connection, transaction

from cdp.kernel.db import Connection, rows
from cdp.kernel.errors import TryAgain
from cdp.kernel.event import Owners, Prepared
from cdp.kernel.observe import Watch
from channels.inbox import health, log, rejects, seen
from channels.mapping import apply
from channels.snapshot import Snapshot
from metrics import purchases, spans
from metrics.facts import book, orders
from metrics.facts.base import Place
from profiles import activity, events, partitions, search, summary, traits
from profiles.identity import kinds, locks, resolve

logger = logging.getLogger("huiliu.pipeline")

BATCH_EVENTS = 5_000
RETRY_CODES = frozenset({"40P01", "40001", "55P03"})  # deadlock, serialization, lock not available
NO_PARTITION = "23514"
RETRIES = 8
RETRY_PAUSE = 0.05  # seconds, growing
OTHERS_PAUSE = 0.05  # seconds between looks at batches that other workers hold
GATE = 0x4855494C  # the advisory lock between workers and a rebuild
ALONE = 0x484C  # the class of advisory locks for requests worked message by message


@contextmanager
def gate(db: Connection, *, alone: bool) -> Iterator[None]:
    """Workers pass together; a rebuild waits for them and goes alone. Held by the session, so a kill opens it."""
    word = "" if alone else "_shared"
    rows(db, f"select pg_advisory_lock{word}({GATE})")
    try:
        yield
    finally:
        rows(db, f"select pg_advisory_unlock{word}({GATE})")


def step(
    db: Connection, watch: Watch, limit: int = BATCH_EVENTS, *, gated: bool = True, winners: bool = False
) -> Counter[str] | None:
    """Claims and stores one batch; what it came to, or None when nothing can be claimed.

    `winners`: only the copies that won before a rebuild are taken.
    """
    for attempt in range(RETRIES):
        try:
            with gate(db, alone=False) if gated else nullcontext():
                return _attempt(db, watch, limit, winners)
        except OperationalError as trouble:
            code = getattr(trouble.__cause__, "pgcode", None)
            if code not in RETRY_CODES or attempt == RETRIES - 1:
                raise
            logger.info("batch repeated after %s", code)
            time.sleep(RETRY_PAUSE * (attempt + 1))
        except TryAgain:
            if attempt == RETRIES - 1:
                raise
            time.sleep(RETRY_PAUSE * (attempt + 1))
        except IntegrityError as trouble:
            if getattr(trouble.__cause__, "pgcode", None) != NO_PARTITION or attempt:
                raise
            partitions.ensure(db, datetime.now(UTC).date())  # nobody's daily task ran for months
    return None


def _attempt(db: Connection, watch: Watch, limit: int, winners: bool) -> Counter[str] | None:
    with watch("claim"):
        wanted = log.choose(db, limit)  # its attempts are committed before the work
    if wanted is None:
        return None
    with transaction.atomic():
        with watch("claim"):
            batch = log.claim(db, wanted)
        if batch is None:
            return Counter(batches=0)
        if not batch.alone:
            prepared = prepare(db, batch, watch)
            if winners:
                seen.only_winners(db, prepared)
            counts = store(db, prepared, watch)
            with watch("finish"):
                log.finish(db, batch)
            counts.update(batches=1, requests=len(batch.rows))
            return counts
    return one_by_one(db, batch, watch)


def snapshot(db: Connection, workspace: int) -> Snapshot:
    """The settings a batch is read by."""
    return apply.snapshot(db, workspace, kinds.of(db, workspace).blocked)


def prepare(db: Connection, batch: log.Batch, watch: Watch) -> Prepared:
    """Bodies to clean messages: decode, map, clean. Nothing is written, no lock is taken."""
    with watch("prepare"):
        return apply.prepare(batch.rows, snapshot(db, batch.workspace))


def store(db: Connection, prepared: Prepared, watch: Watch) -> Counter[str]:
    """Clean messages to numbers, inside the caller's ONE transaction, its tables always in this order."""
    workspace = prepared.workspace
    place = book.place(db, workspace)
    with watch("dedupe"):
        fresh = seen.first(db, workspace, prepared.cleans)
        records = seen.first_records(db, workspace, prepared.records)
    with watch("identity"):
        customers = orders.lock(db, workspace, fresh, records)
        owners = resolve.owners(db, workspace, fresh, customers)
    with watch("spans"):
        cells = activity.fold(fresh, owners, day_of(place))
        change = spans.begin(db, workspace, owners, activity.active(cells))
    with watch("profiles"):
        events.append(db, workspace, fresh, owners)
        activity.add(db, workspace, cells)
        said = traits.observe(db, workspace, fresh, owners)
        search.index(db, workspace, fresh, owners)
    with watch("facts"):
        booked = book.book(db, place, fresh, owners, records)
        purchases.owe(db, workspace, booked.currencies)
    with watch("sums"):
        buyers = _buyers(db, workspace, owners, booked.sightings)
        summary.remake(db, workspace, cells, owners, purchases.spent(db, place, buyers), said)
        spans.book(db, workspace, owners, change, booked)
    with watch("rejects"):
        refused = rejects.add(db, workspace, prepared.bads)
        health.add(db, workspace, prepared, fresh, owners)
    repeats = len(prepared.cleans) + len(prepared.records) - len(fresh) - len(records)
    return Counter(events=len(fresh), records=len(records), rejects=refused, repeats=repeats)


def day_of(place: Place) -> activity.Day:
    """Instants to days of the workspace's zone."""
    zone = ZoneInfo(place.zone)
    return lambda at: at.astimezone(zone).date()


def _buyers(db: Connection, workspace: int, owners: Owners, sightings: set[int]) -> dict[int, int]:
    """All sightings of the profiles whose purchases may have changed: sighting -> profile."""
    profiles = {owners.profile[sighting] for sighting in sightings} | summary.whole(owners)
    return summary.sightings_of(db, workspace, profiles) if profiles else {}


def settle(db: Connection, workspace: int, owners: Owners) -> None:
    """After a person's merge or split: the rows of the profiles it moved. Same order, no events."""
    place = book.place(db, workspace)
    change = spans.begin(db, workspace, owners, ())
    buyers = _buyers(db, workspace, owners, set())
    summary.remake(db, workspace, {}, owners, purchases.spent(db, place, buyers), set())
    spans.book(db, workspace, owners, change, book.NOTHING)


def one_by_one(db: Connection, batch: log.Batch, watch: Watch) -> Counter[str]:
    """A request that stopped its workers: each message in a transaction of its own, its position noted before.

    The position that a dead worker left noted is the message that killed it: it becomes a reject, the rest goes on.
    """
    row, total = batch.rows[0], Counter(batches=1, requests=1)
    lock = int.from_bytes(row.request.bytes[:4], "big", signed=True)
    if not rows(db, f"select pg_try_advisory_lock({ALONE}, {lock})")[0][0]:
        return Counter(batches=0)  # another worker is at it
    try:
        settings, noted = snapshot(db, batch.workspace), log.noted(db, batch)
        for position, prepared in enumerate(apply.messages(row, settings)):
            if position < noted:
                continue
            if position == noted:
                prepared = Prepared(batch.workspace, [], [], [apply.set_apart(row, settings, position)])
            log.note(db, batch, position)
            with transaction.atomic():
                total.update(store(db, prepared, watch))
        log.finish(db, batch)
    finally:
        rows(db, f"select pg_advisory_unlock({ALONE}, {lock})")
    return total


def pay(db: Connection) -> None:
    """Sums up again the profiles with orders in a currency whose worth changed. In the background; `drain` waits."""
    with gate(db, alone=False), transaction.atomic():
        for workspace, currency in purchases.owed(db):
            profiles = summary.profiles_of(db, workspace, purchases.sightings_with(db, workspace, currency))
            locks.hold(db, workspace, profiles)
            buyers = summary.sightings_of(db, workspace, profiles)
            summary.buy(db, workspace, purchases.spent(db, book.place(db, workspace), buyers))
            purchases.settled(db, workspace, currency)


def drain(limit: int = BATCH_EVENTS, *, wait: bool = False) -> dict[str, object]:
    """Works the inbox until nothing can be claimed; with `wait` until it is empty, batches others hold included.

    Gives the counts, and the seconds per stage under "seconds".
    """
    watch, total = Watch(), Counter[str]()
    while True:
        counts = step(connection, watch, limit)
        if counts is not None:
            total.update(counts)
        elif wait and log.left(connection):
            time.sleep(OTHERS_PAUSE)
        else:
            break
    pay(connection)
    names = ("batches", "requests", "events", "records", "repeats", "rejects")
    seconds = {stage: round(value, 3) for stage, value in watch.seconds.items()}
    return {name: total[name] for name in names} | {"seconds": seconds}
