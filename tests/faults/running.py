"""The real `manage.py up` under fire: who may be killed, what its database holds, what it says of itself."""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2

from kernel.db import rows
from tests.faults.state import comparable, violations
from tests.test_up import Up, family, manage, within

BACK_SECONDS = 60
MAKE_WORKSPACE = """
import json
from channels import setup
place = setup.add_workspace('Faults', currency='CNY', timezone='Asia/Shanghai')
made = [setup.add_channel(place, 'Web shop', 'web'), setup.add_channel(place, 'Store', 'store')]
print(json.dumps([place.pk, {one.channel.slug: one.key for one in made}]))
"""


class Running:
    """One `up`, started again when it is killed, on the same port."""

    def __init__(self, var: Path) -> None:
        self.up = Up(var).ready()

    @property
    def port(self) -> int:
        return self.up.port

    def workspace(self) -> tuple[int, dict[str, str]]:
        """A new workspace: its id, and channel -> write key."""
        done = manage(self.up.var, "shell", "--no-imports", "-c", MAKE_WORKSPACE)
        assert done.returncode == 0, done.stderr
        number, keys = json.loads(done.stdout.strip().splitlines()[-1])
        return number, keys

    def database(self) -> Any:
        """A connection, as soon as there is a server."""

        def tried() -> Any:
            try:
                return psycopg2.connect(self.up.state()["database_url"], connect_timeout=2)
            except (psycopg2.Error, KeyError, OSError, ValueError):
                return None

        found = within(BACK_SECONDS, tried)
        assert found, self.up.text()[-3000:]
        found.autocommit = True
        return found

    def asked(self, question: Callable[[Any], Any]) -> Any:
        """The answer of a question to the database, asked again when the server dies meanwhile."""
        until = time.monotonic() + BACK_SECONDS
        while True:
            db = self.database()
            try:
                return question(db)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                if time.monotonic() > until:
                    raise
            finally:
                db.close()

    def violations(self) -> dict[str, Any]:
        return self.asked(violations)

    def comparable(self, workspace: int) -> dict[str, Any]:
        return self.asked(lambda db: comparable(db, workspace))

    def stored(self, workspace: int) -> list[str]:
        """messageIds of events and records, each as often as it is there."""
        return self.asked(
            lambda db: [
                name
                for (name,) in rows(
                    db, "select message_id from profiles_event where workspace_id = %(ws)s::int", ws=workspace
                )
            ]
        )

    def taken(self, workspace: int) -> int:
        """How many messages were taken, events and records."""
        return self.asked(
            lambda db: rows(
                db, "select count(*) from channels_seen where workspace_id = %(ws)s::int", ws=workspace
            )
        )[0][0]

    def open(self) -> int:
        """Requests that nobody has worked yet."""
        return self.asked(lambda db: rows(db, "select count(*) from channels_inbox_open"))[0][0]

    def settled(self, seconds: float) -> float:
        """Waits until all is worked; how long it took."""
        begin = time.monotonic()
        assert within(seconds, lambda: self.open() == 0), (self.open(), self.up.text()[-3000:])
        return time.monotonic() - begin

    def pid(self, part: str) -> int:
        return int(self.up.state()["pids"][part])

    def kill(self, target: str, rng: random.Random) -> None:
        """kill -9 of one of TARGETS; what is gone at this moment already is left alone."""
        with suppress(ProcessLookupError, KeyError, IndexError):
            TARGETS[target](self, rng)

    def one_of(self, part: str, rng: random.Random) -> int:
        """A process that a part has started."""
        return rng.choice(sorted(family(self.pid(part))))

    def backend(self, rng: random.Random) -> int:
        """A server process of the product."""
        found = self.asked(
            lambda db: rows(
                db,
                "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
            )
        )
        return int(rng.choice(found)[0])

    def everything(self) -> None:
        """The whole tree, and a new start."""
        self.up.process.kill()
        self.up.process.wait()
        self.up = Up(self.up.var, port=self.port).ready()


def killed(pid: Callable[[Running, random.Random], int]) -> Callable[[Running, random.Random], None]:
    return lambda running, rng: os.kill(pid(running, rng), signal.SIGKILL)


TARGETS: dict[str, Callable[[Running, random.Random], None]] = {
    "web child": killed(lambda running, rng: running.one_of("web", rng)),
    "worker child": killed(lambda running, rng: running.one_of("worker", rng)),
    "backend": killed(lambda running, rng: running.backend(rng)),
    "worker": killed(lambda running, _rng: running.pid("worker")),
    "postgres": killed(lambda running, _rng: running.pid("postgres")),
    "valkey": killed(lambda running, _rng: running.pid("valkey")),
    "web": killed(lambda running, _rng: running.pid("web")),
    "beat": killed(lambda running, _rng: running.pid("beat")),
    "everything": lambda running, _rng: running.everything(),
}


def say(figures: str) -> None:
    """What a run measured, for docs/reliability.md; shown by `pytest -s`."""
    sys.stdout.write(f"\n{figures}\n")
