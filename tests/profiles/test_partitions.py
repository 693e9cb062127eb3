"""The event table always has a partition for what may come."""

from datetime import date

import pytest
from django.db import connection

from kernel.db import rows
from profiles import partitions

pytestmark = pytest.mark.django_db


def there() -> set[str]:
    sql = "select inhrelid::regclass::text from pg_inherits where inhparent = 'profiles_event'::regclass"
    return {name for (name,) in rows(connection, sql)}


def test_years_long_ago_and_months_since_are_there():
    found = there()
    assert {"profiles_event_old", "profiles_event_2015", "profiles_event_2020"} <= found


def test_months_are_made_ahead_across_the_turn_of_a_year_and_only_once():
    ahead = date(2041, 11, 5)
    made = partitions.ensure(connection, ahead)
    assert "profiles_event_2042_02" in made
    assert "profiles_event_2042_03" not in made
    assert partitions.ensure(connection, ahead) == []


def test_a_year_in_months_never_becomes_a_partition_of_its_own():
    partitions.ensure(connection, date(2041, 1, 31))
    partitions.ensure(connection, date(2045, 1, 31))
    found = there()
    assert "profiles_event_2040_05" in found
    assert "profiles_event_2040" not in found


def test_no_statistics_are_kept_of_what_was_sent():
    partitions.ensure(connection, date(2041, 1, 31))
    sql = """select count(*) from pg_attribute where attname = 'data' and attstattarget <> 0 and attrelid in
             (select inhrelid from pg_inherits where inhparent = 'profiles_event'::regclass)"""
    assert (
        rows(connection, sql) == [(0,)] or rows(connection, sql)[0][0] <= 1
    )  # the oldest has none of its own


def test_what_nothing_is_looked_for_by_is_counted_in_no_month():
    partitions.ensure(connection, date(2041, 1, 31))
    sql = """select count(*), count(*) filter (where attstattarget = 0) from pg_attribute
             where attname = any(%(columns)s) and attrelid in
             (select inhrelid from pg_inherits where inhparent = 'profiles_event'::regclass)"""
    ((columns, uncounted),) = rows(connection, sql, columns=[*set(partitions.UNCOUNTED) - {"data"}])
    assert columns == uncounted == 3 * len(there())
