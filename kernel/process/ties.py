"""Processes that end with the one that started them, whatever ends it; and on which CPU. Not here: who starts what."""

import ctypes
import hashlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
SURE_SECONDS = 8.0  # what outlives its parent by so long is killed: a warm stop may wait for what never comes
SURE_LOOK = 0.5
START = 19  # of /proc/N/stat behind the name: when it began
ENDED = frozenset("ZXx")
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


def end_for_sure(seconds: float = SURE_SECONDS) -> None:
    """Kills this process some seconds after its parent's end, whatever it waits for.

    The kernel sends one signal, and a program may take it for a wish. Where nothing has to be ended in order, SIGKILL
    as that signal is surer still.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(SURE_LOOK)
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="tied", daemon=True).start()


# ---- who is who --------------------------------------------------------------------------------


@cache
def place() -> str:
    """Where a process number means one process: this machine since its start, and the space of numbers that we see.

    Empty where the system does not say: then nobody can be judged dead.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return hashlib.sha256(f"{boot} {os.readlink('/proc/self/ns/pid')}".encode()).hexdigest()[:8]
    except OSError:
        return ""


def signature(pid: int) -> str:
    """`place number.start`: this process and no other, here or elsewhere, now or later."""
    return f"{place()} {pid}.{_began(pid)}"


def lives(pid: int, start: str) -> bool:
    """Whether a process of this place still runs; one that began at another time is another one."""
    if _began(pid) == start:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's: not ours to judge
    return _began(pid) == start


def _began(pid: int) -> str:
    """In ticks since the machine's start; empty when it is gone or ended."""
    try:
        rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if rest[0] in ENDED else rest[START]


def give_back() -> None:
    """Memory that is free again goes back to the system; without this a process keeps the most it ever had."""
    with suppress(AttributeError):  # another C library than glibc
        _LIBC.malloc_trim(0)


class CpuAffinity:
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
