"""Group commit: one thread gathers the waiting requests into one statement and one commit; each waits for that commit.

An outcome that is not known (the connection died on the way) is tried once more with the same rows on a fresh
connection: their ids were made before, so a double is nothing. Not here: the statement (log.py), answers (receive.py).
"""

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg2

from channels.inbox import log
from channels.protocol import COMMIT_BYTES_A_SECOND, COMMIT_SECONDS, MB
from kernel.db import rows
from kernel.errors import TryAgain
from kernel.ids import by_chance

logger = logging.getLogger("huiliu.inbox")

MOST_ENTRIES: Final = 500  # of one commit
LONG_GROUP: Final = 128 * 1024  # characters: from here on COPY saves more than its three statements cost
MANY: Final = 8  # entries of a commit; after one of so many a moment is waited for more
MOMENT_SECONDS: Final = 0.001
MOST_BYTES: Final = 2 * MB  # of one commit, but for a single larger request
QUEUE_BYTES: Final = 64 * MB  # what may wait; more is 503 at once
ROOM_SECONDS: Final = 1.0  # how long a look at the disk holds
SIZE_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 2
IDS_AT_ONCE: Final = 256
LOOK_SECONDS: Final = 0.1
STATEMENT_MS: Final = 8_000
GONE: Final = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Waiting(NamedTuple):
    """A request and who waits for it."""

    entry: log.Entry
    future: "asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop


def connect(parameters: dict[str, Any], *, lossy: bool = False) -> Any:
    """A connection whose commits are on disk before they are answered; refuses a server that cannot promise it."""
    options = f"{parameters.get('options', '')} -c statement_timeout={STATEMENT_MS}"
    if not lossy:
        options += " -c synchronous_commit=on"
    db = psycopg2.connect(
        **parameters
        | {
            "options": options,
            "application_name": "huiliu front door",
            "connect_timeout": CONNECT_SECONDS,
            "keepalives_idle": 5,
            "tcp_user_timeout": STATEMENT_MS,
        }
    )
    db.autocommit = True
    if not lossy:
        found = rows(db, "select current_setting('fsync'), current_setting('full_page_writes')")[0]
        if found != ("on", "on"):
            db.close()
            raise psycopg2.OperationalError("fsync or full_page_writes is off: events could be lost")
    return db


class CapacityGuard:
    """Whether there is still room: on the disk the database lies on (when it is this machine's), and in the inbox."""

    def __init__(self, folder: Path | None, free_mb: int, inbox_mb: int = 0) -> None:
        self._folder, self._free, self._inbox = folder, free_mb * MB, inbox_mb * MB
        self._looked_at = self._measured_at = -SIZE_SECONDS
        self._trouble = ""

    def check(self, db: Any) -> None:
        """Raises TryAgain when it is too tight."""
        now = time.monotonic()
        if now - self._looked_at > ROOM_SECONDS:
            self._looked_at = now
            self._trouble = self._disk() or self._size(db, now)
        if self._trouble:
            raise TryAgain(self._trouble)

    def _disk(self) -> str:
        if self._folder is None:
            return ""
        with suppress(OSError):
            found = os.statvfs(self._folder)
            if found.f_bavail * found.f_frsize < self._free:
                return "The disk is nearly full: make room, then send the request again."
        return ""

    def _size(self, db: Any, now: float) -> str:
        if not self._inbox or (now - self._measured_at < SIZE_SECONDS and not self._trouble):
            return ""
        self._measured_at = now
        full = rows(db, log.sql["size"])[0][0] > self._inbox
        return "The inbox has reached the size that is set: move old days away." if full else ""


class Deadlines:
    """Ends what waits too long, by a look at all each tenth of a second: a timer for each request costs too much.

    Lives in one event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []
        self._looking = False

    def add(self, future: "asyncio.Future[None]", seconds: float) -> None:
        """From now on, so long."""
        self._waiting.append((self.loop.time() + seconds, future))
        if not self._looking:
            self._looking = True
            self.loop.call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        now = self.loop.time()
        left = []
        for until, future in self._waiting:
            if future.done():
                continue
            if until <= now:
                future.set_exception(
                    TryAgain("The database does not answer in time: send the request again.")
                )
            else:
                left.append((until, future))
        self._waiting = left
        self._looking = bool(left)
        if left:
            self.loop.call_later(LOOK_SECONDS, self._look)


class Writer:
    """One thread, one connection."""

    def __init__(
        self, connect: Callable[[], Any], room: CapacityGuard, committed: Callable[[], None]
    ) -> None:
        self._connect, self._room, self._committed = connect, room, committed
        self._queue: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        self._put = self._taken = 0  # bytes; each is counted by one thread only
        self._db: Any = None
        self._day: date | None = None
        self._carried: Waiting | None = None
        self._many = False
        self._deadlines: Deadlines | None = None
        self._chance: list[bytes] = []
        threading.Thread(target=self._work, name="writer", daemon=True).start()

    def request_id(self) -> UUID:
        """A new one. Chance is fetched for many at once: each fetch lets the other thread in and out again."""
        if not self._chance:
            drawn = os.urandom(16 * IDS_AT_ONCE)
            self._chance = [drawn[start : start + 16] for start in range(0, len(drawn), 16)]
        return by_chance(self._chance.pop())

    async def keep(self, entry: log.Entry) -> None:
        """Returns when the request is on disk; TryAgain when nobody can say so in time."""
        size = len(entry.body)
        waiting = self._put - self._taken
        if waiting > QUEUE_BYTES:
            raise TryAgain("Too much is waiting to be written: send the request again.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._put += size
        self._queue.put(Waiting(entry, future, loop))
        deadlines = self._deadlines
        if deadlines is None or deadlines.loop is not loop:
            deadlines = self._deadlines = Deadlines(loop)
        deadlines.add(future, COMMIT_SECONDS + (waiting + size) / COMMIT_BYTES_A_SECOND)
        await future

    # ---- in the thread ------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            group = self._gather()
            alive = [waiting for waiting in group if not waiting.future.done()]
            outcome: list[Exception | None] = []
            try:
                outcome = self._write([waiting.entry for waiting in alive])
            except Exception as trouble:
                if not isinstance(trouble, TryAgain):
                    logger.exception("the writer failed")
                outcome = [TryAgain(str(trouble) or "Not now: send the request again.")] * len(alive)
            self._taken += sum(len(waiting.entry.body) for waiting in group)
            self._tell(alive, outcome)
            if any(trouble is None for trouble in outcome):
                self._committed()

    def _gather(self) -> list[Waiting]:
        """What waits now, up to a bound. While many come, a moment later: half of them have just had their answers, and
        a commit of all costs little more than one of half.
        """
        first = self._carried or self._queue.get()
        if self._many and not self._carried:
            time.sleep(MOMENT_SECONDS)
        self._carried = None
        group, size = [first], len(first.entry.body)
        with suppress(queue.Empty):
            while len(group) < MOST_ENTRIES:
                following = self._queue.get_nowait()
                if size + len(following.entry.body) > MOST_BYTES:
                    self._carried = following
                    break
                group.append(following)
                size += len(following.entry.body)
        self._many = len(group) >= MANY
        return group

    def _write(self, entries: Sequence[log.Entry]) -> list[Exception | None]:
        """The outcome of each entry; raises when nothing could be written at all."""
        if not entries:
            return []
        try:
            self._commit(entries)
        except psycopg2.Error as trouble:
            if isinstance(trouble, GONE):
                raise TryAgain("The database cannot confirm the write: send the request again.") from trouble
            logger.exception("a group of %d was refused; trying one by one", len(entries))
            return [self._alone(entry) for entry in entries]
        return [None] * len(entries)

    def _alone(self, entry: log.Entry) -> Exception | None:
        try:
            self._commit([entry])
        except psycopg2.Error:
            logger.exception("a request of connector %d was refused", entry.connector)
            return TryAgain("The database cannot take this request now: send it again.")
        return None

    def _commit(self, entries: Sequence[log.Entry]) -> None:
        """One commit; once more on a fresh connection when that one is gone, by the statement that bears repetition."""
        for last in (False, True):
            try:
                db = self._connection()
                self._room.check(db)
                if last:
                    log.append(db, entries)
                elif sum([len(entry.body) for entry in entries]) < LONG_GROUP:
                    log.append_new(db, entries)
                else:
                    log.copy(db, entries)
            except GONE as trouble:
                self._drop()
                if last:
                    logger.warning("the database cannot confirm: %s", str(trouble).strip().partition("\n")[0])
                    raise
            else:
                return

    def _connection(self) -> Any:
        if self._db is None:
            self._db = self._connect()
        today = datetime.now(UTC).date()
        if self._day != today:
            self._day = today
            try:
                log.ensure_days(self._db, today)
            except psycopg2.Error:  # rows find a place without a day of their own
                logger.exception("the inbox's days could not be made")
        return self._db

    def _drop(self) -> None:
        with suppress(psycopg2.Error):
            if self._db is not None:
                self._db.close()
        self._db = None

    def _tell(self, alive: list[Waiting], outcome: list[Exception | None]) -> None:
        """Back into the loops, one call for each."""
        loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[None], Exception | None]]] = {}
        for waiting, trouble in zip(alive, outcome, strict=True):
            loops.setdefault(waiting.loop, []).append((waiting.future, trouble))
        for loop, answers in loops.items():
            with suppress(RuntimeError):  # a loop that has ended waits for nothing
                loop.call_soon_threadsafe(_answer, answers)


def _answer(answers: "list[tuple[asyncio.Future[None], Exception | None]]") -> None:
    for future, trouble in answers:
        if future.done():
            continue
        if trouble is None:
            future.set_result(None)
        else:
            future.set_exception(trouble)
