"""What meeting something goes along with, among persons alike: cells of coarsened covariates, or nearest neighbours.

The effect is that on those who met it: their mean, less the mean of the others alike. Groups named in `strata` are the
same exactly. `cells`: covariates are cut at the quintiles of those who met it (S. M. Iacus, G. King, G. Porro,
Political Analysis 20, 2012, coarsened exact matching; five cells take nine tenths of a difference away: W. G. Cochran,
Biometrics 24, 1968); the others of a cell weigh as many as met it there. `nearest`: each who met it has so many of the
others, the nearest in standardised covariates, at most CALIPER away, each other as often as he is needed. What is left
of a covariate's difference inside of that is taken out by the others' regression on it (A. Abadie, G. W. Imbens,
Journal of Business & Economic Statistics 29, 2011).

Rows of one person (met it twice, or met it and not) hang together in the interval. Balance is shown before and after:
groups that still differ are refused. It is as good as what is known of the persons: what nobody wrote down may be the
cause yet.

numpy comes in when something is asked. Not here: how it is counted (cells.py, nearest.py), who met what.
"""

from typing import Any, Final, NamedTuple

from metrics.effects.base import LEAST_MATCHED, LEAST_PERSONS, MOST_APART, Balance, People, Refusal
from metrics.effects.intervals import Difference, Sample, means

__all__ = ["CELLS", "NEAREST", "Matched", "People", "matched"]

CELLS: Final = "cells"
NEAREST: Final = "nearest"


class Matched(NamedTuple):
    """The means compared, their difference and whom it is of. `plain`: the difference of all, matched with nobody."""

    exposed: int  # rows that met it and have somebody alike
    left_out: int  # rows that met it and have nobody
    others: int  # rows they are compared with
    with_: float
    without: float
    difference: Difference
    plain: Difference
    balance: list[Balance]


def matched(people: People, how: str = CELLS, *, neighbours: int = 1) -> Matched | Refusal:
    """The effect on those who met it, or why none can be told."""
    import numpy as np

    from metrics.effects import cells, nearest, weighing

    exposed = np.asarray(people.exposed, dtype=bool)
    for code, count in (("exposed", int(exposed.sum())), ("others", int((~exposed).sum()))):
        if count < LEAST_PERSONS:
            return Refusal(code, {"count": count, "least": LEAST_PERSONS})
    rows = weighing.rows(people)
    found = cells.match(rows) if how == CELLS else nearest.match(rows, neighbours)
    kept = int(found.exposed.sum())
    if kept < max(LEAST_MATCHED * exposed.sum(), 1):
        return Refusal("alike", {"share": round(100 * kept / int(exposed.sum()))})
    used = int((found.weight[~exposed] > 0).sum())
    for code, count in (("exposed", kept), ("others", used)):
        if count < LEAST_PERSONS:
            return Refusal(code, {"count": count, "least": LEAST_PERSONS})
    balance = weighing.balance(rows, found, list(people.covariates))
    apart = [one.name for one in balance if abs(one.after) > MOST_APART]
    if apart:
        return Refusal("unbalanced", {"names": ", ".join(apart)})
    with_ = float(rows.outcome[found.exposed].mean())
    plain = means(_sample(rows.outcome[exposed]), _sample(rows.outcome[~exposed]))
    assert plain is not None  # noqa: S101 (there are LEAST_PERSONS of each)
    return Matched(
        kept,
        int(exposed.sum()) - kept,
        used,
        with_,
        with_ - found.difference.value,
        found.difference,
        plain,
        balance,
    )


def _sample(values: Any) -> Sample:
    return Sample(len(values), float(values.sum()), float((values**2).sum()))
