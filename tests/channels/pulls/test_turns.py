"""A pull by the worker: page after page with its cursor, and every way in which a platform can go wrong."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import pulls
from channels import alerts, connectors
from channels.models import Connector
from channels.pulls import work
from kernel.db import rows, run
from tests.channels.pulls.pulling import again, cursor, due, kept, listed, names, rest, seconds, track, turn
from tests.platform_double import Asked, Said, said
from tests.shop import Shop


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


def page(*events: str, **rest: Any) -> Said:
    return said({"items": [track(name) for name in events]} | rest)


def test_what_a_platform_has_is_fetched_when_it_is_due_and_read_like_any_delivery(
    shop: Shop, platforms: Any
) -> None:
    with platforms(page("A"), page("B"), page()) as api:
        one = rest(shop, api, paging="page", size_param="limit", size=1)
        before = listed(shop, one)
        assert (before["state"], before["cursor"], before["last_success"]) == ("ok", None, None)
        assert before["next_run"] is not None
        assert turn() == 1
        assert [asked.query for asked in api.asked] == [
            {"limit": "1", "page": "1"},
            {"limit": "1", "page": "2"},
            {"limit": "1", "page": "3"},
        ]
        assert names(shop) == ["A", "B"]
        assert turn() == 0, "the next run is a quarter of an hour away"
        assert 880 < seconds(one) <= 900
        after = listed(shop, one)
        assert (after["state"], after["failure"]) == ("ok", None)
        assert after["last_success"] is not None


def test_the_cursor_moves_with_the_page_and_goes_on_from_it(shop: Shop, platforms: Any) -> None:
    def answers(asked: Asked) -> Said:
        since = asked.query.get("updated_since", "")
        everything = [track("A", at="2026-01-01T00:00:00Z"), track("B", at="2026-01-02T00:00:00Z")]
        return said({"items": [item for item in everything if item["at"] >= since]})

    with platforms(answers) as api:
        one = rest(shop, api, since="newest", newest="at")
        turn()
        assert cursor(one) == {"since": "2026-01-02T00:00:00Z"}
        again(one)
        assert api.asked[-1].query == {"updated_since": "2026-01-02T00:00:00Z"}
        assert kept(one) == 2, "its own newest item came again"
        again(one)
        assert kept(one) == 2, "the same page again is not kept again"
        assert names(shop) == ["A", "B"]


def test_a_connector_that_is_paused_is_not_asked_for(shop: Shop, platforms: Any) -> None:
    with platforms(page("A")) as api:
        one = rest(shop, api)
        assert shop.api().post(f"/api/connectors/{one.uuid}/pause/").json()["ok"]
        assert turn() == 0
        assert (listed(shop, one)["state"], listed(shop, one)["next_run"]) == ("paused", None)
        assert shop.api().post(f"/api/connectors/{one.uuid}/run/").json()["ok"] is False
        assert shop.api().post(f"/api/connectors/{one.uuid}/resume/").json()["ok"]
        assert turn() == 1
        assert len(api.asked) == 1


def test_an_admin_lets_it_run_now(shop: Shop, platforms: Any) -> None:
    with platforms(page("A"), page("B")) as api:
        one = rest(shop, api)
        turn()
        assert turn() == 0
        ran = shop.api().post(f"/api/connectors/{one.uuid}/run/")
        assert (ran.status_code, ran.json()["ok"]) == (200, True)
        assert shop.api("viewer").post(f"/api/connectors/{one.uuid}/run/").status_code == 403
        assert turn() == 1
        assert names(shop) == ["A", "B"]


def test_an_admin_starts_it_over_and_nothing_counts_twice(shop: Shop, platforms: Any) -> None:
    def answers(asked: Asked) -> Said:
        since = asked.query.get("updated_since", "")
        everything = [track("A", at="2026-01-01T00:00:00Z"), track("B", at="2026-01-02T00:00:00Z")]
        return said({"items": [item for item in everything if item["at"] >= since]})

    with platforms(answers) as api:
        one = rest(shop, api, since="newest", newest="at")
        turn()
        asked = len(api.asked)
        done = shop.api().post(f"/api/connectors/{one.uuid}/restart/")
        assert (done.status_code, done.json()["ok"]) == (200, True)
        assert cursor(one) == {}
        assert shop.api("viewer").post(f"/api/connectors/{one.uuid}/restart/").status_code == 403
        assert turn() == 1
        assert "updated_since" not in api.asked[asked].query, "from the first page"
        assert cursor(one) == {"since": "2026-01-02T00:00:00Z"}
        assert names(shop) == ["A", "B"]
        sent_to = next(c for c in shop.get("/api/connectors/")["results"] if c["connector"] != str(one.uuid))
        refused = shop.api().post(f"/api/connectors/{sent_to['connector']}/restart/")
        assert (refused.status_code, refused.json()["code"]) == (400, "nothing_to_run")


def test_a_page_that_was_under_way_when_it_was_started_over_is_not_kept(shop: Shop, platforms: Any) -> None:
    def over() -> None:
        assert shop.api().post(f"/api/connectors/{one.uuid}/restart/").json()["ok"]

    with platforms(page("A"), page("B")._replace(then=over), page("A"), page("B"), page()) as api:
        one = rest(shop, api, paging="page", size_param="limit", size=1)
        turn()
        assert (kept(one), cursor(one)) == (1, {})
        turn()
        assert [asked.query["page"] for asked in api.asked] == ["1", "2", "1", "2", "3"]
        assert names(shop) == ["A", "B"]


def test_a_test_says_what_the_platform_answers_and_keeps_nothing(shop: Shop, platforms: Any) -> None:
    with platforms(page("A", "B"), said({"error": "no such key: tell-nobody"}, 401)) as api:
        one = rest(shop, api, "tell-nobody", auth="bearer")
        address = f"/api/connectors/{one.uuid}/test/"
        assert "2 items" in shop.api().post(address).json()["message"]
        refused = shop.api().post(address).json()
        assert refused["ok"] is False
        assert "credentials" in refused["message"]
        assert "no such key: …" in refused["message"], "the platform's words, without the secret in them"
        assert (kept(one), cursor(one)) == (0, {})


def test_somebody_else_moved_the_cursor_meanwhile(shop: Shop, platforms: Any) -> None:
    """As after a fail-over, when the lock of the first worker is gone and it does not know."""

    def other() -> None:
        Connector.objects.filter(pk=one.pk).update(cursor={"at": 9, "began": 1})

    with platforms(page("A")._replace(then=other)) as api:
        one = rest(shop, api, paging="page")
        turn()
        assert kept(one) == 0
        assert cursor(one) == {"at": 9, "began": 1}


def test_one_worker_is_at_a_connector_at_a_time(shop: Shop, platforms: Any, servers: Any) -> None:
    import psycopg2

    with platforms(page("A")) as api:
        one = rest(shop, api)
        other = psycopg2.connect(servers.database)
        try:
            rows(other, f"select pg_advisory_lock({pulls.PULLS.lock}, {one.pk})")
            assert turn() == 0
        finally:
            other.close()
        assert turn() == 1
        assert len(api.asked) == 1


def test_a_long_run_lets_others_have_their_turn_and_goes_on(
    shop: Shop, platforms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "TURN_SECONDS", 0.0)
    with platforms(page("A"), page("B"), page()) as api:
        one = rest(shop, api, paging="page")
        turn()
        assert len(api.asked) == 1
        assert cursor(one)["at"] == 2
        turn(2)
        assert names(shop) == ["A", "B"]
        assert cursor(one) == {}
        found = rows(
            connection, "select pages, rows, tries from channels_pull where connector_id = %(c)s", c=one.pk
        )
        assert found == [(3, 2, 0)], "of the whole run"


# ---- what can go wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "least", "most", "words"),
    [
        (said({"message": "slow down"}, 429, retry_after="120"), "busy", 119, 121, "slow down"),
        (said({"message": "slow down"}, 429), "busy", 29, 31, "slow down"),
        (said("<html><h1>Oops</h1><script>x()</script></html>", 500), "down", 29, 31, "Oops"),
        (
            said("<html>Wartung</html>", 503, retry_after="Thu, 01 Jan 2026 00:00:00 GMT"),
            "down",
            29,
            31,
            "Wartung",
        ),
        (said("<html><title>Sign in</title>"), "not_json", 29, 31, "Sign in"),
        (said({"data": 1}), "no_list", 29, 31, ""),
        (said({"error": "revoked"}, 401), "credentials_refused", 899, 901, "revoked"),
        (said({"error": "not yours"}, 403), "credentials_refused", 899, 901, "not yours"),
        (said({"error": "what?"}, 404), "not_there", 899, 901, "what?"),
        (said({"error": "bad page"}, 422), "declined", 899, 901, "bad page"),
        (said(None, 301, location="http://10.0.0.1/secret?key=1"), "redirected", 899, 901, ""),
        (Said(200, b'{"items": [', {}, length=99), "garbled", 29, 31, ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_platform_that_goes_wrong_is_told_and_asked_again_later(
    shop: Shop, platforms: Any, answer: Said, code: str, least: int, most: int, words: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("kernel.outbound.SECONDS", 3.0)
    with platforms(page("A"), answer, page("B"), page()) as api:
        one = rest(shop, api, paging="page")
        turn()
        told = listed(shop, one)
        assert (told["state"], told["failure"]["code"]) == ("failing", code)
        assert told["failure"]["message"]
        assert words in told["failure"]["words"]
        assert least <= seconds(one) <= most
        assert cursor(one)["at"] == 2, "the good page before it is kept, and its place"
        assert names(shop) == ["A"]
        again(one)
        assert names(shop) == ["A", "B"], "the same page is asked for again, nothing is skipped"
        assert [asked.query["page"] for asked in api.asked] == ["1", "2", "2", "3"]
        assert (listed(shop, one)["state"], listed(shop, one)["failure"]) == ("ok", None)


def test_a_platform_that_stays_away_is_asked_less_and_less(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({}, 500)) as api:
        one = rest(shop, api)
        waits = []
        for _ in range(9):
            again(one)
            waits.append(round(seconds(one)))
        turn()
        assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
        assert len(api.asked) == 9


def test_an_alarm_is_raised_when_several_tries_went_wrong(shop: Shop, platforms: Any) -> None:
    def raised() -> list[Any]:
        found = alerts.connectors(connection, shop.workspace.pk, datetime.now(UTC))
        return [one for one in found if one.name == "connector_failing"]

    with platforms(lambda _asked: said({"error": "at lunch"}, 503)) as api:
        one = rest(shop, api)
        for n in range(4):
            assert bool(raised()) is (n >= 3)
            again(one)
        assert "at lunch" in raised()[0].remedy
        api.says(page("A"))
        again(one)
        assert raised() == []


def test_a_chain_of_pages_that_leads_back_ends(shop: Shop, platforms: Any) -> None:
    def answers(asked: Asked) -> Said:
        at = asked.query.get("cursor", "a")
        return page(at.upper(), next={"a": "b", "b": "c", "c": "a"}[at])

    with platforms(answers) as api:
        one = rest(shop, api, paging="cursor", next="next")
        turn()
        assert len(api.asked) == 4, "a b c, and a again by its name"
        assert listed(shop, one)["failure"]["code"] == "circle"
        assert names(shop) == ["A", "B", "C"]
        again(one)
        assert names(shop) == ["A", "B", "C"]


def test_a_cursor_that_stands_still_ends(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: page("A", next="a")) as api:
        one = rest(shop, api, paging="cursor", next="next")
        turn()
        assert len(api.asked) == 2
        assert listed(shop, one)["failure"]["code"] == "circle"
        assert names(shop) == ["A"]


def test_a_platform_that_does_not_look_at_the_page_ends(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: page("A")) as api:
        one = rest(shop, api, paging="page")
        turn()
        assert len(api.asked) == 2
        assert listed(shop, one)["failure"]["code"] == "circle"
        assert kept(one) == 1


def test_an_endless_chain_ends_and_goes_on_in_the_next_run(
    shop: Shop, platforms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MOST_PAGES", 5)
    with platforms(lambda asked: page(f"E{asked.query['page']}")) as api:
        one = rest(shop, api, paging="page")
        turn()
        assert len(api.asked) == 5
        told = listed(shop, one)
        assert (told["state"], told["failure"]["code"]) == ("failing", "endless")
        assert "5 pages" in told["failure"]["message"]
        again(one)
        assert [asked.query["page"] for asked in api.asked][5:] == ["6", "7", "8", "9", "10"]
        assert len(names(shop)) == 10


def test_a_page_that_kills_its_workers_is_left_alone_for_longer_and_longer(
    shop: Shop, platforms: Any
) -> None:
    """The worker that begins leaves a mark; one that dies never takes it away."""
    with platforms() as api:
        one = rest(shop, api)
        for n in range(3):
            if n:
                due(one)
            assert work._begin(connection, one) is not None  # and here it dies
            assert (seconds(one) > 0) is (n > 0)
        assert 110 < seconds(one) < 130


def test_a_kind_that_does_not_understand_the_answer_is_no_end_of_the_worker(
    shop: Shop, platforms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any) -> Any:
        raise KeyError("orders")

    with platforms() as api:
        one = rest(shop, api)
        kind = connectors.KINDS["rest_pull"]
        monkeypatch.setattr(
            connectors, "KINDS", {**connectors.KINDS, "rest_pull": _changed(kind, fetch=broken)}
        )
        turn()
        assert listed(shop, one)["failure"]["code"] == "answer_not_understood"


def _changed(kind: Any, **parts: Any) -> Any:
    from dataclasses import replace

    return replace(kind, **parts)


def test_items_that_are_none_of_ours_cost_no_good_one(shop: Shop, platforms: Any) -> None:
    mixed = [track("A"), "text", {"type": "nonsense"}, ["x"], track("B")]
    with platforms(said({"items": mixed}), said({"items": [track("C")]}), page()) as api:
        rest(shop, api, paging="page")
        turn()
        assert names(shop) == ["A", "B", "C"]
        found = shop.get("/api/rejects/")["results"]
        assert sorted(reject["reason"] for reject in found) == ["not_an_object"] * 2 + ["unknown_type"]
        assert {
            json.loads(reject["raw"]).get("value", "")[0] for reject in found if "value" in reject["raw"]
        } == {"t", "x"}


def test_secrets_that_cannot_be_opened_are_said_to_be_so(shop: Shop, platforms: Any) -> None:
    with platforms() as api:
        one = rest(shop, api, "tell-nobody", auth="bearer")
        run(
            connection,
            "update channels_connector set secrets = (select secrets from channels_connector where id = %(c)s), "
            "uuid = %(u)s where id = %(c)s",
            c=one.pk,
            u=str(uuid.uuid4()),
        )
        turn()
        assert api.asked == []
        found = rows(
            connection, "select failure ->> 'code' from channels_pull where connector_id = %(c)s", c=one.pk
        )
        assert found == [("cannot_decrypt",)]
