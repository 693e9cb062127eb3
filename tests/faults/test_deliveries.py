"""A worker killed while it sends: the next one goes on, nothing is lost, and what comes again has the same key."""

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from cdp.pipeline import activation
from channels.delivery import work
from kernel.db import rows
from tests.channels.delivery.sent import EVENT, log, make
from tests.faults.failpoint import Copy, Watched, die
from tests.platform_double import Asked, Platform, Said, platform, said
from tests.shop import Shop, identify, track

EVENTS = 60
TRIES = 400


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine may be called; what a dead worker had is free at once, and its death is no try to count."""
    monkeypatch.setattr(settings, "ALLOW_ADDRESSES", ["127.0.0.1"])
    monkeypatch.setattr(work, "LEASE", 0.0)
    monkeypatch.setattr(work, "MOST_TRIES", TRIES)


@pytest.fixture
def receiver() -> Iterator[Platform]:
    with platform(lambda _asked: said({})) as found:
        yield found


@pytest.fixture
def shop(transactional_db: None, receiver: Platform) -> Shop:
    found = Shop()
    make(found, receiver.url, fields=["name"])
    make(found, receiver.url, name="Capped", cap={"count": 2, "hours": 24})
    return found


def seen(receiver: Platform) -> Counter[str]:
    """How often each key came."""
    return Counter(asked.headers["idempotency-key"] for asked in receiver.asked)


def test_a_worker_killed_at_any_statement_loses_and_doubles_nothing(
    request: pytest.FixtureRequest, shop: Shop, receiver: Platform
) -> None:
    wanted, kills = 20 if request.config.getoption("--long") else 2, 0
    rng = random.Random(11)
    shop.sends(*(identify(f"u{n}", name=f"N{n}") for n in range(3)))
    while kills < wanted:
        shop.sends(*(track(EVENT, f"u{n % 3}") for n in range(EVENTS)))
        kills += Copy(activation.run, Watched(die, rng.randrange(2, 24))).ended() < 0
    activation.run()
    ended(shop, receiver)


def test_a_worker_killed_while_a_server_thinks_leaves_the_delivery_to_the_next(
    shop: Shop, receiver: Platform
) -> None:
    victims = list[int]()

    def thinks(asked: Asked) -> Said:
        if len(receiver.asked) == 30 and victims:
            return said({})._replace(then=lambda: os.kill(victims.pop(), signal.SIGKILL))
        return said({})

    receiver.answers = thinks
    shop.sends(*(track(EVENT, f"u{n}") for n in range(EVENTS)))
    copy = Copy(activation.run)
    victims.append(copy.pid)
    assert copy.ended() == -signal.SIGKILL
    activation.run()
    assert max(seen(receiver).values()) == 2, "what was on its way came again, under its key"
    ended(shop, receiver)


def ended(shop: Shop, receiver: Platform) -> None:
    """Each is noted once and has an end; what was sent came, what was not did not; nobody got more than the cap."""
    query = "select key::text, state, reason from channels_delivery"
    held = rows(connection, query)
    events = rows(connection, "select count(*) from profiles_event where name = %(e)s", e=EVENT)[0][0]
    assert len(held) == 2 * events
    assert {(state, reason) for _key, state, reason in held} <= {("sent", ""), ("refused", "capped")}
    sent = {key for key, state, _reason in held if state == "sent"}
    assert set(seen(receiver)) == sent
    [capped] = [one for one in shop.get("/api/destinations/")["results"] if one["name"] == "Capped"]
    people = Counter(one["profile"] for one in everything(shop, capped["id"]))
    assert people
    assert max(people.values()) <= 2


def everything(shop: Shop, destination: str) -> list[dict[str, Any]]:
    return log(shop, destination=destination, state="sent", limit=500)
