"""How a random history is sent, and what the API then says of who is who. Not here: what is sent (strategies.py)."""

import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.db import connection

from cdp.pipeline import batches
from tests.metrics.comparing import Get
from tests.reference.outside import Sent
from tests.shop import Shop


def send(shop: Shop, sent: list[Sent], dice: random.Random, workers: int = 0) -> None:
    """In requests of any size, in any order, some of them twice, worked through whenever it happens.

    `workers`: so many work it, on connections of their own; 0: this one does.
    """
    whole = [*sent, *dice.sample([one for one in sent if "messageId" in one.body], len(sent) // 8)]
    groups: dict[tuple[str, bool], list[Sent]] = defaultdict(list)
    for one in whole:
        groups[one.channel, "messageId" in one.body].append(one)
    requests = []
    for (channel, batch), found in sorted(groups.items()):
        if batch:
            dice.shuffle(found)
        while found:
            n = dice.randint(1, 30) if batch else 1
            requests.append((channel, batch, found[:n]))
            found = found[n:]
    dice.shuffle(requests)
    now = datetime.now(UTC) - timedelta(hours=2)
    for channel, batch, part in requests:
        received = now + timedelta(seconds=part[0].received)
        door = "batch" if batch else "records"
        shop.sends(
            *(one.body for one in part),
            to=channel,
            door=door,
            drain=workers < 2 and dice.random() < 0.2,
            received_at=received,
        )
    if workers:
        with ThreadPoolExecutor(workers) as pool:
            for worker in [pool.submit(work, 5_000 if workers == 1 else 40) for _ in range(workers)]:
                worker.result(timeout=120)
    shop.drains()


def work(limit: int) -> None:
    """A worker until nothing is left for it."""
    try:
        batches.drain(limit=limit)
    finally:
        connection.close()


def labels(get: Get) -> dict[tuple[str, str], str]:
    """What the API says of who is who."""
    found = {}
    for listed in get("/api/profiles/", limit=500)["results"]:
        for one in get(f"/api/profiles/{listed['id']}/")["identifiers"]:
            found[one["kind"], one["value"]] = listed["id"]
    return found
