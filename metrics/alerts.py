"""What can be wrong with numbers: the mirror that journeys read does not follow.

Not here: how it follows (mirror/sync.py).
"""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from kernel.alerts import Alarm
from kernel.db import Connection
from kernel.web import format
from metrics.mirror import state

NAMES: Final = ("mirror_late",)
LONG: Final = timedelta(minutes=5)


def mirror(db: Connection, workspace: int | None, now: datetime) -> list[Alarm]:
    """Of one workspace, or of all: changes that wait for long."""
    return [_alarm(one, now - since) for one, since in state.late(db, workspace) if now - since > LONG]


def _alarm(workspace: int, age: timedelta) -> Alarm:
    title = _("Journeys and break-downs have been behind for %(time)s") % {
        "time": format.duration(age.total_seconds())
    }
    remedy = _(
        "Nothing is lost, and all other numbers are current. The worker's log says what delays the mirror."
    )
    return Alarm("mirror_late", "warn", title, remedy, workspace=workspace)
