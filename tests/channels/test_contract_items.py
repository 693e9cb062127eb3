"""Items as they are promised, from outside: what is stored as sent, what is a reject and why, records."""

import json
from datetime import UTC, datetime
from typing import Any

from tests.channels.outside import Outside, iso, seen

REJECT = {"id", "reason", "field", "hint", "message_id", "connector", "received_at", "state", "raw"}

# ---- items ----------------------------------------------------------------------------------------

BAD: list[tuple[Any, str]] = [
    (7, "not_an_object"),
    (None, "not_an_object"),
    ([seen()], "not_an_object"),
    ("text", "not_an_object"),
    ({"userId": "u1", "event": "X"}, "no_type"),
    ({"type": "", "userId": "u1"}, "no_type"),
    ({"type": None, "userId": "u1"}, "no_type"),
    ({"type": "purchase", "userId": "u1"}, "unknown_type"),
    ({"type": 7, "userId": "u1"}, "unknown_type"),
    ({"type": "track", "event": "X"}, "no_identity"),
    (seen(userId=""), "no_identity"),
    (seen(userId="  "), "no_identity"),
    (seen(userId=None, anonymousId=None), "no_identity"),
    (seen(userId="null", anonymousId="00000000-0000-0000-0000-000000000000"), "no_identity"),
    (seen(userId={"a": 1}), "no_identity"),
    (seen(userId=True), "no_identity"),
    (seen(userId=None, identifiers=[{"kind": "email", "value": "no at"}]), "no_identity"),
    ({"type": "identify", "traits": {"phone": "138****5678"}}, "no_identity"),
    ({"type": "group", "groupId": "g1"}, "no_identity"),
    ({"type": "track", "userId": "u1"}, "no_event_name"),
    (seen(event=""), "no_event_name"),
    (seen(event=None), "no_event_name"),
    (seen(event={"a": 1}), "no_event_name"),
    (seen(properties=[1]), "bad_properties"),
    (seen(properties="x"), "bad_properties"),
    ({"type": "identify", "userId": "u1", "traits": "x"}, "bad_properties"),
    (seen(timestamp="yesterday"), "bad_time"),
    (seen(timestamp="1969-12-31T23:59:59Z"), "bad_time"),
    (seen(timestamp=-1), "bad_time"),
    (seen(timestamp=True), "bad_time"),
    (seen(timestamp={"a": 1}), "bad_time"),
    (seen(originalTimestamp="soon"), "bad_time"),
    (seen(properties={"x": "y" * 512 * 1024}), "too_large"),
    (seen(event="Order Completed", properties={"total": 1}), "missing_field"),
    (seen(event="Order Completed", properties={"order_id": "o"}), "missing_field"),
    (seen(event="Order Completed", properties={"order_id": "  ", "total": 1}), "missing_field"),
    (seen(event=" order completed ", properties={"order_id": "o", "total": -1}), "bad_amount"),
    (seen(event="Order Completed", properties={"order_id": "o", "total": "NaN"}), "bad_amount"),
    (seen(event="Order Completed", properties={"order_id": "o", "total": 1e15 + 1}), "bad_amount"),
    (seen(event="Order Completed", properties={"order_id": "o", "total": True}), "bad_amount"),
    (
        seen(event="Order Completed", properties={"order_id": "o", "total": 1, "currency": "XXY"}),
        "bad_currency",
    ),
    (seen(event="Order Completed", properties={"order_id": "o", "total": 1, "currency": 5}), "bad_currency"),
    (
        seen(event="Order Completed", properties={"order_id": "o", "total": 1, "order_channel": "moon"}),
        "unknown_channel",
    ),
    (seen(event="Order Refunded"), "missing_field"),
    (seen(event="Payment Succeeded", properties={"order_id": "o"}), "missing_field"),
    (seen(event="Ticket Opened"), "missing_field"),
    (seen(event="Feedback Given", properties={"score": "good"}), "bad_amount"),
    (seen(event="Membership Joined"), "missing_field"),
]


def test_what_is_wrong_with_an_item_is_a_reject_with_its_reason_and_never_the_status(out: Outside) -> None:
    items = [item for pair in BAD for item in (pair[0], seen())]
    assert out.sends("/v1/batch", {"batch": items}).json == {"success": True}
    found = out.rejects()
    assert len(out.events()) == len(BAD)
    place = {one["message_id"].rpartition("-")[2]: one for one in found}
    told = [
        (item, reason, place.get(str(2 * number), {}).get("reason"))
        for number, (item, reason) in enumerate(BAD)
    ]
    assert [one for one in told if one[1] != one[2]] == []
    connector = str(out.shop.connectors["web-shop"].uuid)
    for one in found:
        assert set(one) >= REJECT
        assert (one["state"], one["connector"]) == ("open", connector)
        assert one["hint"]
    assert [json.loads(place[str(2 * n)]["raw"]) for n, (item, _reason) in enumerate(BAD)] == [
        i for i, _r in BAD
    ]


def test_a_bad_single_call_is_taken_and_rejected_too(out: Outside) -> None:
    assert out.sends("/v1/track", {"userId": "u1"}).status == 200
    assert out.sends("/v1/identify", {}).status == 200
    assert sorted(one["reason"] for one in out.rejects()) == ["no_event_name", "no_identity"]
    assert out.events() == []


def test_a_large_item_is_kept_and_marked(out: Outside) -> None:
    out.batch(seen(messageId="big", properties={"x": "y" * 33_000}), seen(messageId="small"))
    marks = {event["message_id"]: event["marks"] for event in out.events()}
    assert marks == {"big": ["large"], "small": []}


def test_a_reject_takes_no_message_id(out: Outside) -> None:
    out.batch({"type": "track", "event": "X", "messageId": "m"})
    out.batch({"type": "track", "event": "X", "messageId": "m"})
    [reject] = out.rejects()
    assert (reject["state"], reject["message_id"]) == ("open", "m")
    out.batch(seen(messageId="m"))
    assert out.event()["message_id"] == "m"
    assert [one["state"] for one in out.rejects()] == ["closed"]
    out.batch({"type": "track", "event": "X", "messageId": "m"})
    assert [one["state"] for one in out.rejects()] == ["closed"]
    assert out.rejects(state="open") == []


def test_a_good_and_a_bad_copy_in_one_batch(out: Outside) -> None:
    out.batch(seen(messageId="m", timestamp="never"), seen(messageId="m"))
    out.batch(seen(messageId="n"), seen(messageId="n", timestamp="never"))
    assert {event["message_id"] for event in out.events()} == {"m", "n"}
    assert out.rejects(state="open") == []


def test_a_fact_without_a_person_counts_in_money_only(out: Outside) -> None:
    now = iso(datetime(2026, 3, 5, 4, tzinfo=UTC))
    bought = {"type": "track", "event": "Order Completed", "timestamp": now}
    out.batch(bought | {"properties": {"order_id": "o1", "total": "80.00"}})
    out.batch(bought | {"userId": "null", "properties": {"order_id": "o2", "total": 20}})
    out.batch({"type": "track", "event": "Feedback Given", "timestamp": now, "properties": {"score": 5}})
    assert out.rejects() == []
    assert [event["profile"] for event in out.events()] == [None] * 3
    assert out.shop.get("/api/profiles/")["results"] == []
    assert (out.value("gmv"), out.value("orders")) == (100, 2)
    assert (out.value("buyers"), out.value("new_customers")) == (0, 0)
    assert out.shop.metric("satisfaction")["total"]["denominator"] == "1"


def test_replaying_after_the_channel_was_made(out: Outside) -> None:
    named = {"order_id": "o1", "total": 9, "order_channel": "kiosk"}
    out.batch(
        seen(messageId="m", event="Order Completed", properties=named, timestamp="2026-03-05T04:00:00Z")
    )
    [reject] = out.rejects(reason="unknown_channel")
    ask = out.shop.api().post
    again = ask("/api/rejects/replay/", {"ids": [reject["id"]]}, format="json")
    assert again.json() == {"replayed": 0, "still_bad": 1}
    out.shop.channel("Kiosk", "store")
    again = ask("/api/rejects/replay/", {"reason": "unknown_channel"}, format="json")
    assert again.json() == {"replayed": 1, "still_bad": 0}
    out.shop.drains()
    assert out.event()["message_id"] == "m"
    assert out.shop.metric("orders", by="channel")["by"]["kiosk"]["total"]["value"] == "1"
    assert [one["state"] for one in out.rejects()] in (["closed"], ["replayed"])


# ---- as sent --------------------------------------------------------------------------------------

ODD = {
    "": "no name",
    "a.b": {"c.d": [[], {}, None, False, 0, "", [[1]]]},
    "__proto__": {"x": 1},
    "float": [0.1, 5e-324, -0.5, 1e21, 123456789.12345678],
    "whole": [12345678901234567890, -(2**63), 2**63, 10**30],
    "text": ["\u2028\u2029", "é", "e\u0301", "👩‍👩‍👧", "\u0001\u001f", " outer ", "a\\u0000b", "<b>'\"&;--"],
    "long" * 60: "x" * 20_000,
}


def test_values_are_kept_as_they_were_sent(out: Outside) -> None:
    group = {"type": "group", "userId": "u1", "groupId": "g1", "traits": ODD, "messageId": "g"}
    out.batch(seen(properties=ODD, context=ODD, messageId="m"), group)
    event = out.event(message_id="m")
    assert (event["properties"], event["context"]) == (ODD, ODD)
    assert out.event(message_id="g")["traits"] == ODD


def test_an_empty_list_where_an_object_belongs_is_an_empty_object_on_every_door(out: Outside) -> None:
    empty: dict[str, Any] = {"userId": "u1", "properties": [], "traits": [], "context": []}
    for path in ("track", "page", "screen", "identify", "group", "alias"):
        out.sends(
            f"/v1/{path}", empty | {"event": "Seen", "groupId": "g", "previousId": "a1", "messageId": path}
        )
    for path in ("batch", "import"):
        item = empty | {"type": "track", "event": "Seen", "messageId": path}
        assert out.sends(f"/v1/{path}", {"batch": [item], "context": []}).status == 200
    below = {
        "type": "identify",
        "userId": "u1",
        "context": {"traits": []},
        "traits": [],
        "messageId": "below",
    }
    bought = {"order_id": "o1", "total": 5, "products": []}
    out.batch(below, seen(event="Order Completed", properties=bought, messageId="bought"))
    assert out.rejects() == []
    stored = out.events()
    assert len(stored) == 10
    assert all(one["marks"] == [] for one in stored)
    assert all(one["traits"] == {} and isinstance(one["context"], dict) for one in stored)
    assert {str(one["properties"]) for one in stored if one["message_id"] != "bought"} == {"{}"}


def test_what_a_batch_says_for_all_lies_under_each_items_own(out: Outside) -> None:
    shared = {"library": {"name": "x", "version": "1"}, "ip": "203.0.113.1"}
    out.batch(
        seen(messageId="a", context={"ip": "203.0.113.2"}), seen(messageId="b", context=None), context=shared
    )
    contexts = {event["message_id"]: event["context"] for event in out.events()}
    assert contexts == {"a": shared | {"ip": "203.0.113.2"}, "b": shared}


# ---- records --------------------------------------------------------------------------------------


def test_records_answer_like_events(out: Outside) -> None:
    good = {"type": "stock", "sku": "A1", "quantity": 7, "location": "SH", "at": "2026-03-04T05:06:07Z"}
    bad: list[tuple[Any, str]] = [
        (7, "not_an_object"),
        ({"sku": "A1"}, "no_type"),
        ({"type": "weather"}, "unknown_type"),
        ({"type": "price", "sku": "A1"}, "missing_field"),
        ({"type": "price", "price": 1}, "missing_field"),
        ({"type": "price", "sku": "A1", "price": -1}, "bad_amount"),
        ({"type": "cost", "sku": "A1", "unit_cost": 1, "currency": "QQQ"}, "bad_currency"),
        ({"type": "stock", "sku": "A1", "quantity": 1, "channel": "moon"}, "unknown_channel"),
        ({"type": "stock", "sku": "A1", "quantity": 1, "at": "soon"}, "bad_time"),
        ({"type": "spend", "amount": 1}, "missing_field"),
        ({"type": "spend", "amount": 1, "from": "2026-03-04"}, "missing_field"),
        ({"type": "rate", "currency": "USD"}, "missing_field"),
        ({"type": "target", "metric": "gmv", "value": 1}, "missing_field"),
    ]
    for path in ("/v1/records", "/v1/records/"):
        assert out.sends(path, {"records": [good, *(item for item, _reason in bad)]}).json == {
            "success": True
        }
    place = {one["message_id"].rpartition("-")[2]: one["reason"] for one in out.rejects()}
    assert [place[str(number + 1)] for number in range(len(bad))] == [reason for _item, reason in bad]
    [kept] = out.shop.get("/api/records/", type="stock", sku="A1")["results"]
    assert (kept["quantity"], kept["channel"]) == ("7", "web-shop")
    for body, code in (({}, "empty_batch"), ({"records": {}}, "empty_batch"), ([], "not_an_object")):
        reply = out.sends("/v1/records", body)
        assert (reply.status, reply.code) == (400, code)
    assert out.web.post("/v1/records", {"records": [good]}, "other").status == 401


def test_of_two_records_with_one_key_the_later_received_wins(out: Outside) -> None:
    for quantity in (7, 9):
        record = {
            "type": "stock",
            "sku": "A1",
            "quantity": quantity,
            "at": "2026-03-04T05:06:07Z",
            "channel": "store",
        }
        assert out.sends("/v1/records", {"records": [record]}).status == 200
    [kept] = out.shop.get("/api/records/", type="stock", sku="A1", channel="store")["results"]
    assert kept["quantity"] == "9"
