"""Who is a member: penetration and share of revenue by channel, tiers and moves between them, several channels.

Not here: how it is counted (metrics/loyalty/membership.py), points (accounts.py), the people behind (people.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.models import Channel
from channels.queries import channels_of
from console.journey import base
from console.journey.figures import points
from console.journey.spread import Spread, spreads
from console.loyalty.base import TABS, LoyaltyPage, tier_name, tier_word
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys.base import Asked
from metrics.loyalty.membership import Buying, Crossing, Membership, Move, Tier, membership


class Counted(NamedTuple):
    """A number and the customers behind it."""

    text: str
    href: str


class Share(NamedTuple):
    """A share, what it is of, and its part of a bar."""

    text: str
    tip: str
    part: float


class Row(NamedTuple):
    """A channel; None: all together."""

    channel: Channel | None
    buyers: Counted
    others: Counted
    penetration: Share
    customers: Counted
    active: Share
    orders: str
    revenue: str
    revenue_share: Share


class TierRow(NamedTuple):
    """A tier over the period."""

    name: str
    before: str
    joined: Counted
    moved_in: str
    moved_out: str
    members: Counted
    buyers: Counted
    orders: str
    revenue: str
    share: Share


class MoveRow(NamedTuple):
    """From a tier, or from none, to another."""

    source: str  # "": they joined
    target: str
    members: Counted
    part: int
    whole: int


class CrossRow(NamedTuple):
    """Members or all others: how many bought on several channels."""

    name: str
    buyers: str
    cross: Counted
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(LoyaltyPage):
    """The page."""

    rows: list[Row]
    total: Row | None
    tiers: list[TierRow]
    moves: list[MoveRow]
    crossing: list[CrossRow]
    difference: str
    range: str
    spread: Spread | None
    unconverted: list[tuple[str, str]]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    found, problem = base.read(here, find)
    return render(request, "loyalty/membership.html", _page(here, found, problem))


def find(asked: Asked, _given: Mapping[str, str]) -> Membership:
    """What puts it to the mirror."""
    return membership(connection, asked)


def _page(here: base.Here, found: Membership | None, problem: str) -> Page:
    channels = channels_of(here.request.workspace.pk)
    apart = found.difference if found else None
    return Page(
        **base.around(here.request, here.period, problem, TABS),
        there=found is not None,
        title=title(found) if found else _("Membership"),
        lead=lead(found) if found else "",
        csv=here.address("membership-export"),
        rows=[_row(here, one, found, channels) for one in found.channels] if found else [],
        total=_row(here, found.total, found, channels) if found else None,
        tiers=[_tier(here, one, found) for one in found.tiers] if found else [],
        moves=_moves(here, found.moves) if found else [],
        crossing=_crossing(here, found) if found else [],
        difference=points(apart.value) if apart else "",
        range=_("%(low)s to %(high)s") % {"low": points(apart.low), "high": points(apart.high)}
        if apart
        else "",
        spread=spreads([apart])[0],
        unconverted=[
            (code, format.number(value)) for code, value in sorted(found.total.revenue.unconverted.items())
        ]
        if found
        else [],
    )


def title(found: Membership) -> str:
    """The sentence that says it."""
    total = found.total
    if not found.members:
        return _("Nobody is a member yet")
    if not total.buyers:
        return _("Nobody bought in this period")
    said = {"share": format.percent(total.member_buyers / total.buyers)}
    if total.revenue.value <= 0:
        return _("%(share)s of buyers are members") % said
    said["worth"] = format.percent(float(total.member_revenue.value / total.revenue.value))
    return _("%(share)s of buyers are members, and bring %(worth)s of revenue") % said


def lead(found: Membership) -> str:
    """How many there are, and how many came."""
    text = ngettext("%(n)s member at the end", "%(n)s members at the end", found.members) % {
        "n": format.number(found.members)
    }
    new = ngettext("%(n)s joined in the period", "%(n)s joined in the period", found.joined) % {
        "n": format.number(found.joined)
    }
    return f"{text} · {new}"


def share(part: float, whole: float) -> Share:
    """A share of what can be counted."""
    if not whole:
        return Share(format.NOTHING, "", 0)
    return Share(format.percent(part / whole), format.base(part, whole), max(min(part / whole, 1), 0))


def counted(here: base.Here, number: int, who: str, **of: str) -> Counted:
    """A number with the address of its people."""
    return Counted(format.number(number), here.address("membership-people", who=who, **of) if number else "")


def _row(here: base.Here, one: Buying, found: Membership, channels: Mapping[str, Channel]) -> Row:
    of = {"channel": one.channel} if one.channel else {}
    worth = share(float(one.member_revenue.value), float(one.revenue.value))
    return Row(
        channels[one.channel] if one.channel else None,
        counted(here, one.member_buyers, "buyers", **of),
        counted(here, one.buyers - one.member_buyers, "others", **of),
        share(one.member_buyers, one.buyers),
        counted(here, one.member_customers, "customers", **of),
        share(one.member_customers, one.customers),
        format.number(one.member_orders),
        format.money_short(one.member_revenue.value, found.currency),
        worth._replace(tip=_of_money(one, found.currency)),
    )


def _of_money(one: Buying, currency: str) -> str:
    said = {
        "part": format.money(one.member_revenue.value, currency),
        "whole": format.money(one.revenue.value, currency),
    }
    return _("%(part)s of %(whole)s") % said


def _tier(here: base.Here, one: Tier, found: Membership) -> TierRow:
    word = tier_word(one.tier)
    return TierRow(
        tier_name(one.tier),
        format.number(one.before),
        counted(here, one.joined, "joined", tier=word),
        format.number(one.moved_in),
        format.number(one.moved_out),
        counted(here, one.members, "members", tier=word),
        counted(here, one.buyers, "tier_buyers", tier=word),
        format.number(one.orders),
        format.money_short(one.revenue.value, found.currency),
        share(float(one.revenue.value), float(found.total.revenue.value)),
    )


def _moves(here: base.Here, moves: list[Move]) -> list[MoveRow]:
    whole = max((one.members for one in moves), default=0)
    return [
        MoveRow(
            "" if one.origin is None else tier_name(one.origin),
            tier_name(one.to),
            counted(here, one.members, "joined", tier=tier_word(one.to))
            if one.origin is None
            else counted(here, one.members, "moved", from_tier=tier_word(one.origin), tier=tier_word(one.to)),
            one.members,
            whole,
        )
        for one in moves
    ]


def _crossing(here: base.Here, found: Membership) -> list[CrossRow]:
    def row(name: str, one: Crossing, who: str) -> CrossRow:
        return CrossRow(
            name, format.number(one.buyers), counted(here, one.cross, who), share(one.cross, one.buyers)
        )

    return [
        row(_("Members"), found.cross, "cross"),
        row(_("All other buyers"), found.cross_others, "cross_others"),
    ]
