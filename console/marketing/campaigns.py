"""Campaigns of all channels on one calendar: spend against credit, touches, customers reached.

Not here: how they are counted (metrics/marketing/campaigns.py), whom they share (audiences.py), budget (budget.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.models import Channel
from channels.queries import channels_of
from console.journey import base, people
from console.journey.figures import Link, choices, chosen, heat
from console.marketing.base import FAMILY, OF_LISTS, TABS, MarketingPage, called, ratio
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys.base import Asked
from metrics.marketing import campaigns_api
from metrics.marketing.campaign import Campaign
from metrics.marketing.campaigns import Campaigns, campaigns
from metrics.marketing.campaigns_api import NONE

MOST: Final = 50  # campaigns that are shown; all stand in the file
NOTHING: Final = Decimal(0)
SHORT_FROM: Final = Decimal(10_000)
MODELS: Final[Mapping[str, Promise]] = {
    "last": gettext_lazy("Last touch"),
    "first": gettext_lazy("First touch"),
    "last_non_direct": gettext_lazy("Last non-direct touch"),
    "linear": gettext_lazy("Linear"),
    "position": gettext_lazy("By position"),
    "time_decay": gettext_lazy("Time decay"),
    "markov": gettext_lazy("Markov"),
    "shapley": gettext_lazy("Shapley"),
    "data_driven": gettext_lazy("Data-driven"),
}


class Square(NamedTuple):
    """An interval of a campaign's calendar."""

    text: str
    tip: str
    heat: int


class Row(NamedTuple):
    """A campaign."""

    name: str
    channels: list[Channel]
    mediums: str
    days: str
    spend: str
    revenue: str
    conversions: str
    roas: str
    roi: str
    cpa: str
    touches: str
    customers: str
    href: str
    squares: list[Square]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(MarketingPage):
    """The page."""

    model: str
    models: list[Link]
    warnings: list[str]
    columns: list[str]
    rows: list[Row]
    left_out: int
    total_spend: str
    total_revenue: str
    total_customers: str


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    model = chosen(here.given, "model", tuple(MODELS))
    found, problem = base.read(here, asking_for(model))
    return render(request, "marketing/campaigns.html", _page(here, model, found, problem))


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """Those whom a campaign, or two of them, or so many touches reached."""
    back = "campaigns-audiences" if request.GET.get("also") or request.GET.get("touches") else "campaigns"
    return people.show(request, back, _people, FAMILY, OF_LISTS)


def asking_for(model: str) -> base.Find[Campaigns]:
    """What puts it to the mirror."""

    def find(asked: Asked, _given: Mapping[str, str]) -> Campaigns:
        return campaigns(connection, asked, model)

    return find


def _people(asked: Asked, given: Mapping[str, str]) -> people.Who:
    if not given.get("campaign") and not given.get("touches"):
        given = {**given, "touches": "1"}  # everybody who was met
    found = campaigns_api.people(asked, given)
    if given.get("touches"):
        said = {"low": given["touches"], "high": given.get("touches_to") or "∞"}
        if given.get("converted") == "1":
            return found, _("Customers with %(low)s to %(high)s touches who ordered") % said
        return found, _("Customers with %(low)s to %(high)s touches") % said
    name = called("" if given["campaign"] == NONE else given["campaign"])
    if given.get("also"):
        both = {"one": name, "other": given["also"]}
        return found, _("Customers reached by both %(one)s and %(other)s") % both
    return found, _("Customers reached by %(campaign)s") % {"campaign": name}


def _page(here: base.Here, model: str, found: Campaigns | None, problem: str) -> Page:
    currency = here.request.workspace.currency
    listed = found.campaigns if found else []
    most = max((slot.spend for one in listed for slot in one.slots), default=NOTHING)
    channels = channels_of(here.request.workspace.pk)
    return Page(
        **base.around(here.request, here.period, problem, TABS),
        there=found is not None,
        title=title(found) if found else _("Marketing"),
        lead=lead(found) if found else "",
        csv=here.address("campaigns-export", model=model),
        model=str(MODELS[model]),
        models=choices(here.request, "model", model, dict(MODELS)),
        warnings=[str(one) for one in found.warnings] if found else [],
        columns=[_column(one.start, found.interval) for one in listed[0].slots] if found and listed else [],
        rows=[_row(here, one, channels, most) for one in listed[:MOST]],
        left_out=max(len(listed) - MOST, 0),
        total_spend=format.money_short(found.spend, currency) if found else "",
        total_revenue=format.money_short(_credited(found), currency) if found else "",
        total_customers=format.number(found.customers) if found else "",
    )


def _credited(found: Campaigns) -> Decimal:
    """What campaigns are credited with together."""
    return sum((one.credit.revenue for one in found.campaigns if one.credit), NOTHING)


def title(found: Campaigns) -> str:
    """The sentence that says it: what one unit of spend is credited with, and which campaign has most."""
    named = [one for one in found.campaigns if one.name]
    if not named:
        return _("No campaign spent or reached anybody in this period")
    if not found.spend:
        return _("No spend is known in this period")
    said = {
        "spend": format.money_short(found.spend, found.currency),
        "revenue": format.money_short(_credited(found), found.currency),
        "roas": ratio(_credited(found) / found.spend),
    }
    text = _("%(spend)s of spend are credited with %(revenue)s of revenue: %(roas)s for one") % said
    rated = [one for one in named if one.credit and one.credit.roas is not None]
    if len(rated) < 2:
        return text
    best = max(rated, key=lambda one: (one.credit.roas if one.credit else None) or NOTHING)
    return _("%(text)s, most for %(campaign)s") % {"text": text, "campaign": best.name}


def lead(found: Campaigns) -> str:
    """How many campaigns, on how many channels, reached how many."""
    named = [one for one in found.campaigns if one.name]
    where = {slug for one in named for slug in one.channels}
    n, m = len(named), len(where)
    told = ngettext("%(n)s campaign", "%(n)s campaigns", n) % {"n": format.number(n)}
    on = ngettext("on %(n)s channel", "on %(n)s channels", m) % {"n": format.number(m)}
    met = ngettext("%(n)s customer reached", "%(n)s customers reached", found.customers) % {
        "n": format.number(found.customers)
    }
    return _("%(campaigns)s %(on_channels)s · %(met)s") % {"campaigns": told, "on_channels": on, "met": met}


def _round(value: Decimal, currency: str) -> str:
    """Of a day among many: without cents; its tip has them."""
    if value >= SHORT_FROM:
        return format.money_short(value, currency)
    return format.symbol(currency) + format.number(value, 0)


def _column(start: object, interval: str) -> str:
    return format.day(start) if interval != "month" else format.day(start, year=True)


def _row(here: base.Here, one: Campaign, channels: Mapping[str, Channel], most: Decimal) -> Row:
    currency, credit = here.request.workspace.currency, one.credit
    return Row(
        called(one.name),
        [channels[slug] for slug in one.channels if slug in channels],
        ", ".join(one.mediums),
        format.days(one.first, one.last, year=False),
        format.money_short(one.spend, currency),
        format.money_short(credit.revenue, currency) if credit else format.NOTHING,
        format.number(credit.conversions, 1) if credit else format.NOTHING,
        ratio(credit.roas) if credit else format.NOTHING,
        format.percent(credit.roi) if credit else format.NOTHING,
        format.money_short(credit.cpa, currency) if credit else format.NOTHING,
        format.number(one.touches),
        format.number(one.customers),
        here.address("campaigns-people", campaign=one.name or NONE) if one.customers else "",
        [
            Square(
                _round(slot.spend, currency) if slot.spend else "",
                _("%(spend)s spent, %(touches)s touches")
                % {"spend": format.money(slot.spend, currency), "touches": format.number(slot.touches)},
                heat(float(slot.spend), float(most)),
            )
            for slot in one.slots
        ],
    )
