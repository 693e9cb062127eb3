"""A random retailer's messages as strategies.py makes them, that also say what numbers are broken down by.

Stores, campaigns, goods with category and brand, ways to pay, cities, tiers. Not here: what it comes to.
"""

from datetime import datetime, timedelta
from typing import Any

from tests.metrics.strategies import Anything
from tests.reference.outside import Sent

STORES = ("Pudong", "Bund", "other", "=a", "西湖")
CAMPAIGNS = ("Double 11", "spring", "618")
SOURCES = ("douyin", "red")
CITIES = ("Hangzhou", "Xi'an", "Wuhan")
TIERS = ("silver", "gold")
METHODS = ("alipay", "wechat", "card")
PAYMENTS = ("Payment Started", "Payment Failed", "Payment Failed", "Payment Succeeded", "Payment Succeeded")
TOUCHES = ("Product Viewed", "Store Visited", "Product Added", "Product Added", "Campaign Touched")


class Varied(Anything):
    """Anything, in many ways. `stores`: how many have a number for a name, beside those named above."""

    def __init__(self, seed: int, people: int, stores: int = 0) -> None:
        super().__init__(seed, people)
        self.stores = (*STORES, *(f"S{n}" for n in range(stores)))

    def message(self, place: int) -> Sent:
        """More touches, payments and steps of membership than others have."""
        what = self.dice.random()
        if what < 0.2:
            return self.sent(self.channel(), self.touch(), place)
        if what < 0.28:
            return self.sent(self.channel(), self.member(), place)
        if what < 0.36:
            return self.payment(place)
        return super().message(place)

    def some(self, values: tuple[str, ...], often: float = 0.7) -> str | None:
        """One of these, or nothing."""
        return self.dice.choice(values) if self.dice.random() < often else None

    def sent(self, channel: str, body: dict[str, Any], place: int) -> Sent:
        """With a campaign now and then. Orders and answers may be of one instant: the messageId tells."""
        found = super().sent(channel, body, place)
        message = found.body
        if self.dice.random() < 0.35:
            named = {"name": self.some(CAMPAIGNS), "source": self.some(SOURCES)}
            said = {name: value for name, value in named.items() if value}
            message["context"] = message.get("context", {}) | {"campaign": said}
        if not any(word in message.get("event", "").lower() for word in ("order", "feedback")):
            at = datetime.fromisoformat(message["timestamp"]) + timedelta(milliseconds=self.count)
            message["timestamp"] = at.isoformat()
        return found

    def seen(self) -> dict[str, Any]:
        found = super().seen()
        if found["type"] == "identify":
            found["traits"]["city"] = self.dice.choice(CITIES)
        return found

    def touch(self) -> dict[str, Any]:
        """What visits and carts are made of; a person's touches may follow at once."""
        found = self.track(
            self.dice.choice(TOUCHES), campaign=self.dice.choice(CAMPAIGNS), source=self.dice.choice(SOURCES)
        )
        near = self.at(4, 9) + timedelta(minutes=self.dice.choice((0, 10, 29, 31, 45)))
        return found | {"timestamp": near.isoformat()}

    def member(self) -> dict[str, Any]:
        """A step of membership, with or without a tier."""
        n = self.dice.randint(1, self.people)
        said = {"member_no": f"M{n}", "tier": self.some(TIERS, 0.8)}
        event = self.dice.choice(("Membership Joined", "Membership Upgraded"))
        found = {"type": "track", "event": event, "properties": {k: v for k, v in said.items() if v}}
        return found | ({"userId": f"u{n}"} if self.dice.random() < 0.7 else {})

    def payment(self, place: int) -> Sent:
        """Of an order, in any state; its messages may say one after the other how it is paid."""
        number = self.dice.choice(list(self.orders))
        order = self.orders[number]
        said: dict[str, Any] = {"order_id": str(number), "amount": "5"}
        if method := self.some(METHODS):
            said["method"] = method
        if self.dice.random() < 0.7:
            said["payment_id"] = f"p-{number}-{self.dice.randint(1, 3)}"
        body = self.track(self.dice.choice(PAYMENTS), 0.25, **said)
        body["timestamp"] = self.at(order["start"], order["start"] + 5).isoformat()
        return self.sent(self.dice.choice(order["homes"]), body, place)

    def products(self, costs: bool = True) -> list[dict[str, Any]]:
        found = super().products(costs)
        for line in found:
            said = {"category": self.some(("tea", "cups")), "brand": self.some(("Hemu", "Lao", "=b"))}
            line |= {name: value for name, value in said.items() if value}
        return found

    def order_completed(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        super().order_completed(said, order)
        if store := self.some(self.stores):
            said["store"] = store

    def order_updated(self, said: dict[str, Any], order: dict[str, Any]) -> None:
        super().order_updated(said, order)
        if store := self.some(self.stores, 0.3):
            said["store"] = store
