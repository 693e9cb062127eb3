"""Facts in the database: whatever the order and the batches, the same tables, roll-ups too, to the cent."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.event import Clean, Record
from tests.metrics.facts.booking import books, dump, empty, rollup
from tests.metrics.facts.builders import (
    OWN,
    PLACE,
    STORE,
    WEB,
    message,
    messages,
    plain,
    record,
)
from tests.reference import ledger as judge

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)
many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def cut(draw: Any, found: st.SearchStrategy[list[Any]]) -> tuple[list[Any], list[list[Any]]]:
    """The same things at once, and shuffled in batches."""
    things = draw(found)
    shuffled = draw(st.permutations(things))
    cuts = sorted(draw(st.lists(st.integers(0, len(things)), max_size=5)))
    edges = [0, *cuts, len(things)]
    return things, [list(shuffled[a:b]) for a, b in pairwise(edges)]


@pytest.fixture(autouse=True)
def _clean(db: None) -> None:
    empty()


@many
@given(cut(messages(("A1", "A2", "A3"), most=25)))
def test_orders_come_out_the_same_in_any_order_and_batches(told: tuple[list[Clean], list[list[Clean]]]):
    whole, batches = told
    empty()
    books(whole)
    expected = dump()
    empty()
    books(*batches)
    assert dump() == expected


@many
@given(messages(("A1", "A2", "A3"), most=25), st.integers(1, 9))
def test_the_rollups_are_what_the_judge_adds_up(told: list[Clean], size: int):
    empty()
    books(*[told[n : n + size] for n in range(0, len(told), size)])
    numbers = {clean.meaning.order_id for clean in told}
    by_number = [[plain(one) for one in told if one.meaning.order_id == number] for number in numbers]
    assert rollup() == judge.rollup(by_number, PLACE.day, OWN)


SOMETIMES = st.sampled_from([-30, 0, 1, 5, 26, 50])
PLACES = st.sampled_from([None, WEB, STORE])


@st.composite
def some_record(draw: Any) -> Record:
    """A record about the same few SKUs; each key at most once, or the later received would depend on chance."""
    sku, at = draw(st.sampled_from(["chair", "lamp"])), draw(SOMETIMES)
    kind = draw(st.sampled_from(["cost", "cost", "stock", "stock", "spend"]))
    if kind == "cost":
        cost = draw(st.integers(0, 900).map(lambda value: Decimal(value) / 1000))
        currency = draw(st.sampled_from(["CNY", "USD"]))
        return record("cost", at, draw(PLACES), sku=sku, unit_cost=cost, currency=currency)
    where = draw(st.sampled_from([WEB, STORE]))
    if kind == "stock":
        location = draw(st.sampled_from(["", "back"]))
        return record("stock", at, where, sku=sku, quantity=draw(st.integers(-9, 50)), location=location)
    first = MARCH + timedelta(days=draw(st.integers(0, 5)))
    last = first + timedelta(days=draw(st.integers(0, 9)))
    amount = draw(st.integers(0, 10_000).map(lambda cents: Decimal(cents) / 100))
    return record("spend", at, where, amount=amount, currency="CNY", **{"from": first, "to": last})


def key(one: Any) -> Any:
    if isinstance(one, Clean):
        return one.id
    said = one.fields
    days = (said.get("from"), said.get("to"))
    return (
        one.type,
        one.channel,
        said.get("sku"),
        said.get("location"),
        days,
        one.at if one.type != "spend" else None,
    )


def mixed(most: int = 14) -> st.SearchStrategy[list[Any]]:
    parts = st.tuples(
        st.lists(message(("A1", "A2")), max_size=8), st.lists(some_record(), min_size=2, max_size=most)
    )
    return parts.map(lambda found: list({key(one): one for part in found for one in part}.values()))


@many
@given(cut(mixed()))
def test_late_costs_and_stock_change_what_they_would_have_been(told: tuple[list[Any], list[list[Any]]]):
    whole, batches = told
    empty()
    books(whole)
    expected = dump()
    empty()
    books(*batches)
    assert dump() == expected


@many
@given(mixed(20), st.integers(1, 7))
def test_the_worth_of_stock_on_any_day_is_levels_times_costs(told: list[Any], size: int):
    empty()
    books(*[told[n : n + size] for n in range(0, len(told), size)])
    records = [one for one in told if isinstance(one, Record)]
    for day in [MARCH + timedelta(days=n) for n in range(-2, 5)]:
        running: dict[Any, Decimal] = {}
        for (_, channel, at, rate_day, currency), amount in rollup("stock_value").items():
            if at <= day:
                running[channel, currency, rate_day] = (
                    running.get((channel, currency, rate_day), Decimal(0)) + amount
                )
        assert {k: v for k, v in running.items() if v} == worth(records, day)


def worth(records: list[Record], day: date) -> dict[Any, Decimal]:
    """What the stock is worth when a day ends, by the contract's words."""
    found: dict[Any, Decimal] = {}
    shelves = {
        (one.channel, one.fields["sku"], one.fields["location"]) for one in records if one.type == "stock"
    }
    for channel, sku, location in shelves:
        levels = [
            one
            for one in records
            if one.type == "stock"
            and (one.channel, one.fields["sku"], one.fields["location"]) == (channel, sku, location)
            and PLACE.day(one.at) <= day
        ]
        costs = [
            one
            for one in records
            if one.type == "cost" and one.fields["sku"] == sku and PLACE.day(one.at) <= day
        ]
        costs = [one for one in costs if one.channel == channel] or [
            one for one in costs if one.channel is None
        ]
        if levels and costs:
            level, cost = (max(some, key=lambda one: one.at) for some in (levels, costs))
            name = (channel, cost.fields["currency"], PLACE.day(cost.at))
            there = max(level.fields["quantity"], Decimal(0))  # what is owed is worth nothing
            found[name] = found.get(name, Decimal(0)) + there * cost.fields["unit_cost"]
    return {name: value for name, value in found.items() if value}
