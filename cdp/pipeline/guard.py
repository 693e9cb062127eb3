"""Time limits, kept from inside: a batch that is slow is cut and tried smaller, it is no worker that hangs.

`GUARD.at(db, watch, task)` goes round a piece of work. A thread of the process, on a connection of its own, looks at it
now and then: after the task's time it cancels the statement the work is in, until the work gives up with TooSlow; in a
worker it tells each second what the work is at (workers.py), and ends the process when it does not give up, because a
loop in Python hears nothing. What was told outlives a kill: the next worker knows what its predecessor died at.
Work that ends within a second costs some microseconds. Not here: what smaller means (channels/inbox/pace.py).
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg2
from django.conf import settings
from django.db import DatabaseError

from channels.inbox import pace
from kernel.db import Connection
from kernel.errors import TooSlow
from kernel.process import heartbeat, workers
from kernel.process.timing import StageTimer

logger = logging.getLogger("huiliu.guard")

LOOKS: Final = 20  # in the time of a whole batch
GRACE: Final = 0.75  # of that time: what has not given up after so long more is killed
MOST_SILENCE: Final = 10.0  # seconds: who keeps the worker judges it by what it says
CUT: Final = "57014"  # query_canceled
OWN_SESSION: Final = "-c synchronous_commit=off -c statement_timeout=5s -c lock_timeout=2s"


class Cut(TooSlow):
    """The work was cut; `at` says where."""

    def __init__(self, at: pace.Slow) -> None:
        super().__init__(f"{at} did not end in its time.")
        self.at = at


class Work:
    """What this process is at."""

    def __init__(self, number: int, watch: StageTimer, task: pace.Task) -> None:
        self.number, self.watch, self.task = number, watch, task  # `number`: of the server's process
        self.began = time.monotonic()
        self.over = self.blocked = False
        self.statement = ""

    @property
    def seconds(self) -> float:
        """So far."""
        return time.monotonic() - self.began

    @property
    def late(self) -> bool:
        """Whether its time is up."""
        return self.seconds > self.task.seconds

    def slow(self) -> pace.Slow:
        """As it stands."""
        return pace.Slow(self.task, self.watch.stage, self.statement, self.blocked)


class Guard:
    """One for a process; a forked copy begins anew."""

    def __init__(self) -> None:
        self._pid, self._name, self._kills = 0, "", False
        self._db: Any = None
        self._inherited: list[Any] = []  # of the process we are a copy of: closed here, they would end there
        self._anew()

    def _anew(self) -> None:
        self._lock = threading.Lock()  # held while the work is cut, and to leave it
        self._works: dict[int, Work] = {}  # by thread; in a worker there is one at a time
        self._inherited.append(self._db)
        self._db = None
        self._said = float("-inf")
        self._numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def worker(self) -> None:
        """This process is a worker: it says so, what it is at, and ends itself where nothing else helps."""
        self._name, self._kills = workers.sign(os.getpid()), True
        self._start()

    @contextmanager
    def at(self, db: Connection, watch: StageTimer, task: pace.Task) -> Iterator[Work]:
        """Work that has a time. Cut, it is rolled back by its transaction, and TooSlow rises."""
        if self._pid != os.getpid():
            self._start()
        watch.over = False
        self._works[threading.get_ident()] = work = Work(self._number(db), watch, task)
        try:
            yield work
        except TooSlow as trouble:
            raise Cut(work.slow()) from trouble
        except (DatabaseError, psycopg2.Error) as trouble:
            if code(trouble) != CUT:
                raise
            raise Cut(work.slow()) from trouble
        finally:
            with self._lock:
                del self._works[threading.get_ident()]
            watch.over = False

    def _number(self, db: Connection) -> int:
        """Of the server's process: asked once a session."""
        session = getattr(db, "connection", db)  # Django's wrapper holds the session, and may change it
        found = self._numbers.get(session) if session is not None else None
        if found is None:
            found = workers.number(db)
            self._numbers[getattr(db, "connection", db)] = found
        return found

    # ---- the thread -------------------------------------------------------------------------------

    def _start(self) -> None:
        self._anew()
        self._pid = os.getpid()
        threading.Thread(target=self._run, name="guard", daemon=True).start()

    def _run(self) -> None:
        pause = min(settings.BATCH_SECONDS / LOOKS, settings.STOPPED_SECONDS / heartbeat.BEATS)
        failing = False
        while True:
            time.sleep(pause)
            work = min(list(self._works.values()), key=lambda one: one.began, default=None)
            if work is not None and work.seconds < pause:
                work = None  # nothing to tell of yet
            try:
                self._look(work)
                failing = False
            except Exception as trouble:
                if not failing:
                    logger.warning("the guard cannot look: %s", str(trouble).strip())
                failing = True
                self._closed()
            if work is not None:
                self._last_resort(work)

    def _look(self, work: Work | None) -> None:
        pause = min(settings.STOPPED_SECONDS / heartbeat.BEATS, MOST_SILENCE)
        due = bool(self._name) and time.monotonic() - self._said > pause
        if work is None and not due:
            self._closed()
            return
        if work is not None and work.late:
            with self._lock:
                work.watch.over = work in self._works.values()
        if self._db is None:
            self._db = heartbeat.connected(OWN_SESSION)
        if due:
            self._alive(self._db)
        self._tell(self._db, work)
        if work is not None and work.watch.over:
            self._cut(self._db, work)

    def _alive(self, db: Any) -> None:
        self._said = time.monotonic()
        heartbeat.alive(db, heartbeat.WORKER)
        bury(db)

    def _tell(self, db: Any, work: Work | None) -> None:
        """What the work is at; in a worker also to all others."""
        found = workers.busy(db, work.number if work else 0, self._name)
        if work is not None and not work.over:
            own = found[0] if found and found[0].own else None
            work.statement, work.blocked = (own.statement, own.blocked) if own else ("", False)
        if self._name:
            live = found[0].since if found else 0
            at = work.slow().kept() if work else None
            detail = {"parent": os.getppid(), "moves": StageTimer.moves, "live": live, "at": at}
            detail["late"] = work is not None and work.late
            workers.tell(db, self._name, detail)

    def _cut(self, db: Any, work: Work) -> None:
        """Until it gives up: between two statements there is nothing to cancel."""
        if not work.over:
            work.over = True
            logger.warning("%s has taken %.1f s: cut", work.slow(), work.seconds)
        with self._lock:
            if work in self._works.values():
                workers.cut(db, work.number)

    def _last_resort(self, work: Work) -> None:
        """A loop in Python hears nothing, and a database that went away is waited for: the next one does better."""
        over = work.seconds - work.task.seconds
        if self._kills and over > settings.BATCH_SECONDS * GRACE and work in self._works.values():
            logger.error("%s does not give up: this worker ends itself", work.slow())
            os.kill(os.getpid(), signal.SIGKILL)

    def _closed(self) -> None:
        """An idle connection costs a server process."""
        if self._db is not None:
            with suppress(psycopg2.Error):
                self._db.close()
            self._db = None


def bury(db: Connection) -> None:
    """Ends what dead workers of this place left behind; what they died at is tried smaller if its time was up."""
    for detail in workers.bury(db):
        if detail.get("late") and detail["at"]["task"]["requests"]:
            pace.failed(db, pace.Slow.read(detail["at"]))


def code(trouble: BaseException) -> str:
    """PostgreSQL's code of an error, Django's or the driver's own (COPY's are not translated)."""
    found = getattr(trouble, "pgcode", None) or getattr(trouble.__cause__, "pgcode", None)
    return str(found or "")


GUARD: Final = Guard()
