"""What usually comes in the hours of a silence, by the hours of the day; amounts of several currencies as one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from metrics import at_stake
from tests.shop import Shop, order

NOW = datetime(2026, 3, 20, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai
SINCE = datetime(2026, 3, 20, 12, 15, tzinfo=UTC)


@pytest.fixture
def shop(db):
    return Shop()


def daily(shop, clock: str, total: str, days: int = 7, **more):
    """An order at a time of each of the days before."""
    for back in range(1, days + 1):
        day = (NOW - timedelta(days=back)).date()
        shop.sends(
            order(f"{clock}-{back}-{total}", total, f"u{back}", at=f"{day}T{clock}Z", **more), drain=False
        )
    shop.drains()


def usual(shop, since=SINCE, now=NOW):
    channel = shop.connectors["web-shop"].channel_id
    return at_stake.usual_orders(connection, shop.workspace, {channel: since}, now).get(channel)


def test_the_missing_hours_are_worth_what_they_usually_bring(shop):
    daily(shop, "12:30:00", "400")  # three quarters of this hour miss
    daily(shop, "13:59:00", "700")
    daily(shop, "03:00:00", "9000")  # another hour
    assert usual(shop) == Decimal("400") * 3 / 4 + 700
    assert usual(shop, since=NOW - timedelta(minutes=20)) is None  # nothing comes after ten at night


def test_days_without_an_order_count_as_days(shop):
    daily(shop, "13:10:00", "700", days=2)
    assert usual(shop) == 200


def test_a_silence_of_days_misses_each_of_its_hours(shop):
    daily(shop, "13:10:00", "700", days=4)  # on the 16th to 19th: the last two of them fall into the silence
    since = datetime(2026, 3, 17, 15, tzinfo=UTC)
    assert usual(shop, since=since) == 200 * 3  # the 18th, 19th and 20th at 13:00
    assert usual(shop, since=NOW - timedelta(days=8)) is None  # nobody knows what would have come


def test_other_currencies_count_by_their_rate_and_without_one_nothing_is_said(shop):
    daily(shop, "13:10:00", "70", currency="EUR")
    assert usual(shop) is None
    shop.records({"type": "rate", "currency": "EUR", "rate": "8", "at": "2026-03-01"})
    assert usual(shop) == 560
    amounts = {"CNY": Decimal(10), "EUR": Decimal(2)}
    assert at_stake.in_own(connection, shop.workspace, amounts, NOW) == 26
    assert at_stake.in_own(connection, shop.workspace, {}, NOW) is None
