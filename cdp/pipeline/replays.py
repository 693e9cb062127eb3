"""Replays of many rejects as a job: watched, cancelled, taken up again after a crash. Small ones run in the request.

What a replay does: channels/inbox/rejects.py. Who calls `run`: the worker, each time it is woken (tasks.py).
"""

from collections.abc import Callable

from django.db import connection

from cdp.pipeline import jobs
from channels.inbox import rejects
from kernel.models import Job, Workspace

KIND = "replay"
MANY = 500  # rejects; more than these are a job


def start(workspace: Workspace, reason: str | None, connector: int | None, total: int) -> Job:
    """A job for the worker; notify the worker afterwards."""
    return jobs.begin(KIND, workspace, total, reason=reason, connector=connector, replayed=0, still_bad=0)


def run(between: Callable[[], object]) -> None:
    """All replays that are asked for. `between` steps the inbox is worked on."""
    jobs.run(KIND, lambda job: _work(job, between))


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
