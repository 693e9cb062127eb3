"""How a wish wanders from channel to channel until it is fulfilled or given up. Not here: what happens at a contact."""

from collections.abc import Callable
from functools import partial

from demo import outlets
from demo.actors import ads, call_centre, marketplaces, mini_program, stores, tickets, web_shop
from demo.people import Person
from demo.seasons import DAY, HOUR, demand
from demo.trip import Trip
from demo.world import MINUTE, World

FORGIVES = 0.2  # of what he would buy somebody buys whom a late parcel has let down
REDEEMS, REDEEMS_WITHIN = 0.45, (0.2, 4.5)  # of the coupons of the notes; days
A_CUSTOMER_DAY = 1 / 40.5  # journeys that begin, on an ordinary day
GOES_ON, LONGEST = 0.55, 7  # contacts
COMES_HOME = 0.5  # of the journeys begin on the channel a person likes best
MOST_WAIT = 4 * DAY  # between two contacts
ENTRY = {
    outlets.TMALL: 26, outlets.JD: 11, outlets.DOUYIN: 21, outlets.XHS: 13,
    outlets.MINI: 11, outlets.WEB: 9, outlets.STORES: 9, outlets.CALL: 2,
}  # fmt: skip
SELLS = {
    outlets.TMALL: 0.195, outlets.JD: 0.165, outlets.DOUYIN: 0.11, outlets.XHS: 0.08,
    outlets.MINI: 0.20, outlets.WEB: 0.15, outlets.STORES: 0.33, outlets.CALL: 0.20,
}  # fmt: skip
_LANES = (*outlets.MARKETS, outlets.MINI, outlets.WEB, outlets.STORES, outlets.CALL)
NEXT = {  # weights in the order of _LANES: where the next contact happens
    outlets.TMALL: (66, 8, 4, 7, 6, 4, 4, 1),
    outlets.JD: (12, 66, 4, 4, 5, 4, 4, 1),
    outlets.DOUYIN: (19, 6, 48, 6, 10, 4, 6, 1),
    outlets.XHS: (23, 7, 7, 36, 13, 6, 8, 0),
    outlets.MINI: (5, 3, 2, 5, 62, 5, 16, 2),
    outlets.WEB: (10, 6, 2, 4, 10, 58, 8, 2),
    outlets.STORES: (6, 3, 2, 3, 28, 6, 50, 2),
    outlets.CALL: (8, 7, 1, 1, 20, 11, 12, 40),
}
VISITS: dict[str, Callable[..., None]] = {
    outlets.MINI: mini_program.visit,
    outlets.WEB: web_shop.visit,
    outlets.STORES: stores.visit,
    outlets.CALL: call_centre.visit,
} | {slug: partial(marketplaces.visit, channel=slug) for slug in outlets.MARKETS}


def open_doors(world: World) -> None:
    """Tells the world how people show up on each channel."""
    world.greet = {slug: marketplaces.greet_on(slug) for slug in outlets.MARKETS}
    world.greet |= {outlets.MINI: mini_program.greet, outlets.WEB: web_shop.greet}
    world.greet |= {outlets.STORES: stores.greet, outlets.CALL: tickets.caller}


def daily(world: World, day: int, weights: list[float]) -> None:
    """The journeys that begin on a day."""
    wanted = world.customers * A_CUSTOMER_DAY * demand(world.date(day * DAY))
    count = int(wanted) + world.chance(wanted % 1)
    for person in world.random.choices(world.people, cum_weights=weights, k=count):
        if person.born <= day:
            channel = person.home if world.chance(COMES_HOME) else _entry(world)
            world.later(world.moment(day), _contact, person, Trip(world.basket()), channel)


def _entry(world: World) -> str:
    return world.random.choices(list(ENTRY), list(ENTRY.values()))[0]


def _contact(world: World, at: int, person: Person, trip: Trip, channel: str) -> None:
    """One contact, and perhaps the next one."""
    outage = world.plan.outage
    if outage and channel == outage.channel and outage.down(at):
        return  # nobody gets in, and the wish is given up
    trip.campaign = ads.campaign(world, channel, at) if trip.step == 0 or world.chance(0.12) else None
    notes = world.plan.campaign
    if trip.campaign and trip.campaign["name"] == notes.name:
        _with_coupon(world, at, person, trip)
        return
    trip.buys = world.chance(SELLS[channel] * _lift(world, at, person, trip))
    VISITS[channel](world, at, person, trip)
    trip.step += 1
    if trip.buys or trip.step >= LONGEST or not world.chance(GOES_ON):
        return
    following = world.random.choices(_LANES, NEXT[channel])[0]
    soon = world.chance(0.35)
    wait = world.random.randint(20, 400) * MINUTE if soon else int(world.random.uniform(0.4, 1) * MOST_WAIT)
    when = at + wait
    if when % DAY < 7 * HOUR:  # nobody is awake
        when += 8 * HOUR
    world.later(when, _contact, person, trip, following)


def _lift(world: World, at: int, person: Person, trip: Trip) -> float:
    """How much likelier than usual somebody buys."""
    lift = (1.35 if world.promotion(at) else 1.0) * (1.45 if person.orders else 1.0) * (1 + 0.1 * trip.step)
    return lift * (FORGIVES if at < person.let_down else 1.0)


def _with_coupon(world: World, at: int, person: Person, trip: Trip) -> None:
    """Notes are read, their coupon is taken along, and redeemed elsewhere or forgotten."""
    notes = world.plan.campaign
    trip.code, trip.buys = True, False
    VISITS[notes.seen_on](world, at, person, trip)
    if world.chance(REDEEMS):
        world.later(at + int(world.random.uniform(*REDEEMS_WITHIN) * DAY), _redeem, person, trip)


def _redeem(world: World, at: int, person: Person, trip: Trip) -> None:
    trip.buys = True
    VISITS[world.plan.campaign.sold_on](world, at, person, trip)
