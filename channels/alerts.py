"""What can be wrong with what comes in: the lag grows, the disk is nearly full, a connector is silent or sends rubbish.

`tell`, called by who works the inbox, keeps the lag of the last minutes. Stopped processes: cdp/pipeline/alerts.py.
"""

import os
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from channels import health
from channels.connect import pulled
from channels.inbox import pace
from kernel.alerts import Alarm
from kernel.db import LOCAL, Connection, Statements, rows
from kernel.process import heartbeat
from kernel.web import format, shell

sql = Statements(__file__)

NAMES: Final = (
    *("inbox_lag_growing", "disk_low", "batch_slow"),
    *("connector_silent", "connector_rejecting", "connector_failing"),
)
TELL_SECONDS: Final = 5.0
KEPT: Final = timedelta(minutes=2)  # of the lag's samples
BACK: Final = (timedelta(seconds=15), timedelta(seconds=60))  # the lag is held against one of so long ago
LATE: Final = timedelta(seconds=30)  # from here on the lag matters
GROWTH_SECONDS: Final = 1.0
FREE_MB: Final = 200  # less free disk: the front door refuses (HUILIU_MIN_FREE_MB)
LOW_TIMES: Final = 5  # the alarm comes at so many times that
REJECTING: Final = timedelta(minutes=10)
FAILING_TRIES: Final = 3  # of a platform's that went wrong one after the other
LEAST_REJECTS: Final = 10  # in that time, and more than health.FAILING_SHARE of what came
MB: Final = 1_000_000


class _Memory:
    """Of this process: when it last told, and which database."""

    told = -TELL_SECONDS


def tell(db: Connection, *, worked: bool) -> None:
    """A look at the inbox was taken, a batch perhaps finished: noted every few seconds, with the lag."""
    if time.monotonic() - _Memory.told < TELL_SECONDS:
        return
    _Memory.told = time.monotonic()
    note(db, datetime.now(UTC), worked=worked)


def note(db: Connection, now: datetime, *, worked: bool) -> None:
    """The sign of life of the inbox: the last batch, and the lag of the last minutes."""
    before = heartbeat.signs(db).get(heartbeat.INBOX)
    detail = before.detail if before else {}
    since = (now - KEPT).timestamp()
    lags = [pair for pair in detail.get("lags", []) if since < pair[0] < now.timestamp()]
    lags.append([now.timestamp(), lag(db, now).total_seconds()])
    batch = now.isoformat() if worked else detail.get("batch")
    heartbeat.beat(db, heartbeat.INBOX, now, {"batch": batch, "lags": lags})


def lag(db: Connection, now: datetime) -> timedelta:
    """The age of the oldest open request of all."""
    oldest = rows(db, sql["oldest"])[0][0]
    return max(now - oldest, timedelta(0)) if oldest else timedelta(0)


# ---- the alarms --------------------------------------------------------------------------------


def installation(behind: timedelta, now: datetime, signs: dict[str, heartbeat.Sign]) -> list[Alarm]:
    """What is wrong for everybody. `behind`: the lag."""
    return [*_growing(behind, now, signs.get(heartbeat.INBOX)), *_disk()]


def _growing(behind: timedelta, now: datetime, sign: heartbeat.Sign | None) -> list[Alarm]:
    """Late, and later than a moment ago; or nobody could say how late it was then."""
    if behind <= LATE:
        return []
    near, far = (now - BACK[0]).timestamp(), (now - BACK[1]).timestamp()
    then = [pair[1] for pair in (sign.detail.get("lags", []) if sign else []) if far <= pair[0] <= near]
    if then and behind.total_seconds() < then[-1] + GROWTH_SECONDS:
        return []
    title = _("Events arrive faster than they are processed: %(time)s behind") % {
        "time": format.duration(behind.total_seconds())
    }
    remedy = _("Every event is kept and nothing is lost. If it lasts, start a second worker.")
    return [Alarm("inbox_lag_growing", "bad", title, remedy, page="live")]


def _disk() -> list[Alarm]:
    """The disk the database lies on, when it is this machine's."""
    if settings.DATABASES["default"].get("HOST", "") not in LOCAL:
        return []
    with suppress(OSError):
        free = shutil.disk_usage(Path(settings.VAR)).free // MB
        least = int(os.environ.get("HUILIU_MIN_FREE_MB", FREE_MB))
        if free < least * LOW_TIMES:
            title = _("Only %(n)s MB of disk are free") % {"n": format.number(free)}
            remedy = _("Free disk space: below %(n)s MB no more events are accepted.") % {
                "n": format.number(least)
            }
            return [Alarm("disk_low", "bad" if free < least else "warn", title, remedy)]
    return []


def connectors(db: Connection, workspace: int | None, now: datetime) -> list[Alarm]:
    """What is wrong with a workspace and its connectors, or with all."""
    found = [*_slow(db, workspace, now), *_silent(db, workspace, now), *_rejecting(db, workspace, now)]
    return [*found, *_failing(db, workspace)]


def _slow(db: Connection, workspace: int | None, now: datetime) -> list[Alarm]:
    """Workspaces whose batches do not end in their time."""
    return [
        Alarm(
            "batch_slow",
            "warn",
            _("“%(name)s” is processed in small steps: “%(stage)s” takes too long")
            % {"name": one.name, "stage": one.stage},
            _waits(one) if one.blocked else _takes(one),
            one.workspace,
            "live",
        )
        for one in pace.told(db, workspace, now)
    ]


def _takes(one: pace.Told) -> str:
    if not one.statement:
        return _(
            "Nothing is lost and other workspaces go first. The time is not spent in a database "
            "statement: please report it."
        )
    return _(
        "Nothing is lost and other workspaces go first. The slow statement is %(statement)s: please report it."
    ) % {"statement": one.statement}


def _waits(one: pace.Told) -> str:
    said = {"statement": one.statement}
    return (
        _(
            "Nothing is lost and other workspaces go first. %(statement)s waits for a lock held by another session: "
            "end that session."
        )
        % said
    )


def _named(text: str) -> str:
    """Channel and connector; names of the demo retailer are also known in Chinese."""
    return " · ".join(shell.channel_name(part) for part in text.split(" · "))


def _silent(db: Connection, workspace: int | None, now: datetime) -> list[Alarm]:
    """Connectors that have sent before, and nothing for a day, where that is not usual."""
    found = rows(db, sql["silent"], workspace=workspace, before=now - health.SILENT)
    of = health.rhythms([health.Silence(owner, pk, last) for owner, pk, _name, last in found], now)
    return [
        Alarm(
            "connector_silent",
            "warn",
            _("“%(name)s” has sent nothing since %(time)s")
            % {"name": _named(name), "time": format.moment(last)},
            _("Its numbers do not update until it sends again: check the sending system."),
            owner,
            "channels",
        )
        for owner, pk, name, last in found
        if health.word(of.get((pk, last), health.Rhythm()), now - last)
    ]


def _rejecting(db: Connection, workspace: int | None, now: datetime) -> list[Alarm]:
    """Connectors of whose messages just now too many could not be used."""
    found = rows(
        db,
        sql["rejecting"],
        workspace=workspace,
        since=now - REJECTING,
        least=LEAST_REJECTS,
        share=health.FAILING_SHARE,
    )
    return [
        Alarm(
            "connector_rejecting",
            "warn",
            _("“%(name)s”: %(n)s of the last %(all)s messages could not be used")
            % {"name": _named(name), "n": format.number(rejected), "all": format.number(received)},
            _("They are kept whole: fix the cause, then replay them."),
            owner,
            "rejects",
        )
        for owner, name, received, rejected in found
    ]


def _failing(db: Connection, workspace: int | None) -> list[Alarm]:
    """Connectors whose platform does not give what it is asked for."""
    return [
        Alarm(
            "connector_failing",
            "warn",
            _("“%(name)s” cannot be fetched") % {"name": _named(name)},
            pulled.failure_of(failure).told,
            owner,
            "channels",
        )
        for owner, name, failure in rows(db, sql["failing"], workspace=workspace, tries=FAILING_TRIES)
    ]
