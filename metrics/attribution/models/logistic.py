"""A logistic regression with a ridge penalty, judged on what it has not seen.

numpy comes in with this file: it is imported when a model is asked for, not when the web server starts.
`met`: floats, one row a set of keys, one column a key, 1 where the key was met. `won`, `lost`: how many of each row
converted and did not. Weights: the first is that of no key. Not here: what is made of it (data_driven.py).
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

Array = Any  # numpy's arrays
FOLDS: Final = 5
PENALTIES: Final = (0.1, 1.0, 10.0)
SEED: Final = 20161130
STEPS: Final = 60
NEAR: Final = 1e-9
LEAST: Final = 1e-12  # of a chance, so that its logarithm can be told


def table(sets: Mapping[frozenset[int], list[int]], width: int) -> tuple[Array, Array, Array]:
    """`met`, `won` and `lost` of sets of keys with how many converted and did not."""
    met = np.zeros((len(sets), width))
    for place, keys in enumerate(sets):
        met[place, sorted(keys)] = 1.0
    won, lost = np.array(list(sets.values()), dtype=float).T
    return met, won, lost


def validated(met: Array, won: Array, lost: Array) -> tuple[float, Mapping[str, float]]:
    """The penalty that does best on what was not learnt from, and how well that is."""
    chance = np.random.default_rng(SEED)
    folds = [
        np.array([chance.multinomial(int(n), [1 / FOLDS] * FOLDS) for n in side], dtype=float)
        for side in (won, lost)
    ]
    losses, scores = [], []
    begun = None  # the weights learnt before: near those that come
    for penalty in PENALTIES:
        scored = np.zeros((len(won), FOLDS))
        for fold in range(FOLDS):
            held = [side[:, fold] for side in folds]
            begun = learnt(met, won - held[0], lost - held[1], penalty, begun)
            scored[:, fold] = _chances(met, begun)
        losses.append(_loss(scored, folds))
        scores.append(scored)
    best = int(np.argmin(losses))
    base = np.full_like(scores[best], won.sum() / (won.sum() + lost.sum()))
    return PENALTIES[best], {
        "log_loss": losses[best],
        "base_log_loss": _loss(base, folds),
        "auc": _auc(scores[best].ravel(), folds[0].ravel(), folds[1].ravel()),
    }


def learnt(met: Array, won: Array, lost: Array, penalty: float, begun: Array | None = None) -> Array:
    """Weights by Newton's method: the first is that of no key, which is not penalised."""
    design = np.column_stack([np.ones(len(met)), met])
    ridge = np.diag([0.0, *([penalty] * met.shape[1])])
    weights, every = np.zeros(design.shape[1]) if begun is None else begun, won + lost
    if begun is None:
        rate = np.clip(won.sum() / max(every.sum(), 1.0), 1e-6, 1 - 1e-6)
        weights[0] = np.log(rate / (1 - rate))
    for _step in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (won - every * chances) - ridge @ weights
        curve = (design * (every * chances * (1 - chances))[:, None]).T @ design + ridge
        move = np.linalg.solve(curve + 1e-9 * np.eye(len(curve)), slope)
        weights = weights + np.clip(move, -5, 5)
        if np.abs(move).max() < NEAR:
            break
    return weights


def _chances(met: Array, weights: Array) -> Array:
    found: Array = 1 / (1 + np.exp(-np.clip(weights[0] + met @ weights[1:], -30, 30)))
    return found


def _loss(chances: Array, folds: list[Array]) -> float:
    """The mean loss of a person."""
    sure = np.clip(chances, LEAST, 1 - LEAST)
    total = -(folds[0] * np.log(sure) + folds[1] * np.log(1 - sure)).sum()
    return float(total / (folds[0].sum() + folds[1].sum()))


def _auc(scores: Array, won: Array, lost: Array) -> float:
    """How often one who converted was thought likelier to than one who did not; equal ones count half."""
    order = np.argsort(scores, kind="stable")
    scores, won, lost = scores[order], won[order], lost[order]
    values, starts = np.unique(scores, return_index=True)
    of_won, of_lost = np.add.reduceat(won, starts), np.add.reduceat(lost, starts)
    below = np.cumsum(of_lost) - of_lost
    assert len(values) == len(of_won)  # noqa: S101 (one for each score)
    return float((of_won * (below + of_lost / 2)).sum() / (won.sum() * lost.sum()))
