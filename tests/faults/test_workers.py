"""Several workers on the same people, a worker that stands still, a message that kills whoever works on it."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import batches
from kernel.db import rows
from tests.dump import differences
from tests.faults.failpoint import Copy, Watched, die, stop
from tests.faults.poisoned import POISON
from tests.faults.running import say
from tests.faults.state import comparable, rows_of, violations
from tests.faults.story import Sent, ids, put, story
from tests.live import Line
from tests.test_up import within

SMALL_BATCH = 40  # events: workers meet often
IDLE_SECONDS = 0.4  # what a transaction may stand still in these tests
TRIES = 20
SOON_SECONDS = 60  # the neighbours of a message that kills are in


def worker(limit: int = SMALL_BATCH) -> Callable[[], None]:
    def work() -> None:
        batches.drain(limit, wait=True)

    return work


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_on_the_same_people_come_to_what_one_comes_to(
    shops: Any, undisturbed: Any, request: pytest.FixtureRequest, workers: int
) -> None:
    events = 20_000 if request.config.getoption("--long") else 1_200
    requests = story(10 + workers, events, people=4)
    wanted = undisturbed(requests)
    shop = shops()
    put(shop, requests)
    copies = [Copy(worker()) for _ in range(workers)]
    assert [copy.ended(300) for copy in copies] == [0] * workers
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}


def test_workers_killed_while_others_work(shops: Any, undisturbed: Any) -> None:
    requests = story(20, 900, people=6)
    wanted = undisturbed(requests)
    shop, rng = shops(), random.Random(20)
    put(shop, requests)
    kills = 0
    while rows(connection, "select exists (select from channels_inbox_open)")[0][0]:
        # Some statements of a session only make plans ready. Late enough that no message meets three deaths: it would,
        # rightly, be set apart.
        watched = [Watched(die, rng.randrange(100, 1_200)) for _ in range(2)]
        kills += sum(copy.ended() < 0 for copy in [Copy(worker(), one) for one in watched])
        assert kills < 100
    assert kills > 3
    batches.drain(wait=True)
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}


@pytest.mark.parametrize("at", [20, 45, 70])
def test_a_worker_that_stood_still_too_long_finds_its_commit_refused(
    shops: Any, undisturbed: Any, at: int
) -> None:
    requests = story(30, 60)
    wanted = undisturbed(requests)
    shop = shops()
    put(shop, requests)

    def work() -> None:
        rows_of(connection, f"set idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        batches.drain(wait=True)

    copy = Copy(work, Watched(stop, at))
    copy.stopped()
    try:
        begin = time.monotonic()
        batches.drain(wait=True)
        assert time.monotonic() - begin < IDLE_SECONDS + 5
        after = comparable(connection, shop.workspace.pk)
    finally:
        os.kill(copy.pid, signal.SIGCONT)
    assert copy.ended() == 1  # it was told, and did not think that its work was kept
    assert violations(connection) == {}
    assert differences(wanted, after) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}


def test_a_message_that_kills_its_worker_is_set_apart_and_its_neighbours_come_in(
    shops: Any, undisturbed: Any
) -> None:
    requests = story(40, 200)
    wanted = undisturbed(requests)
    shop, rng = shops(), random.Random(40)
    chosen = rng.choice([sent for sent in requests if sent.door == "batch" and len(sent.messages) > 2])
    poison = {"type": "track", "event": "Poison", "userId": "u1", "messageId": POISON}
    at = requests.index(chosen)
    worse = Sent(chosen.channel, "batch", [chosen.messages[0], poison, *chosen.messages[1:]])
    put(shop, [*requests[:at], worse, *requests[at + 1 :]])
    deaths = 0
    while Copy(worker(), Watched(die, marker=POISON)).ended() != 0:
        deaths += 1
        assert deaths < TRIES
    after = comparable(connection, shop.workspace.pk)
    apart = [row for row in after["rejects"] if row[0] == "stops_worker"]
    assert [row[1] for row in apart] == [POISON]
    assert '"Poison"' in apart[0][3]  # whole
    after["rejects"].remove(apart[0])
    assert differences(wanted, after) == {}
    assert violations(connection) == {}
    assert ids(requests) >= {row[0] for row in after["events"]}


def test_a_mended_worker_takes_up_what_was_set_apart(shops: Any) -> None:
    shop = shops()
    put(
        shop,
        [Sent("web-shop", "batch", [{"type": "track", "event": "A", "userId": "u1", "messageId": POISON}])],
    )
    codes = [Copy(worker(), Watched(die, marker=POISON)).ended() for _ in range(TRIES)]
    assert codes[-1] == 0
    assert [one["reason"] for one in shop.get("/api/rejects/")["results"]] == ["stops_worker"]
    answer = shop.api().post("/api/rejects/replay/", {"reason": "stops_worker"}, format="json")
    assert answer.json()["replayed"] == 1, answer.content
    shop.drains()
    assert [one["message_id"] for one in shop.get("/api/events/")["results"]] == [POISON]
    assert violations(connection) == {}


@pytest.mark.long
def test_a_running_worker_gets_over_a_message_that_kills_it(
    shops: Any, servers: Any, redis: Any, tmp_path: Path
) -> None:
    """With the real Celery worker; a second request every second wakes it."""

    class Poisoned(Line):
        def worker(self, number: int = 0) -> Any:
            return self._start(
                "worker", "celery", "-A", "tests.faults.poisoned", "worker", "-c", "1",
                "--without-gossip", "--without-mingle",
            )  # fmt: skip

    shop = shops()
    line = Poisoned(servers.environment(), tmp_path)
    try:
        neighbours = [
            {"type": "track", "event": "A", "userId": f"u{n}", "messageId": f"n{n}"} for n in range(999)
        ]
        poison = {"type": "track", "event": "A", "userId": "u1", "messageId": POISON}
        begin = time.monotonic()
        assert (
            line.post("/v1/batch", {"batch": [*neighbours[:500], poison, *neighbours[500:]]}, shop.key)[0]
            == 200
        )
        stored, waker = 0, 0
        while stored < 999 and time.monotonic() - begin < SOON_SECONDS:
            waker += 1
            line.post("/v1/track", {"event": "Wake", "userId": "w", "messageId": f"w{waker}"}, shop.key)
            time.sleep(1)
            stored = rows(connection, "select count(*) from profiles_event where name = 'A'")[0][0]
        say(f"poison: {stored} of 999 neighbours in after {time.monotonic() - begin:.1f} s")
        assert stored == 999
        assert within(
            SOON_SECONDS, lambda: rows(connection, "select count(*) from channels_inbox_open")[0][0] == 0
        )
        found = rows(connection, "select message_id, reason from channels_reject")
        assert found == [(POISON, "stops_worker")]
        assert violations(connection) == {}
    finally:
        line.stop()
