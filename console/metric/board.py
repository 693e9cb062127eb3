"""A metric as a card: now and before, its formula with its numbers, its target. No HTML.

Not here: what a metric means (metrics/catalogue), its page (kpi.py), sales (console/overview/by_channel.py).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

from django.db import connection
from django.utils.text import Truncator

from channels.models import Channel
from console.metric import target_status
from kernel.models import Workspace
from kernel.web import access, format, shell, svg
from metrics import queries, query, targets
from metrics.catalogue import METRICS
from metrics.catalogue import parts as formula
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
        self.goals = targets.goals(connection, workspace.pk, METRICS, Days(period.first, period.last))
        slugs = {channel.pk: channel.slug for channel in channels}
        self._shop = query.ReportingSettings(workspace.pk, workspace.timezone, workspace.currency, slugs)
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
    target: target_status.TargetStatus | None
    unconverted: list[Unconverted]
    missing_cost: int


def card(asked: Asked, name: str, *, short: bool = False) -> Card:
    """One metric now and before, as a page says it."""
    now, before = asked.measure(name), asked.measure(name, before=True)
    return card_of(now, before, asked.goals.get(name), asked.period, short=short)


def card_of(
    now: query.Answer,
    before: query.Answer,
    goal: targets.Goal | None,
    period: shell.Period,
    *,
    short: bool = False,
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
        spark=svg.spark(series, goal.every(period.interval) if goal else None),
        target=target_status.of(metric, total, goal, period.length, currency),
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


# ---- on a chart -----------------------------------------------------------------------------------

Mark = TypedDict("Mark", {"name": str, "from": str, "to": str})


def marks(workspace: Workspace, period: shell.Period, *, masked: bool) -> list[Mark]:
    """Campaigns that began in the period, known by what was spent on them: for the chart."""
    found = queries.campaigns(connection, workspace.pk, period.first, period.last)
    return [
        {
            "name": Truncator(access.scrub(name) if masked else name).chars(MARK_LENGTH),
            "from": max(first, period.first).isoformat(),
            "to": min(last, period.last).isoformat(),
        }
        for name, first, last in found[:MOST_MARKS]
    ]
