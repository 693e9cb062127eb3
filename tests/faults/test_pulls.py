"""A worker killed while it asks a platform: the next one goes on where it was, and nothing is there twice."""

import os
import random
import signal
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from cdp.pipeline import batches, pulls
from channels import connectors
from channels.pulls import work
from kernel.db import rows
from tests.channels.hooking import connector, deliver
from tests.channels.pulls.pulling import kept, rest, track
from tests.channels.pulls.thin import THIN
from tests.dump import differences
from tests.faults.failpoint import Copy, Watched, die
from tests.faults.state import comparable, violations
from tests.platform_double import Asked, Platform, Said, platform, said

PAGES, A_PAGE = 9, 4
KILLS = 200


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine may be called; who died at a page is no reason to wait."""
    monkeypatch.setattr(settings, "ALLOW_ADDRESSES", ["127.0.0.1"])
    monkeypatch.setattr(work, "DIED_PAUSE", 0.0)
    monkeypatch.setattr(connectors, "KINDS", MappingProxyType({**connectors.KINDS, "thin": THIN}))


def answers(asked: Asked) -> Said:
    if asked.path == "/token":
        return said(b"a-token")
    if asked.path.startswith("/orders/"):
        return said({"id": asked.path.rpartition("/")[2], "total": "9.90"})
    n = int(asked.query["page"])
    items = [
        track(f"E{n}", properties={"k": k, "order_id": f"o{n}-{k}", "total": "10"}) for k in range(A_PAGE)
    ]
    return said({"items": items if n <= PAGES else []})


@pytest.fixture
def api() -> Iterator[Platform]:
    with platform(answers) as found:
        yield found


def ask() -> None:
    for each in (pulls.PULLS, pulls.LOOKUPS):
        pulls.run(each, kept=int)


def one_turn() -> None:
    """The line's own work comes after: what kills it is not ours here (test_kills.py)."""
    ask()
    batches.drain()


def killed(rng: random.Random, most: int) -> int:
    """Turns that each die at some statement, until one comes through; how many died."""
    kills = 0
    while Copy(ask, Watched(die, rng.randrange(3, most))).ended() < 0:
        kills += 1
        assert kills < KILLS
    one_turn()
    return kills


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_pull_goes_on_where_it_was(shops: Any, api: Platform, seed: int) -> None:
    undisturbed = shops()
    rest(undisturbed, api, paging="page")
    one_turn()
    wanted = comparable(connection, undisturbed.workspace.pk)
    shop = shops()
    one = rest(shop, api, paging="page")
    assert killed(random.Random(seed), 22) > 3
    assert kept(one) == PAGES, "each page once"
    assert rows(
        connection,
        "select pages, rows, tries, begun, ended_at is not null from channels_pull where connector_id = %(c)s",
        c=one.pk,
    ) == [(PAGES + 1, PAGES * A_PAGE, 0, 0, True)]
    one.refresh_from_db()
    assert one.cursor == {}
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}


def test_a_worker_killed_while_the_platform_thinks_leaves_the_page_to_the_next(
    shops: Any, api: Platform
) -> None:
    shop, victims = shops(), list[int]()
    one = rest(shop, api, paging="page")

    def thinks(asked: Asked) -> Said:
        if asked.query["page"] == "3" and victims:
            return answers(asked)._replace(then=lambda: os.kill(victims.pop(), signal.SIGKILL))
        return answers(asked)

    api.answers = thinks
    copy = Copy(ask)
    victims.append(copy.pid)
    assert copy.ended() == -signal.SIGKILL
    assert kept(one) == 2
    one_turn()
    assert kept(one) == PAGES
    assert [asked.query["page"] for asked in api.asked].count("3") == 2


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_look_up_is_done_once(shops: Any, api: Platform, seed: int) -> None:
    def notices(shop: Any) -> Any:
        one = connector(shop, "thin", {"url": api.url}, {"secret": "tell-nobody"})
        for n in range(8):
            deliver(one, {"order": str(n), "says": "Noticed"})
            deliver(one, {"order": str(n), "says": "Noticed again"})
        batches.drain()
        return one

    undisturbed = shops()
    notices(undisturbed)
    one_turn()
    wanted = comparable(connection, undisturbed.workspace.pk)
    shop = shops()
    one = notices(shop)
    assert killed(random.Random(seed), 22) > 3
    found = "select state, count(*) from channels_lookup where connector_id = %(c)s group by 1"
    assert rows(connection, found, c=one.pk) == [("done", 8)]
    assert kept(one) == 16 + 8, "the notices, and what each named once"
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}
