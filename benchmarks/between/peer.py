"""What one has without us: a table of journeys, and Python that goes through them row by row.

Written after the method of marketing_attribution_models (DP6) and of ChannelAttribution, not after their code: a frame
with a row a journey, its channels in a list; heuristics by `apply`; transitions counted journey by journey, the chain
solved once for each channel taken out; Shapley by the subsets of each journey's channels.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from importlib import import_module
from itertools import combinations
from math import factorial
from typing import Any

Journeys = (
    Any  # a pandas frame: `channels` (list), `days` (list: before the end), `won` (bool), `value` (float)
)


def frame(rows: list[tuple[list[str], list[float], bool, float]]) -> Journeys:
    """Journeys as a frame."""
    return import_module("pandas").DataFrame(rows, columns=["channels", "days", "won", "value"])


def everything(journeys: Journeys) -> dict[str, dict[str, float]]:
    """Every model's value by channel."""
    won = journeys[journeys["won"]]
    found = {name: _by(won, share) for name, share in HEURISTICS.items()}
    return found | {"markov": _markov(journeys), "shapley": _shapley(won)}


def _by(won: Journeys, share: Callable[[Any], list[float]]) -> dict[str, float]:
    parts = won.apply(share, axis=1)
    sums: dict[str, float] = defaultdict(float)
    for channels, shares, value in zip(won["channels"], parts, won["value"], strict=True):
        for channel, part in zip(channels, shares, strict=True):
            sums[channel] += part * value
    return dict(sums)


def _position(row: Any) -> list[float]:
    n = len(row["channels"])
    if n <= 2:
        return [1 / n] * n
    return [0.4, *([0.2 / (n - 2)] * (n - 2)), 0.4]


def _decay(row: Any) -> list[float]:
    weights = [0.5 ** (days / 7) for days in row["days"]]
    return [weight / sum(weights) for weight in weights]


HEURISTICS: dict[str, Callable[[Any], list[float]]] = {
    "first": lambda row: [1.0, *([0.0] * (len(row["channels"]) - 1))],
    "last": lambda row: [*([0.0] * (len(row["channels"]) - 1)), 1.0],
    "linear": lambda row: [1 / len(row["channels"])] * len(row["channels"]),
    "position": _position,
    "time_decay": _decay,
}


def _markov(journeys: Journeys) -> dict[str, float]:
    np, pd = import_module("numpy"), import_module("pandas")
    steps = [
        step
        for channels, won in zip(journeys["channels"], journeys["won"], strict=True)
        for step in zip(["(start)", *channels], [*channels, "(won)" if won else "(lost)"], strict=True)
    ]
    counted = (
        pd.DataFrame(steps, columns=["one", "other"]).groupby(["one", "other"]).size().unstack(fill_value=0)
    )
    chances = counted.div(counted.sum(axis=1), axis=0)
    channels = [name for name in chances.index if name != "(start)"]

    def converts(without: str = "") -> float:
        left = [name for name in channels if name != without]
        moved = chances.reindex(index=left, columns=left, fill_value=0).to_numpy()
        wins = chances.reindex(index=left)["(won)"].to_numpy()
        begins = chances.loc["(start)"].reindex(left, fill_value=0).to_numpy()
        return float(begins @ np.linalg.solve(np.eye(len(left)) - moved, wins))

    whole = converts()
    effects = {name: 1 - converts(name) / whole for name in channels}
    value = float(journeys.loc[journeys["won"], "value"].sum())
    return {name: effect / sum(effects.values()) * value for name, effect in effects.items()}


def _shapley(won: Journeys) -> dict[str, float]:
    worth: Counter[frozenset[str]] = Counter()
    for channels, value in zip(won["channels"], won["value"], strict=True):
        worth[frozenset(channels)] += value
    names = sorted({name for one in worth for name in one})
    inside = {
        frozenset(chosen): sum(value for one, value in worth.items() if one <= frozenset(chosen))
        for size in range(len(names) + 1)
        for chosen in combinations(names, size)
    }
    n, found = len(names), {}
    for name in names:
        total = 0.0
        for chosen, value in inside.items():
            if name not in chosen:
                weight = factorial(len(chosen)) * factorial(n - len(chosen) - 1) / factorial(n)
                total += weight * (inside[chosen | {name}] - value)
        found[name] = total
    return found
