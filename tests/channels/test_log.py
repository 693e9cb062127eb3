"""The inbox: what is appended is claimed once, fairly, and finished with its transaction."""

import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from channels import setup
from channels.inbox import log
from channels.setup import Added
from kernel.db import rows, run

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _empty(transactional_db: None) -> None:
    run(connection, "truncate channels_inbox, channels_inbox_open")
    log._Memory.mark, log._Memory.turn = log.BEGINNING, 0


def entry(shop: Added, n: int = 1, at: datetime | None = None) -> log.Entry:
    body = json.dumps({"batch": [{"userId": "quote \" back \\ slash ' 汇流"}] * n})
    when = at or datetime.now(UTC)
    return log.Entry(shop.connector.workspace_id, when, uuid.uuid4(), shop.connector.id, "batch", n, body)


def take(limit: int = 5000) -> log.Batch | None:
    """Choose and claim, then give up: what a worker that dies leaves behind."""
    wanted = log.choose(connection, limit)
    if wanted is None:
        return None
    with transaction.atomic():
        batch = log.claim(connection, wanted)
        transaction.set_rollback(True)
    return batch


def work(limit: int = 5000) -> log.Batch | None:
    wanted = log.choose(connection, limit)
    if wanted is None:
        return None
    with transaction.atomic():
        batch = log.claim(connection, wanted)
        if batch is not None:
            log.finish(connection, batch)
    return batch


def test_new_requests_come_out_as_they_were(shop: Added) -> None:
    sent = [entry(shop, 3), entry(shop)._replace(door="track", sender='{"retries":1}'), entry(shop)]
    log.append_new(connection, sent)
    batch = work()
    assert batch is not None
    assert sorted(batch.rows, key=lambda row: row.received_at) == [
        log.Received(one.request, one.received_at, one.connector, one.door, one.n, one.body, 1, one.sender)
        for one in sent
    ]
    assert not log.left(connection)


def test_what_was_kept_before_is_not_new(shop: Added) -> None:
    one = entry(shop)
    log.append_new(connection, [one])
    with pytest.raises(IntegrityError):
        log.append_new(connection, [entry(shop), one])
    assert rows(connection, "select count(*) from channels_inbox") == [(1,)]


@pytest.mark.parametrize("body", ["", "{}\x1e{}", "\x1e"])
def test_a_body_with_the_sign_between_bodies_is_kept_whole(shop: Added, body: str) -> None:
    log.append_new(connection, [entry(shop)._replace(body=body), entry(shop)])
    log.append_new(connection, [entry(shop)._replace(body=body)])
    assert rows(connection, "select count(*) from channels_inbox where body = %(body)s", body=body) == [(2,)]
    assert rows(connection, "select count(*) from channels_inbox_open") == [(3,)]


def test_what_is_appended_comes_out_as_it_was(shop: Added) -> None:
    one = entry(shop, 3)
    assert log.append(connection, [one]) == 1
    assert log.append(connection, [one]) == 0
    batch = work()
    assert batch is not None
    assert batch.rows == [
        log.Received(one.request, one.received_at, one.connector, "batch", 3, one.body, attempts=1)
    ]
    assert work() is None
    assert not log.left(connection)
    assert len(rows(connection, "select from channels_inbox")) == 1


def test_a_batch_is_bounded_by_messages(shop: Added) -> None:
    log.append(connection, [entry(shop, 100) for _ in range(30)])
    sizes = []
    while (batch := work(1000)) is not None:
        sizes.append(sum(row.n for row in batch.rows))
    assert sizes == [1000, 1000, 1000]


def test_a_batch_is_bounded_by_bytes_and_what_is_left_out_was_not_tried(
    shop: Added, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST_BYTES", 100_000)
    sizes = [30_000, 60_000, 40_000, 10_000, 300_000, 10_000]
    sent = [entry(shop)._replace(body="x" * size) for size in sizes]
    log.append(connection, sent)
    taken = []
    while batch := work():
        taken.append([len(row.body) for row in batch.rows])
        assert {attempts for (attempts,) in rows(connection, "select attempts from channels_inbox_open")} <= {
            0
        }
    assert taken == [[30_000, 60_000, 40_000], [10_000, 300_000], [10_000]]


def test_single_messages_fill_a_batch(shop: Added) -> None:
    log.append(connection, [entry(shop) for _ in range(3000)])
    batch = work(2000)
    assert batch is not None
    assert len(batch.rows) == 2000
    oldest = rows(connection, "select min(received_at) from channels_inbox_open")[0][0]
    assert max(row.received_at for row in batch.rows) <= oldest


def test_a_flood_on_one_connector_holds_no_other_up(shop: Added) -> None:
    other = setup.add_connector(shop.channel)
    log.append(connection, [entry(shop) for _ in range(5000)])
    late = [entry(other) for _ in range(3)]
    log.append(connection, late)
    batch = work(1000)
    assert batch is not None
    assert {row.request for row in batch.rows} >= {one.request for one in late}
    assert len(batch.rows) == 1000


def test_workspaces_take_turns(shop: Added) -> None:
    other = setup.add_channel(setup.add_workspace("Other"), "Shop", "web")
    log.append(connection, [entry(shop) for _ in range(100)])
    log.append(connection, [entry(other)])
    served = [batch.workspace for batch in (work(10), work(10)) if batch]
    assert sorted(served) == sorted({shop.channel.workspace_id, other.channel.workspace_id})


def test_two_workers_never_hold_the_same_request(shop: Added) -> None:
    log.append(connection, [entry(shop) for _ in range(2000)])
    taken: list[Any] = []

    def drain() -> None:
        while (batch := work(50)) is not None or log.left(connection):
            if batch is not None:
                taken.extend(row.request for row in batch.rows)
        connections.close_all()

    threads = [threading.Thread(target=drain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(taken) == len(set(taken)) == 2000


def test_a_claim_that_comes_to_nothing_leaves_its_attempt(shop: Added) -> None:
    log.append(connection, [entry(shop)])
    attempts = []
    for _try in range(3):
        batch = take()
        assert batch is not None
        attempts.append(batch.attempts)
    assert attempts == [1, 2, 3]


def test_a_suspect_is_worked_apart_and_in_the_end_alone(shop: Added) -> None:
    poison = entry(shop)
    healthy = [entry(shop) for _ in range(400)]
    log.append(connection, [poison, *healthy])
    done: set[Any] = set()
    alone = False
    for _round in range(200):
        wanted = log.choose(connection, 5000)
        if wanted is None:
            break
        with transaction.atomic():
            batch = log.claim(connection, wanted)
            assert batch is not None
            if poison.request in {row.request for row in batch.rows}:
                alone = batch.alone
                transaction.set_rollback(True)  # the worker dies
            else:
                log.finish(connection, batch)
                done |= {row.request for row in batch.rows}
        if alone and len(done) == 400:
            break
    assert alone
    assert done == {one.request for one in healthy}


def test_what_comes_late_and_old_is_found(shop: Added) -> None:
    log.append(connection, [entry(shop)])
    assert work() is not None
    log.append(connection, [entry(shop, at=NOW - timedelta(days=400))])
    assert work() is not None


def test_a_day_has_its_partition_and_a_day_without_one_still_has_a_place(shop: Added) -> None:
    today = datetime.now(UTC).date()
    log.ensure_days(connection, today)
    log.ensure_days(connection, today)
    log.append(connection, [entry(shop), entry(shop, at=NOW + timedelta(days=300))])
    where = rows(
        connection, "select tableoid::regclass::text, count(*) from channels_inbox group by 1 order by 1"
    )
    assert where == [(f"channels_inbox_{today:%Y%m%d}", 1), ("channels_inbox_rest", 1)]
    far = (NOW + timedelta(days=300)).date()
    assert rows(connection, log.sql["make_day"], day=far) == [(False,)]


def test_the_backlog_tells_requests_messages_and_the_oldest(shop: Added) -> None:
    assert log.backlog(connection) == (0, 0, None)
    first = entry(shop, 5)
    log.append(connection, [first, entry(shop, 2)])
    assert log.backlog(connection) == (2, 7, first.received_at)
