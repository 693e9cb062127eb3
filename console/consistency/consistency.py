"""Consistency: every channel against the mean, whether who met a gap leaves, the gaps that cost most and the cure.

Not here: how it is found (metrics/consistency), prices, stock and after-sales themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.models import Channel
from channels.queries import channels_of
from console import effects, navigation
from console.effects import Told
from console.journey import base, people
from console.journey.figures import Link, choices
from console.journey.spread import Spread, spreads
from kernel.errors import BadRequest, TryAgain
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.catalogue import BY_NAME
from metrics.consistency import api, churn, consistency
from metrics.consistency.churn import ANY, Churn
from metrics.consistency.consistency import Consistency
from metrics.consistency.costs import Gap
from metrics.consistency.standing import MEASURES, Measure, Standing
from metrics.effects.base import Refusal
from metrics.effects.matching import Matched
from metrics.journeys.base import Asked

FAMILY: Final = gettext_lazy("Consistency")
TABS: Final = (
    "consistency",
    "parity",
    "stock",
    "aftersales",
    "payments",
)  # of these the pages that there are
WITHIN: Final[Mapping[str, Promise]] = {
    "90d": gettext_lazy("90 days"),
    "30d": gettext_lazy("30 days"),
    "60d": gettext_lazy("60 days"),
    "180d": gettext_lazy("180 days"),
}
COLUMNS: Final[Mapping[str, Promise]] = {
    "price": gettext_lazy("Same price"),
    "stock": gettext_lazy("In stock"),
    "delivery": gettext_lazy("Promise kept"),
    "service": gettext_lazy("First answer, median"),
    "satisfaction": gettext_lazy("Satisfied"),
    "refund": gettext_lazy("Refund in"),
    "returned_elsewhere": gettext_lazy("Returned elsewhere"),
}
# The rows behind a column: of a metric, by the term that counts what it is of.
PARTS: Final[Mapping[str, str]] = {
    "price": "compared",
    "stock": "sku_days",
    "delivery": "deliveries_promised",
    "service": "tickets_answered",
    "satisfaction": "answered",
    "refund": "refunds_of_returns",
    "returned_elsewhere": "returns",
}
KINDS: Final[Mapping[str, Promise]] = {
    ANY: gettext_lazy("Any of these"),
    "price_gap": gettext_lazy("Cheaper elsewhere that day"),
    "late": gettext_lazy("Parcel later than promised"),
    "slow_answer": gettext_lazy("No answer within 24 hours"),
    "oversold": gettext_lazy("Ordered what was out of stock"),
}
BALANCED: Final[Mapping[str, Promise]] = {
    "before": gettext_lazy("orders before"),
    "meanwhile": gettext_lazy("orders meanwhile"),
    "touches": gettext_lazy("activity"),
}
# The cure of a gap: the page that has it, else the rows it is seen in, and what its button says.
CURES: Final[Mapping[str, tuple[str, str, str, Promise]]] = {
    "price_gap": ("parity", "price_parity", "compared", gettext_lazy("Align the price")),
    "oversold": ("stock", "stock_out_rate", "sku_days", gettext_lazy("Restock or move")),
    "late": ("", "on_time_share", "deliveries_promised", gettext_lazy("See late parcels")),
    "slow_answer": (
        "aftersales",
        "first_response_minutes",
        "tickets_answered",
        gettext_lazy("See slow answers"),
    ),
}


class Cell(NamedTuple):
    """A channel's figure: what it is of, how far from the mean, and where its rows stand."""

    text: str
    tip: str
    apart: str
    worse: bool
    href: str


class Line(NamedTuple):
    """A channel."""

    channel: Channel
    cells: list[Cell]
    worse: int


class Row(NamedTuple):
    """A kind of gap: who met it and left, who did not and left."""

    name: str
    met: str
    met_href: str
    share: str
    base: str
    alike: str
    alike_base: str
    told: Told | None
    plain: str
    balance: str
    refused: str


class Costly(NamedTuple):
    """A gap, what it costs, its cure."""

    name: str
    channel: Channel | None
    sku: str
    called: str
    customers: str
    times: str
    cost: str
    range: str
    cure: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """The page."""

    tabs: list[base.ShownTab]
    kept: list[tuple[str, str]]
    problem: str
    finding: str
    there: bool
    columns: list[str]
    means: list[str]
    lines: list[Line]
    spans: list[Link]
    within: str
    looked: str  # at whom, and over which days
    rows: list[Row]
    gaps: list[Costly]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    here = base.Here.of(request)
    found, problem, within = read(here)
    known = {one.slug: one for one in channels_of(request.workspace.pk).values()}
    shown = Page(
        **around(request, here.period, problem or here.period.problem),
        finding=_finding(found, known) if found else "",
        there=found is not None,
        columns=[str(COLUMNS[one.name]) for one in MEASURES],
        means=[_written(found.standings.mean[one.name], one) for one in MEASURES] if found else [],
        lines=_lines(here, found, known) if found else [],
        within=within,
        spans=choices(request, "within", within, _spans(within)),
        looked=_looked(found) if found else "",
        rows=_rows(here, found, within) if found else [],
        gaps=[_costly(here, one, known, found, masked=request.access.masked) for one in found.gaps]
        if found
        else [],
    )
    return render(request, "consistency/consistency.html", shown)


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """The customers who met a gap, or did not."""

    def find(asked: Asked, given: Mapping[str, str]) -> people.Who:
        kind = given.get("gap", ANY) if given.get("gap", ANY) in api.EVERY else ANY
        hit = given.get("met", "1") != "0"
        ids = churn.people(connection, asked, api.within(given.get("within", "")), kind, hit=hit)
        said = _("Met: %(gap)s") if hit else _("Did not meet: %(gap)s")
        return ids, said % {"gap": KINDS[kind]}

    return people.show(request, "consistency", find, FAMILY)


def around(request: WorkspaceRequest, period: shell.Period, problem: str) -> base.Around:
    """Tabs of this family and period of a page."""
    pages = {page.name: page for page in navigation.PAGES}
    made = base.around(request, period, problem)
    here = request.resolver_match.view_name if request.resolver_match else ""
    made["tabs"] = [
        base.ShownTab(pages[name].label, shell.in_period(request, name), name == here)
        for name in TABS
        if name in pages
    ]
    return made


def read(here: base.Here) -> tuple[Consistency | None, str, str]:
    """What was found, what of the address could not be used, and the time that was taken."""

    def find(asked: Asked, given: Mapping[str, str]) -> Consistency:
        return consistency.consistency(connection, asked, api.within(given.get("within", "")))

    try:
        found, problem = base.read(here, find)
    except (BadRequest, TryAgain) as wrong:
        return None, str(wrong), ""
    given = here.given.get("within", "")
    return found, problem, given if given and not problem else next(iter(WITHIN))


def _spans(within: str) -> Mapping[str, Promise]:
    return WITHIN if within in WITHIN or not within else {**WITHIN, within: lazystr(base.long(within))}


# ---- channels ------------------------------------------------------------------------------------


def _lines(here: base.Here, found: Consistency, known: Mapping[str, Channel]) -> list[Line]:
    """The channel that lies worst in most columns first."""
    made = [
        Line(
            known[slug],
            [_cell(here, slug, one, of[one.name]) for one in MEASURES],
            sum(of[one.name].worse(one) for one in MEASURES),
        )
        for slug, of in found.standings.channels.items()
        if slug in known and any(standing.figure.value is not None for standing in of.values())
    ]
    return sorted(made, key=lambda line: -line.worse)


def _cell(here: base.Here, slug: str, measure: Measure, standing: Standing) -> Cell:
    figure = standing.figure
    if figure.value is None:
        return Cell(format.NOTHING, "", "", False, "")
    if measure.unit == "share":
        tip = format.base(figure.numerator, figure.denominator)
    else:
        n = int(figure.denominator or 0)
        tip = ngettext("of %(n)s", "of %(n)s", n) % {"n": format.number(n)}
    href = rows_of(here, measure.metric, PARTS[measure.name], slug)
    return Cell(
        _written(figure.value, measure), tip, _apart(standing, measure), standing.worse(measure), href
    )


def rows_of(here: base.Here, metric: str, part: str, channel: str) -> str:
    """The address of the rows behind a metric on a channel; "" where the catalogue does not have it."""
    if metric not in BY_NAME:
        return ""
    return shell.in_period(
        here.request, "kpi-rows", metric, **{**here.days, "part": part, "channel": channel}
    )


def _written(value: Decimal | None, measure: Measure) -> str:
    if value is None:
        return format.NOTHING
    if measure.unit == "share":
        return format.percent(value)
    return format.duration(value * (60 if measure.unit == "minutes" else 3600))


def _apart(standing: Standing, measure: Measure) -> str:
    if standing.apart is None:
        return ""
    if measure.unit == "share":
        return effects.points(float(standing.apart))
    size = format.duration(abs(standing.apart) * (60 if measure.unit == "minutes" else 3600))
    return effects.signed(float(standing.apart), size)


# ---- churn ---------------------------------------------------------------------------------------


def _looked(found: Consistency) -> str:
    looked = found.looked
    said = {
        "n": format.number(len(looked.ones)),
        "days": format.days(*looked.days),
        "lag": churn.LAG.days,
        "within": found.within // timedelta(days=1),
    }
    return (
        ngettext(
            "%(n)s customer with an order in %(days)s; a gap counts if met within %(lag)s days of it, and who has no "
            "order in the %(within)s days after that has left.",
            "%(n)s customers with an order in %(days)s; a gap counts if met within %(lag)s days of it, and who has no "
            "order in the %(within)s days after that has left.",
            len(looked.ones),
        )
        % said
    )


def _rows(here: base.Here, found: Consistency, within: str) -> list[Row]:
    differences = [
        one.effect.difference if isinstance(one.effect, Matched) else None for one in found.looked.churns
    ]
    drawn = spreads(differences)
    return [_row(here, one, within, spread) for one, spread in zip(found.looked.churns, drawn, strict=True)]


def _row(here: base.Here, one: Churn, within: str, spread: Spread | None) -> Row:
    match = one.effect if isinstance(one.effect, Matched) else None
    return Row(
        name=str(KINDS[one.kind]),
        met=format.number(one.met),
        met_href=here.address("consistency-people", within=within, gap=one.kind, met="1"),
        share=format.percent(match.with_) if match else _share(one.met_left, one.met),
        base=format.base(one.met_left, one.met),
        alike=format.percent(match.without) if match else _share(one.not_met_left, one.not_met),
        alike_base=_("of %(n)s alike") % {"n": format.number(match.others)}
        if match
        else format.base(one.not_met_left, one.not_met),
        told=effects.told(match and match.difference, "down", effects.points, spread),
        plain=effects.points(match.plain.value) if match else "",
        balance=_balance(match) if match else "",
        refused=str(one.effect) if isinstance(one.effect, Refusal) else "",
    )


def _share(part: int, whole: int) -> str:
    return format.percent(part / whole) if whole else format.NOTHING


def _balance(found: Matched) -> str:
    """What the groups differed in, and still do, in standard deviations."""
    parts = [
        _("%(name)s %(before)s → %(after)s")
        % {
            "name": BALANCED[one.name],
            "before": format.number(abs(one.before), 2),
            "after": format.number(abs(one.after), 2),
        }
        for one in found.balance
    ]
    return _(", ").join(parts)


# ---- gaps ----------------------------------------------------------------------------------------


def _costly(
    here: base.Here, one: Gap, known: Mapping[str, Channel], found: Consistency, *, masked: bool
) -> Costly:
    currency = found.asked.settings.currency
    sku, called = (str(access.scrub(said)) if masked else said for said in (one.sku, one.name))
    reach = ""
    if one.cost:
        ends = {"low": format.money(one.cost.low, currency), "high": format.money(one.cost.high, currency)}
        reach = _("%(low)s to %(high)s") % ends
    return Costly(
        name=str(KINDS[one.kind]),
        channel=known.get(one.channel),
        sku=sku,
        called=called,
        customers=format.number(one.customers),
        times=format.number(one.times),
        cost=format.money(one.cost.value, currency) if one.cost else format.NOTHING,
        range=reach,
        cure=str(CURES[one.kind][3]),
        href=_cure(here, one),
    )


def _cure(here: base.Here, one: Gap) -> str:
    """The page where it is mended, else the rows it is seen in."""
    page, metric, part, _words = CURES[one.kind]
    if page and _there([page]):
        more = {"sku": one.sku} if one.sku else {}
        route = f"{page}-sku" if one.sku and _there([f"{page}-sku"]) else page
        return here.address(route, channel=one.channel, **more)
    return rows_of(here, metric, part, one.channel)


def _there(routes: Iterable[str]) -> bool:
    try:
        return all(reverse(route) for route in routes)
    except NoReverseMatch:
        return False


# ---- words ---------------------------------------------------------------------------------------


def _finding(found: Consistency, known: Mapping[str, Channel]) -> str:
    """The channel that lies worst, and whether gaps cost customers."""
    parts = []
    worst = max(
        found.standings.channels.items(),
        key=lambda pair: sum(pair[1][one.name].worse(one) for one in MEASURES),
    )
    behind_in = sum(worst[1][one.name].worse(one) for one in MEASURES)
    if behind_in and worst[0] in known:
        said = ngettext(
            "%(channel)s lies behind the mean in %(n)s of %(all)s measures.",
            "%(channel)s lies behind the mean in %(n)s of %(all)s measures.",
            behind_in,
        )
        name = shell.channel_name(known[worst[0]])
        parts.append(said % {"channel": name, "n": behind_in, "all": len(MEASURES)})
    total = next(one for one in found.looked.churns if one.kind == ANY)
    if isinstance(total.effect, Matched):
        size = total.effect.difference
        ends = {
            "n": effects.points(size.value),
            "range": effects.reach(size.low, size.high, effects.points),
        }
        if size.low > 0:
            parts.append(_("Who met a gap leaves more often: %(n)s (95 %% interval %(range)s).") % ends)
        else:
            parts.append(
                _(
                    "Whether who met a gap leaves more often cannot be told: %(n)s, but the 95 %% interval "
                    "%(range)s includes zero."
                )
                % ends
            )
    return " ".join(parts)
