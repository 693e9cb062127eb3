"""Amounts that add up to a pot, in proportion, each between its own floor and cap. Exact: fractions. Pure.

Not here: what the floors and caps are (sharing.py), rounding (rounding.py).
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

NOTHING = Fraction(0)


class Bounded(NamedTuple):
    """What somebody would get, and what they get at least and at most."""

    target: Fraction
    least: Fraction
    most: Fraction


def fit(pot: Fraction, wanted: Sequence[Bounded]) -> list[Fraction]:
    """What each gets: its target times one factor that is the same for all, unless a bound holds. Sums to the pot.

    Wants sum(least) <= pot <= sum(most). Who wants nothing gets the least; what is left when all others are at their
    most goes to them in equal parts.
    """
    some = [one for one in wanted if one.target > 0]
    rest = [one for one in wanted if one.target <= 0]
    left = pot - sum((one.least for one in rest), NOTHING)
    if rest and left > sum((one.most for one in some), NOTHING):
        for_rest = pot - sum((one.most for one in some), NOTHING)
        even = iter(_fit(for_rest, [one._replace(target=Fraction(1)) for one in rest]))
        return [one.most if one.target > 0 else next(even) for one in wanted]
    fitted = iter(_fit(left, some))
    return [next(fitted) if one.target > 0 else one.least for one in wanted]


def _fit(pot: Fraction, wanted: Sequence[Bounded]) -> list[Fraction]:
    """The same where everybody wants something: the factor lies between two of the points where a bound sets in."""
    points = sorted({bound / one.target for one in wanted for bound in (one.least, one.most)})
    below = NOTHING
    for point in points:
        if _sum(point, wanted) > pot:
            break
        below = point
    free = [one for one in wanted if one.least <= below * one.target < one.most]
    held = sum((_at(below, one) for one in wanted if one not in free), NOTHING)
    moving = sum((one.target for one in free), NOTHING)
    factor = (pot - held) / moving if moving else below
    return [_at(factor, one) for one in wanted]


def _sum(factor: Fraction, wanted: Sequence[Bounded]) -> Fraction:
    return sum((_at(factor, one) for one in wanted), NOTHING)


def _at(factor: Fraction, one: Bounded) -> Fraction:
    return min(max(factor * one.target, one.least), one.most)
