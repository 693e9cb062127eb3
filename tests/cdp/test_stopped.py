"""A part that stops is told by name, the front door stays open, and the alarm goes by itself. Real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.contrib.auth.models import User
from django.db import connection

from channels import queries as channels
from channels import setup
from kernel.db import rows
from kernel.web import access
from tests.live import Line, empty, eventually
from tests.shop import Shop, track

STOPPED_SECONDS = 2
PATIENCE = 60  # of a busy machine


@pytest.fixture
def line(transactional_db: None, servers: Any, redis: Any, tmp_path: Path) -> Iterator[Line]:
    """Web and worker that are missed after two seconds."""
    empty()
    found = Line(servers.environment(HUILIU_STOPPED_SECONDS=str(STOPPED_SECONDS)), tmp_path)
    yield found
    found.stop()
    connection.close()
    empty()


def alarms(line: Line) -> set[str]:
    """What /readyz and /metrics say, which is the same."""
    facts = eventually(lambda: (answer := line.get("/readyz"))[0] == 200 and answer[1], PATIENCE)
    return set(facts["alarms"])


def test_a_worker_that_is_stopped_and_killed(line: Line) -> None:
    added = setup.add_channel(setup.workspace(), "Web shop", "web")
    message = {"type": "track", "event": "Looked", "userId": "u1"}
    assert line.post("/v1/track", message, added.key)[0] == 200
    eventually(lambda: line.get("/readyz")[1]["lag"]["requests"] == 0)
    assert alarms(line) == set()
    worker = line.processes[1]

    os.killpg(worker.pid, signal.SIGSTOP)
    for _turn in range(20):
        assert line.post("/v1/track", message, added.key)[0] == 200
    eventually(lambda: "worker_stopped" in alarms(line), PATIENCE)
    assert 'huiliu_alarm{name="worker_stopped"} 1.0' in line.get("/metrics")[1]
    os.killpg(worker.pid, signal.SIGCONT)
    eventually(lambda: "worker_stopped" not in alarms(line), PATIENCE)
    eventually(lambda: line.get("/readyz")[1]["lag"]["requests"] == 0, PATIENCE)

    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(10)
    eventually(lambda: "worker_stopped" in alarms(line), PATIENCE)
    assert line.post("/v1/track", message, added.key)[0] == 200
    line.processes[1] = line.worker()
    eventually(lambda: "worker_stopped" not in alarms(line), PATIENCE)


def test_a_clock_that_is_killed(line: Line, tmp_path: Path) -> None:
    with (tmp_path / "beat.log").open("wb") as log:
        beat = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "cdp.run.clock", "beat", "-s", str(tmp_path / "beat")],
            env=line.environment,
            stdout=log,
            stderr=log,
        )
    try:
        eventually(_heard_of_beat, PATIENCE)
        eventually(lambda: "beat_stopped" not in alarms(line), PATIENCE)
    finally:
        beat.kill()
        beat.wait(10)
    eventually(lambda: "beat_stopped" in alarms(line), PATIENCE)
    assert line.get("/readyz")[1]["ready"] is True


def test_a_worker_without_a_broker_works_the_inbox_by_itself(
    transactional_db: None, servers: Any, tmp_path: Path
) -> None:
    empty()
    shop = Shop()
    environment = servers.environment(
        HUILIU_STOPPED_SECONDS=str(STOPPED_SECONDS), REDIS_URL="redis://127.0.0.1:9/0"
    )
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "cdp.celery", "worker", "-c", "1", "-n", "deaf@here"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        for turn in range(2):
            shop.sends(track(f"Looked {turn}", "u1"), drain=False)
            eventually(lambda: channels.freshness(shop.workspace.pk).waiting == 0, PATIENCE)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)
        empty()


def _heard_of_beat() -> bool:
    from kernel.process import heartbeat

    return heartbeat.CLOCK in heartbeat.signs(connection)


def session(line: Line) -> int | None:
    """The database process of the worker's session, while it stays open between two batches."""
    found = rows(
        connection,
        "select pid from pg_stat_activity where state = 'idle' and query = %(last)s::text",
        last="select pg_advisory_unlock_shared(1213548876)",
    )
    return found[0][0] if len(found) == 1 else None


def test_a_worker_keeps_its_session_and_finds_another_when_it_is_cut(line: Line) -> None:
    added = setup.add_channel(setup.workspace(), "Web shop", "web")

    def works(number: int) -> int:
        """Sends one more and waits for it; the session that did it."""
        assert line.post("/v1/track", {"event": "Looked", "userId": f"u{number}"}, added.key)[0] == 200
        asked = "select count(*) from profiles_event"
        eventually(lambda: rows(connection, asked)[0][0] == number, PATIENCE)
        return eventually(lambda: session(line), PATIENCE)

    first = works(1)
    assert works(2) == first
    rows(connection, "select pg_terminate_backend(%(pid)s::int)", pid=first)
    assert works(3) != first


def test_a_page_s_statement_has_its_time(
    transactional_db: None, servers: Any, redis: Any, tmp_path: Path
) -> None:
    """Whoever asked may be gone long ago; and a lock that somebody holds keeps no thread of the web server for ever."""
    empty()
    shop = Shop()
    web = Line(servers.environment(HUILIU_PAGE_SECONDS="1"), tmp_path, workers=1)
    holder = psycopg2.connect(servers.database)
    try:
        token = access.make_token(shop.workspace, User.objects.create_user("wu"), "admin")
        assert web.get("/api/events/", token)[0] == 200
        with holder.cursor() as cursor:
            cursor.execute("lock table profiles_event in access exclusive mode")
        begin = time.monotonic()
        assert web.get("/api/events/", token)[0] >= 500
        assert time.monotonic() - begin < PATIENCE / 2
        holder.rollback()
        assert web.get("/api/events/", token)[0] == 200
    finally:
        holder.close()
        web.stop()
        connection.close()
        empty()
