"""What is to be found in a demo and how large it came out, counted from what was sent: names, days, channels, sizes.

People are those whom the messages prove to be one (truth.py), days dates of Shanghai, both inside. Everything is
counted over the whole demo, as the API answers from its first day to its last. Not here: how it came about (actors/).
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from demo import outlets
from demo.between import Between, Counted
from demo.ledger import ADDED, ORDERED, VIEWED, Ledger, Sale
from demo.people import Id
from demo.plan import Campaign, Outage, Plan, PriceMistake, WinBack
from demo.seasons import DAY, Promotion

SOON_DAYS = 7  # from a campaign to the order that it brought
REPURCHASE_DAYS = 90
CART_DAYS = 1  # from a look to the order
AROUND = 28  # days before and after that say what is usual
ONLINE = tuple(slug for slug in outlets.SELLING if slug != outlets.STORES)


class CampaignFound(NamedTuple):
    """Customers who met the campaign, and those of them who ordered on the other channel within SOON_DAYS.

    `others`: the same of whoever met another campaign on that channel.
    """

    name: str
    seen_on: str
    sold_on: str
    first: dt.date
    last: dt.date
    saw: int
    ordered: int
    others_saw: int
    others_ordered: int


class WinBackFound(NamedTuple):
    """Orders in a store whose customer's one before was online.

    `switched`: from `first` to `last` in any store; `before`: in as many days before; `lapsed`: of `switched`, those
    after `lapsed_days` and more, `here` of them in `store`, `lapsed_before` in any store in the days before.
    """

    store: str
    first: dt.date
    last: dt.date
    lapsed_days: int
    switched: int
    before: int
    lapsed: int
    here: int
    lapsed_before: int


class Group(NamedTuple):
    """Customers and how many of them did it."""

    customers: int
    did: int

    @property
    def share(self) -> float:
        """Of the customers."""
        return self.did / self.customers if self.customers else 0.0


class LateFound(NamedTuple):
    """Who ordered again within REPURCHASE_DAYS of the first order: with a late parcel before it, and without."""

    late: Group
    others: Group


class CartsFound(NamedTuple):
    """Customers who looked on a channel, then put something in the cart, then ordered there, within CART_DAYS."""

    channel: str
    viewed: int
    added: int
    ordered: int


class ComeBackFound(NamedTuple):
    """Orders after one in a store, of the same customer, and how many of them were online."""

    again: int
    online: int


class OutageFound(NamedTuple):
    """Orders and events of a channel while it was down, and of a usual day."""

    channel: str
    first: dt.date
    last: dt.date
    orders: int
    events: int
    usual_orders: float
    usual_events: float


class MistakeFound(NamedTuple):
    """A price in yuan for a day, the orders that bought at it, and the orders of a usual day on the channel."""

    channel: str
    sku: str
    day: dt.date
    price: float
    list_price: float
    orders: int
    units: int
    usual_orders: float


class Busy(NamedTuple):
    """A promotion, whose days are busier on purpose."""

    name: str
    first: dt.date
    last: dt.date


class Findings(NamedTuple):
    """All of it; None: the demo was too short for it."""

    campaign: CampaignFound
    win_back: WinBackFound
    late: LateFound
    carts: CartsFound
    come_back: ComeBackFound
    outage: OutageFound | None
    mistake: MistakeFound | None
    promotions: tuple[Busy, ...]
    between: Between


def told(value: Any) -> Any:
    """Findings as JSON has them: named values by their names, days as text."""
    if hasattr(value, "_asdict"):
        return {name: told(one) for name, one in value._asdict().items()}
    if isinstance(value, tuple):
        return [told(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


class Sent:
    """What left, put together by customer."""

    def __init__(self, ledger: Ledger, whose: Callable[[Id], Id], first: dt.date, days: int) -> None:
        self.ledger, self.whose, self.first, self.days = ledger, whose, first, days
        self.orders: defaultdict[Id, list[Sale]] = defaultdict(list)  # of a customer, by time
        self.owner: dict[str, Id] = {}  # order id -> customer
        for sale in sorted(ledger.sales):
            if sale.who:
                self.owner[sale.order_id] = whose(sale.who)
                self.orders[self.owner[sale.order_id]].append(sale)

    def date(self, day: int) -> dt.date:
        """A day's date."""
        return self.first + dt.timedelta(days=day)

    def found(self, plan: Plan, promotions: Iterable[Promotion]) -> Findings:
        """Everything that was planned."""
        return Findings(
            self._campaign(plan.campaign),
            self._win_back(plan.win_back),
            self._late(),
            self._carts(plan.carts),
            self._come_back(),
            plan.outage and self._outage(plan.outage),
            plan.mistake and self._mistake(plan.mistake),
            tuple(Busy(sale.code, sale.first, sale.last) for sale in promotions),
            Counted(self.ledger, self.whose, self.orders, self._joined(), range(self.days)).found(
                plan, self.first
            ),
        )

    def _joined(self) -> dict[Id, int]:
        """Since when each customer is a member."""
        since: dict[Id, int] = {}
        for at, who in self.ledger.joined:
            since.setdefault(self.whose(who), at)
        return since

    def _campaign(self, plan: Campaign) -> CampaignFound:
        met: dict[bool, defaultdict[Id, list[int]]] = {True: defaultdict(list), False: defaultdict(list)}
        for touch in self.ledger.touches:
            if touch.channel == plan.seen_on:
                met[touch.campaign == plan.name][self.whose(touch.who)].append(touch.at)
        counts = [
            count
            for ours in (True, False)
            for count in (len(met[ours]), sum(self._soon(who, at, plan) for who, at in met[ours].items()))
        ]
        span = (self.date(plan.first), self.date(plan.last))
        return CampaignFound(plan.name, plan.seen_on, plan.sold_on, *span, *counts)

    def _soon(self, who: Id, times: Sequence[int], plan: Campaign) -> bool:
        bought = [sale.at for sale in self.orders.get(who, ()) if sale.channel == plan.sold_on]
        return any(at <= one <= at + SOON_DAYS * DAY for at in times for one in bought)

    def _win_back(self, plan: WinBack) -> WinBackFound:
        length = plan.last - plan.first + 1
        counts: Counter[str] = Counter()
        for old, new in self._pairs():
            if old.channel not in ONLINE or new.channel != outlets.STORES:
                continue
            lapsed = new.at - old.at >= plan.lapsed_days * DAY
            if plan.first <= new.at // DAY <= plan.last:
                counts["switched"] += 1
                counts["lapsed"] += lapsed
                counts["here"] += lapsed and new.store == plan.store
            elif plan.first - length <= new.at // DAY < plan.first:
                counts["before"] += 1
                counts["lapsed_before"] += lapsed
        names = ("switched", "before", "lapsed", "here", "lapsed_before")
        span = (self.date(plan.first), self.date(plan.last))
        return WinBackFound(plan.store, *span, plan.lapsed_days, *(counts[name] for name in names))

    def _pairs(self) -> Iterable[tuple[Sale, Sale]]:
        """Each order of a customer with his next one."""
        for sales in self.orders.values():
            yield from pairwise(sales)

    def _late(self) -> LateFound:
        late: defaultdict[Id, list[int]] = defaultdict(list)
        for at, order_id in self.ledger.late:
            if order_id in self.owner:
                late[self.owner[order_id]].append(at)
        counts: Counter[tuple[bool, bool]] = Counter()  # (a parcel was late, ordered again)
        for who, (began, *rest) in self.orders.items():
            end = began.at + REPURCHASE_DAYS * DAY
            again = bool(rest) and rest[0].at <= end
            until = rest[0].at if again else end
            counts[any(began.at < at < until for at in late[who]), again] += 1
        groups = [Group(counts[was, True] + counts[was, False], counts[was, True]) for was in (True, False)]
        return LateFound(*groups)

    def _carts(self, channel: str) -> CartsFound:
        times: dict[str, defaultdict[Id, list[int]]] = {}
        for event in (VIEWED, ADDED):
            times[event] = defaultdict(list)
            for at, who in self.ledger.carts[event]:
                times[event][self.whose(who)].append(at)
        times[ORDERED] = defaultdict(list)
        for who, sales in self.orders.items():
            times[ORDERED][who] = [sale.at for sale in sales if sale.channel == channel]
        reached = Counter(
            max(_steps(start, times[ADDED][who], times[ORDERED][who]) for start in starts)
            for who, starts in times[VIEWED].items()
        )
        return CartsFound(channel, reached.total(), reached[1] + reached[2], reached[2])

    def _come_back(self) -> ComeBackFound:
        following = [new.channel for old, new in self._pairs() if old.channel == outlets.STORES]
        return ComeBackFound(len(following), sum(channel in ONLINE for channel in following))

    def _outage(self, plan: Outage) -> OutageFound:
        days = range(plan.first, plan.last + 1)
        orders = self._a_day(plan.channel)
        connectors = [code for code, slug in outlets.CHANNEL_OF.items() if slug == plan.channel]
        events = {day: sum(self.ledger.events[code, day] for code in connectors) for day in range(self.days)}
        return OutageFound(
            plan.channel,
            self.date(plan.first),
            self.date(plan.last),
            sum(orders[day] for day in days),
            sum(events[day] for day in days),
            self._usual(orders, days),
            self._usual(events, days),
        )

    def _mistake(self, plan: PriceMistake) -> MistakeFound:
        bought = self.ledger.cheap
        usual = self._usual(self._a_day(plan.channel), range(plan.day, plan.day + 1))
        prices = (plan.price / 100, plan.good.price / 100)
        named = (plan.channel, plan.good.sku, self.date(plan.day))
        return MistakeFound(*named, *prices, len(bought), sum(bought), usual)

    def _a_day(self, channel: str) -> dict[int, int]:
        counts = Counter(sale.at // DAY for sale in self.ledger.sales if sale.channel == channel)
        return {day: counts[day] for day in range(self.days)}

    def _usual(self, counts: dict[int, int], but: range) -> float:
        """The mean of the days around."""
        near = range(max(0, but.start - AROUND), min(self.days, but.stop + AROUND))
        days = [counts[day] for day in near if day not in but]
        return sum(days) / len(days) if days else 0.0


def _steps(start: int, added: Sequence[int], ordered: Sequence[int]) -> int:
    """How many steps after a look were reached in time; both lists are in the order of time."""
    end = start + CART_DAYS * DAY
    place = bisect_left(added, start)
    if place == len(added) or added[place] > end:
        return 0
    return 2 if bisect_right(ordered, end) > bisect_left(ordered, added[place]) else 1
