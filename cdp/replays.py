"""Replays of many rejects as a job: watched, cancelled, taken up again after a crash. Small ones run in the request.

What a replay does: channels/inbox/rejects.py. Who calls `run`: the worker, each time it is woken (tasks.py).
"""

import logging
from collections.abc import Callable

from django.db import connection

from cdp import jobs
from cdp.kernel.db import rows
from cdp.kernel.models import Job, Workspace
from channels.inbox import rejects

logger = logging.getLogger("huiliu.replays")

KIND = "replay"
MANY = 500  # rejects; more than these are a job
LOCK = 0x5250  # the class of advisory locks: one worker a job


def start(workspace: Workspace, reason: str | None, connector: int | None, total: int) -> Job:
    """A job for the worker; ring the bell afterwards."""
    return jobs.begin(KIND, workspace, total, reason=reason, connector=connector, replayed=0, still_bad=0)


def run(between: Callable[[], object]) -> None:
    """All jobs that nobody is at: new ones, and those whose worker died. `between` steps the inbox is worked on."""
    for job in Job.objects.filter(kind=KIND, state__in=jobs.OPEN).order_by("id"):
        if rows(connection, f"select pg_try_advisory_lock({LOCK}, {job.pk})")[0][0]:
            try:
                _work(job, between)
            except Exception:  # a job that fails stops itself, never the inbox
                logger.exception("replay %s stopped", job.pk)
                jobs.end(job, "failed")
            finally:
                rows(connection, f"select pg_advisory_unlock({LOCK}, {job.pk})")


def _work(job: Job, between: Callable[[], object]) -> None:
    """Step by step, with its counts after each. Twice changes nothing: a reject is taken up only while it is open."""
    before = {name: job.detail[name] for name in ("replayed", "still_bad")}
    if not jobs.tell(job):
        return
    steps = rejects.steps(
        connection,
        job.workspace_id or 0,
        reason=job.detail["reason"],
        connector=job.detail["connector"],
    )
    for said in steps:
        so_far = {name: before[name] + said[name] for name in before}
        if not jobs.tell(job, done=sum(so_far.values()), detail=job.detail | so_far):
            return
        between()
    jobs.end(job, "done")
