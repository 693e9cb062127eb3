"""Days and persons by chance, with a cause put in whose size is known."""

from typing import NamedTuple

import numpy as np

from metrics.effects.base import People
from metrics.effects.changes import Daily, Sides

WEEK = np.array([0.9, 0.85, 0.9, 1.0, 1.1, 1.3, 0.95])


class Weather(NamedTuple):
    """How days vary: a value's deviation in shares, how much of it stays to the next day, what both share."""

    noise: float = 0.15
    stays: float = 0.3
    shared: float = 0.1


CALM = Weather()


def noise(chance: np.random.Generator, days: int, size: float, stays: float) -> np.ndarray:
    """A series around 0 that remembers the day before (AR 1), with the deviation given."""
    shocks = chance.normal(0, size * np.sqrt(1 - stays**2), days)
    found = np.empty(days)
    found[0] = chance.normal(0, size)
    for day in range(1, days):
        found[day] = stays * found[day - 1] + shocks[day]
    return found


def shops(
    chance: np.random.Generator, days: int, effect: float, weather: Weather = CALM, common: float = 0.08
) -> tuple[Sides, Sides]:
    """Money a customer (joined, others) by day: all gain `common` after; the joined a share `effect` more.

    Numerator: money; denominator: customers. A week has its season, a shock of both groups is shared.
    """
    season = np.resize(WEEK, 2 * days)
    both = noise(chance, 2 * days, weather.shared, weather.stays)
    after = np.arange(2 * days) >= days

    def group(level: float, customers: float, own: float) -> Sides:
        came = chance.poisson(customers * season * np.exp(both)).astype(float)
        worth = level * np.exp(noise(chance, 2 * days, weather.noise, weather.stays) - weather.noise**2 / 2)
        money = came * worth * np.where(after, (1 + common) * (1 + own), 1.0)
        before, later = (Daily(money[part].tolist(), came[part].tolist()) for part in (~after, after))
        return Sides(before, later)

    return group(120.0, 80.0, effect), group(75.0, 200.0, 0.0)


def people(chance: np.random.Generator, size: int, effect: float, *, rare: bool = True) -> People:
    """Persons whose past both led them to meet something and made them stay: the plain difference deceives.

    Outcome: 1 stayed. Those who bought much met it more often and stay more often; `effect` is put in on those who met.
    """
    spent, orders = chance.normal(0, 1, size), chance.poisson(1.5, size).astype(float)
    tier = chance.integers(0, 3, size)
    leaning = (-1.6 if rare else -0.3) + 0.7 * spent + 0.15 * orders + 0.3 * tier
    exposed = chance.random(size) < 1 / (1 + np.exp(-leaning))
    stays = 0.35 + 0.08 * np.tanh(spent) + 0.03 * np.minimum(orders, 4) + 0.04 * tier + effect * exposed
    outcome = (chance.random(size) < np.clip(stays, 0, 1)).astype(float)
    return People(
        np.arange(size).tolist(),
        exposed.tolist(),
        outcome.tolist(),
        {"spent": spent.tolist(), "orders": orders.tolist()},
        {"tier": tier.tolist()},
    )
