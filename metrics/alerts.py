"""What can be wrong with numbers: the mirror that journeys read does not follow; a new price differs between channels.

Not here: how it follows (mirror/sync.py), which prices differ (assortment/watching.py).
"""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.alerts import Alarm
from kernel.db import Connection
from kernel.web import format
from metrics.assortment import watching
from metrics.mirror import state

NAMES: Final = ("mirror_late", "prices_apart")
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


def prices(db: Connection, workspace: int | None, now: datetime) -> list[Alarm]:
    """Of one workspace, or of all: SKUs that a price of the last day has set apart between channels."""
    return [_apart(one) for one in watching.apart(db, workspace, now)]


def _apart(one: watching.Apart) -> Alarm:
    (sku, gap), count = one.skus[0], len(one.skus)
    title = ngettext(
        "A new price differs between channels: %(sku)s, by %(gap)s",
        "New prices of %(n)s SKUs differ between channels: %(sku)s most, by %(gap)s",
        count,
    ) % {"n": format.number(count), "sku": sku, "gap": format.percent(gap)}
    remedy = _("See which price to move, or allow the promotion.")
    return Alarm("prices_apart", "warn", title, remedy, workspace=one.workspace, page="parity")
