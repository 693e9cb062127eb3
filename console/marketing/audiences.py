"""Whom campaigns share, and how often a customer is met before he orders.

Not here: how it is counted (metrics/marketing/reach.py), the people (campaigns.py:behind).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.journey import base
from console.journey.figures import heat
from console.marketing.base import TABS, MarketingPage
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.effects.intervals import share, wilson
from metrics.journeys.base import Asked
from metrics.marketing.reach import Met, Pair, Reach, reach


class Square(NamedTuple):
    """Two campaigns, or one with itself: whom it reached."""

    text: str
    tip: str
    heat: int
    href: str


class Line(NamedTuple):
    """A campaign against all."""

    name: str
    squares: list[Square | None]


class Row(NamedTuple):
    """Customers with so many touches."""

    name: str
    customers: str
    href: str
    converted: str
    converted_href: str
    conversion: str
    range: str
    part: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(MarketingPage):
    """The page."""

    columns: list[str]
    lines: list[Line]
    left_out: int
    rows: list[Row]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    found, problem = base.read(here, find)
    most = (
        max((one.converted / one.customers for one in found.frequency if one.customers), default=0)
        if found
        else 0
    )
    return render(
        request,
        "marketing/audiences.html",
        Page(
            **base.around(request, here.period, problem, TABS),
            there=found is not None,
            title=title(found) if found else _("Audiences"),
            lead=_("Customers who met a marketing touch in the period"),
            csv=here.address("campaigns-export", of="audiences"),
            columns=[one.campaign for one in found.campaigns] if found else [],
            lines=_lines(here, found) if found else [],
            left_out=found.left_out if found else 0,
            rows=[_row(here, one, most) for one in found.frequency] if found else [],
        ),
    )


def find(asked: Asked, _given: Mapping[str, str]) -> Reach:
    """What puts it to the mirror."""
    return reach(asked)


def title(found: Reach) -> str:
    """The sentence that says it: which two campaigns meet the same people most."""
    if not found.campaigns:
        return _("No campaign reached anybody in this period")
    if not found.pairs:
        return _("No two campaigns reached the same customer")
    most = max(found.pairs, key=lambda one: (one.customers / one.either, one.customers))
    return _("%(one)s and %(other)s share %(share)s of their customers") % {
        "one": most.first,
        "other": most.second,
        "share": format.percent(most.customers / most.either),
    }


def _lines(here: base.Here, found: Reach) -> list[Line]:
    pairs = {frozenset((one.first, one.second)): one for one in found.pairs}
    names = [one.campaign for one in found.campaigns]
    return [
        Line(
            one.campaign,
            [
                Square(
                    format.number(one.customers),
                    _("reached"),
                    0,
                    here.address("campaigns-people", campaign=one.campaign),
                )
                if other == one.campaign
                else _square(here, pairs.get(frozenset((one.campaign, other))))
                for other in names
            ],
        )
        for one in found.campaigns
    ]


def _square(here: base.Here, pair: Pair | None) -> Square | None:
    if pair is None:
        return None
    tip = _("%(base)s reached by one or both") % {"base": format.base(pair.customers, pair.either)}
    address = here.address("campaigns-people", campaign=pair.first, also=pair.second)
    return Square(
        format.percent(pair.customers / pair.either), tip, heat(pair.customers, pair.either), address
    )


def called(one: Met) -> str:
    """A class of touches, in words."""
    if one.to is None:
        return _("%(n)s touches or more") % {"n": one.at_least}
    if one.to == one.at_least:
        return ngettext("%(n)s touch", "%(n)s touches", one.at_least) % {"n": one.at_least}
    return _("%(low)s to %(high)s touches") % {"low": one.at_least, "high": one.to}


def _row(here: base.Here, one: Met, most: float) -> Row:
    asked = {"touches": str(one.at_least), "touches_to": str(one.to or "")}
    found = share(one.converted, one.customers)
    low, high = wilson(found) if found else (0.0, 0.0)
    return Row(
        called(one),
        format.number(one.customers),
        here.address("campaigns-people", **asked) if one.customers else "",
        format.number(one.converted),
        here.address("campaigns-people", converted="1", **asked) if one.converted else "",
        format.percent(found.value) if found else format.NOTHING,
        _("%(low)s to %(high)s") % {"low": format.percent(low), "high": format.percent(high)}
        if found
        else "",
        found.value / most if found and most else 0.0,
    )
