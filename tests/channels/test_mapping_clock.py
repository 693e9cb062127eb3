"""When a message happened, whatever the sender's clock says."""

from datetime import timedelta

import pytest

from tests.channels.understanding import NOON, bad, clean, seen

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


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
        ({"timestamp": 1_700_000_000_000_000}, NOON, ("future_time",)),
        ({"timestamp": 10**18, "sentAt": 10**18}, NOON, ("future_time",)),
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
    early = {"timestamp": "1970-01-01T00:00:10Z", "sentAt": iso(HOUR)}
    assert bad(seen(**early)).reason == "bad_time"


def test_times_without_an_offset_are_utc_on_v1_and_the_channels_elsewhere():
    local = seen(timestamp="2026-11-24 10:00:00")
    assert clean(local).occurred_at == NOON - 2 * HOUR
    assert clean(local, door="webhook").occurred_at == NOON - 10 * HOUR
