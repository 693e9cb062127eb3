"""The running product under fire: what was acknowledged is there, once, and what an undisturbed run comes to."""

import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdp.run.programs import OVERLAP_SECONDS, WEB_WORKERS
from tests.dump import differences
from tests.faults.running import TARGETS, Running, say
from tests.faults.sender import UNKNOWN, Sender
from tests.faults.story import Sent, ids, story
from tests.test_up import family, living, within

SETTLED_SECONDS = 300.0  # the most that a backlog of a whole fault may take, on a busy machine
BACK_SECONDS = 10.0  # after Redis is back, without anybody's help
COMMON = ("web child", "worker child", "backend", "worker child", "postgres", "backend", "worker", "valkey")


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="huiliu-faults-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        found = Running(Path(name))
        try:
            yield found
        finally:
            if found.up.process.poll() is None:
                found.up.stop()


def judged(
    running: Running, workspace: int, sender: Sender, sent: list[Sent], wanted: dict[str, Any]
) -> None:
    """Nothing lost, nothing twice, everything as undisturbed."""
    assert sender.acknowledged == ids(sent)
    assert sender.without_retry_after == 0
    assert set(sender.answers) <= {200, 503, UNKNOWN}
    assert running.violations() == {}
    stored = running.stored(workspace)
    assert len(stored) == len(set(stored))
    assert differences(wanted, running.comparable(workspace)) == {}


def test_kills_under_load(running: Running, undisturbed: Any, request: pytest.FixtureRequest) -> None:
    long = request.config.getoption("--long")
    kills, events, size, people = (50, 100_000, 100, 3000) if long else (9, 3000, 6, 60)
    sent = story(50, events, size, people)
    wanted = undisturbed(sent)
    workspace, keys = running.workspace()
    rng, done = random.Random(50), Counter[str]()
    sender = Sender(running.port, keys, pace=0.3 if long else 0.12).start(sent)
    targets = (
        list(TARGETS) if not long else [*TARGETS, *(rng.choice(COMMON) for _ in range(kills - len(TARGETS)))]
    )
    rng.shuffle(targets)
    for target in targets:
        time.sleep(rng.uniform(0.3, 1.5))
        running.kill(target, rng)
        done[target] += sender.busy
        assert running.violations() == {}, target
    sender.wait(SETTLED_SECONDS)
    settled = running.settled(SETTLED_SECONDS)
    say(
        f"{sum(done.values())} kills under load {dict(done)}, answers {dict(sender.answers)},"
        f" all worked {settled:.1f} s after"
    )
    judged(running, workspace, sender, sent, wanted)
    assert sum(done.values()) > kills // 2


def test_without_redis_events_are_taken_and_the_lag_goes_by_itself(
    running: Running, undisturbed: Any, request: pytest.FixtureRequest
) -> None:
    away = 60 if request.config.getoption("--long") else 5
    sent = story(51, 600)
    wanted = undisturbed(sent)
    workspace, keys = running.workspace()
    redis = running.pid("valkey")
    os.kill(redis, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        sender = Sender(running.port, keys, pace=0.1).start(sent).wait(SETTLED_SECONDS)
        time.sleep(max(away - (time.monotonic() - begin), 0))
    finally:
        os.kill(redis, signal.SIGCONT)
    assert set(sender.answers) == {200}
    settled = running.settled(BACK_SECONDS)
    say(
        f"without Redis for {away} s: all worked {settled:.1f} s after, slowest answer {sender.slowest:.2f} s"
    )
    judged(running, workspace, sender, sent, wanted)


def test_while_the_database_dies_there_is_only_200_and_503(running: Running, undisturbed: Any) -> None:
    sent = story(52, 600)
    wanted = undisturbed(sent)
    workspace, keys = running.workspace()
    sender = Sender(running.port, keys, pace=0.1).start(sent)
    for _ in range(3):
        time.sleep(1)
        running.kill("postgres", random.Random(52))
    sender.wait(SETTLED_SECONDS)
    assert set(sender.answers) == {200, 503}
    settled = running.settled(SETTLED_SECONDS)
    say(f"postmaster killed 3 times: {dict(sender.answers)}, all worked {settled:.1f} s after")
    judged(running, workspace, sender, sent, wanted)


@pytest.mark.long
def test_a_rolling_restart_fails_no_request(running: Running, undisturbed: Any) -> None:
    sent = story(53, 1800)
    wanted = undisturbed(sent)
    workspace, keys = running.workspace()
    before = family(running.pid("web"))
    sender = Sender(running.port, keys, pace=0.25).start(sent)
    os.kill(running.pid("web"), signal.SIGHUP)
    os.kill(running.pid("worker"), signal.SIGTERM)
    assert within(WEB_WORKERS * 2 * OVERLAP_SECONDS, lambda: not living(before))
    renewed = sender.left
    sender.wait(SETTLED_SECONDS)
    say(
        f"rolling restart: {dict(sender.answers)}, slowest {sender.slowest:.2f} s, {renewed} requests after it"
    )
    assert set(sender.answers) == {200}, sender.answers
    assert renewed
    assert not before & family(running.pid("web"))
    running.settled(SETTLED_SECONDS)
    judged(running, workspace, sender, sent, wanted)
