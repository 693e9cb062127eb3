"""A shop that writes to those near by who bought online and have not for long. Not here: who comes by himself."""

from demo import outlets
from demo.actors import orders
from demo.people import Id, Person
from demo.post import Session
from demo.seasons import DAY
from demo.world import MINUTE, World

COMES = 0.5  # of those who are written to
WAITS = (0.3, 5)  # days


def daily(world: World, day: int) -> None:
    """While it runs everybody who has lapsed is written to once, if the retailer knows how."""
    plan = world.plan.win_back
    if not plan.first <= day <= plan.last:
        return
    for person in world.near[plan.store]:
        if person.invited or not _lapsed(world, person, day):
            continue
        known = (value for value in (person.member_no, person.phone) if _same(world, person, value))
        if shown := next(known, None):
            person.invited = True
            if world.chance(COMES):
                wait = int(world.random.uniform(*WAITS) * DAY)
                world.later(world.opening(day * DAY + wait), _come, person, shown)


def _lapsed(world: World, person: Person, day: int) -> bool:
    """His latest order is old and was online."""
    if person.bought is None:
        return False
    at, channel, _ids = person.bought
    old = at <= (day - world.plan.win_back.lapsed_days) * DAY
    return old and channel not in (outlets.STORES, outlets.CALL)


def _same(world: World, person: Person, value: Id) -> bool:
    """Whether it is known to be the phone or card of him who bought."""
    return person.bought is not None and world.truth.same(value, person.bought[2])


def _come(world: World, at: int, person: Person, shown: Id) -> None:
    """Comes in with the letter, shows what it was sent to, and buys."""
    store = world.plan.win_back.store
    who = Session("tills", person, (shown,), {})
    world.post.track(who, at, "Store Visited", {"store": store})
    orders.place(world, at + world.random.randint(6, 35) * MINUTE, who, world.basket(), store)
