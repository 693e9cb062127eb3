"""A backlog in which most people are new: a go-live, an import, a campaign. Not here: a shop's everyday (stream.py).

Each run brings people nobody has met: three events a person on average, two devices each, 60 % of the events with a
user id, 5 % identifies with a phone, 4 % orders.
"""

import uuid
from typing import Any

from benchmarks.stream import Stream

PER_PERSON = 3  # events
WITH_USER_ID = 0.6
IDENTIFIES = 0.05
ORDERS = 0.04
PAGES = 0.5
FIRST_PHONE = 13_900_000_000
BROWSERS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
)
LOCALES = ("zh-CN", "en-US", "zh-TW")
CAMPAIGNS = ("double-eleven", "spring", "members-day", "live-room")


class Newcomers(Stream):
    """Messages of people who were never seen, each met a few times."""

    def __init__(self, people: int, seed: int) -> None:
        super().__init__(people, seed=seed)
        self.first_phone = FIRST_PHONE + (seed % 900) * 100_000

    def message(self) -> dict[str, Any]:
        """The next message."""
        dice, n = self.dice, next(self.number)
        who, device = dice.randrange(self.people), dice.randrange(2)
        made: dict[str, Any] = {
            "messageId": f"{self.prefix}-{uuid.UUID(int=dice.getrandbits(128))}",
            "timestamp": self.at(n).isoformat(timespec="milliseconds"),
            "anonymousId": f"{self.prefix}-device-{who}-{device}",
            "context": {
                "ip": f"203.0.113.{who % 250}",
                "locale": LOCALES[who % len(LOCALES)],
                "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
                "campaign": {"name": CAMPAIGNS[who % len(CAMPAIGNS)], "source": "wechat", "medium": "social"},
                "page": {"path": f"/p/{n % 997}", "url": f"https://shop.example/p/{n % 997}"},
                "userAgent": BROWSERS[(who + device) % len(BROWSERS)],
            },
        }
        if dice.random() < WITH_USER_ID:
            made["userId"] = f"{self.prefix}-user-{who}"
        return made | self._does(n, who)

    def _does(self, n: int, who: int) -> dict[str, Any]:
        chance = self.dice.random()
        if chance < IDENTIFIES:
            traits = {"phone": f"+86{self.first_phone + who}", "name": f"客户{who}"}
            return {"type": "identify", "userId": f"{self.prefix}-user-{who}", "traits": traits}
        if chance < IDENTIFIES + ORDERS:
            properties = {
                "order_id": f"{self.prefix}-O{n}",
                "total": f"{9 + n % 900}.50",
                "products": [self.product(n)],
            }
            return {"type": "track", "event": "Order Completed", "properties": properties}
        if chance < PAGES:
            return {"type": "page", "name": "Product", "properties": {"path": f"/p/{n % 997}"}}
        event = self.dice.choice(["Product Viewed", "Product Added"])
        return {"type": "track", "event": event, "properties": self.product(n)}
