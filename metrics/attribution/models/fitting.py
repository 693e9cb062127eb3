"""Shares of single paths that come to totals which a model has only for all of them together.

Each path is shared among its own keys in proportion to a factor of each key; the factors are fitted until all paths
together come to the totals (iterative proportional fitting). What holds then: shares of a path add up to 1, and over
the paths fitted to, they add up to the totals. Where a key is alone on more conversions than the model leaves it, no
such factors exist: it gives up what is too much, in the same proportion on each of its paths, to the keys that have too
little; only then does a key get a share of a path it is not on. Money is fitted by itself, each path weighed by its net
revenue, to the same parts of all revenue: a key's revenue is its part of all conversions times all revenue, as packages
of these models have it, and each order still gives credit to those it met.
Not here: the totals (markov.py, shapley.py).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from metrics.attribution.models.base import SCALE, Fitted, Path, Shares, Told, Walked, weighed

ROUNDS: Final = 1_000
NEAR: Final = 1e-13  # of everything
NOISE: Final = 1e-12


def fitted(
    walked: Walked, totals: Mapping[int, float], told: tuple[Told, ...], quality: Mapping[str, Any]
) -> Fitted:
    """Shares by path that come to `totals`, which come to all conversions of paths; those of money come to the same
    parts of all revenue."""
    sold: dict[tuple[int, ...], float] = {}
    for path, worth in walked.paths.items():
        if worth.revenue > 0:
            sold[path.touches] = sold.get(path.touches, 0.0) + worth.revenue / SCALE
    size = len(walked.keys)
    counts, amounts = _by_keys(walked.converted), _by_keys(sold)
    if not counts or not sum(totals.values()) > 0:
        return Fitted(_alike, told, quality)
    share = _sharing(counts, totals, size)
    if not amounts:
        return Fitted(share, told, quality)
    each = sum(amounts.values()) / sum(totals.values())
    money = _sharing(amounts, {key: each * total for key, total in totals.items()}, size)
    return Fitted(share, told, quality, money)


def _by_keys(paths: Mapping[tuple[int, ...], float]) -> dict[frozenset[int], float]:
    """What paths weigh, by the keys they touch."""
    found: dict[frozenset[int], float] = {}
    for touches, weight in paths.items():
        key = frozenset(touches)
        found[key] = found.get(key, 0.0) + weight
    return found


def _sharing(
    sets: Mapping[frozenset[int], float], totals: Mapping[int, float], size: int
) -> Callable[[Path], Shares]:
    """How paths are shared so that all together, weighed as `sets` has it, come to `totals`."""
    factors = _factors(sets, totals, size)
    found, everything = np.zeros(size), float(sum(sets.values()))
    for keys, weight in sets.items():
        for one, part in _own(keys, factors).items():
            found[one] += weight * part
    wanted = np.array([totals.get(one, 0.0) for one in range(size)])
    keeps = np.ones_like(found)
    np.divide(wanted, found, out=keeps, where=found > wanted)
    lacks = np.maximum(wanted - found, 0.0)
    if lacks.sum() <= NOISE * everything:
        keeps, lacks = np.ones_like(found), np.zeros_like(found)
    shares: dict[frozenset[int], Shares] = {}

    def share(path: Path) -> Shares:
        keys = frozenset(path.touches)
        if keys not in shares:
            shares[keys] = weighed(_mixed(_own(keys, factors), keeps, lacks))
        return shares[keys]

    return share


def _factors(sets: Mapping[frozenset[int], float], totals: Mapping[int, float], size: int) -> Any:
    """A factor for each key."""
    on = np.zeros((len(sets), size))
    for place, keys in enumerate(sets):
        on[place, sorted(keys)] = 1.0
    counts = np.array(list(sets.values()), dtype=float)
    wanted = np.array([max(totals.get(one, 0.0), 0.0) for one in range(size)])
    factors = wanted / wanted.max()
    for _round in range(ROUNDS):
        sums = on @ factors
        each = np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0)
        found = factors * (on.T @ each)
        if np.abs(found - wanted)[found > 0].max(initial=0.0) <= NEAR * counts.sum():
            break
        nearer = factors * np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0)
        if not nearer.max() > 0:  # who should get something is on no path that has any
            break
        factors = nearer / nearer.max()
    return factors


def _own(keys: frozenset[int], factors: Any) -> dict[int, float]:
    """A path's shares among its own keys, by their factors (none: not met so far); alike where all are nothing."""
    weights = {key: float(factors[key]) if key < len(factors) else 0.0 for key in sorted(keys)}
    total = sum(weights.values())
    if not total > 0:
        return dict.fromkeys(weights, 1 / len(weights))
    return {key: weight / total for key, weight in weights.items()}


def _mixed(own: dict[int, float], keeps: Any, lacks: Any) -> dict[int, float]:
    """The same once those with too much have given it to those with too little."""
    found = {key: part * float(keeps[key]) if key < len(keeps) else part for key, part in own.items()}
    given = sum(own.values()) - sum(found.values())
    if given > 0 and lacks.sum() > 0:
        for key in np.flatnonzero(lacks):
            found[int(key)] = found.get(int(key), 0.0) + given * float(lacks[key] / lacks.sum())
    return found


def _alike(path: Path) -> Shares:
    return weighed(dict.fromkeys(sorted(set(path.touches)), 1.0))
