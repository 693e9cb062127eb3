"""What can be wrong with who is who: edges that wait for the background longer than it takes. Not here: what waits and
why (identity/waiting.py)."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from kernel.alerts import Alarm
from kernel.db import Connection
from kernel.web import format
from profiles.identity import waiting

NAMES: Final = ("identity_waits",)
LONG: Final = timedelta(minutes=10)


def identity(db: Connection, workspace: int | None, now: datetime) -> list[Alarm]:
    """Of one workspace, or of all: what waits for long."""
    found = [one for one in waiting.all_of(db) if workspace in (None, one.workspace)]
    return [_alarm(one, now - one.since) for one in found if now - one.since > LONG]


def _alarm(one: waiting.Waiting, age: timedelta) -> Alarm:
    title = _("%(n)s links between customers have been undecided for %(time)s") % {
        "n": one.n,
        "time": format.duration(age.total_seconds()),
    }
    remedy = _(
        "Until then these customers stay separate; nothing is lost. The worker's log says what delays it."
    )
    return Alarm("identity_waits", "warn", title, remedy, workspace=one.workspace)
