"""The web shop and its app: pages, goods, carts, accounts and guests. Not here: what follows an order."""

from demo.actors import membership, orders
from demo.goods import Good, yuan
from demo.people import Person
from demo.post import Session
from demo.seasons import DAY
from demo.trip import Trip
from demo.world import MINUTE, SECOND, World

USES_APP_EVERY = 4  # every fourth with an account uses the app
SIGNS_IN, REGISTERS, AS_GUEST = 0.55, 0.16, 0.25
IDENTIFIES = 0.4  # of the visits of somebody signed in begin with what his account says
GIVES_PHONE = 0.5  # with an order, for the parcel
AT_HOME = 0.6  # of a household's visits come from the browser that they share
JOINS = 0.16
LEAVES_CART = 0.3


def greet(world: World, person: Person) -> Session:
    """Signed in where he has an account."""
    if person.account and person.number % USES_APP_EVERY == 0:
        return Session("app", person, (person.user_id, person.device), {})
    return Session("web", person, (person.user_id,) if person.account else (person.phone,), {})


def visit(world: World, at: int, person: Person, trip: Trip) -> None:
    """Looks around, perhaps registers, perhaps buys."""
    app = person.account and person.number % USES_APP_EVERY == 0
    who = _session(world, at, person, trip, app=app)
    if trip.step == 0 or world.chance(0.4):
        where = {"path": "/", "title": "禾木家居"} if not app else {"title": "Home"}
        world.post.page(who, at, "Home", where)
    if world.chance(0.15):
        world.post.track(who, at + 15 * SECOND, "Products Searched", {"query": trip.basket[0].category})
    if person.user_id in who.ids and world.chance(IDENTIFIES):
        _tell(world, at + 5 * SECOND, who, person)
    at = _look(world, at + 30 * SECOND, who, trip.basket)
    if not person.account and (world.chance(REGISTERS) or (trip.buys and not world.chance(AS_GUEST))):
        who = _register(world, at, who, person)
        at += MINUTE
    if trip.buys:
        _buy(world, at, who, person, trip)
    elif world.chance(LEAVES_CART):
        world.post.track(who, at, "Product Added", _product(world, trip.basket[0]))


def _session(world: World, at: int, person: Person, trip: Trip, *, app: bool) -> Session:
    """A browser or a device, signed in or not; a shared browser is only known by who signs in."""
    if app:
        return Session("app", person, (person.user_id, person.device), trip.context())
    signed_in = person.account and (trip.buys or world.chance(SIGNS_IN))
    known = (person.user_id,) if signed_in else ()
    if person.house and world.chance(AT_HOME):
        return Session("web", person, (*known, person.house), trip.context())
    cookie = person.browser(at // DAY, world.random)
    world.truth.own(person.number, (cookie,))
    return Session("web", person, (*known, cookie), trip.context())


def _look(world: World, at: int, who: Session, basket: list[Good]) -> int:
    for good in basket:
        if world.chance(0.85):
            world.post.track(who, at, "Product Viewed", _product(world, good))
        at += world.random.randint(12, 150) * SECOND
    return at


def _product(world: World, good: Good) -> dict[str, object]:
    price = world.prices["web-shop"][good.place]
    return {
        "sku": good.sku,
        "name": good.name,
        "category": good.category,
        "price": yuan(price),
        "currency": "CNY",
    }


def _register(world: World, at: int, who: Session, person: Person) -> Session:
    """An account: the browser's past becomes his."""
    person.account = True
    known = Session(who.connector, person, (person.user_id, *who.ids), who.context)
    _tell(world, at + 20 * SECOND, known, person)
    return known


def _tell(world: World, at: int, who: Session, person: Person) -> None:
    """What the account says of him."""
    told = [value for value in (person.email, person.phone if world.chance(0.7) else None) if value]
    traits = {"name": person.name, "city": person.city}
    world.post.identify(Session(who.connector, person, (*who.ids, *told), {}), at, traits)


def _buy(world: World, at: int, who: Session, person: Person, trip: Trip) -> None:
    """Cart, checkout, order; a guest leaves phone and address."""
    for good in trip.basket:
        world.post.track(who, at, "Product Added", {**_product(world, good), "quantity": 1})
    world.post.track(who, at + 20 * SECOND, "Checkout Started", {"value": len(trip.basket)})
    if not person.account:
        told = [value for value in (person.phone, person.email) if value]
        who = Session(who.connector, person, (*who.ids, *told), who.context)
    elif world.chance(GIVES_PHONE):
        who = Session(who.connector, person, (*who.ids, person.phone), who.context)
    orders.place(world, at + MINUTE, who, trip.basket)
    if person.account and not person.joined and world.chance(JOINS):
        membership.join(world, at + 3 * MINUTE, who, person)
