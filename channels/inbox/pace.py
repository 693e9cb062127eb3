"""How wide the batches of a workspace may be: what did not end in its time is tried smaller, and later.

A workspace is here only while it is slow. Each failure halves its width, down to a single request; one that is too slow
is worked in blocks and then message by message (log.py:Checkpoint), each with a pause after it in which others go
first. What ends quickly widens it again. Kept in a table, so a kill changes nothing. Not here: who measures
(cdp/pipeline/guard.py), whose turn it is (log.py).
"""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.conf import settings

from channels.inbox import log
from kernel.db import Connection, Statements, rows, run

sql = Statements(__file__)

WHOLE: Final = (
    10_000  # messages of a batch that has all of settings.BATCH_SECONDS; a small one has half of it
)
LONGEST: Final = 2.0  # times that: what one message has that was too slow before
QUICK: Final = 4  # what ended in a quarter of its time may be twice as wide
EVIDENCE: Final = 4  # but no wider than so many times what was just done
PAUSE: Final = 0.1  # of BATCH_SECONDS, after a failure, times the failures in a row …
MOST_PAUSES: Final = 6  # … up to so many
RESTS: Final = (
    0.0,
    0.0,
    1.0,
    6.0,
    0.0,
)  # of BATCH_SECONDS: what a request that is worked in parts rests, by failures
MOST_RESTS: Final = 15  # of BATCH_SECONDS: what waits for others' locks is tried again at least so often
FORGIVEN_SECONDS: Final = 600  # after so long without a failure a workspace is as good as any
SHOWN_SECONDS: Final = 120  # and so long after the last one it is told


class Task(NamedTuple):
    """What a worker takes on: how much, in how many seconds, and when it is a single request which one."""

    workspace: int
    messages: int
    requests: int
    narrower: int  # messages to ask for when it fails
    seconds: float
    received_at: datetime | None = None
    request: UUID | None = None
    alone: bool = False  # a part of a request that is worked in parts

    @classmethod
    def of(cls, wanted: log.Wanted) -> "Task":
        """A batch."""
        messages, requests = wanted.messages, len(wanted.keys)
        task = cls(wanted.workspace, messages, requests, wanted.narrower, allowed(messages))
        return task._replace(**wanted.keys[0]._asdict()) if task.requests == 1 else task

    @classmethod
    def part(cls, batch: log.Batch, at: log.Checkpoint) -> "Task":
        """Of a request that is worked in parts, what is next."""
        seconds = allowed(at.width, at.slow)
        return cls(batch.workspace, at.width, 1, 1, seconds, *batch.keys[0], alone=True)


class Slow(NamedTuple):
    """A task that did not end in its time, and what it was at."""

    task: Task
    stage: str
    statement: str
    blocked: bool  # it waited for what others hold: no fault of its own

    def __str__(self) -> str:
        where = f"stage {self.stage}" + (f", statement {self.statement}" if self.statement else "")
        waits = ", waiting for a lock of others" if self.blocked else ""
        return f"a batch of {self.task.messages} messages of workspace {self.task.workspace} ({where}{waits})"

    def kept(self) -> dict[str, Any]:
        """As a worker's sign of life holds it."""
        task = self.task._asdict() | {
            "received_at": self.task.received_at and self.task.received_at.isoformat(),
            "request": self.task.request and str(self.task.request),
        }
        return {"task": task, "stage": self.stage, "statement": self.statement, "blocked": self.blocked}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> "Slow":
        """The other way round."""
        task = Task(**kept["task"])
        if task.received_at and task.request:
            at = datetime.fromisoformat(str(task.received_at))
            task = task._replace(received_at=at, request=UUID(str(task.request)))
        return cls(task, kept["stage"], kept["statement"], kept["blocked"])


def allowed(messages: int, failures: int = 0) -> float:
    """Seconds that so many messages may take; `failures`: how often this one message was too slow already."""
    if failures > 1:
        return float(settings.BATCH_SECONDS * LONGEST)
    return float(settings.BATCH_SECONDS * (1 + min(messages / WHOLE, 1)) / 2)


def failed(db: Connection, slow: Slow) -> None:
    """Next time smaller, and after a pause; a single request in parts."""
    task = slow.task
    run(
        db,
        sql["failed"],
        workspace=task.workspace,
        width=WHOLE if task.alone else task.narrower,
        pause=settings.BATCH_SECONDS * PAUSE,
        most=MOST_PAUSES,
        stage=slow.stage,
        doing=slow.statement,
        blocked=slow.blocked,
    )
    if task.requests == 1 and not task.alone and task.request:
        run(
            db,
            sql["in_parts"],
            workspace=task.workspace,
            received_at=task.received_at,
            request=task.request,
            attempts=log.TRIED_IN_COMPANY,
        )


def rest(db: Connection, at: log.Checkpoint, slow: Slow) -> float:
    """Seconds that a request worked in parts waits after a failure."""
    times = RESTS[at.slow]
    if slow.blocked:
        found = rows(db, sql["failures"], workspace=slow.task.workspace)
        times = min(max(times, found[0][0] if found else 1), MOST_RESTS)
    return float(settings.BATCH_SECONDS * times)


def went(db: Connection, workspace: int, messages: int, seconds: float) -> None:
    """A batch of a slow workspace came in: wider next time if it was quick."""
    if seconds < allowed(messages) / QUICK:
        run(db, sql["widened"], workspace=workspace, most=messages * EVIDENCE)
        run(db, sql["forgiven"], workspace=workspace, whole=WHOLE, seconds=FORGIVEN_SECONDS)


class Told(NamedTuple):
    """A workspace that is slow."""

    workspace: int
    name: str
    stage: str
    statement: str
    blocked: bool
    since: datetime


def told(db: Connection, workspace: int | None, now: datetime | None = None) -> list[Told]:
    """Those (of one workspace, or all) that are slow now: failed a moment ago, or with something left to do."""
    found = rows(db, sql["told"], workspace=workspace, seconds=SHOWN_SECONDS, now=now or datetime.now(UTC))
    return [Told(*one) for one in found]
