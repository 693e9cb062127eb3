"""Block bootstrap of daily series: days are drawn in blocks, so that what hangs together stays together. numpy.

An estimate is given as the sum of what each day adds to it (its influence). Its long-run variance is Bartlett's with a
bandwidth of whole weeks (W. K. Newey, K. D. West, Econometrica 55, 1987): what repeats week by week is no part of it.
Intervals are of the naive block bootstrap's t (S. Goncalves, T. J. Vogelsang, "Block bootstrap HAC robust tests: the
sophistication of the naive bootstrap", Econometric Theory 27, 2011, 745-791): in each draw the estimate and its
standard error are made anew, so a series that is short against its blocks gets the wider interval it deserves. Blocks
are circular (D. N. Politis, J. P. Romano 1992): the first days weigh as much as the others. The seed is fixed: the same
question gives the same answer.

numpy is imported with this file: whoever asks imports it when something is asked (changes.py does), not before.
Not here: what an estimate is (changes.py).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics.effects.intervals import Difference

BLOCK: Final = 3  # days; longer ones leave too few different draws of a month
BANDWIDTH: Final = 14  # days: whole weeks
TIMES: Final = 999  # draws
SEED: Final = 20_261_130
CONFIDENCE: Final = 0.95
MOST_LOST: Final = 0.05  # of the draws may have nothing to divide by
STEP: Final = 1e-30j  # of the sums, in the direction of i: what comes of it is the derivative itself
NO_SPREAD: Final = 1e-12  # of an estimate: smaller than that is rounding, not chance

Floats = NDArray[np.float64]


class Estimated(NamedTuple):
    """Estimates by draw, and what each day adds to each: shapes (draws,) and (draws, days)."""

    value: Floats
    influence: Floats


# From days drawn, (draws, days) of places, to what is estimated of them.
Estimator = Callable[[NDArray[np.intp]], Estimated]


@lru_cache(maxsize=8)
def drawn(days: int, times: int = TIMES, block: int = BLOCK, seed: int = SEED) -> NDArray[np.intp]:
    """So many draws of as many days, in circular blocks that follow on each other: places, (times, days), shared."""
    chance = np.random.default_rng(seed)
    starts = chance.integers(0, days, (times, -(-days // block)))
    places = (starts[:, :, None] + np.arange(block)) % days
    return places.reshape(times, -1)[:, :days].astype(np.intp)


def errors(influence: Floats, bandwidth: int = BANDWIDTH) -> Floats:
    """Standard errors of sums over days, by Bartlett's long-run variance: (draws,)."""
    padded = np.pad(influence, ((0, 0), (bandwidth, bandwidth - 1)))
    sums = np.cumsum(padded, axis=1)
    windows = sums[:, bandwidth:] - sums[:, :-bandwidth]
    return np.asarray(np.sqrt((windows**2).sum(axis=1) / bandwidth))


def of_sums(function: Callable[[Any], Any], series: Floats) -> Estimator:
    """What estimates a function of sums of series (series, days): each day adds its deviation times the gradient."""

    def estimated(places: NDArray[np.intp]) -> Estimated:
        values = series[:, places]
        sums = values.sum(axis=2)
        influence = np.zeros(places.shape)
        for number, own in enumerate(values):
            stepped = sums.astype(complex)
            stepped[number] += STEP
            slope = function(stepped).imag / STEP.imag
            influence += slope[:, None] * (own - own.mean(axis=1, keepdims=True))
        return Estimated(np.asarray(function(sums)), influence)

    return estimated


def interval(estimator: Estimator, days: int, seed: int = SEED, block: int = BLOCK) -> Difference | str:
    """An estimate with its symmetric 95 % interval; or why there is none: a code of base.SENTENCES."""
    with np.errstate(divide="ignore", invalid="ignore"):
        own = estimator(np.arange(days, dtype=np.intp)[None, :])
        value, error = float(own.value[0]), float(errors(own.influence)[0])
        if not np.isfinite(value):
            return "nothing"
        if error <= NO_SPREAD * max(abs(value), 1.0) or not np.isfinite(error):
            return "same"
        again = estimator(drawn(days, block=block, seed=seed))
        spread = np.abs(again.value - value) / errors(again.influence)
    there = spread[np.isfinite(spread)]
    if len(there) < (1 - MOST_LOST) * TIMES:
        return "thin"
    width = float(np.quantile(there, CONFIDENCE)) * error
    return Difference(value, value - width, value + width)


def slope(values: Floats, seed: int = SEED, block: int = BLOCK) -> Difference | str:
    """The slope a day of a series by least squares, with the interval of residuals drawn in blocks."""
    days = len(values)
    centred = np.arange(days) - (days - 1) / 2
    squares = float((centred**2).sum())

    def fitted(series: Floats) -> Estimated:
        steep = series @ centred / squares
        rest = series - series.mean(axis=1, keepdims=True) - steep[:, None] * centred
        return Estimated(steep, rest * centred / squares)

    own = fitted(values[None, :])
    value, error = float(own.value[0]), float(errors(own.influence)[0])
    if error <= NO_SPREAD:
        return "same"
    rest = values - values.mean() - value * centred
    again = fitted(rest[drawn(days, block=block, seed=seed)])
    spread = np.abs(again.value) / errors(again.influence)
    width = float(np.quantile(spread[np.isfinite(spread)], CONFIDENCE)) * error
    return Difference(value, value - width, value + width)
