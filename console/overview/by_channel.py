"""What the overview says of channels: sales, mix, movers, returns, and the sentence on them. No HTML.

Not here: cards (console/metric/board.py), what needs a person (action_items.py).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from channels.models import Channel
from console.metric import board, chart_rows
from kernel import periods
from kernel.web import format, shell
from metrics import query
from metrics.catalogue import BY_NAME
from metrics.catalogue.base import Metric
from metrics.scope import Days

MOVERS_SHOWN = 6


# ---- sales by channel ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """What a channel sold, and its part of all."""

    channel: Channel
    value: Decimal
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
    data: list[float]


class Area(TypedDict):
    """A channel's area for charts.js."""

    name: str
    c: str
    slug: str
    data: list[float]
    before: list[float]  # of the period before, so that the dashed line speaks of what is shown


class Chart(TypedDict):
    """What charts.js draws as areas: JSON."""

    unit: str
    symbol: str
    x: list[str]
    series: list[Area]
    total: str
    ref: Line | None
    marks: list[board.Mark]
    say: str
    behind: chart_rows.Behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """Net revenue by channel: the chart, its table, and the mix with its changes."""

    mix: list[Share]
    total: Decimal
    before: Decimal | None
    change: format.Change | None
    chart: Chart
    table: Table
    there: bool


def sales(asked: board.Asked, channels: list[Channel], rows: str) -> Sales:
    """What was sold where, the largest channel first. `rows`: the address of the rows behind it."""
    now = asked.measure(board.CHARTED)
    before = asked.measure(board.CHARTED, before=True)
    total = now.total.value or Decimal(0)
    mix = [_share(channel, now, before, total) for channel in channels]
    mix.sort(key=lambda row: (-row.value, row.channel.slug))
    table = _table(asked, mix, now)
    behind = chart_rows.behind(rows, [row.days for row in table.rows])
    return Sales(
        mix=mix,
        total=total,
        before=before.total.value,
        change=format.change(now.total.value, before.total.value, "money", "up"),
        chart=_chart(asked, mix, (now, before), behind),
        table=table,
        there=any(row.value for row in mix),
    )


def _of(answer: query.Answer, channel: Channel) -> query.Line:
    """A channel's own figures."""
    return (answer.by or {})[channel.slug]


def _share(channel: Channel, now: query.Answer, before: query.Answer, total: Decimal) -> Share:
    mine, old = _of(now, channel).total.value, _of(before, channel).total.value
    amount = mine or Decimal(0)
    change = format.change(mine, old, "money", "up")
    return Share(channel, amount, old, amount / total if total > 0 else None, change)


def _floats(series: list[tuple[date, query.Figure]]) -> list[float]:
    return [float(figure.value or 0) for _start, figure in series]


def _starts(series: list[tuple[date, query.Figure]]) -> list[str]:
    return [start.isoformat() for start, _figure in series]


def _chart(
    asked: board.Asked,
    mix: list[Share],
    answers: tuple[query.Answer, query.Answer],  # now, before
    rows: chart_rows.Behind,
) -> Chart:
    """Largest channel at the bottom, the period before as a dashed line with its own dates."""
    now, before = answers
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
                "data": _floats(_of(now, row.channel).series),
                "before": _floats(_of(before, row.channel).series[:points]),
            }
            for row in mix
        ],
        "total": _("Total"),
        "ref": _before(asked, before.series[:points]),
        "marks": board.marks(asked.workspace, asked.period, masked=asked.masked),
        "say": _("Net revenue by channel over time, stacked; the numbers stand in the table below."),
        "behind": rows,
    }


def _before(asked: board.Asked, old: list[tuple[date, query.Figure]]) -> Line | None:
    """The dashed line of what it is held against; none where nothing was sold."""
    if not any(figure.value for _start, figure in old):
        return None
    return {"name": asked.period.before_name, "x": _starts(old), "data": _floats(old)}


def _table(asked: board.Asked, mix: list[Share], now: query.Answer) -> Table:
    """The same numbers to read, each with the days and the channel of the rows behind it."""
    columns = [(row.channel.slug, _of(now, row.channel).series) for row in mix]
    period = asked.period
    cut = query.intervals(query.Ask(Days(period.first, period.last), period.interval))
    rows = [
        Interval(days, [Cell(slug, column[i][1].value) for slug, column in columns], figure.value)
        for i, (days, (_start, figure)) in enumerate(zip(cut, now.series, strict=True))
    ]
    return Table(
        [row.channel for row in mix],
        rows,
        [Cell(row.channel.slug, row.value) for row in mix],
        now.total.value,
    )


# ---- what moved ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mover:
    """A metric of a channel that changed."""

    channel: Channel
    label: Any
    name: str
    before: str
    now: str
    change: format.Change
    weight: float  # how much of it the whole feels


def movers(asked: board.Asked, mix: list[Share]) -> list[Mover]:
    """The largest changes of any channel, weighed by what the channel sells."""
    found = [mover for name in board.MOVERS for row in mix if (mover := _mover(asked, BY_NAME[name], row))]
    found.sort(key=lambda row: -row.weight)
    return found[:MOVERS_SHOWN]


def _mover(asked: board.Asked, metric: Metric, row: Share) -> Mover | None:
    """A metric of a channel, where it changed."""
    new, old = (
        _of(asked.measure(metric.name, before=before), row.channel).total.value for before in (False, True)
    )
    change = format.change(new, old, metric.unit, metric.good)
    if change is None or change.tone == "flat":
        return None
    was, now = (
        format.in_unit(value, metric.unit, asked.workspace.currency, short=True) for value in (old, new)
    )
    weight = abs(float(change.step)) * max(float(row.share or 0), 0.0)
    return Mover(row.channel, metric.label, metric.name, was, now, change, weight)


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
    said = {"value": revenue.value, "days": asked.period.length}
    change = found.change
    if change is None:
        return (
            _("Net revenue %(value)s in %(days)s days; nothing in the period before to hold it against.")
            % said
        )
    said["change"] = change.text
    year = asked.period.compare == "year"
    if change.step > 0:
        text = _("Net revenue %(value)s, %(change)s above last year") if year else ""
        text = (text or _("Net revenue %(value)s, %(change)s above the %(days)s days before")) % said
    elif change.step < 0:
        text = _("Net revenue %(value)s, %(change)s below last year") if year else ""
        text = (text or _("Net revenue %(value)s, %(change)s below the %(days)s days before")) % said
    else:
        text = _("Net revenue %(value)s, as before") % said
    return text + _(", most of it on %(channel)s.") % {"channel": shell.channel_name(found.mix[0].channel)}
