"""The chain that people's paths make: from the start, touch by touch, to a conversion or to nothing.

A state is the last touches of a path, as many as the chain's order; the first states of a path have fewer. The chance
of going from one to the next is how often that was done. To take a key out is to let every step onto it end in nothing.
Chances are solved for as a linear system. Not here: what is made of them (markov.py, shapley.py).
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np

from metrics.attribution.models.base import Walked

Array = Any  # numpy's arrays
MOST_DENSE: Final = 800  # states; beyond, the system is solved as the sparse one it is
AT_ONCE: Final = 512  # small systems solved together


class Chain:
    """The chain of order `order` of some paths."""

    def __init__(self, walked: Walked, order: int = 1) -> None:
        told = [(touches, n, True) for touches, n in walked.converted.items()]
        told += [(touches, n, False) for touches, n in walked.lost.items()]
        sizes = np.array([len(touches) for touches, *_rest in told], dtype=np.int64)
        flat = np.fromiter(chain.from_iterable(touches for touches, *_rest in told), np.int64, sizes.sum())
        counts = np.array([n for _touches, n, _won in told], dtype=float)
        won = np.array([won for *_rest, won in told], dtype=bool)
        lasts = np.cumsum(sizes) - 1
        firsts = lasts - sizes + 1
        state, self.newest = _states(flat, np.arange(len(flat)) - np.repeat(firsts, sizes), order)
        self.states, weight = len(self.newest), np.repeat(counts, sizes)
        leaves = np.bincount(state, weight, self.states)
        inner = np.ones(len(flat), dtype=bool)
        inner[lasts] = False
        source = np.flatnonzero(inner)
        steps, which = np.unique(state[source] * self.states + state[source + 1], return_inverse=True)
        self.source, self.onto = np.divmod(steps, max(self.states, 1))
        self.chance = np.bincount(which, weight[source], len(steps)) / leaves[self.source]
        self.begins = np.bincount(state[firsts], counts, self.states) / max(counts.sum(), 1)
        self.wins = np.bincount(state[lasts[won]], counts[won], self.states) / leaves

    def converts(self, without: int = -1) -> float:
        """The chance of a conversion, with a key taken out."""
        stays = self.newest != without
        kept = stays[self.source] & stays[self.onto]
        chances = self._solved(self.source[kept], self.onto[kept], self.chance[kept], self.wins * stays)
        return float((self.begins * stays) @ chances)

    def _solved(self, source: Array, onto: Array, chance: Array, wins: Array) -> Array:
        """The chance of a conversion from each state: (1 - Q) x = wins."""
        if self.states <= MOST_DENSE:
            system = np.eye(self.states)
            np.subtract.at(system, (source, onto), chance)
            return np.linalg.solve(system, wins)
        from scipy.sparse import csc_array, eye_array
        from scipy.sparse.linalg import spsolve

        moved = csc_array((chance, (source, onto)), shape=(self.states, self.states))
        return spsolve((eye_array(self.states, format="csc") - moved).tocsc(), wins)

    def of_sets(self, keys: Sequence[int], sets: Array) -> Array:
        """The chance with each of some sets of keys alone; `sets`: a row of booleans each, as `keys`. Of order 1."""
        size = len(keys)
        places = {key: place for place, key in enumerate(keys)}
        state = np.array([places[int(key)] for key in self.newest], dtype=np.int64)
        moved, begins, wins = np.zeros((size, size)), np.zeros(size), np.zeros(size)
        np.add.at(moved, (state[self.source], state[self.onto]), self.chance)
        np.add.at(begins, state, self.begins)
        np.add.at(wins, state, self.wins)
        found = np.zeros(len(sets))
        for first in range(0, len(sets), AT_ONCE):
            on = sets[first : first + AT_ONCE].astype(float)
            system = np.eye(size) - moved * on[:, :, None] * on[:, None, :]
            chances = np.linalg.solve(system, (wins * on)[:, :, None])[:, :, 0]
            found[first : first + AT_ONCE] = ((begins * on) * chances).sum(axis=1)
        return found


def _states(keys: Array, places: Array, order: int) -> tuple[Array, Array]:
    """The state after each touch, and the newest key of each state. `places`: where on its path a touch stands."""
    base = int(keys.max(initial=0)) + 2
    codes = keys + 1
    for back in range(1, order):
        before = np.where(places >= back, np.roll(keys, back) + 1, 0)
        codes = codes + before * base**back
    found, state = np.unique(codes, return_inverse=True)
    return state, found % base - 1


def keys_of(walked: Walked) -> list[int]:
    """The keys on any path, in order."""
    paths: Iterable[tuple[int, ...]] = [*walked.converted, *walked.lost]
    return sorted({key for touches in paths for key in touches})
