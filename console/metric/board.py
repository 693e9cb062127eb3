"""A metric as a card: now and before, its formula with its numbers, its target. No HTML.

Not here: what a metric means (metrics/catalogue), its page (kpi.py), sales (console/overview/by_channel.py).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

from django.db import connection
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from channels.models import Channel
from kernel.models import Workspace
from kernel.web import access, format, shell, svg
from metrics import queries as goals
from metrics import query
from metrics.catalogue import parts as formula
from metrics.catalogue.base import Metric, Ratio
from metrics.scope import Days

HEADLINES = ("inventory_turnover", "cac", "retention", "satisfaction")
SUMS = ("gmv", "net_revenue", "orders", "aov", "refund_rate", "cross_channel_share")
MOVERS = ("net_revenue", "refund_rate", "satisfaction", "cac")
MOST_MARKS, MARK_LENGTH = 6, 24  # campaigns named on a chart, characters of a name
CHARTED, RETURNED = "net_revenue", "cross_channel_return_rate"
BY_CHANNEL = frozenset({CHARTED, RETURNED, *MOVERS})
COARSE = "month"  # where only the total of the period before is shown


class Asked:
    """What a page asks: whose numbers, which days. Each metric is read once, by channel, and kept for the page."""

    def __init__(
        self, workspace: Workspace, period: shell.Period, channels: list[Channel], *, masked: bool = False
    ) -> None:
        self.workspace, self.period, self.masked = workspace, period, masked
        self.targets = goals.targets_on(connection, workspace.pk, period.last)
        slugs = {channel.pk: channel.slug for channel in channels}
        self._shop = query.Shop(workspace.pk, workspace.timezone, workspace.currency, slugs)
        self._kept: dict[tuple[str, bool], query.Answer] = {}

    def measure(self, name: str, *, before: bool = False) -> query.Answer:
        """One metric; by channel where the page shows it by channel."""
        if (name, before) not in self._kept:
            period = self.period.before if before else self.period
            interval = self.period.interval if not before or name == CHARTED else COARSE
            ask = query.Ask(Days(period.first, period.last), interval, by_channel=name in BY_CHANNEL)
            self._kept[name, before] = query.measure(connection, self._shop, name, ask)
        return self._kept[name, before]


# ---- cards ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unconverted:
    """What is left out of a sum for want of a rate."""

    currency: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Term:
    """A number of a formula, with what stands before it and the part its rows are found by."""

    op: str
    part: str
    value: str


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """Where a value stands against its target."""

    text: str
    state: str = ""
    met: bool = False
    bar: float | None = None  # of 100; None: there is no value
    mark: float = 0.0  # of 100: where the target is


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A KPI that explains itself: now and before, its target, its line over time, its formula."""

    name: str
    label: Any
    unit: str
    value: str
    exact: str
    before: str
    there: bool
    formula: Any
    equation: list[Term]
    change: format.Change | None
    spark: svg.Spark | None
    target: TargetStatus | None
    unconverted: list[Unconverted]
    missing_cost: int


def card(asked: Asked, name: str, *, short: bool = False) -> Card:
    """One metric now and before, as a page says it."""
    now, before = asked.measure(name), asked.measure(name, before=True)
    return card_of(now, before, asked.targets.get(name), short=short)


def card_of(
    now: query.Answer, before: query.Answer, target: Decimal | None = None, *, short: bool = False
) -> Card:
    """What was measured, as a page says it."""
    metric, currency = now.metric, now.currency
    total, old = now.total.value, before.total.value
    series = [figure.value for _start, figure in now.series]
    return Card(
        name=metric.name,
        label=metric.label,
        unit=metric.unit,
        value=format.in_unit(total, metric.unit, currency, short=short),
        exact=format.in_unit(total, metric.unit, currency),
        before=format.in_unit(old, metric.unit, currency, short=short),
        there=total is not None,
        formula=metric.formula,
        equation=_equation(now),
        change=format.change(total, old, metric.unit, metric.good),
        spark=svg.spark(series, target if isinstance(metric.value, Ratio) else None),
        target=None if target is None else target_status(metric, total, target, currency),
        unconverted=unconverted(now.total.unconverted),
        missing_cost=now.missing_cost if metric.needs_cost else 0,
    )


def unconverted(amounts: dict[str, Decimal]) -> list[Unconverted]:
    """What is left out, by currency."""
    return [Unconverted(code, value) for code, value in sorted(amounts.items())]


def _equation(answer: query.Answer) -> list[Term]:
    """The formula with its numbers put in, each with the list of rows it is found by."""
    metric, currency = answer.metric, answer.currency
    sides, total = formula.sides(metric), answer.total
    if len(sides) > 1:
        said = list(zip(("", "÷"), sides, (total.numerator, total.denominator), strict=True))
    elif len(terms := formula.parts(metric)) > 1:
        values = [answer.terms[term.term].value for term in terms]
        said = list(zip(("", format.MINUS), terms, values, strict=True))
    else:
        said = [("", sides[0], total.value)]
    return [
        Term(
            op,
            part.name,
            format.in_unit(amount, part.unit, currency, short=len(said) > 1),
        )
        for op, part, amount in said
    ]


def target_status(metric: Metric, now: Decimal | None, target: Decimal, currency: str) -> TargetStatus:
    """Where a value stands against its target."""
    unit, most = metric.unit, metric.good == "down"
    said = format.in_unit(target, unit, currency)
    text = (_("target at most %(value)s") if most else _("target %(value)s")) % {"value": said}
    if now is None:
        return TargetStatus(text)
    met = now <= target if most else now >= target
    gap = format.in_unit(abs(target - now), unit, currency)
    if unit in {"share", "percent"}:
        gap = _("%(n)s pts") % {"n": format.number(abs(target - now) * 100, 1)}
    state = _("met") if met else (_("%(gap)s too much") if most else _("%(gap)s short")) % {"gap": gap}
    top = max(now, target) * Decimal("1.1") if unit not in {"share", "percent"} else Decimal(1)
    return TargetStatus(text, state, met, svg.width(now, top), svg.width(target, top))


# ---- on a chart -----------------------------------------------------------------------------------

Mark = TypedDict("Mark", {"name": str, "from": str, "to": str})


def marks(workspace: Workspace, period: shell.Period, *, masked: bool) -> list[Mark]:
    """Campaigns that began in the period, known by what was spent on them: for the chart."""
    found = goals.campaigns(connection, workspace.pk, period.first, period.last)
    return [
        {
            "name": Truncator(access.scrub(name) if masked else name).chars(MARK_LENGTH),
            "from": max(first, period.first).isoformat(),
            "to": min(last, period.last).isoformat(),
        }
        for name, first, last in found[:MOST_MARKS]
    ]
