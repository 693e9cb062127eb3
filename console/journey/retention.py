"""Who comes back: cohorts as a matrix, the curve of all of them, and what they began with.

A period shorter than some intervals is widened to the past: a cohort alone says little. Not here: how cohorts are
counted (metrics/journeys/retention.py), the people behind a cell (people.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.journey import base, people
from console.journey.cohorts import SHARE, Curve, Matrix, Mean, Part, Row, called
from console.journey.figures import Link, choices, chosen
from kernel import periods
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.journeys import asking, retention_api
from metrics.journeys.base import Asked
from metrics.journeys.retention import (
    DIMENSIONS,
    INTERVALS,
    MOST_COHORTS,
    ON,
    Cell,
    Question,
    Retention,
    retention,
)
from metrics.scope import Days

FEWEST = 7  # cohorts that are shown at least
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(base.AnalysisPage):
    """The page."""

    there: bool  # the mirror answered
    began: bool  # somebody did
    finding: str
    days: str
    columns: list[str]
    rows: list[Row]
    means: list[Mean]
    total: str
    everybody: str  # the address of all of them
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
    here = base.Here.of(request)
    question, shown, days = wanted(here)
    interval, on, by = question.interval, question.on, question.by
    found, problem = base.read(here, asking_for(question, days))
    matrix = Matrix(here, found, question, shown, days)
    return render(
        request,
        "journey/retention.html",
        Page(
            **base.around(request, here.period, problem),
            **base.keeping(here, "retention", kept(question, shown), problem),
            there=found is not None,
            began=matrix.size > 0,
            finding=matrix.finding if found else "",
            days=format.days(days.first, days.last),
            columns=matrix.columns,
            rows=matrix.rows,
            means=matrix.means(matrix.cohorts),
            total=format.number(matrix.size),
            everybody=matrix.everybody(0) if matrix.size else "",
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
    days = asked.days
    if cell.cohort:
        days = asking.period(retention_api.reach(question, cell), asked.settings)
    who = _called(cell, days)
    if cell.value is not None:
        who = f"{who} · {WORDS[question.by]}: {_value(asked, question.by, cell.value)}"
    return retention_api.people(asked._replace(days=days), question, cell), who


def _value(asked: Asked, by: str, value: str) -> str:
    words = base.Words(asked.settings.workspace)
    return words.of(by, value) if by == "channel" and value in words.channels else called(value)


def _called(cell: Cell, days: Days) -> str:
    if cell.cohort is None:
        said = {"days": format.days(days.first, days.last), "n": cell.number}
        if not cell.number:
            return _("Customers who began in the intervals of %(days)s") % said
        return _("Customers who began in the intervals of %(days)s, back %(n)s intervals later") % said
    said = {"begin": format.day(cell.cohort, year=True), "n": cell.number}
    if not cell.number:
        return _("Customers who began in the interval from %(begin)s") % said
    return _("Customers who began in the interval from %(begin)s, back %(n)s intervals later") % said


def wanted(here: base.Here) -> tuple[Question, str, Days]:
    """The question of an address, what of it is shown, and over which days; what is not known is the usual."""
    given = here.given
    shown, interval = chosen(given, "measure", tuple(SHOWN)), chosen(given, "interval", INTERVALS)
    measure = "customers" if shown == SHARE else shown
    question = Question(interval, chosen(given, "on", ON), measure, chosen(given, "by", DIMENSIONS))
    return question, shown, widened(Days(here.period.first, here.period.last), interval)


def kept(question: Question, shown: str) -> dict[str, str]:
    """The question in the words of an address."""
    measure = "" if shown == SHARE else question.measure
    return {"interval": question.interval, "on": question.on, "by": question.by, "measure": measure}


def asking_for(question: Question, days: Days) -> base.Find[Retention]:
    """What puts it to the mirror."""

    def find(asked: Asked, _given: Mapping[str, str]) -> Retention:
        return retention(connection, asked._replace(days=days), question)

    return find


def widened(days: Days, interval: str) -> Days:
    """With intervals before it until there are FEWEST; one with too many begins later."""
    starts = [one.start for one in periods.intervals(days.first, days.last, interval)][-MOST_COHORTS:]
    first = starts[0]
    for _more in range(FEWEST - len(starts)):
        first = periods.preceding(first, interval)
    return Days(max(first, date(1970, 1, 1)), days.last)
