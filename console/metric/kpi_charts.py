"""What charts.js draws on a metric's page, as JSON. Not here: drawing (static/js/charts.js), the page (kpi.py)."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, NotRequired, TypedDict

from django.utils.translation import gettext as _

from console.metric import anomalies, board
from console.metric.change import Mover, movers
from console.metric.chart_rows import Behind
from console.metric.kpi_view import TINY, View, cells
from kernel.web import format, shell
from metrics import query
from metrics.anomalies.judge import Expected
from metrics.breakdown.dimensions import CHANNEL
from metrics.catalogue.base import Ratio

MOST_BARS = 11  # drawn one by one: more stand in each other's way


class Line(TypedDict):
    """The dashed line of charts.js."""

    name: str
    x: list[str]
    data: list[float | None]


class Band(TypedDict):
    """What was expected of each day: from where to where, which days lie outside, both in words."""

    name: str
    low: list[float | None]
    high: list[float | None]
    odd: list[int]
    said: list[str]


class Chart(TypedDict):
    """What charts.js draws as a line: JSON."""

    unit: str
    symbol: str
    x: list[str]
    name: str
    data: list[float | None]
    there: bool
    base: list[str]
    partial: list[int]
    partialText: str
    ref: Line
    marks: list[board.Mark]
    say: str
    behind: Behind
    ratio: bool  # no sum: its axis may begin above 0
    begins: str  # what is said then
    target: NotRequired[float]
    targetText: NotRequired[str]
    band: NotRequired[Band]


class Bar(TypedDict):
    """A channel's part of the change."""

    name: str
    c: str
    v: float
    said: str
    href: str
    several: NotRequired[bool]  # those of `more`, together


class Bars(TypedDict):
    """What charts.js draws around zero: JSON."""

    unit: str
    symbol: str
    rows: list[Bar]
    say: str
    more: NotRequired[list[Bar]]  # too small to be drawn beside the others


def line(view: View, behind: Behind, found: anomalies.Found | None = None) -> Chart:
    """The series, the period before with its own dates, the target, what was expected where that was asked.

    `behind`: the rows of each point.
    """
    series, before = view.now.series, view.compared.before
    old = before.series[: len(series)] if before else []
    values, partial = board.drawn(view.period, view.metric, [figure for _start, figure in series])
    chart: Chart = {
        "unit": view.metric.unit,
        "symbol": format.symbol(view.workspace.currency),
        "x": [start.isoformat() for start, _figure in series],
        "name": str(view.metric.label),
        "data": [_float(value) for value in values],
        "there": any(value is not None for value in values),
        "base": [_base(view, figure) for _start, figure in series],
        "partial": [i for i in partial if values[i] is not None],
        "partialText": _("not whole"),
        "ref": {
            "name": view.period.before_name,
            "x": [start.isoformat() for start, _figure in old],
            "data": [_float(figure.value) for _start, figure in old] if any(f.value for _s, f in old) else [],
        },
        "marks": board.marks(view.workspace, view.period, masked=view.masked),
        "say": _("%(metric)s over time; the table below has the numbers.") % {"metric": view.metric.label},
        "behind": behind,
        "ratio": isinstance(view.metric.value, Ratio),
        "begins": _("The axis begins at %s"),
    }
    chart = _with_target(view, chart)
    return chart | {"band": _band(view, found)} if found and found.days else chart


def _with_target(view: View, found: Chart) -> Chart:
    goal = None if view.breaking.filters else view.goal()
    every = goal.every(view.period.interval) if goal else None
    if every is not None:
        found["target"] = float(every)
        found["targetText"] = _("target %(value)s") % {"value": view.said(every)}
    return found


def _band(view: View, found: anomalies.Found) -> Band:
    days = [found.days.get(start) for start, _figure in view.now.series]
    return {
        "name": _("Expected"),
        "low": [one.low if one else None for one in days],
        "high": [one.high if one else None for one in days],
        "odd": [i for i, one in enumerate(days) if one and one.anomaly],
        "said": [_said(view, one) for one in days],
    }


def _said(view: View, one: Expected | None) -> str:
    if one is None:
        return ""
    days = {"range": anomalies.said(view, one)}
    return (_("Anomaly: expected %(range)s") if one.anomaly else _("Expected: %(range)s")) % days


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _base(view: View, figure: query.Figure) -> str:
    made = cells(view, figure, short=True)
    return f"{made[0].value} ÷ {made[1].value}" if len(made) > 1 else ""


# ---- what moved it --------------------------------------------------------------------------------


def bars(view: View, address: Callable[[str], str]) -> Bars | None:
    """Each channel's part: those that went the way of the change first, each side the largest first.

    `address`: of a channel's rows.
    """
    moved = view.compared.moved
    if moved is None or (not moved.change and not any(moved.by.values())):
        return None
    parts = sorted(view.values, key=lambda one: -abs(moved.by.get(one.slug, Fraction(0))))
    drawn = MOST_BARS if len(parts) > MOST_BARS + 1 else len(parts)
    each: list[Bar] = [
        {
            "name": shell.channel_name(channel),
            "c": shell.colour(channel).removeprefix("c-"),
            "v": float(moved.by.get(channel.slug, Fraction(0))),
            "said": view.compared.signed(moved.by.get(channel.slug)),
            "href": address(channel.slug),
        }
        for channel in parts
    ]
    rows, more = each[:drawn], each[drawn:]
    if abs(moved.between) > TINY:
        between, said = float(moved.between), view.compared.signed(moved.between)
        rows.append(
            {
                "name": _("Between them") if view.breaking.by != CHANNEL else _("Between channels"),
                "c": "other",
                "v": between,
                "said": said,
                "href": "",
            }
        )
    way = -1 if moved.change < 0 else 1
    rows.sort(key=lambda row: (row["v"] * way < 0, -abs(row["v"])))
    if more:
        rest = sum((moved.by.get(one.slug, Fraction(0)) for one in parts[drawn:]), Fraction(0))
        name = _("%(n)s others together") % {"n": format.number(len(more))}
        said = view.compared.signed(rest)
        rows.append({"name": name, "c": "other", "v": float(rest), "said": said, "href": "", "several": True})
    return {
        "unit": view.metric.unit,
        "symbol": format.symbol(view.workspace.currency),
        "rows": rows,
        "say": _("The part of each in the change; the numbers stand in the table below."),
        "more": more,
    }


class Most(NamedTuple):
    """Who moved it most each way; None: nobody."""

    helped: Mover | None
    held: Mover | None


def most(view: View) -> Most:
    """The channel that helped most, and the one that held back most."""
    found = sorted(movers(view.compared), key=lambda one: -one.weight)
    return Most(
        next((one for one in found if one.helps), None), next((one for one in found if not one.helps), None)
    )
