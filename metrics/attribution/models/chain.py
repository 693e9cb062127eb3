"""The chain that people's paths make: from the start, touch by touch, to a conversion or to nothing.

A state is the last touches of a path, as many as the chain's order; the first states of a path have fewer. The chance
of going from one to the next is how often that was done. To take a key out is to let every step onto it end in nothing.
Chances are solved for as a linear system. Not here: what is made of them (markov.py, shapley.py).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from metrics.attribution.models.base import Walked

Array = Any  # numpy's arrays
MOST_DENSE: Final = 800  # states; beyond, the system is solved as the sparse one it is
AT_ONCE: Final = 512  # small systems solved together


class Chain:
    """The chain of order `order` of some paths."""

    def __init__(self, walked: Walked, order: int = 1) -> None:
        states: dict[tuple[int, ...], int] = {}
        steps: dict[tuple[int, int], int] = {}
        converts: dict[int, int] = {}
        leaves: dict[int, int] = {}  # how often a state was left; -1: the start
        told = [(walked.converted, True), (walked.lost, False)]
        for paths, won in told:
            for touches, n in paths.items():
                at = -1
                for place in range(len(touches)):
                    state = touches[max(0, place + 1 - order) : place + 1]
                    onto = states.setdefault(state, len(states))
                    steps[at, onto] = steps.get((at, onto), 0) + n
                    leaves[at] = leaves.get(at, 0) + n
                    at = onto
                leaves[at] = leaves.get(at, 0) + n
                if won:
                    converts[at] = converts.get(at, 0) + n
        self.states = len(states)
        self.newest = np.array([state[-1] for state in states], dtype=np.int64)
        inner = [(source, onto, n / leaves[source]) for (source, onto), n in steps.items() if source >= 0]
        self.source = np.array([one[0] for one in inner], dtype=np.int64)
        self.onto = np.array([one[1] for one in inner], dtype=np.int64)
        self.chance = np.array([one[2] for one in inner], dtype=float)
        self.begins, self.wins = np.zeros(self.states), np.zeros(self.states)
        for (source, onto), n in steps.items():
            if source < 0:
                self.begins[onto] = n / leaves[source]
        for last, n in converts.items():
            self.wins[last] = n / leaves[last]

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


def keys_of(walked: Walked) -> list[int]:
    """The keys on any path, in order."""
    paths: Iterable[tuple[int, ...]] = [*walked.converted, *walked.lost]
    return sorted({key for touches in paths for key in touches})
