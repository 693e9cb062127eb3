"""Returns by DuckDB are those counted row by row; what a refund pays for; the sums and the rows behind them."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as chance

from metrics.service import base, return_rows, returns
from metrics.service.base import asked_rows
from tests.metrics.service.world import CHANNELS, FIRST, LAST, asked, at, worlds
from tests.reference import service as judge
from tests.reference.service import World

NEAR = Fraction(1, 10_000)
RATES = {"CNY": Decimal(1), "USD": Decimal("7.123")}
IDS = {slug: channel for channel, slug in CHANNELS.items()}


def rate_of(currency: str, _day: date | None) -> Decimal | None:
    return RATES.get(currency)


@pytest.fixture(autouse=True)
def rated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "rates", lambda *_asked: rate_of)


def found(world: World) -> returns.Returns:
    return returns.returns(None, asked(world))  # type: ignore[arg-type]  # rates are ours


@given(world=worlds())
@chance(max_examples=40, deadline=None)
def test_cells_are_those_of_the_reference_and_their_sums_the_ledgers(world: World) -> None:
    answer = found(world)
    wanted = judge.returns(world, FIRST, LAST, lambda currency, day: rate_of(currency, day))
    got = {(IDS[cell.bought], cell.returned and IDS[cell.returned]): cell for cell in answer.cells}
    assert got.keys() == wanted.keys()
    for pair, cell in got.items():
        there = wanted[pair]
        assert (cell.returns, cell.orders, cell.lines, cell.refunded) == (
            len(there["returns"]),
            len(there["orders"]),
            there["lines"],
            there["refunded"],
        )
        assert (cell.money.amount, dict(cell.money.unconverted)) == (there["amount"], there["apart"])
        assert (cell.answered, cell.satisfied) == (there["answered"], there["satisfied"])
        assert (cell.median_hours is None) == (there["hours"] is None)
        assert cell.median_hours is None or abs(Fraction(str(cell.median_hours)) - there["hours"]) <= NEAR
    total = answer.total
    received = [one for one in world.returns if one["day"] and FIRST <= one["day"] <= LAST]
    assert total.returns == len(received)
    assert total.elsewhere == sum(one["service_channel"] != one["channel"] for one in received)
    paid = [one for one in world.refunds if FIRST <= one["day"] <= LAST and one["currency"] in RATES]
    assert total.money.amount == sum((one["amount"] * RATES[one["currency"]] for one in paid), Decimal(0))


@given(world=worlds())
@chance(max_examples=40, deadline=None)
def test_the_rows_behind_a_cell_are_as_many_as_it_counts(world: World) -> None:
    answer, ask = found(world), asked(world)

    def rows(what: str, cell: returns.Cell) -> list[dict[str, Any]]:
        of = return_rows.LISTS[what]
        which = {"bought": IDS[cell.bought], "returned": cell.returned and IDS[cell.returned]}
        given = asked_rows(ask, of.statement, any_bought=False, any_returned=False, **which)
        return [dict(zip(of.columns, row, strict=True)) for row in given]

    for cell in answer.cells:
        assert len(rows("returns", cell)) == cell.returns
        paid = rows("refunds", cell)
        amount = sum(
            (one["amount"] * RATES[one["currency"]] for one in paid if one["currency"] in RATES), Decimal(0)
        )
        assert amount == cell.money.amount


@given(world=worlds())
@chance(max_examples=40, deadline=None)
def test_how_long_refunds_take_is_told_of_each_channel_that_takes_goods_back(world: World) -> None:
    for one in found(world).times:
        mine = [
            back
            for back in world.returns
            if back["service_channel"] == IDS[one.channel] and back["day"] and FIRST <= back["day"] <= LAST
        ]
        times = [judge.took(world, back) for back in mine]
        assert (one.returns, one.refunded) == (len(mine), len([time for time in times if time is not None]))
        assert one.waiting == one.returns - one.refunded
        hours = judge.median(time for time in times if time is not None)
        assert (one.median_hours is None) == (hours is None)
        assert hours is None or abs(Fraction(str(one.median_hours)) - hours) <= NEAR


# ---- by hand --------------------------------------------------------------------------------------------


def order(channel: int = 1) -> dict[str, Any]:
    return {
        "order_id": "A",
        "channel": channel,
        "occurred_at": at(-50),
        "day": date(2026, 2, 27),
        "currency": "CNY",
    }


def back(service: int, key: str, asked_at: float | None, came: float | None) -> dict[str, Any]:
    return {
        "order_id": "A",
        "channel": 1,
        "service_channel": service,
        "key": key,
        "occurred_at": at(min(one for one in (asked_at, came) if one is not None)),
        "requested_at": None if asked_at is None else at(asked_at),
        "received_at": None if came is None else at(came),
        "day": None if came is None else at(came).date(),
    }


def refund(hours: float, amount: int, key: str = "f1", kind: str = "refund") -> dict[str, Any]:
    return {
        "order_id": "A",
        "channel": 1,
        "service_channel": 1,
        "kind": kind,
        "key": key,
        "currency": "CNY",
        "occurred_at": at(hours),
        "day": at(hours).date(),
        "order_day": date(2026, 2, 27),
        "amount": Decimal(amount),
    }


def cells(backs: list[dict[str, Any]], refunds: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    answer = found(World("UTC", [order()], backs, [], refunds, [], [], []))
    return [
        (cell.bought, cell.returned, cell.returns, cell.money.amount, cell.median_hours)
        for cell in answer.cells
    ]


def test_asked_for_online_and_received_in_the_store_is_one_return_from_its_request_on() -> None:
    backs = [back(1, "r", 2, None), back(2, "r", None, 20)]
    assert cells(backs, [refund(26, 30)]) == [("web", "store", 1, 30, 24)]


def test_a_refund_pays_for_the_return_begun_last_before_it_else_for_the_first_after_it() -> None:
    backs = [back(2, "r1", None, 2), back(3, "r2", None, 10)]
    paid = [refund(1, 5), refund(9, 7, "f2"), refund(11, 11, "f3")]
    assert cells(backs, paid) == [("web", "store", 1, 12, 0), ("web", "tmall", 1, 11, 1)]


def test_money_back_for_no_goods_and_a_cancellation_stand_with_no_place() -> None:
    assert cells([], [refund(1, 5), refund(2, 7, "", "cancel")]) == [("web", None, 0, 12, None)]
    assert cells([back(2, "r", 1, None)], [refund(3, 5)]) == [("web", "store", 0, 5, None)]
