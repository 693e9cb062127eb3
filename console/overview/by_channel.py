"""What the overview says of channels: sales, mix, movers, returns, and the sentence on them. No HTML.

Not here: cards (console/metric/board.py), what needs a person (action_items.py).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.utils.translation import gettext as _

from channels.models import Channel
from console.metric import board, change, chart_rows
from kernel import periods
from kernel.web import format, shell
from metrics import query

MOVERS_SHOWN = 4  # that helped, and as many that held back


# ---- sales by channel ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """What a channel sold, and its part of all."""

    channel: Channel
    value: Decimal
    whole: Decimal | None  # of the whole days, where today is counted too and they are compared
    before: Decimal | None
    share: Decimal | None
    change: format.Change | None


@dataclass(frozen=True, slots=True)
class Cell:
    """An amount of a channel."""

    slug: str
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of the table: its days, each channel's amount, and all of them."""

    days: periods.Interval
    cells: list[Cell]
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of the chart to read."""

    channels: list[Channel]
    rows: list[Interval]
    sums: list[Cell]
    total: Decimal | None


class Line(TypedDict):
    """A line for charts.js."""

    name: str
    x: list[str]
    data: list[float | None]


class Area(TypedDict):
    """A channel's area for charts.js."""

    name: str
    c: str
    slug: str
    data: list[float | None]
    before: list[float | None]  # of the period before, so that the dashed line speaks of what is shown


class Chart(TypedDict):
    """What charts.js draws as areas: JSON."""

    unit: str
    symbol: str
    x: list[str]
    series: list[Area]
    total: str
    ref: Line | None
    partial: list[int]
    partialText: str
    marks: list[board.Mark]
    say: str
    behind: chart_rows.Behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """Net revenue by channel: the chart, its table, and the mix with its changes."""

    mix: list[Share]
    total: Decimal
    whole: Decimal | None
    before: Decimal | None
    change: format.Change | None
    compared: bool
    chart: Chart
    table: Table
    there: bool


def sales(asked: board.Asked, channels: list[Channel], rows: str) -> Sales:
    """What was sold where, the largest channel first. `rows`: the address of the rows behind it."""
    now, compared = asked.measure(board.CHARTED), asked.comparison(board.CHARTED)
    total = now.total.value or Decimal(0)
    mix = [_share(asked, channel, now, compared) for channel in channels]
    mix.sort(key=lambda row: (-row.value, row.channel.slug))
    table = _table(asked, mix, now)
    behind = chart_rows.behind(rows, [row.days for row in table.rows])
    return Sales(
        mix=mix,
        total=total,
        whole=_whole(asked, compared),
        before=_value(compared.figure(before=True)),
        change=compared.change(),
        compared=compared.before is not None,
        chart=_chart(asked, mix, compared, behind),
        table=table,
        there=any(row.value for row in mix),
    )


def _of(answer: query.Answer, channel: Channel) -> query.Line:
    """A channel's own figures."""
    return (answer.by or {})[channel.slug]


def _share(asked: board.Asked, channel: Channel, now: query.Answer, compared: change.Comparison) -> Share:
    amount = _of(now, channel).total.value or Decimal(0)
    total, slug = now.total.value or Decimal(0), channel.slug
    return Share(
        channel,
        amount,
        _whole(asked, compared, slug),
        _value(compared.figure(slug, before=True)),
        amount / total if total > 0 else None,
        compared.change(slug),
    )


def _whole(asked: board.Asked, compared: change.Comparison, slug: str = "") -> Decimal | None:
    """What is compared, where it is not the period's own value."""
    return _value(compared.figure(slug)) if asked.period.open else None


def _value(figure: query.Figure | None) -> Decimal | None:
    return None if figure is None else figure.value


def _floats(asked: board.Asked, series: list[tuple[date, query.Figure]]) -> list[float | None]:
    """The amounts to draw: nothing is 0, what has not begun is None."""
    return [None if start > asked.period.today else float(figure.value or 0) for start, figure in series]


def _starts(series: list[tuple[date, query.Figure]]) -> list[str]:
    return [start.isoformat() for start, _figure in series]


def _chart(
    asked: board.Asked, mix: list[Share], compared: change.Comparison, rows: chart_rows.Behind
) -> Chart:
    """Largest channel at the bottom, the period before as a dashed line with its own dates."""
    now, before = asked.measure(board.CHARTED), compared.before
    points = len(now.series)
    return {
        "unit": "money",
        "symbol": format.symbol(asked.workspace.currency),
        "x": _starts(now.series),
        "series": [
            {
                "name": shell.channel_name(row.channel),
                "c": shell.colour(row.channel).removeprefix("c-"),
                "slug": row.channel.slug,
                "data": _floats(asked, _of(now, row.channel).series),
                "before": _floats(asked, _of(before, row.channel).series[:points]) if before else [],
            }
            for row in mix
        ],
        "total": _("Total"),
        "ref": _before(asked, before.series[:points] if before else []),
        "partial": asked.period.partial(),
        "partialText": _("not whole"),
        "marks": board.marks(asked.workspace, asked.period, masked=asked.masked),
        "say": _("Net revenue by channel over time, stacked; the table below has the numbers."),
        "behind": rows,
    }


def _before(asked: board.Asked, old: list[tuple[date, query.Figure]]) -> Line | None:
    """The dashed line of what it is compared with; none where nothing was sold."""
    if not any(figure.value for _start, figure in old):
        return None
    return {
        "name": asked.period.before_name,
        "x": _starts(old),
        "data": [float(figure.value or 0) for _start, figure in old],
    }


def _table(asked: board.Asked, mix: list[Share], now: query.Answer) -> Table:
    """The same numbers to read, each with the days and the channel of the rows behind it."""
    columns = [(row.channel.slug, _of(now, row.channel).series) for row in mix]
    rows = [
        Interval(days, [Cell(slug, column[i][1].value) for slug, column in columns], figure.value)
        for i, (days, (_start, figure)) in enumerate(zip(asked.period.intervals, now.series, strict=True))
    ]
    return Table(
        [row.channel for row in mix],
        rows,
        [Cell(row.channel.slug, row.value) for row in mix],
        now.total.value,
    )


# ---- what moved ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Movers:
    """The parts of changes that helped most, and those that held back most; each largest first."""

    helped: list[change.Mover]
    held: list[change.Mover]


def movers(asked: board.Asked) -> Movers:
    """The largest parts of any channel in the change of any metric, weighed by how far they moved the whole."""
    found = [mover for name in board.MOVERS for mover in change.movers(asked.comparison(name))]
    found.sort(key=lambda mover: -mover.weight)
    return Movers(
        [mover for mover in found if mover.helps][:MOVERS_SHOWN],
        [mover for mover in found if not mover.helps][:MOVERS_SHOWN],
    )


@dataclass(frozen=True, slots=True)
class Returned:
    """Goods bought on a channel that came back, and how many of them elsewhere."""

    channel: Channel
    numerator: Decimal
    denominator: Decimal | None


@dataclass(frozen=True, slots=True)
class Returns:
    """Where goods came back, and all of them."""

    rows: list[Returned]
    total: query.Figure


def returns(asked: board.Asked, channels: list[Channel]) -> Returns:
    """Where goods came back that were bought in a channel."""
    answer = asked.measure(board.RETURNED)
    figures = [(channel, _of(answer, channel).total) for channel in channels]
    rows = [Returned(channel, one.numerator, one.denominator) for channel, one in figures if one.denominator]
    rows.sort(key=lambda row: -(row.denominator or 0))
    return Returns(rows, answer.total)


def finding(asked: board.Asked, revenue: board.Card, found: Sales) -> str:
    """The sentence under the title: computed, never written by hand."""
    if not found.there:
        return _("No sales from %(days)s yet.") % {"days": asked.period.label}
    value = _("Net revenue %(value)s") % {"value": revenue.value}
    return change.title(asked.comparison(board.CHARTED), value)
