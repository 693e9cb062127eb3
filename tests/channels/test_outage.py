"""The front door while PostgreSQL is away, silent, or dies between a commit and its answer: 503, never 401 or 500."""

import json
import os
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from channels.setup import Added
from tests.channels.conftest import Server, inbox, start, stop
from tests.channels.proxy import Proxy

TRACK = {"type": "track", "event": "Product Viewed", "userId": "u1"}


@pytest.fixture(scope="module")
def proxy() -> Proxy:
    return Proxy(int(urlsplit(os.environ["DATABASE_URL"]).port or 5432))


@pytest.fixture(scope="module")
def behind(django_db_setup: None, proxy: Proxy) -> Iterator[Server]:
    """A web server that reaches the database through the proxy."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    place = f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}"
    url = f"{parts.scheme}://{place}/{settings.DATABASES['default']['NAME']}"
    server = start(os.environ | {"DATABASE_URL": url})
    yield server
    stop(server)


@pytest.fixture(autouse=True)
def passing(proxy: Proxy) -> Iterator[None]:
    proxy.set("pass")
    yield
    proxy.set("pass")


def comes_back(server: Server, key: str) -> None:
    until = time.monotonic() + 10
    while server.post("/v1/track", TRACK, key).status != 200:
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.mark.parametrize("mode", ["cut", "hold"])
def test_without_a_database_it_is_503_within_two_seconds(
    behind: Server, proxy: Proxy, shop: Added, mode: str
) -> None:
    comes_back(behind, shop.key)
    proxy.set(mode)
    for key in (shop.key, shop.key, secrets.token_urlsafe(24)):  # the last one nobody asked for before
        begin = time.monotonic()
        reply = behind.post("/v1/track", TRACK, key)
        assert (reply.status, reply.code) == (503, "try_again")
        assert int(reply.headers["retry-after"]) >= 1
        assert time.monotonic() - begin < 2.2
    assert behind.ask("GET", f"/v1/projects/{shop.key}/settings").status == 200
    assert behind.ask("GET", "/healthz").status == 200
    begin = time.monotonic()
    assert behind.ask("GET", "/readyz").status == 503
    assert time.monotonic() - begin < 2.5
    assert behind.ask("GET", "/healthz").status == 200
    proxy.set("pass")
    comes_back(behind, shop.key)


@pytest.mark.parametrize("mode", ["cut", "hold"])
def test_a_known_key_outlives_its_freshness_while_the_database_is_away(
    behind: Server, proxy: Proxy, shop: Added, mode: str
) -> None:
    comes_back(behind, shop.key)
    time.sleep(5.2)
    proxy.set(mode)
    begin = time.monotonic()
    assert behind.post("/v1/track", TRACK, shop.key).status == 503
    assert time.monotonic() - begin < 2.2
    assert {behind.post("/v1/track", TRACK, shop.key).status for _ in range(3)} == {503}
    proxy.set("pass")
    comes_back(behind, shop.key)


def test_an_unknown_outcome_is_tried_once_more_and_doubles_nothing(
    behind: Server, proxy: Proxy, shop: Added
) -> None:
    comes_back(behind, shop.key)  # the test before may have taken the database away
    assert behind.post("/v1/track", TRACK | {"messageId": "first"}, shop.key).status == 200
    taken = ["first"]
    for turn in range(5):  # a busy machine may have no time left for the second try: then 503 is right
        before = proxy.swallowed
        proxy.set("swallow")
        status = behind.post("/v1/track", TRACK | {"messageId": f"second-{turn}"}, shop.key).status
        assert proxy.swallowed == before + 1
        if status == 200:
            taken.append(f"second-{turn}")
            break
        assert status == 503
        comes_back(behind, shop.key)
    assert len(taken) == 2
    stored = [said for row in inbox(shop.connector.id) if (said := json.loads(row[2]).get("messageId"))]
    assert len(stored) == len(set(stored))
    assert set(taken) <= set(stored)


def test_what_was_acknowledged_is_stored_whatever_happens_to_the_database(
    behind: Server, proxy: Proxy, shop: Added
) -> None:
    """Connections are cut every few hundred milliseconds under load; senders do not try again."""
    comes_back(behind, shop.key)
    acknowledged: list[str] = []
    statuses: set[int] = set()
    until = time.monotonic() + 6

    def send(sender: int) -> None:
        number = 0
        while time.monotonic() < until:
            number += 1
            reply = behind.post("/v1/track", TRACK | {"messageId": f"{sender}-{number}"}, shop.key)
            statuses.add(reply.status)
            if reply.status == 200:
                acknowledged.append(f"{sender}-{number}")

    with ThreadPoolExecutor(8) as pool:
        sending = [pool.submit(send, sender) for sender in range(8)]
        while time.monotonic() < until - 1:
            time.sleep(0.3)
            proxy.set("cut")
            time.sleep(0.1)
            proxy.set("pass")
        for one in sending:
            one.result()
    stored = [json.loads(row[2]).get("messageId") for row in inbox(shop.connector.id)]
    made = [message for message in stored if message]
    assert statuses <= {200, 503}
    assert acknowledged
    assert set(acknowledged) <= set(made)
    assert len(made) == len(set(made))
