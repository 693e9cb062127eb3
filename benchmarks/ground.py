"""What every benchmark stands on: databases of its own, the CPU of everything, figures said and kept.

Not here: what is measured; messages (stream.py). Machines are noisy: figures are medians of several runs, ratios are
taken side by side, and a CPU second says more than a second on the clock.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "benchmarks" / "results"  # what docs/performance.md shows: written with --keep
TICKS = os.sysconf("SC_CLK_TCK")
REQUESTS_A_STATEMENT = 200
PACKAGES = ("Django", "djangorestframework", "granian", "celery", "psycopg2-binary")


@contextmanager
def ground() -> Iterator[Any]:
    """A migrated database and a Valkey of the run's own, durable as in production; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="huiliu-benchmark-"))
    folder.chmod(0o711)
    os.environ |= {
        "HUILIU_VAR": str(folder),
        "SECRET_KEY": "benchmark",
        "IDENTITY_SECRET": "benchmark",
        "ENCRYPTION_KEYS": "k1:" + "07" * 32,
        "DJANGO_SETTINGS_MODULE": "cdp.settings",
        "LOG_LEVEL": "ERROR",
        "BUILT_STATIC": "0",
        "MALLOC_ARENA_MAX": "2",
    }
    from cdp.run.embedded import Servers

    servers = Servers(folder)
    servers.start()
    try:
        os.environ |= {"DATABASE_URL": servers.postgres.url(), "REDIS_URL": servers.valkey.url(0)}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield servers
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


# ---- CPU ----------------------------------------------------------------------------------------


class Cpu:
    """CPU seconds of some processes with all that came from them, ended ones included, and perhaps of this one."""

    def __init__(self, *roots: int, own: bool = True) -> None:
        self.roots, self.own = roots, own
        self.begin, self.clock = self.spent(), time.perf_counter()

    def spent(self) -> float:
        """Since the processes began."""
        times = os.times()
        return (times.user + times.system if self.own else 0.0) + sum(map(_ticks, self._tree())) / TICKS

    def since(self) -> tuple[float, float]:
        """(seconds on the clock, CPU seconds) since the last call or the beginning."""
        spent, clock = self.spent(), time.perf_counter()
        took = clock - self.clock, spent - self.begin
        self.begin, self.clock = spent, clock
        return took

    def _tree(self) -> list[list[str]]:
        stats = {int(name): stat for name in os.listdir("/proc") if name.isdigit() and (stat := _stat(name))}
        children: dict[int, list[int]] = {}
        for pid, stat in stats.items():
            children.setdefault(int(stat[1]), []).append(pid)
        found, ends = [], [pid for pid in self.roots if pid in stats]
        while ends:
            pid = ends.pop()
            found.append(stats[pid])
            ends += children.get(pid, [])
        return found


def postmaster(servers: Any) -> int:
    """The process of these servers' PostgreSQL that all its others come from."""
    return int((servers.postgres.folder / "postmaster.pid").read_text().split()[0])


def cpu(servers: Any, *others: int, own: bool = True) -> Cpu:
    """The CPU of PostgreSQL, of other processes, and of this one unless it only sends."""
    return Cpu(postmaster(servers), *others, own=own)


def _ticks(stat: Sequence[str]) -> int:
    """User and system, its own and of children that ended."""
    return sum(map(int, stat[11:15]))


def _stat(pid: str) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


# ---- a place to measure -------------------------------------------------------------------------


def place() -> Any:
    """A workspace with two channels: (workspace, connector serial ids, write key of the first)."""
    from channels import setup

    workspace = setup.add_workspace("Benchmark")
    made = [setup.add_channel(workspace, name, kind) for name, kind in (("Web", "web"), ("Store", "store"))]
    return workspace, [one.connector.pk for one in made], made[0].key


def fill(workspace: int, connectors: list[int], bodies: Iterator[tuple[str, int]]) -> int:
    """Puts requests into the inbox as the front door would; how many messages."""
    from django.db import connection

    from channels.inbox import log

    total, entries = 0, []
    for place_, (body, count) in enumerate(bodies):
        connector = connectors[place_ % len(connectors)]
        now = datetime.now(UTC)
        entries.append(log.Entry(workspace, now, uuid.uuid4(), connector, "batch", count, body))
        total += count
        if len(entries) >= REQUESTS_A_STATEMENT:
            log.append(connection, entries)
            entries = []
    log.append(connection, entries)
    return total


def drain() -> dict[str, Any]:
    """Works the inbox until it is empty."""
    from cdp.pipeline import batches

    return batches.drain(wait=True)


def analyze() -> None:
    """As the server would do by itself after a while."""
    one("vacuum analyze", answers=False)


def one(statement: str, *values: Any, answers: bool = True) -> Any:
    """A statement and the first cell of its answer."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0] if answers else None


def reader(workspace: Any) -> Any:
    """A browser, signed in as an analyst of the workspace."""
    from django.contrib.auth.models import User
    from django.test import Client

    from kernel.models import Member

    user, _new = User.objects.get_or_create(username="reader")
    Member.objects.get_or_create(workspace=workspace, user=user, defaults={"role": "analyst"})
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client


# ---- saying it ----------------------------------------------------------------------------------


def options(text: str | None, **sizes: int | str) -> argparse.Namespace:
    """`--events 50000` and the like, from names and defaults; `--keep`."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--keep", action="store_true", help="write the figures to benchmarks/results/")
    return parser.parse_args()


class Figures:
    """The figures of one program: printed as they come, and written to a file at the end."""

    def __init__(self, name: str, asked: argparse.Namespace) -> None:
        self.name, self.keep = name, asked.keep
        self.found: dict[str, Any] = {}
        self.head = {"program": name, "options": vars(asked), "machine": machine()}
        print(f"== {name}  {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", flush=True)
        for what, value in self.head["machine"].items():
            print(f"   {what}: {value}", flush=True)

    def say(self, key: str, name: str, values: Sequence[float], unit: str) -> float:
        """One line: median, least and most. Gives the median."""
        middle = statistics.median(values)
        digits = 0 if middle >= 1_000 else 1
        spread = f"min {min(values):,.{digits}f}  max {max(values):,.{digits}f}  of {len(values)}"
        print(f"{name:52} {middle:12,.{digits}f} {unit:16} {spread}", flush=True)
        self.found[key] = {"name": name, "unit": unit, "median": middle, "values": list(values)}
        return middle

    def ratio(
        self, key: str, name: str, ours: Sequence[float], theirs: Sequence[float], must: float = 0.0
    ) -> float:
        """Ours to theirs, run by run: those were measured side by side. What is wanted stands beside it."""
        values = [a / b for a, b in zip(ours, theirs, strict=True)]
        middle = statistics.median(values)
        shown = (lambda value: f"{value:.1f}x") if middle >= 2 else (lambda value: f"{value:.1%}")
        wanted = f"  must {shown(must)}: {'reached' if middle >= must else 'NOT reached'}" if must else ""
        spread = f"min {shown(min(values))}  max {shown(max(values))}"
        print(f"{name:52} {shown(middle):>12} {'':16} {spread}{wanted}", flush=True)
        self.found[key] = {"name": name, "unit": "ratio", "median": middle, "values": values, "must": must}
        return middle

    def note(self, key: str, value: Any) -> None:
        """Something for the file alone."""
        self.found[key] = value

    def write(self) -> None:
        """Into var/benchmarks of the checkout, and where --keep says so into the repository."""
        text = json.dumps(self.head | {"figures": self.found}, indent=1, ensure_ascii=False) + "\n"
        for folder in (ROOT / "var" / "benchmarks", *([KEPT] if self.keep else [])):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{self.name}.json").write_text(text)


def machine() -> dict[str, str]:
    """Where this is measured: hardware, load, versions, what the database promises."""
    from django.db import connection

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(f'current_setting({name!r})' for name in names)}")
        server, *promises = cursor.fetchone()
    said = ", ".join(f"{name} {value}" for name, value in zip(names[1:], promises, strict=True))
    return {
        "machine": f"{os.cpu_count()} CPUs, {memory:.0f} GB, load {os.getloadavg()[0]:.1f} at the start",
        "database": f"PostgreSQL {server}, {said}",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{p} {version(p)}" for p in PACKAGES)]
        ),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def python(*words: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *words]
