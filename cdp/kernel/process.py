"""Processes that end with the one that started them, whatever ends it. Not here: who starts what."""

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress

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


def tied(stop: signal.Signals) -> Callable[[], None]:
    """`preexec_fn` of a child that shall get `stop` when this process ends."""
    parent = os.getpid()

    def before_exec() -> None:
        die_with_parent(stop, parent)

    return before_exec
