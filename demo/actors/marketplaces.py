"""Tmall, JD, Douyin, Xiaohongshu: a buyer is a platform's own number, seldom a phone. Not here: after the order."""

from collections.abc import Callable

from demo import outlets
from demo.actors import ads, membership, orders
from demo.goods import yuan
from demo.people import Id, Person, digest, mobile
from demo.post import Session
from demo.trip import Trip
from demo.world import MINUTE, SECOND, World

SOCIAL = (outlets.DOUYIN, outlets.XHS)
LIKES, SHARES, COMMENTS = 0.55, 0.13, 0.12
PHONE_SHOWN = {outlets.TMALL: 0.52, outlets.JD: 0.75, outlets.DOUYIN: 0.60, outlets.XHS: 0.60}
BINDS, JOINS = 0.4, 0.12  # members who bind their card on a visit; buyers who join
LEAVES_CART, LEAVES_CART_ON = 0.25, {outlets.DOUYIN: 0.7, outlets.XHS: 0.12}  # of those who do not buy
BUYERS_A_RELAY = 25  # people who get the same relay number, one after the other
RELAY_NUMBERS_FROM = 40_000_000  # beyond everybody's own numbers


def visit(world: World, at: int, person: Person, trip: Trip, channel: str) -> None:
    """Sees, likes, looks, buys."""
    who = _greet(world, person, channel, trip)
    if trip.campaign and channel in SOCIAL:
        ads.touch(world, who, at, trip.campaign)
    if channel in SOCIAL:
        _enjoy(world, at + 20 * SECOND, who, trip)
    if trip.code and not person.joined:
        person.bound.add(channel)
        membership.join(world, at + 15 * SECOND, who, person)
    elif person.joined and channel not in person.bound and (trip.code or world.chance(BINDS)):
        person.bound.add(channel)
        card = Session(channel, person, (*who.ids, person.member_no), {})
        world.post.identify(card, at + 15 * SECOND, {"nickname": person.nick, "tier": person.tier})
    at = _look(world, at, who, trip)
    if trip.buys or world.chance(LEAVES_CART_ON.get(channel, LEAVES_CART)):
        first = trip.basket[0]
        world.post.track(
            who, at + 30 * SECOND, "Product Added", {"sku": first.sku, "name": first.name, "quantity": 1}
        )
    if trip.buys:
        _buy(world, at + 2 * MINUTE, who, person, trip)


def _greet(world: World, person: Person, channel: str, trip: Trip | None = None) -> Session:
    return Session(channel, person, (person.uids[channel],), trip.context() if trip else {})


def greet_on(channel: str) -> Callable[[World, Person], Session]:
    """How people show up on one of the platforms."""
    return lambda world, person: _greet(world, person, channel)


def _enjoy(world: World, at: int, who: Session, trip: Trip) -> None:
    """What people do with notes and films."""
    content = {
        "content_id": f"{who.connector[:2]}-{trip.basket[0].place % 16:02d}",
        "sku": trip.basket[0].sku,
    }
    for event, share in (
        ("Content Liked", LIKES),
        ("Content Commented", COMMENTS),
        ("Content Shared", SHARES),
    ):
        if world.chance(share):
            world.post.track(who, at, event, dict(content))
            at += 12 * SECOND


def _look(world: World, at: int, who: Session, trip: Trip) -> int:
    """At most of what he has in mind; when he is done."""
    for good in trip.basket:
        if world.chance(0.75):
            at += world.random.randint(15, 120) * SECOND
            price = yuan(world.prices[who.connector][good.place])
            world.post.track(who, at, "Product Viewed", {"sku": good.sku, "name": good.name, "price": price})
    return at


def _buy(world: World, at: int, who: Session, person: Person, trip: Trip) -> None:
    phone = _phone(world, person, who.connector)
    if who.connector not in person.met:
        person.met.add(who.connector)
        traits = {"nickname": person.nick, "city": person.city}
        if phone and phone != _relay(world, person):
            traits["name"] = person.name
        world.post.identify(Session(who.connector, person, who.ids, {}), at - MINUTE, traits)
    shown = (*who.ids, phone) if phone else who.ids
    orders.place(world, at, Session(who.connector, person, shown, who.context), trip.basket)
    if not person.joined and world.chance(JOINS):
        person.bound.add(who.connector)
        membership.join(world, at + 5 * MINUTE, who, person)


def _phone(world: World, person: Person, channel: str) -> Id | None:
    """The number on the parcel: his own, a relay number that others get after him, or none."""
    if person.private:
        return _relay(world, person) if channel == outlets.TMALL else None
    shown = int(digest(world.tag, "shown", channel, person.number)[:4], 16) / 0xFFFF
    if shown > PHONE_SHOWN[channel]:
        return None
    return person.second_phone if person.second_phone and world.chance(0.5) else person.phone


def _relay(world: World, person: Person) -> Id:
    return ("phone", "", mobile(RELAY_NUMBERS_FROM + person.number // (BUYERS_A_RELAY * 16), world.tag))
