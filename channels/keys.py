"""Whose a write key or a hook's address is: this process's memory of it. Not here: making keys (setup.py), limits
(buckets.py), what a hook is (hooks.py).

A known key is asked for again after a few seconds, so that a revoked one ends soon; when the database cannot say, what
was known lasts on, and what was not is 503, never 401: a client drops its events for good on 401.
"""

import asyncio
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

import psycopg2

from channels.protocol import KEY_LENGTH
from kernel.db import Connection, Statements, rows
from kernel.errors import TryAgain

sql = Statements(__file__)

FRESH_SECONDS: Final = 5.0
UNKNOWN_SECONDS: Final = 2.0  # a key that was not there: somebody may be making it
KEPT_SECONDS: Final = 3_600.0  # while the database cannot say
DOWN_SECONDS: Final = 0.5  # after a failure nobody asks for so long
ASK_SECONDS: Final = 1.5
ASK_AGAIN_SECONDS: Final = 0.3  # of a key that is known: what is left is the commit's
MOST_KEYS: Final = 10_000
MOST_ASKED: Final = 500
PRINTABLE: Final = re.compile(rf"[\x21-\x7e]{{1,{KEY_LENGTH}}}")


class Source(NamedTuple):
    """What a write key opens."""

    connector: int
    workspace: int
    uuid: UUID
    name: str
    enabled: bool
    rate_limit: int | None
    created: str


def find(db: Connection, key: str) -> Source | None:
    """The source of a write key."""
    found = rows(db, sql["source"], key=key)
    return Source(*found[0]) if found else None


Found = TypeVar("Found")


class _Known(NamedTuple, Generic[Found]):
    source: Found | None
    asked_at: float


class Keys(Generic[Found]):
    """What keys open, by their text. Lives in one event loop; `look` asks the database, in a thread of its own."""

    def __init__(self, connect: Callable[[], Any], look: Callable[[Connection, str], Found | None]) -> None:
        self._connect, self._ask_database = connect, look
        self._known: dict[str, _Known[Found]] = {}
        self._asking: dict[str, asyncio.Task[Found | None]] = {}
        self._down_until = 0.0
        self._thread = ThreadPoolExecutor(1, "keys")
        self._local = threading.local()

    async def find(self, text: str) -> Found | None:
        """The source of a key; None when there is none. TryAgain when nobody can say."""
        now = time.monotonic()
        known = self._known.get(text)
        if known and now - known.asked_at < (FRESH_SECONDS if known.source else UNKNOWN_SECONDS):
            return known.source
        if not PRINTABLE.fullmatch(text):
            return None
        try:
            return await self._ask(text, now, ASK_AGAIN_SECONDS if known and known.source else ASK_SECONDS)
        except (TimeoutError, psycopg2.Error) as trouble:
            if known and known.source and now - known.asked_at < KEPT_SECONDS:
                return known.source
            raise TryAgain("The database does not answer: send the request again.") from trouble

    async def _ask(self, text: str, now: float, seconds: float) -> Found | None:
        """Ask the database, once for all who want to know the same."""
        if now < self._down_until or len(self._asking) >= MOST_ASKED:
            raise TimeoutError
        asking = self._asking.get(text)
        if asking is None:
            asking = asyncio.create_task(self._answer(text))
            self._asking[text] = asking
            asking.add_done_callback(lambda task: self._heard(text, task))
        try:
            return await asyncio.wait_for(asyncio.shield(asking), seconds)
        except TimeoutError:
            self._down_until = time.monotonic() + DOWN_SECONDS
            raise

    async def _answer(self, text: str) -> Found | None:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._look, text)

    def _heard(self, text: str, task: "asyncio.Task[Found | None]") -> None:
        self._asking.pop(text, None)
        if task.cancelled() or task.exception():
            self._down_until = time.monotonic() + DOWN_SECONDS
            return
        if len(self._known) >= MOST_KEYS:
            self._known = {key: known for key, known in self._known.items() if known.source}
        self._known[text] = _Known(task.result(), time.monotonic())

    def _look(self, text: str) -> Found | None:
        """In the thread: one query; a broken connection is made anew once."""
        for last in (False, True):
            try:
                return self._ask_database(self._connection(), text)
            except psycopg2.Error:
                self._drop()
                if last:
                    raise
        return None

    def _connection(self) -> Connection:
        if getattr(self._local, "db", None) is None:
            self._local.db = self._connect()
        return self._local.db  # type: ignore[no-any-return]

    def _drop(self) -> None:
        with suppress(psycopg2.Error):
            if getattr(self._local, "db", None) is not None:
                self._local.db.close()
        self._local.db = None
