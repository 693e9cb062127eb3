"""Settlement at size: a period of 100,000 orders computed as a draft, and the next one with what changed of it.

Weights by the seller and by linear attribution, floors, caps and services on: every step is taken. The page of the
statement and the list of its orders are asked for as a person does. Not here: the retailer (ground.py).
"""

import time
from typing import Any, Final

from benchmarks import ground
from benchmarks.between.ground import Place

COMPUTE_SECONDS, PAGE_SECONDS, CHAIN_SECONDS = 10.0, 0.3, 10.0
ORDERS: Final = 100_000
RULES: Final[dict[str, Any]] = {
    "pot": {"of": "revenue", "rate": "0.1"},
    "weights": {"sold": "0.6", "linear": "0.4"},
    "services": {"pickup": "0.01", "return": "0.01", "advice": "0.01"},
    "limits": {"*": {"floor": "0.02", "cap": "0.5"}},
}


def measure(figures: ground.Figures, here: Place, options: Any) -> None:
    """The period with so many orders; the one after it; the pages; the chain."""
    from datetime import UTC, datetime

    from django.db import connection

    from metrics import query
    from metrics.allocation import chain, statements, versions
    from metrics.allocation.statements import Actor
    from metrics.scope import Days

    settings, actor, now = (
        query.reporting_settings(connection, here.workspace),
        Actor("bench", admin=True),
        datetime.now(UTC),
    )
    versions.put(connection, settings, RULES, "bench", actor.name, now)
    first, second, orders = _periods(here)
    print(f"   {orders:,} orders from {first.first} to {first.last}", flush=True)
    today = now.date()
    seconds = []
    for _ in range(max(1, options.rounds // 2)):
        began = time.perf_counter()
        statements.make(settings, Days(*first), today, actor, now)
        seconds.append(time.perf_counter() - began)
        statements.drop(settings, 1, actor)
    _say(figures, f"settlement of {orders:,} orders", seconds, COMPUTE_SECONDS)
    statements.make(settings, Days(*first), today, actor, now)
    client = ground.reader(here.workspace)
    for name, path in (
        ("statement, its page", "/allocation/statements/1/"),
        ("statement, its orders", "/allocation/statements/1/orders/?channel=store"),
    ):
        _say(figures, name, [_asked(client, path) for _ in range(options.rounds)], PAGE_SECONDS)
    statements.send(settings, 1, actor, now)
    found = statements.one(settings, 1, actor)
    for share in statements.shares_of(found, actor):
        statements.agree(settings, 1, share.channel, actor, now)
    began = time.perf_counter()
    statements.close(settings, 1, actor, now)
    _say(figures, "closing it, with its digest", [time.perf_counter() - began], CHAIN_SECONDS)
    began = time.perf_counter()
    statements.make(settings, Days(*second), today, actor, now)
    took = time.perf_counter() - began
    _say(figures, "the next one, held against all orders of it", [took], 2 * COMPUTE_SECONDS)
    began = time.perf_counter()
    if chain.check(connection).broken:
        raise SystemExit("The chain is broken.")
    _say(figures, "the chain checked", [time.perf_counter() - began], CHAIN_SECONDS)


def _periods(here: Place) -> tuple[Any, Any, int]:
    """The days up to which there are so many orders, the days after them, and how many there are."""
    from datetime import timedelta

    from django.db import connection

    from kernel.db import rows
    from metrics.scope import Days

    days = rows(
        connection,
        "select day, count(*) from metrics_order where workspace_id = %(id)s::int group by day order by day",
        id=here.workspace.pk,
    )
    first, last, total = days[0][0], days[0][0], 0
    for day, count in days[:-1]:
        last, total = day, total + count
        if total >= ORDERS:
            break
    return Days(first, last), Days(last + timedelta(days=1), days[-1][0] + timedelta(days=1)), total


def _asked(client: Any, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code} {answer.content[:300]!r}")
    return time.perf_counter() - began


def _say(figures: ground.Figures, name: str, seconds: list[float], must: float) -> None:
    middle = figures.say(name.replace(" ", "_"), name, seconds, "s")
    print(f"   must < {must:g} s: {'reached' if middle < must else 'NOT reached'}", flush=True)
