"""A few days of a busy shop, made from a seed: requests of every kind of message, few people, many joins.

Times are given, keys of records come once: so neither the order of arrival nor batches change an answer.
"""

import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from tests.shop import identify, later, order, track

CHANNELS = ("web-shop", "store")
MINUTES = 9 * 24 * 60


class Sent(NamedTuple):
    """One request."""

    channel: str
    door: str
    messages: list[dict[str, Any]]

    @property
    def body(self) -> dict[str, Any]:
        return {"records" if self.door == "records" else "batch": self.messages}


def message(rng: random.Random, people: int, at: datetime) -> dict[str, Any]:
    """Any of the things that happen."""
    who = rng.randrange(people)
    user, cookie, number = f"u{who}", f"a{rng.randrange(people * 2)}", f"O{rng.randrange(people * 3)}"
    phone = f"138{10_000_000 + who * 10 + (rng.random() < 0.1)}"
    lines = [{"sku": f"S{rng.randrange(5)}", "price": 10, "quantity": rng.randrange(1, 4)}]
    choices = [
        lambda: track("Product Viewed", None, at, anonymous=cookie, sku="S1"),
        lambda: track("Product Viewed", user, at, anonymous=f"a{who}", sku="S2"),
        lambda: track("Product Added", user, at, sku="S3", quantity=1),
        lambda: identify(user, at, phone=phone, city=rng.choice(["北京", "杭州"]), name=f"客{who}"),
        lambda: identify(user, at, email=f"{user}@hemu.cn") | {"anonymousId": f"a{who}"},
        lambda: order(number, rng.randrange(1, 900), user, at, products=lines),
        lambda: track("Order Completed", None, at, order_id=number + "s", total=50, phone=phone),
        lambda: track("Order Refunded", user, at, order_id=number, total=rng.randrange(1, 300)),
        lambda: track("Order Cancelled", user, at, order_id=number),
        lambda: track("Return Received", user, at, order_id=number, order_channel="web-shop"),
        lambda: track("Feedback Given", rng.choice([user, None]), at, score=rng.randrange(1, 6)),
        lambda: track("Order Completed", user, at, order_id="bad"),
    ]
    return rng.choice(choices)()


def story(seed: int, events: int, size: int = 5, people: int = 12, name: str = "f") -> list[Sent]:
    """About so many messages, in requests of up to `size`; one request in twenty is a record."""
    return list(_requests(random.Random(seed), events, size, people, f"{name}{seed}"))


def _requests(rng: random.Random, events: int, size: int, people: int, name: str) -> Iterator[Sent]:
    made = number = 0
    while made < events:
        number += 1
        if number % 20 == 0:
            one = {"type": "stock", "sku": f"S{number % 5}", "quantity": rng.randrange(50), "location": name}
            yield Sent(
                "web-shop",
                "records",
                [one | {"at": later(minutes=number).isoformat(), "messageId": f"{name}-r{number}"}],
            )
            made += 1
            continue
        messages = [
            message(rng, people, later(minutes=rng.randrange(MINUTES)))
            for _ in range(rng.randrange(1, size + 1))
        ]
        for place, one in enumerate(messages):
            one["messageId"] = f"{name}-{number}-{place}"
        yield Sent(rng.choice(CHANNELS), "batch", messages)
        made += len(messages)


def ids(sent: list[Sent]) -> set[str]:
    """The messageIds of requests."""
    return {one["messageId"] for request in sent for one in request.messages}


def put(shop: Any, requests: list[Sent]) -> None:
    """Into the inbox, worked by nobody yet."""
    for sent in requests:
        shop.sends_raw(
            json.dumps(sent.body, default=str), len(sent.messages), sent.channel, sent.door, drain=False
        )
