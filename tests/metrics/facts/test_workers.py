"""Several workers at once, on the same orders, answers and records: no deadlock, and the same tables as one alone."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from tests.metrics.facts.booking import books, dump, empty
from tests.metrics.facts.builders import STORE, TMALL, WEB, line, record, says

WORKERS = 3


def things(chance: random.Random) -> list[Any]:
    """Messages and records about few numbers and SKUs, so that workers meet."""
    found: list[Any] = []
    for n in range(240):
        number, at = f"A{chance.randrange(12)}", chance.randrange(72)
        sku, channel = chance.choice(["chair", "lamp"]), chance.choice([WEB, WEB, STORE])
        one = chance.choice(
            [
                says("order_completed", number, at, channel, total=n, sighting=n % 5, message=f"m{n}"),
                says("order_updated", number, at, TMALL, lines=(line(sku, 1 + n % 3),), message=f"m{n}"),
                says("order_refunded", number, at, channel, total=n % 7, message=f"m{n}"),
                says("return_received", number, at, STORE, lines=(line(sku),), message=f"m{n}"),
                says(
                    "feedback_given", None, at, key=f"F{n % 6}", score=n % 6, sighting=n % 5, message=f"m{n}"
                ),
                record("cost", at, sku=sku, unit_cost=n, currency="CNY", received=n),
                record("stock", at, WEB, sku=sku, quantity=n, location="", received=n),
                record(
                    "spend",
                    at,
                    WEB,
                    amount=n,
                    currency="CNY",
                    id=f"S{n % 4}",
                    date=date(2026, 3, 1),
                    received=n,
                ),
            ]
        )
        found.append(one)
    return found


def work(batches: list[list[Any]]) -> None:
    try:
        for batch in batches:
            with transaction.atomic():
                books(batch)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_workers_side_by_side_come_to_what_one_alone_does(seed: int):
    chance = random.Random(seed)
    told = things(chance)
    empty()
    books(told)
    expected = dump()
    empty()
    chance.shuffle(told)
    batches = [told[n : n + 8] for n in range(0, len(told), 8)]
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work, batches[n::WORKERS]) for n in range(WORKERS)]:
            done.result(timeout=60)
    assert dump() == expected
