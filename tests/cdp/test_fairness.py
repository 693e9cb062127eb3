"""A flood on one connector or workspace holds up nobody else by more than a batch; catching up is at full speed."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from cdp.pipeline import batches
from channels.inbox import log
from kernel.db import rows
from kernel.process.timing import StageTimer
from tests.shop import Shop, track

SMALL, WHOLE = 20_000, 200_000
LIMIT = 5_000  # of a batch: smaller than the product's, so that the small flood is several


def flood(shop: Shop, messages: int, each: int, to: str = "web-shop", ago: float = 60.0) -> None:
    """Many messages that came before everything else."""
    start = datetime.now(UTC) - timedelta(seconds=ago)
    numbers = iter(range(messages))
    entries = []
    for request in range(messages // each):
        batch = [
            {"type": "track", "event": "Looked", "userId": f"u{n % 997}", "messageId": f"flood-{n}"}
            for _turn, n in zip(range(each), numbers, strict=False)
        ]
        at = start + timedelta(microseconds=request)
        body = json.dumps({"batch": batch})
        entries.append(
            log.Entry(shop.workspace.pk, at, uuid.uuid4(), shop.connectors[to].pk, "batch", each, body)
        )
    for first in range(0, len(entries), 1000):
        log.append(connection, entries[first : first + 1000])


def batch() -> int:
    """Works one batch; how many events it stored."""
    counts = batches.step(connection, StageTimer(), LIMIT)
    return counts["events"] if counts else 0


def stored(shop: Shop, name: str) -> int:
    found = rows(
        connection,
        "select count(*) from profiles_event where workspace_id = %(w)s::bigint and name = %(name)s::text",
        w=shop.workspace.pk,
        name=name,
    )
    return int(found[0][0])


@pytest.mark.parametrize("each", [1, 100, 1000])
def test_a_flood_on_one_connector_delays_another_s_event_by_a_batch_at_most(lasting: Shop, each: int) -> None:
    flood(lasting, SMALL, each)
    for turn in range(2):
        assert batch() > 0
        lasting.sends(track(f"Bought {turn}", "u1"), to="store", drain=False)
        assert batch() > 1
        assert stored(lasting, f"Bought {turn}") == 1


def test_a_flood_in_one_workspace_delays_another_s_event_by_a_batch_at_most(lasting: Shop) -> None:
    flood(lasting, SMALL, 100)
    other = Shop("Other")
    for turn in range(2):
        assert batch() > 0
        other.sends(track(f"Bought {turn}", "u1"), drain=False)
        batch(), batch()
        assert stored(other, f"Bought {turn}") == 1


def test_two_floods_share_a_batch(lasting: Shop) -> None:
    flood(lasting, SMALL // 2, 100)
    flood(lasting, SMALL // 2, 100, to="store", ago=30)
    wanted = log.choose(connection, 4000)
    assert wanted is not None
    found = rows(
        connection,
        "select connector_id, count(*) from channels_inbox_open where attempts > 0 group by 1 order by 1",
    )
    assert {count for _connector, count in found} == {20}


def test_catching_up_works_whole_batches(lasting: Shop) -> None:
    flood(lasting, SMALL, 10)
    sizes = []
    while (size := batch()) > 0:
        sizes.append(size)
    assert sum(sizes) == SMALL
    assert min(sizes[:-1]) >= LIMIT


@pytest.mark.long
@pytest.mark.parametrize("each", [1, 1000])
def test_200_000_waiting_delay_another_s_event_by_a_batch_at_most(lasting: Shop, each: int) -> None:
    flood(lasting, WHOLE, each)
    turn = 0
    while batch() > 1:
        lasting.sends(track(f"Bought {turn}", "u1"), to="store", drain=False)
        assert batch() >= 1
        assert stored(lasting, f"Bought {turn}") == 1
        turn += 1
    assert stored(lasting, "Looked") == WHOLE
