"""The read API's numbers, added up from the facts of outside_facts.py by the written contract alone.

Every question is answered from the beginning, by a walk over everything. Not here: what an order comes to.
"""

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.outside_facts import COMPANY, TICKETS, Event, Facts, Sent, hours, minutes

__all__ = ["Outside", "Sent"]
DAY = timedelta(days=1)
PAUSE = timedelta(minutes=30)
VISITING = {
    "Product Viewed",
    "Store Visited",
    "Product Added",
}  # those of browsing, cart and store that are sent
Unconverted = dict[str, Fraction]
Slot = tuple[date, date]


class Outside(Facts):
    """All that was sent, and what it must come to."""

    def __init__(self, sent: Iterable[Sent], channels: dict[str, str], zone: str = "Asia/Shanghai") -> None:
        super().__init__(sent, channels, zone=zone)
        self.worths: dict[date, dict[tuple[str, str, date], Fraction]] = {}
        self.held: dict[date, dict[tuple[str, str], dict[str, Fraction]]] = {}
        self.joining: tuple[Any, dict[Any, datetime]] = (None, {})

    # --- adding up ------------------------------------------------------------------------------------------------

    def rate(self, currency: str, day: date | None) -> Fraction | None:
        if currency in ("", self.currency) or day is None:
            return Fraction(1)
        held = [
            r for r in self.records["rate"].values() if r["currency"] == currency and self.day(r["at"]) <= day
        ]
        return Fraction(str(max(held, key=lambda r: r["at"])["rate"])) if held else None

    def total(self, name: str, first: date, last: date, channel: str | None) -> tuple[Fraction, Unconverted]:
        found, apart = Fraction(0), defaultdict(Fraction)
        for item in self.items[name]:
            if first <= item.day <= last and channel in (None, item.channel):
                rate = self.rate(item.currency, item.rate_day)
                if rate is None:
                    apart[item.currency] += item.amount
                else:
                    found += item.amount * rate
        return found, {currency: amount for currency, amount in apart.items() if amount}

    def count(self, name: str, first: date, last: date, channel: str | None, rated: bool = False) -> Fraction:
        """How many; `rated`: only those whose currency has a rate."""
        return Fraction(sum(
            1 for item in self.items[name]
            if first <= item.day <= last and channel in (None, item.channel)
            and not (rated and self.rate(item.currency, item.rate_day) is None)
        ))  # fmt: skip

    def stock(self, first: date, last: date, channel: str | None) -> tuple[Fraction, Unconverted]:
        """The mean of the closing worths."""
        days, found, apart = (last - first).days + 1, Fraction(0), defaultdict(Fraction)
        for n in range(days):
            for (where, currency, rate_day), worth in self.closing(first + n * DAY).items():
                if channel in (None, where):
                    rate = self.rate(currency, rate_day)
                    if rate is None:
                        apart[currency] += worth / days
                    else:
                        found += worth * rate / days
        return found, {currency: amount for currency, amount in apart.items() if amount}

    def closing(self, day: date) -> dict[tuple[str, str, date], Fraction]:
        if day not in self.worths:
            levels: dict[Any, dict[str, Any]] = {}
            for r in sorted(self.records["stock"].values(), key=lambda r: r["at"]):
                if self.day(r["at"]) <= day:
                    levels[r["where"], r["sku"], r.get("location", "")] = r
            worths: dict[tuple[str, str, date], Fraction] = defaultdict(Fraction)
            for (where, sku, _), r in levels.items():
                cost = self.cost(sku, where, day)
                if cost is not None:
                    there = max(Fraction(str(r["quantity"])), Fraction(0))  # what is owed is worth nothing
                    worths[where, cost[1], cost[2]] += there * cost[0]
            self.worths[day] = worths
        return self.worths[day]

    # --- people ---------------------------------------------------------------------------------------------------

    def active(self, first: date, last: date) -> dict[Any, set[str]]:
        """Who was active, and on which channels."""
        found: dict[Any, set[str]] = defaultdict(set)
        for event in self.events:
            if (
                event.kind in ("track", "page", "screen")
                and event.name not in COMPANY
                and event.ids
                and not event.bot
                and first <= self.day(event.at) <= last
            ):
                found[self.person(event)].add(event.channel)
        return found

    def there(self, first: date, last: date, channel: str | None) -> set[Any]:
        return {
            p for p, channels in self.active(first, last).items() if channel is None or channel in channels
        }

    def bought(self, first: date, last: date, channel: str | None) -> dict[Any, int]:
        found: dict[Any, int] = defaultdict(int)
        for order in self.orders:
            who = self.person(order["customer"])
            if who is not None and first <= order["day"] <= last and channel in (None, order["channel"]):
                found[who] += 1
        return found

    def new(self, first: date, last: date, channel: str | None) -> int:
        firsts: dict[Any, dict[str, Any]] = {}
        for order in sorted(
            self.orders, key=lambda o: (o["at"], o["mid"], o["id"], o["channel"]), reverse=True
        ):
            firsts[self.person(order["customer"])] = order
        firsts.pop(None, None)
        return sum(first <= o["day"] <= last and channel in (None, o["channel"]) for o in firsts.values())

    def answers(self, first: date, last: date, channel: str | None) -> dict[Any, bool]:
        """Whoever answered in the period, and whether the latest answer is a satisfied one."""
        return {who: share >= Fraction(4, 5) for who, share in self.marks(first, last, channel).items()}

    def marks(self, first: date, last: date, channel: str | None) -> dict[Any, Fraction]:
        """Whoever answered in the period, and what share of the best mark the latest answer gives."""
        facts: dict[Any, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.name == "Feedback Given" and not event.bot:
                facts[event.channel, event.said.get("feedback_id") or event.mid].append(event)
        found: dict[Any, Fraction] = {}
        for (where, _), messages in sorted(facts.items(), key=lambda fact: fact[1][0].when):
            here = channel in (None, where) and self.counts(messages[0])
            if first <= self.day(messages[0].at) <= last and here:
                score, scale = self.latest(messages, "score"), self.latest(messages, "scale")
                best = Fraction(str(scale.said["scale"])) if scale else Fraction(5)
                who = self.person(messages[0])
                mark = Fraction(str(score.said["score"])) if score else Fraction(0)
                found[messages[0].mid if who is None else who] = mark / best
        return found

    def _nps(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        found = self.marks(*slot, channel).values()
        for_us = sum(share >= Fraction(9, 10) for share in found)
        return for_us - sum(share <= Fraction(6, 10) for share in found), len(found), {}

    # --- members --------------------------------------------------------------------------------------------------

    def is_member(self, order: dict[str, Any]) -> bool:
        """Whether the order's customer had joined by then."""
        since = self.members().get(self.person(order["customer"]))
        return since is not None and since <= order["at"]

    def members(self) -> dict[Any, datetime]:
        """Since when each member is one."""
        if self.joining[0] is not self.labels:
            first: dict[Any, datetime] = {}
            for event in self.events:
                if event.name.startswith("Membership ") and not event.bot and event.ids:
                    first.setdefault(self.person(event), event.at)
            self.joining = self.labels, first
        return self.joining[1]

    def of_members(self, name: str) -> "Outside":
        """The same with those items alone that belong to orders of members."""
        found = copy.copy(self)
        kept = [
            item
            for item, order in zip(self.items[name], self.owners[name], strict=True)
            if self.is_member(order)
        ]
        found.items = self.items | {name: kept}
        return found

    def _member_revenue_share(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        whole, _none, apart = self._net_revenue(slot, channel)
        ordered, more = self.of_members("gmv").total("gmv", *slot, channel)
        back, less = self.of_members("refunds").total("refunds", *slot, channel)
        both = {c: more.get(c, Fraction(0)) - less.get(c, Fraction(0)) for c in {*more, *less}}
        return ordered - back, whole, {**apart, **{c: amount for c, amount in both.items() if amount}}

    def _membership_penetration(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        members = {
            self.person(order["customer"])
            for order in self.orders
            if slot[0] <= order["day"] <= slot[1]
            and channel in (None, order["channel"])
            and self.is_member(order)
        }
        return len(members), len(self.bought(*slot, channel)), {}

    # --- stock ----------------------------------------------------------------------------------------------------

    def levels(self, day: date) -> dict[tuple[str, str], dict[str, Fraction]]:
        """What each SKU on each channel closes a day with, location by location."""
        if day not in self.held:
            found: dict[tuple[str, str], dict[str, Fraction]] = defaultdict(dict)
            for r in sorted(self.records["stock"].values(), key=lambda r: r["at"]):
                if self.day(r["at"]) <= day:
                    found[r["where"], r["sku"]][r.get("location", "")] = Fraction(str(r["quantity"]))
            self.held[day] = found
        return self.held[day]

    def _stock_out_rate(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        out = known = 0
        for n in range((slot[1] - slot[0]).days + 1):
            for (where, _sku), there in self.levels(slot[0] + n * DAY).items():
                known += channel in (None, where)
                out += channel in (None, where) and sum(there.values()) <= 0
        return out, known, {}

    def _days_of_cover(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        there = [
            max(quantity, Fraction(0))
            for (where, _sku), held in self.levels(slot[1]).items()
            for quantity in held.values()
            if channel in (None, where)
        ]
        sold, _apart = self.total("units", slot[1] - 29 * DAY, slot[1], channel)
        return sum(there), sold / 30, {}

    def _parity_exposure(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        newest: dict[str, dict[str, Any]] = defaultdict(dict)
        for r in sorted(self.records["price"].values(), key=lambda r: r["at"]):
            if self.day(r["at"]) <= slot[1]:
                newest[r["sku"]][r["where"]] = r
        found, apart = Fraction(0), defaultdict(Fraction)
        for sku, there in newest.items():
            prices = [self.money(r["price"], r["currency"]) for r in there.values()]
            currencies = {r["currency"] for r in there.values()}
            if len(currencies) > 1 or (channel and channel not in there):
                continue
            units = sum(
                line["quantity"]
                for order in self.orders
                for line in order["lines"]
                if line["sku"] == sku
                and slot[1] - 29 * DAY <= order["day"] <= slot[1]
                and channel in (None, order["channel"])
            )
            amount = units * (max(prices) - min(prices))
            rate = self.rate(currencies.pop(), max(self.day(r["at"]) for r in there.values()))
            if rate is None:
                apart[there.popitem()[1]["currency"]] += amount
            else:
                found += amount * rate
        return found, None, {currency: amount for currency, amount in apart.items() if amount}

    # --- prices ---------------------------------------------------------------------------------------------------

    def parity(self, last: date, channel: str | None) -> tuple[int, int]:
        newest: dict[str, dict[str, tuple[Fraction, str]]] = defaultdict(dict)
        for r in sorted(self.records["price"].values(), key=lambda r: r["at"]):
            if self.day(r["at"]) <= last:
                newest[r["sku"]][r["where"]] = self.money(r["price"], r["currency"]), r["currency"]
        compared = [
            prices for prices in newest.values()
            if len(prices) > 1 and len({c for _, c in prices.values()}) == 1 and (channel is None or channel in prices)
        ]  # fmt: skip
        return sum(len(set(prices.values())) == 1 for prices in compared), len(compared)

    # --- the answers ----------------------------------------------------------------------------------------------

    def figure(self, name: str, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        """Numerator, denominator (None: no ratio) and what has no rate. Not retention: it needs two periods."""
        if name in ("gmv", "refunds", "platform_fees", "payout"):
            value, apart = self.total(name, *slot, channel)
            return value, None, apart
        counted = getattr(self, f"_{name}", None)
        return counted(slot, channel) if counted else (*self.people(name, slot, channel), {})

    def _net_revenue(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        ordered, apart = self.total("gmv", *slot, channel)
        back, back_apart = self.total("refunds", *slot, channel)
        both = {c: apart.get(c, Fraction(0)) - back_apart.get(c, Fraction(0)) for c in {*apart, *back_apart}}
        return ordered - back, None, {c: amount for c, amount in both.items() if amount}

    def _refund_rate(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        ordered, apart = self.total("gmv", *slot, channel)
        back, back_apart = self.total("refunds", *slot, channel)
        return back, ordered, {**apart, **back_apart}

    def _take_rate(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        ordered, apart = self.total("gmv_with_fees", *slot, channel)
        kept, kept_apart = self.total("platform_fees", *slot, channel)
        return kept, ordered, {**apart, **kept_apart}

    def _orders(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return self.count("orders", *slot, channel), None, {}

    def _aov(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        ordered, apart = self.total("gmv", *slot, channel)
        return ordered, self.count("orders", *slot, channel, rated=True), apart

    def _units(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return self.total("units", *slot, channel)[0], None, {}

    def _purchase_frequency(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        bought = self.bought(*slot, channel)
        return sum(bought.values()), len(bought), {}

    def _margin(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        brought, cost, apart = self.earned(slot, channel)
        return brought - cost, None, apart

    def _gross_margin_rate(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        brought, cost, apart = self.earned(slot, channel)
        known = self.earned(slot, channel, less=0)[2]
        return brought - cost, brought, {**known, **apart}

    def earned(
        self, slot: Slot, channel: str | None, less: int = 1
    ) -> tuple[Fraction, Fraction, Unconverted]:
        """Revenue and cost of lines that have a rate for both; what has none for one, or for either, apart."""
        found, apart = [Fraction(0), Fraction(0)], defaultdict(Fraction)
        for pair in self.margins:
            if slot[0] <= pair[0].day <= slot[1] and channel in (None, pair[0].channel):
                rates = [self.rate(item.currency, item.rate_day) for item in pair]
                for side, (item, rate) in enumerate(zip(pair, rates, strict=True)):
                    if None not in rates:
                        found[side] += item.amount * (rate or 0)
                    elif rate is None:
                        apart[item.currency] += item.amount * (-less if side else 1)
        return found[0], found[1], {currency: amount for currency, amount in apart.items() if amount}

    def met(self) -> Iterator[Event]:
        """Page, screen and track events of people."""
        return (e for e in self.events if contact(e) and self.counts(e))

    def counts(self, _event: Event) -> bool:
        """Whether an event is asked for: all are, where nothing is left out (breakdown.py)."""
        return True

    def visits(self) -> list[tuple[Any, str, Any, Any]]:
        """Every visit: person, channel, its first and its last moment."""
        moments: dict[Any, list[Any]] = defaultdict(list)
        for event in self.met():
            if event.kind in ("page", "screen") or event.name in VISITING:
                moments[self.person(event), event.channel].append(event.at)
        found = []
        for (who, where), times in moments.items():
            first = last = min(times)
            for at in sorted(times):
                if at - last >= PAUSE:
                    found.append((who, where, first, last))
                    first = at
                last = at
            found.append((who, where, first, last))
        return found

    def ordered(self, who: Any, where: str | None, begin: Any, end: Any) -> bool:
        return any(
            begin <= order["at"] <= end and where in (None, order["channel"])
            for order in self.orders
            if self.person(order["customer"]) == who
        )

    def of_visits(self, slot: Slot, channel: str | None) -> list[tuple[Any, str, Any, Any]]:
        return [
            one
            for one in self.visits()
            if slot[0] <= self.day(one[2]) <= slot[1] and channel in (None, one[1])
        ]

    def _visits(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return len(self.of_visits(slot, channel)), None, {}

    def _visit_conversion(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        found = self.of_visits(slot, channel)
        won = [one for one in found if self.ordered(one[0], one[1], one[2], one[3] + DAY)]
        return len(won), len(found), {}

    def _cart_conversion(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        first: dict[Any, Any] = {}
        for event in self.met():
            there = slot[0] <= self.day(event.at) <= slot[1] and channel in (None, event.channel)
            if there and event.name == "Product Added":
                who = self.person(event)
                first[who] = min(first.get(who, event.at), event.at)
        won = [who for who, at in first.items() if self.ordered(who, channel, at, at + 7 * DAY)]
        return len(won), len(first), {}

    def _identified_share(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        named = {
            self.person(event)
            for event in self.events
            if any(kind != "anonymous_id" for kind, _ in event.ids)
        }
        found = [
            self.person(event)
            for event in self.met()
            if slot[0] <= self.day(event.at) <= slot[1] and channel in (None, event.channel)
        ]
        return sum(who in named for who in found), len(found), {}

    def _cac(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        spent, apart = self.total("spend", *slot, channel)
        return spent, self.new(*slot, channel), apart

    def _roas(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        stayed, _none, apart = self._net_revenue(slot, channel)
        spent, spent_apart = self.total("all_spend", *slot, channel)
        return stayed, spent, {**spent_apart, **apart}

    def _roi(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        earned, _none, apart = self._margin(slot, channel)
        spent, spent_apart = self.total("all_spend", *slot, channel)
        both = {
            c: apart.get(c, Fraction(0)) - spent_apart.get(c, Fraction(0)) for c in {*apart, *spent_apart}
        }
        return earned - spent, spent, {**spent_apart, **{c: amount for c, amount in both.items() if amount}}

    def _cpa(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        spent, apart = self.total("all_spend", *slot, channel)
        return spent, self.count("orders", *slot, channel), apart

    def _inventory_turnover(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        (cogs, apart), (stock, stock_apart) = self.total("cogs", *slot, channel), self.stock(*slot, channel)
        return cogs, stock, {**stock_apart, **apart}

    def _cross_channel_return_rate(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return self.count("elsewhere", *slot, channel), self.count("returns", *slot, channel), {}

    def _payment_conversion(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return self.over("payments_succeeded", "payments_started", slot, channel)

    def _delivery_hours(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return self.over("delivery_time", "deliveries", slot, channel)

    def _on_time_share(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return self.over("deliveries_on_time", "deliveries_promised", slot, channel)

    def _refund_hours(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return self.over("refund_time", "refunds_of_returns", slot, channel)

    def over(self, top: str, bottom: str, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        """What two lists of items add up to."""
        return self.total(top, *slot, channel)[0], self.total(bottom, *slot, channel)[0], {}

    def tickets(self, ended: str) -> list[tuple[str, Any, datetime, datetime]]:
        """Each that came so far: channel, person, when it was opened, when it was first answered or resolved."""
        told: dict[Any, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.name in TICKETS:
                told[event.channel, str(event.said["ticket_id"])].append(event)
        found: list[tuple[str, Any, datetime, datetime]] = []
        for (where, _), messages in told.items():
            opened = [m.at for m in messages if m.name == "Ticket Opened"]
            resolved = [m.at for m in messages if m.name == "Ticket Resolved"]
            said = self.latest(messages, "first_response_at")
            answered = [datetime.fromisoformat(said.said["first_response_at"])] if said else []
            who = None if messages[0].bot else self.person(messages[0])
            ends = [at for at in (answered if ended == "answered" else resolved)[:1] if opened]
            found += [
                (where, who, opened[0], at)
                for at in ends
                if at >= opened[0] and self.counts_then(where, who, at)
            ]
        return found

    def counts_then(self, _where: str, _who: Any, _at: datetime) -> bool:
        """Whether something of somebody at a moment is asked for: all is, where nothing is left out (breakdown.py)."""
        return True

    def _first_response_minutes(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        found = self.of_tickets("answered", slot, channel)
        return sum(minutes(*one) for one in found), len(found), {}

    def _resolution_hours(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        found = self.of_tickets("resolved", slot, channel)
        return sum(hours(*one) for one in found), len(found), {}

    def of_tickets(self, ended: str, slot: Slot, channel: str | None) -> list[tuple[datetime, datetime]]:
        return [
            (opened, at)
            for where, _who, opened, at in self.tickets(ended)
            if slot[0] <= self.day(at) <= slot[1] and channel in (None, where)
        ]

    def _price_parity(self, slot: Slot, channel: str | None) -> tuple[Any, Any, Unconverted]:
        return *self.parity(slot[1], channel), {}

    def people(self, name: str, slot: Slot, channel: str | None) -> tuple[int, int | None]:
        there = self.there(*slot, channel)
        if name == "active_customers":
            return len(there), None
        if name == "cross_channel_share":
            return sum(len(self.active(*slot)[who]) > 1 for who in there), len(there)
        if name == "new_customers":
            return self.new(*slot, channel), None
        if name == "satisfaction":
            answers = self.answers(*slot, channel)
            return sum(answers.values()), len(answers)
        bought = self.bought(*slot, channel)
        if name == "buyers":
            return len(bought), None
        return sum(n > 1 for n in bought.values()), len(bought)  # repeat_purchase_rate

    def retention(self, this: Slot, before: Slot, channel: str | None) -> tuple[int, int, Unconverted]:
        old = self.there(*before, channel)
        return len(old & self.there(*this, channel)), len(old), {}

    def answer(
        self, name: str, first: date, last: date, interval: str, channel: str | None
    ) -> dict[Any, Any]:
        """ "total" and the start of each interval -> figure."""
        found: dict[Any, Any] = {}
        length = last - first + DAY
        for start, end in calendar(first, last, interval):
            if name == "retention":
                before = next(calendar(start - DAY, start - DAY, interval))
                found[start] = self.retention((start, end), before, channel)
            else:
                found[start] = self.figure(name, (max(start, first), min(end, last)), channel)
        if name == "retention":
            found["total"] = self.retention((first, last), (first - length, first - DAY), channel)
        else:
            found["total"] = self.figure(name, (first, last), channel)
        return found

    def summaries(self) -> dict[Any, dict[str, Any]]:
        """What each person's summary says."""
        found: dict[Any, dict[str, Any]] = {}
        for event in self.events:
            if event.ids:
                one = found.setdefault(self.person(event), {"events": 0, "orders": 0, "revenue": Fraction(0),
                    "first_seen": event.at, "last_seen": event.at, "channels": set()})  # fmt: skip
                one["events"] += 1
                one["last_seen"] = event.at
                one["channels"].add(event.channel)
        for order in self.orders:
            who = self.person(order["customer"])
            if who is not None:
                found[who]["orders"] += 1
                rate = self.rate(order["currency"], order["day"])
                found[who]["revenue"] += (order["total"] - order["refunded"]) * (rate or 0)
        return found


def contact(event: Event) -> bool:
    """What a person did or met."""
    return event.kind in ("track", "page", "screen") and bool(event.ids) and not event.bot


def calendar(first: date, last: date, interval: str) -> Iterator[Slot]:
    """The calendar's whole intervals that the period touches."""
    day = first
    while day <= last:
        if interval == "day":
            start = end = day
        elif interval == "week":
            start = day - day.weekday() * DAY
            end = start + 6 * DAY
        else:
            start = day.replace(day=1)
            end = (start + 31 * DAY).replace(day=1) - DAY
        yield start, end
        day = end + DAY
