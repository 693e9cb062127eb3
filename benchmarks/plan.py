"""What a tracking plan costs an event: `python -m benchmarks.plan [events]`.

The same events through `prepare` without a plan, with one that plans other events, with one of 20 properties that they
keep to, and one that they break; and the check alone. In turns, the best of each: it is the difference that counts.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
django.setup()

from channels.inbox.log import Received  # noqa: E402
from channels.mapping.apply import prepare  # noqa: E402
from channels.plan import form  # noqa: E402
from channels.plan.checker import Checker  # noqa: E402
from channels.plan.versions import Valid, Versions  # noqa: E402
from channels.snapshot import ChannelSettings, ConnectorSettings, Snapshot  # noqa: E402

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUNS = 7
EACH = 50  # events of a request
EVENT = "Product Viewed"
KINDS: tuple[dict[str, Any], ...] = (
    {"type": "string", "required": True},
    {"type": "number", "min": 0, "max": 100_000},
    {"type": "integer", "required": True, "min": 0},
    {"type": "boolean"},
    {"type": "datetime"},
    {"type": "string", "enum": ["red", "green", "blue"]},
)
VALUES = ("some text", 12.5, 3, True, "2026-11-29T10:00:00Z", "red")
SIMPLE = 18  # properties of these kinds, and two that take longer:
PLAN: dict[str, Any] = {
    **{f"property_{n}": KINDS[n % len(KINDS)] for n in range(SIMPLE)},
    "sku": {"type": "string", "pattern": "[A-Z]{3}-[0-9]+"},
    "products.price": {"type": "number", "required": True, "min": 0},
}
GOOD: dict[str, Any] = {
    **{f"property_{n}": VALUES[n % len(VALUES)] for n in range(SIMPLE)},
    "sku": "ABC-12345",
    "products": [{"price": 5, "sku": "A"}, {"price": 7.5, "sku": "B"}],
}


def requests(events: int) -> list[Received]:
    """Requests of some events each."""
    found = []
    for n in range(events // EACH):
        batch = [
            {
                "type": "track",
                "event": EVENT,
                "userId": f"u{n}",
                "messageId": str(uuid4()),
                "properties": GOOD,
            }
            for _ in range(EACH)
        ]
        body = json.dumps({"batch": batch})
        found.append(Received(uuid4(), NOW + timedelta(seconds=n), 1, "batch", EACH, body, 1, None))
    return found


def settings(plan: dict[str, Any] | None) -> Snapshot:
    """A workspace with this plan, or with none."""
    channel = ChannelSettings(1, "web-shop", "CNY", UTC, "CN")
    connector = ConnectorSettings(1, UUID(int=1), channel, "web-shop", previous_is_user=False)
    checker = None if plan is None else Checker(form.read(plan))
    return Snapshot(
        workspace=1,
        zone=UTC,
        currency="CNY",
        secret=b"secret",
        connectors={1: connector},
        channels={"web-shop": channel},
        plans=None if checker is None else Versions((Valid(NOW - timedelta(days=1), ""),), lambda _: checker),
    )


def seconds(work: Any) -> float:
    """How long it takes, of the processor."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main(events: int) -> None:
    """Prints microseconds an event."""
    rows = requests(events)
    broken = PLAN | {"property_0": {"type": "integer"}}
    plans: dict[str, dict[str, Any] | None] = {
        "no plan": None,
        "other events planned": {"Signed Up": {"mode": "warn", "properties": PLAN}},
        "20 properties, kept to": {EVENT: {"mode": "warn", "properties": PLAN}},
        "20 properties, one broken": {EVENT: {"mode": "warn", "properties": broken}},
    }
    ways = {name: partial(prepare, rows, settings(plan)) for name, plan in plans.items()}
    best = dict.fromkeys(ways, float("inf"))
    for _run in range(RUNS):
        for name, way in ways.items():
            best[name] = min(best[name], seconds(way))
    without = best["no plan"]
    for name, taken in best.items():
        each, more = taken / events * 1e6, (taken - without) / events * 1e6
        print(f"{name:28} {each:7.2f} µs an event, {more:+6.2f}")
    check = Checker(form.read({EVENT: {"mode": "warn", "properties": PLAN}})).events[EVENT]
    alone = min(seconds(lambda: [check(GOOD) for _ in range(events)]) for _run in range(RUNS))
    print(f"{'the check alone':28} {alone / events * 1e6:7.2f} µs an event")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
