"""Shapley: what a key adds to a set of others, on the mean over all orders in which they may join.

`worth=conversions`: a set is worth the conversions of paths all of whose keys are in it. The value then has a closed
form (Zhao, Mahboobi and Bagheri, "Shapley Value Methods for Attribution Modeling in Online Advertising", 2018,
arXiv:1804.05327): each converting path is shared alike among its distinct keys. Exact however many keys there are.
`worth=chain`: a set is worth the chance of a conversion in the chain (of order 1) in which only its keys are on. Exact
by all 2^n sets for up to MOST_EXACT keys. Above, the mean over PERMUTATIONS random orders, each taken forwards and
backwards (antithetic, from a fixed seed), with its standard error.
"""

from math import factorial
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Fitted, Model, Path, Settings, Shares, Told, Walked, counted
from metrics.attribution.models.chain import Chain, keys_of
from metrics.attribution.models.fitting import fitted

MOST_EXACT: Final = 12  # keys
PERMUTATIONS: Final = 200
SEED: Final = 20161130
SAMPLING: Final = "antithetic permutation sampling"


def share(path: Path) -> Shares:
    """Each distinct key alike."""
    keys = dict.fromkeys(path.touches, 1)
    return counted(keys, len(keys))


def chain_values(walked: Walked) -> tuple[dict[int, float], dict[int, float]]:
    """The value of each key over the chain restricted to a set, and its standard error (none: exact)."""
    keys, chain = keys_of(walked), Chain(walked)
    if len(keys) <= MOST_EXACT:
        return dict(zip(keys, _exact(chain, keys), strict=True)), {}
    means, errors = _sampled(chain, keys)
    return dict(zip(keys, means, strict=True)), dict(zip(keys, errors, strict=True))


def fit(walked: Walked, settings: Settings) -> Fitted:
    """By the worth asked for."""
    quality: dict[str, Any] = {"worth": settings.worth, "method": "exact"}
    if settings.worth == "conversions" or not walked.converted:
        return Fitted(share, (), quality)
    values, errors = chain_values(walked)
    total, every = sum(values.values()), sum(walked.converted.values())
    told = [] if walked.lost else [Told("no_lost_paths")]
    if errors and total > 0:
        spread = {walked.keys[key]: every * error / total for key, error in errors.items()}
        told.append(Told("sampled", {"permutations": 2 * PERMUTATIONS, "keys": len(values)}))
        quality |= {"method": SAMPLING, "permutations": 2 * PERMUTATIONS, "standard_errors": spread}
    totals = {key: every * max(value, 0.0) / total for key, value in values.items()} if total > 0 else {}
    return fitted(walked, totals, tuple(told), quality)


def _exact(chain: Chain, keys: list[int]) -> list[float]:
    """By all sets of the keys; bit k of a set's number is key k."""
    size = len(keys)
    numbers = np.arange(1 << size)
    on = (numbers[:, None] >> np.arange(size)[None, :]) & 1 == 1
    worth, members = chain.of_sets(keys, on), on.sum(axis=1)
    weights = np.array(
        [
            factorial(n) * factorial(size - n - 1) / factorial(size) if n < size else 0.0
            for n in range(size + 1)
        ]
    )
    found = []
    for place in range(size):
        without = numbers[~on[:, place]]
        adds = worth[without | (1 << place)] - worth[without]
        found.append(float((weights[members[without]] * adds).sum()))
    return found


def _sampled(chain: Chain, keys: list[int]) -> tuple[list[float], list[float]]:
    """The mean of what each key adds, and the standard error of that mean."""
    size, chance = len(keys), np.random.default_rng(SEED)
    found = np.zeros((PERMUTATIONS, size))
    for turn in range(PERMUTATIONS):
        order = chance.permutation(size)
        for way in (order, order[::-1]):
            on = np.zeros((size + 1, size), dtype=bool)
            for place, key in enumerate(way):
                on[place + 1 :, key] = True
            found[turn, way] += np.diff(chain.of_sets(keys, on)) / 2
    errors = found.std(axis=0, ddof=1) / np.sqrt(PERMUTATIONS)
    return found.mean(axis=0).tolist(), errors.tolist()


SHAPLEY = Model(
    "shapley",
    _("Shapley"),
    _("What a channel adds to the others, on the mean over all orders of joining them."),
    fit,
    whole=True,
)
