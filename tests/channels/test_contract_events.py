"""Events as they are promised, from outside: when they were, once for good, and who it was."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from channels import setup
from channels.models import Connector
from profiles.identity.kinds import MOST_LISTED
from tests.channels.outside import Outside, iso, moment, seen

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)

# ---- time -----------------------------------------------------------------------------------------


def test_the_clock_of_a_sender(out: Outside) -> None:
    now = datetime.now(UTC).replace(microsecond=123_000)
    said: dict[str, tuple[dict[str, Any], datetime | None, set[str]]] = {
        "none": ({}, now, set()),
        "plain": ({"timestamp": iso(now - HOUR)}, now - HOUR, set()),
        "original": ({"originalTimestamp": iso(now - HOUR)}, now - HOUR, set()),
        "near": ({"timestamp": iso(now - HOUR), "sentAt": iso(now - 15 * SECOND)}, now - HOUR, set()),
        "both": (
            {"timestamp": iso(now - DAY), "originalTimestamp": iso(now), "sentAt": iso(now - HOUR)},
            now - DAY,
            set(),
        ),
        "unreadable": ({"timestamp": iso(now - HOUR), "sentAt": "soon"}, now - HOUR, set()),
        "stale": (
            {"timestamp": iso(now - 3 * DAY), "sentAt": iso(now - 2 * DAY)},
            now - 3 * DAY,
            {"clock_suspect"},
        ),
        "seconds": ({"timestamp": 1_700_000_000}, datetime.fromtimestamp(1_700_000_000, UTC), set()),
        "milliseconds": (
            {"timestamp": 1_700_000_000_123},
            datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC),
            set(),
        ),
        "naive": (
            {"timestamp": "2026-03-04T05:06:07.123"},
            datetime(2026, 3, 4, 5, 6, 7, 123_000, UTC),
            set(),
        ),
        "offset": ({"timestamp": "2026-03-04T05:06:07+08:00"}, datetime(2026, 3, 3, 21, 6, 7, 0, UTC), set()),
        "old": ({"timestamp": "1970-01-01T00:00:00Z"}, datetime(1970, 1, 1, tzinfo=UTC), set()),
        "soon": ({"timestamp": iso(now + 23 * HOUR)}, now + 23 * HOUR, set()),
    }
    out.batch(*(seen(messageId=name, **one[0]) for name, one in said.items()))
    stored = {event["message_id"]: event for event in out.events()}
    for name, (_given, at, marks) in said.items():
        late = timedelta(seconds=20) if name == "none" else timedelta(microseconds=1)
        assert abs(moment(stored[name]["occurred_at"]) - at) < late, name
        assert set(stored[name]["marks"]) == marks, name


def test_a_wrong_clock_is_corrected_and_a_far_future_is_the_receipt(out: Outside) -> None:
    now = datetime.now(UTC)
    out.batch(
        seen(messageId="slow", timestamp=iso(now - 3 * HOUR)),
        seen(messageId="fast", originalTimestamp=iso(now + 400 * DAY), sentAt=iso(now + 400 * DAY + HOUR)),
        seen(messageId="future", timestamp=iso(now + 2 * DAY), originalTimestamp=iso(now)),
        sentAt=iso(now - 2 * HOUR),
        timestamp=iso(now - 9 * DAY),
    )
    stored = {event["message_id"]: event for event in out.events()}
    for name in ("slow", "fast"):
        assert abs(moment(stored[name]["occurred_at"]) - (now - HOUR)) < 20 * SECOND, name
        assert stored[name]["marks"] == ["clock_corrected"]
    assert stored["future"]["occurred_at"] == stored["future"]["received_at"]
    assert stored["future"]["marks"] == ["future_time"]


# ---- once -----------------------------------------------------------------------------------------


def test_one_connector_and_one_message_id_are_one_event_for_good(out: Outside) -> None:
    out.batch(seen(messageId="m", properties={"first": True}))
    fresh = setup.rotate(out.shop.connectors["web-shop"])
    out.batch(seen(messageId="m", properties={"first": False}), key=fresh)
    out.batch(seen(messageId=" m "), seen(messageId="m", timestamp="2020-01-01"), key=fresh)
    assert out.sends("/v1/identify", {"userId": "u2", "messageId": "m"}, fresh).status == 200
    assert out.event()["properties"] == {"first": True}
    assert out.rejects() == []


def test_two_connectors_of_one_channel_are_two_scopes_and_one_order_is_one(out: Outside) -> None:
    second = setup.add_connector(out.shop.connectors["web-shop"].channel)
    bought = seen(
        messageId="m",
        event="Order Completed",
        properties={"order_id": "o1", "total": 10},
        timestamp="2026-03-05",
    )
    for key in (out.key, second.key, out.key, second.key):
        out.batch(bought, key=key)
    stored = out.events(message_id="m")
    assert {event["connector"] for event in stored} == {
        str(second.connector.uuid),
        str(out.shop.connectors["web-shop"].uuid),
    }
    assert len(stored) == 2
    assert (out.value("orders"), out.value("gmv")) == (1, 10)


def test_without_a_message_id_each_request_and_position_is_its_own(out: Outside) -> None:
    for _ in range(2):
        out.batch(seen(), seen(), seen(messageId=""), seen(messageId=None))
    stored = out.events()
    assert len({event["message_id"] for event in stored}) == len(stored) == 8


def test_numbers_and_long_texts_are_message_ids(out: Outside) -> None:
    out.batch(
        seen(messageId=7), seen(messageId="7"), seen(messageId="长" * 3_000), seen(messageId="a/b?c#d%20")
    )
    stored = {event["message_id"] for event in out.events()}
    assert stored == {"7", "长" * 3_000, "a/b?c#d%20"}
    life = out.shop.get("/api/events/a%2Fb%3Fc%23d%2520/life/")
    assert (
        json.loads(life["raw"])["messageId"] == "a/b?c#d%20" if isinstance(life["raw"], str) else life["raw"]
    )


# ---- who ------------------------------------------------------------------------------------------


def test_the_places_of_identifiers(out: Outside) -> None:
    out.batch(
        seen(
            messageId="m",
            userId=42,
            anonymousId="a1",
            identifiers=[
                {"kind": "Member_No", "value": "M-9"},
                {"kind": "erp_id", "value": "7", "namespace": "sap"},
            ],
            properties={
                "phone": "138 0013 8000",
                "email": " Lin@Hemu.cn ",
                "unionid": "un1",
                "openid": "op1",
            },
            context={
                "device": {"id": "d1"},
                "externalIds": [
                    {"type": "crm", "id": "c-7", "collection": "users"},
                    {"type": "ios.idfa", "id": "E6-1"},
                ],
                "traits": {"email": "other@hemu.cn"},
            },
        )
    )
    assert out.identifiers() == {
        ("user_id", "42"),
        ("anonymous_id", "a1"),
        ("member_no", "M-9"),
        ("erp_id", "7"),
        ("phone", "+8613800138000"),
        ("email", "lin@hemu.cn"),
        ("unionid", "un1"),
        ("openid", "op1"),
        ("device_id", "d1"),
        ("crm", "c-7"),
        ("ios.idfa", "E6-1"),
    }


def test_identify_reads_traits_and_context_traits_but_a_group_names_nobody_by_its_traits(
    out: Outside,
) -> None:
    below = {"traits": {"phone": "13800138000"}}
    out.batch(
        {
            "type": "identify",
            "userId": "u1",
            "traits": {"email": "a@hemu.cn"},
            "context": below,
            "messageId": "i",
        },
        {
            "type": "group",
            "userId": "u1",
            "groupId": "g9",
            "traits": {"email": "info@hemu.cn"},
            "messageId": "g",
        },
    )
    wanted = {("user_id", "u1"), ("email", "a@hemu.cn"), ("phone", "+8613800138000")}
    assert out.identifiers(message_id="i") == wanted
    assert out.identifiers(message_id="g") == {("user_id", "u1")}
    assert {one["value"] for one in out.shop.profile("user_id:u1")["identifiers"]} == {v for _k, v in wanted}


def test_a_value_that_is_no_identifier_stays_in_the_event_and_is_marked(out: Outside) -> None:
    out.batch(seen(properties={"email": "no at", "phone": "12"}))
    event = out.event()
    assert event["properties"] == {"email": "no at", "phone": "12"}
    assert set(event["marks"]) == {"not_an_identifier:email", "not_an_identifier:phone"}
    assert out.identifiers() == {("user_id", "u1")}


def test_alias_joins_the_earlier_anonymous_id_and_an_alias_of_oneself_does_nothing(out: Outside) -> None:
    out.batch(seen(userId=None, anonymousId="a1", messageId="before"))
    out.batch({"type": "alias", "userId": "u1", "previousId": "a1", "messageId": "alias"})
    out.batch({"type": "alias", "userId": "u1", "previousId": "u1", "messageId": "self"})
    assert out.identifiers(message_id="self") == {("user_id", "u1")}
    assert out.event(message_id="before")["profile"] == out.shop.profile("user_id:u1")["id"]
    assert out.shop.get("/api/profiles/", identifier="user_id:a1")["results"] == []


def test_a_connector_may_say_that_previous_ids_are_users(out: Outside) -> None:
    out.batch(seen(userId="old"), seen(userId="new"))
    Connector.objects.filter(pk=out.shop.connectors["web-shop"].pk).update(
        settings={"previous_id": "user_id"}
    )
    out.batch({"type": "alias", "userId": "new", "previousId": "old"})
    assert out.shop.profile("user_id:old")["id"] == out.shop.profile("user_id:new")["id"]


def test_a_shared_identifier_rejects_nothing(out: Outside) -> None:
    shared = {"email": "info@hemu.cn"}
    out.batch(*({"type": "identify", "userId": f"u{number}", "traits": shared} for number in range(60)))
    out.batch(seen(userId=None, properties=shared, messageId="by it alone"))
    assert out.rejects() == []
    assert out.identifiers(message_id="by it alone") == {("email", "info@hemu.cn")}
    assert len({event["profile"] for event in out.events(type="identify")}) > 1


def test_kinds_made_up_without_end_cost_nothing_but_their_listing(out: Outside) -> None:
    kinds = [
        [{"kind": f"k{10 * number + n}", "value": "x"} for n in range(40)] for number in range(0, 600, 4)
    ]
    out.batch(*(seen(userId=f"u{number}", identifiers=some) for number, some in enumerate(kinds)))
    assert (len(out.events()), out.rejects()) == (150, [])
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from profiles_kind")
        assert 0 < cursor.fetchone()[0] <= MOST_LISTED
