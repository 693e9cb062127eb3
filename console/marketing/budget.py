"""What more money would bring: a curve for each campaign, and money moved between them in simulation.

The moves stand in the address, nothing is kept. Not here: how curves are fitted (metrics/marketing/curves.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from console.journey import base
from console.journey.base import Choice
from console.marketing.base import TABS, MarketingPage, signed
from console.marketing.drawing import Drawing, drawn
from kernel.errors import BadRequest
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.effects.intervals import Difference
from metrics.journeys.base import Asked
from metrics.marketing import response_api
from metrics.marketing.curves import Curve, Refused
from metrics.marketing.response import Response, Responses, Simulated, responses

SAVED: Final = "-"  # in the form: from nowhere, to nowhere


class Row(NamedTuple):
    """A campaign: its curve, or why there is none."""

    name: str
    spend: str
    credit: str
    days: str
    next_unit: str
    range: str
    shape: str
    refusal: str
    drawing: Drawing | None


class MovedRow(NamedTuple):
    """A campaign whose spend changes."""

    name: str
    before: str
    after: str
    change: str
    range: str
    beyond: bool


class Result(NamedTuple):
    """What moves are expected to bring."""

    rows: list[MovedRow]
    spend: str
    change: str
    range: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(MarketingPage):
    """The page."""

    rows: list[Row]
    sources: list[Choice]
    targets: list[Choice]
    amount: str
    wrong: str  # what of the move cannot be
    result: Result | None
    unconverted: list[tuple[str, str]]


class Found(NamedTuple):
    """Curves, and what the address's move comes to or why it cannot be told."""

    curves: Responses
    moved: Simulated | None
    wrong: str


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    found, problem = base.read(here, find)
    curves = found.curves if found else None
    currency = request.workspace.currency
    return render(
        request,
        "marketing/budget.html",
        Page(
            **base.around(request, here.period, problem, TABS),
            there=found is not None,
            title=title(curves) if curves else _("Budget"),
            lead=_("Credit by the last touch, on the day of the touch, against what was spent that day"),
            csv=here.address("campaigns-export", of="budget"),
            rows=[_row(one, currency) for one in curves.campaigns] if curves else [],
            sources=_ends(curves, here.given.get("source", ""), _("new money")) if curves else [],
            targets=_ends(curves, here.given.get("target", ""), _("saved")) if curves else [],
            amount=here.given.get("amount", ""),
            wrong=found.wrong if found else "",
            result=_result(found.moved, currency) if found and found.moved else None,
            unconverted=[(code, format.number(value)) for code, value in sorted(curves.unconverted.items())]
            if curves
            else [],
        ),
    )


def find(asked: Asked, given: Mapping[str, str]) -> Found:
    """Curves, and the move of the address where it has one."""
    curves = responses(connection, asked)
    if not given.get("amount"):
        return Found(curves, None, "")
    ends = {name: None if given.get(word, "") == SAVED else given.get(word) for name, word in ENDS.items()}
    try:
        wanted = response_api.moves([{**ends, "amount": given["amount"]}])
        return Found(curves, response_api.expected(curves, wanted), "")
    except BadRequest as wrong:
        return Found(curves, None, str(wrong))


ENDS: Final = {"from": "source", "to": "target"}


def title(found: Responses) -> str:
    """The sentence that says it: where the next money brings most and least."""
    if not found.campaigns:
        return _("No spend is known in this period")
    told = [(one, one.curve) for one in found.campaigns if isinstance(one.curve, Curve)]
    if not told:
        return _("What more money would bring cannot be told of this period")
    ranked = sorted(told, key=lambda pair: pair[1].marginal(pair[0].mean))
    (least, low), (most, high) = ranked[0], ranked[-1]
    best = {
        "campaign": most.campaign,
        "value": _unit(high.marginal(most.mean), found.currency),
        "range": _range(high.marginal_interval(most.mean), found.currency),
        "one": f"{format.symbol(found.currency)}1",
    }
    if least is most:
        return _("The next %(one)s for %(campaign)s is credited with %(value)s (%(range)s)") % best
    said = {**best, "least": least.campaign, "low": _unit(low.marginal(least.mean), found.currency)}
    return (
        _(
            "The next %(one)s is credited with most for %(campaign)s (%(value)s; %(range)s), "
            "least for %(least)s (%(low)s)"
        )
        % said
    )


def _unit(value: float, currency: str) -> str:
    return format.money(round(Decimal(value), 2), currency)


def _row(one: Response, currency: str) -> Row:
    curve = one.curve
    refusal = str(curve) if isinstance(curve, Refused) else ""
    head = (
        one.campaign,
        format.money_short(one.spend, currency),
        format.money_short(one.credit, currency),
        format.number(len(one.days)),
    )
    if isinstance(curve, Refused):
        return Row(*head, format.NOTHING, "", "", refusal, None)
    unit = curve.marginal_interval(one.mean)
    shape = _("flattens") if curve.bends else _("a straight line as far as can be seen")
    return Row(
        *head, _unit(unit.value, currency), _range(unit, currency), shape, "", drawn(one, curve, currency)
    )


def _range(one: Difference, currency: str) -> str:
    return _("%(low)s to %(high)s") % {"low": _unit(one.low, currency), "high": _unit(one.high, currency)}


def _ends(found: Responses, chosen: str, nothing: str) -> list[Choice]:
    named = [one.campaign for one in found.campaigns if isinstance(one.curve, Curve)]
    return [
        Choice(SAVED, nothing, chosen == SAVED),
        *(Choice(name, name, chosen == name) for name in named),
    ]


def _result(found: Simulated, currency: str) -> Result:
    def ranged(one: Difference) -> str:
        return _("%(low)s to %(high)s") % {
            "low": signed(one.low, currency),
            "high": signed(one.high, currency),
        }

    return Result(
        [
            MovedRow(
                one.campaign,
                format.money_short(one.spend, currency),
                format.money_short(one.spend_after, currency),
                signed(one.change.value, currency),
                ranged(one.change),
                one.beyond,
            )
            for one in found.campaigns
        ],
        signed(found.spend, currency),
        signed(found.change.value, currency),
        ranged(found.change),
    )
