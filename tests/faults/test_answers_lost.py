"""The answer to a COMMIT that never arrives, and senders that hang up, lie about the time, or find the disk full."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from cdp.pipeline import batches
from channels.protocol import MB
from kernel.db import rows
from tests.channels.conftest import basic, start, stop
from tests.channels.proxy import Proxy
from tests.dump import differences
from tests.faults.failpoint import Copy
from tests.faults.state import comparable, violations
from tests.faults.story import put, story
from tests.test_up import within

SHM = Path("/dev/shm")
MARGIN_MB, FILE_MB = 200, 400  # others use the disk meanwhile
COMMITS = 3  # of a first batch: the attempt's, the work's, the next look's
TRACK = {"type": "track", "event": "Product Viewed", "userId": "u1"}


@pytest.mark.parametrize("skip", range(COMMITS))
def test_the_answer_to_a_workers_commit_is_lost(shops: Any, undisturbed: Any, skip: int) -> None:
    requests = story(60, 60)
    wanted = undisturbed(requests)
    shop = shops()
    put(shop, requests)
    proxy = Proxy(int(urlsplit(os.environ["DATABASE_URL"]).port or 5432))
    proxy.marker, proxy.skip, proxy.mode = b"COMMIT", skip, "swallow"

    def work() -> None:
        connection.settings_dict["HOST"], connection.settings_dict["PORT"] = "127.0.0.1", str(proxy.port)
        batches.drain(wait=True)

    assert Copy(work).ended() == 1
    assert proxy.swallowed == 1
    batches.drain(wait=True)
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}


def free_mb(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize // MB


@pytest.fixture
def server(shops: Any, tmp_path: Path) -> Any:
    """Starts granian on the test's database; `server(HUILIU_MIN_FREE_MB="1")`."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + settings.DATABASES["default"]["NAME"]
    running: list[Any] = []

    def run(**more: str) -> Any:
        running.append(start(os.environ | {"DATABASE_URL": url} | more))
        return running[-1]

    yield run
    for one in running:
        stop(one)


def test_a_sender_that_hangs_up_half_way_leaves_nothing_and_harms_nobody(shops: Any, server: Any) -> None:
    shop, web = shops(), server()
    body = b'{"event": "Half", "userId": "u1", "properties": {"text": "' + b"x" * 5000
    head = (
        f"POST /v1/track HTTP/1.1\r\nhost: localhost\r\nauthorization: {basic(shop.key)}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body) * 2}\r\n\r\n"
    ).encode()
    for number in range(40):
        with web.open() as half:
            half.sendall(head[: len(head) // 2] if number % 4 == 0 else head + body[: number * 100])
    assert web.post("/v1/track", TRACK | {"messageId": "good"}, shop.key).status == 200
    shop.drains()
    assert [one["message_id"] for one in shop.get("/api/events/")["results"]] == ["good"]
    assert shop.get("/api/rejects/")["results"] == []
    assert violations(connection) == {}


def test_a_disk_that_fills_is_503_before_it_is_full_and_comes_back_by_itself(
    shops: Any, server: Any, tmp_path: Path
) -> None:
    shop = shops()
    disk = SHM if SHM.is_dir() and free_mb(SHM) > 2 * (FILE_MB + MARGIN_MB) else tmp_path
    filler = disk / f"huiliu-filler-{os.getpid()}"
    web = server(HUILIU_VAR=str(disk), HUILIU_MIN_FREE_MB=str(free_mb(disk) - MARGIN_MB))

    def status() -> int:
        return web.post("/v1/track", TRACK, shop.key).status

    assert status() == 200
    try:
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, FILE_MB * MB)
        assert within(5, lambda: status() == 503)
        refused = web.post("/v1/track", TRACK, shop.key)
        assert (refused.code, int(refused.headers["retry-after"]) >= 1) == ("try_again", True)
        before = rows(connection, "select count(*) from channels_inbox")[0][0]
    finally:
        filler.unlink()
    assert within(5, lambda: status() == 200)
    assert rows(connection, "select count(*) from channels_inbox")[0][0] > before
    shop.drains()
    assert violations(connection) == {}


def test_times_that_cannot_be_hold_up_nobody(shops: Any) -> None:
    """Clocks that are wrong, the far future, antiquity: stored or refused, each on its own, and again by a rebuild."""
    from cdp.pipeline import rebuild

    shop, now = shops(), datetime.now(UTC)
    times = [
        *(
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59-12:00",
        ),
        *("1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2014-12-31T23:59:59Z", "2100-06-01T00:00:00Z"),
        *(
            "2026-02-30T00:00:00Z",
            "2026-03-01T23:59:60Z",
            "2026-03-01T24:00:00Z",
            "yesterday",
            "",
            0,
            -1,
            10**30,
            True,
        ),
        *((now + timedelta(days=days)).isoformat() for days in (-4000, -1, 1, 40, 4000)),
    ]
    for number, time in enumerate(times):
        message = TRACK | {"userId": f"u{number}", "timestamp": time, "messageId": f"t{number}"}
        bought = {"type": "track", "event": "Order Completed", "userId": f"u{number}", "timestamp": time}
        bought |= {"properties": {"order_id": f"O{number}", "total": 10}, "messageId": f"o{number}"}
        for sent_at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", now.isoformat()):
            named = [one | {"messageId": f"{one['messageId']}-{sent_at[:4]}"} for one in (message, bought)]
            shop.sends(
                *named, TRACK | {"messageId": f"good-{number}-{sent_at[:4]}"}, sentAt=sent_at, drain=False
            )
    shop.drains()
    assert violations(connection) == {}
    taken = rows(connection, "select count(*) from channels_seen")[0][0]
    refused = rows(connection, "select count(*), array_agg(distinct reason) from channels_reject")[0]
    assert taken + refused[0] == len(times) * 9
    assert taken >= len(times) * 3
    assert set(refused[1] or ()) <= {"bad_time"}
    latest = rows(connection, "select max(occurred_at) from profiles_event")[0][0]
    assert latest < now + timedelta(days=30)
    before = comparable(connection, shop.workspace.pk)
    rebuild.everything()
    assert differences(before, comparable(connection, shop.workspace.pk)) == {}
