"""What every benchmark stands on: databases of its own, a seeded stream of messages, the CPU of everything.

Not here: what is measured. Machines are noisy: figures are medians of several runs, ratios are taken side by side.
"""

import argparse
import bisect
import itertools
import json
import os
import platform
import random
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ZIPF = 0.8
NEW_COOKIES = 0.05  # of the events bring a cookie never seen
JOINING = 0.005  # join a known cookie to a customer
PER_REQUEST = 100
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TICKS = os.sysconf("SC_CLK_TCK")


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
    }
    from cdp.embedded import Servers

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


class Cpu:
    """CPU seconds of this process, its children and PostgreSQL, ended backends included."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster = postmaster
        self.begin, self.clock = self.spent(), time.perf_counter()

    def spent(self) -> float:
        """Since the processes began."""
        own = os.times()
        return own.user + own.system + own.children_user + own.children_system + self._postgres()

    def _postgres(self) -> float:
        total = 0
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                fields = _stat(int(entry))
                if fields and (int(entry) == self.postmaster or int(fields[1]) == self.postmaster):
                    mine = fields[11:15] if int(entry) == self.postmaster else fields[11:13]
                    total += sum(map(int, mine))
        return total / TICKS

    def since(self) -> tuple[float, float]:
        """(seconds on the clock, CPU seconds) since the last call or the beginning."""
        spent, clock = self.spent(), time.perf_counter()
        took = clock - self.clock, spent - self.begin
        self.begin, self.clock = spent, clock
        return took


def cpu(servers: Any) -> Cpu:
    """The CPU of this process and of these servers' PostgreSQL."""
    return Cpu(int((servers.postgres.folder / "postmaster.pid").read_text().split()[0]))


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


# ---- messages -----------------------------------------------------------------------------------


class Stream:
    """Seeded messages of a shop: customers by Zipf, pages, products, carts, 4 % orders, some identifies."""

    def __init__(self, people: int, seed: int = 1) -> None:
        self.dice = random.Random(seed)
        self.people = people
        self.weights = list(itertools.accumulate(1 / (n + 1) ** ZIPF for n in range(people)))
        self.number = itertools.count()
        self.prefix = f"{seed:x}"

    def message(self) -> dict[str, Any]:
        """The next message."""
        dice, n = self.dice, next(self.number)
        who = bisect.bisect(self.weights, dice.random() * self.weights[-1])
        at = BEGIN + timedelta(seconds=n * 0.7 + dice.random() * 3600)
        made: dict[str, Any] = {
            "messageId": f"{self.prefix}-{uuid.UUID(int=dice.getrandbits(128))}",
            "timestamp": at.isoformat(timespec="milliseconds"),
            "context": {
                "ip": "203.0.113.7",
                "locale": "zh-CN",
                "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
                "page": {
                    "path": f"/p/{n % 997}",
                    "url": f"https://shop.example/p/{n % 997}",
                    "title": "Shop",
                },
                "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15",
            },
        }
        chance = dice.random()
        if chance < NEW_COOKIES:
            made["anonymousId"] = f"{self.prefix}-new-{n}"
        elif chance < NEW_COOKIES + JOINING:
            made |= {"anonymousId": f"{self.prefix}-new-{dice.randrange(n + 1)}", "userId": f"user-{who}"}
        elif chance < 0.6:
            made["userId"] = f"user-{who}"
            if dice.random() < 0.5:
                made["anonymousId"] = f"anon-{who}"
        else:
            made["anonymousId"] = f"anon-{who}"
        return made | self._what(n, who)

    def _what(self, n: int, who: int) -> dict[str, Any]:
        dice, chance = self.dice, self.dice.random()
        product = {
            "sku": f"SKU-{n % 480}",
            "price": 9 + n % 300,
            "quantity": 1 + n % 3,
            "name": f"Product {n % 480}",
        }
        if chance < 0.04:
            return {
                "type": "track",
                "event": "Order Completed",
                "userId": f"user-{who}",
                "properties": {
                    "order_id": f"{self.prefix}-O{n}",
                    "total": f"{9 + n % 900}.50",
                    "products": [product],
                },
            }
        if chance < 0.08:
            traits = {
                "name": f"客户{who}",
                "city": dice.choice(["北京", "上海", "杭州"]),
                "email": f"u{who}@example.cn",
            }
            return {"type": "identify", "userId": f"user-{who}", "traits": traits}
        if chance < 0.5:
            return {"type": "page", "name": "Product", "properties": {"path": f"/p/{n % 997}"}}
        return {
            "type": "track",
            "event": dice.choice(["Product Viewed", "Product Added"]),
            "properties": product,
        }

    def bodies(self, events: int, per_request: int = PER_REQUEST) -> Iterator[tuple[str, int]]:
        """(body, messages) of batch requests."""
        for start in range(0, events, per_request):
            count = min(per_request, events - start)
            yield json.dumps({"batch": [self.message() for _ in range(count)]}, ensure_ascii=False), count


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
        if len(entries) >= 200:
            log.append(connection, entries)
            entries = []
    log.append(connection, entries)
    return total


# ---- saying it ----------------------------------------------------------------------------------


def options(text: str | None, **sizes: int) -> argparse.Namespace:
    """`--events 50000` and the like, from names and defaults."""
    parser = argparse.ArgumentParser(description=text)
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


def say(name: str, values: list[float], unit: str) -> float:
    """One line: median, least and most. Gives the median."""
    middle = statistics.median(values)
    print(f"{name:44} {middle:12,.1f} {unit:24} min {min(values):,.1f} max {max(values):,.1f}")
    return middle


def machine() -> None:
    """Where this was measured."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        version = cursor.fetchone()[0]
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} CPUs, load {load:.1f}, Python {platform.python_version()}, PostgreSQL {version}")
