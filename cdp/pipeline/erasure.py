"""AWAY: one person, everywhere. The one list of the order; what lies in each part, and how it goes: its `erase.py`.

All of the database in ONE transaction, workers waiting: killed before its end nothing happened, killed after it the
rest (the mirror's files, the planner's statistics) is done by whoever takes the job up. Money and customers counted
stay: of the person nothing but tokens, which say nothing and join her rows as before.
docs/decisions/2026-11-30-erasure.md says why so.
Not here: who may ask (console/privacy/erasure_api.py), looking again (privacy/look.py).
"""

import json
import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction

from cdp.pipeline import jobs, patience, store
from cdp.pipeline.privacy import certificate, inventory, journal
from channels import erase as bodies
from channels.delivery import log
from kernel import audit, sweep
from kernel import erase as kept
from kernel.db import Connection, Statements, array, rows, run
from kernel.errors import TryAgain
from kernel.event import Clean
from kernel.models import Job, Workspace
from metrics import erase as facts
from profiles import erase as people
from profiles.erase import Found
from profiles.identity import locks

SQL = Statements(__file__)
logger = logging.getLogger("huiliu.erasure")

KIND = "erase"  # of its job
WAITING, ERASED, DONE, FAILED = "waiting", "erased", "done", "failed"
# Where a value stands of which no body tells.
BARE = {"profiles_event": ("name", "message_id", "data")}
EQUAL, DIFFER = "equal", "differ"


class Erasure(NamedTuple):
    """One, as it is kept."""

    id: UUID
    asked_at: datetime
    actor: str
    reason: str
    suppress: bool
    state: str
    keys: list[UUID]
    certificate: dict[str, Any] | None
    checked: dict[str, Any] | None


class Asked(NamedTuple):
    """Who asks, why, and whether the person may come again."""

    actor: str
    reason: str
    suppress: bool


def ask(workspace: Workspace, keys: Collection[UUID], asked: Asked, id_: UUID | None = None) -> UUID:
    """A job for the worker; notify the worker afterwards. `keys`: of identifiers of the profile, or profiles."""
    id_ = id_ or uuid4()
    with transaction.atomic():
        given = {"actor": asked.actor, "reason": asked.reason, "suppress": asked.suppress}
        if not run(connection, SQL["ask"], workspace=workspace.pk, id=id_, keys=array(keys), **given):
            return id_
        jobs.begin(KIND, workspace, erasure=str(id_))
        audit.note(workspace.pk, asked.actor, "person.erase", str(id_), suppress=asked.suppress)
    return id_


def one(workspace: int, id_: UUID) -> Erasure | None:
    """An erasure; None where there is none."""
    found = rows(connection, SQL["one"], workspace=workspace, id=id_)
    return _erasure(found[0]) if found else None


def note_look(workspace: int, id_: UUID, seen: dict[str, Any]) -> None:
    """Keeps what the last look found."""
    run(connection, SQL["checked"], workspace=workspace, id=id_, checked=json.dumps(seen))


def newest(workspace: int, most: int) -> list[Erasure]:
    """Erasures, the newest first."""
    return [_erasure(row) for row in rows(connection, SQL["newest"], workspace=workspace, most=most)]


def _erasure(row: Sequence[Any]) -> Erasure:
    *plain, certified, checked = row
    return Erasure(*plain, *(None if one is None else json.loads(one) for one in (certified, checked)))


def run_all() -> None:
    """All that are asked for, and what a killed worker left."""
    jobs.run(KIND, _work)


def _work(job: Job) -> None:
    id_ = UUID(job.detail["erasure"])
    workspace = job.workspace
    assert workspace is not None  # noqa: S101 (`ask` says of which)
    if bodies.busy(connection, workspace.pk) or not jobs.tell(job):
        return  # the rows of a file come first; whoever looks next takes it up
    try:
        with patience.worker_lock(connection, alone=True), transaction.atomic():
            _in_the_database(connection, workspace, id_)
    except Exception:
        with transaction.atomic():
            run(connection, SQL["state"], workspace=workspace.pk, id=id_, state=FAILED)
        raise
    try:
        _beside_it(workspace, id_)
    except TryAgain as trouble:  # a bucket that is away: the job stays open, the next look takes it up
        logger.warning("erasure %s waits for the mirror's files: %s", id_, trouble)
        return
    jobs.end(job, "done")


# ---- the order ----------------------------------------------------------------------------------


def _in_the_database(db: Connection, workspace: Workspace, id_: UUID) -> None:
    """The person out of every table, in the caller's transaction; nothing, where that is done."""
    erasure = one(workspace.pk, id_)
    if erasure is None or erasure.state in (ERASED, DONE):
        return
    locks.hold(db, workspace.pk)
    before = facts.totals(db, workspace)
    counts, reason = Counter[str](), erasure.reason
    gone: dict[UUID, str] = {}  # identifiers that went, and their kinds
    owned = people.of_keys(db, workspace.pk, erasure.keys)
    for profile in sorted({profile for _key, profile, shared in owned if not shared}):
        found = people.find(db, workspace.pk, profile)
        counts.update(_person(db, workspace, found))
        gone |= {one.key: one.kind for one in found.person.known}
        reason = str(found.person.without(reason, own=True))
    keys = sorted(gone.keys() | set(erasure.keys))
    if erasure.suppress:
        people.suppress(db, workspace.pk, keys, id_)
    after = facts.totals(db, workspace)
    document = {
        "erasure": str(id_),
        "workspace": workspace.slug,
        "asked_at": erasure.asked_at.astimezone(UTC).isoformat(),
        "erased_at": datetime.now(UTC).isoformat(),
        "by": erasure.actor,
        "reason": reason,
        "suppressed": erasure.suppress,
        "identifiers": [{"kind": gone.get(key, ""), "hash": str(key)} for key in keys],
        "counts": {table: n for table, n in sorted(counts.items()) if n},
        "totals": {
            "metrics": len(after),
            "compared": EQUAL if before == after else DIFFER,
            "differing": sorted(
                name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
            ),
        },
        "stores": {**inventory.TABLES, **inventory.FILES},
    }
    run(
        db,
        SQL["erased"],
        workspace=workspace.pk,
        id=id_,
        keys=array(keys),
        reason=reason,
        certificate=json.dumps(certificate.signed(document)),
    )


def _person(db: Connection, workspace: Workspace, found: Found) -> Counter[str]:
    """One profile: bodies first, as all else is made of them; then what was made; how many rows, by table."""
    person, snapshot = found.person, store.snapshot(db, workspace.pk)
    places = bodies.places(db, workspace.pk, found.received)
    bodies.learn(db, workspace.pk, places, snapshot, person, found.received.keys())
    places |= bodies.naming(db, workspace.pk, person)
    keys = person.tokens.keys()

    def hers(clean: Clean) -> bool | None:
        """An event by whose it is; what is no event yet, or a copy that did not win, by whom it names."""
        if clean.id in found.received:
            return True if clean.id in found.own else None
        return any(one.key in keys for one in clean.identifiers) or None

    done = bodies.rewrite(db, workspace.pk, places, snapshot, person, hers)
    cleans = [clean for prepared in done.prepared for clean in prepared.cleans]
    counts = Counter(people.erase(db, workspace.pk, found))
    counts.update(bodies.rest(db, workspace.pk, person, done))
    counts["profiles_event"] = people.rewrite(
        db, workspace.pk, _winners(db, workspace.pk, cleans), found.sightings
    )
    counts.update(facts.erase(db, workspace.pk, found.sightings, cleans, person))
    if found.received.keys() - {clean.id for clean in cleans}:  # some bodies were let go before
        counts.update(facts.bare(db, workspace.pk, found.sightings, cleans, person))
        counts.update(sweep.away(db, workspace.pk, BARE, person))
    counts.update(facts.rename(db, workspace.pk, {one.key: found.keys[one.id] for one in person.known}))
    counts["channels_delivery"] = log.forget(db, workspace.pk, keys)
    counts.update(kept.erase(db, workspace.pk, person, keys))
    for swept in (bodies.SWEPT, people.SWEPT):
        counts.update(sweep.away(db, workspace.pk, swept, person))
    return counts


def _winners(db: Connection, workspace: int, cleans: Sequence[Clean]) -> list[Clean]:
    """Of messages the copies that were stored."""
    won = bodies.won(db, workspace, [clean.id for clean in cleans])
    return [clean for clean in cleans if won.get(clean.id) == (clean.request, clean.position)]


def _beside_it(workspace: Workspace, id_: UUID) -> None:
    """What lies outside of the transaction: files, and what the planner remembers of columns. Again does no harm."""
    from metrics.mirror import sync  # with numpy: the web server, which asks for erasures, does none

    erasure = one(workspace.pk, id_)
    if erasure is None or erasure.state != ERASED:
        return
    journal.write(
        {
            "workspace": workspace.slug,
            "id": str(id_),
            "keys": [str(key) for key in erasure.keys],
            "actor": erasure.actor,
            "reason": erasure.reason,
            "suppress": erasure.suppress,
        }
    )
    sync.remake(connection, workspace.pk)
    touched = sorted(table for table, how in inventory.TABLES.items() if how != inventory.NOBODY)
    for (table,) in rows(connection, SQL["stale_statistics"], tables=array(touched)):
        run(connection, f"analyze {table}")
    with transaction.atomic():
        run(connection, SQL["state"], workspace=workspace.pk, id=id_, state=DONE)
    logger.info("erasure %s is done", id_)


# ---- again --------------------------------------------------------------------------------------


def again() -> list[UUID]:
    """After a backup was restored: every erasure of the journal that the database knows nothing of, done at once."""
    done = []
    for line in journal.lines():
        workspace = Workspace.objects.filter(slug=line.get("workspace")).first()
        if workspace is None:
            continue
        id_, keys = UUID(line["id"]), [UUID(key) for key in line["keys"]]
        known = one(workspace.pk, id_)
        if known is not None and known.state == DONE:
            continue
        if known is None:
            ask(workspace, keys, Asked(line["actor"], line["reason"], bool(line["suppress"])), id_)
        else:  # the backup was made in the midst of it
            jobs.begin(KIND, workspace, erasure=str(id_))
        done.append(id_)
    run_all()
    return done
