"""What joining changes: those who joined before the period against customers alike who did not, with intervals.

Not here: how they are matched (metrics/loyalty/joining.py), the people compared (people.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.journey import base
from console.journey.figures import Link, choices, points
from console.journey.spread import Spread, spreads
from console.loyalty.base import TABS, LoyaltyPage
from kernel.errors import BadRequest
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.effects.base import Refusal
from metrics.effects.intervals import Difference
from metrics.effects.matching import Matched
from metrics.journeys.base import Asked
from metrics.loyalty import joining_api
from metrics.loyalty.joining import Effect, Joining, joining

SPANS: Final = {
    "30d": gettext_lazy("Joined in the 30 days before"),
    "90d": gettext_lazy("90 days"),
    "180d": gettext_lazy("180 days"),
}
MEASURES: Final[Mapping[str, Promise]] = {
    "revenue": gettext_lazy("Revenue per customer"),
    "orders": gettext_lazy("Orders per customer"),
    "bought": gettext_lazy("Customers who bought"),
}
COVARIATES: Final[Mapping[str, Promise]] = {
    "orders": gettext_lazy("Orders before"),
    "revenue": gettext_lazy("Revenue before"),
    "recency": gettext_lazy("Days since the last order"),
}


class Row(NamedTuple):
    """A measure: how it changed for both, and the difference of that."""

    name: str
    joined: str
    others: str
    difference: str
    range: str
    spread: Spread | None
    plain: str


class Alike(NamedTuple):
    """A covariate: how far the groups lie apart, in standard deviations, before matching and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(LoyaltyPage):
    """The page."""

    lasting: str
    spans: list[Link]
    days: list[tuple[str, str]]  # what each span of days is, and which days
    refusal: str
    rows: list[Row]
    check: str  # the revenue of earlier days, joined less others; "": none
    check_sure: bool
    balance: list[Alike]
    joiners: str
    joined_href: str
    others: str
    others_href: str
    counts: list[str]
    unconverted: list[tuple[str, str]]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    lasting = wanted(here.given)
    found, problem = base.read(here, asking_for(lasting))
    return render(request, "loyalty/joining.html", _page(here, lasting, found, problem))


def wanted(given: Mapping[str, str]) -> str:
    """How long before the period they joined; the usual where the address says what cannot be."""
    try:
        joining_api.span(given)
    except BadRequest:
        return joining_api.LASTING
    return given.get("joined") or joining_api.LASTING


def asking_for(lasting: str) -> base.Find[Joining]:
    """What puts it to the mirror."""
    span: timedelta = joining_api.span({"joined": lasting})

    def find(asked: Asked, _given: Mapping[str, str]) -> Joining:
        return joining(connection, asked, span)

    return find


def _page(here: base.Here, lasting: str, found: Joining | None, problem: str) -> Page:
    told = found.effects[0].found if found else None
    matched = told if isinstance(told, Matched) else None
    check = found.check if found and isinstance(found.check, Matched) else None
    spans = dict(SPANS) if lasting in SPANS else {**SPANS, lasting: gettext_lazy(lasting)}
    return Page(
        **base.around(here.request, here.period, problem, TABS),
        there=found is not None,
        title=title(found) if found else _("What joining changes"),
        lead=_("Those who joined just before the period, against customers alike who did not"),
        csv=here.address("membership-export", of="joining", joined=lasting),
        lasting=lasting,
        spans=choices(here.request, "joined", lasting, spans),
        days=_days(found) if found else [],
        refusal=str(told) if isinstance(told, Refusal) else "",
        rows=[_row(one, found.currency) for one in found.effects] if found and matched else [],
        check=_ranged(check.difference, money(found.currency)) if found and check else "",
        check_sure=bool(check and (check.difference.low > 0 or check.difference.high < 0)),
        balance=[
            Alike(str(COVARIATES[one.name]), format.number(one.before, 2), format.number(one.after, 2))
            for one in (matched.balance if matched else [])
        ],
        joiners=format.number(found.joiners - found.without_order) if found else "",
        joined_href=here.address("membership-joining-people", joined=lasting),
        others=format.number(found.others) if found else "",
        others_href=here.address("membership-joining-people", joined=lasting, outcome="others"),
        counts=_counts(found, matched) if found else [],
        unconverted=[(code, format.number(value)) for code, value in sorted(found.unconverted.items())]
        if found
        else [],
    )


def title(found: Joining) -> str:
    """The sentence that says it."""
    told = found.effects[0].found
    if isinstance(told, Refusal):
        return _("What joining changes cannot be told of this period")
    difference, said = told.difference, money(found.currency)
    if difference.low <= 0 <= difference.high:
        return _("Joining goes along with no change of spending that can be told from chance")
    values = {"value": said(abs(difference.value)), "range": _range(difference, said)}
    if difference.value > 0:
        return _("Who joined spends %(value)s more than customers alike (%(range)s)") % values
    return _("Who joined spends %(value)s less than customers alike (%(range)s)") % values


def money(currency: str) -> Callable[[float], str]:
    """Amounts as pages say them."""
    return lambda value: format.money_short(round(value, 2), currency)


def _signed(value: float, said: Callable[[float], str]) -> str:
    return ("+" if value > 0 else "") + said(value)


def _range(one: Difference, said: Callable[[float], str]) -> str:
    return _("%(low)s to %(high)s") % {"low": _signed(one.low, said), "high": _signed(one.high, said)}


def _ranged(one: Difference, said: Callable[[float], str]) -> str:
    return f"{_signed(one.value, said)} ({_range(one, said)})"


def words(measure: str, currency: str) -> Callable[[float], str]:
    """How a measure's values are said."""
    if measure == "revenue":
        return money(currency)
    return points if measure == "bought" else lambda value: format.number(value, 2)


def _row(one: Effect, currency: str) -> Row:
    """A measure; points carry their sign themselves."""
    said, found = words(one.measure, currency), one.found
    if isinstance(found, Refusal):
        nothing = format.NOTHING
        return Row(str(MEASURES[one.measure]), nothing, nothing, nothing, str(found), None, nothing)
    sign = said if one.measure == "bought" else lambda value: _signed(value, said)
    apart = found.difference
    return Row(
        str(MEASURES[one.measure]),
        sign(found.with_),
        sign(found.without),
        sign(apart.value),
        _("%(low)s to %(high)s") % {"low": sign(apart.low), "high": sign(apart.high)},
        spreads([apart])[0],
        sign(found.plain.value),
    )


def _days(found: Joining) -> list[tuple[str, str]]:
    names = {
        "joined": _("Joined"),
        "before": _("Before"),
        "after": _("After"),
        "earlier": _("Check"),
    }
    listed = found.spans._asdict()
    return [(word, format.days(listed[name].first, listed[name].last)) for name, word in names.items()]


def _counts(found: Joining, matched: Matched | None) -> list[str]:
    said = []
    if found.without_order:
        said.append(
            ngettext(
                "%(n)s who joined had no order before the period and is not compared.",
                "%(n)s who joined had no order before the period and are not compared.",
                found.without_order,
            )
            % {"n": format.number(found.without_order)}
        )
    if matched and matched.left_out:
        said.append(
            ngettext(
                "%(n)s who joined has nobody alike and is left out.",
                "%(n)s who joined have nobody alike and are left out.",
                matched.left_out,
            )
            % {"n": format.number(matched.left_out)}
        )
    if matched:
        said.append(
            _("Compared: %(joined)s who joined and %(others)s others.")
            % {"joined": format.number(matched.exposed), "others": format.number(matched.others)}
        )
    return said
