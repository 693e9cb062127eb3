"""What is slow is no worker that hangs: others go first, it is tried smaller and comes in, or is set apart with a word.

Time limits are a fraction of the product's; they are set in the copies that work. And the dead leave nothing behind.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from cdp.pipeline import alerts, background, batches, guard
from cdp.pipeline.guard import GUARD
from cdp.serve import readiness
from channels.inbox import log
from kernel.db import rows, run
from kernel.process import heartbeat, workers
from profiles.identity import locks
from tests.dump import differences
from tests.faults.failpoint import Copy, Watched
from tests.faults.running import say
from tests.faults.slowed import HOW, STAGES, in_database, in_python, slow
from tests.faults.state import comparable, violations
from tests.faults.story import Sent, ids, put, story
from tests.live import Line, eventually
from tests.shop import order, track
from tests.test_up import within

BATCH_SECONDS = 2.0  # instead of 20
EACH = 0.15  # seconds that a slow stage takes for each message
SOON = 15  # seconds, on a busy machine; a line that waited for the slow one would wait for minutes
FOR_EVER = 300.0
HERE = "web-shop"
WAYS = [(stage, how) for stage in STAGES for how in HOW]
SOME = [("prepare", "python"), ("identity", "database"), ("sums", "database")]  # in the bounded run
POISON = "slow-message"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stage" in metafunc.fixturenames:
        metafunc.parametrize(("stage", "how"), WAYS if metafunc.config.getoption("--long") else SOME)


def worker(
    *armed: Callable[[], None], signed: bool = False, seconds: float = BATCH_SECONDS
) -> Callable[[], None]:
    """The work of a copy: slow by force, with a short patience, until nothing is left."""

    def work() -> None:
        settings.BATCH_SECONDS = seconds
        for arm in armed:
            arm()
        if signed:
            GUARD.worker()
            guard.bury(connection)
        batches.drain(wait=True)

    return work


def stored(shop: Any) -> int:
    found = rows(
        connection,
        "select count(*) from profiles_event where workspace_id = %(w)s::bigint",
        w=shop.workspace.pk,
    )
    return int(found[0][0])


def left(shop: Any) -> int:
    found = rows(
        connection,
        "select count(*) from channels_inbox_open where workspace_id = %(w)s::bigint",
        w=shop.workspace.pk,
    )
    return int(found[0][0])


@pytest.fixture(autouse=True)
def _forgets() -> None:
    log._Memory.mark, log._Memory.turn, log._Memory.slow_turn = log.BEGINNING, log.NOBODY, log.NOBODY


@pytest.fixture
def holder(servers: Any) -> Iterator[Any]:
    """Somebody else's session, in a transaction."""
    found = psycopg2.connect(servers.database)
    yield found
    found.close()


def test_a_batch_slow_in_a_stage_holds_up_nobody_else_and_comes_in(
    shops: Any, undisturbed: Any, stage: str, how: str
) -> None:
    requests = story(50, 30)
    wanted = undisturbed(requests)
    shop, other = shops(), shops()
    put(shop, requests)
    other.sends(track("First", "u1"), drain=False)
    copy = Copy(worker(lambda: slow(stage, shop.workspace.pk, EACH, HOW[how])))
    begin = time.monotonic()
    assert within(SOON, lambda: stored(other) == 1)
    assert left(shop) > 0  # its own batch, all there is, would have been first and taken longer
    for turn in range(2, 4):  # while it is tried smaller
        other.sends(track(f"Turn {turn}", "u1"), drain=False)
        assert within(SOON, lambda turn=turn: stored(other) == turn)
    lag = time.monotonic() - begin
    assert copy.ended(120) == 0
    say(f"slow {stage} in {how}: others after {lag:.1f} s, it after {time.monotonic() - begin:.1f} s")
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}
    assert rows(connection, "select workspace_id from channels_pace") == [(shop.workspace.pk,)]


def slow_ones(shop: Any) -> list[Any]:
    """The alarms of a workspace that is slow."""
    return [one for one in alerts.shown(connection, shop.workspace.pk) if one.name == "batch_slow"]


def test_the_alarm_names_workspace_stage_and_statement_and_goes_by_itself(shops: Any) -> None:
    shop, other = shops("Slow shop"), shops()
    put(shop, story(51, 40))
    copy = Copy(worker(lambda: slow("identity", shop.workspace.pk, EACH, in_database)))
    assert within(SOON, lambda: slow_ones(shop))
    (alarm,) = slow_ones(shop)
    assert "Slow shop" in alarm.title
    assert "identity" in alarm.title
    assert "tests/slow.sql forced" in alarm.remedy
    assert "batch_slow" in readiness.look()[1]["alarms"]
    assert slow_ones(other) == []
    assert copy.ended(120) == 0
    run(connection, "update channels_pace set at = at - interval '1 hour'")
    assert slow_ones(shop) == []
    put(shop, story(52, 1))
    shop.drains()
    assert rows(connection, "select from channels_pace") == []


def test_what_others_hold_is_waited_for_without_holding_up_anybody(
    shops: Any, undisturbed: Any, holder: Any
) -> None:
    requests = story(55, 30)
    wanted = undisturbed(requests)
    shop, other = shops(), shops()
    put(shop, requests[:10])
    shop.drains()
    put(shop, requests[10:])
    locks.hold(holder, shop.workspace.pk)
    copy = Copy(worker())
    for turn in range(1, 4):
        other.sends(track(f"Turn {turn}", "u1"), drain=False)
        assert within(SOON, lambda turn=turn: stored(other) == turn)
    assert within(SOON, lambda: slow_ones(shop))
    (alarm,) = slow_ones(shop)
    assert "waits for a lock held by another session" in alarm.remedy
    time.sleep(BATCH_SECONDS * 5)  # longer than a message that is slow by itself would have
    holder.rollback()
    assert copy.ended(120) == 0
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}


def test_a_message_too_slow_even_alone_is_set_apart_and_its_neighbours_come_in(
    shops: Any, undisturbed: Any
) -> None:
    requests = story(56, 60)
    wanted = undisturbed(requests)
    shop = shops()
    chosen = next(at for at, sent in enumerate(requests) if sent.door == "batch" and len(sent.messages) > 2)
    poison = {"type": "track", "event": "Poison", "userId": "u1", "messageId": POISON}
    sent = requests[chosen]
    worse = Sent(sent.channel, "batch", [sent.messages[0], poison, *sent.messages[1:]])
    put(shop, [*requests[:chosen], worse, *requests[chosen + 1 :]])
    assert Copy(worker(), Watched(lambda: in_database(FOR_EVER), marker=POISON)).ended(120) == 0
    after = comparable(connection, shop.workspace.pk)
    apart = [row for row in after["rejects"] if row[0] == "too_slow"]
    assert [row[1] for row in apart] == [POISON]
    after["rejects"].remove(apart[0])
    assert differences(wanted, after) == {}
    assert violations(connection) == {}
    assert ids(requests) >= {row[0] for row in after["events"]}
    answer = shop.api().post("/api/rejects/replay/", {"reason": "too_slow"}, format="json")
    assert answer.json()["replayed"] == 1, answer.content
    shop.drains()
    assert POISON in {row[0] for row in comparable(connection, shop.workspace.pk)["events"]}


def test_a_worker_in_a_loop_ends_itself_and_the_next_one_tries_less(shops: Any) -> None:
    shop = shops()
    put(shop, story(57, 40))
    endless = worker(lambda: slow("facts", shop.workspace.pk, FOR_EVER, in_python), signed=True)
    assert Copy(endless).ended(SOON) == -signal.SIGKILL
    assert Copy(endless).ended(SOON) == -signal.SIGKILL
    guard.bury(connection)
    ((width, failures, stage),) = rows(connection, "select width, failures, stage from channels_pace")
    assert (failures, stage) == (2, "facts")
    assert width <= 10  # a half of a half
    assert Copy(worker(signed=True)).ended() == 0
    assert left(shop) == 0
    assert violations(connection) == {}


@pytest.mark.parametrize("noticed", [True, False])
def test_a_killed_worker_s_statement_ends_and_the_next_worker_goes_on(
    shops: Any, undisturbed: Any, noticed: bool
) -> None:
    """The server notices that its client is gone; where it cannot, the next worker ends the session."""
    requests = story(58, 40)
    wanted = undisturbed(requests)
    shop = shops()
    put(shop, requests)

    def deaf() -> None:
        if not noticed:
            settings.DATABASES["default"]["OPTIONS"]["options"] += " -c client_connection_check_interval=0"

    stuck = worker(
        deaf,
        lambda: slow("finish", shop.workspace.pk, FOR_EVER, in_database),
        signed=True,
        seconds=FOR_EVER,
    )
    copy = Copy(stuck)
    sleeping = (
        "select pid from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()"
        " and starts_with(query, '/* tests/slow.sql')"
    )
    assert within(SOON, lambda: rows(connection, sleeping))
    guard.bury(connection)
    assert rows(connection, sleeping)  # it lives
    os.kill(copy.pid, signal.SIGKILL)
    assert copy.ended() == -signal.SIGKILL
    if noticed:
        assert within(SOON, lambda: not rows(connection, sleeping))
    else:
        time.sleep(2)
        assert rows(connection, sleeping)
    begin = time.monotonic()
    assert Copy(worker(signed=True, seconds=20.0)).ended() == 0
    assert time.monotonic() - begin < SOON
    assert not rows(connection, sleeping)
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}


def test_a_worker_says_what_it_is_at_while_it_is_at_it(shops: Any) -> None:
    shop = shops()
    put(shop, story(59, 10))
    begin = worker(lambda: slow("spans", shop.workspace.pk, 0.5, in_database), signed=True, seconds=20.0)
    copy = Copy(begin)

    def at() -> Any:
        return [one.detail["at"] for one in workers.signs(connection) if one.detail.get("at")]

    found = eventually(at, SOON)[0]
    assert (found["task"]["workspace"], found["stage"]) == (shop.workspace.pk, "spans")
    assert found["statement"] == "tests/slow.sql forced"
    assert heartbeat.signs(connection)[heartbeat.WORKER]
    assert copy.ended() == 0
    guard.bury(connection)
    assert workers.signs(connection) == []


@pytest.mark.long
@pytest.mark.parametrize("how", HOW)
def test_a_running_worker_gets_over_a_workspace_that_is_slow(
    shops: Any, servers: Any, redis: Any, tmp_path: Path, how: str
) -> None:
    """With the real Celery worker: one that is in a loop ends itself, and its successor goes on."""

    class Slowed(Line):
        def worker(self, number: int = 0) -> Any:
            return self._start(
                "worker", "celery", "-A", "tests.faults.slowed", "worker", "-c", "1",
                "--without-gossip", "--without-mingle",
            )  # fmt: skip

    shop, other = shops(), shops()
    put(shop, story(60, 300))
    line = Slowed(
        servers.environment(
            HUILIU_BATCH_SECONDS="2",
            SLOW_STAGE="identity",
            SLOW_WORKSPACE=str(shop.workspace.pk),
            SLOW_SECONDS="0.1",
            SLOW_HOW=how,
        ),
        tmp_path,
    )
    try:
        lags = []
        while left(shop) or not lags:
            begin = time.monotonic()
            assert line.post("/v1/track", {"event": "Seen", "userId": "u1"}, other.key)[0] == 200
            wanted = len(lags) + 1
            assert within(60, lambda wanted=wanted: stored(other) >= wanted)
            lags.append(time.monotonic() - begin)
            assert len(lags) < 600
            time.sleep(0.5)
        say(f"slow in {how}: others' lag at most {max(lags):.1f} s of {len(lags)}")
        assert max(lags) < 60
        assert violations(connection) == {}
    finally:
        line.stop()


def test_what_is_owed_and_takes_too_long_holds_up_no_batch(
    shops: Any, holder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shops()
    shop.sends(order("O1", 10, "u1"))
    run(connection, "insert into metrics_owed values (%(w)s, 'CNY')", w=shop.workspace.pk)
    locks.hold(holder, shop.workspace.pk)
    monkeypatch.setattr(settings, "BATCH_SECONDS", 0.5)
    monkeypatch.setattr(background._Memory, "unpaid", {})
    begin = time.monotonic()
    for _turn in range(5):
        background.recompute_revenue(connection)
    assert time.monotonic() - begin < SOON
    assert [one.failures for one in background._Memory.unpaid.values()] <= [2]
    assert rows(connection, "select currency from metrics_owed") == [("CNY",)]
    holder.rollback()
    background.recompute_revenue(connection, wait=True)
    assert rows(connection, "select from metrics_owed") == []
    assert background._Memory.unpaid == {}
