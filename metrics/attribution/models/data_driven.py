"""Data-driven: which keys go along with a conversion, learnt from paths with and without one, and held against others.

A logistic regression on whether each key was met (Shao and Li, "Data-driven multi-touch attribution models", KDD
2011), with a ridge penalty that is chosen by FOLDS-fold validation: persons of one path are all alike, so each path's
are dealt to the folds, from a fixed seed. A path is shared by how much less likely its conversion were without each of
its keys; keys that make none likelier get nothing. Where that says nothing of a path, its keys share alike.
It says so where data cannot carry it: no path without a conversion, too few of one side for so many keys (ten each, as
Peduzzi and others have it, 1996), or no better on what it has not seen than the mean rate.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Fitted, Model, Path, Settings, Shares, Told, Walked, weighed

Array = Any  # numpy's arrays
FOLDS: Final = 5
PENALTIES: Final = (0.1, 1.0, 10.0)
SEED: Final = 20161130
PER_KEY: Final = 10  # of the rarer outcome
STEPS: Final = 60
NEAR: Final = 1e-9
LEAST: Final = 1e-12  # of a chance, so that its logarithm can be told


def fit(walked: Walked, _settings: Settings) -> Fitted:
    """Learns, judges, shares."""
    sets = _sets(walked)
    if not sets:
        return Fitted(_alike)
    met = np.zeros((len(sets), len(walked.keys)))
    for place, keys in enumerate(sets):
        met[place, sorted(keys)] = 1.0
    won, lost = np.array(list(sets.values()), dtype=float).T
    if not lost.sum() or not won.sum():
        return Fitted(_alike, (Told("nothing_to_learn_from"),), {"method": "alike"})
    penalty, judged = _validated(met, won, lost)
    weights = _learnt(met, won, lost, penalty)
    told = []
    rarer, seen = min(won.sum(), lost.sum()), int((met.sum(axis=0) > 0).sum())
    if rarer < PER_KEY * seen:
        told.append(Told("few_conversions", {"n": int(rarer), "needed": PER_KEY * seen}))
    if not judged["log_loss"] < judged["base_log_loss"]:
        told.append(Told("no_better_than_chance", {}))
    shares: dict[frozenset[int], Shares] = {}

    def share(path: Path) -> Shares:
        keys = frozenset(path.touches)
        if keys not in shares:
            shares[keys] = _shared(keys, weights)
        return shares[keys]

    return Fitted(share, tuple(told), {"method": "ridge logistic regression", "penalty": penalty, **judged})


def _sets(walked: Walked) -> dict[frozenset[int], list[int]]:
    """How many with these keys converted, and how many did not."""
    found: dict[frozenset[int], list[int]] = {}
    for side, paths in enumerate((walked.converted, walked.lost)):
        for touches, n in paths.items():
            found.setdefault(frozenset(touches), [0, 0])[side] += n
    return found


def _validated(met: Array, won: Array, lost: Array) -> tuple[float, Mapping[str, float]]:
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
            begun = _learnt(met, won - held[0], lost - held[1], penalty, begun)
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


def _learnt(met: Array, won: Array, lost: Array, penalty: float, begun: Array | None = None) -> Array:
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


def _shared(keys: frozenset[int], weights: Array) -> Shares:
    own = {key: float(weights[1 + key]) if key < len(weights) - 1 else 0.0 for key in sorted(keys)}
    total = float(weights[0]) + sum(own.values())
    whole = _chance(total)
    return weighed({key: max(0.0, whole - _chance(total - weight)) for key, weight in own.items()})


def _chance(odds: float) -> float:
    """Of the logarithm of odds."""
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def _alike(path: Path) -> Shares:
    return weighed(dict.fromkeys(sorted(set(path.touches)), 1.0))


DATA_DRIVEN = Model(
    "data_driven",
    _("Data-driven"),
    _("By how much likelier each channel makes a conversion, learnt from paths with and without one."),
    fit,
    whole=True,
)
