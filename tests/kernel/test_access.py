"""What a viewer may see: contact data is masked by kind, by the name of its field and by its look."""

import pytest

from kernel.web import access


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+8613812345021", "138 •••• 5021"),
        ("email", "lin.xiaowen@hemu.cn", "l•••@•••.cn"),
        ("member_no", "M-204417", "M-204417"),
        ("user_id", "lin@hemu.cn", "l•••@•••.cn"),
        ("user_id", "13812345021", "138 •••• 5021"),
        ("wechat_id", "lin-at-home", "••••"),
        ("mobile", "13812345021", "138 •••• 5021"),
    ],
)
def test_a_value_is_masked_by_its_kind_and_its_look(kind, value, shown):
    assert access.mask(kind, value) == shown


def test_json_is_masked_by_field_and_by_look_and_nothing_else_changes():
    sent = {
        "phone": "13812345021",
        "note": "call +86 138 1234 5021 or mail lin@hemu.cn",
        "address": {"street": "1 West Lake"},
        "order_id": "20261111000123",
        "total": 1299.5,
        "list": ["13812345021", 42, None, True],
        "mobile": 13812345021,
    }
    shown = access.scrub(sent)
    text = str(shown)
    for secret in ("1234", "lin@", "West Lake"):
        assert secret not in text
    assert shown["order_id"] == "20261111000123"
    assert shown["total"] == 1299.5
    assert shown["list"][1:] == [42, None, True]


def test_a_name_is_masked_where_a_number_is_glued_to_it_or_written_wide():
    assert access.scrub({"name": "Lin13812345021", "sku": "A13812345021"}) == {
        "name": "Lin138 •••• 5021",
        "sku": "A13812345021",
    }
    assert access.scrub_name("陈１３８１２３４５０２１") == "陈138 •••• 5021"
    assert access.scrub_name("ｑ.lin＠hemu.cn") == "ｑ•••@•••.cn"
    assert access.scrub_name("雪松１号 No. 5") == "雪松１号 No. 5"


@pytest.mark.parametrize(
    "text", ["2026-11-24T06:05:00.123Z", "TM-88213", "1764000000000", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"]
)
def test_times_and_numbers_of_orders_are_no_phones(text):
    assert access.scrub(text) == text


def test_a_cut_off_depth_never_shows_what_lies_below():
    deep = "13812345021"
    for _ in range(60):
        deep = {"a": deep}
    assert "1234" not in str(access.scrub(deep))
