"""IN: inbox -> numbers. The one list of the order of work; the work itself lies in the parts.

`step` claims a batch and stores it in ONE transaction; `drain` repeats it until the inbox is empty.
Not here: when it is called (cdp/tasks.py, manage.py drain), starting over (cdp/rebuild.py).
"""

import gc
import itertools
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction

from cdp.kernel.db import Connection, rows
from cdp.kernel.errors import TryAgain
from cdp.kernel.event import Owners, Prepared
from cdp.kernel.observe import Watch
from cdp.kernel.process import Beside
from channels import alerts
from channels.inbox import health, log, rejects, seen
from channels.mapping import apply
from channels.snapshot import Snapshot
from metrics import purchases, spans
from metrics.facts import book, orders
from metrics.facts.base import Place
from profiles import activity, events, partitions, recent, search, summary, traits
from profiles.identity import kinds, locks, resolve

logger = logging.getLogger("huiliu.pipeline")
T = TypeVar("T")

BATCH_EVENTS = 10_000
SMALL_BATCH = 5_000  # events; from there on our work and the database's overlap
LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})
RETRY_CODES = frozenset({"40P01", "40001", "55P03"})  # deadlock, serialization, lock not available
NO_PARTITION = "23514"
RETRIES = 8
RETRY_PAUSE = 0.05  # seconds, growing
SWEEP_EVENTS = 200_000  # between two sweeps of the cycle collector, which rests meanwhile
SPAN = 30  # seconds: since 1970 every zone's offset and changes are multiples of it
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

    def attempt() -> Counter[str] | None:
        with gate(db, alone=False) if gated else nullcontext():
            return _attempt(db, watch, limit, winners)

    counts = _patiently(db, attempt)
    alerts.tell(db, worked=bool(counts))
    return counts


def _patiently(db: Connection, work: Callable[[], T]) -> T:
    """Does it again when others were in the way, or a partition was missing."""
    for tried in itertools.count(1):
        try:
            return work()
        except OperationalError as trouble:
            code = getattr(trouble.__cause__, "pgcode", None)
            if code not in RETRY_CODES or tried == RETRIES:
                raise
            logger.info("work repeated after %s", code)
            time.sleep(RETRY_PAUSE * tried)
        except TryAgain:
            if tried == RETRIES:
                raise
            time.sleep(RETRY_PAUSE * tried)
        except IntegrityError as trouble:
            if getattr(trouble.__cause__, "pgcode", None) != NO_PARTITION or tried > 1:
                raise
            partitions.ensure(db, datetime.now(UTC).date())  # nobody's daily task ran for months
    raise AssertionError


def _attempt(db: Connection, watch: Watch, limit: int, winners: bool) -> Counter[str] | None:
    with watch("claim"):
        wanted = log.choose(db, limit)  # its attempts are committed before the work
    if wanted is None:
        return None
    try:
        return _work(db, watch, wanted, winners)
    except ProgrammingError:  # a table or a column is missing: the database is behind, no message is to blame
        log.spare(db, wanted)
        raise


def _work(db: Connection, watch: Watch, wanted: log.Wanted, winners: bool) -> Counter[str]:
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
    with watch("profiles"):
        events.append(db, workspace, fresh)
        cells = activity.fold(fresh, day_of(place))
    with watch("spans"):
        active = recent.active(cells, owners)
        known = recent.of(db, workspace, active)
        change = spans.begin(db, workspace, owners, active, known)
    with watch("profiles"):
        activity.add(db, workspace, cells)
        said = traits.observe(db, workspace, fresh)
        search.index(db, workspace, fresh)
    with watch("facts"):
        booked = book.book(db, place, fresh, records)
        purchases.owe(db, workspace, booked.currencies)
    with watch("sums"):
        buyers = _buyers(db, workspace, owners, booked.sightings)
        spent = purchases.spent(db, place, buyers)
        added = summary.Added(cells, recent.after(known, active))
        summary.remake(db, workspace, owners, added, spent, said)
        spans.book(db, workspace, owners, change, booked)
    with watch("rejects"):
        refused = rejects.add(db, workspace, prepared.bads)
        health.add(db, workspace, prepared, (fresh, records))
    repeats = len(prepared.cleans) + len(prepared.records) - len(fresh) - len(records)
    return Counter(events=len(fresh), records=len(records), rejects=refused, repeats=repeats)


def day_of(place: Place) -> activity.Day:
    """Instants to days of the workspace's zone, each half minute asked for once: no day begins within one."""
    zone = ZoneInfo(place.zone)
    days: dict[int, date] = {}

    def day(at: datetime) -> date:
        span = int(at.timestamp()) // SPAN
        found = days.get(span)
        if found is None:
            found = days[span] = at.astimezone(zone).date()
        return found

    return day


def _buyers(db: Connection, workspace: int, owners: Owners, sightings: set[int]) -> dict[int, int]:
    """All sightings of the profiles whose purchases may have changed: sighting -> profile."""
    profiles = {owners.profile[sighting] for sighting in sightings} | summary.whole(owners)
    return summary.sightings_of(db, workspace, profiles) if profiles else {}


def settle(db: Connection, workspace: int, owners: Owners) -> None:
    """After a person's merge or split: the rows of the profiles it moved. Same order, no events."""
    place = book.place(db, workspace)
    change = spans.begin(db, workspace, owners, {}, {})
    buyers = _buyers(db, workspace, owners, set())
    summary.remake(db, workspace, owners, summary.NOTHING, purchases.spent(db, place, buyers), set())
    spans.book(db, workspace, owners, change, book.NOTHING)


def one_by_one(db: Connection, batch: log.Batch, watch: Watch) -> Counter[str]:
    """A request that stopped its workers: in blocks, each in a transaction of its own that notes what is next.

    Where a worker dies, the next one goes message by message; the message that ends two more becomes a reject, the rest
    goes on. Two, because a worker may die of something else.
    """
    row, total = batch.rows[0], Counter(batches=1, requests=1)
    lock = int.from_bytes(row.request.bytes[:4], "big", signed=True)
    if not rows(db, f"select pg_try_advisory_lock({ALONE}, {lock})")[0][0]:
        return Counter(batches=0)  # another worker is at it
    try:
        settings, place = snapshot(db, batch.workspace), log.noted(db, batch)
        apart = place.position if place.deadly else None
        messages = apply.messages(row, settings, place.position, apart)
        place = place.again
        log.note(db, batch, place)
        while part := list(islice(messages, place.width)):
            place = place.following
            total.update(_patiently(db, partial(_part, db, batch, _one_of(part), place, watch)))
        log.finish(db, batch)
    finally:
        rows(db, f"select pg_advisory_unlock({ALONE}, {lock})")
    return total


def _part(db: Connection, batch: log.Batch, part: Prepared, then: log.Noted, watch: Watch) -> Counter[str]:
    with transaction.atomic():
        counts = store(db, part, watch)
        log.note(db, batch, then)
    return counts


def _one_of(parts: list[Prepared]) -> Prepared:
    whole = Prepared(parts[0].workspace, [], [], [])
    for part in parts:
        whole.cleans += part.cleans
        whole.records += part.records
        whole.bads += part.bads
    return whole


def pay(db: Connection) -> None:
    """Sums up again the profiles with orders in a currency whose worth changed. In the background; `drain` waits."""
    with gate(db, alone=False), transaction.atomic():
        for workspace, currency in purchases.owed(db):
            profiles = summary.profiles_of(db, workspace, purchases.sightings_with(db, workspace, currency))
            locks.hold(db, workspace, profiles)
            buyers = summary.sightings_of(db, workspace, profiles)
            summary.buy(db, workspace, purchases.spent(db, book.place(db, workspace), buyers))
            purchases.settled(db, workspace, currency)


@contextmanager
def unswept() -> Iterator[Callable[[int], None]]:
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
def _beside_its_server() -> Iterator[Beside]:
    """The database's process of our session, where it runs on this machine."""
    connection.ensure_connection()
    local = connection.settings_dict["HOST"] in LOCAL
    beside = Beside(connection.connection.info.backend_pid if local else 0, "postgres")
    beside(together=True)
    try:
        yield beside
    finally:
        beside(together=False)


def drain(limit: int = BATCH_EVENTS, *, wait: bool = False) -> dict[str, object]:
    """Works the inbox until nothing can be claimed; with `wait` until it is empty, batches others hold included.

    Gives the counts, and the seconds per stage under "seconds".
    """
    watch, total = Watch(), Counter[str]()
    with unswept() as worked, _beside_its_server() as beside:
        while True:
            counts = step(connection, watch, limit)
            if counts is not None:
                beside(together=counts["events"] < SMALL_BATCH)
                total.update(counts)
                worked(counts["events"])
            elif wait and log.left(connection):
                time.sleep(OTHERS_PAUSE)
            else:
                break
    pay(connection)
    names = ("batches", "requests", "events", "records", "repeats", "rejects")
    seconds = {stage: round(value, 3) for stage, value in watch.seconds.items()}
    return {name: total[name] for name in names} | {"seconds": seconds}
