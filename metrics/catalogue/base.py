"""The form of a metric: what it is called, what it counts, how it is put together. Not here: reading it (query.py).

A value is a term, a difference of terms or a ratio of such: `ACQUISITION_SPEND / NEW_CUSTOMERS`. Page, API, docs and
drill-down are read off the declaration.
"""

from dataclasses import dataclass
from typing import Any


class Value:
    """Anything a metric can be, with the signs that put values together."""

    def __sub__(self, other: "Value") -> "Difference":
        return Difference(self, other)

    def __truediv__(self, other: "Value") -> "Ratio":
        return Ratio(self, other)


@dataclass(frozen=True)
class Sum(Value):
    """Money of a roll-up measure, in the workspace's currency; what has no rate stands apart."""

    measure: str


@dataclass(frozen=True)
class Count(Value):
    """A roll-up measure that counts things."""

    measure: str


@dataclass(frozen=True)
class ConvertedOrders(Value):
    """Orders, less those whose money has no rate: what goes below their money."""


@dataclass(frozen=True)
class Customers(Value):
    """Distinct customers of a measure of the spans (share.py)."""

    measure: str


@dataclass(frozen=True)
class Retained(Value):
    """Customers active in the interval and in the one before."""


@dataclass(frozen=True)
class ActiveBefore(Value):
    """Customers active in the interval before."""


@dataclass(frozen=True)
class AverageStock(Value):
    """Mean over the days of the closing stock, each at the unit cost then valid."""


@dataclass(frozen=True)
class PricedTwice(Value):
    """SKUs with a price on two channels or more, in one currency, at the end. `agreeing`: only those all alike."""

    agreeing: bool = False


@dataclass(frozen=True)
class Difference(Value):
    """One value less another."""

    left: Value
    right: Value


@dataclass(frozen=True)
class Ratio(Value):
    """One value over another; nothing at all over 0."""

    top: Value
    bottom: Value


UNITS = ("money", "count", "ratio", "share", "turns")
GOOD = ("up", "down", "none")


@dataclass(frozen=True)
class Metric:
    """A named formula. `label` and `formula` are translated when they are shown."""

    name: str
    label: Any
    unit: str  # of UNITS
    good: str  # of GOOD: which way is better
    formula: Any  # in words
    value: Value
    needs_cost: bool = False  # also says how many lines had no cost


def terms(value: Value) -> list[Value]:
    """The plain terms of a value, each once, in order."""
    if isinstance(value, Difference):
        found = terms(value.left) + terms(value.right)
    elif isinstance(value, Ratio):
        found = terms(value.top) + terms(value.bottom)
    else:
        found = [value]
    return list(dict.fromkeys(found))
