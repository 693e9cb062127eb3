"""Who finds a price that is far too low, and buys. Not here: how it came about (prices.py), when (plan.py)."""

from demo.actors import marketplaces
from demo.people import Person
from demo.seasons import DAY
from demo.trip import Trip
from demo.world import World

A_CUSTOMER = 1 / 70  # bargain hunters


def daily(world: World, day: int, weights: list[float]) -> None:
    """The word spreads over the day of the mistake."""
    mistake = world.plan.mistake
    if mistake is None or day != mistake.day:
        return
    count = round(world.customers * A_CUSTOMER)
    for person in world.random.choices(world.people, cum_weights=weights, k=count):
        if person.born <= day:
            world.later(min(world.moment(day), world.moment(day), (day + 1) * DAY - DAY // 48), _buy, person)


def _buy(world: World, at: int, person: Person) -> None:
    mistake = world.plan.mistake
    if mistake:
        trip = Trip([mistake.good])
        trip.buys = True
        marketplaces.visit(world, at, person, trip, mistake.channel)
