"""A metric over a period: total, series, by channel, each with what it is made of. Exact; nothing is rounded here.

Not here: how terms are read (term_readers.py), the formulas (catalogue/), who may ask (api.py).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Any, NamedTuple

from kernel import periods
from kernel.db import Connection, Statements, rows
from kernel.errors import BadRequest, NotFound
from kernel.models import Workspace
from metrics.catalogue import BY_NAME
from metrics.catalogue.base import Difference, Listed, Metric, Ratio, Term, terms
from metrics.distinct_windows import ALL
from metrics.scope import NOTHING, Amount, Days, Reading, Scope
from metrics.term_readers import added, kept

SQL = Statements(__file__)
EXACT = Context(
    prec=60, rounding=ROUND_HALF_EVEN
)  # digits: sums of the largest amounts times the finest rates
RATIO_PLACES = Decimal("1E-10")  # a ratio is given to ten places
MOST_PLACES = 30  # decimals of a string: more than any amount times any rate has
YEARS = (1900, 2999)  # of a period: far beyond what is kept, far from where dates end


class ReportingSettings(NamedTuple):
    """The workspace a metric is asked of: its zone, its currency, its channels by id."""

    workspace: int
    zone: str
    currency: str
    channels: Mapping[int, str]  # id -> slug, in the order they are shown


class Figure(NamedTuple):
    """A value and what it is made of. Value None: over 0. Denominator None: no ratio."""

    value: Decimal | None
    numerator: Decimal
    denominator: Decimal | None
    unconverted: dict[str, Decimal]

    def json(self) -> dict[str, str | None]:
        """The figure as decimal strings."""
        found = {"value": self.value, "numerator": self.numerator, "denominator": self.denominator}
        return {name: None if value is None else text(value) for name, value in found.items()}


class Line(NamedTuple):
    """The figures of all channels together, or of one."""

    total: Figure
    series: list[tuple[date, Figure]]  # by the calendar start of each interval

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        series = [{"start": start.isoformat(), **figure.json()} for start, figure in self.series]
        return {"total": self.total.json(), "series": series}


class Answer(NamedTuple):
    """What was asked, answered. `by` has every channel of the workspace, by slug."""

    metric: Metric
    currency: str
    line: Line
    by: dict[str, Line] | None
    missing_cost: int
    terms: Mapping[Listed, Amount]  # what each term of the formula comes to in the whole period

    @property
    def total(self) -> Figure:
        """The figure of the whole period."""
        return self.line.total

    @property
    def series(self) -> list[tuple[date, Figure]]:
        """The figures of its intervals."""
        return self.line.series

    def json(self) -> dict[str, Any]:
        """Contracts 5, to the letter."""
        answer: dict[str, Any] = {
            "metric": self.metric.name,
            "unit": self.metric.unit,
            "currency": self.currency,
            "formula": str(self.metric.formula),
            **self.line.json(),
        }
        if self.by is not None:
            answer["by"] = {slug: line.json() for slug, line in self.by.items()}
        apart = sorted(self.total.unconverted.items())
        answer["unconverted"] = [{"currency": currency, "value": text(value)} for currency, value in apart]
        answer["missing_cost"] = self.missing_cost
        return answer


class Ask(NamedTuple):
    """The period (both ends inside), how it is cut, and which channels."""

    period: Days
    interval: str = "day"
    by_channel: bool = False
    channel: int | None = None  # only this one
    calendar: bool = (
        False  # the period is one whole interval: the one before is the calendar's, not as many days
    )
    masked: bool = False  # by somebody who must not see contact data: rows hide it in their texts


def reporting_settings(db: Connection, workspace: Workspace) -> ReportingSettings:
    """The workspace as a metric is asked of it."""
    channels = dict(rows(db, SQL["channels"], workspace=workspace.pk))
    return ReportingSettings(workspace.pk, workspace.timezone, workspace.currency, channels)


def metric_named(name: str) -> Metric:
    """The declaration of a metric."""
    if name not in BY_NAME:
        raise NotFound(f"There is no metric {name!r}: /api/metrics/ lists those there are.")
    return BY_NAME[name]


def measure(db: Connection, settings: ReportingSettings, name: str, ask: Ask) -> Answer:
    """The answer to what is asked of a metric."""
    metric = metric_named(name)
    series = tuple(intervals(ask))
    own = ALL if ask.channel is None else ask.channel
    listed = () if not ask.by_channel else tuple(settings.channels) if ask.channel is None else (ask.channel,)
    channels = tuple(dict.fromkeys((own, *listed)))
    scope = Scope(
        settings.workspace, settings.zone, settings.currency, ask.period, ask.interval, series, channels
    )
    with localcontext(EXACT):
        readings = {term: term.read(db, scope) for term in terms(metric.value)}
        starts = [interval.start for interval in series]
        by = (
            {settings.channels[c]: _line(metric, readings, c, starts) for c in listed}
            if ask.by_channel
            else None
        )
        missing = added(db, scope, kept(db, scope, "missing_cost")) if metric.needs_cost else {}
        line = _line(metric, readings, own, starts)
    made_of: dict[Listed, Amount] = {
        term: reading.get((own, 0), Amount()) for term, reading in readings.items()
    }
    return Answer(metric, settings.currency, line, by, int(missing.get((own, 0), Amount()).value), made_of)


def intervals(ask: Ask) -> list[periods.Interval]:
    """How the period is cut. Raises BadRequest for what cannot be answered."""
    if ask.period.first.year < YEARS[0] or ask.period.last.year > YEARS[1]:
        raise BadRequest(f"A period lies between the years {YEARS[0]} and {YEARS[1]}.", "bad_period")
    return periods.intervals(ask.period.first, ask.period.last, ask.interval)


def before(ask: Ask) -> Days:
    """What customers of the period are compared with."""
    if not ask.calendar:
        return ask.period.before()
    return Days(periods.preceding(ask.period.first, ask.interval), ask.period.first - periods.ONE_DAY)


def text(value: Decimal) -> str:
    """A number as a plain decimal string; a mean that never ends is cut far behind what counts."""
    places = value.as_tuple().exponent
    if isinstance(places, int) and places < -MOST_PLACES:
        value = value.quantize(Decimal(1).scaleb(-MOST_PLACES), context=EXACT)
    return format(value, "f")


def _line(metric: Metric, readings: Mapping[Term, Reading], channel: int, starts: Sequence[date]) -> Line:
    figures = [_figure(metric.value, readings, (channel, slot)) for slot in range(len(starts) + 1)]
    return Line(figures[0], list(zip(starts, figures[1:], strict=True)))


def _figure(value: Listed | Ratio, readings: Mapping[Term, Reading], cell: tuple[int, int]) -> Figure:
    """A metric's value at a channel and slot."""
    if not isinstance(value, Ratio):
        found = amount(value, readings, cell)
        return Figure(found.value, found.value, None, found.unconverted)
    top, bottom = amount(value.top, readings, cell), amount(value.bottom, readings, cell)
    ratio = (top.value / bottom.value).quantize(RATIO_PLACES) if bottom.value else None
    return Figure(ratio, top.value, bottom.value, {**bottom.unconverted, **top.unconverted})


def amount(value: Listed, readings: Mapping[Term, Reading], cell: tuple[int, int]) -> Amount:
    """A term, or one less another; what has no rate is taken currency by currency."""
    if isinstance(value, Term):
        return readings[value].get(cell, Amount())
    assert isinstance(value, Difference)  # noqa: S101 (there is no other)
    left, right = amount(value.left, readings, cell), amount(value.less, readings, cell)
    apart = {
        currency: left.unconverted.get(currency, NOTHING) - right.unconverted.get(currency, NOTHING)
        for currency in {*left.unconverted, *right.unconverted}
    }
    return Amount(left.value - right.value, {currency: value for currency, value in apart.items() if value})
