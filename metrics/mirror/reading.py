"""A question to the mirror: which state it is put to, and the process that answers. Not here: the questions."""

import itertools
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, cast

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from kernel.errors import TryAgain
from metrics.mirror import place, state
from metrics.mirror.files import Folder, Manifest
from metrics.mirror.selects import select_of
from metrics.mirror.tables import TABLES, TOUCHES
from metrics.mirror.wire import SPILL, Answer, Cancel, Question, receive, send

logger = logging.getLogger("huiliu.mirror")

Rows = list[tuple[Any, ...]]
STOPS_SECONDS: Final = 2.0  # a question that was cancelled ends in so long, or its process does
LOST, INTERRUPTED, TOO_LARGE = "Lost", "InterruptException", "OutOfMemoryException"
ROOT: Final = Path(__file__).resolve().parents[2]


class Mirror(Protocol):
    """One workspace's mirror, open for the questions of one answer: all see the same state."""

    @property
    def as_of(self) -> datetime | None:
        """The newest event that is in it, aware and in UTC; None: nothing is."""

    def rows(self, sql: str, **values: Any) -> Rows:
        """The rows of a SELECT of DuckDB over the tables and views of tables.py; `$name` stands for a value.

        Times go in and come out naive, in UTC. Raises TryAgain for what takes too long.
        """


@contextmanager
def open_mirror(workspace: int) -> Iterator[Mirror]:
    """The mirror of a workspace as it is now. Raises TryAgain while it is being made."""
    folder = place.folder_of(workspace)
    manifest = state.readable(connection, workspace, folder)
    if manifest is None:
        raise TryAgain(_("The copy that journeys are read from is being made. Try again in a minute."))
    yield State(folder, manifest)


def patient(mirror: Mirror, seconds: float) -> None:
    """Lets statements take so long: where nobody waits for the answer."""
    if isinstance(mirror, State):
        mirror.seconds = seconds


class State:
    """A state of a workspace's mirror, read in the process beside us."""

    def __init__(self, folder: Folder, manifest: Manifest) -> None:
        self._name = f"{folder.path}:{manifest.state}"
        self._tables = {
            name: select_of(table, folder.path, manifest.of(name)) for name, table in TABLES.items()
        }
        self._manifest, self.seconds = manifest, settings.MIRROR_SECONDS

    @property
    def as_of(self) -> datetime | None:
        """The newest event in it."""
        return self._manifest.as_of

    @property
    def state(self) -> str:
        """Which state it is: another one after any change."""
        return self._name

    def touches(self, first: str, last: str) -> int:
        """How many touches the months from one to another have, both inside, as 2026-03."""
        files = self._manifest.of(TOUCHES.name)
        return sum(file.rows for file in files if first <= file.month <= last)

    def rows(self, sql: str, **values: Any) -> Rows:
        """Asked of the process beside us."""
        return _beside().ask(self._name, self._tables, sql, values, self.seconds)


class Beside:
    """The reading process, started at the first question and anew when it is lost."""

    def __init__(self) -> None:
        self._lock, self._numbers = threading.Lock(), itertools.count(1)
        self._waiting: dict[int, tuple[subprocess.Popen[bytes], Future[Answer]]] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def ask(
        self, state: str, tables: dict[str, str], sql: str, values: dict[str, Any], seconds: float
    ) -> Rows:
        """The rows of a question; TryAgain when they do not come in time. One that was lost is asked once more."""
        question = Question(0, state, tables, sql, values)
        answer = self._put(question, seconds)
        if answer.error == LOST:
            answer = self._put(question, seconds)
        for sort, sentence in ((LOST, _lost()), (INTERRUPTED, _slow(seconds)), (TOO_LARGE, _large())):
            if answer.error.startswith(sort):
                raise TryAgain(sentence)
        if answer.error:
            raise RuntimeError(answer.error)
        return answer.rows

    def _put(self, question: Question, seconds: float) -> Answer:
        number, future = next(self._numbers), Future[Answer]()
        with self._lock:
            process = self._running()
            self._waiting[number] = (process, future)
            with suppress(BrokenPipeError):
                send(_pipe(process.stdin), question._replace(id=number))
        try:
            return future.result(seconds)
        except Late:
            self._stop(process, number, future)
            raise TryAgain(_slow(seconds)) from None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            root = Path(settings.MIRROR)
            (root / SPILL).mkdir(parents=True, exist_ok=True)
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "metrics.mirror.reader"),
                    *("--memory-mb", str(settings.MIRROR_READER_MB)),
                    *("--threads", str(os.cpu_count() or 1), "--root", str(root)),
                ],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        return self._process

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        while (answer := cast("Answer | None", receive(_pipe(process.stdout)))) is not None:
            _process, future = self._waiting.pop(answer.id, (None, None))
            if future is not None:
                future.set_result(answer)
        process.wait()
        with self._lock:  # what it was asked is asked in vain
            lost = [number for number, (asked, _future) in self._waiting.items() if asked is process]
            futures = [(number, self._waiting.pop(number)[1]) for number in lost]
            self._process = None if self._process is process else self._process
        for number, future in futures:
            future.set_result(Answer(number, [], LOST))

    def _stop(self, process: "subprocess.Popen[bytes]", number: int, future: "Future[Answer]") -> None:
        with self._lock, suppress(BrokenPipeError, ValueError):
            send(_pipe(process.stdin), Cancel(number))
        with suppress(Late):
            future.result(STOPS_SECONDS)
            return
        logger.warning("the mirror's reading process does not stop at a question: it is ended")
        process.kill()


_PROCESSES: dict[int, Beside] = {}  # by the process that asks: a fork has one of its own


def _beside() -> Beside:
    return _PROCESSES.setdefault(os.getpid(), Beside())


def _pipe(stream: Any) -> Any:
    assert stream is not None  # noqa: S101 (asked for when it was started)
    return stream


def _slow(seconds: float) -> str:
    return _(
        "This question took longer than %(n)s seconds and was stopped: "
        "choose a shorter period, fewer steps or a filter, or try again later."
    ) % {"n": f"{seconds:g}"}


def _lost() -> str:
    return _("The process that reads the mirror was ended and is started anew: try again.")


def _large() -> str:
    return _(
        "This question needs more memory than it may take: choose a shorter period, fewer steps or a filter."
    )
