"""Shops and tills: members show a number, some give a phone, many nothing. Not here: what follows an order."""

from uuid import UUID

from demo import outlets
from demo.actors import membership, orders
from demo.people import Id, Person, digest
from demo.post import Session
from demo.trip import Trip
from demo.world import MINUTE, World

SHOWS_NUMBER, ADDS_PHONE, GIVES_PHONE = 0.84, 0.3, 0.3
JOINS = 0.3
MISTYPED = 0.04  # of the phones that a cashier types are another member's


def greet(world: World, person: Person) -> Session:
    """At the till: by member number, else by phone."""
    return Session("tills", person, (person.member_no if person.joined else person.phone,), {})


def visit(world: World, at: int, person: Person, trip: Trip) -> None:
    """Comes in, perhaps buys, perhaps joins the club on the tablet at the till."""
    at = world.opening(at)
    place = person.shop if person.shop >= 0 else world.random.randrange(len(outlets.SHOPS))
    shop = outlets.SHOPS[place].code
    who = Session("tills", person, _shown(world, at, person), {})
    if who.ids:
        world.post.track(who, at, "Store Visited", {"store": shop})
    at += world.random.randint(4, 35) * MINUTE
    if trip.buys:
        if not person.joined and world.chance(JOINS):
            membership.join(world, at, Session("tills", person, (), {}), person, _tablet(world, shop))
            who = Session("tills", person, (person.member_no,), {})
        orders.place(world, at + 2 * MINUTE, who, trip.basket, shop)


def _shown(world: World, at: int, person: Person) -> tuple[Id, ...]:
    if person.joined and world.chance(SHOWS_NUMBER):
        if not world.chance(ADDS_PHONE):
            return (person.member_no,)
        return (person.member_no, _typed(world, at, person))
    return (person.phone,) if world.chance(GIVES_PHONE) else ()


def _typed(world: World, at: int, person: Person) -> Id:
    """The phone as the cashier typed it: now and then that of a member who is proven to have it."""
    if world.told and world.chance(MISTYPED):
        other = world.random.choice(world.told)
        if other.phone_told < at:
            return other.phone
    return person.phone


def _tablet(world: World, shop: str) -> Id:
    """The device on which a shop's new members sign up: everybody's, so nobody's."""
    return ("device_id", "", str(UUID(hex=digest(world.tag, "tablet", shop))))
