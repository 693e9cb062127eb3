"""The parts of a metric's formula: which lists of rows stand behind its number, and where in the formula.

Not here: what a term is (base.py), reading the rows (metrics/drill.py).
"""

from typing import Any, NamedTuple

from kernel.errors import NotFound
from metrics.catalogue.base import Difference, Listed, Metric, Ratio
from metrics.catalogue.rows import Rows


class Part(NamedTuple):
    """One term of a metric, or a whole side: where it stands in the formula, and whether it is taken away."""

    side: str  # value, numerator, denominator; empty: it stands aside
    sign: int
    term: Listed

    @property
    def name(self) -> str:
        """What it is asked for by."""
        return self.term.name

    @property
    def label(self) -> Any:
        """What it is called."""
        return self.term.label

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return self.term.unit

    @property
    def rows(self) -> Rows:
        """What it is made of."""
        return self.term.rows


def sides(metric: Metric) -> list[Part]:
    """The value, or numerator and denominator: each as one list of rows that adds up to it."""
    value = metric.value
    if isinstance(value, Ratio):
        return [Part("numerator", 1, value.top), Part("denominator", 1, value.bottom)]
    return [Part("value", 1, value)]


def parts(metric: Metric) -> list[Part]:
    """The terms of a metric in the order of its formula."""
    return [part for side in sides(metric) for part in _signed(side)]


def lists(metric: Metric) -> list[Part]:
    """All lists of rows there are behind a metric: its sides, each followed by its terms, and what stands aside."""
    found = [part for side in sides(metric) for part in (side, *_signed(side))]
    found += [Part("", 1, one) for one in metric.aside]
    return list({part.name: part for part in reversed(found)}.values())[::-1]


def part_of(metric: Metric, name: str | None) -> Part:
    """The list of that name; where none is named, that of the value or of the numerator."""
    every = lists(metric)
    found = next((part for part in every if part.name == (name or every[0].name)), None)
    if found is None:
        raise NotFound(f"{metric.name} has no part {name!r}: {', '.join(part.name for part in every)}.")
    return found


def _signed(side: Part) -> list[Part]:
    if not isinstance(side.term, Difference):
        return [side]
    return [*_signed(side._replace(term=side.term.left)), side._replace(term=side.term.less, sign=-1)]
