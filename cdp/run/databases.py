"""Which databases this checkout uses, and who started them: the locks and the note in var/run.

Whoever holds `var/run/lock` is the starter. Every user of the databases holds `var/run/users` shared; a starter that
is done stops them only when it gets that lock for itself alone. `state.json` says where they listen and who runs.
Not here: how a server is started (embedded.py), the running of everything (supervisor.py).
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from cdp.run.embedded import Servers, private
from kernel.errors import Trouble

BASE = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 90.0
POLL_SECONDS = 0.1


def var_folder() -> Path:
    """Where this checkout keeps its data: `var/`, or what HUILIU_VAR names."""
    return Path(os.environ.get("HUILIU_VAR") or BASE / "var").resolve()


class Lock:
    """One flock. The kernel frees it with the process, so it is never stale."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = open(path, "a")  # noqa: SIM115 (held as long as the lock)

    def shared(self) -> None:
        """Beside other users; waits for one who holds it alone."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def alone(self) -> None:
        """Waits until nobody else holds it."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def tried(self) -> bool:
        """Alone, if that is possible at once."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def free(self) -> None:
        """Give it back."""
        self._file.close()


def state(var: Path) -> dict[str, Any]:
    """What the starter noted; empty when nobody did."""
    with suppress(FileNotFoundError, ValueError):
        return dict(json.loads((var / "run" / "state.json").read_text()))
    return {}


def note(var: Path, **facts: object) -> None:
    """Add to what is noted. Only the starter writes."""
    private(var / "run" / "state.json", json.dumps(state(var) | facts, indent=1))


def forget(var: Path) -> None:
    """The databases are gone, or about to start anew."""
    (var / "run" / "state.json").unlink(missing_ok=True)


@contextmanager
def borrowed() -> Iterator[bool]:
    """Databases for one command; the environment names them afterwards. True if the command had to start them."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield False
        return
    var = var_folder()
    users, lock = Lock(var / "run" / "users"), Lock(var / "run" / "lock")
    users.shared()
    try:
        if _started_by_us(var, lock):
            yield from _for_our_time(var, users)
        else:
            yield False
    finally:
        lock.free()
        users.free()


def _started_by_us(var: Path, lock: Lock) -> bool:
    """True with the lock in hand, False when a running starter's databases are named in the environment."""
    until = time.monotonic() + WAIT_SECONDS
    while not lock.tried():
        found = state(var)
        if "database_url" in found and "redis_url" in found:
            _name(found["database_url"], found["redis_url"])
            return False
        if time.monotonic() > until:
            raise Trouble(
                f"Another process is starting the databases in {var} and is not ready: try again later."
            )
        time.sleep(POLL_SECONDS)
    return True


def _for_our_time(var: Path, users: Lock) -> Iterator[bool]:
    forget(var)
    servers = Servers(var)
    try:
        servers.start()
        urls = servers.postgres.url(), servers.valkey.url()
        note(var, starter="command", pid=os.getpid(), database_url=urls[0], redis_url=urls[1])
        _name(*urls)
        yield True
        users.alone()
    finally:
        forget(var)
        servers.stop()


def _name(database: str, broker: str) -> None:
    os.environ.setdefault("DATABASE_URL", database)
    os.environ.setdefault("REDIS_URL", broker)
