"""How many events a second `prepare` understands on one core. `python -m benchmarks.mapping [events]`."""

import json
import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
django.setup()

from channels.inbox.log import Received  # noqa: E402
from channels.mapping.apply import prepare  # noqa: E402
from channels.snapshot import ChannelSettings, ConnectorSettings, Snapshot  # noqa: E402

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PEOPLE = 4_000
RUNS = 5


def event(dice: random.Random) -> dict[str, object]:
    """One message as a browser or a server sends it, 550 bytes on average."""
    person = int(dice.paretovariate(0.8)) % PEOPLE
    at = (NOW - timedelta(seconds=dice.randrange(600), milliseconds=dice.randrange(1000))).isoformat()
    message: dict[str, object] = {
        "messageId": f"ajs-next-{dice.randrange(10**12)}-{UUID(int=dice.getrandbits(128))}",
        "anonymousId": f"anon-{person}-{dice.randrange(3)}",
        "userId": f"user-{person}" if dice.random() < 0.6 else None,
        "timestamp": at,
        "context": {
            "ip": "203.0.113.7",
            "locale": "zh-CN",
            "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
            "page": {"path": "/p/1", "url": "https://shop.example/p/1", "title": "Shirt"},
        },
    }
    kind = dice.random()
    if kind < 0.55:
        message |= {"type": "track", "event": "Product Viewed", "properties": _product(dice)}
    elif kind < 0.75:
        message |= {
            "type": "page",
            "name": "Home",
            "properties": {"path": "/", "title": "Home", "referrer": ""},
        }
    elif kind < 0.87:
        phone = f"138{person:08d}"
        message |= {
            "type": "identify",
            "traits": {"phone": phone, "email": f"u{person}@example.com", "name": "王 芳"},
        }
    else:
        lines = [_product(dice) for _ in range(3)]
        total = round(sum(line["price"] for line in lines), 2)
        properties = {
            "order_id": f"o-{dice.randrange(10**9)}",
            "total": total,
            "currency": "CNY",
            "products": lines,
        }
        message |= {"type": "track", "event": "Order Completed", "properties": properties}
    return message


def _product(dice: random.Random) -> dict[str, object]:
    sku = f"SKU-{dice.randrange(2000)}"
    price = dice.randrange(100, 99999) / 100
    return {
        "sku": sku,
        "name": "Linen shirt",
        "category": "Shirts",
        "price": price,
        "quantity": 1,
        "brand": "Hui",
    }


def main(count: int) -> None:
    """Prints the best and the median of a few runs over the same batch."""
    dice = random.Random(7)
    channel = ChannelSettings(1, "web", "CNY", UTC, "CN")
    connector = ConnectorSettings(1, uuid4(), channel, "web", previous_is_user=False)
    snapshot = Snapshot(1, UTC, "CNY", b"secret", {1: connector}, {"web": channel})
    rows, size = [], 0
    for _ in range(count // 100):
        body = json.dumps({"batch": [event(dice) for _ in range(100)], "sentAt": NOW.isoformat()})
        size += len(body)
        rows.append(Received(uuid4(), NOW, 1, "batch", 100, body, 1))
    speeds = []
    for _ in range(RUNS):
        begin = time.process_time()
        prepared = prepare(rows, snapshot)
        speeds.append(count / (time.process_time() - begin))
    print(f"{len(prepared.cleans)} clean, {len(prepared.bads)} bad, {size // count} bytes an event")
    print(f"first {speeds[0]:,.0f}/s, best {max(speeds):,.0f}/s, median {sorted(speeds)[RUNS // 2]:,.0f}/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
