"""Customers that may be one person, looked for beside the line: a thread of each worker does what somebody asks for.

The comparing is done by a process of its own (profiles/suggestions/linking.py), which ends with it and takes its memory
along. One worker a job, by its lock; a kill opens it, and the next one begins anew: what was suggested before stands
until the new pairs are kept, in one transaction. Not here: what people say of a pair
(console/quality/suggestions_api.py).
"""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from cdp.pipeline import jobs, patience
from kernel.models import Job, Workspace
from profiles.suggestions import kept, reading, wire
from profiles.suggestions.wire import Pair

logger = logging.getLogger("huiliu.suggestions")

KIND: Final = "suggestions"
STEPS: Final = ("reading", "blocking", "training", "scoring", "keeping")
EVERY_SECONDS: Final = 1.0
AFTER_TROUBLE: Final = 5.0  # seconds
MEMORY_MB: Final = 600  # of DuckDB's; what it is too little for goes to a temporary folder
THREADS: Final = 2
ENDS_SECONDS: Final = 10.0  # of a process that is told to end
ROOT: Final = Path(__file__).resolve().parents[2]
_STOP = threading.Event()


class Cancelled(Exception):
    """Nobody wants it any more."""


def ask(workspace: Workspace) -> Job:
    """A job for the worker; while one waits or runs, that one."""
    running = Job.objects.filter(workspace=workspace, kind=KIND, state__in=jobs.OPEN).order_by("id").first()
    return running or jobs.begin(KIND, workspace, len(STEPS))


def start() -> None:
    """Begins to look, in a worker's process."""
    _STOP.clear()
    threading.Thread(target=_follow, name="suggestions", daemon=True).start()


def stop() -> None:
    """No look any more after the one under way."""
    _STOP.set()


def run() -> None:
    """All that are asked for."""
    jobs.run(KIND, _work)


def _work(job: Job) -> None:
    workspace = job.workspace_id
    if workspace is None:
        jobs.end(job, "failed")
        return
    began = timezone.now()
    try:
        with _comparing() as process:
            _told(job, 0)
            _hand_over(process, workspace, job)
            found = _answers(process, job)
            first = next(found, [])  # the comparing is over by then
            _told(job, STEPS.index("keeping"))
            with patience.worker_lock(connection, alone=False), transaction.atomic():
                pairs = (pair for some in _all(first, found) for pair in some)
                count = kept.replace(connection, workspace, pairs, began)
    except Cancelled:
        return
    jobs.end(job, "done", done=len(STEPS), detail={"pairs": count})


def _all(first: list[Pair], rest: Iterator[list[Pair]]) -> Iterator[list[Pair]]:
    yield first
    yield from rest


@contextmanager
def _comparing() -> Iterator["subprocess.Popen[bytes]"]:
    """The process that compares; it ends with the block, whatever ends that."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "profiles.suggestions.linking"),
            *("--memory-mb", str(MEMORY_MB), "--threads", str(THREADS)),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                _pipe(pipe).close()
        try:
            process.wait(0 if sys.exc_info()[0] else ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _hand_over(process: "subprocess.Popen[bytes]", workspace: int, job: Job) -> None:
    """All customers, page by page: neither side holds up more than one."""
    out = _pipe(process.stdin)
    for page in reading.everyone(connection, workspace):
        wire.send(out, page)
        _told(job, 0)
    wire.end(out)


def _answers(process: "subprocess.Popen[bytes]", job: Job) -> Iterator[list[Pair]]:
    """The pairs as they come; what stage the process is at is told on the way."""
    for message in wire.pages(_pipe(process.stdout), str | list[Pair]):
        if isinstance(message, str):
            _told(job, STEPS.index(message))
        else:
            yield message


def _told(job: Job, step: int) -> None:
    if not jobs.tell(job, done=step):
        raise Cancelled


def _pipe(stream: Any) -> Any:
    assert stream is not None  # noqa: S101 (asked for when it was started)
    return stream


def _follow() -> None:
    """The connection stays open between looks; not after trouble, and what it holds goes with it."""
    pause = EVERY_SECONDS
    while not _STOP.wait(pause):
        pause = EVERY_SECONDS
        try:
            run()
        except Exception as trouble:
            logger.warning("suggestions wait: %s", str(trouble).strip())
            connection.close()
            pause = AFTER_TROUBLE
