"""A worker killed at each statement of a batch, and at each of a request worked message by message: nothing is lost,
nothing is counted twice. Of a rebuild too."""

from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import batches, rebuild
from kernel.db import run
from tests.dump import differences, dump
from tests.faults.failpoint import Copy, Watched, die
from tests.faults.state import comparable, violations
from tests.faults.story import Sent, put, story

KILLED = -9
EVERY = 5  # in the bounded run only so many statements apart
BY_TIME = 10  # statements that hang on the clock: a run may have so many fewer than the counted one
TRIED_BEFORE = 5  # attempts after which a request is worked message by message


@pytest.fixture
def every(request: pytest.FixtureRequest) -> int:
    return 1 if request.config.getoption("--long") else EVERY


def work() -> None:
    batches.drain(wait=True)


def finish(shop: Any) -> dict[str, Any]:
    """Another worker takes over; what it came to."""
    batches.drain(wait=True)
    assert violations(connection) == {}
    return comparable(connection, shop.workspace.pk)


def test_killed_at_any_statement_of_a_batch(shops: Any, undisturbed: Any, every: int) -> None:
    first, then = story(1, 60), story(2, 60)
    wanted, statements = undisturbed([*first, *then]), 0
    shop = shops()
    put(shop, first)
    shop.drains()
    put(shop, then)
    statements = Copy(work, Watched(die)).statements()
    assert statements > 50
    for at in range(1, statements, every):
        shop = shops()
        put(shop, first)
        shop.drains()
        put(shop, then)
        ended = Copy(work, Watched(die, at)).ended()
        assert ended == KILLED or (ended == 0 and at > statements - BY_TIME), at
        assert differences(wanted, finish(shop)) == {}, at


def test_killed_at_any_statement_of_a_request_worked_message_by_message(
    shops: Any, undisturbed: Any, every: int
) -> None:
    requests = [Sent("web-shop", "batch", [one for sent in story(3, 5) for one in sent.messages][:4])]
    wanted = undisturbed(requests)
    statements, at = 1000, 1
    while at < statements:
        shop = shops()
        put(shop, requests)
        run(connection, f"update channels_inbox_open set attempts = {TRIED_BEFORE}")
        if at == 1:
            statements = Copy(work, Watched(die)).statements()
        else:
            ended = Copy(work, Watched(die, at)).ended()
            assert ended == KILLED or (ended == 0 and at > statements - BY_TIME), at
        assert differences(wanted, finish(shop)) == {}, at
        at += every


def test_killed_again_and_again_at_one_place_a_request_still_comes_in(shops: Any, undisturbed: Any) -> None:
    requests = story(4, 40)
    wanted = undisturbed(requests)
    shop = shops()
    put(shop, requests)
    kills = 0
    for at in (40, 40, 40, 40, 30, 25, 40, 50):
        kills += Copy(work, Watched(die, at)).ended() == KILLED
    assert kills > 5
    assert differences(wanted, finish(shop)) == {}


def test_a_rebuild_killed_half_way_and_started_again_gives_the_same(shops: Any, every: int) -> None:
    shop = shops()
    put(shop, story(5, 80))
    shop.drains()
    before = dump(shop.workspace.pk)
    statements = Copy(rebuild.everything, Watched(die)).statements()
    for at in range(2, statements, every * 4):
        ended = Copy(rebuild.everything, Watched(die, at)).ended()
        assert ended == KILLED or (ended == 0 and at > statements - BY_TIME), at
        rebuild.everything()
        assert differences(before, dump(shop.workspace.pk)) == {}, at
    assert violations(connection) == {}


def test_a_rebuild_killed_half_way_is_taken_up_by_a_worker(shops: Any) -> None:
    from cdp.pipeline import tasks

    shop = shops()
    put(shop, story(6, 60))
    shop.drains()
    profile = shop.get("/api/profiles/", identifier="user_id:u1")["results"][0]["id"]
    other = shop.get("/api/profiles/", identifier="user_id:u2")["results"][0]["id"]
    if profile != other:
        answer = shop.api().post(
            f"/api/profiles/{profile}/merge/", {"other": other, "reason": "same"}, format="json"
        )
        assert answer.status_code == 200, answer.content
    before = dump(shop.workspace.pk)
    assert Copy(rebuild.everything, Watched(die, 60)).ended() == KILLED
    assert differences(before, dump(shop.workspace.pk)) != {}
    tasks.drain()
    assert differences(before, dump(shop.workspace.pk)) == {}
    assert not rebuild.resume()
