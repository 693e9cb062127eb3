"""A metric as a card: now and before, its formula with its numbers, its target. No HTML.

Not here: what a metric means (metrics/catalogue), its page (kpi.py), why it changed (change.py), sales
(console/overview/by_channel.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

from django.db import connection
from django.utils.text import Truncator

from channels.models import Channel
from console.metric import target_status
from console.metric.change import Comparison
from kernel.models import Workspace
from kernel.web import access, format, shell, svg
from metrics import queries, query, targets
from metrics.catalogue import BY_NAME, METRICS
from metrics.catalogue import parts as formula
from metrics.catalogue.base import Metric
from metrics.scope import Days, Once

HEADLINES = ("inventory_turnover", "cac", "retention", "satisfaction")
SUMS = ("gmv", "net_revenue", "orders", "aov", "refund_rate", "cross_channel_share")
MOVERS = ("net_revenue", "refund_rate", "satisfaction", "cac")
MOST_MARKS, MARK_LENGTH = 6, 24  # campaigns named on a chart, characters of a name
CHARTED, RETURNED = "net_revenue", "cross_channel_return_rate"
BY_CHANNEL = frozenset({CHARTED, RETURNED, *MOVERS})
COARSE = "month"  # where only the total of the period before is shown


class Asked:
    """What a page asks: whose numbers, which days. Each metric is read once, by channel, and kept for the page.

    `together`: the sums (metrics/rollups.py: MEASURES) that the page wants all of, read in one.
    """

    def __init__(
        self,
        workspace: Workspace,
        period: shell.Period,
        channels: list[Channel],
        *,
        masked: bool = False,
        together: Sequence[str] = (),
    ) -> None:
        self.workspace, self.period, self.masked = workspace, period, masked
        self.goals = targets.goals(connection, workspace.pk, METRICS, Days(period.first, period.last))
        slugs = {channel.pk: channel.slug for channel in channels}
        self.channels = channels
        self._shop = query.ReportingSettings(
            workspace.pk, workspace.timezone, workspace.currency, slugs, Once(together)
        )
        self._kept: dict[tuple[str, shell.Period], query.Answer] = {}

    def measure(self, name: str) -> query.Answer:
        """One metric over the period; by channel where the page shows it by channel."""
        return self._measure(name, self.period, self.period.interval)

    def today(self, name: str) -> query.Answer:
        """One metric as it stands today, whatever the period."""
        now = self.period.today
        return self._measure(name, self.period._replace(first=now, last=now), COARSE)

    def comparison(self, name: str) -> Comparison:
        """One metric over the whole days of the period and over those they are compared with."""
        whole, before = self.period.whole, self.period.before
        cut = self.period.interval if name == CHARTED else COARSE
        now = old = None
        if whole is not None and before is not None:
            now = self.measure(name) if whole == self.period else self._measure(name, whole, COARSE)
            old = self._measure(name, before, cut)
        return Comparison(BY_NAME[name], self.workspace.currency, self.period, self.channels, now, old)

    def _measure(self, name: str, period: shell.Period, interval: str) -> query.Answer:
        if (name, period) not in self._kept:
            ask = query.Ask(
                Days(period.first, period.last), interval, by="channel" if name in BY_CHANNEL else ""
            )
            self._kept[name, period] = query.measure(connection, self._shop, name, ask)
        return self._kept[name, period]


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
    whole: str  # of the whole days, where today is counted too and they are compared
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
    return card_of(asked.measure(name), asked.comparison(name), asked.goals.get(name), short=short)


def card_of(
    now: query.Answer, compared: Comparison, goal: targets.Goal | None, *, short: bool = False
) -> Card:
    """What was measured, as a page says it."""
    metric, period, currency, total = now.metric, compared.period, now.currency, now.total.value
    series, partial = drawn(period, metric, [figure for _start, figure in now.series])
    return Card(
        name=metric.name,
        label=metric.label,
        unit=metric.unit,
        value=format.in_unit(total, metric.unit, currency, short=short),
        exact=format.in_unit(total, metric.unit, currency),
        whole=compared.said(compared.figure(), short=short) if compared.now and period.open else "",
        before=compared.said(compared.figure(before=True), short=short),
        there=total is not None,
        formula=metric.formula,
        equation=_equation(now),
        change=compared.change(),
        spark=svg.spark(series, goal.every(period.interval) if goal else None, partial),
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


def drawn(
    period: shell.Period, metric: Metric, series: Sequence[query.Figure]
) -> tuple[list[Decimal | None], list[int]]:
    """The values of a series, none where an interval has not begun, and which of them are not whole."""
    values = [
        None if interval.start > period.today else figure.value
        for interval, figure in zip(period.intervals, series, strict=True)
    ]
    return values, period.partial(calendar=metric.whole_intervals)


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
