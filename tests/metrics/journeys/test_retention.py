"""Cohorts by DuckDB are those counted person by person."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as chance
from hypothesis import strategies as st

from kernel.errors import BadRequest
from metrics.journeys import retention
from metrics.journeys.retention import DIMENSIONS, INTERVALS, MEASURES, ON, Cell, Question
from tests.metrics.journeys.chance import RATES, happened, periods
from tests.reference.journeys import CHANNELS, Happened, Order, Refund, Touch, asked
from tests.reference.journeys_retention import Cohorts, Retained

NEAR = Decimal("1e-9")


@pytest.fixture(autouse=True)
def rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates as the examples have them; those of PostgreSQL are tried over HTTP."""
    world = Happened("UTC", [], [], {}, RATES)
    monkeypatch.setattr(
        retention,
        "rates",
        lambda *_: lambda currency, day: Decimal(1) if day is None else world.rate(currency, day),
    )


def same(found: list[retention.Cohort], wanted: Cohorts) -> bool:
    def near(one: Any, other: Any) -> bool:
        return one is other is None or (None not in (one, other) and abs(one - other) < NEAR)

    return [(one.start, one.size) for one in found] == [(start, size) for start, size, _ in wanted] and all(
        len(one.values) == len(values) and all(map(near, one.values, values))
        for one, (_, _, values) in zip(found, wanted, strict=True)
    )


@given(
    world=happened(),
    period=periods(),
    interval=st.sampled_from(INTERVALS),
    on=st.sampled_from(ON),
    measure=st.sampled_from(MEASURES),
    by=st.sampled_from(DIMENSIONS),
)
@chance(max_examples=60)
def test_cohorts_are_those_of_the_reference(
    world: Happened, period: tuple[date, date], interval: str, on: str, measure: str, by: str
) -> None:
    question = Question(interval, on, measure, by)
    ask = asked(world, *period)
    found = retention.retention(None, ask, question)
    judge = Retained(world, interval, on, measure, period)
    wanted_by = judge.by(by)
    if by == "channel":
        wanted_by = {CHANNELS[int(value)]: cohorts for value, cohorts in wanted_by.items() if value}
    assert found.by is not None
    assert found.by.keys() == wanted_by.keys()
    assert all(same(found.by[value], wanted_by[value]) for value in wanted_by), (found.by, wanted_by)
    wanted = judge.cohorts(judge.members())
    assert same(found.cohorts, wanted), (found.cohorts, wanted)
    assert found.unconverted == {code: amount for code, amount in judge.apart.items() if amount}


@given(world=happened(), period=periods(), interval=st.sampled_from(INTERVALS), on=st.sampled_from(ON))
@chance(max_examples=25)
def test_the_people_of_every_cell_are_those_it_counts(
    world: Happened, period: tuple[date, date], interval: str, on: str
) -> None:
    question = Question(interval, on, by="campaign")
    ask = asked(world, *period)
    found = retention.retention(None, ask, question)
    judge = Retained(world, interval, on, "customers", period)
    for cohort in found.cohorts:
        for number, count in enumerate(cohort.values):
            people = retention.people(ask, question, Cell(cohort.start, number))
            assert len(people) == count
            assert set(people) == judge.back(cohort.start, number)
    for value, cohorts in (found.by or {}).items():
        for cohort in cohorts:
            cell = Cell(cohort.start, 0, value or "")
            assert len(retention.people(ask, question, cell)) == cohort.size


# ---- a day made by hand ------------------------------------------------------------------------------


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hand_made() -> Happened:
    """Shanghai. 1 begins on 31 January by UTC, which is 1 February there; 2 and 3 begin in January."""
    return Happened(
        "Asia/Shanghai",
        [
            Order("a", 1, at("2026-01-31T16:30"), 1, Decimal(100), campaign="spring"),
            Order(
                "b",
                2,
                at("2026-03-05T10:00"),
                1,
                Decimal(50),
                refunds=(Refund(at("2026-04-02T10:00"), Decimal(20)),),
            ),
            Order("c", 2, at("2026-01-31T15:30"), 2, Decimal(40)),
            Order(
                "d",
                1,
                at("2026-01-10T10:00"),
                3,
                Decimal(10),
                refunds=(Refund(at("2026-01-12T10:00"), Decimal(10)),),
            ),
            Order("e", 1, at("2026-03-31T15:59"), 3, Decimal(30)),
            Order("f", 1, at("2026-03-01T10:00"), 3, Decimal(30)),
            Order("g", 1, at("2026-02-01T10:00"), None, Decimal(999)),
        ],
        [Touch(1, at("2026-01-15T10:00"), 1), Touch(1, at("2025-12-15T10:00"), 2, active=False)],
    )


def cohorts(
    question: Question, first: str = "2026-01-01", last: str = "2026-04-30"
) -> list[tuple[str, int, list[Any]]]:
    ask = asked(hand_made(), date.fromisoformat(first), date.fromisoformat(last))
    found = retention.retention(None, ask, question).json()["cohorts"]
    return [(one["start"], one["size"], one["values"]) for one in found]


def test_months_are_those_of_the_workspaces_zone() -> None:
    assert cohorts(Question()) == [
        ("2026-01-01", 2, [2, 0, 1, 0]),
        ("2026-02-01", 1, [1, 1, 0]),
        ("2026-03-01", 0, [0, 0]),
        ("2026-04-01", 0, [0]),
    ]


def test_orders_and_money_of_a_cohort() -> None:
    assert cohorts(Question(measure="orders"))[:2] == [
        ("2026-01-01", 2, [2, 0, 2, 0]),
        ("2026-02-01", 1, [1, 1, 0]),
    ]
    lifetime = cohorts(Question(measure="revenue"))
    assert [[value and Decimal(value) for value in values] for _, _, values in lifetime] == [
        [20, 20, 50, 50],
        [100, 150, 130],
        [None, None],
        [None],
    ]


def test_whole_intervals_are_taken_wherever_the_period_begins_and_ends() -> None:
    assert cohorts(Question(), "2026-01-31", "2026-03-01") == [
        ("2026-01-01", 2, [2, 0, 1]),
        ("2026-02-01", 1, [1, 1]),
        ("2026-03-01", 0, [0]),
    ]


def test_who_began_before_the_period_is_in_no_cohort() -> None:
    assert cohorts(Question(), "2026-03-01", "2026-03-31") == [("2026-03-01", 0, [0])]


def test_activity_is_what_the_customer_did() -> None:
    """2 only received something: a first activity is none of that."""
    assert cohorts(Question(on="activity"), last="2026-01-31") == [("2026-01-01", 1, [1])]


def test_values_beyond_the_fiftieth_are_the_other_ones() -> None:
    many = [Order(f"o{n}", 1, at("2026-01-10T10:00"), n, campaign=f"c{n % 60:02}") for n in range(1, 111)]
    ask = asked(Happened("UTC", many, []), date(2026, 1, 1), date(2026, 1, 31))
    by = retention.retention(None, ask, Question(by="campaign")).by or {}
    assert len(by) == 51
    assert by["other"][0].size == 10
    assert sum(cohorts[0].size for cohorts in by.values()) == 110


def test_a_cell_beyond_the_answer_has_nobody() -> None:
    ask = asked(hand_made(), date(2026, 1, 1), date(2026, 4, 30))
    assert retention.people(ask, Question(), Cell(date(2026, 1, 1), 4)) == []
    assert retention.people(ask, Question(), Cell(date(2025, 12, 1), 0)) == []
    with pytest.raises(BadRequest, match="first day of a month"):
        retention.people(ask, Question(), Cell(date(2026, 1, 2), 0))


def test_too_many_cohorts_are_refused() -> None:
    ask = asked(hand_made(), date(1950, 1, 1), date(2026, 1, 1))
    with pytest.raises(BadRequest, match="at most 600"):
        retention.retention(None, ask, Question("week"))
