"""Differences with their intervals as they are drawn: a dot, a line around it, and where nothing differs.

Not here: how they are counted (metrics/effects/intervals.py).
"""

from collections.abc import Sequence
from typing import NamedTuple

from metrics.effects.intervals import Difference

HALF = 100.0  # of the width of a drawing: from its middle, where nothing differs, to an end


class Spread(NamedTuple):
    """Places on a drawing 2 x HALF wide; texts, so that no language puts a comma in."""

    low: str
    value: str
    high: str
    sure: bool  # nothing differs lies outside of the interval


def spreads(differences: Sequence[Difference | None]) -> list[Spread | None]:
    """On one scale, all of them, so that they can be compared; None for none."""
    known = [one for one in differences if one is not None]
    most = max((max(abs(one.low), abs(one.high)) for one in known), default=0.0) or 1.0

    def place(value: float) -> str:
        return f"{HALF + value / most * (HALF - 6):.1f}"  # the dot needs room too

    return [
        None
        if one is None
        else Spread(place(one.low), place(one.value), place(one.high), one.low > 0 or one.high < 0)
        for one in differences
    ]
