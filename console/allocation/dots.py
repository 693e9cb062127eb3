"""Models beside each other on a line: for each row a band over all of them, and a mark for some. Not here: numbers."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

# Marks that stand apart, in the order they are drawn; the model that is used is drawn last, filled.
SHAPES: Final[Mapping[str, str]] = {"first": "ring", "last": "square", "markov": "diamond"}
USED: Final = "disc"
LEFT, WIDTH = 1.5, 97.0  # per cent of a drawing that its scale takes
TICKS: Final = 5


class Mark(NamedTuple):
    """A model on a row's line. `at`: per cent of the width."""

    shape: str
    at: str


class Line(NamedTuple):
    """A row's drawing."""

    low: str
    high: str
    marks: list[Mark]


class Scale(NamedTuple):
    """From its least to its most value; nothing is always on it."""

    least: Decimal
    most: Decimal

    @classmethod
    def over(cls, values: Sequence[Decimal]) -> "Scale":
        """One that holds all of them."""
        return cls(min([*values, Decimal(0)]), max([*values, Decimal(0)]))

    def at(self, value: Decimal) -> str:
        """Per cent of the width, as a text that no language puts a comma in."""
        whole = self.most - self.least
        part = float((value - self.least) / whole) if whole else 0.0
        return f"{LEFT + part * WIDTH:.2f}%"

    def ticks(self) -> list[Decimal]:
        """Round values on it, nothing among them."""
        whole = self.most - self.least
        if not whole:
            return [Decimal(0)]
        rough = whole / TICKS
        step = Decimal(10) ** rough.adjusted()
        step *= next(times for times in (1, 2, 5, 10) if step * times >= rough)
        first = int(self.least / step)
        return [step * n for n in range(first, int(self.most / step) + 1)]


def line(scale: Scale, values: Mapping[str, Decimal], used: str) -> Line:
    """A row: where each model puts it."""
    marks = [
        Mark(shape, scale.at(values[name]))
        for name, shape in SHAPES.items()
        if name in values and name != used
    ]
    marks += [Mark(USED, scale.at(values[used]))]
    return Line(scale.at(min(values.values())), scale.at(max(values.values())), marks)
