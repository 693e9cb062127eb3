"""The WeChat mini-program: an openid at the first tap, more once a person agrees. Not here: what follows an order."""

from demo import outlets
from demo.actors import membership, orders
from demo.goods import yuan
from demo.people import Person
from demo.post import Session
from demo.trip import Trip
from demo.world import MINUTE, SECOND, World

AGREES, AGREES_PHONE = 0.55, 0.75
JOINS = 0.22
SHOWS_CARD = 0.3  # of the members open their card
GIVES_PHONE = 0.6  # with an order, for the parcel


def greet(world: World, person: Person) -> Session:
    """By openid, and by unionid once he has agreed."""
    return _session(person, None)


def visit(world: World, at: int, person: Person, trip: Trip) -> None:
    """Scans, looks, agrees, buys, joins the club."""
    who = _session(person, trip)
    scene = world.random.choice(("scan", "chat", "search", "moments"))
    world.post.page(who, at, "Home", {"scene": scene})
    if not person.authorised and (trip.buys or world.chance(AGREES)):
        who = _agree(world, at + 10 * SECOND, person, trip)
    if person.authorised and person.joined and (trip.code or world.chance(SHOWS_CARD)):
        card = Session("mini-program", person, (*who.ids, person.member_no), {})
        world.post.page(card, at + 12 * SECOND, "Member card", {})
    for good in trip.basket:
        if world.chance(0.75):
            at += world.random.randint(10, 90) * SECOND
            price = yuan(world.prices[outlets.MINI][good.place])
            world.post.track(who, at, "Product Viewed", {"sku": good.sku, "name": good.name, "price": price})
    if trip.buys:
        first = trip.basket[0]
        world.post.track(
            who, at + 20 * SECOND, "Product Added", {"sku": first.sku, "name": first.name, "quantity": 1}
        )
        buyer = (
            who if not world.chance(GIVES_PHONE) else Session(*who[:2], (*who.ids, person.phone), who.context)
        )
        orders.place(world, at + MINUTE, buyer, trip.basket)
    if person.authorised and not person.joined and world.chance(JOINS + 0.25 * trip.buys):
        membership.join(world, at + 3 * MINUTE, who, person)


def _session(person: Person, trip: Trip | None) -> Session:
    ids = (person.unionid, person.openid) if person.authorised else (person.openid,)
    return Session("mini-program", person, ids, trip.context() if trip else {})


def _agree(world: World, at: int, person: Person, trip: Trip) -> Session:
    """WeChat tells the unionid; most give their phone with the same tap."""
    person.authorised = True
    who = _session(person, trip)
    ids = (*who.ids, person.phone) if world.chance(AGREES_PHONE) else who.ids
    traits = {"nickname": person.nick, "city": person.city}
    if person.phone in ids:
        traits["name"] = person.name
    world.post.identify(Session("mini-program", person, ids, {}), at, traits)
    return who
