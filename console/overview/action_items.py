"""What needs a person today, gathered from the parts, sorted by what it costs. Not here: the cures."""

from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cdp.pipeline import alerts
from channels import queries as channels
from channels import reasons
from console.event.event import address
from kernel.models import Workspace
from kernel.web import access, format, shell
from metrics import queries as metrics
from metrics import query

SILENT_HOURS = 24  # a channel that used to send and is still for this long
ALARM_SIZE = 1_000_000_000  # before everything else of its severity
COSTS = {"bad": 3, "warn": 2, "note": 1}


@dataclass(frozen=True, slots=True)
class ActionItem:
    """One line of the list: what happened, what it costs, where the remedy starts."""

    severity: str  # bad warn note
    icon: str
    title: str
    cost: str
    button: str
    address: str
    size: int = 0


def needs(workspace: Workspace, parity: query.Answer, skus: str) -> list[ActionItem]:
    """All of them, dearest first. `skus`: where those of different prices are listed."""
    found = [*_alarms(workspace), *_rejects(workspace), *_paid_late(workspace), *_silent(workspace)]
    found += _prices(parity, skus)
    return sorted(found, key=lambda need: (-COSTS[need.severity], -need.size))


def _alarms(workspace: Workspace) -> list[ActionItem]:
    """What is wrong at this moment; silent channels have a line of their own."""
    return [
        ActionItem(
            alarm.severity,
            "alert-triangle",
            alarm.title,
            alarm.remedy,
            _("Look at it") if alarm.page else "",
            reverse(alarm.page) if alarm.page else "",
            ALARM_SIZE,
        )
        for alarm in alerts.shown(connection, workspace.pk)
        if alarm.name != "connector_silent"
    ]


def _rejects(workspace: Workspace) -> list[ActionItem]:
    """Rejected messages by reason and connector."""
    found = []
    for group in channels.reject_groups(workspace.id)[:3]:
        count = group.count
        title = ngettext(
            "%(n)s message of %(channel)s rejected: %(reason)s",
            "%(n)s messages of %(channel)s rejected: %(reason)s",
            count,
        ) % {
            "n": format.number(count),
            "channel": shell.channel_name(group.channel),
            "reason": reasons.of(group.reason).label,
        }
        cost = _("Since %(time)s. Nothing is lost: mend, then replay.") % {"time": format.moment(group.since)}
        address = reverse("rejects") + f"?reason={group.reason}&connector={group.connector}"
        found.append(ActionItem("bad", "alert-triangle", title, cost, _("Mend and replay"), address, count))
    return found


def _paid_late(workspace: Workspace) -> list[ActionItem]:
    """Payments for orders that are cancelled: a person gives the money back, or has the goods sent."""
    count, newest = metrics.paid_late(connection, workspace.pk)
    if not count:
        return []
    title = ngettext(
        "%(n)s payment came after its order was cancelled",
        "%(n)s payments came after their orders were cancelled",
        count,
    ) % {"n": format.number(count)}
    cost = _("The money is in no sum: give it back, or have the goods sent.")
    return [
        ActionItem(
            "warn",
            "arrow-back-up",
            title,
            cost,
            _("Look at the newest"),
            address(access.scrub(newest)),
            count,
        )
    ]


def _silent(workspace: Workspace) -> list[ActionItem]:
    """Channels that have gone quiet."""
    found = []
    for row in channels.silent(connection, workspace.id, SILENT_HOURS):
        title = _("%(channel)s has sent nothing since %(time)s") % {
            "channel": shell.channel_name(row.channel),
            "time": format.moment(row.last),
        }
        cost = _("Its numbers stand still until it sends again")
        found.append(
            ActionItem("warn", "plug-connected-x", title, cost, _("Look at the channel"), reverse("channels"))
        )
    return found


def _prices(parity: query.Answer, skus: str) -> list[ActionItem]:
    """Goods that cost different money on different channels."""
    same, every = parity.total.numerator, parity.total.denominator
    if not every or same == every:
        return []
    title = _("%(n)s of %(all)s SKUs differ in price between channels") % {
        "n": format.number(every - same),
        "all": format.number(every),
    }
    cost = _("Price parity %(rate)s today") % {"rate": format.percent(same / every)}
    return [ActionItem("warn", "scale", title, cost, _("See the SKUs"), skus, int(every - same))]
