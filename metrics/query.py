"""A metric over a period: total, series, by a dimension, each with what it is made of. Exact; nothing is rounded here.

By channel, and of one channel, it is read from PostgreSQL; by all else, and of what a filter leaves, from the mirror.
Not here: how terms are read (term_readers.py, breakdown/), the formulas (catalogue/), who may ask (api.py).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Any, NamedTuple

from kernel import periods
from kernel.db import Connection, Statements, rows
from kernel.errors import BadRequest, NotFound
from kernel.models import Workspace
from metrics.breakdown import dimensions, reading
from metrics.breakdown import terms as counted
from metrics.breakdown.dimensions import CHANNEL, Filter
from metrics.breakdown.reading import Value
from metrics.catalogue import BY_NAME
from metrics.catalogue.base import Difference, Listed, Metric, Ratio, Term, terms
from metrics.distinct_windows import ALL
from metrics.mirror import reading as mirror
from metrics.scope import NOTHING, Amount, Days, Once, Reading, Scope
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
    once: Once | None = None  # what the page that asks has read of it already


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
    """What was asked, answered. `by` has all channels by slug, or the values of a dimension by key."""

    metric: Metric
    currency: str
    line: Line
    by: dict[str, Line] | None
    missing_cost: int
    terms: Mapping[Listed, Amount]  # what each term of the formula comes to in the whole period
    mirrored: "Mirrored | None" = None  # what is said of an answer from the mirror

    @property
    def total(self) -> Figure:
        """The figure of the whole period."""
        return self.line.total

    def of(self, key: str) -> Figure:
        """What a value of `by` comes to: nothing, where it is not there."""
        if self.by is not None and key in self.by:
            return self.by[key].total
        parted = self.total.denominator is not None
        return Figure(None if parted else NOTHING, NOTHING, NOTHING if parted else None, {})

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
        return answer | (self.mirrored.json() if self.mirrored else {})


class Mirrored(NamedTuple):
    """Of an answer from the mirror: how new it is; of one by a dimension also its values, and whether they add up."""

    as_of: datetime | None
    values: list[Value] | None
    adds_up: bool

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        answer: dict[str, Any] = {"as_of": periods.utc_text(self.as_of)}
        if self.values is not None:
            answer["values"] = [{"key": one.key, "value": one.value} for one in self.values]
            answer["adds_up"] = self.adds_up
        return answer


class Readings(NamedTuple):
    """The terms of a question. `values`: by what they are parted (None: nothing); `own`: the place of all asked for."""

    terms: dict[Term, Reading]
    missing: Reading
    own: int
    values: list[Value] | None
    mirrored: Mirrored | None = None


class Ask(NamedTuple):
    """The period (both ends inside), how it is cut, by what it is broken down, and of what."""

    period: Days
    interval: str = "day"
    by: str = ""  # a dimension
    channel: int | None = None  # only this one
    filters: tuple[Filter, ...] = ()  # only what they leave
    listed: tuple[str, ...] | None = None  # the values of `by` that stand apart; None: the largest
    ranked: Days | None = None  # of which days `other` is beyond the largest; None: of the period
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
    with localcontext(EXACT):
        read = readings(db, settings, metric, ask, terms(metric.value), missing=metric.needs_cost)
        starts = [interval.start for interval in intervals(ask)]
        by = None
        if read.values is not None:
            by = {one.key: _line(metric, read.terms, one.place, starts) for one in read.values}
        line = _line(metric, read.terms, read.own, starts)
    made_of: dict[Listed, Amount] = {
        term: found.get((read.own, 0), Amount()) for term, found in read.terms.items()
    }
    missing = int(read.missing.get((read.own, 0), Amount()).value)
    return Answer(metric, settings.currency, line, by, missing, made_of, read.mirrored)


def readings(
    db: Connection,
    settings: ReportingSettings,
    metric: Metric,
    ask: Ask,
    wanted: Sequence[Term],
    *,
    missing: bool = False,
) -> Readings:
    """Terms of a metric as they are asked for: from PostgreSQL or from the mirror. `missing`: lines without a cost too.

    Raises BadRequest for what its facts do not know, TryAgain where the mirror cannot be read.
    """
    ask = plain(settings, metric, ask)
    if from_mirror(metric, ask):
        return _from_mirror(db, settings, metric, ask, wanted, missing=missing)
    own = ALL if ask.channel is None else ask.channel
    listed = () if not ask.by else tuple(settings.channels) if ask.channel is None else (ask.channel,)
    scope = scope_of(settings, ask, tuple(dict.fromkeys((own, *listed))))
    found = {term: term.read(db, scope) for term in wanted}
    lacking = added(db, scope, kept(db, scope, "missing_cost")) if missing else {}
    values = [Value(one, settings.channels[one], settings.channels[one]) for one in listed]
    return Readings(found, lacking, own, values if ask.by else None)


def known(metric: Metric) -> tuple[str, ...]:
    """The dimensions that the facts of a metric know, the channel first."""
    return reading.known(term.name for term in terms(metric.value))


def from_mirror(metric: Metric, ask: Ask) -> bool:
    """Whether what is asked of a metric is read from the mirror; of `plain`."""
    return metric.mirrored or bool(ask.filters) or ask.by not in {"", CHANNEL}


def plain(settings: ReportingSettings, metric: Metric, ask: Ask) -> Ask:
    """A question whose dimensions are known to the metric; a filter of one channel alone is that channel's question."""
    if ask.by:
        dimensions.check(ask.by, known(metric), metric.name, "by")
    for one in ask.filters:
        dimensions.check(one.dimension, known(metric), metric.name, "filter")
    ids = {slug: channel for channel, slug in settings.channels.items()}
    if len(ask.filters) == 1 and ask.by in {"", CHANNEL} and ask.filters[0].dimension == CHANNEL:
        slug = ask.filters[0].value
        if ask.channel is None and slug in ids:
            return ask._replace(channel=ids[slug], filters=())
    if ask.filters and not all(term.name in counted.TERMS for term in terms(metric.value)):
        raise BadRequest(f"Of {metric.name} one channel at most can be asked for.", "one_channel")
    return ask


def scope_of(settings: ReportingSettings, ask: Ask, channels: tuple[int, ...]) -> Scope:
    """Over what terms are read."""
    series = tuple(intervals(ask))
    return Scope(
        settings.workspace,
        settings.zone,
        settings.currency,
        ask.period,
        ask.interval,
        series,
        channels,
        settings.once or Once(),  # terms of one formula are made of the same rows
    )


def asked_of(
    db: Connection, settings: ReportingSettings, metric: Metric, ask: Ask, there: mirror.Mirror
) -> reading.Asked:
    """A question of `plain` as the mirror is asked it. What it counts below the line says how large a value is."""
    filters = ask.filters
    if ask.channel is not None:
        if any(one.dimension == CHANNEL for one in filters):
            raise BadRequest(
                "A channel is asked for by `channel` or by `filter`, not by both.", "one_channel"
            )
        filters = (*filters, Filter(CHANNEL, settings.channels[ask.channel]))
    value = metric.value
    whole = value.bottom if isinstance(value, Ratio) else value
    less = whole.less if isinstance(whole, Difference) else None
    sized = [(term, -1 if term == less else 1) for term in terms(whole)]
    sized += [(term, 0) for term in terms(value) if term not in terms(whole)]
    scope = scope_of(settings, ask, (ALL,))
    return reading.Asked(
        db, there, scope, settings.channels, ask.by, filters, sized, ask.listed, _ranking(ask)
    )


def _ranking(ask: Ask) -> tuple[periods.Interval, ...]:
    """The intervals of the days whose values are ranked, where they are not the period's."""
    return () if ask.ranked is None else tuple(intervals(ask._replace(period=ask.ranked)))


class _Counted(NamedTuple):
    """A term that is no part of a formula."""

    name: str
    unit: str = "count"
    priced: bool = False


def _from_mirror(
    db: Connection,
    settings: ReportingSettings,
    metric: Metric,
    ask: Ask,
    wanted: Sequence[Term],
    *,
    missing: bool,
) -> Readings:
    lacking = _Counted("missing_cost")
    with mirror.open_mirror(settings.workspace) as there:
        asked = asked_of(db, settings, metric, ask, there)
        found = reading.read(asked, [*wanted, *([lacking] if missing else [])])
        adds_up = all(counted.adds_up(term.name) for term in wanted)
        values = found.values if ask.by else None
        said = Mirrored(there.as_of, values, adds_up)
    read = {term: found.readings[term] for term in wanted}
    return Readings(read, found.readings.get(lacking, {}), ALL, values, said)


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
    unconverted = {**bottom.unconverted, **top.unconverted}
    return Figure(ratio(top.value, bottom.value), top.value, bottom.value, unconverted)


def ratio(top: Decimal, bottom: Decimal) -> Decimal | None:
    """One over the other, to so many places; None over 0."""
    with localcontext(EXACT):
        return (top / bottom).quantize(RATIO_PLACES) if bottom else None


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
