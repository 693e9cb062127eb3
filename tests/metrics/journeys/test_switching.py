"""Steps from channel to channel by DuckDB are those counted person by person; what a visit is."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import settings as chance
from hypothesis import strategies as st

from metrics.journeys import switching
from metrics.visits import beginnings, visits
from tests.metrics.journeys.chance import happened, periods
from tests.reference import journeys_switching as judge
from tests.reference.journeys import CHANNELS, Happened, Order, Touch, asked, mirror, naive

NEAR = Fraction(1, 1_000_000)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@given(world=happened(), period=periods(), on=st.sampled_from(switching.ON))
@chance(max_examples=60)
def test_cells_and_their_people_are_those_of_the_reference(
    world: Happened, period: tuple[date, date], on: str
) -> None:
    ask = asked(world, *period)
    found = switching.switching(ask, on)
    wanted = judge.cells(world, on, period)
    ids = {slug: channel for channel, slug in CHANNELS.items()}
    assert {(cell.origin, cell.to) for cell in found.cells} == wanted.keys()
    assert found.channels == [slug for slug in CHANNELS.values() if any(slug in pair for pair in wanted)]
    for cell in found.cells:
        there = wanted[cell.origin, cell.to]
        assert (cell.customers, cell.steps) == (len(there.people), len(there.days))
        days = judge.typical(there)
        assert (cell.median_days is None) == (days is None)
        assert days is None or abs(Fraction(str(cell.median_days)) - days) <= NEAR
        people = switching.people(ask, on, cell.origin and ids[cell.origin], ids[cell.to])
        assert sorted(people) == sorted(there.people)


@given(world=happened())
@chance(max_examples=50)
def test_visits_begin_and_end_as_the_reference_says(world: Happened) -> None:
    there = mirror(world)
    found = there.rows(f"select profile, channel, began, ended from ({visits()})")
    began = there.rows(f"select profile, channel, began, tie from ({beginnings()})")
    wanted = [(who, visit) for who, mine in judge.visited(world).items() for visit in mine]
    assert sorted(found) == sorted(
        (who, visit.act.channel, naive(visit.act.at), naive(visit.ended)) for who, visit in wanted
    )
    assert sorted(began) == sorted(
        (who, visit.act.channel, naive(visit.act.at), visit.act.tie) for who, visit in wanted
    )


# ---- days made by hand -------------------------------------------------------------------------------


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def cells(world: Happened, on: str = "orders") -> list[dict[str, Any]]:
    return switching.switching(asked(world, *MARCH), on).json()["cells"]


def cell(origin: str | None, to: str, customers: int, count: int, days: str | None) -> dict[str, Any]:
    return {"from": origin, "to": to, "customers": customers, "count": count, "median_days": days}


def test_the_order_before_counts_however_long_ago_it_was() -> None:
    world = Happened(
        "Asia/Shanghai",
        [
            Order("a", 1, at(3) - timedelta(days=400), 1),
            Order("b", 2, at(3), 1),
            Order("c", 2, at(4), 1),
            Order("d", 2, at(8), 1),
            Order("e", 2, at(5), 2),
            Order("f", 2, at(6), None),
            Order("g", 1, datetime(2026, 3, 31, 16, tzinfo=UTC), 2),  # 1 April in Shanghai
        ],
        [],
    )
    assert cells(world) == [
        cell(None, "store", 1, 1, None),
        cell("web", "store", 1, 1, "400.000000"),
        cell("store", "store", 1, 2, "2.500000"),
    ]


def test_a_pause_of_thirty_minutes_ends_a_visit_and_another_channel_does_not() -> None:
    world = Happened(
        "UTC",
        [],
        [
            Touch(1, at(3, 10, 0), 1),
            Touch(2, at(3, 10, 10), 1, "store"),
            Touch(1, at(3, 10, 29), 1, "cart"),
            Touch(1, at(3, 10, 59), 1),
            Touch(3, at(3, 11, 0), 1, "marketing"),
        ],
    )
    assert cells(world, "visits") == [
        cell(None, "web", 1, 1, None),
        cell("web", "store", 1, 1, "0.006944"),
        cell("store", "web", 1, 1, "0.034028"),
    ]


def test_a_visit_belongs_to_the_period_in_which_it_began() -> None:
    world = Happened(
        "UTC",
        [],
        [
            Touch(1, datetime(2026, 2, 28, 23, 50, tzinfo=UTC), 1),
            Touch(1, at(1, 0, 5), 1),
            Touch(1, at(1, 1), 1),
        ],
    )
    assert cells(world, "visits") == [cell("web", "web", 1, 1, "0.048611")]


def test_nothing_happened() -> None:
    assert switching.switching(asked(Happened("UTC", [], []), *MARCH)).json() == {
        "channels": [],
        "cells": [],
        "as_of": None,
    }
