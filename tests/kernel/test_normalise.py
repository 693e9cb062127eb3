"""Times: many forms in, one form out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import normalise

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
        1_795_521_600_000_000,
        "1795521600000000",
        1_795_521_600_000_000_000,
        "1795521600000000000",
        1.7955216e18,
        "20261124120000",
        "20261124120000.000",
        "20261124120000000",
        "20261124120000 UTC",
        "20261124120000Z",
        "20261124T120000Z",
        "20261124200000+0800",
        "20261124200000 +08:00",
        "2026-11-24 12:00:00 UTC",
        "2026-11-24T12:00:00.000GMT",
        "2026/11/24 12:00 utc",
        "2026-11-24 12:00:00.000000000 +0000 UTC",
        "2026-11-24 20:00:00 +08",
        "2026-11-24 12:00:00+00",
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
        "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", -1, 10**21, float("1e300"),
        True, [], {}, None, "9" * 70, "2026-13-01", "２０２６-11-24",
    ],
)  # fmt: skip
def test_what_is_no_time_or_lies_before_1970_is_none(sent):
    assert normalise.moment(sent) is None


@pytest.mark.parametrize(
    ("number", "at"),
    [
        (20_260_112, datetime(1970, 8, 23, 11, 48, 32, tzinfo=UTC)),  # a number is never a date
        (10**11 - 1, datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        (10**11, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (10**14 - 1, datetime(5138, 11, 16, 9, 46, 39, 999000, tzinfo=UTC)),
        (10**14, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (10**17 - 1, datetime(5138, 11, 16, 9, 46, 39, 999999, tzinfo=UTC)),
        (10**17, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (20_190_618_190_000, datetime(2609, 10, 25, 17, 3, 10, tzinfo=UTC)),
        ("20260112", datetime(2026, 1, 12, tzinfo=UTC)),
        ("20190618190000", datetime(2019, 6, 18, 19, tzinfo=UTC)),
        ("20190618190000123", datetime(2019, 6, 18, 19, 0, 0, 123000, tzinfo=UTC)),
        ("99999999999999", datetime(5138, 11, 16, 9, 46, 39, 999000, tzinfo=UTC)),  # no date has such parts
        ("1795521600.25", NOON + timedelta(seconds=0.25)),
    ],
)
def test_what_a_number_counts_is_told_by_its_size(number, at):
    assert normalise.moment(number) == at


@pytest.mark.parametrize("sent", ["20261124200000", "20261124200000.5", "2026/11/24 20:00", "20261124"])
def test_digits_without_an_offset_are_read_in_the_zone_of_their_door(sent):
    shanghai = ZoneInfo("Asia/Shanghai")
    assert normalise.moment(sent, shanghai) == normalise.moment(sent) - timedelta(hours=8)
    assert normalise.moment(f"{sent} UTC", shanghai) == normalise.moment(sent)


@pytest.mark.parametrize(
    ("sent", "far"),
    [
        ("10013-01-01T00:00:00Z", True), ("+010013-01-01T00:00:00.000Z", True), ("12026/1/6 10:30", True),
        ("9999-12-31T23:59:59-14:00", True), ("99991231235959-0100", True), (10**21, True), (1e300, True),
        ("9" * 30, True), ("10013-13-01", False), ("010-01-01", False), ("soon", False), ("99999999", False),
        ("0001-01-01T00:00:00+14:00", False), ("9999-12-32", False), (True, False), (None, False), ({}, False),
        (-(10**21), False), (float("nan"), False),
    ],
)  # fmt: skip
def test_a_time_after_the_calendars_end_is_one(sent, far):
    assert normalise.moment(sent) is None
    assert normalise.beyond(sent) is far


# From 1974 on: what counts milliseconds before lies among the seconds of later times.
MOMENTS = st.integers(126_230_400_000_000, 32_503_593_600_000_000).map(
    lambda microseconds: normalise.EPOCH + timedelta(microseconds=microseconds)
)
SPELLINGS = (
    lambda at: at.isoformat(),
    lambda at: at.isoformat().replace("+00:00", "Z"),
    lambda at: f"{at:%Y-%m-%d %H:%M:%S.%f} UTC",
    lambda at: f"{at:%Y/%m/%d %H:%M:%S.%f}Z",
    lambda at: f"{at:%Y%m%d%H%M%S.%f}",
    lambda at: f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y%m%d%H%M%S.%f%z}",
    lambda at: f"  {at:%Y.%m.%d %H:%M:%S,%f} gmt ",
    lambda at: (at - normalise.EPOCH) // timedelta(microseconds=1),
    lambda at: (at - normalise.EPOCH) // timedelta(microseconds=1) * 1000,
    lambda at: str((at - normalise.EPOCH) // timedelta(microseconds=1) * 1000),
    lambda at: Decimal((at - normalise.EPOCH) // timedelta(microseconds=1)) / 1_000_000,
)


@given(MOMENTS, st.sampled_from(SPELLINGS))
def test_a_time_comes_back_from_every_spelling(at, spelled):
    assert normalise.moment(spelled(at)) == at


@given(
    st.text(max_size=70)
    | st.integers()
    | st.floats()
    | st.from_regex(r"[0-9:/.\-TZ +]{1,40}", fullmatch=True)
)
def test_no_value_breaks_the_reading_of_times(value):
    found = normalise.moment(value)
    assert found is None or (found >= normalise.EPOCH and found.tzinfo is UTC)
    assert normalise.beyond(value) in (True, False)


def test_the_year_1970_counts():
    assert normalise.moment(0) == normalise.EPOCH
    assert normalise.moment("1970-01-01T00:00:00Z") == normalise.EPOCH
