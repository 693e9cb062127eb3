"""The retailer's half year as requests in the order of time. Not here: sending them (load.py).

Same customers, days, seed and end: the same bytes. Nothing is kept but the people, the truth and what is still to come.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import accumulate

from demo.actors import ads, bargains, club, journeys, mistakes, win_back
from demo.actors.prices import Prices
from demo.actors.stock import Stock, targets
from demo.findings import Findings
from demo.post import Request
from demo.seasons import DAY
from demo.truth import Truth
from demo.world import World

CUSTOMERS, DAYS, SEED = 6_000, 180, 7  # the default size: about 120,000 events


class Simulation:
    """Go through `requests()` once; then `truth` is complete."""

    def __init__(self, customers: int, days: int, seed: int, end: dt.datetime) -> None:
        self._world = World(customers, days, seed, end)
        journeys.open_doors(self._world)

    @property
    def truth(self) -> Truth:
        """Who is who, and what the requests so far prove of it."""
        return self._world.truth

    @property
    def findings(self) -> Findings:
        """What there is to find in the requests so far."""
        world = self._world
        return world.truth.found(world.promotions, world.first, world.days)

    def requests(self) -> Iterator[Request]:
        """A day after the other; inside a connector in the order of time."""
        world = self._world
        prices, stock = Prices(world), Stock(world)
        weights = list(accumulate(person.weight for person in world.people))
        stock.opening()
        targets(world)
        for day in range(world.days):
            prices.daily(day)
            stock.daily(day)
            ads.daily(world, day)
            mistakes.daily(world, day)
            journeys.daily(world, day, weights)
            win_back.daily(world, day)
            club.monthly(world, day)
            bargains.daily(world, day, weights)
            world.pass_until((day + 1) * DAY)
            yield from world.post.close(day)


def requests(customers: int, days: int, seed: int, end: dt.datetime) -> Iterator[Request]:
    """The requests alone."""
    return Simulation(customers, days, seed, end).requests()
