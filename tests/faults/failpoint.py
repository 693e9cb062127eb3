"""A process that ends itself, hard, at a statement of its choice: a copy of this one, forked.

The product knows nothing of it: Django's cursor is watched, in the copy alone. A COMMIT counts as a statement.
"""

import os
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

CHILD_SECONDS = 60


class Watched:
    """Counts statements; does `act` before number `at`, or before a COPY of rows that hold `marker`."""

    def __init__(self, act: Callable[[], None], at: int = -1, marker: str = "") -> None:
        self.act, self.at, self.marker, self.seen = act, at, marker, 0

    def install(self) -> None:
        """From here on, in this process."""
        execute, commit = CursorWrapper.execute, BaseDatabaseWrapper._commit

        def watched_execute(cursor: Any, statement: str, values: Any = None) -> Any:
            self.meet()
            return execute(cursor, statement, values)

        def watched_copy(cursor: Any, statement: str, file: Any, *rest: Any) -> Any:
            self.meet(
                file.getvalue() if isinstance(file, BytesIO) else b""
            )  # else rows that are read, to a file
            return cursor.cursor.copy_expert(statement, file, *rest)

        def watched_commit(database: Any) -> Any:
            self.meet()
            return commit(database)

        CursorWrapper.execute = watched_execute
        CursorWrapper.copy_expert = watched_copy
        BaseDatabaseWrapper._commit = watched_commit

    def meet(self, copied: bytes = b"") -> None:
        """One statement that is about to run."""
        self.seen += 1
        if self.seen == self.at or (self.marker and self.marker.encode() in copied):
            self.act()


def die() -> None:
    """As the kernel's out-of-memory killer does it."""
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    """As a machine that swaps: gone for a while."""
    os.kill(os.getpid(), signal.SIGSTOP)


class Copy:
    """A forked copy of this process that does `work`, its failpoint armed. Its exit code is 0 when all went well."""

    def __init__(self, work: Callable[[], Any], watched: Watched | None = None) -> None:
        connection.close()
        told, tells = os.pipe()
        self.told, self.pid = told, os.fork()
        if self.pid:
            os.close(tells)
            return
        code = 1
        try:
            if watched:
                watched.install()
            work()
            os.write(tells, str(watched.seen if watched else 0).encode())
            code = 0
        except BaseException:
            traceback.print_exc()  # of a test that fails by it, pytest shows what was said
        with suppress(BaseException):
            connection.close()
        os._exit(code)

    def ended(self, seconds: float = CHILD_SECONDS) -> int:
        """Its exit code, negative for a signal."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.002)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError(f"the copy did not end within {seconds} s")

    def stopped(self) -> None:
        """Waits until it stands still."""
        _pid, status = os.waitpid(self.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), status

    def statements(self) -> int:
        """How many it ran; only of one that came to its end."""
        assert self.ended() == 0
        return int(os.read(self.told, 100) or 0)
