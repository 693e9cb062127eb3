"""A body becomes clean messages, each bad one a reject. (Facts: test_mapping_facts; words: test_reasons.)"""

import json

import msgspec
import pytest

from channels.mapping.apply import messages, prepare, set_apart
from channels.reasons import STOPS_WORKER
from kernel.event import event_id
from tests.channels.understanding import NOON, PLAIN, SETTINGS, bad, clean, ids, received, seen, understood


def test_a_batch_goes_in_message_by_message_with_what_it_says_for_all():
    prepared = understood(
        seen(messageId="a", context={"locale": "zh"}),
        seen(messageId="b"),
        context={"ip": "203.0.113.1", "locale": "en"},
    )
    assert [message.context for message in prepared.cleans] == [
        {"ip": "203.0.113.1", "locale": "zh"},
        {"ip": "203.0.113.1", "locale": "en"},
    ]
    assert [message.position for message in prepared.cleans] == [0, 1]
    assert prepared.cleans[0].id == event_id(PLAIN.uuid, "a")


def test_one_bad_message_costs_no_other():
    prepared = understood(seen(messageId="a"), 7, {"type": "track"}, None, [], "x", seen(messageId="b"))
    assert [message.message_id for message in prepared.cleans] == ["a", "b"]
    assert [one.reason for one in prepared.bads] == [
        "not_an_object", "no_event_name", "not_an_object", "not_an_object", "not_an_object",
    ]  # fmt: skip


def test_the_door_says_the_type_whatever_the_body_says():
    assert clean({"type": "page", "event": "Seen", "userId": "u"}, door="track").type == "track"
    assert clean({"userId": "u", "batch": 1}, door="identify").type == "identify"
    assert clean({"type": "page", "userId": "u", "batch": []}, door="item").type == "page"
    assert bad({"mergeProperties": []}, door="merge").reason == "unknown_type"
    assert clean({"type": " Track ", "event": "Seen", "userId": "u"}).type == "track"


def test_null_is_the_same_as_absent():
    message = clean(
        {"type": "track", "event": "Seen", "userId": "u", "anonymousId": None, "properties": None, "context": None,
         "traits": None, "timestamp": None, "messageId": None, "identifiers": None}
    )  # fmt: skip
    assert ids(message) == {("user_id", "", "u")}
    assert message.occurred_at == NOON
    assert message.marks == ()


REASONS = [
    (7, "not_an_object", ""),
    ({"event": "Seen", "userId": "u"}, "no_type", "type"),
    ({"type": " ", "userId": "u"}, "no_type", "type"),
    ({"type": "tarck", "userId": "u"}, "unknown_type", "type"),
    ({"type": 5, "userId": "u"}, "unknown_type", "type"),
    ({"type": "track", "event": "Seen"}, "no_identity", "anonymousId"),
    ({"type": "track", "event": "Seen", "userId": "null"}, "no_identity", "userId"),
    ({"type": "page", "anonymousId": "0000-0000"}, "no_identity", "anonymousId"),
    ({"type": "group", "groupId": "g", "traits": {"phone": "13800000001"}}, "no_identity", "anonymousId"),
    ({"type": "track", "userId": "u"}, "no_event_name", "event"),
    ({"type": "track", "userId": "u", "event": " "}, "no_event_name", "event"),
    ({"type": "track", "userId": "u", "event": {"a": 1}}, "no_event_name", "event"),
    (seen(properties="text"), "bad_properties", "properties"),
    (seen(properties=["x"]), "bad_properties", "properties"),
    ({"type": "identify", "userId": "u", "traits": "x"}, "bad_properties", "traits"),
    (seen(timestamp="yesterday"), "bad_time", "timestamp"),
    (seen(timestamp="1969-01-01T00:00:00Z"), "bad_time", "timestamp"),
    (seen(originalTimestamp="2026-02-30"), "bad_time", "originalTimestamp"),
    (seen(properties={"x": "y" * 600_000}), "too_large", ""),
]


@pytest.mark.parametrize(("item", "reason", "field"), REASONS)
def test_each_reason_says_where(item, reason, field):
    found = bad(item)
    assert (found.reason, found.field) == (reason, field)
    assert json.loads(found.raw) == item


def test_a_reject_has_the_id_that_its_good_copy_will_have():
    assert bad({"type": "track", "messageId": "m-1"}).id == clean(seen(messageId="m-1")).id


def test_a_large_message_is_kept_and_marked():
    assert clean(seen(properties={"x": "y" * 40_000})).marks == ("large",)


@pytest.mark.parametrize("own", [None, "", "  ", {}, [], "\x00"])
def test_without_a_message_id_its_place_names_it_and_names_it_alike_every_time(own):
    row = received({"batch": [seen(messageId=own)]})
    first, again = (next(messages(row, SETTINGS)).cleans[0] for _ in range(2))
    assert first.message_id == f"{row.request}-0"
    assert first.id == again.id


def test_message_ids_are_trimmed_and_may_be_long_or_numbers():
    assert clean(seen(messageId=" m-1 ")).message_id == "m-1"
    assert clean(seen(messageId=17)).message_id == "17"
    assert clean(seen(messageId="x" * 5_000)).message_id == "x" * 5_000


def test_names():
    assert clean({"type": "page", "userId": "u", "name": " Home ", "category": "Shop"}).name == "Home"
    assert clean({"type": "page", "userId": "u", "properties": {"name": "Home"}}).name == "Home"
    assert clean({"type": "identify", "userId": "u", "name": "x"}).name == ""
    cut = clean(seen(event="N" * 300))
    assert (len(cut.name), cut.marks) == (255, ("name_cut",))


def test_what_a_call_says_beside_its_properties_is_kept_and_they_stay_as_they_were_sent():
    assert clean({"type": "group", "userId": "u", "groupId": "g-1"}).beside == {"groupId": "g-1"}
    assert clean({"type": "alias", "userId": "u", "previousId": "a"}).beside == {"previousId": "a"}
    for sent in (
        "order_completed",
        "orderCompleted",
        "ORDER-COMPLETED",
        "Order  Completed",
        "order.completed",
    ):
        track = clean(seen(event=sent, properties={"order_id": "o", "total": 1}))
        assert (track.name, track.beside, track.meaning.kind) == (
            "Order Completed",
            {"name": sent},
            "order_completed",
        )
    for canceled in ("Order Canceled", "order_canceled", "orderCanceled", "Order Cancelled"):
        assert clean(seen(event=canceled, properties={"order_id": "o"})).name == "Order Cancelled"
    own = clean(seen(event="sign_up"))
    assert (own.name, own.beside) == ("sign_up", {})
    page = clean({"type": "page", "userId": "u", "category": "Shop", "properties": {"path": "/"}})
    assert (page.beside, page.properties) == ({"category": "Shop"}, {"path": "/"})


# ---- identifiers ------------------------------------------------------------------------------


def test_every_place_of_an_identifier_is_read():
    message = clean(
        seen(
            anonymousId="a-1",
            identifiers=[{"kind": "Loyalty_Card", "value": 77}, {"kind": "marketplace_uid", "value": "t-1"}],
            properties={
                "phone": "13800000001",
                "email": "A@b.cn",
                "member_no": "M1",
                "unionid": "n",
                "openid": "o",
            },
            context={
                "device": {"id": "d-1"},
                "externalIds": [{"type": "crm_id", "id": "c-1", "collection": "users"}],
            },
        )
    )
    assert ids(message) == {
        ("user_id", "", "u-1"), ("anonymous_id", "", "a-1"), ("loyalty_card", "", "77"), ("device_id", "", "d-1"),
        ("marketplace_uid", "web", "t-1"), ("phone", "", "+8613800000001"), ("email", "", "a@b.cn"),
        ("member_no", "", "M1"), ("unionid", "", "n"), ("openid", "web", "o"), ("crm_id", "", "c-1"),
    }  # fmt: skip
    assert message.marks == ()


def test_identify_reads_traits_in_both_places_and_no_properties():
    message = clean(
        {"type": "identify", "userId": "u", "traits": {"phone": "13800000001"}, "properties": {"email": "x@y.cn"},
         "context": {"traits": {"email": "a@b.cn", "phone": "13800000002"}}}
    )  # fmt: skip
    assert ids(message) == {
        ("user_id", "", "u"), ("phone", "", "+8613800000001"), ("phone", "", "+8613800000002"), ("email", "", "a@b.cn"),
    }  # fmt: skip


def test_context_traits_of_a_track_and_a_groups_traits_name_nobody():
    context = {"traits": {"phone": "13800000001"}}
    assert ids(clean(seen(context=context))) == {("user_id", "", "u-1")}
    group = {
        "type": "group",
        "userId": "u",
        "groupId": "g",
        "traits": {"email": "info@firm.cn"},
        "context": context,
    }
    assert ids(clean(group)) == {("user_id", "", "u")}


def test_namespaces():
    listed = [
        {"kind": "openid", "value": "o"},
        {"kind": "openid", "value": "o", "namespace": "undefined"},
        {"kind": "openid", "value": "p", "namespace": " wx-2\u200d "},
        {"kind": "phone", "value": "13800000001", "namespace": "crm"},
        {"kind": "card", "value": "c", "namespace": "bank"},
    ]
    assert ids(clean(seen(identifiers=listed), connector=2)) == {
        ("user_id", "", "u-1"), ("openid", "wx-app", "o"), ("openid", "wx-2", "p"), ("phone", "", "+8613800000001"),
        ("card", "bank", "c"),
    }  # fmt: skip


def test_a_value_that_is_no_identifier_stays_in_the_event_and_is_marked():
    message = clean(
        seen(properties={"phone": "138****0001", "email": "nobody"}, identifiers=[{"kind": "a b"}, 5, {}])
    )
    assert ids(message) == {("user_id", "", "u-1")}
    assert message.properties["phone"] == "138****0001"
    assert message.marks == ("not_an_identifier:phone", "not_an_identifier:email", "not_an_identifier:kind")


def test_a_phone_is_of_the_channels_country_unless_it_says_which():
    national = {"type": "track", "event": "Seen", "properties": {"phone": "090-1234-5678"}}
    assert ids(clean(national, connector=3)) == {("phone", "", "+819012345678")}
    assert ids(clean(national)) == {("phone", "", "+869012345678")}


def test_a_workspace_blocks_values_of_its_own():
    settings = msgspec.structs.replace(
        SETTINGS, blocked=(("user_id", "qa-.*"), ("", "shared"), ("phone", "(("))
    )
    assert bad(seen(userId="QA-7"), settings=settings).reason == "no_identity"
    assert bad(seen(userId="shared"), settings=settings).reason == "no_identity"
    assert clean(seen(userId="not qa-7", anonymousId="qa-7"), settings=settings)


def test_one_identifier_twice_is_one():
    message = clean(
        seen(properties={"phone": "13800000001"}, identifiers=[{"kind": "phone", "value": "+86 13800000001"}])
    )
    assert len(message.identifiers) == 2


def test_a_message_has_a_bounded_number_of_identifiers():
    message = clean(seen(identifiers=[{"kind": "cookie", "value": f"c{n}"} for n in range(500)]))
    assert len(message.identifiers) == 50
    assert "too_many_identifiers" in message.marks


def test_alias():
    alias = {"type": "alias", "userId": "u", "previousId": "a"}
    message = clean(alias)
    assert ids(message) == {("user_id", "", "u"), ("anonymous_id", "", "a")}
    assert message.manual is None
    assert ids(clean(alias | {"previousId": " u "})) == {("user_id", "", "u")}
    by_hand = clean(alias, connector=2)
    assert [one.value for one in by_hand.manual] == ["u", "a"]
    assert ids(by_hand) == {("user_id", "", "u"), ("user_id", "", "a")}
    assert clean(alias | {"previousId": "u"}, connector=2).manual is None


# ---- traits and touchpoints -------------------------------------------------------------------


def test_observed_traits_are_those_of_identify_cleaned():
    message = clean(
        {"type": "identify", "userId": "u",
         "traits": {"name": " 王　芳 ", "phone": "138 0000 0001", "email": "A@B.cn", "age": 31, "city": "", "vip": None,
                    " tags ": ["a"], "x" * 300: 1},
         "context": {"traits": {"name": "other", "gender": "f"}}}
    )  # fmt: skip
    assert message.observed == {
        "name": "王 芳", "phone": "+8613800000001", "email": "a@b.cn", "age": 31, "tags": ["a"], "gender": "f",
    }  # fmt: skip
    assert clean(seen(traits={"name": "x"}, context={"traits": {"name": "y"}})).observed == {}


def test_a_named_campaign_makes_any_event_a_marketing_touch():
    campaign = {"campaign": {"name": "11.11", "source": "wechat"}}
    assert clean(seen(context=campaign)).touchpoint == "marketing"
    assert clean({"type": "page", "userId": "u", "context": campaign}).touchpoint == "marketing"
    assert (
        clean({"type": "page", "userId": "u", "context": {"campaign": {"name": " "}}}).touchpoint == "browse"
    )
    assert clean({"type": "identify", "userId": "u"}).touchpoint == "other"


# ---- odd JSON ---------------------------------------------------------------------------------


def text_of(*items, rest=""):
    """A batch written by hand, for JSON that no encoder writes."""
    return prepare([received('{"batch":[' + ",".join(items) + "]" + rest + "}")], SETTINGS)


SEEN = '{"type":"track","event":"Seen","userId":"u","properties":'
PAGE = '{"type":"page","userId":"u"}'


def test_half_an_emoji_costs_no_message():
    half = '{"type":"track","event":"a\\ud83d","userId":"u\\\\ud83d"}'
    whole = '{"type":"track","event":"\\ud83d\\ude00","userId":"v"}'
    prepared = text_of(half, whole)
    assert [message.name for message in prepared.cleans] == ["a\ufffd", "😀"]
    assert ids(prepared.cleans[0]) == {("user_id", "", "u\\ud83d")}


def test_nul_is_taken_out_of_values_keys_and_ids():
    properties = '{"k\\u0000":"v\\u0000","w":"\\\\u0000"}'
    item = (
        '{"type":"track","event":"a\\u0000b","messageId":"m\\u0000","userId":"u","properties":'
        + properties
        + "}"
    )
    (message,) = text_of(item).cleans
    assert (message.name, message.message_id) == ("ab", "m")
    assert message.properties == {"k": "v", "w": "\\u0000"}


def test_what_a_request_says_for_all_is_mended_or_left_out():
    (message,) = text_of(PAGE, rest=',"context":{"ip\\u0000":"\\u0000x"}').cleans
    assert message.context == {"ip": "x"}
    deep = '{"a":' * 150 + "1" + "}" * 150
    assert text_of(PAGE, rest=',"context":' + deep).cleans[0].context == {}
    assert text_of(PAGE, rest=',"context":5,"sentAt":{}').cleans[0].context == {}


@pytest.mark.parametrize("value", ["9" * 5_000, "1e400", "-1e999", "9" * 50])
def test_numbers_beyond_all_use_are_kept(value):
    (message,) = text_of(SEEN + '{"n":' + value + "}}").cleans
    assert str(message.properties["n"]) == value


def test_what_is_nested_without_end_is_a_reject_and_its_neighbour_is_in():
    deep = SEEN + '{"a":' * 150 + "1" + "}" * 151
    prepared = text_of(deep, PAGE)
    assert [one.reason for one in prepared.bads] == ["bad_properties"]
    assert len(prepared.cleans) == 1


def test_many_brackets_are_not_depth():
    assert clean(seen(properties={"products": [{"sku": "a}]"}] * 300, "t": "[" * 500}))


def test_of_a_key_twice_the_last_counts():
    (message,) = text_of('{"type":"page","userId":"a","userId":"b"}').cleans
    assert ids(message) == {("user_id", "", "b")}


def test_a_body_that_is_no_json_is_one_reject():
    prepared = prepare([received("{not json")], SETTINGS)
    assert [one.reason for one in prepared.bads] == ["not_an_object"]


def test_a_message_that_stops_its_worker_is_set_apart_whole():
    row = received({"batch": [seen(messageId="a"), seen(messageId="b")]})
    found = set_apart(row, SETTINGS, 1, STOPS_WORKER)
    assert (found.reason, found.message_id, found.position) == ("stops_worker", "b", 1)
    assert json.loads(found.raw)["messageId"] == "b"
