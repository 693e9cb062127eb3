"""Orders by the contract's words, and against the judge on random messages."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from kernel.event import Clean, Fee
from metrics.facts.ledger import Ledger, ledger
from metrics.facts.messages import Data, Message
from metrics.facts.rows import Order, Settlement
from tests.metrics.facts.builders import OWN, PLACE, STORE, TMALL, WEB, hours, line, messages, plain, says
from tests.reference import ledger as judge

FIELDS = Data.__struct_fields__


def kept(clean: Clean) -> Message:
    meaning = clean.meaning
    data = Data(**{name: value for name, value in meaning.fields.items() if name in FIELDS})
    where = (clean.channel, meaning.order_channel, clean.sighting)
    return Message(clean.id, clean.message_id, clean.occurred_at, meaning.kind, meaning.key, *where, data)


def of(*told: Clean) -> Ledger:
    return ledger("A1", [kept(clean) for clean in told], PLACE)


def amounts(found: Ledger) -> list[Decimal]:
    return [refund.amount for refund in sorted(found.refunds, key=lambda refund: refund.occurred_at)]


def test_an_order_has_the_time_of_its_earliest_completion_and_the_values_of_its_latest_word():
    found = of(
        says("order_completed", at=5, total=100, sighting=1, coupon="SPRING"),
        says("order_completed", at=2, total=90),
        says("order_updated", at=1, sighting=9, store="S1"),
        says("order_updated", at=9, total=80),
    )
    (order,) = found.orders
    assert (order.occurred_at, order.total) == (hours(2), 80)
    assert (order.sighting_id, order.coupon, order.store) == (1, "SPRING", "S1")


def test_an_amount_and_its_currency_are_one_field():
    (order,) = of(
        says("order_completed", at=1, total=100, currency="EUR"), says("order_updated", at=2, lines=())
    ).orders
    assert order.currency == "EUR"


def test_what_says_no_currency_is_in_its_orders_and_rounded_there():
    found = of(
        says("order_completed", at=1, total=100, currency="EUR"),
        says("order_updated", at=2, total="90.005", tax="7.005"),
        says("order_refunded", at=3, total="40.004", key="R1"),
        says("payment_succeeded", at=4, amount=90, key="P1"),
    )
    (order,) = found.orders
    assert (order.currency, str(order.total), str(order.tax)) == ("EUR", "90.01", "7.01")
    assert amounts(found) == [Decimal("40.00")]
    assert found.payments[0].amount == 90
    assert not found.waiting


def test_an_update_that_says_another_currency_changes_it_amount_and_all():
    found = of(
        says("order_completed", at=1, total=100, currency="EUR"),
        says("order_updated", at=2, total=9000, currency="JPY"),
        says("order_updated", at=3, total="8000.5"),
        says("order_refunded", at=4, total="10.5"),
    )
    assert (found.orders[0].currency, found.orders[0].total) == ("JPY", 8001)
    assert amounts(found) == [11]


def test_an_order_that_nobody_gave_a_currency_is_in_its_channels():
    found = of(
        says("order_updated", channel=TMALL, total=5), says("order_refunded", at=1, channel=TMALL, total=2)
    )
    assert (found.orders[0].currency, amounts(found)) == ("EUR", [2])


def test_a_refund_that_names_lines_takes_their_worth_at_the_orders_prices():
    lines = (
        line("chair", 2, price=40),
        line("lamp", 1, price=20),
        line("chair", 1, price=30),
        line("rug", 1),
    )
    order = says("order_completed", total=500, lines=lines)

    def refund(*products: Any, **said: Any) -> Decimal:
        (row,) = of(order, says("order_refunded", at=1, lines=products, **said)).refunds
        return row.amount

    assert refund(line("chair", 1, price=1)) == 40
    assert refund(line("chair", 3), line("lamp")) == 130
    assert refund(line("chair", 4)) == 140
    assert refund(line("rug", 2, price=7)) == 14
    assert refund(line("rug", 2, price=7), currency="USD") == 0
    assert refund(line("sofa", 2)) == 0
    assert refund() == 500
    assert refund(line("chair", 1), total=15) == 15


def test_the_worth_of_lines_is_taken_until_the_total_is_used_up():
    order = says("order_completed", total=50, lines=(line("chair", 2, price=40),))
    found = of(order, says("order_refunded", at=1, lines=(line("chair", 2),)))
    assert [(row.asked, row.amount, row.excess) for row in found.refunds] == [(80, 50, 30)]


def test_what_is_paid_after_the_cancellation_is_listed_for_a_person():
    late = says("payment_succeeded", at=5, amount=100, key="P2")
    found = of(
        says("order_completed", total=100),
        says("payment_succeeded", at=1, amount=100, key="P1"),
        says("order_cancelled", at=3),
        says("payment_failed", at=4, key="P3"),
        late,
    )
    assert {key: row.reason for key, row in found.waiting.items()} == {late.id: "paid_after_cancel"}
    assert [payment.state for payment in found.payments] == ["succeeded", "failed", "succeeded"]


def test_refunds_are_taken_until_the_total_is_used_up_and_the_excess_is_marked():
    found = of(
        says("order_completed", total=100),
        says("order_refunded", at=3, total=70),
        says("order_refunded", at=1, total=60),
        says("order_refunded", at=4, total=5),
    )
    assert amounts(found) == [60, 40, 0]
    assert [refund.excess for refund in sorted(found.refunds, key=lambda r: r.occurred_at)] == [0, 30, 5]
    assert (found.orders[0].refunded, found.orders[0].state) == (100, "refunded")


def test_a_refund_without_an_amount_is_all_that_is_left():
    found = of(
        says("order_completed", total=100),
        says("order_refunded", at=1, total=30),
        says("order_refunded", at=2),
    )
    assert amounts(found) == [30, 70]


def test_a_cancellation_gives_back_the_rest_of_money_and_goods_and_stays_an_order():
    found = of(
        says("order_completed", total=100, lines=(line("chair", 3), line("lamp", 1))),
        says("order_refunded", at=1, total=30),
        says("return_received", at=2, lines=(line("chair", 2),)),
        says("order_cancelled", at=3, reason="late"),
        says("return_received", at=4, lines=(line("chair", 1),)),
    )
    assert amounts(found) == [30, 70]
    assert (found.orders[0].total, found.orders[0].state, found.orders[0].reason) == (
        100,
        "cancelled",
        "late",
    )
    back = [(row.kind, row.sku, row.quantity, row.excess) for row in found.return_lines]
    assert back == [
        ("return", "chair", 2, 0),
        ("cancel", "chair", 1, 0),
        ("cancel", "lamp", 1, 0),
        ("return", "chair", 0, 1),
    ]


def test_repeats_of_a_refund_are_one_refund_at_its_earliest_time():
    found = of(
        says("order_completed", total=100),
        says("order_refunded", at=9, key="R1", total=20),
        says("order_refunded", at=5, key="R1", total=50),
        says("order_refunded", at=6, key="R1", channel=STORE, total=10, order_channel=WEB),
    )
    assert sorted((r.occurred_at, r.amount, r.service_channel_id) for r in found.refunds) == [
        (hours(5), 20, WEB),
        (hours(6), 10, STORE),
    ]


def test_a_return_without_products_brings_all_lines_and_stands_where_it_came_back():
    found = of(
        says("order_completed", total=100, lines=(line("chair", 2), line("chair", 1), line("rug", "1.5"))),
        says("return_received", at=2, channel=STORE, lines=(line("chair", "2.5"),)),
        says("return_received", at=3, channel=STORE),
    )
    assert [(r.line, r.quantity) for r in found.return_lines] == [
        (0, 2),
        (1, Decimal("0.5")),
        (1, Decimal("0.5")),
        (2, Decimal("1.5")),
    ]
    assert {(r.channel_id, r.service_channel_id) for r in found.returns} == {(WEB, STORE)}


def test_a_product_the_order_does_not_have_is_excess():
    found = of(
        says("order_completed", total=9, lines=(line("chair"),)),
        says("return_received", at=1, lines=(line("lamp", 2),)),
    )
    assert [(row.line, row.quantity, row.excess) for row in found.return_lines] == [(-1, 0, 2)]


@pytest.mark.parametrize("kind", ["order_refunded", "order_cancelled", "return_received", "payment_failed"])
def test_what_speaks_of_no_order_waits(kind: str):
    found = of(says(kind))
    assert [row.reason for row in found.waiting.values()] == ["unknown_order"]
    assert not found.orders
    assert not found.refunds


def test_without_a_named_channel_the_own_order_comes_first_then_the_only_completed_one():
    web, store = says("order_completed", total=100), says("order_completed", channel=STORE, total=50)
    refund = says("order_refunded", at=1, channel=STORE, total=10)
    assert of(web, refund).refunds[0].channel_id == WEB
    assert of(web, store, refund).refunds[0].channel_id == STORE
    elsewhere = says("order_refunded", at=1, channel=TMALL, total=10, currency="CNY")
    assert of(web, store, elsewhere).waiting[elsewhere.id].reason == "not_unique"
    named = says("order_refunded", at=1, channel=TMALL, total=10, currency="CNY", order_channel=WEB)
    assert of(web, store, named).refunds[0].channel_id == WEB


def test_a_named_channel_without_that_order_is_waited_for():
    refund = says("order_refunded", at=1, total=10, order_channel=STORE)
    assert of(says("order_completed", total=100), refund).waiting[refund.id].reason == "unknown_order"


def test_an_update_makes_an_order_only_where_there_is_none():
    update = says("order_updated", channel=STORE, at=1, total=80)
    assert [(o.channel_id, o.total) for o in of(update).orders] == [(STORE, 80)]
    assert [(o.channel_id, o.total) for o in of(update, says("order_completed", total=100)).orders] == [
        (WEB, 80)
    ]


def test_an_order_without_a_total_waits_with_all_that_speaks_of_it():
    update, refund = says("order_updated", store="S1"), says("order_refunded", at=1, total=10)
    assert {row.reason for row in of(update, refund).waiting.values()} == {"no_total"}
    found = of(update, refund, says("order_updated", at=2, total=30))
    assert not found.waiting
    assert amounts(found) == [10]


def test_an_amount_in_another_currency_counts_nothing_and_waits():
    refund = says("order_refunded", at=1, total=10, currency="USD")
    found = of(says("order_completed", total=100), refund, says("order_refunded", at=2))
    assert found.waiting[refund.id].reason == "other_currency"
    assert amounts(found) == [100]


def test_fees_are_one_field_rounded_where_their_order_is():
    commission, freight = Fee("commission", Decimal("3.005")), Fee("freight", Decimal("2"))
    found = of(
        says("order_completed", total=100, currency="EUR", fees=(freight,)),
        says("order_updated", at=2, fees=(commission, commission)),
        says("order_updated", at=1, fees=(freight, freight), payout="90.005"),
    )
    (row,) = found.settlements
    assert (row.currency, row.fees, str(row.payout)) == ("EUR", Decimal("6.02"), "90.01")
    assert json.loads(row.fee_kinds or "") == [{"kind": "commission", "amount": "3.01"}] * 2
    assert not found.waiting


def test_fees_in_another_currency_wait_and_an_order_that_says_none_has_none():
    fees = says("order_updated", at=1, fees=(Fee("commission", Decimal(3)),), currency="USD")
    found = of(says("order_completed", total=100), fees)
    assert found.waiting[fees.id].reason == "other_currency"
    assert [(row.fees, row.fee_kinds, row.payout) for row in found.settlements] == [(None, None, None)]
    (row,) = of(says("order_completed", total=100, fees=())).settlements
    assert (row.fees, row.fee_kinds) == (0, "[]")
    assert of(says("order_completed", total=100)).settlements == []


def test_a_payment_that_once_succeeded_has_succeeded():
    found = of(
        says("order_completed", total=100),
        says("payment_failed", at=3, key="P1", reason="no funds"),
        says("payment_started", at=1, key="P1", method="card"),
        says("payment_succeeded", at=2, key="P1", amount=100),
    )
    (payment,) = found.payments
    assert (payment.state, payment.amount, payment.method) == ("succeeded", 100, "card")
    assert (payment.occurred_at, payment.succeeded_at) == (hours(1), hours(2))


def test_a_payment_of_no_order_is_one_and_waits_all_the_same():
    failed = says("payment_failed", at=1, key="P1", method="card", reason="no funds", sighting=7)
    found = of(failed, says("payment_succeeded", at=2, key="P2", amount="20.005", order_channel=STORE))
    assert {row.reason for row in found.waiting.values()} == {"unknown_order"}
    told = [(row.channel_id, row.key, row.state, row.amount, row.sighting_id) for row in found.payments]
    assert told == [(WEB, "P1", "failed", None, 7), (STORE, "P2", "succeeded", Decimal("20.01"), None)]
    (placed,) = of(failed, says("order_completed", at=3, total=20, sighting=9)).payments
    assert (placed.channel_id, placed.sighting_id) == (WEB, 9)


def test_a_shipment_knows_when_it_was_promised_sent_and_delivered():
    found = of(
        says("order_completed", total=100),
        says("order_delivered", at=50),
        says("order_shipped", at=20, carrier="SF", promised_at=hours(48)),
    )
    (shipment,) = found.shipments
    assert (shipment.shipped_at, shipment.delivered_at, shipment.promised_at) == (
        hours(20),
        hours(50),
        hours(48),
    )


def test_what_is_second_hand_holds_where_the_shop_itself_is_silent():
    """An ERP tells of a shop's order too: later, with other amounts, and its parcel under a number of its own."""
    erp = {"second_hand": True}
    shop = [
        says("order_completed", at=1, total=100, discount=5, sighting=7),
        says("order_shipped", at=2, key="S1"),
        says("order_refunded", at=9, key="R1", total=30),
    ]
    told = [
        says("order_completed", at=0, total=90, shipping=8, discount=1, sighting=8, **erp),
        says("order_updated", at=20, total=80, lines=(line("chair", cost=40),), **erp),
        says("order_shipped", at=3, key="JT-1", carrier="SF", **erp),
        says("order_refunded", at=9, key="R1", total=31, reason="late", **erp),
        says("order_refunded", at=9, key="AS-1", total=30, **erp),
    ]
    found = of(*told, *shop)
    (order,) = found.orders
    assert (order.total, order.discount, order.shipping) == (Decimal(100), Decimal(5), Decimal(8))
    assert (order.occurred_at, order.sighting_id, order.refunded) == (hours(1), 7, Decimal(30))
    assert [(one.sku, one.own_cost) for one in found.lines] == [("chair", Decimal(40))]
    assert [one.key for one in found.shipments] == ["S1"]
    assert [(one.key, one.amount, one.reason) for one in found.refunds] == [("R1", Decimal(30), "late")]
    assert not found.waiting
    alone = of(*told)
    assert (alone.orders[0].total, alone.orders[0].refunded) == (Decimal(80), Decimal(61))


def seen(found: Ledger) -> dict[str, Any]:
    """The ledger as the judge tells it."""
    waiting = {one: row.reason for one, row in found.waiting.items()}
    ordered = {order.channel_id for order in found.orders}
    return {
        "orders": {order.channel_id: of_order(found, order) for order in found.orders},
        "waiting": waiting,
        "vain": {
            (row.channel_id, row.service_channel_id, row.key): (row.state, row.amount)
            for row in found.payments
            if row.channel_id not in ordered
        },
    }


def of_order(found: Ledger, order: Order) -> dict[str, Any]:
    def mine(rows: list[Any]) -> list[Any]:
        return [row for row in rows if row.channel_id == order.channel_id]

    received = {(r.service_channel_id, r.key): r.received_at for r in mine(found.returns) if r.received_at}
    returned: dict[Any, dict[str, Decimal]] = {name: {} for name in received}
    if order.cancelled_at:
        returned["cancel"] = {}
    for row in mine(found.return_lines):
        if row.quantity:
            returned[name_of(row)][row.sku] = row.quantity
    return {
        "at": order.occurred_at,
        "sighting": order.sighting_id,
        "currency": order.currency,
        "total": order.total,
        "refunded": order.refunded,
        "cancelled": order.cancelled_at,
        "lines": [(row.sku, row.quantity, row.own_cost, row.price) for row in mine(found.lines)],
        "refunds": {name_of(row): (row.occurred_at, row.amount, row.excess) for row in mine(found.refunds)},
        "returned": returned,
        "received": received,
        "payments": {(r.service_channel_id, r.key): (r.state, r.amount) for r in mine(found.payments)},
        **settled(mine(found.settlements)),
    }


def settled(rows: list[Settlement]) -> dict[str, Decimal | None]:
    return {name: getattr(rows[0], name) if rows else None for name in ("payout", "fees")}


def name_of(row: Any) -> Any:
    return "cancel" if row.kind == "cancel" else (row.service_channel_id, row.key)


@settings(max_examples=400, deadline=None)
@given(messages())
def test_the_ledger_of_random_messages_is_what_the_judge_says(told: list[Clean]):
    assert seen(of(*told)) == judge.ledger([plain(clean) for clean in told], OWN)


@settings(max_examples=200, deadline=None)
@given(messages())
def test_no_order_ever_gives_back_more_than_it_took(told: list[Clean]):
    found = of(*told)
    for order in found.orders:
        refunds = [row.amount for row in found.refunds if row.channel_id == order.channel_id]
        assert order.refunded == sum(refunds, Decimal(0)) <= order.total
        assert all(amount >= 0 for amount in refunds)
