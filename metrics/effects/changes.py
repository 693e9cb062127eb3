"""Before and after, and difference in differences, of values that are a sum of days over a sum of days.

A value (revenue a day, cost of an acquired customer, share satisfied) is `sum(top) / sum(bottom)` over the days of a
side; for a plain sum `bottom` is 1 a day. Before and after are equally long, and their days are paired by place: day 3
before with day 3 after. What every period does from its first day to its last, and what a week does, falls out so.
Groups that are compared share the days that are drawn, so what hits both on one day falls out too.

Difference in differences: how the joined changed, less how the others did. `absolute`: the differences of the values.
`relative`: of the ratios after / before, (joined's / others') - 1, its interval made of logarithms; that is the one for
groups of different size, whose values would not move by the same amount but by the same share. It rests on what the
groups had in common going on: `drift` judges whether they went alike in the days before. Days are what chance draws:
the interval says nothing of what hits one group alone and stays (a new shop, a closed one).

numpy comes in when something is asked (blocks.py). Not here: where days come from; persons (matching.py).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from metrics.effects.base import LEAST_DAYS, Refusal
from metrics.effects.intervals import Difference

if TYPE_CHECKING:
    from metrics.effects.blocks import Floats


class Daily(NamedTuple):
    """Numerators and denominators of a group, day by day; a day on which nothing happened is 0, not left out."""

    top: Sequence[float]
    bottom: Sequence[float]

    @property
    def value(self) -> float | None:
        """What the days come to; None over 0."""
        below = sum(self.bottom)
        return sum(self.top) / below if below else None


class Sides(NamedTuple):
    """A group before and after."""

    before: Daily
    after: Daily


class Change(NamedTuple):
    """A group's value before and after. `relative` is after / before - 1; None where one of them is not above 0."""

    before: float
    after: float
    absolute: Difference
    relative: Difference | None


class Compared(NamedTuple):
    """How one group changed, how the other did, and the difference in differences."""

    joined: Change
    others: Change
    absolute: Difference
    relative: Difference | None


class Drift(NamedTuple):
    """By what share two groups moved apart from the first of the days before to the last."""

    drift: Difference
    days: int

    @property
    def parallel(self) -> bool:
        """Whether that may be chance."""
        return self.drift.low <= 0 <= self.drift.high


def pooled(units: Iterable[Daily]) -> Daily:
    """Units (channels, stores) taken together, day by day."""
    listed = list(units)
    top, bottom = ([float(sum(day)) for day in zip(*side, strict=True)] for side in zip(*listed, strict=True))
    return Daily(top, bottom)


def before_after(sides: Sides) -> Change | Refusal:
    """How a group changed."""
    refused = _refused([*sides])
    return refused or _change(sides)


def difference_in_differences(joined: Sides, others: Sides) -> Compared | Refusal:
    """How much more one group changed than the other."""
    refused = _refused([*joined, *others])
    if refused:
        return refused
    mine, its = _change(joined), _change(others)
    if isinstance(mine, Refusal):
        return mine
    if isinstance(its, Refusal):
        return its
    signed = _signed(joined, others)
    absolute = _interval(signed, logs=False)
    return absolute if isinstance(absolute, Refusal) else Compared(mine, its, absolute, _relative(signed))


def relative_effect(joined: Sides, others: Sides) -> Difference | None:
    """The relative difference in differences alone; None where it cannot be told."""
    if _refused([*joined, *others]):
        return None
    return _relative(_signed(joined, others))


def drift(joined: Daily, others: Daily) -> Drift | Refusal:
    """Whether two groups went alike in the days before: the slope of how far they lie apart, over all the days.

    Least squares of each day's deviation of the one from its mean less the other's, in shares of the mean; the interval
    by blocks of the residuals.
    """
    from metrics.effects import blocks

    refused = _refused([joined, others])
    if refused:
        return refused
    if not ((joined.value or 0) > 0 and (others.value or 0) > 0):
        return Refusal("nothing")
    apart = _deviations(joined) - _deviations(others)
    days = len(apart)
    found = blocks.slope(apart)
    return (
        Refusal(found) if isinstance(found, str) else Drift(Difference(*(one * days for one in found)), days)
    )


def _refused(groups: Sequence[Daily]) -> Refusal | None:
    lengths = {len(side) for group in groups for side in group}
    if len(lengths) != 1:
        return Refusal("lengths")
    (days,) = lengths
    if days < LEAST_DAYS:
        return Refusal("days", {"count": days, "least": LEAST_DAYS})
    if not all(sum(group.bottom) for group in groups):
        return Refusal("nothing")
    return None


def _signed(joined: Sides, others: Sides) -> list[tuple[Daily, int]]:
    return [(joined.after, 1), (joined.before, -1), (others.after, -1), (others.before, 1)]


def _change(sides: Sides) -> Change | Refusal:
    signed = [(sides.after, 1), (sides.before, -1)]
    absolute = _interval(signed, logs=False)
    if isinstance(absolute, Refusal):
        return absolute
    return Change(sides.before.value or 0.0, sides.after.value or 0.0, absolute, _relative(signed))


def _relative(signed: Sequence[tuple[Daily, int]]) -> Difference | None:
    """Of logarithms back to shares; None where a value is not above 0 or its logarithm has no interval."""
    from math import expm1

    if not all((one.value or 0) > 0 for one, _ in signed):
        return None
    found = _interval(signed, logs=True)
    return None if isinstance(found, Refusal) else Difference(*(expm1(one) for one in found))


def of_sums(function: Callable[[Any], Any], series: Sequence[Sequence[float]]) -> Difference | Refusal:
    """A function of the sums of daily series, equally long, with its interval: money won, say.

    `function` takes the sums, an array with a place for each series in front, and reckons with what numpy knows of
    complex numbers too: how much a day adds is found by a step in their direction, which has no rounding.
    """
    import numpy as np

    from metrics.effects import blocks

    days = {len(one) for one in series}
    if len(days) != 1:
        return Refusal("lengths")
    if max(days) < LEAST_DAYS:
        return Refusal("days", {"count": max(days), "least": LEAST_DAYS})
    given = np.array([[float(day) for day in one] for one in series])
    found = blocks.interval(blocks.of_sums(function, given), max(days))
    return Refusal(found) if isinstance(found, str) else found


def _interval(signed: Sequence[tuple[Daily, int]], *, logs: bool) -> Difference | Refusal:
    """The signed sum of values, or of their logarithms, with its interval."""
    import numpy as np

    def told(sums: Any) -> Any:
        ratios = sums[0::2] / sums[1::2]
        signs = np.array([sign for _, sign in signed])[:, None]
        return (signs * (np.log(ratios) if logs else ratios)).sum(axis=0)

    return of_sums(told, [side for one, _ in signed for side in one])


def _deviations(days: Daily) -> "Floats":
    """How far each day lies from what its denominator lets expect, in shares of a mean day's numerator."""
    import numpy as np

    top, bottom = np.asarray(days.top, dtype=float), np.asarray(days.bottom, dtype=float)
    return np.asarray((top - (top.sum() / bottom.sum()) * bottom) / top.mean())
