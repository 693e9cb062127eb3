"""Pages and the read API at size: p50 and p95 of each, over a database grown by clones.

`python -m benchmarks.reads [--people 6000 --events 100000 --clones 49 --rounds 15]` (the default: 5 million events).
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import clones, ground, naive
from benchmarks.ground import Stream


def main() -> None:
    """Fills, grows, asks; prints one line a page."""
    options = ground.options(__doc__, people=6_000, events=100_000, clones=49, rounds=15)
    with ground.ground():
        ground.machine()
        workspace, connectors, _key = ground.place()
        ground.fill(workspace.pk, connectors, Stream(options.people).bodies(options.events))
        from cdp import pipeline

        pipeline.drain(wait=True)
        clones.grow(workspace.pk, options.clones)
        sizes()
        pages(workspace, options.rounds)


def sizes() -> None:
    """Rows and bytes of the big tables."""
    for table, rows, heap, index in naive.sizes():
        if rows:
            each = f"{heap / rows:6.0f} + {index / rows:4.0f} bytes a row"
            print(f"  {table:28} {rows:12,} rows  {(heap + index) / 1e6:9,.1f} MB  {each}")


def pages(workspace: Any, rounds: int) -> None:
    """Each page and path, signed in as an analyst."""
    from django.contrib.auth.models import User
    from django.test import Client

    from cdp.kernel.models import Member

    user = User.objects.create(username="reader")
    Member.objects.create(workspace=workspace, user=user, role="analyst")
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    top = client.get("/api/profiles/?ordering=-events&limit=50").json()["results"]
    keys = [item["id"] for item in top]
    asked: list[tuple[str, Callable[[int], str]]] = [
        ("Overview", lambda n: f"/?from=2026-01-0{1 + n % 5}&to=2026-01-30"),
        ("Customers", lambda n: "/customers/"),
        ("Customer (the 50 busiest)", lambda n: f"/customers/{keys[n % len(keys)]}/"),
        ("Channels", lambda n: "/channels/"),
        ("Rejects", lambda n: "/rejects/"),
        ("API profiles, newest", lambda n: "/api/profiles/"),
        ("API profiles, by revenue", lambda n: "/api/profiles/?ordering=-revenue"),
        ("API profiles, by orders", lambda n: "/api/profiles/?ordering=-orders"),
        ("API profile by identifier", lambda n: f"/api/profiles/?identifier=user_id:user-{n}"),
        ("API profile by name", lambda n: f"/api/profiles/?search=客户{n}"),
        ("API one profile", lambda n: f"/api/profiles/{keys[n % len(keys)]}/"),
        ("API timeline", lambda n: f"/api/profiles/{keys[n % len(keys)]}/timeline/"),
        ("API events, newest", lambda n: "/api/events/"),
        (
            "API gmv by day and channel",
            lambda n: "/api/metrics/gmv/?from=2026-01-01&to=2026-01-30&by=channel",
        ),
        (
            "API retention by week",
            lambda n: "/api/metrics/retention/?from=2026-01-01&to=2026-01-30&interval=week",
        ),
        (
            "API active by day and channel",
            lambda n: "/api/metrics/active_customers/?from=2026-01-01&to=2026-01-30&by=channel",
        ),
    ]
    for name, path in asked:
        took = []
        for n in range(rounds):
            begin = time.perf_counter()
            answer = client.get(path(n))
            if answer.streaming:
                list(answer.streaming_content)
            took.append((time.perf_counter() - begin) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{name}: {answer.status_code} {answer.content[:200]!r}")
        took = sorted(took[1:])  # the first one warms
        p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
        print(f"{name:32} p50 {statistics.median(took):8.1f} ms   p95 {p95:8.1f} ms")


if __name__ == "__main__":
    main()
