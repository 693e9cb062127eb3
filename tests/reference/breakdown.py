"""What metrics come to by a dimension and of what filters leave, counted from the messages that were sent.

The facts are outside_facts.py's and the sums outside.py's; here is what each fact is by each dimension, and which facts
a filter leaves: all is counted again for each value, slowly. Not judged: what knows the channel
alone, as spend, stock and prices do. Not here: sending (tests/metrics/breakdown).
"""

import copy
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from tests.reference.outside import DAY, PAUSE, VISITING, Outside, Slot, contact
from tests.reference.outside_facts import COMPANY, PAYMENTS, Event, Sent

MOST = 50  # values that are listed
OF_PEOPLE = ("channel", "city", "member_tier")
OF_TOUCHES = ("channel", "campaign", "source", "city", "member_tier")
OF_ORDERS = (
    *("channel", "store", "campaign", "source", "city", "payment_method", "member_tier", "new_or_returning"),
)
OF_LINES = (*OF_ORDERS, "sku", "category", "brand")
# Each metric, the dimensions of what it counts, and what that is.
KNOWN: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(("gmv", "orders", "aov"), (OF_ORDERS, ("gmv",))),
    "refunds": (OF_ORDERS, ("refunds",)),
    **dict.fromkeys(("platform_fees", "take_rate"), (OF_ORDERS, ("platform_fees",))),
    "payout": (OF_ORDERS, ("payout",)),
    **dict.fromkeys(("net_revenue", "refund_rate"), (OF_ORDERS, ("gmv", "refunds"))),
    **dict.fromkeys(("buyers", "repeat_purchase_rate", "purchase_frequency"), (OF_ORDERS, ("bought",))),
    "new_customers": (OF_ORDERS, ("first",)),
    "cross_channel_return_rate": (OF_ORDERS, ("returns",)),
    "units": (OF_LINES, ("units",)),
    **dict.fromkeys(("margin", "gross_margin_rate"), (OF_LINES, ("margins",))),
    **dict.fromkeys(("active_customers", "cross_channel_share", "retention"), (OF_TOUCHES, ("active",))),
    **dict.fromkeys(("visits", "visit_conversion"), (OF_TOUCHES, ("visits",))),
    "cart_conversion": (OF_TOUCHES, ("carts",)),
    "identified_share": (OF_TOUCHES, ("met",)),
    **dict.fromkeys(("satisfaction", "nps"), (OF_PEOPLE, ())),
    "member_revenue_share": (OF_ORDERS, ("gmv", "refunds")),
    "membership_penetration": (OF_ORDERS, ("bought",)),
    "payment_conversion": (OF_ORDERS, ("payments_started",)),
    "delivery_hours": (OF_ORDERS, ("deliveries",)),
    "on_time_share": (OF_ORDERS, ("deliveries_promised",)),
    "refund_hours": (OF_ORDERS, ("refunds_of_returns",)),
    "first_response_minutes": (OF_PEOPLE, ("answered",)),
    "resolution_hours": (OF_PEOPLE, ("resolved",)),
}
COSTLY = ("margin", "gross_margin_rate")  # say how many lines have no cost
Dims = dict[str, str | None]
Kept = Mapping[str, Collection[str | None]]  # dimension -> the values that are left
Filter = tuple[str, str]  # a dimension and a value, as addresses write them
Figures = dict[Any, Any]  # "total" and the start of each interval -> figure


class Question(NamedTuple):
    """A metric over a period, by a dimension or by none ("")."""

    metric: str
    by: str
    first: date
    last: date
    interval: str


class Broken(NamedTuple):
    """What a question comes to: the whole, and each value by its key, in the order they are listed."""

    whole: Figures
    by: dict[str, Figures]
    missing_cost: int


def key(value: str | None) -> str:
    """A value as answers and addresses write it."""
    if value is None:
        return "null"
    return f"={value}" if value in ("null", "other") or value.startswith("=") else value


class Breakdown(Outside):
    """All that was sent. `whose`: the order of each item; `line_of`: its line; `margins` stands among them."""

    def __init__(self, sent: Iterable[Sent], channels: dict[str, str], zone: str) -> None:
        self.campaigns: dict[str, tuple[str | None, str | None]] = {}
        self.marketing: set[str] = set()
        self.said_of: dict[str, dict[str, Any]] = {}
        self.whose: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.line_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.kept: Kept = {}
        super().__init__(sent, channels, zone)
        self.whole = self
        self.settle(self.labels)

    # --- what each fact is ----------------------------------------------------------------------------------------

    def event(self, one: Sent) -> Event:
        found = super().event(one)
        named = (one.body.get("context") or {}).get("campaign")
        own = found.name == "Campaign Touched" or found.name.startswith(("Email ", "Push ", "Sms "))
        if own or (named or {}).get("name"):
            self.marketing.add(found.mid)
        if named is None and found.mid in self.marketing:
            named = {"name": found.said.get("campaign"), "source": found.said.get("source")}
        self.campaigns[found.mid] = ((named or {}).get("name"), (named or {}).get("source"))
        self.said_of[found.mid] = one.body.get("traits") or {}
        return found

    def make_order(self, channel: str, mine: list[Event]) -> None:
        before = len(self.orders)
        super().make_order(channel, mine)
        for order in self.orders[before:]:
            ordering = [m for m in mine if m.name in ("Order Completed", "Order Updated")]
            order["dims"] = {"channel": channel, "payment_method": self.method(mine)}
            order["dims"]["store"] = last(m.said.get("store") for m in ordering)
            for n, name in enumerate(("campaign", "source")):
                order["dims"][name] = last(self.campaigns[m.mid][n] for m in ordering)
            for name, items in self.counted():
                self.whose[name] += [order] * (len(items) - len(self.whose[name]))

    def payment(self, channel: str, messages: list[Event]) -> None:
        """Each by its own method, not by its order's."""
        super().payment(channel, messages)
        for name in ("payments_started", "payments_succeeded"):
            more = len(self.items[name]) - len(self.line_of[name])
            said = last(m.said.get("method") for m in messages)
            self.line_of[name] += [{"payment_method": said}] * more

    def method(self, mine: list[Event]) -> str | None:
        """How it was paid: by the first payment that succeeded, else by the last that was tried."""
        paid, tried = [], []
        for messages in self.facts(mine, PAYMENTS):
            said = last(m.said.get("method") for m in messages)
            won = [m.at for m in messages if m.name == "Payment Succeeded"]
            if said:
                tried.append((messages[0].at, said))
                paid += [(won[0], said)] if won else []
        return min(paid)[1] if paid else max(tried)[1] if tried else None

    def sold(self, channel: str, day: date, line: dict[str, Any], quantity: Any) -> None:
        if quantity:  # what came back after all was back already is nothing
            super().sold(channel, day, line, quantity)
            for name in ("missing", "units", "cogs", "margins"):
                more = len(dict(self.counted()).get(name, ())) - len(self.line_of[name])
                self.line_of[name] += [line] * more

    def counted(self) -> Iterator[tuple[str, list[Any]]]:
        yield from self.items.items()
        yield "margins", self.margins

    def settle(self, labels: dict[tuple[str, str], Any]) -> None:
        """What facts are by who is who."""
        self.labels = labels
        self.cities: dict[Any, str] = {}
        self.tiers: dict[Any, list[tuple[datetime, str]]] = defaultdict(list)
        for event in self.events:
            who = self.person(event)
            if event.kind == "identify" and self.said_of[event.mid].get("city"):
                self.cities[who] = self.said_of[event.mid]["city"]
            if event.name.startswith("Membership ") and event.said.get("tier") and not event.bot:
                self.tiers[who].append((event.at, event.said["tier"]))
        self.firsts: dict[Any, dict[str, Any]] = {}
        for order in sorted(self.orders, key=lambda o: (o["at"], o["mid"], o["id"], o["channel"])):
            self.firsts.setdefault(self.person(order["customer"]), order)
        self.firsts.pop(None, None)
        for order in self.orders:
            who = self.person(order["customer"])
            old = "new" if self.firsts.get(who) is order else "returning"
            order["dims"] |= self.of_person(who, order["at"])
            order["dims"]["new_or_returning"] = None if who is None else old
        self.touched = {event.mid: self.of_touch(event) for event in self.events}
        self.all_visits = list(self.visited())

    def of_person(self, who: Any, at: datetime) -> Dims:
        """The city is the latest said, the tier the one held then."""
        tiers = [] if who is None else [tier for since, tier in self.tiers[who] if since <= at]
        return {"city": self.cities.get(who), "member_tier": last(tiers)}

    def of_touch(self, event: Event) -> Dims:
        campaign, source = self.campaigns[event.mid]
        own: Dims = {"channel": event.channel, "campaign": campaign, "source": source}
        return own | self.of_person(self.person(event), event.at)

    def visited(self) -> Iterator[tuple[Event, datetime]]:
        """Every visit: its first touch and its last moment."""
        touches: dict[Any, list[Event]] = defaultdict(list)
        for event in self.events:
            looked = event.kind in ("page", "screen") or event.name in VISITING
            if contact(event) and looked and event.mid not in self.marketing:
                touches[self.person(event), event.channel].append(event)
        for events in touches.values():
            opened, ended = events[0], events[0].at
            for event in events:
                if event.at - ended >= PAUSE:
                    yield opened, ended
                    opened = event
                ended = event.at
            yield opened, ended

    # --- what filters leave ---------------------------------------------------------------------------------------

    def narrowed(self, kept: Kept) -> "Breakdown":
        """The same, but only what has one of these values in each dimension."""
        both = dict(self.kept)
        for name, values in kept.items():
            both[name] = set(values) & set(both.get(name, values))
        found = copy.copy(self)
        found.kept, found.items, found.owners = both, defaultdict(list), defaultdict(list)
        for name, items in self.whole.counted():
            orders = self.whose.get(name, [])
            lines = self.line_of.get(name) or [{}] * len(orders)
            for item, order, line in zip(items, orders, lines, strict=False):
                if found.keeps(of_item(order, line)):
                    found.items[name].append(item)
                    found.owners[name].append(order)
        found.margins = found.items.pop("margins", [])
        found.orders = [order for order in self.whole.orders if found.keeps(order["dims"])]
        return found

    def keeps(self, dims: Dims, without: str = "") -> bool:
        return all(dims.get(name) in values for name, values in self.kept.items() if name != without)

    def counts(self, event: Event) -> bool:
        return self.keeps(self.touched[event.mid])

    def counts_then(self, where: str, who: Any, at: datetime) -> bool:
        return self.keeps({"channel": where} | self.of_person(who, at))

    def visits(self) -> list[tuple[Any, str, Any, Any]]:
        return [
            (self.person(event), event.channel, event.at, end)
            for event, end in self.all_visits
            if self.counts(event)
        ]

    def new(self, first: date, last: date, channel: str | None) -> int:
        return sum(first <= order["day"] <= last for order in self.first_orders())

    def first_orders(self) -> list[dict[str, Any]]:
        return [order for order in self.firsts.values() if self.keeps(order["dims"])]

    def active(self, first: date, last: date) -> dict[Any, set[str]]:
        """Who was active on which channels, whatever channel is asked for."""
        found: dict[Any, set[str]] = defaultdict(set)
        for event in self.events:
            there = contact(event) and event.name not in COMPANY and first <= self.day(event.at) <= last
            if there and self.keeps(self.touched[event.mid], without="channel"):
                found[self.person(event)].add(event.channel)
        return found

    def there(self, first: date, last: date, channel: str | None) -> set[Any]:
        asked = set(self.kept.get("channel", self.channels))
        return {who for who, channels in self.active(first, last).items() if channels & asked}

    def ordered(self, who: Any, where: str | None, begin: Any, end: Any) -> bool:
        """Any order will do, on a channel that is asked for; not only those that other filters leave."""
        asked = self.kept.get("channel", self.channels) if where is None else [where]
        return any(
            begin <= order["at"] <= end and order["channel"] in asked
            for order in self.whole.orders
            if self.person(order["customer"]) == who
        )

    def days(self, what: str) -> Iterator[date]:
        """When all that is counted is."""
        if what in ("bought", "first"):
            orders = self.first_orders() if what == "first" else self.orders
            yield from (order["day"] for order in orders if order["customer"] is not None)
        elif what == "visits":
            yield from (self.day(begin) for _who, _where, begin, _end in self.visits())
        elif what in ("answered", "resolved"):
            yield from (self.day(at) for _where, _who, _opened, at in self.tickets(what))
        elif what in ("met", "carts", "active"):
            for event in self.met():
                if what == "met" or (
                    event.name == "Product Added" if what == "carts" else event.name not in COMPANY
                ):
                    yield self.day(event.at)
        else:
            items = [pair[0] for pair in self.margins] if what == "margins" else self.items[what]
            yield from (item.day for item in items)

    # --- the answers ----------------------------------------------------------------------------------------------

    def broken(self, asked: Question, filters: Iterable[Filter] = (), most: int = MOST) -> Broken:
        """The answer to a question. `most`: how many values are listed."""
        kept = self.left(asked, list(filters), most)
        there = self.narrowed(kept)
        whole = there.answered(asked)
        missing = int(there.count("missing", asked.first, asked.last, None)) if asked.metric in COSTLY else 0
        if not asked.by:
            return Broken(whole, {}, missing)
        if asked.by == "channel":
            named = [one for one in self.channels if one in kept.get("channel", self.channels)]
            return Broken(whole, {one: there.of({one}, asked) for one in named}, missing)
        listed = there.ranked(asked, most)
        parts = {key(one): there.of({one}, asked) for one in listed}
        rest = there.values(asked.by) - set(listed) - {None}
        for name, values in (("other", rest), ("null", {None})):
            figures = there.of(values, asked)
            if there.narrowed({asked.by: values}).is_there(asked) or any(map(says, figures.values())):
                parts[name] = figures
        return Broken(whole, parts, missing)

    def left(self, asked: Question, filters: list[Filter], most: int) -> Kept:
        """The values that filters leave: any of one dimension, all of several. "other": none of those listed."""
        kept: dict[str, set[str | None]] = defaultdict(set)
        for dimension, text in filters:
            if text == "other":
                apart = [one for one in filters if one[0] != dimension]
                there = self.narrowed(self.left(asked, apart, most))
                listed = there.ranked(asked._replace(by=dimension), most)
                kept[dimension] |= there.values(dimension) - set(listed) - {None}
            else:
                kept[dimension].add(None if text == "null" else text.removeprefix("="))
        return kept

    def of(self, values: Collection[str | None], asked: Question) -> Figures:
        return self.narrowed({asked.by: values}).answered(asked)

    def ranked(self, asked: Question, most: int) -> list[str]:
        """The values listed, the largest of the whole period first, equal ones by name."""
        sizes: dict[str, Any] = {}
        for value in self.values(asked.by):
            one = self.narrowed({asked.by: [value]})
            if value is not None and one.is_there(asked):
                top, bottom, _ = one.answered(asked._replace(interval=""))["total"]
                sizes[value] = top if bottom is None else bottom
        return sorted(sizes, key=lambda value: (-sizes[value], value))[:most]

    def values(self, dimension: str) -> set[str | None]:
        """All that anything has, and none."""
        goods = zip(self.whose["units"], self.line_of["units"], strict=True)
        facts = [*(order["dims"] for order in self.whole.orders), *self.touched.values()]
        facts += [of_item(order, line) for order, line in goods]
        return {dims.get(dimension) for dims in facts} | {None}

    def is_there(self, asked: Question) -> bool:
        """Whether anything of the period is counted, be it nothing in sum."""
        slot: Slot = (asked.first, asked.last)
        if asked.metric in ("satisfaction", "nps"):
            return bool(self.answers(*slot, None))
        if asked.metric == "retention":
            slot = before(*slot)
        counted = KNOWN[asked.metric][1]
        return any(slot[0] <= day <= slot[1] for what in counted for day in self.days(what))

    def answered(self, asked: Question) -> Figures:
        """Total and series; without an interval the total alone."""
        slot: Slot = (asked.first, asked.last)
        if asked.interval:
            return self.answer(asked.metric, *slot, asked.interval, None)
        if asked.metric == "retention":
            return {"total": self.retention(slot, before(*slot), None)}
        return {"total": self.figure(asked.metric, slot, None)}


def before(first: date, last: date) -> Slot:
    """As many days before."""
    return first - (last - first + DAY), first - DAY


def last(said: Iterable[Any]) -> Any:
    """The last that says something."""
    return next(reversed([one for one in said if one is not None]), None)


def of_item(order: dict[str, Any], line: dict[str, Any]) -> Dims:
    """What an order is, and its line."""
    own = {"payment_method": line["payment_method"]} if "payment_method" in line else {}
    return order["dims"] | {name: line.get(name) for name in ("sku", "category", "brand")} | own


def says(figure: Any) -> bool:
    """Whether a figure is anything but nothing."""
    return any(figure)
