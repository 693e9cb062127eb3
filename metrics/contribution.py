"""What each channel contributed to a metric's change, so that the parts add up to it exactly. Pure.

Sums and counts: a channel's part is its own difference. Ratios: with a channel's numerator n and denominator d of
all's N and D, R = N / D, R' the mean of both periods' R, its part is Δ(n / D) - R' Δ(d / D). Where d is not 0 that is
w' Δr + (r' - R') Δw with r = n / d and w = d / D: its own change, weighed by its mean share, and the change of its
share, times how far its value lies from all's. That is rate and mix (E. Kitagawa, Components of a Difference Between
Two Rates, JASA 1955), centred on the mean of all (Z. Griliches and H. Regev, Journal of Econometrics 1995). What grows
everywhere alike moves nothing, and the parts sum to the change. What no channel has alone (a customer seen on two
channels counts once in the total) is a part of its own.

Not here: reading numbers (query.py), saying them (console/metric/change.py).
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
    """Who moved it; None where there is nothing to compare it with."""
    if now.value is None or before.value is None:
        return None
    change = now.value - before.value
    by = {
        slug: _part(now, before, by_now.get(slug), by_before.get(slug))
        for slug in dict.fromkeys([*by_now, *by_before])
    }
    return Contributions(change, by, change - sum(by.values(), NOTHING))


def cause(found: Contributions) -> str | None:
    """The channel that moved it most the way it went; None where it did not move, or none went that way.

    One that went the other way held it up, however far it went: it is never the cause.
    """
    way = 1 if found.change > 0 else -1
    slug = max(found.by, key=lambda one: found.by[one] * way, default=None)
    return slug if slug is not None and found.change and found.by[slug] * way > 0 else None


def _part(now: Made, before: Made, mine: Made | None, old: Made | None) -> Fraction:
    new, was = mine or Made(NOTHING), old or Made(NOTHING)
    if not now.denominator or not before.denominator:
        return new.numerator - was.numerator
    mean = (now.numerator / now.denominator + before.numerator / before.denominator) / 2
    rate = new.numerator / now.denominator - was.numerator / before.denominator
    mix = (new.denominator or NOTHING) / now.denominator - (was.denominator or NOTHING) / before.denominator
    return rate - mean * mix
