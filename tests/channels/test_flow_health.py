"""The one judgement of channels and connectors: good, amber, red, and none, by what came, how late and how long ago."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from channels import alerts, health
from channels.queries import Flow
from kernel.db import run
from tests.shop import Shop

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def flow(received: int, rejected: int = 0, lag_ms: float | None = 5.0) -> Flow:
    return Flow(received, received - rejected, rejected, 0, 0, lag_ms if received else None, 0, None)


@pytest.mark.parametrize(
    ("day", "hour", "state", "level"),
    [
        (flow(1000), flow(50), "healthy", "good"),
        (flow(1000, 9), flow(50), "healthy", "good"),  # few, and over
        (flow(1000, 10), flow(50), "rejecting_some", "warn"),
        (flow(1000, 1), flow(50, 1), "rejecting_some", "warn"),  # going on
        (flow(1000, 400), flow(50), "rejecting_some", "warn"),  # many, and over
        (flow(1000, 400), flow(0), "rejecting", "bad"),  # nothing says that it is over
        (flow(1000, 10), flow(40, 2), "rejecting", "bad"),
        (flow(1000), flow(50, lag_ms=60_001), "slow", "warn"),
        (flow(1000), flow(50, lag_ms=600_001), "late", "bad"),
        (flow(1000, 10), flow(50, lag_ms=600_001), "late", "bad"),
    ],
)
def test_the_last_hour_says_how_it_does_and_the_day_what_was(day, hour, state, level):
    assert health.judge(day, hour) == state
    assert health.LEVELS[state] == level


@pytest.mark.parametrize(("silent", "state"), [("silent", "silent"), ("idle", "idle"), ("quiet", "quiet")])
def test_a_silence_is_said(silent, state):
    assert health.judge(flow(0), flow(0), silent=silent) == state
    worst = state if silent == "silent" else "rejecting"
    assert health.judge(flow(10, 5), flow(0), silent=silent) == worst


@pytest.fixture
def shop(db):
    return Shop()


def heard(shop, *moments, to="web-shop", received=1, rejected=0):
    """So many messages came through a connector in these minutes."""
    for at in moments:
        run(
            connection,
            "insert into channels_minute (workspace_id, connector_id, minute, received, stored, rejected) values"
            " (%(w)s::bigint, %(c)s::bigint, %(at)s::timestamptz, %(n)s::int, %(n)s::int - %(bad)s::int, %(bad)s::int)",
            w=shop.workspace.pk,
            c=shop.connectors[to].pk,
            at=at,
            n=received,
            bad=rejected,
        )


def state(shop, now=NOW, slug="web-shop"):
    found = health.of_channels(shop.workspace.pk, now)[shop.connectors[slug].channel_id]
    return found.state, found.level


def test_a_channel_that_was_never_heard_of_waits(shop):
    assert state(shop) == ("new", "none")


def test_silent_for_longer_than_usual_is_amber(shop):
    heard(shop, *(NOW - DAY * back - timedelta(minutes=20) for back in range(1, 6)))  # at 13:40 on five days
    heard(shop, NOW - timedelta(minutes=45))
    assert state(shop) == ("quiet", "warn")


def test_silent_as_usual_is_green(shop):
    heard(shop, *(NOW - DAY * back - timedelta(hours=3) for back in range(1, 8)))  # at 11:00 every day
    heard(shop, NOW - timedelta(minutes=45))
    assert state(shop) == ("healthy", "good")


def test_a_few_minutes_of_silence_are_nothing(shop):
    heard(shop, *(NOW - DAY * back - timedelta(minutes=10) for back in range(1, 8)))
    heard(shop, NOW - timedelta(minutes=29))
    assert state(shop) == ("healthy", "good")


def test_silent_for_a_day_is_red_where_it_sends_daily_and_amber_where_it_does_not(shop):
    heard(shop, *(NOW - timedelta(hours=30) - DAY * back for back in range(8)))
    assert state(shop) == ("silent", "bad")
    heard(shop, NOW - timedelta(hours=30), to="store")
    assert state(shop, slug="store") == ("idle", "warn")


WEEK = timedelta(days=7)
MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)  # 10:00 in the shop


def weekdays(weeks):
    """Nine in the morning to six, Mondays to Fridays, every hour, up to the last Friday at 18:00."""
    friday = MONDAY - timedelta(hours=64)  # 18:00
    return [
        friday - WEEK * week - DAY * day - timedelta(hours=hour)
        for week in range(weeks)
        for day in range(5)
        for hour in range(10)
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (MONDAY - DAY, ("healthy", "good")),  # Sunday: closed, as every Sunday
        (MONDAY - timedelta(hours=46), ("healthy", "good")),  # Saturday
        (MONDAY - timedelta(hours=2), ("healthy", "good")),  # Monday before it opens
        (MONDAY, ("silent", "bad")),  # Monday at ten: it has opened and says nothing
    ],
)
def test_a_silence_is_held_against_the_same_hours_of_the_weeks_before(shop, now, expected):
    heard(shop, *weekdays(6), to="store")
    assert state(shop, now, "store") == expected
    alarms = [
        one for one in alerts.connectors(connection, shop.workspace.pk, now) if one.name == "connector_silent"
    ]
    assert bool(alarms) == (expected[0] == "silent")


def test_of_two_weeks_the_days_decide(shop):
    """Of one week only the days before are known: five of seven on which it sent make a Saturday look odd."""
    heard(shop, *weekdays(1), to="store")
    assert state(shop, MONDAY - timedelta(hours=46), "store")[0] == "quiet"


def test_a_file_of_every_second_week_is_missed_after_the_third(shop):
    heard(shop, *(NOW - WEEK * back for back in range(2, 20, 2)), to="store")
    assert state(shop, NOW - timedelta(minutes=1), "store")[0] == "healthy"
    assert state(shop, NOW + timedelta(minutes=1), "store")[0] == "idle"


def test_a_week_with_a_holiday_does_not_unlearn_the_rhythm(shop):
    moments = [at for at in weekdays(5) if not MONDAY - WEEK * 3 <= at < MONDAY - WEEK * 2]
    heard(shop, *moments, to="store")
    assert state(shop, MONDAY, "store")[0] == "silent"


def test_a_channel_is_as_loud_as_the_loudest_of_its_connectors(shop):
    from channels import setup

    channel = shop.connectors["web-shop"].channel
    shop.connectors["second"] = setup.add_connector(channel, "Second").connector
    heard(shop, *(NOW - timedelta(hours=30) - DAY * back for back in range(8)))
    heard(shop, NOW - timedelta(minutes=5), to="second", received=200, rejected=4)
    assert state(shop) == ("rejecting_some", "warn")
    of = health.of_connectors(shop.workspace.pk, NOW)
    assert of[shop.connectors["web-shop"].pk].state == "silent"
    assert of[shop.connectors["second"].pk].state == "rejecting_some"


def test_what_is_switched_off_is_amber_whatever_it_sent(shop):
    heard(shop, NOW - timedelta(minutes=5))
    connector = shop.connectors["web-shop"]
    connector.enabled = False
    connector.save()
    assert state(shop) == ("off", "warn")


def test_counts_of_several_add_up(shop):
    heard(shop, NOW - timedelta(minutes=5), received=100, rejected=7)
    heard(shop, NOW - timedelta(hours=5), to="store", received=50)
    heard(shop, NOW - timedelta(hours=25), to="store", received=900)
    of = health.of_channels(shop.workspace.pk, NOW)
    assert health.together(of.values()) == health.Counts(150, 143, 7, 0, 0)
    assert health.together([]) == health.Counts()
