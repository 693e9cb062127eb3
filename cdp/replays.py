"""Replays of many rejects as a job: watched, cancelled, taken up again after a crash. Small ones run in the request.

What a replay does: channels/inbox/rejects.py. Who calls `run`: the worker, each time it is woken (tasks.py).
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from cdp.kernel.db import rows
from cdp.kernel.models import Job, Workspace
from channels.inbox import rejects

logger = logging.getLogger("huiliu.replays")

KIND = "replay"
MANY = 500  # rejects; more than these are a job
LOCK = 0x5250  # the class of advisory locks: one worker a job


def start(workspace: Workspace, reason: str | None, connector: int | None, total: int) -> Job:
    """A job for the worker; ring the bell afterwards."""
    detail = {"reason": reason, "connector": connector, "replayed": 0, "still_bad": 0}
    return Job.objects.create(workspace=workspace, kind=KIND, total=total, detail=detail)


def cancel(job: Job) -> None:
    """It stops after the step it is at; what was replayed stays replayed."""
    Job.objects.filter(pk=job.pk, kind=KIND, state__in=["waiting", "running"]).update(state="cancelled")


def run(between: Callable[[], object]) -> None:
    """All jobs that nobody is at: new ones, and those whose worker died. `between` steps the inbox is worked on."""
    for job in Job.objects.filter(kind=KIND, state__in=["waiting", "running"]).order_by("id"):
        if rows(connection, f"select pg_try_advisory_lock({LOCK}, {job.pk})")[0][0]:
            try:
                _work(job, between)
            except Exception:  # a job that fails stops itself, never the inbox
                logger.exception("replay %s stopped", job.pk)
                Job.objects.filter(pk=job.pk).update(state="failed", updated_at=timezone.now())
            finally:
                rows(connection, f"select pg_advisory_unlock({LOCK}, {job.pk})")


def _work(job: Job, between: Callable[[], object]) -> None:
    """Step by step, with its counts after each. Twice changes nothing: a reject is taken up only while it is open."""
    asked: dict[str, Any] = {name: job.detail[name] for name in ("reason", "connector")}
    mine = Job.objects.filter(pk=job.pk, state__in=["waiting", "running"])
    before = {name: job.detail[name] for name in ("replayed", "still_bad")}
    if not mine.update(state="running"):
        return
    for said in rejects.steps(connection, job.workspace_id or 0, **asked):
        so_far = {name: before[name] + said[name] for name in before}
        detail = job.detail | so_far
        if not mine.update(done=sum(so_far.values()), detail=detail, updated_at=timezone.now()):
            return
        between()
    mine.update(state="done")
