"""What joining brought: each metric before and after, of those joined and of the others, and the difference of both.

A metric's values are the catalogue's for the same days: of a group, with every channel of it allowed; of cac, spend and
new customers of its channels added. Effects and their intervals are of the metric's days (days.py, metrics/effects).
`drift` says whether the groups went alike in the days before, `placebo` what the same question finds one window
earlier, when nothing had been joined. Where an effect cannot be told there is a sentence instead.
Not here: reading (days.py), money (money.py).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.db import Connection
from kernel.periods import utc_text
from metrics import query
from metrics.catalogue import BY_NAME
from metrics.effects.base import Refusal
from metrics.effects.changes import (
    Change,
    Compared,
    Drift,
    Sides,
    before_after,
    difference_in_differences,
    drift,
    relative_effect,
)
from metrics.effects.intervals import Difference
from metrics.mirror.reading import Mirror
from metrics.query import Figure, ReportingSettings
from metrics.roi import days
from metrics.roi import money as worth
from metrics.roi.days import JOINED, KPIS, OTHERS, Kpi
from metrics.roi.money import Money
from metrics.roi.question import AFTER, BEFORE, Question, check_data

NO_SPEND = _(
    "No acquisition spend is recorded for one of the sides: without it there is no cost to compare. Send spend records."
)
TOO_SHORT = _(
    "Retention looks at the window before as well, and the data do not reach back that far: the first value is too low."
)


class Brought(NamedTuple):
    """One metric. `figures` by group and window, before and after. What could not be told is None; `refused` says why.

    `change`: of the joined alone. `effect`: against the others.
    """

    name: str
    figures: Mapping[tuple[str, int], Figure]
    channels: Mapping[tuple[int, int], Figure]
    change: Change | None
    effect: Compared | None
    drift: Drift | None
    placebo: Difference | None  # the relative effect one window earlier
    refused: Refusal | Promise | None

    @property
    def good(self) -> str:
        """Which way is better."""
        return BY_NAME[self.name].good


class Roi(NamedTuple):
    """The answer."""

    question: Question
    settings: ReportingSettings
    kpis: list[Brought]
    money: Money
    unconverted: Mapping[str, Decimal]
    begins: date
    as_of: str | None


def roi(db: Connection, settings: ReportingSettings, mirror: Mirror, question: Question) -> Roi:
    """What joining brought. Raises BadRequest where the data do not hold the days before."""
    begins = check_data(question, settings, mirror)
    read = days.read(db, settings, mirror, question, begins)
    kpis = [
        _brought(name, read.kpis[name], read.channels[name], _doubt(name, read.kpis[name], question, begins))
        for name in KPIS
    ]
    revenue, cac = kpis[0], kpis[1]
    money = worth.money(
        read.kpis["net_revenue"],
        read.kpis["cac"],
        _margin_rate(db, settings, question),
        question.cost,
        (revenue.effect is not None, cac.effect is not None),
    )
    return Roi(question, settings, kpis, money, read.unconverted, begins, utc_text(mirror.as_of))


def _doubt(name: str, kpi: Kpi, question: Question, begins: date) -> Promise | None:
    """Why a metric's values are there and still nothing can be said to have come of joining."""
    if name == "cac" and not all(sum(kpi[JOINED, number].top) for number in (BEFORE, AFTER)):
        return NO_SPEND
    if name == "retention" and question.days(BEFORE - 1).first < begins:
        return TOO_SHORT
    return None


def _brought(
    name: str, kpi: Kpi, channels: Mapping[tuple[int, int], Figure], doubt: Promise | None
) -> Brought:
    figures = {
        (group, number): kpi[group, number].figure for group in (JOINED, OTHERS) for number in (BEFORE, AFTER)
    }
    if doubt is not None:
        return Brought(name, figures, channels, None, None, None, None, doubt)
    joined, others = (_sides(kpi, group, AFTER) for group in (JOINED, OTHERS))
    found = difference_in_differences(joined, others)
    if isinstance(found, Refusal):
        alone = before_after(joined)
        return Brought(
            name, figures, channels, None if isinstance(alone, Refusal) else alone, None, None, None, found
        )
    went = drift(joined.before, others.before)
    earlier = _placebo(kpi, reach=2 if name == "retention" else 1)
    return Brought(
        name,
        figures,
        channels,
        found.joined,
        found,
        None if isinstance(went, Refusal) else went,
        earlier,
        None,
    )


def _placebo(kpi: Kpi, reach: int) -> Difference | None:
    """One window earlier; None where the data do not reach back so many windows."""
    if (JOINED, BEFORE - reach) not in kpi:
        return None
    return relative_effect(*(_sides(kpi, group, BEFORE) for group in (JOINED, OTHERS)))


def _sides(kpi: Kpi, group: str, after: int) -> Sides:
    """A group's window and the one before it."""
    return Sides(kpi[group, after - 1].daily, kpi[group, after].daily)


def _margin_rate(db: Connection, settings: ReportingSettings, question: Question) -> Decimal | None:
    """Of the joined, in the window after; None where no line has a cost."""
    ask = query.Ask(question.days(AFTER), "month", "channel")
    answer = query.measure(db, settings, "gross_margin_rate", ask)
    figures = [answer.of(settings.channels[channel]) for channel in question.joined]
    below = sum((one.denominator or Decimal(0) for one in figures), Decimal(0))
    return query.ratio(sum((one.numerator for one in figures), Decimal(0)), below)
