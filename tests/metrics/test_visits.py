"""What is a visit: touches of one person on one channel, until half an hour passes without one."""

from datetime import datetime, timedelta

import pytest

from metrics import visits
from tests.metrics.mirror_tables import InMemory

NOON = datetime(2026, 3, 2, 12)  # noqa: DTZ001 (the mirror speaks UTC)


def touch(minutes: float, **more):
    row = {"sighting": 1, "channel": 1, "touchpoint": "browse", "name": "Product Viewed", "active": True}
    return row | {"occurred_at": NOON + timedelta(minutes=minutes), "tie": 0} | more


@pytest.fixture
def mirror():
    found = InMemory()
    people = ((1, 10), (2, 10), (3, 30))
    found.put("customers", [{"sighting": s, "profile": p, "identified": False} for s, p in people])
    return found


def told(mirror, sql, **values):
    found = mirror.rows(f"select * from ({sql}) order by all", **values)
    return [(*row[:2], *(round((at - NOON).total_seconds() / 60, 2) for at in row[2:4])) for row in found]


def test_a_pause_of_half_an_hour_ends_a_visit_and_a_shorter_one_does_not(mirror):
    mirror.put("touches", [touch(0), touch(29.99), touch(59.98), touch(89.98), touch(200, touchpoint="cart")])
    assert told(mirror, visits.visits()) == [(10, 1, 0, 59.98), (10, 1, 89.98, 89.98), (10, 1, 200, 200)]


def test_what_is_no_browsing_neither_makes_a_visit_nor_goes_on_with_one(mirror):
    kinds = ("order", "payment", "marketing", "social", "logistics", "other")
    mirror.put("touches", [touch(0), touch(40, touchpoint="store")])
    mirror.put("touches", [touch(20, touchpoint=kind) for kind in kinds])
    assert told(mirror, visits.visits()) == [(10, 1, 0, 0), (10, 1, 40, 40)]


def test_one_person_on_two_devices_makes_one_visit_and_two_people_two_and_two_channels_two(mirror):
    mirror.put("touches", [touch(0), touch(10, sighting=2), touch(12, sighting=3), touch(15, channel=2)])
    assert told(mirror, visits.visits()) == [(10, 1, 0, 10), (10, 2, 15, 15), (30, 1, 12, 12)]


def test_the_campaign_of_a_visit_is_that_of_its_first_touch_even_if_it_has_none(mirror):
    mirror.put("touches", [touch(0), touch(5, campaign="spring", source="weibo")])
    mirror.put("touches", [touch(90, campaign="autumn", source="red"), touch(95, campaign="spring")])
    found = mirror.rows(f"select began, touches, campaign, source from ({visits.visits()}) order by began")
    assert [row[1:] for row in found] == [(2, None, None), (2, "autumn", "red")]
    starts = mirror.rows(f"select began, campaign, source from ({visits.beginnings()}) order by began")
    assert starts == [(row[0], row[2], row[3]) for row in found]


def test_what_began_before_the_moment_asked_for_does_not_begin_after_it(mirror):
    mirror.put("touches", [touch(-20), touch(5), touch(36)])
    read = f"occurred_at > {visits.before('$since')}"
    sql = f"select * from ({visits.beginnings(read)}) where began >= $since"
    found = mirror.rows(f"select began from ({sql})", since=NOON)
    assert found == [(NOON + timedelta(minutes=36),)]
