"""The series of a metric to read, each number with the days of the rows behind it; where a click on its chart leads.

Not here: the chart (kpi_charts.py), the page (kpi.py).
"""

from dataclasses import dataclass
from datetime import date

from console.metric import anomalies, chart_rows
from console.metric.kpi_view import Cell, View, cells
from kernel import periods
from kernel.web import format, shell
from metrics import query

Series = list[tuple[date, query.Figure]]  # by the start of each interval


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when an interval reaches. `calendar`: "1" where it is whole, whatever the period."""

    first: date
    last: date
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A row of the series to read, and what it is compared with."""

    start: date
    partial: bool
    days: Span
    cells: list[Cell]
    value: str
    old_start: date | None
    old_days: Span | None
    old: str
    expected: str = ""  # from where to where, where that was asked
    odd: bool = False  # it lies outside


def table(view: View, found: anomalies.Found | None = None) -> list[Interval]:
    """The series to read, each number with the days of the rows behind it, and what was expected of it."""
    judged = found.days if found else {}
    before, days = view.period.before, _days(view, view.period)
    old = view.compared.before.series if view.compared.before else []
    old_days = _days(view, before) if before else []
    cut = view.period.partial(calendar=view.metric.whole_intervals)
    return [
        Interval(
            start=start,
            partial=i in cut,
            days=days[i],
            cells=cells(view, figure),
            value=view.said(figure.value),
            old_start=old[i][0] if i < len(old) else None,
            old_days=old_days[i] if i < len(old) else None,
            old=view.said(old[i][1].value) if i < len(old) else format.NOTHING,
            expected=anomalies.said(view, judged[start]) if start in judged else "",
            odd=start in judged and judged[start].anomaly,
        )
        for i, (start, figure) in enumerate(view.now.series)
    ]


def behind(address: str, rows: list[Interval]) -> chart_rows.Behind:
    """The rows behind each point of the chart."""
    days = [row.days for row in rows]
    older = [row.old_days for row in rows if row.old_days]
    return chart_rows.behind(address, days, older, days[0].calendar if days else "")


def _days(view: View, period: shell.Period) -> list[Span]:
    """From when to when each interval of a period reaches: cut to it, but whole where the calendar's are counted."""
    cut = period.intervals
    if not view.metric.whole_intervals:
        return [Span(one.first, one.last) for one in cut]
    return [
        Span(one.start, periods.following(one.start, period.interval) - periods.ONE_DAY, "1") for one in cut
    ]
