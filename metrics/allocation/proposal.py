"""Weights that would have come nearest to what each channel contributed: least squares over weights that add up to 1.

The contribution is a channel's removal effect or Shapley worth; the weights are of models that read off an order's own
path, which people can check by hand. Pure. numpy is imported when somebody asks, not when the web server starts.
Not here: where shares come from (simulate.py).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any, Final, NamedTuple

STEP: Final = Decimal("0.01")  # weights are proposed in whole per cent
TIGHT: Final = 1e-12
Array = Any  # numpy's arrays


class Proposal(NamedTuple):
    """Weights by model, whole per cents that add up to 1; how far they stay from the aim: a share, root mean square."""

    weights: dict[str, Decimal]
    away: Decimal


def nearest(models: Mapping[str, Mapping[int, Decimal]], aim: Mapping[int, Decimal]) -> Proposal | None:
    """The best of all weights over these models' shares by channel. None where there is nothing to aim at."""
    channels = sorted(set(aim).union(*models.values())) if models else []
    if not channels or not any(aim.values()):
        return None
    import numpy as np

    names = list(models)
    columns = np.array([[float(models[name].get(one, 0)) for name in names] for one in channels])
    wanted = np.array([float(aim.get(one, 0)) for one in channels])
    best = min(
        (found for place in _supports(len(names)) if (found := _on(columns, wanted, place)) is not None),
        key=lambda found: (_away(columns, wanted, found), int(np.count_nonzero(found > TIGHT))),
    )
    weights = _whole(best)
    away = _away(columns, wanted, np.array([float(one) for one in weights]))
    kept = {name: one for name, one in zip(names, weights, strict=True) if one}
    return Proposal(kept, Decimal(f"{away:.6f}"))


def _supports(n: int) -> list[Sequence[int]]:
    """Every choice of models that get a weight at all: the best lies on one of them."""
    return [chosen for size in range(1, n + 1) for chosen in combinations(range(n), size)]


def _on(columns: Array, wanted: Array, place: Sequence[int]) -> Array | None:
    """Least squares over these models alone, weights adding up to 1; None where one would be below 0."""
    import numpy as np

    chosen = columns[:, place]
    n = len(place)
    system = np.zeros((n + 1, n + 1))
    system[:n, :n] = 2 * chosen.T @ chosen
    system[:n, n] = system[n, :n] = 1
    right = np.append(2 * chosen.T @ wanted, 1)
    solved = np.linalg.lstsq(system, right, rcond=None)[0][:n]
    if solved.min() < -TIGHT or abs(solved.sum() - 1) > 1e-6:
        return None
    found = np.zeros(columns.shape[1])
    found[list(place)] = np.clip(solved, 0, None)
    whole: Array = found / found.sum()
    return whole


def _away(columns: Array, wanted: Array, weights: Array) -> float:
    import numpy as np

    return round(float(np.sqrt(np.mean((columns @ weights - wanted) ** 2))), 9)


def _whole(weights: Array) -> list[Decimal]:
    """In whole per cent, by largest remainder."""
    scaled = [float(one) * 100 for one in weights]
    whole = [int(one) for one in scaled]
    left = 100 - sum(whole)
    for place in sorted(range(len(whole)), key=lambda place: (whole[place] - scaled[place], place))[:left]:
        whole[place] += 1
    return [one * STEP for one in whole]
