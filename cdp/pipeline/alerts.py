"""The one list of everything that can be wrong: what the parts say, and the processes and servers themselves.

Judged from PostgreSQL each time it is asked, so an alarm goes by itself. Shown by every page's frame, the overview,
/readyz and /metrics. Not here: the form (kernel/alerts.py), what is told
(kernel/process/heartbeat.py, channels/alerts.py).
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

import redis
from django.conf import settings
from django.utils.translation import gettext as _

from channels import alerts as incoming
from kernel.alerts import Alarm
from kernel.db import Connection, Statements, rows
from kernel.process import heartbeat
from kernel.web import format
from metrics import alerts as numbers
from profiles import alerts as people

sql = Statements(__file__)

NAMES: Final = (
    "worker_stopped",
    "beat_stopped",
    "broker_down",
    "old_snapshot",
    *incoming.NAMES,
    *people.NAMES,
    *numbers.NAMES,
)
OLD_SNAPSHOT: Final = timedelta(minutes=2)
BROKER_SECONDS: Final = 5.0  # a look at the broker holds for so long
ANSWER_SECONDS: Final = 0.5


class _Memory:
    """Of this process: the last look at the broker, and which one it was."""

    broker: tuple[str, float, bool] = ("", 0.0, True)


def of_all(db: Connection, at: datetime | None = None) -> list[Alarm]:
    """Everything that is wrong, in all workspaces."""
    at = at or datetime.now(UTC)
    return [
        *installation(db, at),
        *incoming.connectors(db, None, at),
        *people.identity(db, None, at),
        *numbers.mirror(db, None, at),
        *numbers.prices(db, None, at),
    ]


def shown(db: Connection, workspace: int, at: datetime | None = None) -> list[Alarm]:
    """What people of a workspace should know; what stands still first."""
    at = at or datetime.now(UTC)
    found = [
        *installation(db, at),
        *incoming.connectors(db, workspace, at),
        *people.identity(db, workspace, at),
        *numbers.mirror(db, workspace, at),
        *numbers.prices(db, workspace, at),
    ]
    return sorted(found, key=lambda alarm: alarm.severity != "bad")


def installation(db: Connection, at: datetime) -> list[Alarm]:
    """What is wrong for everybody."""
    signs = heartbeat.signs(db)
    behind = incoming.lag(db, at)
    stopped = [*_worker(behind, at, signs), *_clock(at, signs)]
    return [*stopped, *_broker(), *incoming.installation(behind, at, signs), *_snapshot(db)]


# ---- one by one --------------------------------------------------------------------------------


def _worker(behind: timedelta, at: datetime, signs: dict[str, heartbeat.Sign]) -> list[Alarm]:
    """No sign of any worker; or a sign, but requests wait and nobody looks at them."""
    limit = timedelta(seconds=settings.STOPPED_SECONDS)
    heard = [signs[name].at for name in (heartbeat.WORKER, heartbeat.INBOX) if name in signs]
    silent = bool(heard) and at - max(heard) > limit
    waits = behind > limit
    looked = heartbeat.INBOX in signs and at - signs[heartbeat.INBOX].at <= limit
    if not silent and (looked or not waits):
        return []
    remedy = _(
        "Events are accepted and kept, but pages do not update. Restart it; the log says why it stopped."
    )
    return [Alarm("worker_stopped", "bad", _("The worker has stopped"), remedy)]


def _clock(at: datetime, signs: dict[str, heartbeat.Sign]) -> list[Alarm]:
    sign = signs.get(heartbeat.CLOCK)
    if sign is None or at - sign.at <= timedelta(seconds=settings.STOPPED_SECONDS):
        return []
    remedy = _("Daily jobs and missed wake-ups wait. Restart it; the log says why it stopped.")
    return [Alarm("beat_stopped", "bad", _("The clock process (beat) has stopped"), remedy)]


def _broker() -> list[Alarm]:
    if broker_answers():
        return []
    remedy = _("Events are accepted and kept; processing lags by a second or two until Redis is back.")
    return [Alarm("broker_down", "bad", _("The broker (Redis) does not answer"), remedy)]


def broker_answers() -> bool:
    """Whether Redis answers; asked once in a few seconds."""
    url, now = settings.REDIS_URL, time.monotonic()
    known, at, answer = _Memory.broker
    if known != url or now - at > BROKER_SECONDS:
        answer = _ping(url)
        _Memory.broker = (url, time.monotonic(), answer)
    return answer


def _ping(url: str) -> bool:
    try:
        with redis.Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        ) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError, OSError):
        return False


def oldest_snapshot(db: Connection) -> tuple[float, int, str]:
    """Seconds, process id and program of the oldest open transaction that keeps old rows alive."""
    found = rows(db, sql["oldest_snapshot"])
    return found[0] if found else (0.0, 0, "")


def _snapshot(db: Connection) -> list[Alarm]:
    seconds, process, program = oldest_snapshot(db)
    if seconds <= OLD_SNAPSHOT.total_seconds():
        return []
    title = _("A database transaction has been open for %(time)s") % {"time": format.duration(seconds)}
    remedy = _(
        "It slows the inbox down: wait for “%(program)s” (process %(process)s) to finish, or end it."
    ) % {
        "program": program,
        "process": process,
    }
    return [Alarm("old_snapshot", "warn", title, remedy)]
