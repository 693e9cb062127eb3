"""What an event and a page cost as the database grows: the same measurements at each size, on a database of its own.

`python -m benchmarks.growth [--sizes 1 5 10]` (millions of events; 10 needs about 12 GB of disk). Prints costs, pages
and bytes by size, and what a thousand million events take. Not here: growing (clones.py), more pages (reads.py).
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks import clones, ground, naive
from benchmarks.ground import Stream

BASE, PEOPLE = 100_000, 6_000
FRESH = 20_000  # events whose cost is measured, in each of RUNS
RUNS = 3
ASKED = 30  # times for each page
MILLION = 1_000_000
FAR = 1_000  # millions of events: what the figures are drawn out to
PAGES = {
    "overview": "/?from=2026-01-02&to=2026-01-30",
    "customers": "/customers/",
    "profile by identifier": "/api/profiles/?identifier=user_id:user-{n}",
    "events, newest": "/api/events/",
    "active by channel": "/api/metrics/active_customers/?from=2026-01-01&to=2026-01-30&by=channel",
}


def main() -> None:
    """One child a size, then the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=float, nargs="+", default=[1, 5, 10], help="millions of events")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measured(int(options.sizes[0] * MILLION))))
        return
    found = []
    for size in options.sizes:
        words = [sys.executable, "-m", "benchmarks.growth", "--child", "--sizes", str(size)]
        said = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout
        found.append(json.loads(said.strip().splitlines()[-1]))
        show(found[-1])
    far(found)


def measured(events: int) -> dict[str, Any]:
    """All figures at one size."""
    with ground.ground() as servers:
        workspace, connectors, _key = ground.place()
        stream = Stream(PEOPLE)
        ground.fill(workspace.pk, connectors, stream.bodies(BASE))
        _drain()
        if events > BASE:
            clones.grow(workspace.pk, events // BASE - 1)
        cpu, costs = ground.cpu(servers), []
        for _run in range(RUNS):
            ground.fill(workspace.pk, connectors, stream.bodies(FRESH))
            cpu.since()
            _drain()
            costs.append(cpu.since()[1] / FRESH * MILLION)
        _analyze()
        bytes_each = {name: (heap + index) / events for name, rows, heap, index in naive.sizes() if rows}
        return {
            "events": events,
            "cost": [min(costs), statistics.median(costs), max(costs)],
            "pages": pages(workspace),
            "bytes": {
                name: round(size, 1) for name, size in bytes_each.items() if not name.startswith("channels")
            },
        }


def _drain() -> None:
    from cdp import pipeline

    pipeline.drain(wait=True)


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("analyze")


def pages(workspace: Any) -> dict[str, float]:
    """The 95th percentile of each page, in milliseconds."""
    from django.contrib.auth.models import User
    from django.test import Client

    from cdp.kernel.models import Member

    user = User.objects.create(username="reader")
    Member.objects.create(workspace=workspace, user=user, role="analyst")
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    found = {}
    for name, path in PAGES.items():
        took = []
        for n in range(ASKED + 1):
            begin = time.perf_counter()
            answer = client.get(path.format(n=n))
            took.append((time.perf_counter() - begin) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{name}: {answer.status_code}")
        found[name] = round(statistics.quantiles(took[1:], n=20)[-1], 1)  # the first one warms
    return found


def show(size: dict[str, Any]) -> None:
    """The lines of one size."""
    least, middle, most = size["cost"]
    print(
        f"{size['events'] / MILLION:6.1f} million: {middle:6.1f} us CPU an event ({least:.1f} to {most:.1f})"
    )
    print("   p95 " + ", ".join(f"{name} {took:.0f} ms" for name, took in size["pages"].items()))
    total = sum(size["bytes"].values())
    print(
        f"   {total:.0f} bytes an event: " + ", ".join(f"{n} {b:.0f}" for n, b in size["bytes"].items()),
        flush=True,
    )


def far(found: list[dict[str, Any]]) -> None:
    """The last size's bytes drawn out, and how the costs grew."""
    first, last = found[0], found[-1]
    times = last["events"] / first["events"]
    print(f"{times:.0f} times the events: {last['cost'][1] / first['cost'][1]:.2f} times the cost of one")
    for name, took in last["pages"].items():
        print(f"   {name:24} {took / max(first['pages'][name], 0.1):.2f} times")
    terabytes = sum(last["bytes"].values()) * FAR * MILLION / 1e12
    print(f"{FAR} million events: {terabytes:.2f} TB without the inbox")


if __name__ == "__main__":
    main()
