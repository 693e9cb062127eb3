"""Matching by nearest neighbours on standardised covariates, inside of exact strata. numpy, and scipy's tree.

With replacement: who is near to many is compared with many, and his deviation stands in each of their differences; so
the error is by both persons of a pair (A. C. Cameron, J. B. Gelbach, D. L. Miller, Journal of Business & Economic
Statistics 29, 2011). scipy is imported when somebody is matched so. Not here: what both ways share (weighing.py).
"""

from typing import Final

import numpy as np

from metrics.effects.weighing import Floats, Found, Places, Rows, by_cluster, difference, slopes

CALIPER: Final = 0.25  # standard deviations a covariate, as if all differed by as much


def match(rows: Rows, neighbours: int) -> Found:
    """Each who met it against so many of the others, the nearest of his stratum; who has fewer is left out."""
    mine, its = _pairs(rows, neighbours)
    weight = np.bincount(its, minlength=len(rows.person)) / neighbours
    exposed = np.zeros(len(rows.person), dtype=bool)
    exposed[mine] = True
    if not len(mine):
        return Found(exposed, weight, difference(0.0, 0.0))
    apart = rows.outcome[mine] - rows.outcome[its] - _expected(rows, mine, its, weight)
    value = float(apart.mean())
    adds = (apart - value) / len(apart)
    own, other = rows.person[mine], rows.person[its]
    both = np.unique(np.column_stack([own, other]), axis=0, return_inverse=True)[1].ravel()
    variance = by_cluster(adds, own) + by_cluster(adds, other) - by_cluster(adds, both)
    return Found(exposed, weight, difference(value, variance))


def _pairs(rows: Rows, neighbours: int) -> tuple[Places, Places]:
    """Places of who met it, and of those he is compared with: pairs, `neighbours` of each."""
    from scipy.spatial import cKDTree

    scale = rows.covariates.std(axis=0)
    placed = rows.covariates / np.where(scale > 0, scale, 1.0)
    farthest = CALIPER * np.sqrt(max(placed.shape[1], 1))
    mine: list[Places] = []
    its: list[Places] = []
    order = np.argsort(rows.stratum, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(rows.stratum[order])) + 1):
        here, there = places[rows.exposed[places]], places[~rows.exposed[places]]
        if not len(here) or len(there) < neighbours:
            continue
        tree = cKDTree(placed[there])
        far, near = tree.query(placed[here], k=[*range(1, neighbours + 1)], distance_upper_bound=farthest)
        full = np.isfinite(far).all(axis=1)
        mine.append(np.repeat(here[full], neighbours))
        its.append(there[near[full].ravel()])
    nobody = np.zeros(0, dtype=np.intp)
    return np.concatenate([nobody, *mine]), np.concatenate([nobody, *its])


def _expected(rows: Rows, mine: Places, its: Places, weight: Floats) -> Floats:
    """What the covariates that still differ let expect, by those of the others who are compared."""
    compared = weight > 0
    columns, outcome, own = rows.covariates[compared], rows.outcome[compared], weight[compared]
    middle = np.average(columns, axis=0, weights=own) if columns.size else columns[:0].sum(axis=0)
    fit = slopes(columns - middle, outcome - np.average(outcome, weights=own), own)
    return np.asarray((rows.covariates[mine] - rows.covariates[its]) @ fit.steep)
