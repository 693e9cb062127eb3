"""Replays and fixes of many rejects as a job: watched, cancelled, taken up again after a crash. Small ones run at once.

What a replay does: channels/inbox/rejects.py. Who calls `run`: the worker, each time it is woken (tasks.py).
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db import connection

from cdp.pipeline import jobs
from channels.inbox import fixes, rejects
from channels.inbox.rejects import Act
from kernel.models import Job, Workspace

KIND, FIX = "replay", "fix"
MANY = 500  # rejects; more than these are a job


class Group(NamedTuple):
    """Open rejects that are alike; None is any. `connector` is a serial id."""

    reason: str | None = None
    field: str | None = None
    connector: int | None = None


def start(workspace: Workspace, act: Act, group: Group, total: int) -> Job:
    """A job for the worker; notify the worker afterwards."""
    return jobs.begin(
        FIX if act.fix else KIND,
        workspace,
        total,
        **group._asdict(),
        by=act.actor,
        fix=act.data,
        replayed=0,
        still_bad=0,
    )


def run(between: Callable[[], object]) -> None:
    """All replays and fixes that are asked for. `between` steps the inbox is worked on."""
    for kind in (KIND, FIX):
        jobs.run(kind, lambda job: _work(job, between))


def _work(job: Job, between: Callable[[], object]) -> None:
    """Step by step, with its counts after each. Twice changes nothing: a reject is taken up only while it is open.

    Taken up again, those it left before are looked at and counted anew.
    """
    before = job.detail["replayed"]
    if not jobs.tell(job):
        return
    detail = job.detail
    changes = detail.get("fix")
    act = Act(detail.get("by", ""), tuple(fixes.read(changes)) if changes else ())
    steps = rejects.steps(
        connection,
        job.workspace_id or 0,
        act,
        reason=detail["reason"],
        field=detail.get("field"),
        connector=detail["connector"],
    )
    for said in steps:
        so_far = said | {"replayed": before + said["replayed"]}
        if not jobs.tell(job, done=sum(so_far.values()), detail=detail | so_far):
            return
        between()
    jobs.end(job, "done")
