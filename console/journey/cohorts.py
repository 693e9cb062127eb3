"""Cohorts as pages say them: the matrix, the means of all, the curve, the break-down, and where each figure leads.

Not here: the page (retention.py), how cohorts are counted (metrics/journeys/retention.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypedDict
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.journey import base
from console.journey.figures import heat
from kernel import periods
from kernel.web import format
from metrics.journeys import values
from metrics.journeys.base import OTHER
from metrics.journeys.retention import Cohort, Question, Retention
from metrics.journeys.retention_api import EVERY
from metrics.scope import Days

MOST_COLUMNS = 24  # intervals after its own that a row shows
FIRST_COLUMNS = 3  # of the break-down
SHARE = "share"
COUNTS = (SHARE, "customers")  # what is a part of a cohort's customers


class Cell(NamedTuple):
    """A cell of the matrix. `partial`: its interval is not over yet."""

    text: str
    tip: str
    heat: int
    partial: bool
    href: str


class Row(NamedTuple):
    """A cohort. `cells`: by column, None where there is none yet."""

    name: str
    size: str
    href: str
    cells: list[Cell | None]


class Mean(NamedTuple):
    """Of all cohorts whose interval is over."""

    text: str
    tip: str
    value: float | None
    href: str = ""


class Line(TypedDict):
    """A line of charts.js's curve."""

    name: str
    main: bool
    data: list[float | None]


class Curve(TypedDict):
    """What charts.js draws as a curve: JSON."""

    unit: str
    symbol: str
    x: list[str]
    lines: list[Line]
    data: list[float]
    say: str


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the break-down. `channel`: where it is one."""

    channel: Channel | None
    name: str
    size: str
    href: str
    means: list[Mean]


def called(value: str | None) -> str:
    """A value of the break-down."""
    if value in (None, values.NONE):
        return _("none")
    return _("Others") if value == OTHER else str(value)


class Matrix:
    """Cohorts as the page says them. `days`: the period that was asked for; `found` None: nothing could be read."""

    def __init__(
        self, here: base.Here, found: Retention | None, question: Question, shown: str, days: Days
    ) -> None:
        self.here, self.question, self.shown, self.days = here, question, shown, days
        self.today = here.period.today
        self.cohorts = found.cohorts if found else []
        self.by = (found.by or {}) if found else {}
        self.currency = here.request.workspace.currency
        self.first = 1 if shown in COUNTS else 0  # in its own interval a cohort is all there
        longest = max((len(cohort.values) for cohort in self.cohorts), default=0)
        self.numbers = range(self.first, min(longest, MOST_COLUMNS + 1))
        self.size = sum(cohort.size for cohort in self.cohorts)
        self.most = max(
            (self.value(cohort, n) or 0.0 for cohort in self.cohorts for n in self.numbers), default=0.0
        )

    def value(self, cohort: Cohort, number: int) -> float | None:
        """What a cell is shaded by: a share where customers are counted."""
        if number >= len(cohort.values) or not cohort.size:
            return None
        value = float(cohort.values[number])
        return value / cohort.size if self.shown in COUNTS else value

    def over(self, cohort: Cohort, number: int) -> bool:
        """Whether an interval of a cohort is over."""
        return periods.end(self.start(cohort, number), self.question.interval) < self.today

    def start(self, cohort: Cohort, number: int) -> date:
        """The first day of it."""
        found = cohort.start
        for _step in range(number):
            found = periods.following(found, self.question.interval)
        return found

    # ---- the matrix -----------------------------------------------------------------------------

    @property
    def columns(self) -> list[str]:
        """Their heads."""
        words = _("month %(n)s") if self.question.interval == "month" else _("week %(n)s")
        return [words % {"n": n} for n in self.numbers]

    @property
    def rows(self) -> list[Row]:
        """A row for each cohort, the oldest first."""
        return [
            Row(
                self.called(cohort.start),
                format.number(cohort.size),
                self.people(cohort, 0) if cohort.size else "",
                [self.cell(cohort, number) for number in self.numbers],
            )
            for cohort in self.cohorts
        ]

    def called(self, start: date) -> str:
        """A cohort by the first day of its interval."""
        return start.strftime("%Y-%m") if self.question.interval == "month" else format.day(start, year=True)

    def cell(self, cohort: Cohort, number: int) -> Cell | None:
        """None where there is nothing yet, or nobody."""
        value = self.value(cohort, number)
        if value is None:
            return None
        counted = cohort.values[number]
        said, tip = self.said(value), ""
        if self.shown in COUNTS:
            tip = format.base(counted, cohort.size)
            said = said if self.shown == SHARE else format.number(counted)
        elif self.shown == "orders":
            said = format.number(counted)
        partial = not self.over(cohort, number)
        if partial:
            tip = f"{tip}, {_('not over yet')}" if tip else _("not over yet")
        href = self.people(cohort, number) if counted else ""
        return Cell(said, tip, heat(value, self.most), partial, href)

    def said(self, value: float) -> str:
        """A value in its unit."""
        if self.shown == "revenue":
            return format.money_short(value, self.currency)
        return format.percent(value) if self.shown != "orders" else format.number(value, 2)

    def people(self, cohort: Cohort, number: int) -> str:
        """The address of the customers behind a cell."""
        return self._leads(cohort=cohort.start.isoformat(), interval_no=number)

    def everybody(self, number: int, value: str | None = "") -> str:
        """Those of all cohorts of the period, of a value of the break-down ("": of any, None: of none)."""
        of = {} if value == "" else {"by": self.question.by, "value": values.NONE if value is None else value}
        days = {"from": self.days.first.isoformat(), "to": self.days.last.isoformat()}
        return self._leads(cohort=EVERY, interval_no=number, **of, **days)

    def _leads(self, **which: Any) -> str:
        asked = {"interval": self.question.interval, "on": self.question.on, **which}
        return f"{reverse('journey-retention-people')}?{urlencode(asked)}"

    # ---- all cohorts together -------------------------------------------------------------------

    def means(
        self, cohorts: Iterable[Cohort], numbers: range | None = None, value: str | None = ""
    ) -> list[Mean]:
        """Of a customer, by interval: of the cohorts for which it is over. `value`: of the break-down."""
        listed = list(cohorts)
        return [
            self._mean(listed, number, value) for number in (self.numbers if numbers is None else numbers)
        ]

    def _mean(self, cohorts: list[Cohort], number: int, value: str | None) -> Mean:
        whole = [
            cohort
            for cohort in cohorts
            if cohort.size and number < len(cohort.values) and self.over(cohort, number)
        ]
        size = sum(cohort.size for cohort in whole)
        if not size:
            return Mean(format.NOTHING, "", None)
        total = sum(
            float(cohort.values[number]) * (cohort.size if self.shown == "revenue" else 1) for cohort in whole
        )
        tip = format.base(int(total), size) if self.shown in COUNTS else ""
        return Mean(
            self.said(total / size), tip, total / size, self.everybody(number, value) if total else ""
        )

    @property
    def curve(self) -> Curve:
        """The mean of all, and each cohort thin behind it, as far as its intervals are over."""
        lines: list[Line] = [
            {
                "name": self.called(cohort.start),
                "main": False,
                "data": [
                    self._each(cohort, number) if self.over(cohort, number) else None
                    for number in self.numbers
                ],
            }
            for cohort in self.cohorts
            if cohort.size
        ]
        means = [mean.value for mean in self.means(self.cohorts)]
        lines.append({"name": _("All, each counted once"), "main": True, "data": means})
        return {
            "unit": {"revenue": "money", "orders": "count"}.get(self.shown, "share"),
            "symbol": format.symbol(self.currency),
            "x": self.columns,
            "lines": lines,
            "data": [value for line in lines for value in line["data"] if value is not None],
            "say": _("By intervals since the first; the numbers stand in the table above."),
        }

    def _each(self, cohort: Cohort, number: int) -> float | None:
        value = self.value(cohort, number)
        return value / cohort.size if value is not None and self.shown == "orders" else value

    @property
    def parts(self) -> list[Part]:
        """The break-down."""
        known = channels_of(self.here.request.workspace.pk) if self.question.by == "channel" else {}
        columns = self.numbers[:FIRST_COLUMNS]
        return [
            Part(
                known.get(value or ""),
                called(value),
                format.number(sum(cohort.size for cohort in cohorts)),
                self.everybody(0, value),
                self.means(cohorts, columns, value),
            )
            for value, cohorts in self.by.items()
        ]

    @property
    def finding(self) -> str:
        """The page's sentence."""
        if not self.size:
            return _("Nobody began in this period.")
        if self.shown not in COUNTS:
            return _("%(n)s customers began in this period.") % {"n": format.number(self.size)}
        (mean,) = self.means(self.cohorts, range(1, 2))
        if mean.value is None:
            return _("No cohort has a whole interval behind it yet.")
        said = {"share": mean.text, "base": mean.tip}
        if self.question.on == "activity":
            return (
                _("%(share)s were active again in the month after their first (%(base)s).") % said
                if self.question.interval == "month"
                else _("%(share)s were active again in the week after their first (%(base)s).") % said
            )
        if self.question.interval == "month":
            return _("%(share)s ordered again in the month after their first order (%(base)s).") % said
        return _("%(share)s ordered again in the week after their first order (%(base)s).") % said
