"""Files that admins dropped, as a job: read step by step into the inbox, taken up after a kill, watched, cancelled.

Each step is kept with the position it came to (channels/imports/work.py). Not here: reading a file, what its rows mean.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from django.db import InterfaceError, OperationalError, connection

from cdp.pipeline import jobs
from channels.imports import outcome, store, work
from channels.imports.words import Unusable
from channels.models import Import
from kernel.models import Job
from kernel.process.timing import StageTimer
from profiles.identity import kinds

logger = logging.getLogger("huiliu.imports")

KIND: Final = store.KIND
TELL_SECONDS: Final = 0.5
AHEAD: Final = 20_000  # rows that are read before they are worked: enough for a whole batch …
AHEAD_SECONDS: Final = 3.0  # … unless others would wait too long for it
WAIT_SECONDS: Final = 5.0  # for rows that other workers have in hand; then the job is left to the next call
PAUSE_SECONDS: Final = 0.05


def run(between: Callable[[], object]) -> None:
    """All files that wait, or whose worker died. `between` steps the inbox is worked on."""
    jobs.run(KIND, lambda job: _work(job, between))


def _work(job: Job, between: Callable[[], object]) -> None:
    found = store.of_job(job)
    if found is None or not jobs.tell(job):
        if found is None:
            jobs.end(job, "failed")
        return
    try:
        if not _read(job, found, between):
            return
    except Unusable as why:
        store.note(found, why.code, **why.params)
        _over(job, found, "failed")
        return
    except (OperationalError, InterfaceError) as trouble:  # of the database: the next call goes on from here
        logger.warning("import %s waits: %s", found.pk, str(trouble).strip())
        return
    except Exception:
        logger.exception("import %s stopped", found.pk)
        store.note(found, "failed")
        _over(job, found, "failed")
        return
    _settle(job, found, between)


def _read(job: Job, found: Import, between: Callable[[], object]) -> bool:
    """All rows into the inbox; False when somebody cancelled it, or another worker has it."""
    blocked = kinds.of(connection, found.workspace_id).blocked
    turns = _Turns(between)
    told, before = time.monotonic(), found.rows
    for rows in work.steps(connection, found, blocked, turns.due):
        if time.monotonic() - told > TELL_SECONDS:
            if not jobs.tell(job, done=rows):
                return False
            told = time.monotonic()
        if turns.due(now=rows - before >= AHEAD):
            outcome.settle(connection, found)
            before = rows
    return jobs.tell(job, done=found.rows)


class _Turns:
    """The inbox is worked on while a file is read, so that nobody waits for it, however long that takes."""

    def __init__(self, between: Callable[[], object]) -> None:
        self.between, self.last = between, time.monotonic()
        self.watch = StageTimer()

    def due(self, *, now: bool = False) -> bool:
        """Works on it when it is time; whether it was. That this worker moves is to be seen all the same."""
        if not now and time.monotonic() - self.last < AHEAD_SECONDS:
            return False
        with self.watch("import"):
            self.between()
        self.last = time.monotonic()
        return True


def _settle(job: Job, found: Import, between: Callable[[], object]) -> None:
    """Done when the pipeline is: what other workers hold is waited for, not for ever."""
    until = time.monotonic() + WAIT_SECONDS
    while not found.dry_run:
        between()
        if outcome.settle(connection, found):
            break
        if time.monotonic() > until or not jobs.tell(job):
            return  # the next call finds nothing more to read, and looks again
        time.sleep(PAUSE_SECONDS)
    _over(job, found, "done", done=found.rows, total=found.rows)


def _over(job: Job, found: Import, state: str, **changes: int) -> None:
    """Its end, and what the list of jobs says of it."""
    store.ended(found)
    if state == "done" and not found.dry_run:
        store.drop_file(connection, found)  # else it may be read otherwise, or be taken in, for a day
    found.refresh_from_db(fields=["good", "bad", "notes"])
    told = {"good": found.good, "bad": found.bad, "notes": found.notes}
    jobs.end(job, state, detail=job.detail | told, **changes)
