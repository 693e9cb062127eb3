"""What each channel contributed to a metric's change, so that the parts add up to it exactly. Pure.

Sums and counts: a channel's part is its own difference. Ratios: with R = N / D, R' the mean of both ratios and D' the
mean of both denominators, the change is (dN - R' dD) / D', whatever the numbers; a channel's part is the same formula
with its own dN and dD. More of the numerator lifts the ratio, more of the denominator lowers it, and the parts sum to
the change. What no channel has alone (a customer seen on two channels counts once in the total) is a part of its own.

Not here: reading numbers (query.py), drawing them (console/metric/kpi.py).
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple


class Made(NamedTuple):
    """What a value is made of. Without a denominator it is the numerator."""

    numerator: Fraction
    denominator: Fraction | None = None

    @property
    def value(self) -> Fraction | None:
        """The value; None: over nothing."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None


NOTHING = Fraction(0)


class Contributions(NamedTuple):
    """The change, the part of each channel, and what no channel has alone."""

    change: Fraction
    by: dict[str, Fraction]
    between: Fraction


def contributions(
    now: Made, before: Made, by_now: Mapping[str, Made], by_before: Mapping[str, Made]
) -> Contributions | None:
    """Who moved it; None where there is nothing to hold it against."""
    if now.value is None or before.value is None:
        return None
    change = now.value - before.value
    by = {
        slug: _part(now, before, by_now.get(slug), by_before.get(slug))
        for slug in dict.fromkeys([*by_now, *by_before])
    }
    return Contributions(change, by, change - sum(by.values(), NOTHING))


def _part(now: Made, before: Made, mine: Made | None, old: Made | None) -> Fraction:
    top = (mine.numerator if mine else NOTHING) - (old.numerator if old else NOTHING)
    if now.denominator is None or before.denominator is None:
        return top
    bottom = _below(mine) - _below(old)
    ratio = (now.numerator / now.denominator + before.numerator / before.denominator) / 2
    return (top - ratio * bottom) / ((now.denominator + before.denominator) / 2)


def _below(made: Made | None) -> Fraction:
    return (made.denominator or NOTHING) if made else NOTHING
