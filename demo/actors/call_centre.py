"""The hotline: questions before buying, and orders by telephone. Not here: what becomes of a ticket (tickets.py)."""

from demo.actors import orders, tickets
from demo.people import Person
from demo.trip import Trip
from demo.world import MINUTE, World

TOPICS = ("delivery", "size", "stock", "invoice", "membership")


def visit(world: World, at: int, person: Person, trip: Trip) -> None:
    """Asks before buying, or buys by telephone."""
    at = world.opening(at)
    who = tickets.caller(world, person)
    tickets.ticket(world, at, who, {"topic": world.random.choice(TOPICS)})
    if trip.buys:
        orders.place(world, at + 8 * MINUTE, who, trip.basket)
