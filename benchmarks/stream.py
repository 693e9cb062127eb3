"""A seeded stream of a shop's messages, without end. Not here: sending it (ground.fill, driver.py).

Customers by Zipf, 5 % of the events bring a cookie never seen, 0.5 % join a cookie to a customer, 4 % are orders.
"""

import bisect
import itertools
import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

ZIPF = 0.8
NEW_COOKIES = 0.05  # of the events bring a cookie never seen
JOINING = 0.005  # join a known cookie to a customer
PER_REQUEST = 100
GREETING_DAYS = 60  # before the stream begins
STEP_SECONDS = 0.7  # between two events
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class Stream:
    """Seeded messages of a shop: customers by Zipf, pages, products, carts, 4 % orders, some identifies."""

    def __init__(self, people: int, seed: int = 1, step: float = STEP_SECONDS, days: int = 0) -> None:
        self.dice = random.Random(seed)
        self.people, self.step = people, step
        self.begin = BEGIN + timedelta(days=days)
        self.weights = list(itertools.accumulate(1 / (n + 1) ** ZIPF for n in range(people)))
        self.number = itertools.count()
        self.prefix = f"{seed:x}"

    def message(self) -> dict[str, Any]:
        """The next message."""
        dice, n = self.dice, next(self.number)
        who = bisect.bisect(self.weights, dice.random() * self.weights[-1])
        at = self.at(n)
        made: dict[str, Any] = {
            "messageId": f"{self.prefix}-{uuid.UUID(int=dice.getrandbits(128))}",
            "timestamp": at.isoformat(timespec="milliseconds"),
            "context": {
                "ip": "203.0.113.7",
                "locale": "zh-CN",
                "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
                "page": {
                    "path": f"/p/{n % 997}",
                    "url": f"https://shop.example/p/{n % 997}",
                    "title": "Shop",
                },
                "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15",
            },
        }
        chance = dice.random()
        if chance < NEW_COOKIES:
            made["anonymousId"] = f"{self.prefix}-new-{n}"
        elif chance < NEW_COOKIES + JOINING:
            made |= {"anonymousId": f"{self.prefix}-new-{dice.randrange(n + 1)}", "userId": f"user-{who}"}
        elif chance < 0.6:
            made["userId"] = f"user-{who}"
            if dice.random() < 0.5:
                made["anonymousId"] = f"anon-{who}"
        else:
            made["anonymousId"] = f"anon-{who}"
        return made | self._what(n, who)

    def at(self, n: int) -> datetime:
        """When the n-th message is: an hour's disorder among its neighbours."""
        return self.begin + timedelta(seconds=n * self.step + self.dice.random() * 3600)

    @staticmethod
    def product(n: int) -> dict[str, Any]:
        """A line of the shop's goods."""
        return {
            "sku": f"SKU-{n % 480}",
            "price": 9 + n % 300,
            "quantity": 1 + n % 3,
            "name": f"Product {n % 480}",
        }

    def _what(self, n: int, who: int) -> dict[str, Any]:
        dice, chance = self.dice, self.dice.random()
        product = self.product(n)
        if chance < 0.04:
            return {
                "type": "track",
                "event": "Order Completed",
                "userId": f"user-{who}",
                "properties": {
                    "order_id": f"{self.prefix}-O{n}",
                    "total": f"{9 + n % 900}.50",
                    "products": [product],
                },
            }
        if chance < 0.08:
            traits = {
                "name": f"客户{who}",
                "city": dice.choice(["北京", "上海", "杭州"]),
                "email": f"u{who}@example.cn",
            }
            return {"type": "identify", "userId": f"user-{who}", "traits": traits}
        if chance < 0.5:
            return {"type": "page", "name": "Product", "properties": {"path": f"/p/{n % 997}"}}
        return {
            "type": "track",
            "event": dice.choice(["Product Viewed", "Product Added"]),
            "properties": product,
        }

    def greetings(self, per_request: int = PER_REQUEST) -> Iterator[tuple[str, int]]:
        """Everybody seen before, in each way the stream shows them: from then on only its 5 % are new."""
        seen = [
            {
                "messageId": f"{self.prefix}-hello-{who}-{way}",
                "timestamp": (self.begin - timedelta(days=1 + who % GREETING_DAYS)).isoformat(),
                "type": "page",
                "name": "Home",
                **ids,
            }
            for who in range(self.people)
            for way, ids in enumerate(
                (
                    {"userId": f"user-{who}"},
                    {"anonymousId": f"anon-{who}"},
                    {"userId": f"user-{who}", "anonymousId": f"anon-{who}"},
                )
            )
        ]
        for start in range(0, len(seen), per_request):
            part = seen[start : start + per_request]
            yield json.dumps({"batch": part}), len(part)

    def bodies(self, events: int, per_request: int = PER_REQUEST) -> Iterator[tuple[str, int]]:
        """(body, messages) of batch requests."""
        for start in range(0, events, per_request):
            count = min(per_request, events - start)
            yield json.dumps({"batch": [self.message() for _ in range(count)]}, ensure_ascii=False), count
