"""A random retailer's messages and records: repeats, updates, late ones, currencies, channels that share numbers.

Seeded; all of it is acceptable. Not here: what it comes to (tests/reference/outside.py).
"""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.reference.outside import Sent

BEGIN = datetime(2026, 2, 24, 16, 0, tzinfo=UTC)  # midnight in Shanghai
DAYS = 26
CHANNELS = {"web-shop": "CNY", "store": "CNY", "tmall": "CNY", "global": "USD"}
SKUS = ("A-1", "B-2", "C-3", "D-4")
NAMES = (
    "Product Viewed",
    "Product Viewed",
    "Something Else",
    "Store Visited",
    "Product Added",
    "Push Opened",
    "Email Sent",
    "SMS Bounced",
)
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
MINUTES = (-1, 0, 1, 600, 600, 1439)  # of a day: around its ends, and often the same


class Anything:
    """Makes messages one after the other."""

    def __init__(self, seed: int, people: int) -> None:
        self.dice = random.Random(seed)
        self.people, self.names, self.count = people, 0, 0
        self.orders = {n: self.order() for n in range(1, 26)}

    def everything(self, n: int) -> list[Sent]:
        """So many messages and records, in the order of their receipt."""
        return [self.message(place) if self.dice.random() < 0.8 else self.record(place) for place in range(n)]

    def message(self, place: int) -> Sent:
        """A message about anything."""
        what = self.dice.random()
        if what < 0.3:
            return self.sent(self.channel(), self.seen(), place)
        if what < 0.38:
            return self.sent(self.channel(), self.feedback(), place)
        if what < 0.44:
            return self.sent(self.channel(), self.ticket(), place)
        if what < 0.47:
            return self.sent(self.channel(), self.member(), place)
        return self.about_order(place)

    def channel(self) -> str:
        return self.dice.choice([*CHANNELS, "web-shop"])

    def at(self, first: int = 0, last: int = DAYS) -> datetime:
        return BEGIN + timedelta(days=self.dice.randint(first, last), minutes=self.dice.choice(MINUTES))

    def sent(self, channel: str, body: dict[str, Any], place: int) -> Sent:
        """Numbered in no order, so that ties are settled by chance."""
        self.count += 1
        body.setdefault("timestamp", self.at().isoformat())
        if self.dice.random() < 0.06:
            body["context"] = {"userAgent": CRAWLER}
        return Sent(channel, body | {"messageId": f"{self.dice.randrange(16**8):08x}-{self.count}"}, place)

    # --- people ---------------------------------------------------------------------------------------------------

    def who(self, nobody: float = 0.0) -> dict[str, Any]:
        """Some of a person's identifiers: top-level ones and, as "more", those that stand in traits or properties."""
        if self.dice.random() < nobody:
            return {"more": {}}
        n = self.dice.randint(1, self.people)
        found: dict[str, Any] = {"more": {}}
        while len(found) == 1 and not found["more"]:
            if self.dice.random() < 0.4:
                found["userId"] = f"u{n}"
            if self.dice.random() < 0.5:
                found["anonymousId"] = f"cookie-{n}-{self.dice.randint(1, 3)}"
            if self.dice.random() < 0.15:
                found["more"]["email"] = f"someone{n}@example.com"
            if self.dice.random() < 0.15:
                found["more"]["phone"] = f"+861380000{n:04d}"
        return found

    def track(self, name: str, nobody: float = 0.0, **said: Any) -> dict[str, Any]:
        who = self.who(nobody)
        return {"type": "track", "event": name, "properties": said | who.pop("more"), **who}

    def seen(self) -> dict[str, Any]:
        """What counts as activity, and what does not."""
        kind = self.dice.choice(["track", "track", "page", "screen", "identify", "group"])
        if kind == "track":
            return self.track(self.dice.choice(NAMES))
        who = self.who()
        more = who.pop("more")
        if kind == "group" and not who:
            who = {"userId": "u1"}
        if kind == "identify":
            return {"type": kind, "traits": {"city": "Hangzhou"} | more, **who}
        if kind == "group":
            return {"type": kind, "groupId": "g", "traits": {"email": "all@example.com"}, **who}
        return {"type": kind, "name": "Home", "properties": more, **who}

    def feedback(self) -> dict[str, Any]:
        said = self.track("Feedback Given", 0.2, score=self.dice.choice([1, 3, 4, "4.0", 5, 8]))
        if self.dice.random() < 0.5:
            said["properties"]["scale"] = self.dice.choice([5, 10])
        if self.dice.random() < 0.4:
            said["properties"]["feedback_id"] = f"f{self.dice.randint(1, 6)}"
        return said

    def member(self) -> dict[str, Any]:
        """A step of membership."""
        n = self.dice.randint(1, self.people)
        event = self.dice.choice(("Membership Joined", "Membership Upgraded"))
        found = {"type": "track", "event": event, "properties": {"member_no": f"M{n}"}}
        return found | ({"userId": f"u{n}"} if self.dice.random() < 0.7 else {})

    def ticket(self) -> dict[str, Any]:
        """Opened, answered, resolved: in any order, some of it never."""
        said = self.track(self.dice.choice(["Ticket Opened", "Ticket Resolved"]), 0.2)
        said["properties"]["ticket_id"] = f"t{self.dice.randint(1, 9)}"
        if self.dice.random() < 0.5:
            at = self.at() + timedelta(seconds=self.dice.choice([0, 1, 7, 8]))
            said["properties"]["first_response_at"] = at.isoformat()
        return said

    # --- orders ---------------------------------------------------------------------------------------------------

    def order(self) -> dict[str, Any]:
        """What messages of one number have in common: where it lives, its currency, when it begins."""
        homes = self.dice.sample(list(CHANNELS), self.dice.choice([1, 1, 1, 2]))
        return {
            "homes": homes,
            "start": self.dice.randint(0, DAYS - 3),
            "currency": self.dice.choice([None] * 3 + ["USD", "JPY"]),
        }

    def about_order(self, place: int) -> Sent:
        number = self.dice.choice(list(self.orders))
        order = self.orders[number]
        name = self.dice.choice(
            ["Order Completed"] * 8 + ["Order Updated"] * 3 + ["Order Refunded"] * 4 + ["Return Received"] * 3
            + ["Order Cancelled", "Return Requested", "Payment Started", "Payment Failed", "Payment Succeeded"]
            + ["Order Shipped"] + ["Order Delivered"] * 3
        )  # fmt: skip
        channel = self.dice.choice(order["homes"]) if self.dice.random() < 0.85 else self.channel()
        said: dict[str, Any] = {"order_id": number if self.dice.random() < 0.2 else str(number)}
        if self.dice.random() < 0.12:
            said["order_channel"] = self.dice.choice(order["homes"])
        getattr(self, name.lower().replace(" ", "_"), lambda *_: None)(said, order)
        body = self.track(self.dice.choice([name, *self.spelled(name)]), 0.25, **said)
        body["timestamp"] = self.at(order["start"], order["start"] + 5).isoformat()
        return self.sent(channel, body, place)

    def spelled(self, name: str) -> list[str]:
        """An event's name as others write it."""
        found = [name.lower(), f" {name}", name.lower().replace(" ", "_"), name.replace(" ", "")]
        return [*found, "Order Canceled"] if name == "Order Cancelled" else found

    def money(self, most: int) -> Any:
        amount = Decimal(self.dice.randrange(most * 1000)) / self.dice.choice([10, 1000])
        amount *= self.dice.random() < 0.9
        return self.dice.choice([str(amount), float(amount), int(amount)])

    def paid(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        """The currency of a message's amounts: the order's, as a rule, said or not."""
        currency = order["currency"] if self.dice.random() < 0.93 else self.dice.choice(["CNY", "usd", "KWD"])
        if self.dice.random() < 0.2:
            return
        if currency:
            said["currency"] = currency

    def settled(self, said: dict[str, Any]) -> None:
        """What the platform makes of the money: some of it, as a rule nothing."""
        for field in ("paid", "merchant_discount", "platform_discount", "payout"):
            if self.dice.random() < 0.2:
                said[field] = self.money(90)
                if field.endswith("discount") and self.dice.random() < 0.2:
                    said[field] = f"-{Decimal(str(said[field])):f}"
        if self.dice.random() < 0.3:
            said["fees"] = self.fees()

    def fees(self) -> Any:
        """None, one or several, now and then one that cannot be."""
        found = [
            {
                "kind": self.dice.choice(["commission", "freight", "promotion"]),
                "amount": self.dice.choice([self.money(9)] * 8 + ["-1.50", "?"]),
            }
            for _ in range(self.dice.choice([0, 1, 1, 2, 3]))
        ]
        return {str(n): fee for n, fee in enumerate(found)} if self.dice.random() < 0.1 else found

    def products(self, costs: bool = True) -> list[dict[str, Any]]:
        found = []
        for _ in range(self.dice.randint(1, 3)):
            line: dict[str, Any] = {"quantity": self.dice.randint(1, 4)}
            line[self.dice.choice(["sku", "sku", "product_id"])] = self.dice.choice(SKUS)
            if costs and self.dice.random() < 0.3:
                line["cost"] = self.dice.choice([3, "4.25", 0])
            if costs and self.dice.random() < 0.5:
                line["price"] = "9.90"
            found.append(line)
        return found

    def order_completed(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        said["total"] = self.money(200)
        self.paid(said, order)
        self.settled(said)
        if self.dice.random() < 0.8:
            said["products"] = self.products()
            if self.dice.random() < 0.3:
                said["products"] = {str(n): line for n, line in enumerate(said["products"])}

    def order_updated(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        if self.dice.random() < 0.5:
            said["total"] = self.money(200)
        if self.dice.random() < 0.3:
            said["products"] = self.products()
        if self.dice.random() < 0.3:
            said["tax"] = self.money(3)
        self.paid(said, order)
        self.settled(said)

    def order_refunded(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        if self.dice.random() < 0.6:
            said["total"] = self.money(80)
            if self.dice.random() < 0.2:
                said["total"] = f"-{Decimal(str(said['total'])):f}"
            self.paid(said, order)
        if self.dice.random() < 0.4:
            said["products"] = self.products(costs=False)
        if self.dice.random() < 0.5:
            said["refund_id"] = f"r-{said['order_id']}-{self.dice.randint(1, 2)}"
        elif self.dice.random() < 0.3:
            said["refund_id"] = self.dice.choice(["null", "0", 0, "undefined", "{{order.id}}"])

    def return_requested(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        if self.dice.random() < 0.7:
            said["return_id"] = f"b-{said['order_id']}-{self.dice.randint(1, 2)}"
        if self.dice.random() < 0.6:
            said["products"] = self.products(costs=False)

    return_received = return_requested

    def payment_succeeded(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        said["amount"] = self.money(100)
        self.paid(said, order)

    def payment_failed(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        if self.dice.random() < 0.7:
            said["payment_id"] = f"p-{said['order_id']}-{self.dice.randint(1, 2)}"

    payment_started = payment_failed

    def order_shipped(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        if self.dice.random() < 0.3:
            said["shipment_id"] = f"s-{said['order_id']}-{self.dice.randint(1, 2)}"
        if self.dice.random() < 0.5:
            at = self.at(order["start"], order["start"] + 5)
            said["promised_at"] = at.isoformat()

    order_delivered = order_shipped

    # --- records --------------------------------------------------------------------------------------------------

    def record(self, place: int) -> Sent:
        """A record; its channel is the connector's, another one, or none at all."""
        kind = self.dice.choice(["price", "price", "stock", "stock", "cost", "spend", "spend", "rate"])
        body = {"type": kind, "at": self.at(-3).isoformat()}
        if kind != "rate" and self.dice.random() < 0.4:
            body["channel"] = self.channel()
        if kind in ("price", "stock", "cost"):
            body["sku"] = self.dice.choice(SKUS)
        getattr(self, kind)(body)
        return Sent(self.channel(), body, place)

    def price(self, body: dict[str, Any]) -> None:
        body["price"] = self.dice.choice(["9.90", 9.9, 12])
        if self.dice.random() < 0.5:
            body["currency"] = "CNY"

    def stock(self, body: dict[str, Any]) -> None:
        body["quantity"] = self.dice.choice([0, 5, 12, 40, -2])
        if self.dice.random() < 0.4:
            body["location"] = self.dice.choice(["north", "south"])

    def cost(self, body: dict[str, Any]) -> None:
        body["unit_cost"] = self.dice.choice(["3.333", 4, "0.12345"])
        if self.dice.random() < 0.3:
            body["currency"] = self.dice.choice(["USD", "JPY", "CNY"])

    def spend(self, body: dict[str, Any]) -> None:
        body["amount"] = self.money(90)
        first = self.at(-4).date()
        if self.dice.random() < 0.5:
            body["date"] = first.isoformat()
        else:
            last = first + timedelta(days=self.dice.randint(0, 9))
            body |= {"from": first.isoformat(), "to": last.isoformat()}
        if self.dice.random() < 0.4:
            body["id"] = f"s{self.dice.randint(1, 4)}"
        if self.dice.random() < 0.3:
            body["kind"] = self.dice.choice(["acquisition", "retention"])
        if self.dice.random() < 0.3:
            body["currency"] = self.dice.choice(["USD", "JPY"])

    def rate(self, body: dict[str, Any]) -> None:
        body |= {
            "currency": self.dice.choice(["USD", "USD", "JPY", "KWD"]),
            "rate": self.dice.choice(["7.1234", "0.0471", 7]),
        }
