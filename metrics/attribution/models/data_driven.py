"""Data-driven: which keys go along with a conversion, learnt from paths with and without one, and held against others.

A logistic regression on whether each key was met (Shao and Li, "Data-driven multi-touch attribution models", KDD
2011), with a ridge penalty that is chosen by validation (logistic.py): persons of one path are all alike, so each
path's are dealt to the folds, from a fixed seed. A path is shared by how much less likely its conversion were without
each of its keys; keys that make none likelier get nothing. Where that says nothing of a path, its keys share alike.
It says so where data cannot carry it: no path without a conversion, too few of one side for so many keys (ten each, as
Peduzzi and others have it, 1996), or no better on what it has not seen than the mean rate.
"""

from math import exp
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Fitted, Model, Path, Settings, Shares, Told, Walked, weighed

Array = Any  # numpy's arrays
PER_KEY: Final = 10  # of the rarer outcome


def fit(walked: Walked, _settings: Settings) -> Fitted:
    """Learns, judges, shares."""
    sets = _sets(walked)
    if not sets:
        return Fitted(_alike)
    from metrics.attribution.models import logistic

    met, won, lost = logistic.table(sets, len(walked.keys))
    if not lost.sum() or not won.sum():
        return Fitted(_alike, (Told("nothing_to_learn_from"),), {"method": "alike"})
    penalty, judged = logistic.validated(met, won, lost)
    weights = logistic.learnt(met, won, lost, penalty)
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


def _shared(keys: frozenset[int], weights: Array) -> Shares:
    own = {key: float(weights[1 + key]) if key < len(weights) - 1 else 0.0 for key in sorted(keys)}
    total = float(weights[0]) + sum(own.values())
    whole = _chance(total)
    return weighed({key: max(0.0, whole - _chance(total - weight)) for key, weight in own.items()})


def _chance(odds: float) -> float:
    """Of the logarithm of odds."""
    return 1 / (1 + exp(-min(max(odds, -30.0), 30.0)))


def _alike(path: Path) -> Shares:
    return weighed(dict.fromkeys(sorted(set(path.touches)), 1.0))


DATA_DRIVEN = Model(
    "data_driven",
    _("Data-driven"),
    _("By how much likelier each channel makes a conversion, learnt from paths with and without one."),
    fit,
    whole=True,
)
