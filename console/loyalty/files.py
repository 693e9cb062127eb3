"""The pages of membership as files: raw numbers. Not here: how a file is made (console/metric/export.py)."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from channels.queries import channels_of
from console.journey import base
from console.journey.base import Here
from console.journey.figures import chosen
from console.loyalty import accounts, joining, membership
from console.loyalty.base import tier_name
from console.metric import export
from kernel.web import access, shell
from kernel.web.access import WorkspaceRequest
from metrics.effects.base import Refusal
from metrics.loyalty.accounts import BY
from metrics.loyalty.worth import tidy

Line = tuple[Any, ...]
File = tuple[Line, Iterable[Line]]  # its head and its rows


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """The file of a page: `of` is one of KINDS, else that of the first page."""
    here = Here.of(request)
    kind = chosen(here.given, "of", tuple(KINDS))
    head, rows = KINDS[kind](here)
    return export.answer(request, f"{kind}-{here.period.first}-{here.period.last}", head, rows)


def _channels(here: Here) -> File:
    found = base.ask(here, membership.find)
    channels, currency = channels_of(here.request.workspace.pk), here.request.workspace.currency
    head = (
        *(
            _("Channel"),
            _("Customers"),
            _("Active members"),
            _("Buyers"),
            _("Members who bought"),
            _("Orders"),
        ),
        *(_("Orders of members"), _("Revenue"), _("Revenue of members"), _("Currency")),
    )
    rows = (
        (
            shell.channel_name(channels[one.channel]) if one.channel else _("all"),
            *(one.customers, one.member_customers, one.buyers, one.member_buyers, one.orders),
            *(one.member_orders, tidy(one.revenue.value, currency)),
            *(tidy(one.member_revenue.value, currency), currency),
        )
        for one in [*found.channels, found.total]
    )
    return head, rows


def _tiers(here: Here) -> File:
    found = base.ask(here, membership.find)
    head = (
        *(_("Tier"), _("Before the period"), _("Joined"), _("Moved in"), _("Moved out"), _("Members")),
        *(_("Members who bought"), _("Orders"), _("Revenue"), _("Currency")),
    )
    currency = here.request.workspace.currency
    rows = (
        (tier_name(one.tier), *one[1:8], tidy(one.revenue.value, currency), currency) for one in found.tiers
    )
    return head, rows


def _accounts(here: Here) -> File:
    by = chosen(here.given, "by", BY)
    found = base.ask(here, accounts.asking_for(by))
    channels = channels_of(here.request.workspace.pk)

    def called(key: str | None) -> str:
        if by == "tier":
            return tier_name(key or "")
        return shell.channel_name(channels[key]) if key in channels else key or ""

    head = (
        *(_("Tier") if by == "tier" else _("Channel"), _("What"), _("Currency"), _("Earned"), _("Spent")),
        *(_("Expired"), _("Outstanding"), _("Holders"), _("Below 0")),
    )
    rows = (
        (
            *(called(one.key), one.unit, one.currency),
            *(one.said(name) for name in ("earned", "spent", "expired", "outstanding")),
            *(one.holders, one.overdrawn),
        )
        for one in found.parts
    )
    return head, rows


def _joining(here: Here) -> File:
    found = base.ask(here, joining.asking_for(joining.wanted(here.given)))
    head = (
        *(_("Measure"), _("Who joined"), _("Others alike"), _("Difference"), _("Interval from")),
        *(_("Interval to"), _("Difference of all"), _("Note")),
    )

    def row(effect: Any) -> Line:
        name, told = str(joining.MEASURES[effect.measure]), effect.found
        if isinstance(told, Refusal):
            return (name, *[None] * 6, str(told))
        values = (told.with_, told.without, *told.difference, told.plain.value)
        return (name, *(f"{value:.6f}" for value in values), "")

    return head, map(row, found.effects)


KINDS: Final[dict[str, Callable[[Here], File]]] = {
    "channels": _channels,
    "tiers": _tiers,
    "accounts": _accounts,
    "joining": _joining,
}
