"""What thin notices only name is looked up at the platform, once, whatever happens in between."""

import threading
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from channels.inbox import log
from channels.models import Connector
from channels.pulls import lookups
from kernel.db import rows, run
from tests.channels.hooking import connector, deliver
from tests.channels.mapping_with import save
from tests.channels.pulls.pulling import kept, listed, names, turn
from tests.dump import differences
from tests.faults.state import comparable
from tests.platform_double import Asked, Platform, Said, said
from tests.shop import Shop

MAPPING = """
[[message]]
when = "event == 'Found'"
type = "'track'"
event = "'Found by a mapping'"
userId = "userId"
timestamp = "timestamp"
"""

pytestmark = pytest.mark.usefixtures("thin")


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


def made(shop: Shop, api: Platform) -> Connector:
    return connector(shop, "thin", {"url": api.url}, {"secret": "tell-nobody"})


def has(*orders: str) -> Any:
    """A platform that has these orders."""

    def answers(asked: Asked) -> Said:
        if asked.path == "/token":
            return said(b"a-token")
        order = asked.path.rpartition("/")[2]
        return (
            said({"id": order, "total": "9.90"}) if order in orders else said({"error": "no such order"}, 404)
        )

    return answers


def asked_for(api: Platform) -> list[str]:
    return [asked.path for asked in api.asked if asked.path.startswith("/orders/")]


def soon(one: Connector) -> None:
    """Time goes by."""
    run(connection, "update channels_lookup set next_try = now() where connector_id = %(c)s", c=one.pk)


def test_an_order_that_is_only_named_waits_visibly_and_is_looked_up(shop: Shop, platforms: Any) -> None:
    with platforms(has("7")) as api:
        one = made(shop, api)
        deliver(one, {"order": "7", "says": "Noticed"})
        assert names(shop) == ["Noticed"]
        assert (listed(shop, one)["waiting"], listed(shop, one)["state"]) == (1, "ok")
        turn()
        assert names(shop) == ["Found", "Noticed"]
        assert listed(shop, one)["waiting"] == 0
        assert [asked.headers.get("x-token") for asked in api.asked] == [None, "a-token"]


def test_the_same_notice_again_asks_nothing_twice(shop: Shop, platforms: Any) -> None:
    with platforms(has("7")) as api:
        one = made(shop, api)
        for _ in range(3):
            deliver(one, {"order": "7"})
            shop.drains()
            turn()
        deliver(one, {"order": "7"})
        deliver(one, {"order": "7"})
        assert names(shop) == ["Found"]
        turn()
        assert asked_for(api) == ["/orders/7"]


def test_a_rebuild_loses_and_repeats_none(shop: Shop, platforms: Any) -> None:
    with platforms(has("7", "8")) as api:
        one = made(shop, api)
        deliver(one, {"order": "7", "says": "Noticed"})
        shop.drains()
        turn()
        shop.drains()
        deliver(one, {"order": "8"})
        shop.drains()
        before = comparable(connection, shop.workspace.pk)
        rebuild.everything()
        assert differences(before, comparable(connection, shop.workspace.pk)) == {}
        assert listed(shop, one)["waiting"] == 1
        turn()
        assert names(shop) == ["Found", "Found", "Noticed"]
        assert asked_for(api) == ["/orders/7", "/orders/8"]


def test_a_mapping_reads_what_was_found_and_what_is_named_is_still_looked_up(
    shop: Shop, platforms: Any
) -> None:
    with platforms(has("7")) as api:
        one = made(shop, api)
        save(one, MAPPING)
        deliver(one, {"order": "7"})
        shop.drains()
        turn()
        assert names(shop) == ["Found by a mapping"]


def test_a_request_that_is_worked_in_parts_names_what_it_names(shop: Shop, platforms: Any) -> None:
    """Its workers died at it: the way past the batch, for a notice that says nothing else and for one that does."""
    with platforms(has("7", "8")) as api:
        one = made(shop, api)
        for body in ({"order": "7"}, {"order": "8", "says": "Noticed"}):
            deliver(one, body)
            run(connection, "update channels_inbox_open set attempts = %(n)s", n=log.TRIED_IN_COMPANY + 1)
            shop.drains()
        assert not log.left(connection)
        turn()
        assert names(shop) == ["Found", "Found", "Noticed"]


def test_an_order_that_is_not_there_yet_is_asked_for_again_and_given_up_at_last(
    shop: Shop, platforms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_MISSED", 3)
    with platforms(has("8")) as api:
        one = made(shop, api)
        deliver(one, {"order": "7"})
        deliver(one, {"order": "8"})
        shop.drains()
        turn()
        told = listed(shop, one)
        assert (told["waiting"], told["state"], told["failure"]["code"]) == (1, "failing", "not_there")
        assert "no such order" in told["failure"]["words"]
        assert names(shop) == ["Found"], "the other one is not held up"
        turn()
        assert asked_for(api).count("/orders/7") == 1, "not at once"
        for _ in range(4):
            soon(one)
            turn()
        assert asked_for(api).count("/orders/7") == 3
        told = listed(shop, one)
        assert (told["waiting"], told["given_up"], told["state"]) == (0, 1, "ok")
        api.answers = has("7", "8")
        assert shop.api().post(f"/api/connectors/{one.uuid}/run/").json()["ok"]
        turn()
        assert names(shop) == ["Found", "Found"]
        assert listed(shop, one)["given_up"] == 0


def test_a_platform_that_is_down_holds_up_all_that_waits_and_gives_none_up(
    shop: Shop, platforms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_MISSED", 1)
    with platforms(lambda _asked: said({"error": "later"}, 503, retry_after="200")) as api:
        one = made(shop, api)
        for order in "789":
            deliver(one, {"order": order})
        shop.drains()
        for n in range(1, 4):
            turn()
            assert len(api.asked) == n, "one is tried, the others wait with it"
            query = "select min(extract(epoch from next_try - now())) from channels_lookup"
            assert 150 < rows(connection, query)[0][0] <= 200
            soon(one)
        told = listed(shop, one)
        assert (told["waiting"], told["given_up"], told["failure"]["code"]) == (3, 0, "down")
        api.answers = has(*"789")
        turn()
        assert names(shop) == ["Found"] * 3
        assert listed(shop, one)["state"] == "ok"


def test_a_token_that_was_withdrawn_is_made_anew_once(shop: Shop, platforms: Any) -> None:
    tokens = iter((b"first-token", b"second-token", b"third-token"))
    good = {"first-token"}

    def answers(asked: Asked) -> Said:
        if asked.path == "/token":
            return said(next(tokens))
        if asked.headers["x-token"] not in good:
            return said({"error": f"who is {asked.headers['x-token']}?"}, 401)
        return said({"id": asked.path[-1], "total": "1"})

    with platforms(answers) as api:
        one = made(shop, api)
        for order, tokens_good in (("1", "first-token"), ("2", "second-token")):
            good.clear()
            good.add(tokens_good)
            deliver(one, {"order": order})
            shop.drains()
            turn()
        assert names(shop) == ["Found", "Found"]
        good.clear()
        deliver(one, {"order": "3"})
        shop.drains()
        turn()
        told = listed(shop, one)
        assert (told["failure"]["code"], told["waiting"]) == ("credentials_refused", 1)
        assert told["failure"]["words"] == '{"error": "who is …?"}', "no token stands in what is shown"
        sealed = rows(connection, "select sealed from channels_token where connector_id = %(c)s", c=one.pk)
        assert sealed
        assert "token" not in sealed[0][0]


def test_a_paused_connector_asks_nothing(shop: Shop, platforms: Any) -> None:
    with platforms(has("7")) as api:
        one = made(shop, api)
        deliver(one, {"order": "7"})
        shop.drains()
        Connector.objects.filter(pk=one.pk).update(enabled=False)
        turn()
        assert api.asked == []
        Connector.objects.filter(pk=one.pk).update(enabled=True)
        turn()
        assert names(shop) == ["Found"]


def test_two_workers_that_find_the_same_keep_it_once(shop: Shop, platforms: Any) -> None:
    """As after a fail-over: the first one's answer is on its way when the second is through."""
    first, ready = threading.Event(), threading.Event()

    def answers(asked: Asked) -> Said:
        if asked.path == "/token":
            return said(b"a-token")
        if not first.is_set():
            first.set()
            return said({"id": "7", "total": "1"})._replace(then=lambda: ready.wait(20))
        return said({"id": "7", "total": "1"})

    def slow() -> None:
        try:
            lookups.turn(connection, one, int)
        finally:
            connection.close()

    with platforms(answers) as api:
        one = made(shop, api)
        deliver(one, {"order": "7"})
        shop.drains()
        other = threading.Thread(target=slow)
        other.start()
        assert first.wait(20)
        lookups.turn(connection, one, int)
        ready.set()
        other.join(20)
        assert len(asked_for(api)) == 2
        assert kept(one) == 2, "the notice and what it named, once"


def test_a_batch_without_notices_asks_the_database_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_given: Any) -> int:
        raise AssertionError("nothing was named")

    monkeypatch.setattr(lookups, "add", never)
    shop.sends({"type": "track", "event": "A", "userId": "u1"})
    assert names(shop) == ["A"]
