"""How sure a difference is: intervals for the difference of two shares and of two means. Pure.

Wilson's score interval for one share; Newcombe's hybrid of two of them for a difference (R. G. Newcombe, "Interval
estimation for the difference between independent proportions: comparison of eleven methods", Statistics in Medicine 17,
1998, 873-890, method 10, without continuity correction); its Table II is reproduced by the tests. Where one group is
weighted to look like the other, its size is Kish's effective one, (sum of weights)^2 / sum of squared weights: the two
intervals are put together in the same way. Not here: who is in a group.
"""

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

Z = 1.959963984540054  # of the normal distribution: 95 % lie within


class Share(NamedTuple):
    """A share, and of how many: `of` is no whole number where members are weighted."""

    value: float
    of: float


class Difference(NamedTuple):
    """A difference and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


class Stratum(NamedTuple):
    """Members of two groups who are alike: how many, and how many of them did it."""

    with_: int
    with_hits: int
    without: int
    without_hits: int


class Sample(NamedTuple):
    """Amounts of the members of a group: how many members, the sum, the sum of squares."""

    of: int
    total: float
    squares: float


def share(hits: int, of: int) -> Share | None:
    """So many of so many; None of nobody."""
    return Share(hits / of, of) if of else None


def wilson(one: Share) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    p, n = one
    middle, spread = 2 * n * p + Z * Z, Z * sqrt(Z * Z + 4 * n * p * (1 - p))
    low, high = ((middle + sign * spread) / (2 * (n + Z * Z)) for sign in (-1, 1))
    return max(low, 0.0), min(high, 1.0)


def newcombe(one: Share | None, other: Share | None) -> Difference | None:
    """The first share less the second, with its 95 % interval; None where a group is empty."""
    if one is None or other is None:
        return None
    difference = one.value - other.value
    (low, high), (other_low, other_high) = wilson(one), wilson(other)
    below = sqrt((one.value - low) ** 2 + (other_high - other.value) ** 2)
    above = sqrt((high - one.value) ** 2 + (other.value - other_low) ** 2)
    return Difference(difference, max(difference - below, -1.0), min(difference + above, 1.0))


def matched(strata: Iterable[Stratum]) -> tuple[Share | None, Share | None]:
    """The shares with and without, of those alike: strata that lack one of the groups are left out.

    Those without weigh, in each stratum, as much as there are with: their share is what that of the others would be had
    it only been for what they are alike in.
    """
    both = [one for one in strata if one.with_ and one.without]
    if not both:
        return None, None
    members = sum(one.with_ for one in both)
    hits = sum(one.with_ * one.without_hits / one.without for one in both)
    squares = sum(one.with_**2 / one.without for one in both)  # a member's weight is with_ / without
    own = Share(sum(one.with_hits for one in both) / members, members)
    return own, Share(min(hits / members, 1.0), members**2 / squares)


def means(one: Sample, other: Sample) -> Difference | None:
    """The first mean less the second, each group with its own variance; None with fewer than two in a group."""
    if one.of < 2 or other.of < 2:
        return None
    difference = one.total / one.of - other.total / other.of
    error = sqrt(_variance(one) / one.of + _variance(other) / other.of)
    return Difference(difference, difference - Z * error, difference + Z * error)


def _variance(sample: Sample) -> float:
    return max((sample.squares - sample.total**2 / sample.of) / (sample.of - 1), 0.0)
