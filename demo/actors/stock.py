"""What lies where: goods, costs and stock levels, replenished when low. Not here: prices."""

import datetime as dt
from typing import NamedTuple

from demo import outlets
from demo.goods import BRAND
from demo.seasons import DAY, HOUR
from demo.world import World

EVERY = 9  # days between two counts of one good in one place
UNITS_A_CUSTOMER_DAY = 1 / 115  # what people buy, to size the shelves
COVER = 62  # days of sales that lie on a full shelf
FULL, LOW = 1.25, 0.45  # of the cover: filled up to, filled up below
STUCK = 4  # of the cover, where another channel has none
PLACES = {  # location -> channel, connector that tells, share of all sales
    "TM-HZ": (outlets.TMALL, "tmall", 0.27),
    "JD-KS": (outlets.JD, "jd", 0.16),
    "DY-GZ": (outlets.DOUYIN, "douyin", 0.13),
    "XHS-SH": (outlets.XHS, "xiaohongshu", 0.07),
    "WX-SH": (outlets.MINI, "mini-program", 0.15),
    "WEB-SH": (outlets.WEB, "web", 0.10),
} | {shop.code: (outlets.STORES, "tills", 0.12 / len(outlets.SHOPS)) for shop in outlets.SHOPS}
OF_CHANNEL = {channel: place for place, (channel, _, _) in PLACES.items() if channel != outlets.STORES}
OF_CHANNEL[outlets.CALL] = OF_CHANNEL[outlets.WEB]


class _Shelf(NamedTuple):
    location: str
    good: int
    wanted: float


class Stock:
    """Every shelf of every location."""

    def __init__(self, world: World) -> None:
        self._world = world
        weights = sum(good.weight for good in world.goods)
        a_day = world.customers * UNITS_A_CUSTOMER_DAY
        self._shelves = [
            _Shelf(location, good.place, max(2.0, a_day * share * good.weight / weights * COVER))
            for location, (_, _, share) in PLACES.items()
            for good in world.goods
        ]
        self._level = [round(shelf.wanted * world.random.uniform(LOW + 0.2, FULL)) for shelf in self._shelves]

    def opening(self) -> None:
        """What is known before the first day: goods, costs, every level."""
        world = self._world
        for good in world.goods:
            named = {"sku": good.sku, "name": good.name, "category": good.category, "brand": BRAND}
            world.post.record("erp", good.place * 1000, {"type": "product", **named, "tags": [good.sku[-1]]})
            self._cost(good.place, HOUR // 6, 1.0)
        for number in range(len(self._shelves)):
            self._tell(number, HOUR // 5 + number * 10)

    def daily(self, day: int) -> None:
        """At night a ninth of the shelves is counted, sold units go off, low ones are filled."""
        if day and (day + 31) % 90 == 0:  # a new contract with the suppliers
            for good in self._world.goods[:: 1 + day % 3]:
                self._cost(good.place, day * DAY + HOUR, self._world.random.uniform(0.96, 1.07))
        kept = self._short(day)
        for number in range(day % EVERY, len(self._shelves), EVERY):
            shelf = self._shelves[number]
            if number in kept:
                continue
            level = max(0, self._level[number] - self._world.sold.pop((shelf.location, shelf.good), 0))
            if level < shelf.wanted * LOW:
                level = round(shelf.wanted * FULL)
            if level != self._level[number]:
                self._level[number] = level
                self._tell(number, day * DAY + HOUR * 2 + number * 100)

    def _short(self, day: int) -> set[int]:
        """The shelf that stays empty, and the one elsewhere that is full; those that are not counted today."""
        plan = self._world.plan.stock_out
        if plan is None or not plan.first <= day <= plan.last + 1:
            return set()
        empty, full = (
            self._shelves.index(shelf)
            for channel in (plan.channel, plan.elsewhere)
            for shelf in self._shelves
            if (shelf.location, shelf.good) == (OF_CHANNEL[channel], plan.good.place)
        )
        levels = {}
        if day == plan.first:
            levels = {empty: 0, full: round(self._shelves[full].wanted * STUCK)}
        elif day > plan.last:
            levels = {empty: round(self._shelves[empty].wanted * FULL)}
        for number, level in levels.items():
            self._world.sold.pop((self._shelves[number].location, plan.good.place), None)
            self._level[number] = level
            self._tell(number, day * DAY + HOUR * 2 + number * 100)
        return {empty, *levels}

    def _tell(self, number: int, at: int) -> None:
        shelf = self._shelves[number]
        sku = self._world.goods[shelf.good].sku
        body = {"type": "stock", "sku": sku, "quantity": self._level[number], "location": shelf.location}
        self._world.post.record(PLACES[shelf.location][1], at, body)

    def _cost(self, place: int, at: int, factor: float) -> None:
        good = self._world.goods[place]
        cost = f"{good.cost * factor / 100:.4f}"
        self._world.post.record(
            "erp", at, {"type": "cost", "sku": good.sku, "unit_cost": cost, "currency": "CNY"}
        )


MONTHLY = {"inventory_turnover"}  # targets that a longer period makes larger


def targets(world: World) -> None:
    """What the year's plan asks of the figures, from the first of the first month."""
    start = world.first.replace(day=1)
    plan = {
        "inventory_turnover": "1.30",
        "cac": "75",
        "retention": "0.30",
        "satisfaction": "0.90",
        "refund_rate": "0.08",
    }
    plan |= {"price_parity": "0.95", "repeat_purchase_rate": "0.25", "cross_channel_share": "0.20"}
    until = start + dt.timedelta(days=world.days + 400)
    for number, (metric, value) in enumerate(plan.items()):
        body = {"type": "target", "metric": metric, "value": value, "from": str(start), "to": str(until)}
        body |= {"period": "month"} if metric in MONTHLY else {}
        world.post.record("erp", number * 1000, body)
