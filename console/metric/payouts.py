"""Payout bills held against orders: what is missing, what differs, by channel or time, and the orders themselves.

Not here: how they are held against each other (metrics/payouts.py), dropping a bill (console/imports/).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.models import Channel
from channels.queries import channels_of
from console.metric import export
from kernel import cursor
from kernel.errors import BadRequest
from kernel.periods import utc_text
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import payouts, query
from metrics.payouts import STATES, Group, Reconciled, Total
from metrics.scope import Days

PER_PAGE: Final = 50
PER_READ: Final = 500
MATCHED: Final = "matched"
KEPT: Final = ("channel", "state", "currency", "by")
WORDS: Final = MappingProxyType(
    {
        "missing": (gettext_lazy("Missing"), "bad"),
        "differing": (gettext_lazy("Differing"), "warn"),
        "unexpected": (gettext_lazy("Not expected"), "warn"),
        MATCHED: (gettext_lazy("Matched"), "good"),
    }
)
BYS: Final = MappingProxyType(
    {
        "channel": gettext_lazy("By channel"),
        "week": gettext_lazy("By week"),
        "month": gettext_lazy("By month"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A state one may look at alone."""

    state: str
    words: str
    orders: int
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What orders come to in one currency, of a channel or of some days: how many by state, and the money."""

    channel: Channel | None
    label: str
    currency: str
    address: str  # of its orders
    counts: list[tuple[int, str]]  # orders of a state and their address, in the order of WORDS
    expected: Decimal
    paid: Decimal

    @property
    def difference(self) -> Decimal:
        """Paid less expected."""
        return self.paid - self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An order's payout."""

    one: Reconciled
    order_id: str
    channel: Channel | None
    word: str
    tone: str
    difference: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """The page."""

    title: str
    finding: str
    problem: str
    tabs: list[Tab]
    states: list[tuple[str, str]]
    sums: list[Sum]
    total: list[Sum]  # one for each currency
    by: str
    bys: list[tuple[str, str]]
    rows: list[Row]
    page: cursor.Page
    state: str
    currency: str
    channel: Channel | None
    channels: list[Channel]
    kept: list[tuple[str, str]]


class Asked:
    """What the address asks; what it has wrong is said, and left out."""

    def __init__(self, request: WorkspaceRequest) -> None:
        given = request.GET
        self.request = request
        self.workspace, self.masked = request.workspace, request.access.masked
        self.period = shell.period_of(request)
        self.problem = self.period.problem
        self.channels = channels_of(self.workspace.pk)
        self.channel = self.channels.get(given.get("channel", ""))
        if given.get("channel") and self.channel is None:
            self.problem = _("The channel in the address is not one of this workspace: all are shown.")
        self.state = given.get("state", "") if given.get("state", "") in STATES else ""
        self.currency = given.get("currency", "")[:3].upper()
        self.by = given.get("by", "") if given.get("by", "") in BYS else "channel"
        slugs = {channel.pk: slug for slug, channel in self.channels.items()}
        self.settings = query.ReportingSettings(
            self.workspace.pk, self.workspace.timezone, self.workspace.currency, slugs
        )
        days = Days(self.period.first, self.period.last)
        own = self.channel.pk if self.channel else None
        self.about = payouts.Asked(days, own, self.state, self.currency)

    def page(self, at: str | None, limit: int) -> cursor.Page:
        """Orders, the newest first."""
        return payouts.page(connection, self.settings, self.about, at, limit)

    def rows(self, **more: str) -> str:
        """The address of some of the orders, on this page."""
        return shell.address(self.request, **more) + "#rows"

    def order_id(self, one: Reconciled) -> str:
        """As this person may see it."""
        return str(access.scrub(one.order_id)) if self.masked else one.order_id


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The finding, the sums, the orders."""
    asked = Asked(request)
    try:
        page = asked.page(request.GET.get("cursor") or None, PER_PAGE)
    except BadRequest as wrong:
        asked.problem, page = str(wrong), asked.page(None, PER_PAGE)
    totals = payouts.totals(connection, asked.settings, asked.about)
    counts = _counts(totals)
    shown = Page(
        period=asked.period,
        presets=shell.presets(request, asked.period),
        neighbours=shell.neighbours(request, asked.period),
        title=_title(counts),
        finding=_finding(_total(asked, totals)),
        problem=asked.problem,
        tabs=_tabs(counts, asked.state),
        states=[(name, str(words)) for name, (words, _tone) in WORDS.items()],
        sums=_sums(asked, payouts.groups(connection, asked.settings, asked.about, asked.by)),
        total=_total(asked, totals),
        by=asked.by,
        bys=[(name, str(words)) for name, words in BYS.items()],
        rows=[_row(asked, one) for one in page.items],
        page=page,
        state=asked.state,
        currency=asked.currency,
        channel=asked.channel,
        channels=list(asked.channels.values()),
        kept=[(name, request.GET[name]) for name in KEPT if request.GET.get(name)],
    )
    return render(request, "metric/payouts.html", shown)


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """All orders of what is asked as CSV, as this person may see them."""
    asked = Asked(request)
    head = [
        *(_("Order"), _("Channel"), _("State"), _("Currency"), _("Expected"), _("Paid out"), _("Difference")),
        *(_("Fees, of the order"), _("Fees, of bills"), _("Order time"), _("Paid out at")),
    ]
    return export.answer(request, f"payouts-{asked.period.first}-{asked.period.last}", head, _lines(asked))


def _lines(asked: Asked) -> Iterator[list[Any]]:
    at = None
    while True:
        page = asked.page(at, PER_READ)
        for one in page.items:
            words, _tone = WORDS[one.state]
            moment = None if one.state == "unexpected" else utc_text(one.at)
            yield [
                *(asked.order_id(one), one.channel, words, one.currency),
                *(_plain(one.expected), _plain(one.paid), _plain(_difference(one))),
                *(_plain(one.fees), _plain(one.fees_billed), moment, utc_text(one.billed_at)),
            ]
        at = page.next
        if at is None:
            return


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else query.text(value)


def _difference(one: Reconciled) -> Decimal:
    return (one.paid or Decimal(0)) - (one.expected or Decimal(0))


def _row(asked: Asked, one: Reconciled) -> Row:
    words, tone = WORDS[one.state]
    return Row(
        one=one,
        order_id=asked.order_id(one),
        channel=asked.channels.get(one.channel or ""),
        word=str(words),
        tone=tone,
        difference=_difference(one),
    )


# ---- sums ------------------------------------------------------------------------------------------------


def _counts(totals: Sequence[Total]) -> Mapping[str, int]:
    return {state: sum(one.orders for one in totals if one.state == state) for state in STATES}


def _tabs(counts: Mapping[str, int], current: str) -> list[Tab]:
    every = Tab(state="", words=_("All"), orders=sum(counts.values()), current=not current)
    return [every] + [
        Tab(state=name, words=str(words), orders=counts[name], current=name == current)
        for name, (words, _tone) in WORDS.items()
    ]


def _sums(asked: Asked, groups: Sequence[Group]) -> list[Sum]:
    """A line for each channel or interval and currency; the largest difference first, intervals by time."""
    keyed: dict[tuple[int | date, str], list[Group]] = {}
    for one in groups:
        keyed.setdefault((one.key, one.currency), []).append(one)
    ids = {channel.pk: channel for channel in asked.channels.values()}
    made = [_sum(asked, ids, key, currency, mine) for (key, currency), mine in keyed.items()]
    return sorted(made, key=lambda one: one.difference) if asked.by == "channel" else made


def _sum(
    asked: Asked, ids: Mapping[int, Channel], key: int | date, currency: str, mine: Sequence[Group | Total]
) -> Sum:
    channel = None if isinstance(key, date) else ids.get(key)
    address = {"currency": currency}
    if isinstance(key, date):
        first, last = _days(asked, key)
        address |= {"from": first.isoformat(), "to": last.isoformat(), "unit": ""}
        label = format.day(first) if asked.by != "month" else format.days(first, last)
        label = format.days(first, last, year=False) if first != last else label
    else:
        label = shell.channel_name(channel) if channel else format.NOTHING
        address |= {"channel": channel.slug if channel else ""}
    return Sum(channel=channel, label=label, currency=currency, **_added(asked, mine, address))


def _added(asked: Asked, mine: Sequence[Group | Total], address: Mapping[str, str]) -> dict[str, Any]:
    return {
        "address": asked.rows(**address, state=""),
        "counts": [
            (sum(one.orders for one in mine if one.state == name), asked.rows(**address, state=name))
            for name in WORDS
        ],
        "expected": sum((one.expected for one in mine), Decimal(0)),
        "paid": sum((one.paid for one in mine), Decimal(0)),
    }


def _days(asked: Asked, first: date) -> Days:
    """The days of an interval that the period has."""
    if asked.by == "week":
        last = date.fromordinal(first.toordinal() + 6)
    else:
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        last = date.fromordinal(following.toordinal() - 1)
    return Days(max(first, asked.period.first), min(last, asked.period.last))


def _total(asked: Asked, totals: Sequence[Total]) -> list[Sum]:
    currencies = dict.fromkeys(one.currency for one in totals)
    return [
        Sum(
            channel=None,
            label="",
            currency=code,
            **_added(asked, [one for one in totals if one.currency == code], {"currency": code}),
        )
        for code in currencies
    ]


# ---- words -----------------------------------------------------------------------------------------------


def _title(counts: Mapping[str, int]) -> str:
    every = sum(counts.values())
    if not every:
        return _("No payouts in this period")
    wrong = every - counts[MATCHED]
    if not wrong:
        said = ngettext(
            "The payout is as its order expects", "All %(n)s payouts are as their orders expect", every
        )
        return said % {"n": format.number(every)}
    parts = [
        said % {"n": format.number(counts[name])}
        for name, said in (
            ("missing", _("%(n)s missing")),
            ("differing", _("%(n)s differing")),
            ("unexpected", _("%(n)s not expected")),
        )
        if counts[name]
    ]
    said = ngettext(
        "%(wrong)s of %(n)s payout needs a look: %(parts)s",
        "%(wrong)s of %(n)s payouts need a look: %(parts)s",
        every,
    )
    return said % {"wrong": format.number(wrong), "n": format.number(every), "parts": _(", ").join(parts)}


def _finding(totals: Sequence[Sum]) -> str:
    """How much more or less was paid, by currency."""
    parts = []
    for one in totals:
        amount = format.money(abs(one.difference), one.currency)
        if one.difference < 0:
            parts.append(_("%(amount)s less than expected") % {"amount": amount})
        elif one.difference > 0:
            parts.append(_("%(amount)s more than expected") % {"amount": amount})
        else:
            paid = format.money(one.paid, one.currency)
            parts.append(_("%(amount)s paid out, as expected") % {"amount": paid})
    return _("; ").join(parts)
