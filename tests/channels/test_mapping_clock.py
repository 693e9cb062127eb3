"""When a message happened, whatever the sender's clock says."""

from datetime import UTC, datetime, timedelta

import pytest

from channels import sender
from tests.channels.understanding import NOON, bad, clean, seen

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def iso(offset: timedelta) -> str:
    return (NOON + offset).isoformat()


@pytest.mark.parametrize(
    ("said", "at", "marks"),
    [
        ({}, NOON, ()),
        ({"sentAt": iso(-HOUR)}, NOON, ()),
        ({"timestamp": iso(-HOUR)}, NOON - HOUR, ()),
        ({"originalTimestamp": iso(-HOUR)}, NOON - HOUR, ()),
        ({"timestamp": iso(-HOUR), "sentAt": iso(-29 * SECOND)}, NOON - HOUR, ()),
        (
            {"timestamp": iso(-HOUR), "sentAt": iso(-30 * SECOND)},
            NOON - HOUR + 30 * SECOND,
            ("clock_corrected",),
        ),
        ({"timestamp": iso(HOUR), "sentAt": iso(2 * HOUR)}, NOON - HOUR, ("clock_corrected",)),
        ({"originalTimestamp": iso(-3 * HOUR), "sentAt": iso(-2 * HOUR)}, NOON - HOUR, ("clock_corrected",)),
        ({"timestamp": iso(400 * DAY), "sentAt": iso(400 * DAY + HOUR)}, NOON - HOUR, ("clock_corrected",)),
        ({"timestamp": iso(-2 * DAY), "sentAt": iso(-DAY)}, NOON - DAY, ("clock_corrected",)),
        ({"timestamp": iso(-2 * DAY), "sentAt": iso(-DAY - SECOND)}, NOON - 2 * DAY, ("clock_suspect",)),
        ({"timestamp": iso(-HOUR), "sentAt": "soon"}, NOON - HOUR, ()),
        ({"timestamp": iso(-HOUR), "sentAt": ""}, NOON - HOUR, ()),
        (
            {"timestamp": iso(-5 * HOUR), "originalTimestamp": iso(-HOUR), "sentAt": iso(-HOUR)},
            NOON - 5 * HOUR,
            (),
        ),
        ({"timestamp": " ", "originalTimestamp": iso(-HOUR)}, NOON - HOUR, ()),
        ({"timestamp": iso(DAY)}, NOON + DAY, ()),
        ({"timestamp": iso(DAY + SECOND)}, NOON, ("future_time",)),
        ({"timestamp": iso(3 * DAY), "sentAt": iso(-3 * DAY)}, NOON, ("clock_suspect", "future_time")),
        ({"timestamp": "9999-12-31T23:59:59Z", "sentAt": iso(-HOUR)}, NOON, ("clock_suspect", "future_time")),
        ({"timestamp": 1_795_521_600_000_000 - 3_600_000_000}, NOON - HOUR, ()),
        ({"timestamp": (1_795_521_600 - 3_600) * 10**9}, NOON - HOUR, ()),
        (
            {"timestamp": 10**18, "sentAt": 10**18},
            datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC),
            ("clock_suspect",),
        ),
        ({"timestamp": "10013-01-01T00:00:00Z"}, NOON, ("future_time",)),
        (
            {"timestamp": "+010013-01-01T00:00:00.000Z", "sentAt": "+010013-01-01T00:00:00Z"},
            NOON,
            ("future_time",),
        ),
        ({"originalTimestamp": "9999-12-31T23:59:59-14:00"}, NOON, ("future_time",)),
        ({"timestamp": 20_190_618_190_000}, NOON, ("future_time",)),
        ({"timestamp": "20190618190000"}, datetime(2019, 6, 18, 19, tzinfo=UTC), ()),
        ({"timestamp": "2026-11-24 11:00:00 UTC"}, NOON - HOUR, ()),
        ({"timestamp": iso(-HOUR), "sentAt": "3000-01-01T00:00:00Z"}, NOON - HOUR, ("clock_suspect",)),
        ({"timestamp": iso(-HOUR), "sentAt": "13000-01-01T00:00:00Z"}, NOON - HOUR, ()),
        ({"timestamp": iso(-HOUR), "sentAt": 10**30}, NOON - HOUR, ()),
        ({"timestamp": iso(-HOUR), "sentAt": {"at": 1}}, NOON - HOUR, ()),
        (
            {"timestamp": "3000-01-01T00:00:00Z", "sentAt": "3000-01-01T01:00:00Z"},
            NOON - HOUR,
            ("clock_corrected",),
        ),
        ({"timestamp": "9" * 30}, NOON, ("future_time",)),
        ({"timestamp": "1987-01-02T03:04:05Z", "sentAt": iso(0 * DAY)}, None, ()),
    ],
)
def test_the_clock(said, at, marks):
    message = clean(seen(**said))
    assert message.marks == marks
    assert message.occurred_at.isoformat() == (at.isoformat() if at else "1987-01-02T03:04:05+00:00")


def test_the_sentat_of_the_batch_stands_for_items_without_one_and_its_timestamp_for_nothing():
    late = {"timestamp": iso(-3 * HOUR)}
    assert clean(seen(**late), sentAt=iso(-2 * HOUR), timestamp=iso(-9 * DAY)).occurred_at == NOON - HOUR
    assert clean(seen(**late, sentAt=iso(0 * DAY)), sentAt=iso(-2 * HOUR)).occurred_at == NOON - 3 * HOUR
    assert clean(seen(), timestamp=iso(-9 * DAY)).occurred_at == NOON


def test_a_correction_may_not_lead_before_1970():
    early = clean(seen(timestamp="1970-01-01T00:00:10Z", sentAt=iso(HOUR)))
    assert (early.occurred_at, early.marks) == (
        datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC),
        ("clock_suspect",),
    )


@pytest.mark.parametrize("field", ["timestamp", "originalTimestamp"])
@pytest.mark.parametrize(
    "sent", ["yesterday", "1969-12-31T23:59:59Z", -1, [], "2026-13-01", "0001-01-01", "-001-01-01", True]
)
def test_what_cannot_be_read_or_lies_before_1970_is_bad_time(field, sent):
    assert (bad(seen(**{field: sent})).reason, bad(seen(**{field: sent})).field) == ("bad_time", field)


AGAIN, KOTLIN = '{"retries":1}', '{"agent":"analytics-kotlin/1.16.3"}'
LATE = {"timestamp": iso(-3 * HOUR), "sentAt": iso(-2 * HOUR)}
FEW = {"timestamp": iso(-3 * HOUR), "sentAt": iso(-10 * MINUTE)}
NOT_SO_FEW = {"timestamp": iso(-3 * HOUR), "sentAt": iso(-10 * MINUTE - SECOND)}
SWIFT = {"context": {"library": {"name": "analytics-swift", "version": "1.7"}}}
OTHER = {"context": {"library": {"name": "analytics.js"}}}


@pytest.mark.parametrize(
    ("said", "sender", "at", "marks"),
    [
        (LATE, None, NOON - HOUR, ("clock_corrected",)),
        (LATE | OTHER, '{"agent":"Mozilla/5.0 (compatible)"}', NOON - HOUR, ("clock_corrected",)),
        (LATE, AGAIN, NOON - 3 * HOUR, ("clock_suspect",)),
        (LATE | {"sentAt": iso(-SECOND)}, AGAIN, NOON - 3 * HOUR, ("clock_suspect",)),
        (LATE | {"sentAt": iso(HOUR)}, AGAIN, NOON - 3 * HOUR, ("clock_suspect",)),
        (LATE | {"originalTimestamp": iso(-4 * HOUR)}, AGAIN, NOON - 3 * HOUR, ()),
        ({"timestamp": iso(-3 * HOUR)}, AGAIN, NOON - 3 * HOUR, ()),
        ({}, AGAIN, NOON, ()),
        (LATE, KOTLIN, NOON - 3 * HOUR, ("clock_suspect",)),
        (FEW, KOTLIN, NOON - 3 * HOUR + 10 * MINUTE, ("clock_corrected",)),
        (NOT_SO_FEW, KOTLIN, NOON - 3 * HOUR, ("clock_suspect",)),
        (NOT_SO_FEW, '{"agent":"analytics-ios"}', NOON - 3 * HOUR, ("clock_suspect",)),
        (NOT_SO_FEW, None, NOON - 3 * HOUR + 10 * MINUTE + SECOND, ("clock_corrected",)),
        (NOT_SO_FEW | SWIFT, None, NOON - 3 * HOUR, ("clock_suspect",)),
        (FEW | SWIFT, None, NOON - 3 * HOUR + 10 * MINUTE, ("clock_corrected",)),
        (LATE | {"context": {"library": "analytics-kotlin"}}, None, NOON - HOUR, ("clock_corrected",)),
        (LATE, "no json", NOON - HOUR, ("clock_corrected",)),
    ],
)
def test_a_body_that_is_sent_as_it_was_written_has_no_clock_to_correct_by(said, sender, at, marks):
    message = clean(seen(**said), sender=sender)
    assert (message.occurred_at, message.marks) == (at, marks)


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({}, None),
        ({"user-agent": "analytics-python/2.4.0", "x-retry-count": "0"}, None),
        ({"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"}, None),
        ({"x-retry-count": "1"}, '{"retries":1}'),
        ({"x-retry-count": " 12 "}, '{"retries":12}'),
        ({"x-retry-count": "9" * 19}, '{"retries":1000000}'),
        ({"x-retry-count": "-1"}, None),
        ({"x-retry-count": "often"}, None),
        ({"x-retry-count": "9" * 5000}, None),
        ({"user-agent": "analytics-kotlin/1.16.3"}, KOTLIN),
        (
            {"user-agent": "Analytics-Swift/1.7.0", "x-retry-count": "2"},
            '{"retries":2,"agent":"Analytics-Swift/1.7.0"}',
        ),
        ({"user-agent": "python-requests/2.31 analytics-ios"}, None),
        ({"user-agent": 'Mozilla/5.0 "bot"\x00'}, '{"agent":"Mozilla/5.0 \\"bot\\"\\u0000"}'),
    ],
)
def test_few_headers_are_kept(headers, kept):
    assert sender.told(headers) == kept


def test_what_is_kept_of_headers_is_read_again():
    kept = sender.told({"x-retry-count": "3", "user-agent": "analytics-kotlin/1.16.3"})
    assert sender.read(kept) == sender.Sender(3, "analytics-kotlin/1.16.3")
    assert sender.read(None) == sender.NOBODY


def test_times_without_an_offset_are_utc_on_v1_and_the_channels_elsewhere():
    local = seen(timestamp="2026-11-24 10:00:00")
    assert clean(local).occurred_at == NOON - 2 * HOUR
    assert clean(local, door="webhook").occurred_at == NOON - 10 * HOUR
