"""Why did this number move? One metric: formula with its numbers, series, target, by channel, who moved it.

Not here: the rows behind it (kpi_rows.py), reading it (kpi_view.py), its cards (board.py).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from channels.models import Channel
from console.metric import board, chart_rows, export, kpi_charts, target_form, target_status
from console.metric.kpi_view import TINY, Cell, Side, View, cells, moves, sides, signed
from kernel import periods
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query
from metrics.catalogue import METRICS
from metrics.catalogue import parts as formula
from metrics.catalogue.base import Metric
from metrics.contribution import Contributions
from metrics.scope import Days


@dataclass(frozen=True, slots=True)
class Term:
    """A number of a difference, with what stands before it."""

    part: str
    words: Promise
    sign: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The number now, with everything that explains it."""

    value: str
    there: bool
    change: format.Change | None
    before: str
    parts: list[Cell]
    terms: list[Term]
    target: target_status.TargetStatus | None
    unconverted: list[board.Unconverted]
    missing_cost: int


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when an interval reaches. `calendar`: "1" where it is whole, whatever the period."""

    first: date
    last: date
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A row of the series to read, and what it is held against."""

    start: date
    days: Span
    cells: list[Cell]
    value: str
    old_start: date | None
    old_days: Span | None
    old: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A channel's numbers."""

    channel: Channel
    cells: list[Cell]
    value: str
    target: target_status.TargetStatus | None
    before: str
    change: format.Change | None
    moved: str
    size: Decimal  # what the rows are sorted by


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The row below the channels."""

    cells: list[Cell]
    value: str
    before: str
    change: format.Change | None
    moved: str
    between: str  # "" where nothing is left between channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """A metric's page."""

    metric: Metric
    question: Promise | str
    cares: list[str]
    head: Head
    chart: kpi_charts.Chart
    table: list[Interval]
    rows: list[Row]
    sides: list[Side]
    total: Total
    bars: kpi_charts.Bars | None
    moved: Contributions | None  # exactly what the bars draw
    finding: str
    against: str
    before: shell.Period
    every: Collection[Metric]
    targets: list[target_form.Row]
    typed: Mapping[str, Any]
    periods: list[tuple[str, str]]  # that a target can be per
    channels: list[Channel]


@access.require_role("viewer")
def show(request: WorkspaceRequest, name: str) -> HttpResponse:
    """The page."""
    return page(request, name)


def page(request: WorkspaceRequest, name: str, typed: Mapping[str, Any] | None = None) -> HttpResponse:
    """All of it; `typed`: a target that could not be kept, with what was wrong."""
    period = shell.period_of(request)
    view = View(request, name, period)
    moved, table = moves(view), _table(view)
    rows = partial(shell.in_period, request, "kpi-rows", name)
    found = Page(
        period=period,
        presets=shell.presets(request, period),
        neighbours=shell.neighbours(request, period),
        metric=view.metric,
        question=view.metric.question,
        cares=_cares(view),
        head=_head(view),
        chart=kpi_charts.line(view, _behind(rows(), table)),
        table=table,
        rows=_rows(view, moved),
        sides=sides(view),
        total=_total(view, moved),
        bars=kpi_charts.bars(view, moved, lambda slug: rows(channel=slug)),
        moved=moved,
        finding=_finding(view, moved),
        against=period.against,
        before=period.before,
        every=METRICS,
        targets=target_form.rows(view),
        typed=typed or target_form.proposed(view),
        periods=target_form.periods(view.metric),
        channels=view.channels,
    )
    return render(request, "metric/kpi.html", found)


@access.require_role("viewer")
def download(request: WorkspaceRequest, name: str) -> HttpResponseBase:
    """The series of all channels and of each, as CSV."""
    view = View(request, name, shell.period_of(request))
    head = (
        _("Channel"),
        _("Begins"),
        view.metric.label,
        _("Numerator"),
        _("Denominator"),
        _("Held against: from"),
        _("Held against: value"),
    )
    return export.answer(request, f"{name}-{view.period.first}-{view.period.last}", head, _csv(view))


def _csv(view: View) -> Iterator[tuple[Any, ...]]:
    lines = {"": view.now.line, **(view.now.by or {})}
    for slug, line in lines.items():
        old = view.before.line if not slug else (view.before.by or {}).get(slug)
        ends = [
            (view.period.first.isoformat(), line.total, view.period.before.first, old.total if old else None)
        ]
        series = old.series if old else []
        ends += [
            (start.isoformat(), figure, *(series[i] if i < len(series) else ("", None)))
            for i, (start, figure) in enumerate(line.series)
        ]
        for i, (start, figure, old_start, old_figure) in enumerate(ends):
            name = slug or _("all")
            said = figure.json()
            yield (
                name,
                start if i else f"{view.period.first}/{view.period.last}",
                said["value"],
                said["numerator"],
                said["denominator"],
                old_start if i else f"{view.period.before.first}/{view.period.before.last}",
                old_figure.json()["value"] if old_figure else None,
            )


# ---- the numbers ----------------------------------------------------------------------------------


def _head(view: View) -> Head:
    now, before = view.now.total, view.before.total
    return Head(
        value=view.said(now.value),
        there=now.value is not None,
        change=view.change(now.value, before.value),
        before=view.said(before.value),
        parts=cells(view, now),
        terms=_terms(view),
        target=_target_status(view, now),
        unconverted=board.unconverted(now.unconverted),
        missing_cost=view.now.missing_cost if view.metric.needs_cost else 0,
    )


def _target_status(
    view: View, now: query.Figure, channel: Channel | None = None
) -> target_status.TargetStatus | None:
    goal = view.goal(channel.pk) if channel else view.goal()
    return target_status.of(view.metric, now.value, goal, view.period.length, view.workspace.currency)


def _terms(view: View) -> list[Term]:
    """The formula of a difference with the numbers put in; empty where two sides say it all."""
    parts = formula.parts(view.metric)
    if len(parts) == len(sides(view)):
        return []
    return [
        Term(
            part.name,
            part.label,
            format.MINUS if part.sign < 0 else "",
            format.in_unit(
                view.now.terms[part.term].value,
                part.unit,
                view.workspace.currency,
            ),
        )
        for part in parts
    ]


def _rows(view: View, moved: Contributions | None) -> list[Row]:
    """By channel, the largest first."""
    found = [_row(view, channel, moved) for channel in view.channels]
    found.sort(key=lambda row: -row.size)
    return found


def _row(view: View, channel: Channel, moved: Contributions | None) -> Row:
    now = (view.now.by or {})[channel.slug].total
    old = (view.before.by or {})[channel.slug].total
    return Row(
        channel=channel,
        cells=cells(view, now),
        value=view.said(now.value),
        target=_target_status(view, now, channel),
        before=view.said(old.value),
        change=view.change(now.value, old.value),
        moved=signed(view, moved.by.get(channel.slug)) if moved else format.NOTHING,
        size=now.denominator if now.denominator is not None else now.numerator,
    )


def _total(view: View, moved: Contributions | None) -> Total:
    now, before = view.now.total, view.before.total
    return Total(
        cells=cells(view, now),
        value=view.said(now.value),
        before=view.said(before.value),
        change=view.change(now.value, before.value),
        moved=signed(view, moved.change) if moved else format.NOTHING,
        between=signed(view, moved.between) if moved and abs(moved.between) > TINY else "",
    )


def _table(view: View) -> list[Interval]:
    """The series to read, each number with the days of the rows behind it."""
    old, days, old_days = view.before.series, _days(view, view.period), _days(view, view.period.before)
    return [
        Interval(
            start=start,
            days=days[i],
            cells=cells(view, figure),
            value=view.said(figure.value),
            old_start=old[i][0] if i < len(old) else None,
            old_days=old_days[i] if i < len(old) else None,
            old=view.said(old[i][1].value) if i < len(old) else format.NOTHING,
        )
        for i, (start, figure) in enumerate(view.now.series)
    ]


def _behind(address: str, table: list[Interval]) -> chart_rows.Behind:
    """The rows behind each point of the chart."""
    days = [row.days for row in table]
    older = [row.old_days for row in table if row.old_days]
    return chart_rows.behind(address, days, older, days[0].calendar if days else "")


def _days(view: View, period: shell.Period) -> list[Span]:
    """From when to when each interval of a period reaches: cut to it, but whole where the calendar's are counted."""
    cut = query.intervals(query.Ask(Days(period.first, period.last), period.interval))
    if not view.metric.whole_intervals:
        return [Span(one.first, one.last) for one in cut]
    return [
        Span(one.start, periods.following(one.start, period.interval) - periods.ONE_DAY, "1") for one in cut
    ]


def _cares(view: View) -> list[str]:
    """What to beware of when reading this number."""
    found = [] if view.metric.care is None else [str(view.metric.care)]
    if view.period.last >= shell.today(view.workspace):
        found.append(_("The period is not over: today still grows."))
    return found


def _finding(view: View, moved: Contributions | None) -> str:
    """The sentence under the title."""
    now, before = view.now.total.value, view.before.total.value
    if now is None:
        return _("There is nothing to count from %(days)s.") % {"days": view.period.label}
    change = view.change(now, before)
    if change is None or moved is None:
        return _("%(value)s; nothing in the period before to hold it against.") % {"value": view.said(now)}
    said = {
        "value": view.said(now),
        "change": change.text,
        "word": change.word,
        "days": view.period.against,
    }
    text = _("%(value)s, %(change)s %(word)s than %(days)s") % said
    if change.tone == "flat" and not change.step:
        text = _("%(value)s, as in %(days)s") % said
    largest = max(view.channels, key=lambda one: abs(moved.by.get(one.slug, Fraction(0))), default=None)
    if largest is None or not moved.by.get(largest.slug):
        return text + _(".")
    return text + _("; %(channel)s moved it most (%(part)s).") % {
        "channel": shell.channel_name(largest),
        "part": signed(view, moved.by[largest.slug]),
    }
