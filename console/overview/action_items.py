"""What needs a person today, gathered from the parts: each cause once, what most money hangs on first.

Not here: the cures, how much money hangs on what (metrics/at_stake.py), how channels do (channels/health.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels import health, reasons
from channels import queries as channels
from channels.models import Channel, Connector
from console.event.event import address
from kernel import periods
from kernel.alerts import Alarm
from kernel.models import Workspace
from kernel.web import access, format, shell
from metrics import at_stake, query
from metrics import queries as metrics
from metrics.scope import Days
from metrics.service import troubles

COSTS = {"bad": 3, "warn": 2, "note": 1}
MOST_REJECTS = 5  # causes of rejects listed one by one
# Alarms of which the list has a line that says more: by channel, or by the cause of the rejects.
TOLD = frozenset(("connector_silent", "connector_rejecting"))
LOOKED_BACK = timedelta(days=29)  # for payments that somebody must mend: 30 days with today
SILENT = frozenset(("silent", "idle", "quiet"))


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
    stake: Decimal | None = None  # in the workspace's currency; None: nobody knows
    first: bool = False  # all stands still: before everything else


def needs(workspace: Workspace, wrong: Iterable[Alarm], parity: query.Answer, skus: str) -> list[ActionItem]:
    """All of them, by the money that hangs on them. `wrong`: the alarms; `skus`: where SKUs of two prices are."""
    now = timezone.now()
    found = [
        *_alarms(wrong),
        *_rejects(workspace, now),
        *_paid_late(workspace, now),
        *_payments(workspace, now),
        *_silent(workspace, now),
        *_prices(parity, skus),
    ]
    return sorted(found, key=_order)


def _order(item: ActionItem) -> tuple[bool, Decimal, int, int]:
    return not item.first, -(item.stake or Decimal(0)), -COSTS[item.severity], -item.size


def _alarms(wrong: Iterable[Alarm]) -> list[ActionItem]:
    """What is wrong at this moment, but for what has lines of its own."""
    return [
        ActionItem(
            alarm.severity,
            "alert-triangle",
            alarm.title,
            alarm.remedy,
            _("Look at it") if alarm.page else "",
            reverse(alarm.page) if alarm.page else "",
            first=alarm.severity == "bad",
        )
        for alarm in wrong
        if alarm.name not in TOLD
    ]


def _rejects(workspace: Workspace, now: datetime) -> list[ActionItem]:
    """Rejected messages by what is wrong with them and who sends it."""
    groups = channels.reject_groups(workspace.pk)
    found = sorted((_reject(workspace, group, now) for group in groups), key=_order)
    rest = found[MOST_REJECTS:]
    if rest:
        count = sum(one.size for one in rest)
        title = ngettext(
            "%(n)s more message rejected, for other reasons",
            "%(n)s more messages rejected, for other reasons",
            count,
        ) % {"n": format.number(count)}
        stake = sum((one.stake for one in rest if one.stake), Decimal(0)) or None
        cost = _("Nothing is lost: fix, then replay.")
        if stake:
            cost = _("%(money)s of refused orders. Nothing is lost: fix, then replay.") % {
                "money": format.money(stake, workspace.currency)
            }
        more = ActionItem(
            "bad", "alert-triangle", title, cost, _("See all rejects"), reverse("rejects"), count, stake
        )
        found[MOST_REJECTS:] = [more]
    return found


def _reject(workspace: Workspace, group: channels.RejectGroup, now: datetime) -> ActionItem:
    title = ngettext(
        "%(n)s message of %(channel)s rejected: %(reason)s",
        "%(n)s messages of %(channel)s rejected: %(reason)s",
        group.count,
    ) % {
        "n": format.number(group.count),
        "channel": shell.channel_name(group.channel),
        "reason": _cause(group),
    }
    stake = at_stake.in_own(connection, workspace, group.money, now)
    said = {"time": format.moment(group.since), "money": format.money(stake, workspace.currency)}
    cost = _("Since %(time)s. Nothing is lost: fix, then replay.") % said
    if stake:
        cost = _("%(money)s of refused orders, since %(time)s. Nothing is lost: fix, then replay.") % said
    narrowed = {"reason": group.reason, "field": group.field, "connector": str(group.connector)}
    return ActionItem(
        "bad",
        "alert-triangle",
        title,
        cost,
        _("Fix and replay"),
        reverse("rejects") + "?" + urlencode(narrowed),
        group.count,
        stake,
    )


def _cause(group: channels.RejectGroup) -> str:
    label = str(reasons.of(group.reason).label)
    return f"{label} ({group.field})" if group.field else label


def _paid_late(workspace: Workspace, now: datetime) -> list[ActionItem]:
    """Payments for orders that are cancelled: a person gives the money back, or has the goods sent."""
    late = metrics.paid_late(connection, workspace.pk)
    if not late.payments:
        return []
    title = ngettext(
        "%(n)s payment came after its order was cancelled",
        "%(n)s payments came after their orders were cancelled",
        late.payments,
    ) % {"n": format.number(late.payments)}
    stake = at_stake.in_own(connection, workspace, late.money, now)
    cost = _("The money is in no sum: give it back, or have the goods sent.")
    if stake:
        cost = _("%(money)s is in no sum: give it back, or have the goods sent.") % {
            "money": format.money(stake, workspace.currency)
        }
    where = address(access.scrub(late.newest))
    return [
        ActionItem("warn", "arrow-back-up", title, cost, _("Look at the newest"), where, late.payments, stake)
    ]


def _payments(workspace: Workspace, now: datetime) -> list[ActionItem]:
    """Payments of the last month without an order, and orders paid more than once."""
    today = periods.day(now, periods.zone(workspace.timezone))
    days = Days(today - LOOKED_BACK, today)
    where = (
        reverse("payments") + "?" + urlencode({"from": days.first.isoformat(), "to": days.last.isoformat()})
    )
    found = []
    for kind in troubles.KINDS:
        counted = troubles.count(connection, workspace.pk, days, kind, now)
        if counted.troubles:
            stake = at_stake.in_own(connection, workspace, counted.excess, now)
            title, cost = _mending(kind, counted.troubles)
            if stake:
                cost = f"{format.money(stake, workspace.currency)}. {cost}"
            found.append(
                ActionItem(
                    "warn", "credit-card", title, cost, _("See the payments"), where, counted.troubles, stake
                )
            )
    return found


def _mending(kind: str, count: int) -> tuple[str, str]:
    """What happened, and what it asks for."""
    if kind == "orphan":
        title = ngettext("%(n)s payment stands for no order", "%(n)s payments stand for no order", count)
        return title % {"n": format.number(count)}, _("Find the order, or give the money back.")
    title = ngettext("%(n)s order was paid more than once", "%(n)s orders were paid more than once", count)
    return title % {"n": format.number(count)}, _("Give back what was paid too much.")


def _silent(workspace: Workspace, now: datetime) -> list[ActionItem]:
    """Channels silent for a day, or for longer than usual; connectors silent on channels that others keep alive."""
    of, of_connectors = health.of_both(workspace.pk, now)
    still = {channel: one for channel, one in of.items() if one.state in SILENT}
    quiet = {one.pk: one for one in channels.channels_of(workspace.pk).values() if one.pk in still}
    silences = {pk: still[pk].last for pk in quiet}
    usual = at_stake.usual_orders(
        connection, workspace, {pk: last for pk, last in silences.items() if last}, now
    )
    found = [
        _silence(workspace, shell.channel_name(one), one, still[pk], usual.get(pk))
        for pk, one in quiet.items()
    ]
    return found + [
        _silence(
            workspace,
            f"{shell.channel_name(one.channel)} · {shell.channel_name(one)}",
            one.channel,
            how,
            None,
        )
        for one, how in _silent_connectors(of_connectors, still)
    ]


def _silent_connectors(
    of: Mapping[int, health.Health], still: Mapping[int, health.Health]
) -> Iterable[tuple[Connector, health.Health]]:
    """Connectors that are silent for a day on a channel that others keep alive."""
    silent = [pk for pk, one in of.items() if one.state in ("silent", "idle")]
    if not silent:
        return
    for one in Connector.objects.filter(pk__in=silent).select_related("channel").order_by("pk"):
        if one.channel_id not in still:
            yield one, of[one.pk]


def _silence(
    workspace: Workspace, name: str, channel: Channel, how: health.Health, usual: Decimal | None
) -> ActionItem:
    said = {"channel": name, "time": format.moment(how.last)}
    title = _("%(channel)s has sent nothing since %(time)s") % said
    if how.state == "quiet":
        title = _("%(channel)s has sent nothing since %(time)s, longer than usual") % said
    cost = _("Its numbers stand still until it sends again.")
    if usual:
        cost = _(
            "Orders of %(money)s usually come in this time. Its numbers stand still until it sends again."
        ) % {"money": format.money(usual, workspace.currency)}
    where = reverse("channel", args=[channel.slug])
    return ActionItem(how.level, "plug", title, cost, _("Look at the channel"), where, stake=usual)


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
