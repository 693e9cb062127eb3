"""Parcels: cancelled before they leave, shipped, promised, delivered, sometimes late. Not here: what comes back."""

from demo import outlets
from demo.actors import after_sales
from demo.seasons import DAY, HOUR
from demo.trip import Order
from demo.world import World

CANCELLED = 0.016
PROMISED = 4 * DAY
CARRIERS = ("SF Express", "YTO", "ZTO", "JD Logistics", "China Post")
REASONS = ("changed_mind", "found_cheaper", "wrong_address", "ordered_twice")
LET_DOWN = 90 * DAY  # so long a late parcel is not forgiven
FAST = {outlets.JD: 0.55, outlets.TMALL: 0.8}  # of the usual way


def prepare(world: World, at: int, order: Order) -> None:
    """Paid: what was bought in a shop is taken home, the rest is packed."""
    if order.shop:
        after_sales.after(world, at, order)
    elif world.chance(CANCELLED):
        world.later(at + int(world.random.random() * 8 * HOUR), cancel, order, world.random.choice(REASONS))
    else:
        busy = 1.6 if world.promotion(at) else 1.0
        world.later(at + int(world.random.uniform(3, 34) * HOUR * busy), _ship, order)


def cancel(world: World, at: int, order: Order, reason: str) -> None:
    """The order is off."""
    world.post.track(order.who, at, "Order Cancelled", {"order_id": order.order_id, "reason": reason})


def _ship(world: World, at: int, order: Order) -> None:
    parcel = {"order_id": order.order_id, "shipment_id": world.name("SP"), "carrier": _carrier(world, order)}
    promised = world.post.time(order.at + PROMISED)
    world.post.track(order.who, at, "Order Shipped", {**parcel, "promised_at": promised})
    way = world.random.lognormvariate(0.62, 0.42) * FAST.get(order.channel, 1.0)
    world.later(at + int(way * DAY), _deliver, order, parcel)


def _deliver(world: World, at: int, order: Order, parcel: dict[str, str]) -> None:
    world.post.track(order.who, at, "Order Delivered", parcel)
    late = at > order.at + PROMISED
    if late and order.who.person:
        order.who.person.let_down = at + LET_DOWN
    after_sales.after(world, at, order, late=late)


def _carrier(world: World, order: Order) -> str:
    return "JD Logistics" if order.channel == outlets.JD else world.random.choice(CARRIERS)
