"""What meeting a touchpoint goes along with: with and without it, repurchase and satisfaction, how sure that differs.

Not here: how it is counted (metrics/journeys/touchpoints.py), the people with and without (people.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.http import HttpResponse
from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from console.journey import base, people
from console.journey.figures import Link, choices, chosen, points
from console.journey.spread import Spread, spreads
from kernel.errors import BadRequest
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.effects.intervals import Difference, Share
from metrics.journeys import asking, touchpoints_api
from metrics.journeys.base import Asked
from metrics.journeys.touchpoints import ANY, Effect, Touchpoints, touchpoints

WITHIN = {
    "90d": gettext_lazy("90 days"),
    "30d": gettext_lazy("30 days"),
    "180d": gettext_lazy("180 days"),
}
MATCHED = {"0": gettext_lazy("All customers"), "1": gettext_lazy("Only those alike")}
WORDS: dict[tuple[str, str], Promise] = {
    ("logistics", ANY): pgettext_lazy("touchpoint", "Logistics"),
    ("after-sales", ANY): pgettext_lazy("touchpoint", "After-sales"),
    ("social", ANY): pgettext_lazy("touchpoint", "Social"),
    ("payment", ANY): pgettext_lazy("touchpoint", "Payment"),
    ("marketing", ANY): pgettext_lazy("touchpoint", "Marketing"),
    ("store", ANY): pgettext_lazy("touchpoint", "Store visit"),
    ("logistics", "late"): gettext_lazy("Late parcel"),
    ("payment", "failed_payment"): gettext_lazy("Failed payment"),
    ("after-sales", "slow_answer"): gettext_lazy("Answer after more than 24 hours"),
    ("order", "price_gap"): gettext_lazy("Cheaper elsewhere that day"),
    ("after-sales", "refused_return"): gettext_lazy("Return not taken back"),
}


class Side(NamedTuple):
    """Customers with, or without."""

    customers: str
    href: str
    share: str
    tip: str


class Row(NamedTuple):
    """A touchpoint or a split, of one outcome."""

    name: str
    with_: Side
    without: Side
    difference: str
    range: str
    spread: Spread | None


class Part(NamedTuple):
    """Rows of one outcome."""

    title: str
    base: str  # what the shares are of
    rows: list[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.AnalysisPage):
    """The page."""

    there: bool  # the mirror answered
    met: bool  # somebody did
    finding: str
    parts: list[Part]
    within: str
    matched: bool
    spans: list[Link]
    compared: list[Link]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    within, alike = wanted(here.given)
    found, problem = base.read(here, asking_for(within, alike=alike))
    effects = found.effects if found else []
    kept = {"within": within, "matched": "1" if alike else ""}
    return render(
        request,
        "journey/touchpoints.html",
        Page(
            **base.around(request, here.period, problem),
            **base.keeping(here, "touchpoints", kept, problem),
            there=found is not None,
            met=any(one.with_.customers for one in effects),
            finding=finding(effects) if found else "",
            parts=parts_of(effects, leading(here, within)),
            within=within,
            matched=alike,
            spans=choices(request, "within", within, spans(within)),
            compared=choices(request, "matched", "1" if alike else "0", dict(MATCHED)),
        ),
    )


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """Those who met a touchpoint, or did not."""
    return people.show(request, "journey-touchpoints", _people)


def _people(asked: Asked, given: Mapping[str, str]) -> people.Who:
    found = touchpoints_api.people(asked, given)
    without = given.get("outcome") == "without"
    words = _("Customers without: %(effect)s") if without else _("Customers with: %(effect)s")
    return found, words % {"effect": called(given.get("touchpoint", ""), given.get("split", ANY))}


def wanted(given: Mapping[str, str]) -> tuple[str, bool]:
    """How long after an order counts, and whether only customers alike are compared."""
    within = given.get("within", "")
    try:
        asking.length("within", within)
    except BadRequest:
        within = next(iter(WITHIN))
    return within.strip(), chosen(given, "matched", tuple(MATCHED)) == "1"


def asking_for(within: str, *, alike: bool) -> base.Find[Touchpoints]:
    """What puts it to the mirror."""
    lasting = asking.length("within", within)

    def find(asked: Asked, _given: Mapping[str, str]) -> Touchpoints:
        return touchpoints(asked, lasting, alike=alike)

    return find


def spans(within: str) -> dict[str, Promise]:
    """The usual lengths, and this one."""
    found: dict[str, Promise] = dict(WITHIN)
    if within not in found:
        found[within] = lazystr(base.long(within))
    return found


def leading(here: base.Here, within: str) -> Callable[[Effect, str], str]:
    """The address of the customers with, or without."""

    def address(effect: Effect, outcome: str) -> str:
        asked = {"touchpoint": effect.touchpoint, "split": effect.split, "outcome": outcome}
        return here.address("journey-touchpoints-people", within=within, **asked)

    return address


def parts_of(effects: list[Effect], address: Callable[[Effect, str], str]) -> list[Part]:
    """Rows of both outcomes."""
    answered = [one for one in effects if one.with_.answered or one.without.answered]
    return [
        Part(_("Bought again"), _("of the customers"), rows_of(effects, "repurchase", address)),
        Part(_("Satisfied"), _("of those who answered"), rows_of(answered, "satisfaction", address)),
    ]


def called(touchpoint: str, split: str) -> str:
    """An effect's name."""
    return str(WORDS.get((touchpoint, split), split))


def rows_of(effects: list[Effect], of: str, address: Callable[[Effect, str], str]) -> list[Row]:
    """A row for each effect, all on one scale."""
    compared = [one.repurchase if of == "repurchase" else one.satisfaction for one in effects]
    drawn = spreads([one.difference for one in compared])
    return [
        Row(
            called(effect.touchpoint, effect.split),
            _side(effect.with_.customers, address(effect, "with"), one.with_),
            _side(effect.without.customers, address(effect, "without"), one.without),
            points(one.difference.value) if one.difference else format.NOTHING,
            _range(one.difference),
            spread,
        )
        for effect, one, spread in zip(effects, compared, drawn, strict=True)
    ]


def _side(customers: int, href: str, share: Share | None) -> Side:
    if share is None:
        return Side(format.number(customers), href, format.NOTHING, "")
    return Side(
        format.number(customers),
        href,
        format.percent(share.value),
        _("of %(n)s") % {"n": format.number(round(share.of))},
    )


def _range(difference: Difference | None) -> str:
    if difference is None:
        return ""
    return _("%(low)s to %(high)s") % {"low": points(difference.low), "high": points(difference.high)}


def finding(effects: list[Effect]) -> str:
    """The largest difference in buying again that is surely one."""
    if not any(one.with_.customers + one.without.customers for one in effects):
        return _("Nobody bought in this period.")
    sure = [
        (one, one.repurchase.difference)
        for one in effects
        if one.repurchase.difference
        and (one.repurchase.difference.low > 0 or one.repurchase.difference.high < 0)
    ]
    if not sure:
        return _("No touchpoint goes along with more or fewer who buy again, as far as can be told.")
    effect, most = max(sure, key=lambda pair: abs(pair[1].value))
    said = {
        "effect": called(effect.touchpoint, effect.split),
        "n": format.number(abs(most.value) * 100, 1),
        "low": format.number(min(abs(most.low), abs(most.high)) * 100, 1),
        "high": format.number(max(abs(most.low), abs(most.high)) * 100, 1),
    }
    if most.value < 0:
        return _("%(effect)s: %(n)s percentage points fewer buy again (%(low)s to %(high)s).") % said
    return _("%(effect)s: %(n)s percentage points more buy again (%(low)s to %(high)s).") % said
