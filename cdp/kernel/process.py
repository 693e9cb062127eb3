"""Processes that end with the one that started them, whatever ends it; and on which CPU. Not here: who starts what."""

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(stop: signal.Signals = signal.SIGTERM, parent: int | None = None) -> None:
    """The kernel sends `stop` to this process when its parent ends.

    A parent that ended before we asked would never be noticed: hence the second look.
    Call it first thing in a child, at the top of a module that a worker imports, say.
    """
    if parent is None:
        known = multiprocessing.parent_process()
        parent = known.pid if known is not None else os.getppid()
    _LIBC.prctl(PR_SET_PDEATHSIG, int(stop), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), stop)


def give_back() -> None:
    """Memory that is free again goes back to the system; without this a process keeps the most it ever had."""
    with suppress(AttributeError):  # another C library than glibc
        _LIBC.malloc_trim(0)


class Beside:
    """This thread and another process on one CPU, or each where the system puts it.

    Two that take turns in small steps lose a third of their time when each has to be woken on another CPU, and much
    more when that one is busy; in large steps they work side by side. Nothing happens where it is not allowed.
    """

    def __init__(self, pid: int, name: str) -> None:
        """`name`: what the other one is called, or it is another machine's number."""
        self._pid, self._own = pid, os.getpid()
        self._cpus: set[int] = set()
        self._together = False
        with suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text().strip() == name:
                self._cpus = os.sched_getaffinity(0)

    def __call__(self, *, together: bool) -> None:
        """From now on."""
        if together == self._together or len(self._cpus) < 2:
            return
        self._together = together
        cpus = {sorted(self._cpus)[self._own % len(self._cpus)]} if together else self._cpus
        try:
            os.sched_setaffinity(self._pid, cpus)
        except OSError:  # it is gone, or another user's: we go where the system likes, for good
            cpus, self._cpus = self._cpus, set()
        with suppress(OSError):
            os.sched_setaffinity(0, cpus)


def tied(stop: signal.Signals) -> Callable[[], None]:
    """`preexec_fn` of a child that shall get `stop` when this process ends."""
    parent = os.getpid()

    def before_exec() -> None:
        die_with_parent(stop, parent)

    return before_exec
