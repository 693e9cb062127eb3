"""Shapley values over the chain: all sets of the keys where they are few, else random orders.

numpy comes in with this file: it is imported when the model is asked for, not when the web server starts.
Not here: the model, and what is made of the values (shapley.py).
"""

from math import factorial
from typing import Final

import numpy as np

from metrics.attribution.models.base import Walked
from metrics.attribution.models.chain import Chain, keys_of

MOST_EXACT: Final = 12  # keys
PERMUTATIONS: Final = 200
SEED: Final = 20161130


def chain_values(walked: Walked) -> tuple[dict[int, float], dict[int, float]]:
    """The value of each key over the chain restricted to a set, and its standard error (none: exact)."""
    keys, chain = keys_of(walked), Chain(walked)
    if len(keys) <= MOST_EXACT:
        return dict(zip(keys, _exact(chain, keys), strict=True)), {}
    means, errors = _sampled(chain, keys)
    return dict(zip(keys, means, strict=True)), dict(zip(keys, errors, strict=True))


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
