"""A value that is nobody's joins nobody, one person is found in every spelling, and no nothing replaces a name."""

from decimal import Decimal

import pytest
from django.db import connection

from kernel.db import run
from kernel.errors import BadRequest
from profiles.identity import kinds
from tests.shop import identify, later, order, track

NOBODYS = {
    "phone": [
        "138…0009", "138....0009", "138----0009", "138 5678", "021-....6273", "84664163", "1381234000", "138••••0009",
        "138****0009", "138xxxx0009", "1234567", "123456789012", "未知", "0",
    ],
    "email": ["a...l@x.cn", "l••n@x.cn", "l●●@x.cn", "l---n@x.cn", "lxxxn@x.cn", ".lin@x.cn", "null@x.cn", "N/A"],
    "user_id": [
        '"null"', "(not set)", "<nil>", "N.A.", "#N/A", "未知", "游客", "{{customer.id}}", "${user_id}", "%%user%%",
        "NaN", "[object Object]", "undefined undefined", "ゲスト", "익명", "неизвестно", "غير معروف", "अज्ञात", "-1",
        "0000", "138****0009", "02:00:00:00:00:00",
    ],
    "member_no": ["HM----0009", "HM****0009", "HM…0009", "没有", "member_no"],
    "device_id": ["02:00:00:00:00:00", "00000000-0000-0000-0000-000000000000", "9774d56d682e549c", "unknown"],
    "ios.idfa": ["00000000-0000-0000-0000-000000000000"],
    "openid": ["getUserInfo:fail auth deny", "undefined"],
}  # fmt: skip
ONE_PHONE = [
    "13800000009", "\u202d13800000009\u202c", "\u2066+86 138 0000 0009\u2069", "\u061c13800000009", "138\ufe0f00000009",
    "(+86)13800000009", "（＋86）138 0000 0009", "0086+13800000009", "008613800000009",
    "１３８００００000９", 13800000009.0,
]  # fmt: skip


def _seen(anonymous, kind, value):
    return track("Seen", None, later(), anonymous=anonymous, identifiers=[{"kind": kind, "value": value}])


def test_two_strangers_with_the_same_nobodys_value_stay_two(shop):
    pairs = [(kind, value) for kind, all_ in NOBODYS.items() for value in all_]
    shop.sends(*(_seen(f"left-{n}", kind, value) for n, (kind, value) in enumerate(pairs)))
    shop.sends(*(_seen(f"right-{n}", kind, value) for n, (kind, value) in enumerate(pairs)))
    people = shop.get("/api/profiles/", limit=500)["results"]
    assert len(people) == 2 * len(pairs)
    for event in shop.get("/api/events/", limit=500)["results"]:
        assert [one["kind"] for one in event["identifiers"]] == ["anonymous_id"]
        assert event["marks"][0].startswith("not_an_identifier:")


def test_one_phone_in_every_spelling_is_one_person(shop):
    shop.sends(*(_seen(f"a-{n}", "phone", value) for n, value in enumerate(ONE_PHONE)))
    assert len(shop.get("/api/profiles/")["results"]) == 1
    assert shop.profile("phone:(+86)13800000009")["summary"]["events"] == len(ONE_PHONE)


def test_a_whole_number_is_one_id_however_json_writes_it(shop):
    shop.sends_raw(
        '{"batch": [{"type": "track", "event": "Seen", "userId": 70001},'
        ' {"type": "track", "event": "Seen", "userId": 70001.0},'
        ' {"type": "track", "event": "Seen", "userId": 7.0001e4},'
        ' {"type": "track", "event": "Seen", "userId": "70001"}]}',
        4,
    )
    assert shop.profile("user_id:70001")["summary"]["events"] == 4
    assert len(shop.get("/api/profiles/")["results"]) == 1


def test_an_order_number_is_one_however_json_writes_it(shop):
    line = [{"sku": 501.0, "price": 100, "quantity": 1}]
    shop.sends(order(70001, 100, "u1", later(), products=[{"sku": 501, "price": 100, "quantity": 1}]))
    shop.sends(order(70001.0, 100, "u1", later(), products=line))
    assert shop.value("orders") == "1"
    shop.sends(track("Order Refunded", "u1", later(hours=1), order_id=70001.0, refund_id=9.0, total=10))
    shop.sends(track("Order Refunded", "u1", later(hours=1), order_id="70001", refund_id=9, total=10))
    assert Decimal(shop.value("refunds")) == 10
    shop.records({"type": "product", "sku": 501.0, "name": "Chair"})
    assert shop.get("/api/records/", type="product", sku="501")["results"]


WHOLE = {
    "name": "林晓雯",
    "phone": "13812345021",
    "email": "lin@hemu.cn",
    "member_no": "HM00009",
    "city": "上海",
}


@pytest.mark.parametrize(
    "less",
    [
        {
            "name": "null",
            "phone": "138****5021",
            "email": "l••n@hemu.cn",
            "member_no": "HM••••9",
            "city": "未知",
        },
        {
            "name": "undefined undefined",
            "phone": "138 5021",
            "email": "undefined",
            "member_no": "N/A",
            "city": "-",
        },
        {"name": "[object Object]", "phone": "(not set)", "email": "lin@", "member_no": "HM...9", "city": ""},
        {"name": "NaN", "phone": "{{phone}}", "email": "${email}", "member_no": "0", "city": "{{city}}"},
        {"name": "林**", "phone": "+86 138----5021", "email": "l***@hemu.cn", "member_no": "", "city": None},
    ],
)
def test_nothing_that_says_less_replaces_what_says_more(shop, less):
    shop.sends(identify("u1", later(), **WHOLE), identify("u2", later(hours=1), **less))
    shop.sends(
        identify("u1", later(hours=1), **less),
        identify("u2", later(), **WHOLE | {"phone": "", "member_no": ""}),
    )
    for user in ("u1", "u2"):
        traits = shop.profile(f"user_id:{user}")["traits"]
        assert traits["name"]["value"] == "林晓雯"
        assert traits["email"]["value"] == "lin@hemu.cn"
        assert traits["city"]["value"] == "上海"
    assert shop.profile("user_id:u1")["traits"]["phone"]["value"] == "+8613812345021"
    assert shop.profile("user_id:u1")["traits"]["member_no"]["value"] == "HM00009"
    assert {person["name"] for person in shop.get("/api/profiles/")["results"]} == {"林晓雯"}


def test_a_masked_value_stands_where_no_whole_one_was_said(shop):
    shop.sends(identify("u1", later(), name="林**", phone="138****5021"))
    profile = shop.profile("user_id:u1")
    assert profile["traits"]["name"]["value"] == "林**"
    assert profile["traits"]["phone"]["value"] == "138****5021"
    shop.sends(identify("u1", later(), first_name="晓雯", last_name="林"))
    assert shop.get("/api/profiles/", identifier="user_id:u1")["results"][0]["name"] == "林晓雯"


def test_a_callers_nothing_does_not_hide_what_its_context_says(shop):
    said = identify("u1", later(), name="null", phone="138****5021", city="杭州")
    shop.sends(said | {"context": {"traits": {"name": "林晓雯", "phone": "13812345021", "city": "上海"}}})
    traits = shop.profile("user_id:u1")["traits"]
    assert traits["name"]["value"] == "林晓雯"
    assert traits["phone"]["value"] == "+8613812345021"
    assert traits["city"]["value"] == "杭州"


@pytest.mark.parametrize("name", ["👨‍👩‍👧 Family", "علی‌رضا", "क्‍षितिज", "葛\U000e0100城"])
def test_joiners_stay_in_names_and_are_not_needed_to_find_them(shop, name):
    shop.sends(identify("u1", later(), name=name))
    assert shop.profile("user_id:u1")["traits"]["name"]["value"] == name
    for typed in (name, name.replace("\u200d", "").replace("\u200c", "")):
        found = shop.get("/api/profiles/", search=typed)["results"]
        assert [one["name"] for one in found] == [name]


def test_a_text_that_is_no_pattern_is_refused_and_never_stops_the_line(shop):
    with pytest.raises(BadRequest, match="regular expression"):
        kinds.block(connection, shop.workspace.pk, "phone", "((")
    run(
        connection,
        "insert into profiles_blocked (workspace_id, kind, pattern) values (%(workspace)s, '', '((')",
        workspace=shop.workspace.pk,
    )
    kinds.block(connection, shop.workspace.pk, "user_id", "qa-.*")
    shop.sends(track("Seen", "u1", later()), track("Seen", "qa-7", later()))
    assert shop.profile("user_id:u1")["summary"]["events"] == 1
    assert [reject["reason"] for reject in shop.get("/api/rejects/")["results"]] == ["no_identity"]
