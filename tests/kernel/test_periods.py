"""Days, weeks and months as a workspace counts them."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import periods
from kernel.errors import BadRequest

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_day_is_a_day_there():
    assert periods.day(datetime(2026, 11, 23, 16, tzinfo=UTC), SHANGHAI) == date(2026, 11, 24)
    assert periods.begins(date(2026, 11, 24), SHANGHAI) == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert periods.ends(date(2026, 11, 24), SHANGHAI) == datetime(2026, 11, 24, 16, tzinfo=UTC)


def test_a_day_of_25_hours_ends_where_the_next_begins():
    berlin = ZoneInfo("Europe/Berlin")
    long = periods.ends(date(2026, 10, 25), berlin) - periods.begins(date(2026, 10, 25), berlin)
    assert long.total_seconds() == 25 * 3600


def test_weeks_begin_on_monday_and_keep_their_calendar_start():
    found = periods.intervals(date(2026, 11, 25), date(2026, 12, 1), "week")
    assert [(one.start, one.first, one.last) for one in found] == [
        (date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 29)),
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 1)),
    ]


def test_months_have_their_own_lengths():
    starts = [one.start for one in periods.intervals(date(2026, 1, 31), date(2026, 3, 1), "month")]
    assert starts == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert periods.preceding(date(2026, 3, 1), "month") == date(2026, 2, 1)
    assert periods.preceding(date(2026, 11, 23), "week") == date(2026, 11, 16)


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.integers(0, 400), st.sampled_from(periods.INTERVALS))
def test_intervals_cover_the_period_once(first, length, interval):
    last = date.fromordinal(first.toordinal() + length)
    found = periods.intervals(first, last, interval)
    assert found[0].first == first
    assert found[-1].last == last
    assert all(one.start <= one.first <= one.last for one in found)
    assert all(a.last + periods.ONE_DAY == b.first == b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    "asked",
    [
        (date(2026, 2, 1), date(2026, 1, 1), "day"),
        (date(2026, 1, 1), date(2026, 1, 2), "hour"),
        (date(1900, 1, 1), date(2026, 1, 1), "day"),
    ],
)
def test_a_period_that_cannot_be_drawn_is_refused(asked):
    with pytest.raises(BadRequest):
        periods.intervals(*asked)


def test_the_default_period_is_the_30_days_to_the_last():
    assert periods.default(date(2026, 11, 30)) == (date(2026, 11, 1), date(2026, 11, 30))


def test_a_zone_that_is_none_counts_as_utc():
    assert periods.zone("Nowhere/Land") is UTC
    assert not periods.is_zone("Nowhere/Land")
    assert not periods.is_zone("../etc/passwd")
    assert periods.is_zone("Asia/Shanghai")


def test_quarters_begin_in_january_april_july_and_october():
    assert periods.start(date(2026, 12, 31), "quarter") == date(2026, 10, 1)
    assert periods.following(date(2026, 10, 1), "quarter") == date(2027, 1, 1)
    assert periods.preceding(date(2026, 1, 1), "quarter") == date(2025, 10, 1)
    assert periods.end(date(2026, 4, 1), "quarter") == date(2026, 6, 30)


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.sampled_from(periods.UNITS))
def test_a_unit_holds_its_days_and_the_next_begins_where_it_ends(on, unit):
    first = periods.start(on, unit)
    assert first <= on <= periods.end(first, unit)
    assert periods.start(periods.following(first, unit), unit) == periods.following(first, unit)
    assert periods.start(periods.end(first, unit), unit) == first
