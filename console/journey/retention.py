"""Who comes back: cohorts as a matrix, the curve of all of them, and what they began with.

A period shorter than some intervals is widened to the past: a cohort alone says little. Not here: how cohorts are
counted (metrics/journeys/retention.py), the people behind a cell (people.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypedDict
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel
from channels.queries import channels_of
from console.journey import base, people
from console.journey.figures import Link, choices, chosen, heat
from kernel import periods
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys import asking, retention_api
from metrics.journeys import retention as counting
from metrics.journeys.base import Asked
from metrics.journeys.retention import (
    DIMENSIONS,
    INTERVALS,
    MOST_COHORTS,
    ON,
    Cohort,
    Question,
    Retention,
    retention,
)
from metrics.scope import Days

FEWEST = 7  # cohorts that are shown at least
MOST_COLUMNS = 24  # intervals after its own that a row shows
FIRST_COLUMNS = 3  # of the break-down
SHARE = "share"
SHOWN = {
    SHARE: gettext_lazy("Share"),
    "customers": gettext_lazy("Customers"),
    "orders": gettext_lazy("Orders"),
    "revenue": gettext_lazy("Revenue per customer"),
}
LENGTHS = {"month": gettext_lazy("Month"), "week": gettext_lazy("Week")}
BEGAN = {"orders": gettext_lazy("First order"), "activity": gettext_lazy("First activity")}
WORDS = {
    "channel": gettext_lazy("Channel"),
    "campaign": gettext_lazy("Campaign"),
    "source": gettext_lazy("Source"),
    "city": gettext_lazy("City"),
    "store": gettext_lazy("Store"),
}


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
    means: list[Mean]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.JourneyPage):
    """The page."""

    there: bool  # the mirror answered
    began: bool  # somebody did
    finding: str
    days: str
    columns: list[str]
    rows: list[Row]
    means: list[Mean]
    total: str
    curve: Curve
    parts: list[Part]
    shown: str
    on: str
    interval: str
    by: str
    by_words: str
    measures: list[Link]
    lengths: list[Link]
    begins: list[Link]
    dimensions: list[Link]
    unconverted: list[tuple[str, str]]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    period = shell.period_of(request)
    interval, on = chosen(request, "interval", INTERVALS), chosen(request, "on", ON)
    shown, by = chosen(request, "measure", tuple(SHOWN)), chosen(request, "by", DIMENSIONS)
    days = widened(Days(period.first, period.last), interval)
    question = Question(interval, on, "customers" if shown == SHARE else shown, by)

    def find(asked: Asked, _given: Mapping[str, str]) -> Retention:
        return retention(connection, asked._replace(days=days), question)

    found, problem = base.read(request, period, find)
    matrix = Matrix(request, found, question, shown, period.today)
    return render(
        request,
        "journey/retention.html",
        Page(
            **base.around(request, period, problem),
            there=found is not None,
            began=matrix.size > 0,
            finding=matrix.finding if found else "",
            days=format.days(days.first, days.last),
            columns=matrix.columns,
            rows=matrix.rows,
            means=matrix.means(matrix.cohorts),
            total=format.number(matrix.size),
            curve=matrix.curve,
            parts=matrix.parts,
            shown=shown,
            on=on,
            interval=interval,
            by=by,
            by_words=str(WORDS[by]),
            measures=choices(request, "measure", shown, dict(SHOWN)),
            lengths=choices(request, "interval", interval, dict(LENGTHS)),
            begins=choices(request, "on", on, dict(BEGAN)),
            dimensions=choices(request, "by", by, dict(WORDS)),
            unconverted=[(code, format.number(value)) for code, value in sorted(found.unconverted.items())]
            if found
            else [],
        ),
    )


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """Those of a cohort who were back so many intervals later."""
    return people.show(request, "journey-retention", _people)


def _people(asked: Asked, given: Mapping[str, str]) -> people.Who:
    question, cell = retention_api.question(given), retention_api.cell_of(given)
    days = asking.period(retention_api.reach(question, cell), asked.settings)
    said = {"begin": format.day(cell.cohort, year=True), "n": cell.number}
    if not cell.number:
        who = _("Customers who began in the interval from %(begin)s") % said
    else:
        who = _("Customers who began in the interval from %(begin)s, back %(n)s intervals later") % said
    return counting.people(asked._replace(days=days), question, cell), who


def widened(days: Days, interval: str) -> Days:
    """With intervals before it until there are FEWEST; one with too many begins later."""
    starts = [one.start for one in periods.intervals(days.first, days.last, interval)][-MOST_COHORTS:]
    first = starts[0]
    for _more in range(FEWEST - len(starts)):
        first = periods.preceding(first, interval)
    return Days(max(first, date(1970, 1, 1)), days.last)


class Matrix:
    """Cohorts as the page says them. `found` None: nothing could be read."""

    def __init__(
        self, request: WorkspaceRequest, found: Retention | None, question: Question, shown: str, today: date
    ) -> None:
        self.request, self.question, self.shown, self.today = request, question, shown, today
        self.cohorts = found.cohorts if found else []
        self.by = (found.by or {}) if found else {}
        self.currency = request.workspace.currency
        self.first = 1 if shown in (SHARE, "customers") else 0  # in its own interval a cohort is all there
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
        return value / cohort.size if self.shown in (SHARE, "customers") else value

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
        if self.shown in (SHARE, "customers"):
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
        asked = {
            "cohort": cohort.start.isoformat(),
            "interval_no": number,
            "interval": self.question.interval,
            "on": self.question.on,
        }
        return f"{reverse('journey-retention-people')}?{urlencode(asked)}"

    # ---- all cohorts together -------------------------------------------------------------------

    def means(self, cohorts: Iterable[Cohort], numbers: range | None = None) -> list[Mean]:
        """Of a customer, by interval: of the cohorts for which it is over."""
        listed = list(cohorts)
        return [self._mean(listed, number) for number in (self.numbers if numbers is None else numbers)]

    def _mean(self, cohorts: list[Cohort], number: int) -> Mean:
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
        tip = format.base(int(total), size) if self.shown in (SHARE, "customers") else ""
        return Mean(self.said(total / size), tip, total / size)

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
        known = channels_of(self.request.workspace.pk) if self.question.by == "channel" else {}
        columns = self.numbers[:FIRST_COLUMNS]
        return [
            Part(
                known.get(value or ""),
                _("none") if value is None else _("Others") if value == "other" else value,
                format.number(sum(cohort.size for cohort in cohorts)),
                self.means(cohorts, columns),
            )
            for value, cohorts in self.by.items()
        ]

    @property
    def finding(self) -> str:
        """The page's sentence."""
        if not self.size:
            return _("Nobody began in this period.")
        if self.shown not in (SHARE, "customers"):
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
