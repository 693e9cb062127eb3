"""After the goods are there: ratings, returns through any channel, refunds, and a call when something is wrong.

Not here: what the call centre does with a call.
"""

from typing import Any

from demo import outlets
from demo.actors import tickets
from demo.goods import yuan
from demo.post import Session
from demo.seasons import DAY, HOUR
from demo.trip import Order
from demo.world import World

SATISFIED = {
    outlets.TMALL: 0.90, outlets.JD: 0.91, outlets.DOUYIN: 0.81, outlets.XHS: 0.86,
    outlets.MINI: 0.92, outlets.WEB: 0.88, outlets.STORES: 0.94, outlets.CALL: 0.78,
}  # fmt: skip
RETURNED = {
    outlets.TMALL: 0.070, outlets.JD: 0.055, outlets.DOUYIN: 0.135, outlets.XHS: 0.090,
    outlets.MINI: 0.050, outlets.WEB: 0.065, outlets.STORES: 0.025, outlets.CALL: 0.06,
}  # fmt: skip
RATED, PRAISED_ABOUT = 0.24, ("product", "delivery", "service", "packaging")
REFUNDS_WITHIN, SLOWLY = (0.05, 2), (5, 9)  # days after the goods came back
TO_A_SHOP = 0.42  # of those who live near one carry an online purchase there
CALLS, CALLS_WHEN_LATE = 0.03, 0.12
GOODWILL = 0.012  # of the orders get a little money back and keep the goods


def after(world: World, at: int, order: Order, *, late: bool = False) -> None:
    """The customer has his goods."""
    if world.chance(RATED) and order.who.ids:
        world.later(at + int(world.random.uniform(0.1, 6) * DAY), _rate, order, late)
    if world.chance(RETURNED[order.channel] * (1.3 if late else 1.0)):
        world.later(at + int(world.random.uniform(1, 9) * DAY), _want_back, order)
    elif world.chance(GOODWILL):
        world.later(at + int(world.random.uniform(1, 5) * DAY), _goodwill, order)
    if order.who.person and order.who.ids and world.chance(CALLS_WHEN_LATE if late else CALLS):
        topic = (
            "late_delivery" if late else world.random.choice(("damaged", "wrong_item", "invoice", "how_to"))
        )
        world.later(at + int(world.random.random() * 2 * DAY), tickets.complain, order, topic)


def _rate(world: World, at: int, order: Order, late: bool) -> None:
    happy = world.chance(SATISFIED[order.channel] - (0.25 if late else 0))
    score = world.random.choice((4, 5, 5, 5)) if happy else world.random.choice((1, 2, 3, 3))
    answer = {"score": score, "scale": 5, "about": "delivery" if late else world.random.choice(PRAISED_ABOUT)}
    answer |= {"feedback_id": world.name("FB"), "order_id": order.order_id}
    world.post.track(order.who, at, "Feedback Given", answer)


def _want_back(world: World, at: int, order: Order) -> None:
    """Asked for where it is easiest; the goods go by post, or into a shop near by."""
    person = order.who.person
    near = person is not None and person.shop >= 0
    if order.shop or (near and world.chance(TO_A_SHOP)):
        there = _session(world, order, outlets.STORES)
        shop = order.shop or (outlets.SHOPS[person.shop].code if person else "")
        at = world.opening(at)
        fields = _return(world, order, there, {"store": shop})
        world.post.track(there, at, "Return Requested", dict(fields))
        _came_back(world, at + 120_000, order, there, fields)
        return
    asked = order.channel if world.chance(0.8) else world.random.choice((outlets.MINI, outlets.CALL))
    who = _session(world, order, asked)
    fields = _return(world, order, who, {})
    world.post.track(who, at, "Return Requested", dict(fields))
    world.later(at + int(world.random.uniform(2, 6) * DAY), _came_back, order, who, fields)


def _return(world: World, order: Order, who: Session, more: dict[str, Any]) -> dict[str, Any]:
    """All of it, or one line of it."""
    channel = outlets.CHANNEL_OF[who.connector]
    lines = order.lines if len(order.lines) == 1 or world.chance(0.35) else [world.random.choice(order.lines)]
    goods = [{"sku": good.sku, "quantity": quantity} for good, quantity, _ in lines]
    return {**order.facts(channel), "return_id": world.name("RT"), "products": goods, **more}


def _came_back(world: World, at: int, order: Order, who: Session, fields: dict[str, Any]) -> None:
    world.post.track(who, at, "Return Received", fields)
    days = world.random.uniform(*(SLOWLY if order.channel == world.plan.slow else REFUNDS_WITHIN))
    world.later(at + int(days * DAY), _refund, order, fields["products"])


def _refund(world: World, at: int, order: Order, goods: list[dict[str, Any]]) -> None:
    """The price of the lines, at most what was paid; everything when everything came back."""
    back = {line["sku"] for line in goods}
    amount = sum(quantity * price for good, quantity, price in order.lines if good.sku in back)
    amount = order.total if len(back) == len(order.lines) else min(amount, order.total)
    fields = {
        "order_id": order.order_id,
        "refund_id": world.name("RF"),
        "total": yuan(amount),
        "currency": "CNY",
    }
    world.post.track(order.who, at, "Order Refunded", {**fields, "products": goods})


def _goodwill(world: World, at: int, order: Order) -> None:
    fields = {"order_id": order.order_id, "refund_id": world.name("RF"), "currency": "CNY"}
    fields["total"] = f"{max(100, round(order.total * 0.1 / 100) * 100) / 100:.2f}"
    world.post.track(order.who, at + HOUR, "Order Refunded", fields)


def _session(world: World, order: Order, channel: str) -> Session:
    """How the buyer shows up on a channel; who was nobody when he bought is nobody now."""
    person = order.who.person
    if channel == order.channel:
        return order.who
    if person is None or not order.who.ids:
        return Session(outlets.CONNECTOR_OF[channel], None, (), {})
    return world.greet[channel](world, person)
