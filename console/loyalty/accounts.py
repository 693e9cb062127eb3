"""Points and stored value of members: earned, spent, run out, outstanding, by tier or channel.

Not here: how they are added up (metrics/loyalty/accounts.py), the people behind a number (people.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from channels.queries import channels_of
from console.journey import base
from console.journey.figures import Link, choices, chosen
from console.loyalty.base import TABS, LoyaltyPage, tier_name
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.facts.member_accounts import POINTS
from metrics.journeys.base import Asked
from metrics.loyalty.accounts import BY, Account, Accounts, accounts

WORDS: Final = {"tier": gettext_lazy("By tier"), "channel": gettext_lazy("By channel")}


class Holding(NamedTuple):
    """Sums of an account, of all or of a tier or channel."""

    name: str
    channel: Channel | None
    earned: str
    spent: str
    expired: str
    outstanding: str
    owed: bool  # it lies below 0


class Part(NamedTuple):
    """Points, or stored value in one currency: all, and the rows it is put together of."""

    title: str
    total: Holding
    rows: list[Holding]
    holders: str
    holders_href: str
    overdrawn: str
    overdrawn_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(LoyaltyPage):
    """The page."""

    by: str
    bys: list[Link]
    parts: list[Part]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    by = chosen(here.given, "by", BY)
    found, problem = base.read(here, asking_for(by))
    return render(
        request,
        "loyalty/accounts.html",
        Page(
            **base.around(request, here.period, problem, TABS),
            there=found is not None,
            title=title(found) if found else _("Points and stored value"),
            lead=_("What is outstanding is of all that ever was, up to the end of the period."),
            csv=here.address("membership-export", of="accounts", by=by),
            by=by,
            bys=choices(request, "by", by, dict(WORDS)),
            parts=parts_of(here, found) if found else [],
        ),
    )


def asking_for(by: str) -> base.Find[Accounts]:
    """What puts it to the mirror."""

    def find(asked: Asked, _given: Mapping[str, str]) -> Accounts:
        return accounts(asked, by)

    return find


def title(found: Accounts) -> str:
    """The sentence that says it: what is outstanding."""
    if not found.total:
        return _("No points and no stored value were ever changed")
    said = [_("%(n)s points") % {"n": _plain(one.outstanding)} for one in found.total if one.unit == POINTS]
    said += [
        _("%(money)s stored value") % {"money": format.money(one.outstanding, one.currency)}
        for one in found.total
        if one.unit != POINTS
    ]
    return _("Outstanding: %(list)s") % {"list": _(", ").join(said)}


def amount(one: Account, value: Decimal) -> str:
    """Points, or money in its currency."""
    return _plain(value) if one.unit == POINTS else format.money(value, one.currency)


def _plain(value: Decimal) -> str:
    return format.number(value, 0 if value == value.to_integral_value() else 2)


def parts_of(here: base.Here, found: Accounts) -> list[Part]:
    """A part for points and one for each currency."""
    channels = channels_of(here.request.workspace.pk)
    return [
        Part(
            _("Points") if one.unit == POINTS else _("Stored value in %(code)s") % {"code": one.currency},
            _holding(one, found.by, {}),
            [
                _holding(part, found.by, channels)
                for part in found.parts
                if (part.unit, part.currency) == (one.unit, one.currency)
            ],
            format.number(one.holders),
            here.address("membership-people", who=f"{one.unit}_holders") if one.holders else "",
            format.number(one.overdrawn),
            here.address("membership-people", who=f"{one.unit}_overdrawn") if one.overdrawn else "",
        )
        for one in found.total
    ]


def _holding(one: Account, by: str, channels: Mapping[str, Channel]) -> Holding:
    key = one.key or ""
    return Holding(
        tier_name(key) if by == "tier" else key,
        channels.get(key) if by == "channel" else None,
        amount(one, one.earned),
        amount(one, one.spent),
        amount(one, one.expired),
        amount(one, one.outstanding),
        one.outstanding < 0,
    )
