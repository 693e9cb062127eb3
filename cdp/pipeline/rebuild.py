"""AGAIN: everything from the inbox. Same ids, same answers, shown and sorted alike.

The truth is the inbox, what people joined and split, rules and settings. While it runs the front door goes on and
workers wait for it. Of two copies of a message the one that won before is kept. Killed half-way, it starts over.
Its progress is a job on every page; it cannot be cancelled, because what is half made is wrong.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from cdp.pipeline import batches, jobs, patience, retention, store
from kernel import planner
from kernel.db import Connection, Statements, rows, run
from kernel.errors import Conflict
from kernel.models import Job
from kernel.process.timing import StageTimer
from metrics.facts import changes, targets
from profiles.identity import edits

SQL = Statements(__file__)
logger = logging.getLogger("huiliu.rebuild")

KIND = "rebuild"  # of its job
REMAP = "remap"  # of one that is done for a mapping (remaps.py)
COUNTED = ("events", "records", "rejects", "repeats")  # in its end

# What is made from the inbox, by part; what people decided (edits, rules, kinds, channels) stays.
DERIVED = (
    "profiles_event",
    "profiles_surrounding",
    "profiles_activity",
    "profiles_trait",
    "profiles_consent",
    "profiles_consent_signal",
    "profiles_number",
    "profiles_summary",
    "profiles_gram",
    "profiles_identifier",
    "profiles_hint",
    "profiles_sighting",
    "profiles_edge",
    "profiles_waiting",
    "profiles_manual",
    "profiles_cannot",
    "channels_seen",
    "channels_reject",
    "channels_minute",
    "channels_cleaned",
    "channels_planned",
    "channels_violation",
)


class Remapped(NamedTuple):
    """A connector whose requests are read by another mapping from a time on: of their copies the earliest wins."""

    workspace: int
    connector: int
    since: datetime


def everything(
    tell: Callable[[int, int], None] = lambda done, total: None,
    job: Job | None = None,
    remapped: Remapped | None = None,
) -> Counter[str]:
    """Makes all workspaces anew; `tell(requests done, of)`. Gives the counts of the pipeline.

    `job`: the one that it is done for, else one of its own.
    """
    with patience.worker_lock(connection, alone=True):
        return _watched(tell, job, remapped)


def resume() -> bool:
    """Makes all anew when a rebuild was killed half-way: until then people's joins and splits are missing."""
    if not rows(connection, SQL["half_way"])[0][0]:
        return False
    with patience.worker_lock(connection, alone=True):  # waits for the one that may still run
        if not rows(connection, SQL["half_way"])[0][0]:
            return False
        logger.warning("a rebuild was cut short: making everything anew")
        _watched(lambda done, total: None)
    return True


def _watched(
    tell: Callable[[int, int], None], job: Job | None = None, remapped: Remapped | None = None
) -> Counter[str]:
    """All of it as a job: a killed one's is taken up."""
    job = job or _cut_short() or jobs.begin(KIND, None)
    try:
        total = begin(connection, remapped)
        jobs.tell(job, done=0, total=total)

        def told(done: int, of: int) -> None:
            jobs.tell(job, done=done)
            tell(done, of)

        counts = _again(total, told)
        _finish(connection)
    except Exception:
        jobs.end(job, "failed")
        raise
    jobs.end(job, "done", done=total, detail={name: counts[name] for name in COUNTED})
    return counts


def _cut_short() -> Job | None:
    """The job of a rebuild that was killed."""
    found = Q(kind=KIND, state__in=jobs.OPEN) | Q(kind=REMAP, state="running")
    return Job.objects.filter(found).order_by("id").first()


def begin(db: Connection, remapped: Remapped | None = None) -> int:
    """Keeps which copies won, empties what is derived, opens the whole inbox; how many requests wait."""
    half_way = rows(db, SQL["half_way"])[0][0]
    if not half_way and (gone := retention.bodies_gone()):
        raise Conflict(retention.lost(gone))
    with transaction.atomic():
        if not half_way:
            run(db, SQL["keep_winners"])
        if remapped:
            run(db, SQL["free_winners"], **remapped._asdict())
        tables = [*DERIVED, *(table for (table,) in rows(db, SQL["metrics_tables"]))]
        run(db, f"truncate {', '.join(tables)}")
        run(db, SQL["open_all"])
        run(db, "analyze channels_winner, channels_inbox_open")  # full at once: plans need to know
        return int(rows(db, SQL["waiting"])[0][0])


def _again(total: int, tell: Callable[[int, int], None]) -> Counter[str]:
    watch, counts = StageTimer(), Counter[str]()
    with batches.gc_paused() as worked, planner.by_index(connection):
        for step in batches.steps(connection, watch, wait=True, gated=False, winners=True):
            counts.update(step)
            worked(step["events"])
            tell(counts["requests"], total)
    logger.info("rebuilt %s in %s", dict(counts), watch.seconds)
    return counts


def _finish(db: Connection) -> None:
    """Winners whose copy is good no longer give way to the earliest good one; then people's decisions again."""
    with transaction.atomic():
        lost = run(db, SQL["open_lost"])
        run(db, "drop table if exists channels_winner")
    if lost:
        for _step in batches.steps(connection, StageTimer(), wait=True, gated=False):
            pass
    for (workspace,) in rows(db, SQL["workspaces"]):
        with transaction.atomic():
            store.settle(db, workspace, edits.fold(db, workspace))
            targets.again(db, changes.settings_of(db, workspace))
