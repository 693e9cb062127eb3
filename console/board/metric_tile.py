"""A metric as a tile: its number, how it went, on all channels or by channel. No HTML.

The chart and its table are those of the metric's page. Not here: the page (console/metric/kpi.py).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.board.content import Asked, Content
from console.metric import anomalies, board, breaking, chart_rows, kpi_charts, kpi_table
from console.metric.kpi_view import View
from console.overview import by_channel
from kernel.errors import BadRequest, Refused
from kernel.web import format, shell
from metrics import query
from metrics.boards import kinds
from metrics.scope import NOTHING


@dataclass(frozen=True, slots=True)
class Row:
    """A channel's number."""

    channel: Channel
    value: str
    change: format.Change | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A metric's tile. One of `line`, `area` and `bars` where there is something to draw; `rows`: it is by channel."""

    name: str
    card: board.Card
    channel: Channel | None
    chart: str  # the id of its numbers
    line: kpi_charts.Chart | None
    area: by_channel.Chart | None
    bars: kpi_charts.Bars | None
    rows: list[Row]
    table: list[kpi_table.Interval]
    period: shell.Period
    whole: shell.Period | None
    before: shell.Period | None
    against: str
    odd: anomalies.Found
    chips: list[breaking.Chip]  # the filters that hold
    filters: list[str]  # the same as addresses write them
    broken_by: str  # a dimension that only its own page shows


def draw(asked: Asked) -> Content:
    """The tile; a BadRequest where its channel is gone, or a dimension of its filters."""
    name, by = kinds.metric_of(asked.params), str(asked.params.get("by", ""))
    channel = _channel(asked)
    each = by == "channel" and channel is None
    view = View(asked.request, name, asked.period, channel, each=each, asked=_filters(asked))
    if view.breaking.problem:
        raise BadRequest(_("This metric cannot be filtered any more as this analysis says."))
    odd = anomalies.of(view, anomalies.wanted(str(asked.params.get("anomalies", ""))))
    table = kpi_table.table(view, odd)
    behind = kpi_table.behind(_address("kpi-rows", asked, name), table)
    line = kpi_charts.line(view, behind, odd)
    stacked, there = each and _stacks(view.now), line["there"]
    shown = Shown(
        name=name,
        card=board.card_of(view.now, view.compared, None if view.breaking.filters else view.goal()),
        channel=view.channel,
        chart=f"tile-{asked.key}-data",
        line=line if there and not each else None,
        area=_area(view, behind) if there and stacked else None,
        bars=_bars(asked, view) if there and each and not stacked else None,
        rows=_rows(view) if each else [],
        table=table,
        period=asked.period,
        whole=asked.period.whole,
        before=asked.period.before,
        against=asked.period.against,
        odd=odd,
        chips=view.breaking.chips,
        filters=view.breaking.asked,
        broken_by=by if by != "channel" else "",
    )
    return Content(template="board/_metric.html", shows=shown)


def _filters(asked: Asked) -> QueryDict:
    """What of the metric is counted, in the words of an address."""
    found, given = QueryDict(mutable=True), asked.params.get("filter", [])
    found.setlist("filter", [str(one) for one in (given if isinstance(given, list) else [given])])
    return found


def mirrored(asked: Asked) -> bool:
    """Whether it is read from the mirror, which may take long."""
    try:
        metric = query.metric_named(kinds.metric_of(asked.params))
    except Refused:
        return False
    return bool(asked.params.get("filter")) or metric.mirrored


def _channel(asked: Asked) -> Channel | None:
    """The one it is about, if any."""
    given = asked.params.get("channel")
    slugs = given if isinstance(given, list) else [given] if given else []
    if not slugs:
        return None
    found = channels_of(asked.request.workspace.pk).get(str(slugs[0]))
    if found is None:
        raise BadRequest(_("The channel %(slug)s is not there any more.") % {"slug": slugs[0]})
    return found


def _address(route: str, asked: Asked, name: str, channel: str = "") -> str:
    """An address of the metric in the tile's period, of a channel or of the one that the tile is about."""
    given = asked.params.get("channel")
    pairs: dict[str, Any] = {
        **asked.days,
        "channel": channel or (given[0] if isinstance(given, list) else given),
    }
    pairs["filter"] = asked.params.get("filter")
    query_of = urlencode({name: value for name, value in pairs.items() if value}, doseq=True)
    return reverse(route, args=[name]) + (f"?{query_of}" if query_of else "")


def _by_size(view: View) -> list[tuple[Channel, query.Figure]]:
    """Each channel with its figure of the whole period, the largest first."""
    figures = [(channel, (view.now.by or {})[channel.slug].total) for channel in view.channels]
    return sorted(figures, key=lambda one: -(one[1].value or NOTHING))


def _rows(view: View) -> list[Row]:
    return [
        Row(channel, view.said(figure.value), view.compared.change(channel.slug))
        for channel, figure in _by_size(view)
    ]


def _stacks(answer: query.Answer) -> bool:
    """Whether channels can stand on each other: they add up to what all of them are together."""
    lines = [line.series for line in (answer.by or {}).values()]
    return bool(lines) and all(
        figure.denominator is None
        and sum((line[i][1].value or NOTHING for line in lines), NOTHING) == (figure.value or NOTHING)
        for i, (_start, figure) in enumerate(answer.series)
    )


def _bars(asked: Asked, view: View) -> kpi_charts.Bars:
    """What does not add up, beside each other: each channel's value of the whole period."""
    return {
        "unit": view.metric.unit,
        "symbol": format.symbol(view.workspace.currency),
        "rows": [
            {
                "name": shell.channel_name(channel),
                "c": shell.colour(channel).removeprefix("c-"),
                "v": float(figure.value or NOTHING),
                "said": view.said(figure.value),
                "href": _address("kpi-rows", asked, view.metric.name, channel.slug),
            }
            for channel, figure in _by_size(view)
        ],
        "say": _("%(metric)s of each channel; the numbers stand in the table below.")
        % {"metric": view.metric.label},
    }


def _area(view: View, behind: chart_rows.Behind) -> by_channel.Chart:
    """Each channel's part over time, the largest at the bottom."""
    now, old = view.now, view.compared.before
    by, points = now.by or {}, len(now.series)
    return {
        "unit": view.metric.unit,
        "symbol": format.symbol(view.workspace.currency),
        "x": [start.isoformat() for start, _figure in now.series],
        "series": [
            {
                "name": shell.channel_name(channel),
                "c": shell.colour(channel).removeprefix("c-"),
                "slug": channel.slug,
                "data": _floats(view, by[channel.slug].series),
                "before": _floats(view, (old.by or {})[channel.slug].series[:points]) if old else [],
            }
            for channel, _figure in _by_size(view)
        ],
        "total": _("Total"),
        "ref": _before(view, old.series[:points] if old else []),
        "partial": view.period.partial(calendar=view.metric.whole_intervals),
        "partialText": _("not whole"),
        "marks": board.marks(view.workspace, view.period, masked=view.masked),
        "say": _("%(metric)s by channel over time, stacked; the table below has the numbers.")
        % {"metric": view.metric.label},
        "behind": behind,
    }


def _floats(view: View, series: kpi_table.Series) -> list[float | None]:
    return [
        None if start > view.period.today else float(figure.value or Decimal(0)) for start, figure in series
    ]


def _before(view: View, old: kpi_table.Series) -> by_channel.Line | None:
    if not any(figure.value for _start, figure in old):
        return None
    return {
        "name": view.period.before_name,
        "x": [start.isoformat() for start, _figure in old],
        "data": [float(figure.value or 0) for _start, figure in old],
    }
