"""Which days of a series are not as expected, by STL and robust residuals. Pure: numbers in, numbers out.

STL (Cleveland et al. 1990, "STL: A Seasonal-Trend Decomposition Procedure Based on Loess"), robust, with a season of
a week, as statsmodels has it; a day is marked where its residual is far from what residuals of the series are, by their
median absolute deviation. Where nothing lies below 0 it is done on square roots, in which counts and sums of many
purchases vary alike whatever their size (Bartlett 1936); a share stays as it is. A share or mean of few varies by
chance alone, a day by how many it is of. docs/decisions/2026-11-29-anomalies.md has the figures behind
the constants.

statsmodels is imported when something is judged, not before: it takes seconds and 150 MB. `python -m
metrics.anomalies.judge` answers questions, a line of JSON each, until its input ends: process.py starts it.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

SEASON = 7  # days
SEASONS = 3  # of history at least, and as many days with a value, before a day is judged
SMOOTH_SEASON, SMOOTH_TREND = 35, 29  # weeks, days that a season and the trend are smoothed over: both odd
SENSITIVITIES = {"low": 8.0, "medium": 6.0, "high": 5.0}  # robust deviations from which a day is marked
NORMAL = 1.4826  # a normal distribution's standard deviation is so many median absolute deviations
LEAST_SHARE = 0.005  # of the usual level: finer than that nothing is told apart
COUNT_DEVIATION = 0.5  # of the square root of a count that happens by chance (Poisson's)
MOST_GAPS = 0.25  # of the days without a value; and of those where nothing happened: more tell too little
DIGITS = 12  # of what is told

Values = Sequence[float | None]


class Expected(NamedTuple):
    """What a day should have come to, from where to where it may lie, and whether it is an anomaly."""

    expected: float
    low: float
    high: float
    anomaly: bool


def judged(
    values: Values, sensitivity: str, *, counts: bool = False, of: Values | None = None, share: bool = False
) -> list[Expected | None]:
    """Each day of a series without gaps in its dates; None for a day that is not judged.

    Not judged: a day without a value, those of the first seasons, and all where too little happened. `counts`: how
    often something happened, which varies by chance alone. `of`: of how many each value is the mean, or with `share`
    the share: of few it varies more.
    """
    there = [value for value in values if value is not None]
    if len(there) < SEASONS * SEASON + 1 or len(there) < (1 - MOST_GAPS) * len(values):
        return [None] * len(values)
    if sum(value != 0 for value in there) < (1 - MOST_GAPS) * len(there):
        return [None] * len(values)
    rooted = min(there) >= 0 and not share
    return _of(values, SENSITIVITIES[sensitivity], rooted=rooted, counts=counts, of=of, share=share)


def _of(
    values: Values, most: float, *, rooted: bool, counts: bool, of: Values | None, share: bool
) -> list[Expected | None]:
    import numpy as np
    from statsmodels.tsa.seasonal import STL

    given = np.array([np.nan if value is None else value for value in values], dtype=float)
    known = ~np.isnan(given)
    days = np.arange(len(given))
    full = np.interp(days, days[known], given[known])  # a gap is bridged, and not judged
    scaled = np.sqrt(full) if rooted else full
    fit = STL(scaled, period=SEASON, seasonal=SMOOTH_SEASON, trend=SMOOTH_TREND, robust=True).fit()
    expected = fit.trend + fit.seasonal
    if rooted:
        expected = np.maximum(expected, 0)
    rest = (scaled - expected)[known]
    spread = NORMAL * float(np.median(np.abs(rest - np.median(rest))))
    floor = np.full(len(full), COUNT_DEVIATION if counts and rooted else 0.0)
    if of is not None and (rooted or share):
        floor = _by_chance(full, np.array([one or 0.0 for one in of]), share=share)
    width = most * np.maximum(floor, max(spread, LEAST_SHARE * float(np.median(np.abs(scaled)))))
    found: list[Expected | None] = []
    for day, value in enumerate(values):
        if value is None or known[: day + 1].sum() <= SEASONS * SEASON:
            found.append(None)
            continue
        middle, low, high = expected[day], expected[day] - width[day], expected[day] + width[day]
        outside = not low <= scaled[day] <= high
        if rooted:
            middle, low, high = middle**2, max(low, 0) ** 2, high**2
        found.append(Expected(_told(middle), _told(low), _told(high), bool(outside)))
    return found


def _by_chance(values: Any, of: Any, *, share: bool) -> Any:
    """How far a share of so many varies by chance (binomial), or the square root of a mean of what lies like waits."""
    import numpy as np

    weighed = float(np.average(values, weights=of)) if of.sum() > 0 else 0.0
    many = np.maximum(of, 1.0)
    if share:
        return np.sqrt(max(weighed * (1 - weighed), 0.0) / many)
    return np.sqrt(weighed / many) / 2


def _told(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def answer(line: str) -> str:
    """A question as process.py asks it, answered: both are a line of JSON."""
    asked: dict[str, Any] = json.loads(line)
    return json.dumps(judged(asked.pop("values"), asked.pop("sensitivity"), **asked))


def main() -> None:
    """Answers until there are no more questions."""
    for line in sys.stdin:
        sys.stdout.write(answer(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
