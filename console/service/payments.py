"""Payments: how attempts end by method, channel and reason; what a method's arrival changed; what somebody must mend.

Not here: how it is counted (metrics/service), the payments behind a figure (rows.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from channels.queries import channels_of
from console import addresses, names
from console.journey import base as journey
from console.journey.figures import Link, choices, chosen, points
from console.service import base
from console.service.base import Cell, named
from kernel import cursor
from kernel.errors import BadRequest
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query
from metrics.effects.intervals import Difference
from metrics.journeys.base import OTHER, Asked
from metrics.scope import Days
from metrics.service import arrival, payments_api, troubles
from metrics.service.arrival import Arrival
from metrics.service.asking import NULL
from metrics.service.listing import Slice
from metrics.service.payments import Ended, Group, Payments, payments
from metrics.service.troubles import Trouble

MOST_TROUBLES = 10
MOST_METHODS = 100
BY = {
    "method": gettext_lazy("By method"),
    "channel": gettext_lazy("By channel"),
    "reason": gettext_lazy("By reason of failure"),
}
METHODS = "select distinct method from payments where method <> '' order by method limit $most"


class Row(NamedTuple):
    """A group of payments; each figure with the address of its payments, "" where they cannot be named."""

    name: str
    channel: Channel | None
    figures: list[tuple[str, str]]
    conversion: str
    base: str
    part: int
    whole: int


class Mending(NamedTuple):
    """A payment without an order, or an order paid more than once."""

    order_id: str
    href: str
    channel: Cell
    method: str
    at: str
    payments: int
    paid: str
    total: str
    excess: str


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to mend of one kind."""

    title: str
    about: str
    count: int
    excess: str
    rows: list[Mending]


class Effect(NamedTuple):
    """A difference, and where it lies with 95 %."""

    name: str
    value: str
    range: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What a method's arrival changed, as it is shown."""

    finding: str
    sides: list[tuple[str, str, str, str]]  # who, days, before and after: share with its base
    effects: list[Effect]
    notes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.ServicePage):
    """The page."""

    there: bool
    finding: str
    by: str
    bys: list[Link]
    heads: list[str]
    rows: list[Row]
    total: Row | None
    methods: dict[str, str]  # as sent: as shown
    method: str
    channels: list[Channel]
    channel: str
    at: str
    shift: Shift | None
    wrong: str  # what of the arrival's question cannot be
    work: list[Work]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The finding, the groups, the arrival that was asked for, what is to be mended."""
    here = journey.Here.of(request)
    by = chosen(here.given, "by", tuple(BY))

    def find(asked: Asked, given: Mapping[str, str]) -> tuple[Payments, list[str], Arrival | None, str]:
        known = [method for (method,) in asked.mirror.rows(METHODS, most=MOST_METHODS)]
        return payments(asked, by), known, *_arrival(asked, given)

    found, problem = journey.read(here, find)
    ended, methods, came, wrong = found or (Payments(by, [], Ended(), None), [], None, "")
    channels = channels_of(request.workspace.pk)
    shown = Page(
        **base.around(request, here.period, problem),
        there=found is not None,
        finding=finding(ended) if found else "",
        by=by,
        bys=choices(request, "by", by, dict(BY)),
        heads=_heads(by),
        rows=_rows(here, ended, channels),
        total=_total(here, ended),
        methods=names.methods(methods),
        method=here.given.get("method", ""),
        channels=list(channels.values()),
        channel=here.given.get("channel", ""),
        at=here.given.get("at", ""),
        shift=_shift(came, channels) if came else None,
        wrong=wrong,
        work=_work(request, here, channels),
    )
    return render(request, "service/payments.html", shown)


def _arrival(asked: Asked, given: Mapping[str, str]) -> tuple[Arrival | None, str]:
    """The arrival that an address asks for; what of it cannot be is said beside its form."""
    if not given.get("method") or not given.get("channel"):
        return None, ""
    try:
        return arrival.arrival(asked, payments_api.question(asked, given)), ""
    except BadRequest as wrong:
        return None, str(wrong)


# ---- how they end ---------------------------------------------------------------------------------------


def finding(ended: Payments) -> str:
    """The sentence that says it."""
    total = ended.total
    if not total.started:
        return _("Nobody paid in this period.")
    if ended.by == "reason":
        text = _("%(n)s payments failed at some time.") % {"n": format.number(total.started)}
    else:
        text = _("%(share)s of payments succeeded (%(base)s).") % {
            "share": format.percent(total.succeeded / total.started),
            "base": format.base(total.succeeded, total.started),
        }
    if not total.failed:
        return text
    more = _("%(won)s of %(failed)s that failed were won elsewhere within 24 hours.") % {
        "won": format.number(total.won),
        "failed": format.number(total.failed),
    }
    return f"{text} {more}"


def _heads(by: str) -> list[str]:
    first = _("Failed at some time") if by == "reason" else _("Started")
    return [first, _("Succeeded"), _("Failed"), _("Tried again elsewhere"), _("Won there")]


def _rows(here: journey.Here, ended: Payments, channels: Mapping[str, Channel]) -> list[Row]:
    keys = [group.key for group in ended.groups if group.key not in {None, OTHER}]
    called = names.methods(str(key) for key in keys) if ended.by == "method" else {}
    return [
        _row(
            here, ended, group, channels, called.get(group.key or "") or _name(ended.by, group.key, channels)
        )
        for group in ended.groups
    ]


def _row(
    here: journey.Here, ended: Payments, group: Group, channels: Mapping[str, Channel], name: str
) -> Row:
    key = NULL if group.key is None else group.key
    reachable = key != OTHER
    return _made(
        here,
        ended.by,
        group.ended,
        {"key": key} if reachable else None,
        name,
        channels.get(group.key or "") if ended.by == "channel" else None,
    )


def _total(here: journey.Here, ended: Payments) -> Row | None:
    return _made(here, ended.by, ended.total, {}, _("All"), None) if ended.total.started else None


def _made(
    here: journey.Here,
    by: str,
    ended: Ended,
    of: Mapping[str, str] | None,
    name: str,
    channel: Channel | None,
) -> Row:
    outcomes = zip(("started", "succeeded", "failed", "retried", "won"), ended, strict=True)
    figures = [
        (
            format.number(many),
            here.address("payments-rows", by=by, outcome=outcome, **of) if of is not None and many else "",
        )
        for outcome, many in outcomes
    ]
    share = format.NOTHING if ended.conversion is None else format.percent(ended.conversion)
    base_of = format.base(ended.succeeded, ended.started)
    return Row(name, channel, figures, share, base_of, ended.succeeded, ended.started)


def _name(by: str, key: str | None, channels: Mapping[str, Channel]) -> str:
    if key is None:
        return _("not said")
    if key == OTHER:
        return _("Others")
    return named(channels, key) if by == "channel" else names.reason(key)


# ---- what a method changed ------------------------------------------------------------------------------


def _shift(came: Arrival, channels: Mapping[str, Channel]) -> Shift:
    by_id = {one.pk: one for one in channels.values()}
    name = named(channels, by_id[came.question.channel].slug)
    sides = []
    for who, before, after in (
        (name, came.before, came.after),
        (_("Channels without it"), came.others_before, came.others_after),
    ):
        if before and after:
            days = f"{format.days(before.first, before.last)} → {format.days(after.first, after.last)}"
            sides.append((who, days, _share(before), _share(after)))
    effects = [
        _effect(_("Before against after"), came.change),
        _effect(_("More than the channels without it"), came.difference),
    ]
    notes = list(came.refused)
    if came.parallel is False:
        notes.append(
            _("Before it, this channel already went another way than the others: read this with care.")
        )
    if came.before and not came.others:
        notes.append(_("Every channel has this method: nothing to compare with."))
    return Shift(
        finding=_came(came, name),
        sides=sides,
        effects=[one for one in effects if one],
        notes=notes,
    )


def _came(came: Arrival, name: str) -> str:
    said = {
        "method": names.method(came.question.method),
        "channel": name,
        "day": format.day(came.at, year=True),
    }
    best = came.difference or came.change
    if best is None:
        return _("What %(method)s changed on %(channel)s from %(day)s on cannot be told.") % said
    said["points"] = points(best.value)
    if best.low <= 0 <= best.high:
        return _("From %(day)s on, %(method)s on %(channel)s: %(points)s, which may be chance.") % said
    return _("From %(day)s on, %(method)s on %(channel)s: %(points)s of orders more are paid.") % said


def _share(side: arrival.Side) -> str:
    if not side.orders:
        return format.NOTHING
    return f"{format.percent(side.paid / side.orders)} ({format.base(side.paid, side.orders)})"


def _effect(name: str, found: Difference | None) -> Effect | None:
    if found is None:
        return None
    ends = {"low": points(found.low), "high": points(found.high)}
    return Effect(name, points(found.value), _("%(low)s to %(high)s") % ends)


# ---- what is to be mended -------------------------------------------------------------------------------


def _work(request: WorkspaceRequest, here: journey.Here, channels: Mapping[str, Channel]) -> list[Work]:
    days = Days(here.period.first, here.period.last)
    settings = query.reporting_settings(connection, request.workspace)
    words = {
        "orphan": (
            _("Paid without an order"),
            _("The money is here, and no order has the number: find it, or give the money back."),
        ),
        "duplicate": (_("Orders paid more than once"), _("What was paid too much is to be given back.")),
    }
    masked, now, found = request.access.masked, timezone.now(), []
    for kind, (title, about) in words.items():
        counted = troubles.count(connection, request.workspace.pk, days, kind, now)
        wanted = Slice(None, MOST_TROUBLES, masked)
        page = troubles.page(connection, settings, days, kind, now, wanted) if counted.troubles else _none()
        money = [format.money(value, code) for code, value in sorted(counted.excess.items())]
        rows = [_mending(one, channels, masked=masked) for one in page.items]
        found.append(Work(title, about, counted.troubles, _(", ").join(money), rows))
    return found


def _none() -> cursor.Page:
    return cursor.Page([], None, None)


def _mending(one: Trouble, channels: Mapping[str, Channel], *, masked: bool) -> Mending:
    href = addresses.of_order(one.channel, one.order_id, masked=masked) if one.total is not None else ""
    return Mending(
        str(access.scrub(one.order_id)) if masked else one.order_id,
        href,
        Cell(channel=channels.get(one.channel or "")),
        names.method(one.method or "") or format.NOTHING,
        format.moment(one.at),
        one.payments,
        format.NOTHING if one.paid is None else format.money(one.paid, one.currency),
        format.NOTHING if one.total is None else format.money(one.total, one.currency),
        format.NOTHING if one.excess is None else format.money(one.excess, one.currency),
    )
