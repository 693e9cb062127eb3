"""Each channel's price, stock, delivery, service, satisfaction and returns, against the mean of all channels.

All are the catalogue's by channel, for the same days, but two: `stock` is the share of days with stock, 1 less the
stock-out rate; `service` is the median minutes to a first response (the catalogue has the mean, which one forgotten
ticket moves). The mean is that of the channels that have a value, each as much as any other: how far a channel lies
from its equals. Not here: what differing does (churn.py).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel.db import Connection
from metrics import query
from metrics.journeys.base import Asked
from metrics.query import Figure, text

ONE: Final = Decimal(1)
NO_FIGURE: Final = Figure(None, Decimal(0), Decimal(0), {})


class Measure(NamedTuple):
    """A column: the metric of the catalogue it is, and which way is better. `less`: 1 less that."""

    name: str
    metric: str
    unit: str
    good: str
    less: bool = False


MEASURES: Final = (
    Measure("price", "price_parity", "share", "up"),
    Measure("stock", "stock_out_rate", "share", "up", less=True),
    Measure("delivery", "on_time_share", "share", "up"),
    Measure("service", "first_response_minutes", "minutes", "down"),
    Measure("satisfaction", "satisfaction", "share", "up"),
    Measure("refund", "refund_hours", "hours", "down"),
    Measure("returned_elsewhere", "cross_channel_return_rate", "share", "none"),
)
# By the channel on which a ticket was opened; an answer before its question tells nothing.
MEDIANS: Final = """select channel, count(*),
    median(epoch_us(first_response_at) - epoch_us(opened_at))::double / 60000000
from tickets
where first_response_at >= $begin and first_response_at < $end and opened_at <= first_response_at
group by channel"""


class Standing(NamedTuple):
    """A channel's figure of one measure, and how far it lies from the mean: None where there is none."""

    figure: Figure
    apart: Decimal | None

    def worse(self, measure: Measure) -> bool:
        """Whether it lies on the wrong side of the mean."""
        if self.apart is None or measure.good == "none":
            return False
        return self.apart < 0 if measure.good == "up" else self.apart > 0

    def json(self, measure: Measure) -> dict[str, Any]:
        """As the API gives it."""
        apart = None if self.apart is None else text(self.apart)
        return {**self.figure.json(), "apart": apart, "worse": self.worse(measure)}


class Standings(NamedTuple):
    """By channel's slug and measure's name; the mean by measure."""

    channels: Mapping[str, Mapping[str, Standing]]
    mean: Mapping[str, Decimal | None]


def standings(db: Connection, asked: Asked) -> Standings:
    """Every channel of the workspace."""
    found = {measure.name: _figures(db, asked, measure) for measure in MEASURES}
    mean = {name: _mean(figures) for name, figures in found.items()}
    channels = {
        slug: {name: _standing(found[name][slug], mean[name]) for name in found}
        for slug in asked.settings.channels.values()
    }
    return Standings(channels, mean)


def _figures(db: Connection, asked: Asked, measure: Measure) -> dict[str, Figure]:
    slugs = asked.settings.channels
    if measure.name == "service":
        rows = asked.mirror.rows(MEDIANS, begin=asked.begin, end=asked.end)
        medians = {slugs[channel]: (n, Decimal(minutes)) for channel, n, minutes in rows if channel in slugs}
        return {slug: _median(*medians[slug]) if slug in medians else NO_FIGURE for slug in slugs.values()}
    answer = query.measure(db, asked.settings, measure.metric, query.Ask(asked.days, "month", "channel"))
    return {slug: _less(answer.of(slug)) if measure.less else answer.of(slug) for slug in slugs.values()}


def _median(count: int, minutes: Decimal) -> Figure:
    """A median is no ratio: `denominator` says of how many it is."""
    value = minutes.quantize(query.RATIO_PLACES)
    return Figure(value, value, Decimal(count), {})


def _less(figure: Figure) -> Figure:
    if figure.value is None or figure.denominator is None:
        return figure
    return Figure(ONE - figure.value, figure.denominator - figure.numerator, figure.denominator, {})


def _mean(figures: Mapping[str, Figure]) -> Decimal | None:
    known = [one.value for one in figures.values() if one.value is not None]
    return query.ratio(sum(known, Decimal(0)), Decimal(len(known)))


def _standing(figure: Figure, mean: Decimal | None) -> Standing:
    return Standing(figure, None if figure.value is None or mean is None else figure.value - mean)
