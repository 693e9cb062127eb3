"""What both ways of matching share: rows as arrays, covariates' remainder, errors by person, balance. numpy.

Imported when something is matched. Not here: who is matched with whom (cells.py, nearest.py).
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics.effects.base import Balance, People
from metrics.effects.intervals import Difference, Z

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Rows(NamedTuple):
    """People as arrays. `stratum` and `person` are numbers from 0 on; `covariates` are columns, as they were given."""

    person: Places
    exposed: NDArray[np.bool_]
    outcome: Floats
    stratum: Places
    covariates: Floats


class Found(NamedTuple):
    """Who was matched: of those who met it, which; what the others weigh; what differs."""

    exposed: NDArray[np.bool_]
    weight: Floats  # of the others; 0: not compared, and of those who met it
    difference: Difference


def rows(people: People) -> Rows:
    """People as they are asked about, as arrays. Raises ValueError where columns are not equally long."""
    size = len(people.person)
    columns = [np.asarray(column, dtype=float) for column in people.covariates.values()]
    stratum = np.zeros(size, dtype=np.intp)
    for named in people.strata.values():
        stratum = coded(stratum, np.unique(np.asarray(named), return_inverse=True)[1])
    return Rows(
        np.unique(np.asarray(people.person), return_inverse=True)[1],
        np.asarray(people.exposed, dtype=bool),
        np.asarray(people.outcome, dtype=float),
        stratum,
        np.column_stack(columns) if columns else np.zeros((size, 0)),
    )


def coded(strata: Places, parts: Places) -> Places:
    """Strata parted further, numbered anew from 0 on."""
    both = strata * (int(parts.max(initial=0)) + 1) + parts
    return np.asarray(np.unique(both, return_inverse=True)[1], dtype=np.intp)


class Slopes(NamedTuple):
    """A regression of the others' outcome on their covariates: slopes, and what each row adds to their error."""

    steep: Floats
    adds: Floats  # (rows, covariates)


def slopes(columns: Floats, outcome: Floats, weight: Floats) -> Slopes:
    """Least squares of how each differs from those he is compared beside: both are deviations already.

    A covariate that does not vary gets 0.
    """
    root = np.sqrt(weight)[:, None]
    bread = np.linalg.pinv((columns * root).T @ (columns * root))
    scores = columns * (weight * outcome)[:, None]
    steep = bread @ scores.sum(axis=0)
    rest = outcome - columns @ steep
    return Slopes(steep, (columns * (weight * rest)[:, None]) @ bread)


def by_cluster(adds: Floats, cluster: Places) -> float:
    """The variance of a sum: squares of what each cluster adds, times G/(G-1)."""
    sums = np.bincount(cluster, weights=adds)
    there = len(np.unique(cluster))
    return float((sums**2).sum()) * there / max(there - 1, 1)


def difference(value: float, variance: float) -> Difference:
    """With its 95 % interval."""
    width = Z * sqrt(max(variance, 0.0))
    return Difference(value, value - width, value + width)


def balance(all_: Rows, found: Found, names: list[str]) -> list[Balance]:
    """Standardised differences of the covariates' means; both by the deviations of the groups as they were."""
    told = []
    for name, column in zip(names, all_.covariates.T, strict=True):
        mine, its = column[all_.exposed], column[~all_.exposed]
        scale = sqrt((mine.var(ddof=1) + its.var(ddof=1)) / 2) or 1.0
        before = float(mine.mean() - its.mean()) / scale
        after = float(column[found.exposed].mean() - np.average(column, weights=found.weight)) / scale
        told.append(Balance(name, before, after))
    return told
