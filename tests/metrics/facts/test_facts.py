"""What single facts and records come to in the tables and roll-ups."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.db import connection

from kernel.db import rows
from metrics import purchases
from metrics.facts import orders
from metrics.facts.base import EXACT
from tests.metrics.facts.booking import books, rollup, total
from tests.metrics.facts.builders import (
    PLACE,
    STORE,
    WEB,
    WORKSPACE,
    distinct,
    hours,
    line,
    record,
    says,
)

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)


def test_the_order_keeps_its_channel_and_the_return_the_place_it_came_back():
    books(
        [says("order_completed", total=100, lines=(line("chair", 2, cost=30),), sighting=7)],
        [says("return_received", at=30, channel=STORE, lines=(line("chair"),), sighting=8)],
    )
    day, later = MARCH, MARCH + timedelta(days=1)
    assert rollup() == {
        ("gmv", WEB, day, day, "CNY"): 100,
        ("orders", WEB, day, day, "CNY"): 1,
        ("cogs", WEB, day, day, "CNY"): 60,
        ("cogs_returned", WEB, later, day, "CNY"): 30,
        ("returns", WEB, later, later, ""): 1,
        ("returns_elsewhere", WEB, later, later, ""): 1,
    }


def test_what_comes_to_nothing_leaves_no_rollup():
    books([says("order_updated", total=0)], [says("order_completed", channel=STORE, at=1, total=0)])
    assert set(rollup()) == {("orders", STORE, MARCH, MARCH, "CNY")}


def test_a_cost_record_that_comes_late_costs_the_lines_it_is_valid_for():
    sold = says("order_completed", at=5, total=100, lines=(line("chair", 2), line("lamp", 1, cost=9)))
    books([sold])
    assert (total("missing_cost"), total("cogs")) == (1, 9)
    books([record("cost", at=1, sku="chair", unit_cost="30.125", currency="USD")])
    assert (total("missing_cost"), total("cogs")) == (0, Decimal("69.25"))
    books([record("cost", at=0, channel=WEB, sku="chair", unit_cost="7", currency="CNY")])
    assert rollup("cogs") == {("cogs", WEB, MARCH, MARCH, "CNY"): 23}
    books([record("cost", at=6, sku="chair", unit_cost="1", currency="CNY")])
    assert total("cogs") == 23


@pytest.mark.parametrize("turn", [1, -1])
def test_several_costs_of_one_sku_may_come_at_once_and_late(turn: int):
    books(
        [says("order_completed", at=5, total=100, lines=(line("chair", 2),))],
        [record("stock", at=0, channel=WEB, sku="chair", quantity=10)],
    )
    costs = [
        record("cost", at=1, sku="chair", unit_cost=3, currency="CNY"),
        record("cost", at=30, sku="chair", unit_cost=4, currency="CNY"),
    ]
    books(costs[::turn])
    next_day = MARCH + timedelta(days=1)
    assert rollup("cogs", "missing_cost") == {("cogs", WEB, MARCH, MARCH, "CNY"): 6}
    assert rollup("stock_value") == {
        ("stock_value", WEB, MARCH, MARCH, "CNY"): 30,
        ("stock_value", WEB, next_day, MARCH, "CNY"): -30,
        ("stock_value", WEB, next_day, next_day, "CNY"): 40,
    }


def test_sums_stay_exact_however_many_decimals_a_cost_has():
    third = Decimal("0." + "3" * 60)
    sold = [
        says("order_completed", f"N{n}", total=1, lines=(line("chair", 10**n, cost=third),)) for n in range(4)
    ]
    books([sold[0]], [sold[3]], sold[1:3])
    books([says("return_received", f"N{n}", at=1) for n in range(4)])
    exact = Decimal(int("3" * 60) * 1111).scaleb(-60, EXACT)
    assert list(rollup("cogs", "cogs_returned").values()) == [exact, exact]


def test_a_moment_on_the_calendars_last_day_stops_nobody():
    end = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    books([msgspec.structs.replace(record("rate", currency="EUR", rate=8), at=end)])
    assert rows(connection, "select day from metrics_rate") == [(end.date(),)]


def test_of_two_records_with_one_key_the_later_received_wins():
    late = record("price", at=1, channel=WEB, received=9, sku="chair", price=20, currency="CNY")
    early = record("price", at=1, channel=WEB, received=3, sku="chair", price=10, currency="CNY")
    books([late], [early])
    assert [row[0] for row in rows(connection, "select price from metrics_price")] == [20]
    books([record("price", at=1, channel=WEB, received=10, sku="chair", price=15, currency="CNY")])
    assert [row[0] for row in rows(connection, "select price from metrics_price")] == [15]


def test_spend_is_spread_in_minor_units_the_remainder_on_the_first_days():
    days = {"from": MARCH, "to": MARCH + timedelta(days=2)}
    books([record("spend", at=30, channel=WEB, amount="10.00", currency="CNY", campaign="spring", **days)])
    assert [(k[2], k[3], v) for k, v in sorted(rollup("spend_acquisition").items())] == [
        (MARCH, MARCH + timedelta(days=1), Decimal("3.34")),
        (MARCH + timedelta(days=1), MARCH + timedelta(days=1), Decimal("3.33")),
        (MARCH + timedelta(days=2), MARCH + timedelta(days=1), Decimal("3.33")),
    ]
    again = record(
        "spend", at=30, channel=WEB, received=1, amount="4.00", currency="CNY", campaign="spring", **days
    )
    books([again])
    assert total("spend_acquisition") == 4


def test_an_answer_is_told_by_its_latest_words_and_belongs_to_its_earliest_person():
    later = says("feedback_given", None, at=5, key="F1", score=5, sighting=2)
    (first,) = books([later])
    earlier = says("feedback_given", None, at=1, key="F1", score=1, about="price", sighting=1)
    assert orders.lock(connection, WORKSPACE, [earlier], []) == {2}
    (second,) = books([earlier])
    assert [(a.sighting, a.satisfied) for a in first.answers_after] == [(2, True)]
    assert [(a.sighting, a.satisfied) for a in second.answers_before] == [(2, True)]
    assert [(a.sighting, a.satisfied, a.at) for a in second.answers_after] == [(1, True, hours(1))]
    assert second.sightings == {1, 2}


@pytest.mark.parametrize(
    ("score", "scale", "satisfied"), [(4, 5, True), (3.99, 5, False), (8, 10, True), (0, 10, False)]
)
def test_satisfied_is_from_four_fifths_of_the_scale_on(score: float, scale: int, satisfied: bool):
    (booked,) = books([says("feedback_given", None, score=score, scale=scale)])
    assert [answer.satisfied for answer in booked.answers_after] == [satisfied]


def test_tickets_and_membership_are_kept():
    books(
        [says("ticket_resolved", None, at=8, key="T1", sighting=1)],
        [says("ticket_opened", "A1", at=2, key="T1", topic="late parcel", sighting=1)],
        [says("membership_joined", None, at=3, tier="silver", sighting=1)],
    )
    found = rows(connection, "select opened_at, resolved_at, topic, order_id from metrics_ticket")
    assert found == [(hours(2), hours(8), "late parcel", "A1")]
    assert rows(connection, "select kind, tier, day from metrics_membership") == [("joined", "silver", MARCH)]


@pytest.mark.parametrize(
    ("told", "reopened", "closed"),
    [
        ("O1 R5", 0, 5),
        ("O1 O3 R5", 0, 5),
        ("O1 R5 O6", 1, None),
        ("R5 O1 O6 R9", 1, 9),
        ("O1 R5 O6 R7 O8 R9", 2, 9),
        ("O1 R5 R6", 0, 6),
        ("O5 R5", 0, 5),
        ("R5", 0, 5),
        ("O1", 0, None),
    ],
)
def test_a_ticket_opened_after_it_was_resolved_is_opened_again(told: str, reopened: int, closed: int | None):
    kinds = {"O": "ticket_opened", "R": "ticket_resolved"}
    for one in told.split():  # however late each comes
        books([says(kinds[one[0]], None, at=int(one[1:]), key="T1", message=f"z{one}")])
    found = rows(connection, "select reopened, closed_at, resolved_at from metrics_ticket")
    resolved = min((int(one[1:]) for one in told.split() if one[0] == "R"), default=None)
    assert found == [
        (reopened, None if closed is None else hours(closed), None if resolved is None else hours(resolved))
    ]


def test_a_customer_known_late_takes_the_order_over():
    books([says("order_completed", at=5, total=10, sighting=2)])
    assert orders.lock(connection, WORKSPACE, [says("order_completed", at=1, total=10, sighting=1)], []) == {
        2
    }
    (booked,) = books([says("order_completed", at=1, total=10, sighting=1)])
    assert [row.sighting for row in booked.orders_before] == [2]
    assert [row.sighting for row in booked.orders_after] == [1]
    assert booked.sightings == {1, 2}


def test_a_refund_changes_no_count_of_customers_but_what_they_spent():
    books([says("order_completed", total=10, sighting=1)])
    (booked,) = books([says("order_refunded", at=1, total=4)])
    assert not booked.orders_after
    assert booked.sightings == {1}
    spent = purchases.spent(connection, PLACE, {1: 100})[100]
    assert (spent.orders, spent.revenue) == (1, 6)


def test_revenue_is_converted_by_the_rate_of_the_orders_day():
    (booked, _) = books(
        [
            record("rate", at=-48, currency="EUR", rate="7.5"),
            record("rate", at=11.5, currency="EUR", rate="8"),
        ],
        [record("rate", at=12, currency="EUR", rate="9")],
    )
    assert booked.currencies == {"EUR"}
    known = purchases.rates(connection, PLACE)
    days = [known.of("EUR", MARCH + timedelta(days=n)) for n in (-3, -2, 0, 1)]
    assert days == [None, Decimal("7.5"), Decimal(8), Decimal(9)]
    books(
        [says("order_completed", "E1", total="1.25", currency="EUR", sighting=1)],
        [says("order_completed", "C1", total=3, sighting=1), says("order_refunded", "C1", total=1, at=40)],
        [says("order_completed", "U1", total=2, currency="USD", sighting=1)],
    )
    spent = purchases.spent(connection, PLACE, {1: 100})[100]
    assert (spent.orders, spent.revenue, spent.unconverted) == (3, 12, '{"USD": "2.00"}')


def test_every_message_of_a_day_may_be_a_fact_at_once():
    """A batch is a bounded number of statements, whatever its size."""
    told = distinct(
        [says("order_completed", f"N{n}", at=n % 20, total=n, sighting=n % 50) for n in range(500)]
    )
    with connection.execute_wrapper(count := Counter()):
        books(told)
    assert count.statements < 40


class Counter:
    """How many statements were run."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Any, *given: Any) -> Any:
        self.statements += 1
        return execute(*given)
