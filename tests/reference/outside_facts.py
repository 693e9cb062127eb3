"""What the messages that were sent come to as facts, by the written contract alone: people, orders, goods, spend.

Shares no code with the product and none with the other judges: plain loops over plain dicts, fractions, no batches.
Not here: adding up (outside.py), messages that would be rejected (nobody hands them in).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
PLACES = {"JPY": "1", "KWD": "0.001"}  # minor units; 0.01 for all others that the tests use
RANK = ["user_id", "member_no", "phone", "email", "anonymous_id"]  # the strongest first
GOODS = ("Return Requested", "Return Received")
PAYMENTS = ("Payment Started", "Payment Succeeded", "Payment Failed")
PARCELS = ("Order Shipped", "Order Delivered")
TICKETS = ("Ticket Opened", "Ticket Resolved")
NAMES = (  # of what is said about orders
    *("Order Completed", "Order Updated", "Order Cancelled", "Order Refunded", *GOODS),
    *("Payment Started", "Payment Failed", "Payment Succeeded", "Order Shipped", "Order Delivered"),
    *("Ticket Opened", "Ticket Resolved", "Feedback Given"),
)
SPELLED = {re.sub(r"[\W_]", "", name).lower(): name for name in NAMES} | {"ordercanceled": "Order Cancelled"}
SAYS_NOTHING = ("null", "0", 0, "undefined", "{{order.id}}", "")
# What a system or the staff makes: no activity of the customer it is about.
COMPANY = {"Order Updated", "Order Refunded", "Order Shipped", "Order Delivered", "Return Received", "Ticket Resolved",
           "Membership Upgraded", *(f"{medium} {done}" for medium in ("Email", "Push", "Sms")
                                    for done in ("Sent", "Delivered", "Bounced"))}  # fmt: skip
FACTS = {
    "Order Refunded": "refund_id",
    **dict.fromkeys(GOODS, "return_id"),
    **dict.fromkeys(PAYMENTS, "payment_id"),
    **dict.fromkeys(PARCELS, "shipment_id"),
}


class Sent(NamedTuple):
    """A message or record, the channel it was sent to, and when it was received (records: the later wins)."""

    channel: str
    body: dict[str, Any]
    received: int = 0


class Event(NamedTuple):
    at: datetime
    mid: str
    channel: str
    kind: str
    name: str
    said: dict[str, Any]
    ids: frozenset[tuple[str, str]]
    bot: bool = False

    @property
    def when(self) -> tuple[datetime, str]:
        return self.at, self.mid


class Item(NamedTuple):
    """Something to add up: where and when it counts, in what currency, by which day's rate."""

    channel: str
    day: date
    amount: Fraction
    currency: str = ""
    rate_day: date | None = None


KEYS = {  # what makes two records the same
    "product": lambda r: r["sku"],
    "price": lambda r: (r["where"], r["sku"], r["at"]),
    "stock": lambda r: (r["where"], r["sku"], r.get("location", ""), r["at"]),
    "cost": lambda r: (r["where"], r["sku"], r["at"]),
    "spend": lambda r: r.get("id") or (
        r["where"], r.get("campaign", ""), r.get("medium", ""), r.get("kind", "acquisition"), r["from"], r["to"]
    ),
    "target": lambda r: (r["metric"], r["where"], r["from"]),
    "rate": lambda r: (r["currency"], r["at"]),
}  # fmt: skip


def readable_fees(fees: Any) -> list[Any] | None:
    """The amounts of a list of fees that can be; None: it says nothing."""
    if fees is None:
        return None
    every = listed(fees)
    found = [fee["amount"] for fee in every if fee.get("amount") not in (None, "?")]
    found = [amount for amount in found if Decimal(str(amount)) >= 0]
    return found if found or not every else None


def listed(products: Any) -> list[dict[str, Any]]:
    """A list, or an object of lines."""
    return list(products.values()) if isinstance(products, dict) else products


class Facts:
    """All that was sent, and what it says."""

    def __init__(
        self,
        sent: Iterable[Sent],
        channels: dict[str, str],
        currency: str = "CNY",
        zone: str = "Asia/Shanghai",
    ) -> None:
        """`channels`: slug -> default currency."""
        self.channels, self.currency, self.zone = channels, currency, ZoneInfo(zone)
        self.events: list[Event] = []
        self.records: dict[str, dict[Any, dict[str, Any]]] = defaultdict(dict)
        known = set()
        for one in sorted(sent, key=lambda one: one.received):
            if one.body["type"] in KEYS:
                self.record(one)
            elif (one.channel, one.body["messageId"]) not in known:
                known.add((one.channel, one.body["messageId"]))
                self.events.append(self.event(one))
        self.events.sort(key=lambda event: event.when)
        self.labels = self.joined()
        self.items: dict[str, list[Item]] = defaultdict(list)
        self.owners: dict[str, list[dict[str, Any]]] = defaultdict(list)  # of what is ordered and refunded
        self.margins: list[tuple[Item, Item]] = []  # what a line brought in, what it cost
        self.waiting: set[str] = set()
        self.paid_late: set[str] = set()  # paid after the cancellation
        self.orders: list[dict[str, Any]] = []
        self.make_orders()
        self.spend()

    # --- reading --------------------------------------------------------------------------------------------------

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def event(self, one: Sent) -> Event:
        body = one.body
        said = body.get("properties") or {}
        ids = [("user_id", body.get("userId")), ("anonymous_id", body.get("anonymousId"))]
        traits = body.get("traits") or {} if body["type"] == "identify" else said
        ids += [(kind, traits.get(kind)) for kind in ("phone", "email", "member_no")]
        found = frozenset((kind, value) for kind, value in ids if value)
        at = datetime.fromisoformat(body["timestamp"])
        name = body.get("event", "").strip()
        name = SPELLED.get(re.sub(r"[\W_]", "", name).lower(), name.title())
        bot = "Googlebot/" in (body.get("context") or {}).get("userAgent", "")
        return Event(at, body["messageId"], one.channel, body["type"], name, said, found, bot)

    def record(self, one: Sent) -> None:
        body = dict(one.body)
        kind = body["type"]
        body["at"] = datetime.fromisoformat(body["at"])
        shared = kind in ("product", "cost", "rate", "target")
        body["where"] = body.get("channel") or ("" if shared else one.channel)
        if "date" in body:
            body["from"] = body["to"] = body["date"]
        default = self.channels[body["where"]] if body["where"] else self.currency
        body["currency"] = (body.get("currency") or default).upper()
        self.records[kind][KEYS[kind](body)] = body

    def money(self, value: Any, currency: str) -> Fraction:
        unit = Decimal(PLACES.get(currency, "0.01"))
        return Fraction(Decimal(str(value)).quantize(unit, rounding=ROUND_HALF_UP))

    def currency_of(self, event: Event) -> str | None:
        """What its amounts are in; None: what its order is in. An Order Completed makes one, in its channel's."""
        said = event.said.get("currency")
        if not said and event.name == "Order Completed":
            said = self.channels[event.channel]
        return said.upper() if said else None

    def order_currency(self, ordering: list[Event]) -> str:
        """Of the latest total that says one; where none does, the channel's."""
        found = self.channels[ordering[0].channel]
        for event in ordering:
            if event.said.get("total") is not None:
                found = self.currency_of(event) or found
        return found

    # --- who is who -----------------------------------------------------------------------------------------------

    def joined(self) -> dict[tuple[str, str], Any]:
        """Everything that came together is one person: identifier -> label."""
        labels: dict[tuple[str, str], Any] = {}
        groups: dict[Any, set[tuple[str, str]]] = {}
        for event in self.events:
            if event.ids:
                together = set(event.ids)
                for label in {labels[one] for one in event.ids if one in labels}:
                    together |= groups.pop(label)
                label = min(together)
                groups[label] = together
                labels.update(dict.fromkeys(together, label))
        return labels

    def person(self, event: Event | None) -> Any:
        """The strongest identifier says whose it is."""
        if event is None or not event.ids:
            return None
        return self.labels[min(event.ids, key=lambda one: (RANK.index(one[0]), one[1]))]

    # --- orders ---------------------------------------------------------------------------------------------------

    def make_orders(self) -> None:
        told: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.name.startswith(("Order ", "Return ", "Payment ")):
                told[str(event.said["order_id"])].append(event)
        for messages in told.values():
            for channel, mine in self.sorted_out(messages).items():
                self.make_order(channel, mine)

    def sorted_out(self, messages: list[Event]) -> dict[str, list[Event]]:
        """The messages of each order of this number; those that speak of none wait."""
        completed = {self.named([m]) or m.channel for m in messages if m.name == "Order Completed"}
        there = completed | self.made_by_updates(messages, completed)
        mine: dict[str, list[Event]] = defaultdict(list)
        for m in messages:
            named = self.named([n for n in messages if self.same(n, m)])
            if m.name == "Order Completed":
                mine[named or m.channel].append(m)
            elif named or m.channel in there:
                where = named or m.channel
                self.put(mine, m, where if where in there else None)
            else:
                self.put(mine, m, next(iter(completed)) if len(completed) == 1 else None)
        return mine

    def made_by_updates(self, messages: list[Event], completed: set[str]) -> set[str]:
        """An update makes an order where none is: on the channel that it names, else on its own."""
        updates = [m for m in messages if m.name == "Order Updated"]
        named = {self.named([m]) for m in updates if self.named([m])}
        return named | {m.channel for m in updates if not completed and not self.named([m])}

    def put(self, mine: dict[str, list[Event]], message: Event, channel: Any) -> None:
        if channel is None:
            self.waiting.add(message.mid)
        else:
            mine[channel].append(message)

    def named(self, messages: list[Event]) -> Any:
        found = [m.said["order_channel"] for m in messages if m.said.get("order_channel")]
        return found[-1] if found else None

    def fact(self, message: Event) -> Any:
        """What a message is a repeat of: the family, its channel, its own number."""
        if message.name not in FACTS:
            return message.mid
        field = FACTS[message.name]
        own = message.said.get(field)
        if own is None or own in SAYS_NOTHING:  # an order's only parcel has no number of its own
            own = message.said["order_id"] if message.name in PARCELS else message.mid
        return field, message.channel, str(own)

    def same(self, one: Event, other: Event) -> bool:
        return self.fact(one) == self.fact(other)

    def latest(self, messages: list[Event], field: str) -> Event | None:
        carrying = [m for m in messages if m.said.get(field) is not None]
        return carrying[-1] if carrying else None

    def make_order(self, channel: str, mine: list[Event]) -> None:
        completed = [m for m in mine if m.name == "Order Completed"]
        updated = [m for m in mine if m.name == "Order Updated"]
        ordering = sorted(completed + updated, key=lambda m: m.when)
        priced = self.latest(ordering, "total")
        if priced is None:
            self.waiting |= {m.mid for m in mine}
            return
        head = (completed or updated)[0]
        currency = self.order_currency(ordering)
        people = [m for m in completed + updated if m.ids and not m.bot]
        order = {
            "channel": channel, "at": head.at, "mid": head.mid, "day": self.day(head.at), "currency": currency,
            "total": self.money(priced.said["total"], currency), "customer": people[0] if people else None,
            "id": str(head.said["order_id"]),
        }  # fmt: skip
        for field in ("tax", "shipping", "discount"):
            self.foreign(self.latest(ordering, field), currency)
        cancels = [m for m in mine if m.name == "Order Cancelled"]
        self.payments(order, mine, cancels[:1])
        self.parcels(order, mine)
        lines = self.lines(order, ordering)
        order["lines"] = lines
        order["refunded"] = self.refunds(order, lines, mine, cancels[:1])
        self.goods(order, lines, mine, cancels[:1])
        self.platform(order, ordering)
        self.items["gmv"].append(Item(channel, order["day"], order["total"], currency, order["day"]))
        self.items["orders"].append(Item(channel, order["day"], Fraction(1), currency, order["day"]))
        self.orders.append(order)
        for name in ("gmv", "refunds"):
            self.owners[name] += [order] * (len(self.items[name]) - len(self.owners[name]))

    def platform(self, order: dict[str, Any], ordering: list[Event]) -> None:
        """What its platform keeps and pays out, where the order's messages say so."""
        currency, day = order["currency"], order["day"]

        def counts(name: str, amount: Fraction) -> None:
            self.items[name].append(Item(order["channel"], day, amount, currency, day))

        for field in ("paid", "merchant_discount", "platform_discount", "payout"):
            said = self.latest(ordering, field)
            if said and not self.foreign(said, currency) and field == "payout":
                counts("payout", self.money(said.said["payout"], currency))
        naming = [m for m in ordering if readable_fees(m.said.get("fees")) is not None]
        fees = readable_fees(naming[-1].said["fees"]) if naming else None
        if fees is not None and not (fees and self.foreign(naming[-1], currency)):
            kept = sum((self.money(fee, currency) for fee in fees), Fraction(0))
            counts("platform_fees", kept)
            counts("gmv_with_fees", order["total"])

    def foreign(self, message: Event | None, currency: str) -> bool:
        if message is None or self.currency_of(message) in (None, currency):
            return False
        self.waiting.add(message.mid)
        return True

    def facts(self, mine: list[Event], names: tuple[str, ...]) -> list[list[Event]]:
        groups: dict[Any, list[Event]] = defaultdict(list)
        for m in mine:
            if m.name in names:
                groups[self.fact(m)].append(m)
        return list(groups.values())

    def payments(self, order: dict[str, Any], mine: list[Event], cancels: list[Event]) -> None:
        for messages in self.facts(mine, PAYMENTS):
            self.payment(order["channel"], messages)
            foreign = self.foreign(self.latest(messages, "amount"), order["currency"])
            paid = [m for m in messages if m.name == "Payment Succeeded"][:1]
            if paid and cancels and paid[0].when > cancels[0].when and not foreign:
                self.paid_late.add(
                    paid[0].mid
                )  # where it is foreign it is listed once, as what waits for that

    def payment(self, channel: str, messages: list[Event]) -> None:
        """It counts on the day of its first message, whatever came of it."""
        day = self.day(messages[0].at)
        self.items["payments_started"].append(Item(channel, day, Fraction(1)))
        if any(m.name == "Payment Succeeded" for m in messages):
            self.items["payments_succeeded"].append(Item(channel, day, Fraction(1)))

    def parcels(self, order: dict[str, Any], mine: list[Event]) -> None:
        """What arrived, on the day it did."""
        for messages in self.facts(mine, PARCELS):
            arrived = [m.at for m in messages if m.name == "Order Delivered"][:1]
            promise = self.latest(messages, "promised_at")
            for at in arrived:
                if at >= order["at"]:
                    self.ended("deliveries", "delivery_time", order["channel"], order["at"], at)
                if promise:
                    kept = at <= datetime.fromisoformat(promise.said["promised_at"])
                    for name in ("deliveries_promised", *(["deliveries_on_time"] if kept else [])):
                        self.items[name].append(Item(order["channel"], self.day(at), Fraction(1)))

    def ended(self, how_many: str, how_long: str, channel: str, since: datetime, at: datetime) -> None:
        """One more of what took its time, on the day it came to its end; in hours."""
        self.items[how_many].append(Item(channel, self.day(at), Fraction(1)))
        self.items[how_long].append(Item(channel, self.day(at), hours(since, at)))

    def refunds(
        self, order: dict[str, Any], lines: list[dict[str, Any]], mine: list[Event], cancels: list[Event]
    ) -> Fraction:
        asked: list[tuple[Event, Fraction | None]] = [(m, None) for m in cancels]
        for messages in self.facts(mine, ("Order Refunded",)):
            priced = self.latest(messages, "total")
            if not self.foreign(priced, order["currency"]):
                amount = self.worth(order, lines, messages)
                if priced:
                    amount = abs(self.money(priced.said["total"], order["currency"]))
                asked.append((messages[0], amount))
                back = [told[0].at for told in self.facts(mine, GOODS) if told[0].at <= messages[0].at]
                if back:
                    channel, at = order["channel"], messages[0].at
                    self.ended("refunds_of_returns", "refund_time", channel, max(back), at)
        left = order["total"]
        for message, amount in sorted(asked, key=lambda one: one[0].when):
            part = left if amount is None else min(left, amount)
            left -= part
            item = Item(order["channel"], self.day(message.at), part, order["currency"], order["day"])
            self.items["refunds"].append(item)
        return order["total"] - left

    def worth(
        self, order: dict[str, Any], lines: list[dict[str, Any]], messages: list[Event]
    ) -> Fraction | None:
        """What the goods that a refund names were sold for, line after line; None where it names none."""
        naming = self.latest(messages, "products")
        if naming is None or not naming.said["products"]:
            return None
        own = self.currency_of(naming) in (None, order["currency"])
        found = Fraction(0)
        for product in listed(naming.said["products"]):
            rest = abs(Fraction(str(product.get("quantity", 1))))
            price = Fraction(0)
            if own and product.get("price") is not None:
                price = Fraction(str(product["price"]))
            for line in lines:
                if (
                    line["sku"] == (product.get("sku") or product.get("product_id"))
                    and line["sold_at"] is not None
                ):
                    price = line["sold_at"]
                    part = min(rest, line["quantity"])
                    found, rest = found + part * price, rest - part
            found += rest * price
        return self.money(Decimal(found.numerator) / Decimal(found.denominator), order["currency"])

    def lines(self, order: dict[str, Any], ordering: list[Event]) -> list[dict[str, Any]]:
        said = self.latest(ordering, "products")
        found: list[dict[str, Any]] = [dict(p) for p in listed(said.said["products"])] if said else []
        amounts = any(line.get(name) is not None for line in found for name in ("price", "cost", "discount"))
        foreign = amounts and self.foreign(said, order["currency"])
        for line in found:
            line["sku"] = line.get("sku") or line["product_id"]
            line["left"] = line["quantity"] = Fraction(str(line.get("quantity", 1)))
            line["worth"] = line["sold_at"] = line["net"] = None
            line["currency"], line["day"] = order["currency"], order["day"]
            if line.get("price") is not None and not foreign:
                line["sold_at"] = self.money(line["price"], order["currency"])
                off = self.money(line["discount"], order["currency"]) if line.get("discount") else Fraction(0)
                line["net"] = to_four_places(line["quantity"] * line["sold_at"] - abs(off))
            if line.get("cost") is not None and not foreign:
                line["worth"] = Fraction(str(line["cost"])), order["currency"], order["day"]
            elif (cost := self.cost(line["sku"], order["channel"], order["at"])) is not None:
                line["worth"] = cost
        return found

    def cost(self, sku: str, channel: str, until: datetime | date) -> tuple[Fraction, str, date] | None:
        """The cost record valid at a moment, or when a day ends; the channel's own wins."""
        for where in (channel, ""):
            valid = [
                r for r in self.by_sku("cost").get((sku, where), ())
                if (r["at"] <= until if isinstance(until, datetime) else self.day(r["at"]) <= until)
            ]  # fmt: skip
            if valid:
                newest = max(valid, key=lambda r: r["at"])
                return Fraction(str(newest["unit_cost"])), newest["currency"], self.day(newest["at"])
        return None

    def by_sku(self, kind: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
        memory = self.__dict__.setdefault("memory", {})
        if kind not in memory:
            memory[kind] = defaultdict(list)
            for r in self.records[kind].values():
                memory[kind][r["sku"], r["where"]].append(r)
        return memory[kind]

    def goods(
        self, order: dict[str, Any], lines: list[dict[str, Any]], mine: list[Event], cancels: list[Event]
    ) -> None:
        channel = order["channel"]
        for line in lines:
            if line["worth"] is None:
                self.items["missing"].append(Item(channel, order["day"], Fraction(1)))
            self.sold(channel, order["day"], line, line["quantity"])
        back: list[tuple[Event, list[dict[str, Any]] | None]] = [(m, None) for m in cancels]
        for messages in self.facts(mine, GOODS):
            received = [m for m in messages if m.name == "Return Received"]
            if received:
                day = self.day(received[0].at)
                self.items["returns"].append(Item(channel, day, Fraction(1)))
                if received[0].channel != channel:
                    self.items["elsewhere"].append(Item(channel, day, Fraction(1)))
                said = self.latest(messages, "products")
                back.append((received[0], listed(said.said["products"]) if said else None))
        for message, products in sorted(back, key=lambda one: one[0].when):
            wanted = products or [{"sku": line["sku"], "quantity": str(line["left"])} for line in lines]
            for product in wanted:
                self.take_back(channel, self.day(message.at), lines, product)

    def take_back(
        self, channel: str, day: date, lines: list[dict[str, Any]], product: dict[str, Any]
    ) -> None:
        rest = abs(Fraction(str(product.get("quantity", 1))))
        for line in lines:
            if line["sku"] == (product.get("sku") or product.get("product_id")):
                part = min(rest, line["left"])
                rest, line["left"] = rest - part, line["left"] - part
                self.sold(channel, day, line, -part)

    def sold(self, channel: str, day: date, line: dict[str, Any], quantity: Fraction) -> None:
        self.margin(channel, day, line, quantity)
        if line["worth"] is not None:
            cost, currency, rate_day = line["worth"]
            self.items["cogs"].append(Item(channel, day, quantity * cost, currency, rate_day))

    def margin(self, channel: str, day: date, line: dict[str, Any], quantity: Fraction) -> None:
        """The line's part of what was sold, and of what it brought in and cost where both are known."""
        self.items["units"].append(Item(channel, day, quantity))
        if line["worth"] is None or line["net"] is None:
            return
        cost, currency, rate_day = line["worth"]
        net = line["net"] if quantity == line["quantity"] else Fraction(0)
        if quantity < 0:
            net = -to_four_places(line["net"] * -quantity / line["quantity"])
        brought = Item(channel, day, net, line["currency"], line["day"])
        self.margins.append((brought, Item(channel, day, quantity * cost, currency, rate_day)))

    def spend(self) -> None:
        for r in self.records["spend"].values():
            first, last = date.fromisoformat(r["from"]), date.fromisoformat(r["to"])
            days = (last - first).days + 1
            unit = Fraction(PLACES.get(r["currency"], "0.01"))
            whole, rest = divmod(self.money(r["amount"], r["currency"]) / unit, days)
            for n in range(days):
                part = (whole + (n < rest)) * unit
                item = Item(r["where"], first + n * DAY, part, r["currency"], self.day(r["at"]))
                self.items["all_spend"].append(item)
                if r.get("kind", "acquisition") == "acquisition":
                    self.items["spend"].append(item)


def hours(since: datetime, until: datetime) -> Fraction:
    return to_four_places(Fraction((until - since) // timedelta(microseconds=1), 3_600_000_000))


def minutes(since: datetime, until: datetime) -> Fraction:
    """To two places, half away from zero."""
    return to_four_places(Fraction((until - since) // timedelta(microseconds=1), 6_000_000_000)) * 100


def to_four_places(value: Fraction) -> Fraction:
    """Rounded half away from zero."""
    whole = int(abs(value) * 10**4 + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**4)
