"""Can events be accepted, how is it going: /readyz, /metrics. (/healthz needs no look: cdp/serve/server.py.)

Ready means: events can be accepted. A broker or worker that is away is told, and is no reason to send events elsewhere.
Each answer is (status, content type, body), made in a thread of its own. Not here: what a person sees of it (pages).
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from cdp.pipeline import alerts
from channels.inbox import health as connectors
from channels.inbox import log
from kernel.db import rows
from kernel.models import Job
from kernel.process import workers
from profiles.identity import waiting

THREAD: Final = ThreadPoolExecutor(1, "probes")
JSON: Final = "application/json"
DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")
NOT_DURABLE: Final = frozenset({"off"})
MOST_CHANNELS: Final = 500  # with a line of their own in /metrics; what more there are is one line
OTHERS: Final = "other channels"
MEMORY_SECONDS: Final = 1.0  # probes come often; an answer holds for so long

Answer = tuple[int, str, bytes]


SILENT: Final[Answer] = (503, JSON, b'{"ready":false,"database":"does not answer"}')


class _Memory:
    migrated = False
    told: tuple[float, int, dict[str, Any]] = (-MEMORY_SECONDS, 503, {})


def report() -> Answer:
    """Whether events can be accepted, and what stands behind it."""
    at, status, facts = _Memory.told
    if time.monotonic() - at >= MEMORY_SECONDS:
        close_old_connections()
        status, facts = look()
        _Memory.told = (time.monotonic(), status, facts)
    return status, JSON, json.dumps(facts).encode()


def look() -> tuple[int, dict[str, Any]]:
    """200 and the facts, or 503 and what is missing."""
    try:
        database, migrated = durability(), migrations_done()
        if not migrated:
            return 503, {"ready": False, "database": database, "migrations": "pending"}
        safe = settings.FAST_AND_LOSSY or not any(database[name] in NOT_DURABLE for name in DURABLE)
        requests, messages, oldest = log.backlog(connection)
        lag = max((datetime.now(UTC) - oldest).total_seconds(), 0.0) if oldest else 0.0
        broken = {alarm.name for alarm in alerts.of_all(connection)}
        facts = {
            "ready": safe,
            "database": database,
            "migrations": "done",
            "broker": "down" if "broker_down" in broken else "up",
            "worker": "stopped" if "worker_stopped" in broken else "working" if requests else "idle",
            "alarms": sorted(broken),
            "workers": [_worker(sign) for sign in workers.signs(connection)],
            "lag": {"seconds": round(lag, 3), "requests": requests, "messages": messages},
            "identity": undecided(),
            "demo": demo(),
        }
    except (DatabaseError, InterfaceError) as trouble:
        connection.close()
        return 503, {"ready": False, "database": str(trouble).strip().partition("\n")[0]}
    return 200 if safe else 503, facts


def _worker(sign: workers.Sign) -> dict[str, Any]:
    """Of a worker what its supervisor judges it by: it began something since, or is in a statement."""
    said = sign.detail
    return {
        "place": sign.where,
        "parent": said.get("parent"),
        "at": sign.at.timestamp(),
        "moves": said.get("moves"),
        "live": bool(said.get("live")),
    }


def durability() -> dict[str, str]:
    """The settings without which an acknowledged event could be lost."""
    found = rows(
        connection,
        "select name, setting from pg_settings where name = any(%(names)s::text[]) order by name",
        names=[*DURABLE, "server_version"],
    )
    return dict(found)


def migrations_done() -> bool:
    """Whether the tables are as this code wants them. Once true, true for this process."""
    if not _Memory.migrated:
        executor = MigrationExecutor(connection)
        _Memory.migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _Memory.migrated


def undecided() -> dict[str, Any]:
    """How many edges wait for the background, and since when."""
    found = waiting.all_of(connection)
    since = min((one.since for one in found), default=None)
    return {"waiting": sum(one.n for one in found), "since": since.isoformat() if since else None}


def demo() -> dict[str, Any] | None:
    """How far the demo is; None when none is being loaded."""
    job = Job.objects.filter(kind="demo").order_by("-id").first()
    if job is None:
        return None
    return {"state": job.state, "done": job.done, "total": job.total}


def metrics() -> Answer:
    """Prometheus' text, from the database: several web processes would each know a part."""
    close_old_connections()
    registry = CollectorRegistry()
    try:
        _fill(registry)
    except (DatabaseError, InterfaceError):
        connection.close()
        Gauge("huiliu_up", "Whether the database answers", registry=registry).set(0)
    return 200, "text/plain; version=0.0.4; charset=utf-8", generate_latest(registry)


def _fill(registry: CollectorRegistry) -> None:
    requests, messages, oldest = log.backlog(connection)
    lag = max((datetime.now(UTC) - oldest).total_seconds(), 0.0) if oldest else 0.0
    for name, text, value in (
        ("up", "Whether the database answers", 1),
        ("inbox_open_requests", "Requests waiting to be worked", requests),
        ("inbox_open_messages", "Messages waiting to be worked", messages),
        ("inbox_lag_seconds", "Age of the oldest open request", lag),
        ("inbox_bytes", "Bytes of the inbox on disk", rows(connection, log.sql["size"])[0][0]),
        (
            "oldest_snapshot_seconds",
            "Age of the oldest open transaction",
            alerts.oldest_snapshot(connection)[0],
        ),
    ):
        Gauge(f"huiliu_{name}", text, registry=registry).set(value)
    broken = {alarm.name for alarm in alerts.of_all(connection)}
    alarm = Gauge("huiliu_alarm", "1 while something is wrong, by name", ("name",), registry=registry)
    for name in alerts.NAMES:
        alarm.labels(name).set(name in broken)
    labels = ("workspace", "channel", "outcome")
    messages_total = Gauge("huiliu_messages", "Messages of the last 24 hours", labels, registry=registry)
    for place, (workspace, channel, counts) in enumerate(connectors.last_day(connection)):
        named = (workspace, channel) if place < MOST_CHANNELS else ("", OTHERS)
        for outcome, count in counts.items():
            messages_total.labels(*named, outcome).inc(count)
