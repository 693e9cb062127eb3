"""The way of an event, end to end: what is sent is what the read API shows, once."""

import uuid
from decimal import Decimal

import pytest

from tests.shop import Shop, identify, later, order, track


def test_a_message_becomes_an_event_of_a_profile(shop):
    shop.sends(
        identify("u1", later(), name="林晓雯", phone="138 1234 5021", email="Lin@Hemu.cn"),
        track("Product Viewed", "u1", later(hours=1), sku="A1"),
    )
    profile = shop.profile("user_id:u1")
    assert {(i["kind"], i["value"]) for i in profile["identifiers"]} == {
        ("user_id", "u1"), ("phone", "+8613812345021"), ("email", "lin@hemu.cn")
    }  # fmt: skip
    assert profile["traits"]["name"]["value"] == "林晓雯"
    assert profile["summary"]["events"] == 2
    timeline = shop.get(f"/api/profiles/{profile['id']}/timeline/")["results"]
    assert [event["name"] for event in timeline] == ["Product Viewed", ""]
    assert timeline[0]["properties"] == {"sku": "A1"}
    assert timeline[0]["channel"] == "web-shop"


def test_the_same_message_sent_again_counts_once(shop):
    sent = order("O1", "129.90", "u1", later(), message_id="m-1")
    shop.sends(sent)
    shop.sends(sent, sent)
    assert shop.profile("user_id:u1")["summary"]["events"] == 1
    assert shop.profile("user_id:u1")["summary"]["orders"] == 1
    assert Decimal(shop.value("gmv")) == Decimal("129.90")


def test_one_person_across_channels_is_found_by_any_identifier(shop):
    shop.sends(track("Product Viewed", None, later(), anonymous="a1"))
    shop.sends(identify("u1", later(hours=1), phone="13812345021") | {"anonymousId": "a1"})
    shop.sends(order("S1", 50, None, later(hours=2), phone="+86 138 1234 5021"), to="store")
    profile = shop.profile("phone:13812345021")
    assert profile["id"] == shop.profile("anonymous_id:a1")["id"] == shop.profile("user_id:u1")["id"]
    assert profile["summary"]["channels"] == ["web-shop", "store"]
    assert profile["summary"]["orders"] == 1
    for old in profile["merged_ids"]:
        assert shop.get(f"/api/profiles/{old}/")["id"] == profile["id"]
    found = shop.get("/api/profiles/", search="S1")["results"]
    assert [item["id"] for item in found] == [profile["id"]]


def test_a_bad_message_is_kept_with_its_reason_and_its_neighbours_go_through(shop):
    shop.sends(track("Good", "u1"), {"type": "track", "userId": "u2"}, order("O2", "-5", "u3"))
    rejects = shop.get("/api/rejects/")["results"]
    assert {item["reason"] for item in rejects} == {"no_event_name", "bad_amount"}
    assert shop.get("/api/events/")["results"][0]["name"] == "Good"


def test_a_split_undoes_a_join_and_the_numbers_follow(shop):
    shop.sends(order("O1", 100, "u1", later()), identify("u1", later(hours=1), phone="13812345021"))
    shop.sends(order("S1", 50, None, later(days=1), phone="13812345021"), to="store")
    profile = shop.profile("user_id:u1")
    assert profile["summary"]["revenue"] == "150.00"
    assert shop.value("buyers") == "1"
    answer = shop.api().post(
        f"/api/profiles/{profile['id']}/split/",
        {
            "a": {"kind": "user_id", "value": "u1"},
            "b": {"kind": "phone", "value": "13812345021"},
            "reason": "test",
        },
        format="json",
    )
    assert answer.status_code == 200, answer.content
    assert shop.profile("user_id:u1")["summary"]["revenue"] == "100.00"
    assert shop.profile("phone:13812345021")["summary"]["revenue"] == "50.00"
    assert shop.value("buyers") == "2"
    shop.sends(identify("u1", later(days=2), phone="13812345021"))
    assert shop.profile("user_id:u1")["id"] != shop.profile("phone:13812345021")["id"]
    answer = shop.api().post(
        f"/api/profiles/{profile['id']}/merge/",
        {"other": shop.profile("phone:13812345021")["id"], "reason": "again"},
        format="json",
    )
    assert answer.status_code == 200, answer.content
    assert shop.profile("user_id:u1")["summary"]["revenue"] == "150.00"
    assert shop.value("buyers") == "1"


def test_the_life_of_an_event_shows_every_step(shop):
    shop.sends(
        identify("u1", later(), phone="13812345021", city="杭州", message_id="x") | {"messageId": "life/1 ü"}
    )
    shop.sends(
        order("O1", 100, "u1", later(hours=1), message_id="life-2"), {"type": "track", "messageId": "bad-1"}
    )
    life = shop.get("/api/events/life%2F1%20%C3%BC/life/")
    assert life["state"] == "stored"
    assert life["raw"]["traits"]["city"] == "杭州"
    assert [edge["result"] for edge in life["identity"]["edges"]] == ["joined"]
    assert {one["trait"] for one in life["traits"]} >= {"city"}
    assert "1234" not in str(shop.get("/api/events/life%2F1%20%C3%BC/life/", role="viewer"))
    bought = shop.get("/api/events/life-2/life/")
    assert [(fact["fact"], fact["key"], fact["amount"]) for fact in bought["facts"]] == [
        ("order", "O1", "100.00")
    ]
    assert shop.get("/api/events/bad-1/life/")["state"] == "rejected"
    assert shop.api().get("/api/events/nobody-knows/life/").status_code == 404


def test_two_connectors_with_one_message_id_are_named(shop):
    shop.sends(track("A", "u1", later(), message_id="twice"))
    shop.sends(track("A", "u1", later(), message_id="twice"), to="store")
    answer = shop.api().get("/api/events/twice/life/")
    assert answer.status_code == 409
    uuid = str(shop.connectors["store"].uuid)
    assert uuid in answer.json()["message"]
    assert shop.get("/api/events/twice/life/", connector=uuid)["mapped"]["channel"] == "store"


def test_records_are_read_back(shop):
    shop.records({"type": "price", "sku": "A", "price": "9.9", "at": later().isoformat()})
    shop.records({"type": "price", "sku": "A", "price": "8.8", "at": later().isoformat()})
    found = shop.get("/api/records/", type="price", sku="A", channel="web-shop")["results"]
    assert [(one["price"], one["currency"], one["channel"]) for one in found] == [("8.80", "CNY", "web-shop")]


def test_an_unknown_filter_is_refused_not_ignored(shop):
    for path in (
        "profiles",
        "events",
        "rejects",
        "records",
        "conflicts",
        "violations",
        "metrics/gmv",
        "channels",
    ):
        answer = shop.api().get(f"/api/{path}/", {"no_such_filter": "1"})
        assert answer.status_code == 400, path
        assert set(answer.json()) == {"code", "message"}


@pytest.mark.parametrize(
    ("path", "asked", "code", "words"),
    [
        ("rejects", {"connector": "web-shop"}, "unknown_connector", "no connector with this uuid"),
        ("rejects", {"connector": str(uuid.UUID(int=1))}, "unknown_connector", "no connector with this uuid"),
        ("rejects", {"state": "lost"}, "bad_state", "open, replayed, closed"),
        ("rejects", {"state": ""}, "bad_state", "open, replayed, closed"),
        ("rejects", {"reason": " no_identity"}, "bad_reason", "no_identity"),
        ("rejects", {"limit": "0"}, "bad_limit", "from 1 to 500"),
        ("orders/waiting", {"reason": "late"}, "bad_reason", "paid_after_cancel"),
        ("orders/waiting", {"raeson": "late"}, "unknown_filter", "raeson"),
    ],
)
def test_a_wrong_value_of_a_filter_is_refused_in_words(shop, path, asked, code, words):
    answer = shop.api().get(f"/api/{path}/", asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert words in answer.json()["message"]


def test_rejects_are_narrowed_by_the_workspaces_own_connectors(shop):
    other = Shop()
    shop.sends({"type": "track", "event": "Seen"})
    ours = str(shop.connectors["web-shop"].uuid)
    for asked, found in (
        ({"connector": ours}, 1),
        ({"connector": ours.replace("-", "")}, 1),
        ({"connector": ""}, 1),
    ):
        assert len(shop.get("/api/rejects/", **asked)["results"]) == found
    assert shop.get("/api/rejects/", connector=str(shop.connectors["store"].uuid))["results"] == []
    theirs = {"connector": str(other.connectors["store"].uuid)}
    assert shop.api().get("/api/rejects/", theirs).status_code == 400
    replayed = shop.api().post("/api/rejects/replay/", {"all": True} | theirs, format="json")
    assert (replayed.status_code, replayed.json()["code"]) == (400, "unknown_connector")
    replayed = shop.api().post("/api/rejects/replay/", {"all": True, "connector": ours}, format="json")
    assert replayed.json() == {"replayed": 0, "still_bad": 1}


def test_nothing_that_waits_is_left_out_for_want_of_a_reason(shop):
    assert shop.get("/api/orders/waiting/", reason="")["results"] == []


def test_without_a_token_nothing_is_shown(shop):
    from rest_framework.test import APIClient

    for path in ("profiles", "events", "rejects", "metrics", "channels", "connectors"):
        answer = APIClient().get(f"/api/{path}/")
        assert answer.status_code == 401, path
