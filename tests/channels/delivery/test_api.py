"""Destinations and deliveries over the API: who may, what is refused with a sentence, what is kept of it."""

import json
from typing import Any
from uuid import uuid4

import pytest

from kernel.models import Audit
from tests.channels.delivery.sent import EVENT, change, log, make, sends
from tests.platform_double import said
from tests.shop import Shop, identify, track

HOOK = {"name": "CRM", "kind": "webhook", "settings": {"url": "https://crm.example.com/hook"}}


def test_a_destination_is_made_changed_and_let_go(shop: Shop) -> None:
    one = make(
        shop,
        "https://crm.example.com/hook",
        secrets={"secret": "of-the-hook"},
        segments=[{"segment": "tea", "on": "all"}],
        purpose="marketing",
        purpose_channel="email",
        fields=["email"],
        cap={"count": 1, "hours": 24},
        quiet={"from": "22:00", "to": "08:00"},
        holdout=0.1,
    )
    assert one == shop.get(f"/api/destinations/{one['id']}/")
    assert one["secrets_set"] == ["secret"]
    assert (one["segments"], one["events"]) == (
        [{"segment": "tea", "on": "all"}],
        {"names": [EVENT], "channel": None},
    )
    assert (one["holdout"], one["enabled"], one["trouble"]) == ("0.1000", True, None)
    assert one["quiet"] == {"from": "22:00", "to": "08:00", "then": "wait"}
    after = change(shop, one, name="New", events=None, secrets={"secret": ""}, enabled=False)
    assert (after["name"], after["events"], after["secrets_set"], after["enabled"]) == (
        "New",
        None,
        [],
        False,
    )
    assert after["fields"] == ["email"]
    assert shop.api().delete(f"/api/destinations/{one['id']}/").status_code == 204
    assert shop.get("/api/destinations/")["results"] == []
    assert shop.api().get(f"/api/destinations/{one['id']}/").status_code == 404
    deeds = list(
        Audit.objects.filter(workspace=shop.workspace, action__startswith="destination.").order_by("pk")
    )
    assert [deed.action for deed in deeds] == ["destination.add", "destination.change", "destination.delete"]
    assert deeds[1].detail["changed"]["secret"] == "changed"
    assert deeds[1].detail["changed"]["name"] == ["CRM", "New"]
    assert "of-the-hook" not in json.dumps([deed.detail for deed in deeds])


def test_kinds_say_what_they_want(shop: Shop) -> None:
    kinds = {one["kind"]: one for one in shop.get("/api/destination-kinds/", role="viewer")}
    assert set(kinds) == {"webhook", "message", "robot", "csv_bucket"}
    assert kinds["webhook"]["settings_schema"]["required"] == ["url"]
    assert [one["name"] for one in kinds["robot"]["secrets"]] == ["url", "secret"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "kind"),
        ({"kind": "pigeon", "name": "x"}, "pigeon"),
        (HOOK | {"name": ""}, "name"),
        ({k: v for k, v in HOOK.items() if k != "name"}, "name"),
        (HOOK | {"settings": {}}, "url"),
        (HOOK | {"settings": {"url": "crm"}}, "Address"),
        (HOOK | {"settings": {"url": "https://x.example.com", "more": 1}}, "more"),
        (HOOK | {"settings": []}, "settings"),
        (HOOK | {"secrets": {"other": "x"}}, "other"),
        (HOOK | {"secrets": {"secret": 5}}, "text"),
        (HOOK | {"segments": [{"segment": "tea", "on": "sometimes"}]}, "segments"),
        (HOOK | {"segments": [{"segment": "tea"}, {"segment": "tea", "on": "left"}]}, "once"),
        (HOOK | {"segments": {"segment": "tea"}}, "segments"),
        (HOOK | {"events": {"names": []}}, "events.names"),
        (HOOK | {"events": {"names": ["A"], "channel": "moon"}}, "moon"),
        (HOOK | {"fields": ["password"]}, "password"),
        (HOOK | {"fields": ["trait.a b"]}, "trait.a b"),
        (HOOK | {"cap": {"count": 0, "hours": 1}}, "cap.count"),
        (HOOK | {"quiet": {"from": "25:00", "to": "08:00"}}, "quiet.from"),
        (HOOK | {"quiet": {"from": "08:00", "to": "08:00"}}, "different"),
        (HOOK | {"holdout": 2}, "0 to 1"),
        (HOOK | {"holdout": "NaN"}, "0 to 1"),
        (HOOK | {"holdout": "many"}, "0 to 1"),
        (HOOK | {"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(shop: Shop, body: dict[str, Any], says: str) -> None:
    answer = shop.api().post("/api/destinations/", body, format="json")
    assert answer.status_code == 400, answer.content
    assert says in answer.json()["message"]
    assert shop.get("/api/destinations/")["results"] == []


def test_only_admins_write_and_only_analysts_look(shop: Shop, platforms: Any) -> None:
    one = make(shop, "https://crm.example.com/hook")
    there = f"/api/destinations/{one['id']}/"
    for role in ("viewer", "analyst"):
        api = shop.api(role)
        for answer in (
            api.post("/api/destinations/", {"bad": 1}, format="json"),
            api.patch(there, {"bad": 1}, format="json"),
            api.delete(there),
            api.post(f"{there}test/", {"bad": 1}, format="json"),
            api.post("/api/deliveries/replay/", {"bad": 1}, format="json"),
            api.post("/api/deliveries/1/retry/"),
        ):
            assert answer.status_code == 403
    for path in ("/api/destinations/", there, "/api/deliveries/"):
        assert shop.api("viewer").get(path).status_code == 403
        assert shop.api("analyst").get(path).status_code == 200


def test_what_is_not_there_is_not_found(shop: Shop) -> None:
    other = make(Shop(), "https://crm.example.com/hook")
    for uuid in (other["id"], str(uuid4()), "x"):
        assert shop.api().get(f"/api/destinations/{uuid}/").status_code == 404
        assert shop.api().patch(f"/api/destinations/{uuid}/", {}, format="json").status_code == 404
        assert shop.api().delete(f"/api/destinations/{uuid}/").status_code == 404
        assert shop.api().post(f"/api/destinations/{uuid}/test/", {}, format="json").status_code == 404
        assert shop.api().get("/api/deliveries/", {"destination": uuid}).status_code == 400
        replay = shop.api().post("/api/deliveries/replay/", {"destination": uuid}, format="json")
        assert (replay.status_code, replay.json()["code"]) == (400, "unknown_destination")
    assert shop.api().post("/api/deliveries/99999999/retry/").status_code == 404
    for query in ({"state": "lost"}, {"profile": "x"}, {"colour": "red"}, {"cursor": "x"}):
        assert shop.api().get("/api/deliveries/", query).status_code == 400


def test_what_failed_is_replayed_under_its_key(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({}, 400)) as crm:
        one = make(shop, crm.url)
        shop.sends(*(track(EVENT, f"u{n}") for n in range(5)))
        sends()
        assert len(log(shop, state="dead")) == 5
        crm.answers = lambda _asked: said({})

        def replay(**body: Any) -> int:
            whole = {"destination": one["id"]} | body
            answer = shop.api().post("/api/deliveries/replay/", whole, format="json")
            assert answer.status_code == 200, answer.content
            return int(answer.json()["replayed"])

        assert replay(before="2026-01-01T00:00:00Z") == 0
        assert replay(state="refused") == 0
        assert replay(after="2026-01-01T00:00:00Z") == 5
        assert sends() == 5
        assert replay() == 0
        assert replay(state="sent") == 5
        assert sends() == 5
        by_key: dict[str, int] = {}
        for asked in crm.asked:
            by_key[asked.headers["idempotency-key"]] = by_key.get(asked.headers["idempotency-key"], 0) + 1
        assert sorted(by_key.values()) == [3] * 5
        bad = {"destination": one["id"], "after": "yesterday"}
        assert shop.api().post("/api/deliveries/replay/", bad, format="json").status_code == 400


def test_the_log_is_paged_and_filtered(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({})) as crm:
        one = make(shop, crm.url)
        shop.sends(*(track(EVENT, f"u{n % 2}") for n in range(5)))
        sends()
        first = shop.get("/api/deliveries/", limit=2, destination=one["id"])
        seen = [d["id"] for d in first["results"]]
        while first["next"]:
            first = shop.api().get(first["next"]).json()
            seen += [d["id"] for d in first["results"]]
        assert seen == sorted(seen, reverse=True)
        assert len(seen) == 5
        assert len(log(shop, profile=shop.profile("user_id:u0")["id"])) == 3


def test_a_test_shows_what_would_be_sent_and_sends_it(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({"ok": 1})) as crm:
        hook = make(shop, crm.url, secrets={"secret": "of-the-hook"}, fields=["name"])
        tried = shop.api().post(f"/api/destinations/{hook['id']}/test/", {}, format="json").json()
        assert (tried["ok"], tried["status"], len(crm.asked)) == (True, 200, 1)
        sms = make(
            shop,
            kind="message",
            purpose="marketing",
            settings={"url": f"{crm.url}/x", "headers": {"Key": "{{secret}}"}, "body": '{"to": "{{phone}}"}'},
            secrets={"secret": "of-the-sms"},
        )
        shop.sends(identify("u1", phone="13917654321"))
        there, profile = f"/api/destinations/{sms['id']}/test/", shop.profile("user_id:u1")["id"]
        assert shop.api().post(there, {}, format="json").status_code == 400, "it reaches a person"
        assert shop.api().post(there, {"profile": str(uuid4())}, format="json").status_code == 404
        assert shop.api().post(there, {"profile": 5}, format="json").status_code == 400
        refused = shop.api().post(there, {"profile": profile}, format="json").json()
        assert (refused["ok"], len(crm.asked)) == (False, 1)
        shop.sends(track("Consent Given", "u1", purpose="marketing"))
        seen = shop.api().post(there, {"profile": profile, "send": False}, format="json").json()
        assert json.loads(seen["request"]["body"]) == {"to": "+8613917654321"}
        assert seen["request"]["headers"]["key"] == "…"
        assert len(crm.asked) == 1
        assert shop.api().post(there, {"profile": profile}, format="json").json()["ok"]
        assert crm.asked[-1].json == {"to": "+8613917654321"}
        assert log(shop) == [], "a trial stands in no log"


def test_a_paused_destination_keeps_what_comes_and_a_deleted_one_nothing(shop: Shop, platforms: Any) -> None:
    with platforms(lambda _asked: said({})) as crm:
        one = make(shop, crm.url, enabled=False)
        shop.sends(track(EVENT, "u1"))
        assert sends() == 0
        change(shop, one, enabled=True)
        assert sends() == 1
        shop.sends(track(EVENT, "u1"))
        shop.api().delete(f"/api/destinations/{one['id']}/")
        shop.sends(track(EVENT, "u1"))
        assert sends() == 0
        assert [d["reason"] for d in log(shop)] == ["no_destination", ""]
        assert shop.api().post(f"/api/deliveries/{log(shop)[0]['id']}/retry/").status_code == 409


def test_settings_of_a_message_are_judged_together(shop: Shop) -> None:
    def tries(**settings: Any) -> tuple[int, str]:
        body = {"name": "SMS", "kind": "message", "settings": {"url": "https://sms.example.com/"} | settings}
        answer = shop.api().post("/api/destinations/", body, format="json")
        return answer.status_code, answer.json().get("code", "")

    assert tries(body='{"a": {{name}}}') == (400, "bad_body")
    assert tries(body='{"a": "{{7*7}}"}') == (400, "bad_placeholder")
    assert tries(url="https://{{name}}/") == (400, "bad_address")
    assert tries(headers={"a b": "x"}) == (400, "bad_header")
    assert tries(headers=["x"])[0] == 400
    assert tries(body='{"a": "{{name}}"}') == (201, "")
