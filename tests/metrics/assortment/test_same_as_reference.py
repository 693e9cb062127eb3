"""Parity and stock, in SQL over all goods, are those of the reference, which tells one record after the other."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as chance
from hypothesis import strategies as st

from metrics.assortment import parity, stock
from metrics.assortment.comparing import Held, suggested
from metrics.scope import Days
from tests.metrics.assortment.shelves import (
    CHANNELS,
    IDS,
    SKUS,
    about,
    moments,
    priced,
    rules,
    stocked,
    write,
)
from tests.reference.assortment import Price, Shelves, Sold

pytestmark = pytest.mark.django_db
ONE_BASE = chance(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
LAST = 45  # days after the first


@given(world=priced(), now=moments(LAST))
@ONE_BASE
def test_a_board_at_any_moment(world: Shelves, now: datetime) -> None:
    write(world)
    asked, held = about(world, now), rules(world)
    found = parity.board(connection, asked, held, parity.Ask(limit=50))
    there = {sku for sku in SKUS if world.newest(sku, now)}
    assert {one.sku for one in found.page.items} == there
    for one in found.page.items:
        wanted = world.parity(one.sku, now)
        assert one.judged.agree == wanted["agree"], one
        if wanted["agree"] is not None:
            assert Fraction(one.judged.spread) == wanted["spread"]
            assert float(one.judged.gap) == pytest.approx(float(wanted["gap"]), abs=1e-9)
        assert Fraction(one.exposure) == wanted["exposure"]
    agreeing, compared = world.rate(now)
    assert (found.totals.agreeing, found.totals.compared) == (agreeing, compared)
    assert found.totals == parity.totals(connection, asked, held)
    assert Fraction(found.totals.exposure) == sum(world.parity(sku, now)["exposure"] for sku in there)


@given(world=priced(), now=moments(LAST), back=st.integers(0, 40))
@ONE_BASE
def test_days_one_after_the_other(world: Shelves, now: datetime, back: int) -> None:
    write(world)
    asked, held = about(world, now), rules(world)
    days = Days(asked.day - timedelta(days=back), asked.day)
    found = parity.by_day(connection, asked, held, days)
    assert [one.day for one in found] == [days.first + timedelta(days=n) for n in range(back + 1)]
    for one in found:
        end = datetime.combine(one.day + timedelta(days=1), datetime.min.time(), world.zone)
        last = min(end - timedelta(microseconds=1), now)
        # a rule is asked of the day itself
        assert (one.agreeing, one.compared) == world.rate(last), one.day
    for sku in SKUS:
        for day in parity.history(connection, asked, held, sku, days).days:
            end = datetime.combine(day.day + timedelta(days=1), datetime.min.time(), world.zone)
            last = min(end - timedelta(microseconds=1), now)
            assert day.judged.agree == world.parity(sku, last)["agree"], day


@given(
    prices=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    units=st.lists(st.integers(0, 4), min_size=5, max_size=5),
    tolerance=st.sampled_from([Decimal(0), Decimal("0.2"), Decimal("0.5")]),
)
@chance(max_examples=200)
def test_the_fewest_prices_are_moved_and_the_least_money(
    prices: list[int], units: list[int], tolerance: Decimal
) -> None:
    now = datetime.fromisoformat("2026-03-20T12:00+00:00")
    names = [f"c{place}" for place in range(len(prices))]
    world = Shelves(
        tolerance=tolerance,
        zone=ZoneInfo("UTC"),
        prices=[Price(name, "a", now, Decimal(price)) for name, price in zip(names, prices, strict=True)],
        sold=[Sold(name, "a", now, n) for name, n in zip(names, units, strict=False) if n],
    )
    held = [
        Held(place, Decimal(price), "CNY", None, None, now, Decimal(1), False)
        for place, price in enumerate(prices)
    ]
    sold = {place: Decimal(n) for place, n in enumerate(units)}
    found, wanted = suggested(held, sold, tolerance), world.cheapest("a", now)
    assert (found is None) == (wanted is None)
    if found and wanted:
        assert len(found.moves) == wanted[0]
        assert sum(abs(one.money) for one in found.moves) == wanted[1]


@given(world=stocked(), now=moments(LAST))
@ONE_BASE
def test_stock_at_any_moment(world: Shelves, now: datetime) -> None:
    write(world)
    asked = about(world, now)
    found = {(CHANNELS[one.channel], one.sku): one for one in stock.items(connection, asked)}
    for channel in IDS:
        for sku in SKUS:
            wanted, one = world.stock(channel, sku, now), found.get((channel, sku))
            assert (wanted is None) == (one is None)
            if wanted is None or one is None:
                continue
            said = (one.level, one.days, one.days_out, one.stock_outs, one.units)
            names = ("level", "days", "days_out", "stock_outs", "units")
            assert said == tuple(wanted[name] for name in names), (channel, sku)
            for name, value in (
                ("daily", one.daily),
                ("cover", one.cover),
                ("turnover", one.turnover),
                ("lost", one.lost),
            ):
                assert value == pytest.approx(None if wanted[name] is None else Decimal(
                    wanted[name].numerator) / wanted[name].denominator), name  # fmt: skip
            if wanted["wide"] is None:
                assert one.lost_range is None
            else:
                low, high = one.lost_range
                assert float(high - one.lost) == pytest.approx(wanted["wide"], abs=1e-9)
                assert low == pytest.approx(max(one.lost - (high - one.lost), Decimal(0)))


@given(world=stocked(), now=moments(LAST))
@ONE_BASE
def test_orders_of_what_was_not_there(world: Shelves, now: datetime) -> None:
    write(world)
    page = stock.oversold(connection, about(world, now), None, 100)
    assert sorted((one.order_id, one.sku, int(one.level)) for one in page.items) == world.oversold(now)
