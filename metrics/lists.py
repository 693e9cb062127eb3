"""The lists of rows behind each metric: which there are, in which order, what a row of them shows.

Not here: reading them (drill.py), their statements (drill.sql).
"""

from typing import NamedTuple

from cdp.kernel.errors import NotFound
from metrics.catalogue import base

ORDER = ("order_id", "channel_id", "occurred_at", "currency", "total", "refunded", "state", "sighting_id")
BACK = ("order_id", "channel_id", "service_channel_id", "received_at", "store")
MOVE = ("order_id", "channel_id", "what", "occurred_at", "currency", "moved")
LINE = (
    "order_id",
    "channel_id",
    "what",
    "sku",
    "name",
    "occurred_at",
    "quantity",
    "unit_cost",
    "cost_currency",
)
ACTIVE = ("profile_id", "first_at", "last_at", "channels", "events")
BUYER = ("profile_id", "first_at", "last_at", "channels", "orders")
SKU = ("sku", "channels", "prices", "currency", "agreeing")
ANSWER = ("profile_id", "occurred_at", "channel_id", "score", "scale", "satisfied", "answers")


class Source(NamedTuple):
    """A list of rows: its statement, what is shown of a row, by what the list is ordered."""

    kind: str
    statement: str
    shown: tuple[str, ...]
    counted: bool = True  # a row counts 1; else its amount
    key_cast: str = "uuid"
    at_cast: str = "timestamptz"
    more: str = ""  # a further condition
    least: int = 1
    less: str = ""  # a statement whose rows are taken away


def _people(statement: str, shown: tuple[str, ...], least: int = 1) -> Source:
    """Customers, those we came to know last first."""
    return Source("customers", statement, shown, key_cast="bigint", at_cast="bigint", least=least)


REFUND = (
    "order_id",
    "channel_id",
    "service_channel_id",
    "occurred_at",
    "order_day",
    "currency",
    "refund",
    "reason",
)
SPENT = ("channel_id", "first", "last", "currency", "spent", "campaign", "medium", "kind")
SOURCES = {
    "gmv": Source("orders", "orders", ORDER, counted=False),
    "net_revenue": Source("moves", "orders", MOVE, counted=False, less="refunds"),
    "orders": Source("orders", "orders", ORDER),
    "priced_orders": Source("orders", "orders", ORDER),
    "refunds": Source("refunds", "refunds", REFUND, counted=False),
    "returns": Source("returns", "returns", BACK),
    "returns_elsewhere": Source("returns", "returns_elsewhere", BACK),
    "cogs": Source("lines", "lines", LINE, counted=False, key_cast="text"),
    "cogs_returned": Source("lines", "lines_back", LINE, counted=False, key_cast="text"),
    "cogs_net": Source("lines", "lines", LINE, counted=False, key_cast="text", less="lines_back"),
    "spend_acquisition": Source("spend", "spend", SPENT, counted=False, key_cast="text"),
    "stock": Source("days", "", ("day",), counted=False),
    "compared": Source("skus", "skus", SKU, key_cast="text", at_cast="text"),
    "agreeing": Source("skus", "skus", SKU, key_cast="text", at_cast="text", more="x.agreeing"),
    "differing": Source("skus", "skus", SKU, key_cast="text", at_cast="text", more="not x.agreeing"),
    "active": _people("active", ACTIVE),
    "cross": _people("active", ACTIVE, least=2),
    "retained": _people("active", ACTIVE),
    "active_before": _people("active", ACTIVE),
    "buyers": _people("buyers", BUYER),
    "repeat": _people("buyers", BUYER, least=2),
    "new": _people("new", ("profile_id", "occurred_at", "order_id", "channel_id")),
    "answered": Source("answers", "answers", ANSWER, key_cast="text"),
    "satisfied": Source("answers", "answers", ANSWER, key_cast="text", more="x.satisfied"),
}
NAMES: dict[type[base.Value], str] = {
    base.ConvertedOrders: "priced_orders",
    base.Retained: "retained",
    base.ActiveBefore: "active_before",
    base.AverageStock: "stock",
}


class Part(NamedTuple):
    """One term of a metric: where it stands in the formula, and whether it is taken away."""

    name: str
    side: str  # value, numerator, denominator
    sign: int
    term: base.Value

    @property
    def source(self) -> Source:
        """The rows it is made of."""
        return SOURCES[self.name]


# One term less another: the list in which the rows of both stand, the second's taken away.
BOTH = {("gmv", "refunds"): "net_revenue", ("cogs", "cogs_returned"): "cogs_net"}
# No term of the formula, and still what somebody looks for.
ASIDE = {
    "price_parity": Part("differing", "", 1, base.PricedTwice() - base.PricedTwice(agreeing=True)),
}


def sides(metric: base.Metric) -> list[Part]:
    """The value, or numerator and denominator: each as one list of rows that adds up to it."""
    value = metric.value
    if isinstance(value, base.Ratio):
        return [_side(value.top, "numerator"), _side(value.bottom, "denominator")]
    return [_side(value, "value")]


def lists(metric: base.Metric) -> list[Part]:
    """All lists of rows there are behind a metric: its sides, each followed by its terms, and what stands aside."""
    found = [part for side in sides(metric) for part in (side, *_signed(side.term, side.side))]
    found += [ASIDE[metric.name]] if metric.name in ASIDE else []
    return list({part.name: part for part in reversed(found)}.values())[::-1]


def _side(value: base.Value, side: str) -> Part:
    every = _signed(value, side)
    if len(every) == 1:
        return every[0]
    return Part(BOTH[every[0].name, every[1].name], side, 1, value)


def parts(metric: base.Metric) -> list[Part]:
    """The terms of a metric in the order of its formula."""
    value = metric.value
    if isinstance(value, base.Ratio):
        return _signed(value.top, "numerator") + _signed(value.bottom, "denominator")
    return _signed(value, "value")


def part_of(metric: base.Metric, name: str | None) -> Part:
    """The list of that name; where none is named, that of the value or of the numerator."""
    every = lists(metric)
    found = next((part for part in every if part.name == (name or every[0].name)), None)
    if found is None:
        raise NotFound(f"{metric.name} has no part {name!r}: {', '.join(part.name for part in every)}.")
    return found


def _signed(value: base.Value, side: str, sign: int = 1) -> list[Part]:
    if isinstance(value, base.Difference):
        return _signed(value.left, side, sign) + _signed(value.right, side, -sign)
    if isinstance(value, base.PricedTwice):
        name = "agreeing" if value.agreeing else "compared"
    else:
        name = NAMES.get(type(value)) or str(getattr(value, "measure", ""))
    return [Part(name, side, sign, value)]
