"""Every component of templates/components/ in its states, light beside dark: for whoever builds pages.

A new component: its states in a template of the same name in templates/gallery/, and here what they are shown with.
The amounts are made up; what is said of them is said by what says it on pages. There is no such page unless
COMPONENTS_PAGE is on. Not here: what a component looks like (templates/components/).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from console.metric import board, chart_rows, kpi_charts
from console.metric.change import Comparison
from console.overview import by_channel
from kernel.web import access, format, shell, svg
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query, targets
from metrics.catalogue import BY_NAME
from metrics.catalogue import parts as formula
from metrics.catalogue.base import Ratio
from metrics.facts.base import WORKSPACE
from metrics.scope import Amount

FOLDER: Path = settings.BASE_DIR / "templates" / "components"
HEAD = re.compile(r"\{#\s*(.*?)\s*#\}\n")
THEMES = (("light", gettext_lazy("Light")), ("dark", gettext_lazy("Dark")))
T = TypeVar("T")


# ---- the page -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Component:
    """A file of templates/components/."""

    name: str
    tag: str  # as a template calls it
    head: str  # the file's own: what it is, and its inputs
    states: str  # the template that shows it


@dataclass(frozen=True, slots=True)
class State(Generic[T]):
    """What a component is handed, and what is special about it."""

    says: str
    shows: T


@dataclass(frozen=True, slots=True)
class Charts:
    """One of each kind."""

    line: kpi_charts.Chart
    gaps: kpi_charts.Chart
    area: by_channel.Chart
    bars: kpi_charts.Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The components, and what their states are shown with."""

    components: list[Component]
    themes: Sequence[tuple[str, Promise]]
    currency: str
    before: shell.Period
    against: str
    ordering: str
    sold: list[by_channel.Share]
    total: Decimal
    many: list[Channel]
    no_currency: str
    changes: list[State[board.Card]]
    equations: list[State[board.Card]]
    targets: list[State[board.Card]]
    sparks: list[State[svg.Spark | None]]
    charts: Charts


def show(request: HttpRequest) -> HttpResponseBase:
    """The page, where it is switched on."""
    if not settings.COMPONENTS_PAGE:
        raise Http404
    return _shown(request)


@access.require_role("viewer")
def _shown(request: WorkspaceRequest) -> HttpResponse:
    period, currency = PERIOD, request.workspace.currency
    ordering = request.GET.get("ordering", "")
    ordering = ordering if ordering.removeprefix("-") in ORDERINGS else "-revenue"
    sold = _sold(ordering)
    page = Page(
        components=components(),
        themes=THEMES,
        currency=currency,
        before=_before(),
        against=period.against,
        ordering=ordering,
        sold=sold,
        total=sum((row.value for row in sold), Decimal(0)),
        many=_channels(),
        no_currency=_("“%(text)s” is not a currency: use a three-letter code such as CNY.") % {"text": "RMB"},
        changes=_changes(currency),
        equations=_equations(currency),
        targets=_targets(currency),
        sparks=_sparks(),
        charts=_charts(period, currency),
    )
    return render(request, "components.html", page)


def components() -> list[Component]:
    """All there are, by name."""
    return [_component(path) for path in sorted(FOLDER.glob("*.html"))]


def _component(path: Path) -> Component:
    lines = re.match(rf"(?:{HEAD.pattern})*", path.read_text(encoding="utf-8"))
    head = " ".join(HEAD.findall(lines[0] if lines else ""))
    return Component(path.stem, f"<c-{path.stem.replace('_', '-')}>", head, f"gallery/{path.name}")


# ---- numbers --------------------------------------------------------------------------------------


class Told(NamedTuple):
    """A metric's terms in the order of its formula, now and before; `goal`: its target; `line`: its series."""

    metric: str
    now: tuple[int, ...]
    before: tuple[int, ...]
    goal: str = ""
    line: Sequence[int] = ()


PERIOD = shell.Period(date(2026, 11, 1), date(2026, 11, 14), "day")
RISING = (61, 64, 60, 66, 70, 69, 73, 78, 74, 79, 83, 81, 88, 92)
GAPS = (61, None, 60, 66, None, None, 73, 78, 74, None, 83, 81, 88, 92)
BETTER = Told("net_revenue", (152_300, 4_100), (128_900, 3_900), line=RISING)
FEWER = Told("orders", (412,), (463,), line=RISING[::-1])
CHEAPER = Told("cac", (18_400, 92), (21_700, 95), goal="210")
DEARER = Told("refund_rate", (9_300, 152_300), (4_100, 128_900), goal="0.05")
EITHER = Told("cross_channel_return_rate", (40, 320), (31, 310))
SAME = Told("satisfaction", (270, 300), (180, 200), goal="0.9")
SHORT = Told("retention", (620, 2_000), (580, 2_000), goal="0.35")
FIRST = Told("gmv", (152_300,), (0,))
NOBODY = Told("retention", (0, 0), (580, 2_000), goal="0.35")


def _changes(currency: str) -> list[State[board.Card]]:
    return [
        State(_("higher, which is better"), _card(BETTER, currency)),
        State(_("higher, which is worse"), _card(DEARER, currency)),
        State(_("lower, which is better"), _card(CHEAPER, currency)),
        State(_("lower, which is worse"), _card(FEWER, currency)),
        State(_("higher, neither better nor worse"), _card(EITHER, currency)),
        State(_("as before"), _card(SAME, currency)),
        State(_("nothing before"), _card(FIRST, currency)),
        State(_("nothing now"), _card(NOBODY, currency)),
    ]


def _equations(currency: str) -> list[State[board.Card]]:
    return [
        State(_("one term"), _card(FEWER, currency)),
        State(_("one less another"), _card(BETTER, currency)),
        State(_("one over another"), _card(CHEAPER, currency)),
    ]


def _targets(currency: str) -> list[State[board.Card]]:
    return [
        State(_("at least so much: met"), _card(SAME, currency)),
        State(_("at least so much: not met"), _card(SHORT, currency)),
        State(_("at most so much: met"), _card(CHEAPER, currency)),
        State(_("at most so much: not met"), _card(DEARER, currency)),
        State(_("nothing now"), _card(NOBODY, currency)),
    ]


def _sparks() -> list[State[svg.Spark | None]]:
    return [
        State(_("a line"), svg.spark(RISING)),
        State(_("with a target"), svg.spark(RISING, Decimal(80))),
        State(_("with gaps"), svg.spark(GAPS)),
        State(_("a single value: nothing is drawn"), svg.spark(RISING[:1])),
    ]


def _card(told: Told, currency: str) -> board.Card:
    now, before = (_answer(told, amounts, currency) for amounts in (told.now, told.before))
    compared = Comparison(now.metric, currency, PERIOD, [], now, before)
    return board.card_of(now, compared, _goal(told))


def _goal(told: Told) -> targets.Goal | None:
    """The same in every period."""
    if not told.goal:
        return None
    value, first = Decimal(told.goal), PERIOD.first
    at = datetime.combine(first, time.min, UTC)
    said = targets.Target(told.metric, WORKSPACE, first, None, value, "", "", None, at)
    return targets.Goal(said, "", value)


def _answer(told: Told, amounts: Sequence[int], currency: str) -> query.Answer:
    """These amounts as if they had been measured."""
    metric = BY_NAME[told.metric]
    terms = list(zip(formula.parts(metric), map(Decimal, amounts), strict=True))
    top, bottom = (
        sum((part.sign * n for part, n in terms if (part.side == "denominator") is below), Decimal(0))
        for below in (False, True)
    )
    if isinstance(metric.value, Ratio):
        total = query.Figure(top / bottom if bottom else None, top, bottom, {})
    else:
        total = query.Figure(top, top, None, {})
    series = [(date.min, query.Figure(Decimal(n), Decimal(n), None, {})) for n in told.line or RISING]
    made_of = {part.term: Amount(n) for part, n in terms}
    return query.Answer(metric, currency, query.Line(total, series), None, 0, made_of)


# ---- channels -------------------------------------------------------------------------------------

SOLD = {"tmall": (81_200, 70_400), "store": (40_150, 44_900), "web": (27_000, 27_000), "mini": (3_950, None)}
ORDERINGS: Mapping[str, Callable[[by_channel.Share], Any]] = {
    "name": lambda row: shell.channel_name(row.channel),
    "revenue": lambda row: row.value,
}


def _channels() -> list[Channel]:
    """One of each colour; stored nowhere."""
    named = zip(shell.KNOWN_NAMES, shell.COLOURS, strict=False)
    return [Channel(slug=colour, name=name, color=colour) for name, colour in named]


def _sold(ordering: str) -> list[by_channel.Share]:
    """Four of them, in an order."""
    total = sum(now for now, _before in SOLD.values())
    found = [
        by_channel.Share(
            channel,
            Decimal(now),
            None,
            None if before is None else Decimal(before),
            Decimal(now) / total,
            format.change(now, before, "money", "up"),
        )
        for channel in _channels()
        if channel.slug in SOLD
        for now, before in [SOLD[channel.slug]]
    ]
    return sorted(found, key=ORDERINGS[ordering.removeprefix("-")], reverse=ordering.startswith("-"))


# ---- charts ---------------------------------------------------------------------------------------

GOAL = 97
CAMPAIGN = slice(5, 8)  # the days of a campaign


def _charts(period: shell.Period, currency: str) -> Charts:
    """What charts.js draws, of the last days of the period."""
    line = _line(period, currency)
    gaps = line.copy()
    gaps["data"] = [None if n is None else float(n) for n in GAPS]
    gaps["ref"] = {"name": line["ref"]["name"], "x": [], "data": []}
    gaps["marks"] = []
    del gaps["target"], gaps["targetText"]
    return Charts(line, gaps, _area(period, currency), _bars(currency))


def _line(period: shell.Period, currency: str) -> kpi_charts.Chart:
    days = _days(period)
    campaign = days[CAMPAIGN]
    return {
        "unit": "money",
        "symbol": format.symbol(currency),
        "x": days,
        "name": str(BY_NAME[BETTER.metric].label),
        "data": [float(n) for n in RISING],
        "there": True,
        "base": [""] * len(days),
        "ref": {"name": period.before_name, "x": _days(_before()), "data": [n * 0.9 for n in RISING]},
        "marks": [{"name": _("Campaign"), "from": campaign[0], "to": campaign[-1]}],
        "say": _("made up"),
        "partial": [len(days) - 1],
        "partialText": _("not whole"),
        "behind": _behind(),
        "ratio": False,
        "begins": _("The axis begins at %s"),
        "target": GOAL,
        "targetText": _("target %(value)s") % {"value": format.money(GOAL, currency)},
    }


def _area(period: shell.Period, currency: str) -> by_channel.Chart:
    sold = _sold("-revenue")
    areas: list[by_channel.Area] = [
        {
            "name": shell.channel_name(row.channel),
            "c": row.channel.color,
            "slug": row.channel.slug,
            "data": [float(row.share or 0) * n for n in RISING],
            "before": [float(row.share or 0) * n * 0.9 for n in RISING],
        }
        for row in sold
    ]
    return {
        "unit": "money",
        "symbol": format.symbol(currency),
        "x": _days(period),
        "series": areas,
        "total": _("Total"),
        "ref": {"name": period.before_name, "x": _days(_before()), "data": [n * 0.9 for n in RISING]},
        "marks": [],
        "say": _("made up"),
        "partial": [len(RISING) - 1],
        "partialText": _("not whole"),
        "behind": _behind(),
    }


def _bars(currency: str) -> kpi_charts.Bars:
    moved = [(row.channel, row.value - (row.before or 0)) for row in _sold("-revenue")]
    rows: list[kpi_charts.Bar] = [
        {
            "name": shell.channel_name(channel),
            "c": channel.color,
            "v": float(step),
            "said": ("+" if step > 0 else "") + format.money_short(step, currency),
            "href": "#chart",
        }
        for channel, step in moved
    ]
    return {"unit": "money", "symbol": format.symbol(currency), "rows": rows, "say": _("made up")}


def _behind() -> chart_rows.Behind:
    """Nothing is behind numbers that are made up: a click stays here."""
    return chart_rows.behind("#chart", PERIOD.intervals)


def _before() -> shell.Period:
    before = PERIOD.before
    assert before  # noqa: S101 (all its days are over)
    return before


def _days(period: shell.Period) -> list[str]:
    """As many of its last days as there are values."""
    return [(period.last - timedelta(days=ago)).isoformat() for ago in reversed(range(len(RISING)))]
