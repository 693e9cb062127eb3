"""A question to the mirror: a process of its own answers, is bounded, and is started anew when it is lost."""

import os
import signal
from datetime import UTC, datetime

import pytest
from django.conf import settings as django_settings
from django.db import connection

from kernel.errors import TryAgain
from metrics.mirror import reading, sync
from tests.live import eventually
from tests.shop import Shop, later, order, track

pytestmark = pytest.mark.django_db
ENDLESS = "select count(*) from range(100000000) a, range(100000000) b where a.range * b.range % 7 = 3"


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.sends(track("Product Viewed", "u-1", later(hours=1)), order("o-1", "9.90", "u-1", later(hours=2)))
    sync.follow(connection)
    return shop


def test_the_views_say_whose_a_touch_is(shop: Shop):
    with reading.open_mirror(shop.workspace.pk) as mirror:
        assert mirror.as_of == later(hours=2)
        found = mirror.rows("select name, occurred_at, profile from contacts order by occurred_at")
        bought = mirror.rows("select total, profile from purchases where order_id = $order", order="o-1")
    assert [row[0] for row in found] == ["Product Viewed", "Order Completed"]
    assert found[0][1].replace(tzinfo=UTC) == later(hours=1)
    assert found[0][2] == found[1][2] == bought[0][1]


def test_an_answer_sees_one_state_whatever_follows(shop: Shop):
    with reading.open_mirror(shop.workspace.pk) as mirror:
        assert mirror.rows("select count(*) from contacts") == [(2,)]
        shop.sends(track("Product Added", "u-1", later(hours=3)))
        sync.follow(connection)
        assert mirror.rows("select count(*) from contacts") == [(2,)]
    with reading.open_mirror(shop.workspace.pk) as mirror:
        assert mirror.rows("select count(*) from contacts") == [(3,)]


def test_what_takes_too_long_is_stopped_and_the_next_is_answered(shop: Shop, settings):
    settings.MIRROR_SECONDS = 0.5
    with reading.open_mirror(shop.workspace.pk) as mirror:
        with pytest.raises(TryAgain, match="longer than 0"):
            mirror.rows(ENDLESS)
        settings.MIRROR_SECONDS = 20.0
        assert mirror.rows("select 1") == [(1,)]


def test_a_question_that_is_larger_than_its_memory_says_so(shop: Shop):
    with reading.open_mirror(shop.workspace.pk) as mirror, pytest.raises(TryAgain, match="memory"):
        mirror.rows("select list(range) from range(2000000000)")


def test_a_killed_process_is_started_anew(shop: Shop):
    with reading.open_mirror(shop.workspace.pk) as mirror:
        assert mirror.rows("select 1") == [(1,)]
        process = reading._beside()._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        eventually(lambda: process.poll() is not None)
        assert eventually(lambda: mirror.rows("select 2")) == [(2,)]


def test_files_of_another_making_are_not_read(shop: Shop):
    with connection.cursor() as cursor:
        cursor.execute("update metrics_mirror set generation = gen_random_uuid()")
    with pytest.raises(TryAgain, match="being made"), reading.open_mirror(shop.workspace.pk):
        pass
    sync.follow(connection)
    with reading.open_mirror(shop.workspace.pk) as mirror:
        assert mirror.rows("select count(*) from contacts") == [(2,)]


def test_the_files_lie_where_the_settings_say(shop: Shop):
    place = os.path.join(django_settings.MIRROR, str(shop.workspace.pk))
    assert {name.rsplit(".", 1)[1] for name in os.listdir(place)} <= {"json", "parquet"}
    assert datetime.now(UTC) > later(hours=2)
