"""The agreement that the demo's channels have: who gets what of a sale, and last month's statement, agreed by all.

Both are made as an admin makes them, out of what was sent, once it is all in. Not here: the retailer's own data.
"""

import datetime as dt

from django.db import connection
from django.utils import timezone

from demo.world import ZONE
from kernel import audit
from kernel.errors import TryAgain
from kernel.models import Workspace
from metrics import query
from metrics.allocation import statements, store, versions
from metrics.allocation.statements import Actor
from metrics.allocation.store import Statement
from metrics.mirror import sync
from metrics.query import ReportingSettings
from metrics.scope import Days

RULES = {
    "pot": {"of": "revenue", "rate": "0.1"},
    "weights": {"sold": "0.6", "linear": "0.4"},
    "lookback": "30d",
    "services": {"return": "0.02"},
    "limits": {"*": {"floor": "0.01", "cap": "0.5"}},
}
WHY = "Who sells keeps most of it, who led there is paid too, and so is who takes back what others sold."
ADMIN = Actor("demo", admin=True)
TRIES = 6


def make(workspace: Workspace, first: dt.date, last: dt.date) -> None:
    """Rules, and the newest whole month of the demo settled by them; what is there already stays."""
    now = timezone.now()
    settings = query.reporting_settings(connection, workspace)
    if not versions.in_force(connection, workspace.pk):
        made = versions.put(connection, settings, RULES, WHY, ADMIN.name, now)
        audit.note(workspace.pk, ADMIN.name, "allocation.rules", f"v{made.version}", reason=made.reason)
    month = newest_month(first, min(last, now.astimezone(ZONE).date()))
    if month and not store.newest(connection, workspace.pk):
        sync.follow(connection, wait=True)  # what came last counts too
        _settle(settings, month, now)


def _settle(settings: ReportingSettings, month: Days, now: dt.datetime) -> None:
    number = _drafted(settings, month, now).number
    sent = statements.send(settings, number, ADMIN, now, "")
    for share in statements.shares_of(sent, ADMIN):
        if share.channel in settings.channels:
            statements.agree(settings, number, share.channel, ADMIN, timezone.now())


def _drafted(settings: ReportingSettings, month: Days, now: dt.datetime) -> Statement:
    """The draft; right after a load the machine is busy, and what takes too long is asked again."""
    for left in reversed(range(TRIES)):
        try:
            return statements.make(settings, month, now.astimezone(ZONE).date(), ADMIN, now)
        except TryAgain:
            if not left:
                raise
    raise AssertionError


def newest_month(first: dt.date, today: dt.date) -> Days | None:
    """The newest calendar month that lies whole between a day and yesterday."""
    end = today.replace(day=1) - dt.timedelta(days=1)
    begin = end.replace(day=1)
    return Days(begin, end) if begin >= first else None
