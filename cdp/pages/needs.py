"""What needs a person today, gathered from the parts, sorted by what it costs. Not here: the cures."""

from typing import Any, NamedTuple

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cdp import alerts
from cdp.kernel import speech, web
from cdp.kernel.models import Workspace
from channels import queries as channels
from channels.inbox import rejects

SILENT_HOURS = 24  # a channel that used to send and is still for this long
ALARM_SIZE = 1_000_000_000  # before everything else of its tone
COSTS = {"bad": 3, "warn": 2, "note": 1}


class Need(NamedTuple):
    """One line of the list: what happened, what it costs, where the cure starts."""

    tone: str  # bad warn note
    icon: str
    title: str
    cost: str
    button: str
    address: str
    size: int = 0


def needs(workspace: Workspace, parity: dict[str, Any], skus: str) -> list[Need]:
    """All of them, dearest first. `skus`: where those of different prices are listed."""
    found = [*_alarms(workspace), *_rejects(workspace), *_silent(workspace), *_prices(parity, skus)]
    return sorted(found, key=lambda need: (-COSTS[need.tone], -need.size))


def _alarms(workspace: Workspace) -> list[Need]:
    """What is wrong at this moment; silent channels have a line of their own."""
    return [
        Need(
            alarm.tone,
            "alert-triangle",
            alarm.title,
            alarm.cure,
            _("Look at it") if alarm.page else "",
            reverse(alarm.page) if alarm.page else "",
            ALARM_SIZE,
        )
        for alarm in alerts.shown(connection, workspace.pk)
        if alarm.name != "connector_silent"
    ]


def _rejects(workspace: Workspace) -> list[Need]:
    """Rejected messages by reason and connector."""
    found = []
    for group in channels.reject_groups(workspace.id)[:3]:
        count = int(group["count"])
        title = ngettext(
            "%(n)s message of %(channel)s rejected: %(reason)s",
            "%(n)s messages of %(channel)s rejected: %(reason)s",
            count,
        ) % {
            "n": speech.number(count),
            "channel": web.channel_name(group["channel"]),
            "reason": rejects.REASONS[group["reason"]].label,
        }
        cost = _("Since %(time)s. Nothing is lost: mend, then replay.") % {
            "time": speech.moment(group["since"])
        }
        address = reverse("rejects") + f"?reason={group['reason']}&connector={group['connector']}"
        found.append(Need("bad", "alert-triangle", title, cost, _("Mend and replay"), address, count))
    return found


def _silent(workspace: Workspace) -> list[Need]:
    """Channels that have gone quiet."""
    found = []
    for row in channels.silent(connection, workspace.id, SILENT_HOURS):
        title = _("%(channel)s has sent nothing since %(time)s") % {
            "channel": web.channel_name(row["channel"]),
            "time": speech.moment(row["last"]),
        }
        cost = _("Its numbers stand still until it sends again")
        found.append(
            Need("warn", "plug-connected-x", title, cost, _("Look at the channel"), reverse("channels"))
        )
    return found


def _prices(parity: dict[str, Any], skus: str) -> list[Need]:
    """Goods that cost different money on different channels."""
    same, every = speech.decimal(parity["total"]["numerator"]), speech.decimal(parity["total"]["denominator"])
    if not every or same is None or same == every:
        return []
    title = _("%(n)s of %(all)s SKUs differ in price between channels") % {
        "n": speech.number(every - same),
        "all": speech.number(every),
    }
    cost = _("Price parity %(rate)s at the end of the period") % {"rate": speech.percent(same / every)}
    return [Need("warn", "scale", title, cost, _("See the SKUs"), skus, int(every - same))]
