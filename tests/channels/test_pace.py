"""How wide a workspace's batches may be: never twice the same way, and whose turn it is beside the slow ones."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from channels import setup
from channels.inbox import log, pace
from channels.inbox.log import BLOCK, DEADLY, TOO_SLOW, Checkpoint
from channels.setup import Added
from kernel.db import rows, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty(transactional_db: None) -> None:
    run(connection, "truncate channels_inbox, channels_inbox_open, channels_pace")
    log._Memory.mark, log._Memory.turn, log._Memory.slow_turn = log.BEGINNING, log.NOBODY, log.NOBODY


def entries(shop: Added, *sizes: int) -> None:
    body = json.dumps({"batch": []})
    at = datetime.now(UTC)
    one = shop.connector
    log.append(
        connection, [log.Entry(one.workspace_id, at, uuid.uuid4(), one.pk, "batch", n, body) for n in sizes]
    )


def chosen(limit: int = 10_000) -> log.Wanted:
    """The next choice, its attempt taken back: nobody died of it."""
    wanted = log.choose(connection, limit)
    assert wanted is not None
    log.spare(connection, wanted)
    return wanted


def fails(wanted: log.Wanted, *, blocked: bool = False) -> None:
    """It did not end in its time; its pause is over."""
    pace.failed(connection, pace.Slow(pace.Task.of(wanted), "identity", "x.sql y", blocked))
    run(connection, "update channels_pace set next_try = now()")


@pytest.mark.parametrize(
    ("sizes", "times"),
    [([1], 1000), ([100], 30), ([5, 2], 20), ([2, 5], 20), ([1, 1000], 2), ([7], 1), ([3000, 1], 1)],
)
def test_a_batch_that_fails_is_never_chosen_the_same_way_again(
    shop: Added, sizes: list[int], times: int
) -> None:
    entries(shop, *sizes * times)
    in_parts = "select from channels_inbox_open where attempts >= %(n)s::int"
    seen: set[Any] = set()
    while not rows(connection, in_parts, n=log.TRIED_IN_COMPANY):
        wanted = chosen()
        assert tuple(wanted.keys) not in seen
        seen.add(tuple(wanted.keys))
        fails(wanted)
    assert len(seen) < 20


def test_a_single_request_that_fails_is_worked_in_parts(shop: Added) -> None:
    entries(shop, 500)
    fails(chosen())
    assert rows(connection, "select attempts from channels_inbox_open") == [(log.TRIED_IN_COMPANY,)]


def test_what_is_quick_is_trusted_again_as_far_as_it_shows(shop: Added) -> None:
    entries(shop, *[1] * 400)
    fails(chosen())
    width = "select width from channels_pace"
    assert rows(connection, width) == [(200,)]
    pace.went(connection, shop.connector.workspace_id, 10, 0.01)
    assert rows(connection, width) == [(200,)]  # ten messages say nothing of two hundred
    pace.went(connection, shop.connector.workspace_id, 200, settings.BATCH_SECONDS)
    assert rows(connection, width) == [(200,)]  # no faster than it must
    for _turn in range(6):
        pace.went(connection, shop.connector.workspace_id, 5_000, 0.01)
    assert rows(connection, "select from channels_pace") == []


def test_a_slow_workspace_rests_while_others_go_first(shop: Added) -> None:
    other = setup.add_channel(setup.add_workspace("Other"), "Shop", "web")
    entries(shop, *[1] * 10)
    entries(other, 1)
    slow = next(w for w in (chosen(), chosen()) if w.workspace == shop.connector.workspace_id)
    pace.failed(connection, pace.Slow(pace.Task.of(slow), "identity", "", blocked=False))
    assert {chosen().workspace for _turn in range(3)} == {other.connector.workspace_id}
    run(connection, "update channels_pace set next_try = now()")
    assert [chosen().workspace for _turn in range(4)].count(shop.connector.workspace_id) == 2


def test_of_many_slow_workspaces_one_has_a_turn_after_each_round_of_the_others() -> None:
    waiting = {n: log._Waiting([n], None if n < 4 else 5, rests=n == 6) for n in range(1, 8)}
    turns = []
    for _turn in range(12):
        first = log._turns(waiting)[0]
        turns.append(first)
        if first < 4:
            log._Memory.turn = first
        else:
            log._Memory.turn, log._Memory.slow_turn = log.NOBODY, first
    assert turns == [1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3, 7]


@pytest.mark.parametrize(
    ("at", "what", "then"),
    [
        (Checkpoint(0, 1), "following", Checkpoint(BLOCK, 1)),
        (Checkpoint(0, 2), "following", Checkpoint(1, 2)),
        (Checkpoint(BLOCK - 1, 2), "following", Checkpoint(BLOCK, 1)),
        (Checkpoint(0, 1, 1), "following", Checkpoint(1, 1, 1)),
        (Checkpoint(BLOCK - 1, 1, 3), "following", Checkpoint(BLOCK, 1)),
        (Checkpoint(4, DEADLY), "following", Checkpoint(5, 2)),
        (Checkpoint(0, 1), "slower", Checkpoint(0, 0, 1)),
        (Checkpoint(3, 1, 3), "slower", Checkpoint(3, 0, TOO_SLOW)),
        (Checkpoint(3, 1, TOO_SLOW), "slower", Checkpoint(3, 0, TOO_SLOW)),
        (Checkpoint(3, 1), "patient", Checkpoint(3, 0, 1)),
        (Checkpoint(3, 1, 1), "patient", Checkpoint(3, 0, 1)),
        (Checkpoint(3, 1, 2), "patient", Checkpoint(3, 0, 2)),
        (Checkpoint(3, 2), "left", Checkpoint(3, 1)),
        (Checkpoint(3, 0), "left", Checkpoint(3, 0)),
        (Checkpoint(3, DEADLY), "again", Checkpoint(3, DEADLY)),
    ],
)
def test_where_a_request_worked_in_parts_goes_on(at: Checkpoint, what: str, then: Checkpoint) -> None:
    assert getattr(at, what) == then
    assert Checkpoint.read(then.written(), then.slow) == then


def test_only_what_failed_alone_time_and_again_is_set_apart() -> None:
    place, widths = Checkpoint(0, 0), []
    while not place.apart:
        widths.append(place.again.width)
        place = place.again.slower
    assert widths == [BLOCK, 1, 1, 1]
    assert not place.deadly


def test_a_message_that_was_too_slow_has_more_time_but_less_than_a_minute() -> None:
    seconds = [pace.allowed(1, failures) for failures in range(TOO_SLOW)]
    assert seconds == sorted(seconds)
    assert seconds[-1] > seconds[0] * 3
    assert seconds[-1] <= 45
    assert pace.allowed(pace.WHOLE) == settings.BATCH_SECONDS


def test_what_a_worker_says_of_its_work_is_read_back() -> None:
    task = pace.Task(1, 2, 1, 2, 3.0, datetime.now(UTC), uuid.uuid4(), alone=True)
    slow = pace.Slow(task, "sums", "x.sql y", blocked=True)
    assert pace.Slow.read(json.loads(json.dumps(slow.kept()))) == slow
    many = slow._replace(task=pace.Task(1, 200, 5, 200, 3.0))
    assert pace.Slow.read(json.loads(json.dumps(many.kept()))) == many
