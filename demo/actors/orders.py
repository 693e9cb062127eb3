"""Buying: an order with its lines, coupon and shipping, then the money, which does not always come at once.

Not here: what happens to the goods (logistics.py) and what comes back (after_sales.py).
"""

from decimal import Decimal
from typing import Any

from demo import outlets
from demo.actors import club, logistics, membership, stock
from demo.goods import Good, yuan
from demo.post import Session
from demo.trip import Order
from demo.world import MINUTE, SECOND, World

PREFIX = {
    outlets.TMALL: "TM", outlets.JD: "JD", outlets.DOUYIN: "DY", outlets.XHS: "XH",
    outlets.MINI: "WX", outlets.WEB: "WB", outlets.STORES: "ST", outlets.CALL: "CC",
}  # fmt: skip
TWO_OF_IT, TWO_FOR_MEMBERS, SMALL = 0.14, 0.55, 30_000  # of things below so many fen
PAID_TWICE, WITHOUT_ORDER = 0.025, 0.02  # of the orders of the plan's channel
FREE_SHIPPING_FROM, SHIPPING = 9_900, 800  # fen
COUPON = 0.22
PAY_FAILS, GIVES_UP = 0.075, 0.16
FAILS_WITHOUT, TAKES_IT = (
    0.22,
    0.4,
)  # of the payments where a way is missing, at first; that go by it once it is there
UNPAID_AFTER = 30 * MINUTE
REASONS = ("insufficient_funds", "bank_declined", "timeout", "closed_by_user")
METHODS = {
    outlets.TMALL: (("alipay", 92), ("card", 8)),
    outlets.JD: (("wechat_pay", 55), ("card", 45)),
    outlets.DOUYIN: (("alipay", 48), ("wechat_pay", 52)),
    outlets.XHS: (("alipay", 50), ("wechat_pay", 50)),
    outlets.MINI: (("wechat_pay", 100),),
    outlets.WEB: (("alipay", 52), ("wechat_pay", 36), ("card", 12)),
    outlets.STORES: (("wechat_pay", 46), ("alipay", 34), ("card", 13), ("cash", 7)),
    outlets.CALL: (("card", 30), ("alipay", 70)),
}


def place(world: World, at: int, who: Session, basket: list[Good], shop: str = "") -> Order:
    """An order on the channel of the session's connector, and everything that follows from it."""
    channel = outlets.CHANNEL_OF[who.connector]
    order = Order(world.name(PREFIX[channel]), channel, who, at)
    order.shop = shop
    fields = _fields(world, order, basket)
    world.post.track(who, at, "Order Completed", fields)
    location = shop or stock.OF_CHANNEL[channel]
    for good, quantity, _ in order.lines:
        world.sold[location, good.place] = world.sold.get((location, good.place), 0) + quantity
    _pay(world, order)
    club.bought(world, order)
    if who.person:
        who.person.orders += 1
        who.person.bought = (at, channel, who.ids)
        who.person.spent += order.total
        membership.upgrade(world, at, who)
    return order


def _fields(world: World, order: Order, basket: list[Good]) -> dict[str, Any]:
    """The lines at today's prices and the sum that the customer pays."""
    prices = world.prices[order.channel]
    member = order.who.person is not None and order.who.person.joined
    taken = [_there(world, order, good) for good in basket]
    order.lines = [(good, _many(world, good, member), prices[good.place]) for good in taken]
    goods = sum(quantity * price for _, quantity, price in order.lines)
    code, share = _coupon(world, order)
    discount = round(goods * share / 100) * 100
    shipping = 0 if order.shop or goods - discount >= FREE_SHIPPING_FROM else SHIPPING
    order.total = goods - discount + shipping
    fields: dict[str, Any] = {"order_id": order.order_id, "total": _sum(order), "currency": "CNY"}
    fields["products"] = [
        {
            "sku": good.sku,
            "name": good.name,
            "category": good.category,
            "price": yuan(price),
            "quantity": quantity,
        }
        for good, quantity, price in order.lines
    ]
    if discount:
        fields |= {"discount": yuan(discount), "coupon": code}
    if shipping:
        fields["shipping"] = yuan(shipping)
    if order.shop:
        fields["store"] = order.shop
    return fields | _settlement(order)


def _many(world: World, good: Good, member: bool) -> int:
    """One or two of a good; who has joined takes two of small things more often."""
    return 2 if world.chance(TWO_FOR_MEMBERS if member and good.price < SMALL else TWO_OF_IT) else 1


def _there(world: World, order: Order, good: Good) -> Good:
    """What is out on the channel is taken in its other colour."""
    short = world.plan.stock_out
    if short and good == short.good and short.empty(order.channel, order.at):
        return world.goods[good.place ^ 1]
    return good


def _settlement(order: Order) -> dict[str, Any]:
    """What a marketplace says at once of its commission and of what it will pay out; nobody else does."""
    if order.channel not in outlets.MARKETS:
        return {}
    kept = round(order.total * Decimal(outlets.COMMISSIONS[order.channel]))
    fees = [{"kind": "commission", "amount": yuan(kept)}]
    return {"paid": yuan(order.total), "fees": fees, "payout": yuan(order.total - kept)}


def _sum(order: Order) -> float | str:
    """Marketplaces write sums as text."""
    return f"{order.total / 100:.2f}" if order.channel in outlets.MARKETS else yuan(order.total)


def _coupon(world: World, order: Order) -> tuple[str, float]:
    """The code and its share of the goods' sum."""
    if not world.chance(COUPON):
        return "", 0.0
    sale = world.promotion(order.at)
    if sale:
        return f"{sale.code}-5".upper(), 0.05
    if order.who.person and order.who.person.joined:
        return "MEMBER-8", 0.08
    return "WELCOME-10", 0.10


def _pay(world: World, order: Order) -> None:
    """Payment attempts; who gives up loses the order after half an hour."""
    methods = METHODS[order.channel]
    method = world.random.choices([name for name, _ in methods], [share for _, share in methods])[0]
    at, attempt = order.at + 8 * SECOND, 1
    arrival = world.plan.arrival
    if arrival and order.channel == arrival.channel:
        if not arrival.lacks(order.channel, at):
            method = arrival.method if world.dice.random() < TAKES_IT else method
        elif world.dice.random() < FAILS_WITHOUT:  # looks for it, and takes another after all
            _attempt(world, order, order.at + SECOND, 0, method, "closed_by_user", 5 * SECOND)
    while attempt < 4 and not order.shop and world.chance(PAY_FAILS if attempt == 1 else 0.3):
        _attempt(world, order, at, attempt, method, world.random.choice(REASONS))
        if world.chance(GIVES_UP):
            world.later(order.at + UNPAID_AFTER, logistics.cancel, order, "unpaid")
            return
        at += world.random.randint(1, 9) * MINUTE
        attempt += 1
        method = world.random.choice(methods)[0]
    _attempt(world, order, at, attempt, method, "")
    if order.channel == world.plan.mishaps:
        _mishap(world, order, at + MINUTE, method)
    logistics.prepare(world, at + 20 * SECOND, order)


def _mishap(world: World, order: Order, at: int, method: str) -> None:
    """Now and then an order is paid once more, or for a basket whose order the shop never tells of."""
    dice = world.luck.random()
    if dice < PAID_TWICE:
        _attempt(world, order, at, 9, method, "")
    elif dice < PAID_TWICE + WITHOUT_ORDER:
        lost = Order(f"{order.order_id}-2", order.channel, order.who, at)
        lost.total = order.total
        _attempt(world, lost, at, 1, method, "")


def _attempt(  # noqa: PLR0913 (a payment, whole)
    world: World,
    order: Order,
    at: int,
    attempt: int,
    method: str,
    reason: str,
    fails_after: int = 11 * SECOND,
) -> None:
    """Started, then succeeded or failed; at a till only the success is told."""
    fields: dict[str, Any] = {
        "order_id": order.order_id,
        "payment_id": f"{order.order_id}-P{attempt}",
        "method": method,
    }
    fields["amount"] = _sum(order)
    if not order.shop:
        world.post.track(order.who, at, "Payment Started", dict(fields))
    if reason:
        world.post.track(order.who, at + fails_after, "Payment Failed", {**fields, "reason": reason})
    else:
        world.post.track(order.who, at + 14 * SECOND, "Payment Succeeded", fields)
