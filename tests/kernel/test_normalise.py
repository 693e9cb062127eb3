"""Identifiers, names and times: many forms in, one form out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cdp.kernel import normalise


@pytest.mark.parametrize(
    "sent",
    [
        "13800000001",
        "+8613800000001",
        "8613800000001",
        "008613800000001",
        "86 138-0000-0001",
        " 138 0000 0001 ",
        "１３８００００００１".replace("１３８", "１３８０"),
        13800000001,
        "tel:+8613800000001",
        "(138) 0000.0001",
    ],
)
def test_every_way_to_write_a_phone_is_one_phone(sent):
    assert normalise.identifier("phone", sent, "CN") == "+8613800000001"


@pytest.mark.parametrize(
    "sent",
    [
        "138****0001",
        "138xxxx0001",
        "12345678901",
        "123",
        "11111111111",
        "13800000001-1234",
        "13800000001 ext 5",
        "",
        "王",
    ],
)
def test_what_cannot_be_a_phone_is_none(sent):
    assert normalise.identifier("phone", sent, "CN") is None


def test_a_phone_without_its_country_needs_a_region():
    assert normalise.identifier("phone", "13800000001", "") is None
    assert normalise.identifier("phone", "+44 20 7946 0958", "") == "+442079460958"
    assert normalise.region("Asia/Shanghai") == "CN"
    assert normalise.region("Etc/UTC") == ""


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Lin@Hemu.CN", "lin@hemu.cn"),
        ("  a.b+c@x-y.example ", "a.b+c@x-y.example"),
        ("用户@例子.中国", "用户@xn--fsqu00a.xn--fiqs8s"),
        ("ｌｉｎ@hemu.cn", "lin@hemu.cn"),
        ("mailto:lin@hemu.cn", "lin@hemu.cn"),
        ("lin@hemu", None),
        ("lin", None),
        ("l***@hemu.cn", None),
        ("a b@hemu.cn", None),
        ("a@b@hemu.cn", None),
        ("lin@hemu..cn", None),
        ("lin@-hemu.cn", None),
        ("x" * 65 + "@hemu.cn", None),
        ("lin@" + "é" * 80 + ".cn", None),
    ],
)
def test_emails(sent, kept):
    assert normalise.identifier("email", sent) == kept


@pytest.mark.parametrize(
    "sent",
    [
        "", "  ", "0", "-1", "000-000", "00000000-0000-0000-0000-000000000000", "null", "NULL", "undefined", "None",
        "anonymous", "Guest", "[object Object]", "NaN", "\x00", "\u200b", None, True, {}, [], "x" * 1_025, 0,
    ],
)  # fmt: skip
def test_placeholders_are_no_identifiers(sent):
    assert normalise.identifier("user_id", sent) is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" u-1 ", "u-1"),
        (42, "42"),
        (4.5, "4.5"),
        ("a\x00b", "ab"),
        ("\ufeffu-1", "u-1"),
        ("e\u0301", "é"),
        ("U-1", "U-1"),
        ("x" * 1_024, "x" * 1_024),
    ],
)
def test_ids_of_others_are_kept_as_they_are_but_for_what_cannot_be_seen(sent, kept):
    assert normalise.identifier("user_id", sent) == kept


def test_names_have_single_blanks_and_plain_letters():
    assert normalise.name("  王\u3000 芳 ") == "王 芳"
    assert normalise.name("Ａnna\u200b  Lee") == "Anna Lee"


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "sent",
    [
        "2026-11-24T12:00:00Z",
        "2026-11-24T12:00:00+00:00",
        "2026-11-24T12:00:00.000000+00:00",
        "2026-11-24T12:00:00.000000000Z",
        "2026-11-24t12:00:00z",
        "2026-11-24T20:00:00+08:00",
        "2026-11-24 20:00:00 +0800",
        "2026-11-24 12:00:00",
        "2026/11/24 12:00",
        " 2026-11-24T12:00:00Z ",
        1_795_521_600,
        1_795_521_600.0,
        1_795_521_600_000,
        "1795521600",
        "1795521600000",
    ],
)
def test_every_way_to_write_a_time_is_one_time(sent):
    assert normalise.moment(sent) == NOON


def test_milliseconds_and_microseconds_are_kept():
    assert normalise.moment("2026-11-24T12:00:00.123Z").microsecond == 123_000
    assert normalise.moment("2026-11-24T12:00:00.123456+00:00").microsecond == 123_456
    assert normalise.moment(1_795_521_600_123).microsecond == 123_000


def test_a_time_without_an_offset_is_read_in_the_zone_of_its_door():
    assert normalise.moment("2026-11-24 20:00:00", ZoneInfo("Asia/Shanghai")) == NOON
    assert normalise.moment("2026-11-24 12:00:00Z", ZoneInfo("Asia/Shanghai")) == NOON


@pytest.mark.parametrize(
    "sent",
    [
        "", "yesterday", "2026-02-30T00:00:00Z", "2026-11-24T23:59:60Z", "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", -1, 10**18, float("1e300"),
        True, [], {}, None, "9" * 70, "2026-13-01", "２０２６-11-24",
    ],
)  # fmt: skip
def test_what_is_no_time_or_lies_before_1970_is_none(sent):
    assert normalise.moment(sent) is None


def test_the_year_1970_counts():
    assert normalise.moment(0) == normalise.EPOCH
    assert normalise.moment("1970-01-01T00:00:00Z") == normalise.EPOCH
