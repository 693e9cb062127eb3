"""The simulated world: its clock, its dice, what is there and what is still to come. Not here: what the actors do."""

import datetime as dt
import heapq
from collections.abc import Callable
from itertools import accumulate
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from demo import outlets, people, plan, seasons
from demo.goods import Good, catalogue
from demo.people import Person
from demo.post import Post, Session
from demo.seasons import DAY, HOUR, Promotion
from demo.truth import Truth

ZONE = ZoneInfo("Asia/Shanghai")
CURRENCY = "CNY"
SECOND, MINUTE = 1_000, 60_000  # milliseconds

Action = Callable[..., None]


class World:
    """Everything the actors share. Times are milliseconds since the first midnight in Shanghai."""

    def __init__(self, customers: int, days: int, seed: int, end: dt.datetime) -> None:
        last = end.astimezone(ZONE)
        self.random = Random(f"hemu/{seed}/{customers}/{days}")
        # What was planned later draws from dice of its own: all else stays as it was.
        self.dice = Random(f"between/{seed}/{customers}/{days}")
        self.luck = Random(f"club/{seed}/{customers}/{days}")  # of the club and of what goes wrong with money
        self.customers, self.days = customers, days
        self.first = last.date() - dt.timedelta(days=days - 1)
        midnight = dt.datetime.combine(self.first, dt.time(), tzinfo=ZONE)
        self.end = int((last - midnight).total_seconds() * 1000)
        mark = people.digest(seed, customers, days, last.isoformat())
        self.tag = int(mark[:8], 16) % 9000 + 1000
        self.goods = catalogue()
        self.promotions = seasons.promotions(self.first - dt.timedelta(days=1), last.date())
        self.plan = plan.made(self.first, days, self.promotions, self.goods)
        self.truth = Truth(self.plan)
        self.post = Post(mark[:8], self.first, self.end, self.truth, self.plan.outage)
        self.people = people.make(customers, days, self.tag, self.random)
        for person in self.people:
            self.truth.own(person.number, person.owned())
        self.near: dict[str, list[Person]] = {shop.code: [] for shop in outlets.SHOPS}
        for person in self.people:
            if person.shop >= 0:
                self.near[outlets.SHOPS[person.shop].code].append(person)
        self.told: list[Person] = []  # members who gave their phone with their number
        self.prices: dict[str, list[int]] = {}  # channel -> fen by place of the good, kept by prices.py
        self.sold: dict[
            tuple[str, int], int
        ] = {}  # units sold since stock.py looked: (location, place of the good)
        self.greet: dict[
            str, Callable[[World, Person], Session]
        ] = {}  # channel -> how a person shows up there
        self._coming: list[tuple[int, int, Action, tuple[Any, ...]]] = []
        self._liked = list(accumulate(good.weight for good in self.goods))
        self._order = self._ids = 0
        self._online, self._shops = _moments(seasons.HOURS), _moments(seasons.SHOP_HOURS)

    def later(self, at: int, action: Action, *what: Any) -> None:
        """`action(world, at, *what)` will be called when its time has come; never after the end."""
        if at <= self.end:
            self._order += 1
            heapq.heappush(self._coming, (at, self._order, action, what))

    def pass_until(self, moment: int) -> None:
        """Everything that comes before a moment happens, in its order."""
        coming = self._coming
        while coming and coming[0][0] < moment:
            at, _, action, what = heapq.heappop(coming)
            action(self, at, *what)

    def date(self, at: int) -> dt.date:
        """The day in Shanghai."""
        return self.first + dt.timedelta(days=at // DAY)

    def moment(self, day: int, *, shops: bool = False) -> int:
        """A likely time on a day, when people are awake or shops open."""
        start = self.random.choice(self._shops if shops else self._online)
        return day * DAY + start + int(self.random.random() * HOUR)

    def opening(self, at: int) -> int:
        """The same day when shops are open: now if they are."""
        hour = at % DAY // HOUR
        return at if seasons.SHOP_HOURS[hour] else self.moment(at // DAY + (hour > 12), shops=True)

    def chance(self, share: float) -> bool:
        """True in this share of all cases."""
        return self.random.random() < share

    def promotion(self, at: int) -> Promotion | None:
        """The sale of that day."""
        day = self.date(at)
        return next((sale for sale in self.promotions if sale.first <= day <= sale.last), None)

    def name(self, prefix: str) -> str:
        """A number for an order, a ticket, a parcel: never given twice."""
        self._ids += 1
        return f"{prefix}{self.tag}{self._ids:06d}"

    def basket(self) -> list[Good]:
        """One to three goods somebody has in mind."""
        count = self.random.choices((1, 2, 3), (60, 28, 12))[0]
        return list(dict.fromkeys(self.random.choices(self.goods, cum_weights=self._liked, k=count)))


def _moments(hours: tuple[int, ...]) -> list[int]:
    """The starts of hours, each as often as people shop then."""
    return [hour * HOUR for hour, weight in enumerate(hours) for _ in range(weight)]
