"""Matching by cells: exact strata, and covariates cut at quintiles. numpy.

A cell counts where somebody met it and at least two did not: of one alone nobody knows how far he varies.
Not here: what both ways share (weighing.py), what is asked and refused (matching.py).
"""

from typing import Final

import numpy as np

from metrics.effects.intervals import Difference
from metrics.effects.weighing import (
    Floats,
    Found,
    Places,
    Rows,
    Slopes,
    by_cluster,
    coded,
    difference,
    slopes,
)

CUTS: Final = (0.2, 0.4, 0.6, 0.8)
LEAST_OTHERS: Final = 2  # in a cell


def match(rows: Rows) -> Found:
    """Those who met it against the others of their cells, who weigh as many as met it there."""
    cell = rows.stratum
    for column in rows.covariates.T:
        edges = np.unique(np.quantile(column[rows.exposed], CUTS))
        cell = coded(cell, np.searchsorted(edges, column, side="left"))
    met = np.bincount(cell[rows.exposed], minlength=int(cell.max()) + 1).astype(float)
    not_met = np.bincount(cell[~rows.exposed], minlength=len(met)).astype(float)
    both = (met > 0) & (not_met >= LEAST_OTHERS)
    used = both[cell]
    weight = np.where(used & ~rows.exposed, met[cell] / np.maximum(not_met[cell], 1), 0.0)
    if not used.any():
        return Found(used, weight, difference(0.0, 0.0))
    met, not_met = np.where(both, met, 0.0), np.where(both, not_met, 0.0)
    fit = _fit(rows, cell, not_met, weight)
    exposed = used & rows.exposed
    gap = rows.covariates[exposed].mean(axis=0) - np.average(rows.covariates, axis=0, weights=weight)
    adjusted = rows._replace(outcome=rows.outcome - rows.covariates @ fit.steep)
    return Found(exposed, weight, _effect(adjusted, cell, met, not_met, -(fit.adds @ gap)))


def _means(cell: Places, values: Floats, those: Floats, count: Floats) -> Floats:
    """A cell's mean of some rows, at each of its rows."""
    sums = np.bincount(cell, weights=values * those, minlength=len(count))
    return np.asarray((sums / np.maximum(count, 1))[cell])


def _fit(rows: Rows, cell: Places, not_met: Floats, weight: Floats) -> Slopes:
    """What the covariates alone do to the others, inside of their cells; nothing is added by those who met it."""
    others = (~rows.exposed).astype(float)
    apart = [column - _means(cell, column, others, not_met) for column in rows.covariates.T]
    columns = np.column_stack(apart) if apart else rows.covariates
    return slopes(columns, rows.outcome - _means(cell, rows.outcome, others, not_met), weight)


def _effect(rows: Rows, cell: Places, met: Floats, not_met: Floats, by_fit: Floats) -> Difference:
    """The mean over those who met it of their outcome less their cell's mean of the others; its error by person.

    `by_fit`: what each of the others adds by way of the covariates' slopes. That a mean of few others varies stands in
    their own terms and once more, of each who met it, in his: a little too much, where cells are small.
    """
    outcome = rows.outcome
    others = (~rows.exposed).astype(float)
    compared = _means(cell, outcome, others, not_met)
    here, total = (met[cell] > 0) & rows.exposed, met.sum()
    value = float((outcome - compared)[here].sum() / total)
    few = np.sqrt(not_met / np.maximum(not_met - 1, 1))[cell]  # n - 1 of n deviations are free
    adds = np.zeros(len(outcome))
    adds[here] = ((outcome - compared)[here] - value) / total
    its = (met[cell] > 0) & ~rows.exposed
    adds[its] = (-(outcome - compared) * few * met[cell] / np.maximum(not_met[cell], 1) / total + by_fit)[its]
    return difference(value, by_cluster(adds[here | its], rows.person[here | its]))
