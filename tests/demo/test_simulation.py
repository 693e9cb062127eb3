"""The simulated retailer: always the same, well formed, its sums right, its channels all alive. No database here."""

import datetime as dt
import time
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import chain

import msgspec
import pytest

from demo import outlets, simulate
from demo.post import BATCH, Request
from demo.simulate import Simulation, requests
from kernel.vocabulary import COMPANY, EVENTS
from tests.demo.reading import END, plain, simulated, understood


def messages(found: list[Request]) -> list[tuple[str, dict]]:
    """(connector, message), a repeated request only once."""
    once = {id(request.body): request for request in found}.values()
    return [(request.connector, message) for request in once for message in chain(*request.body.values())]


def events(name: str) -> list[dict]:
    """The properties of all good events of this name."""
    found, _truth = simulated()
    wanted = [message["properties"] for _, message in messages(found) if message.get("event") == name]
    good = [fields for fields in wanted if not str(fields.get("order_id", "")).startswith("ERR")]
    return [fields for fields in good if name != "Order Completed" or "products" in fields]


def test_the_same_arguments_give_the_same_bytes() -> None:
    one, two = (b"".join(map(msgspec.json.encode, requests(60, 30, 5, END))) for _ in range(2))
    assert one == two
    assert one != b"".join(map(msgspec.json.encode, requests(60, 30, 6, END)))


def test_the_default_size_is_a_hundred_thousand_events_made_in_seconds() -> None:
    began = time.process_time()
    simulation = Simulation(simulate.CUSTOMERS, simulate.DAYS, simulate.SEED, END)
    for _ in simulation.requests():
        pass
    sent = simulation.truth.messages
    assert sum(sent.values()) - sent["record"] >= 100_000
    assert time.process_time() - began < 15


def test_a_larger_retailer_sends_more() -> None:
    small, large = (simulated(size, 120)[1].messages["track"] for size in (100, 400))
    assert 2.5 * small < large < 4.5 * small


def test_every_connector_speaks_in_the_order_of_time_and_never_of_the_future() -> None:
    found, _truth = simulated()
    spoken = defaultdict(list)
    for connector, message in messages(found):
        when = message.get("timestamp") or message["at"]
        if not when.startswith("昨"):
            kind = "records" if "at" in message else "events"
            spoken[connector, kind].append(dt.datetime.fromisoformat(when))
    assert {connector for connector, kind in spoken if kind == "events"} >= set(outlets.CHANNEL_OF) - {"erp"}
    assert all(times == sorted(times) and times[-1] <= END for times in spoken.values())


def test_message_ids_are_given_once_and_a_few_requests_come_twice() -> None:
    found, _truth = simulated()
    ids = Counter(message["messageId"] for _, message in messages(found))
    assert max(ids.values()) == 1
    assert len(found) > len({id(request.body) for request in found})
    assert max(len(next(iter(request.body.values()))) for request in found) <= BATCH


def test_an_order_is_the_sum_of_its_lines_less_discount_plus_shipping() -> None:
    orders = events("Order Completed")
    assert len(orders) > 300
    for order in orders:
        lines = sum(Decimal(str(line["price"])) * line["quantity"] for line in order["products"])
        total = lines - Decimal(str(order.get("discount", 0))) + Decimal(str(order.get("shipping", 0)))
        assert Decimal(str(order["total"])) == total > 0


def test_a_marketplace_keeps_its_commission_of_an_order_and_pays_out_the_rest() -> None:
    settled = [order for order in events("Order Completed") if "payout" in order]
    assert 100 < len(settled) < len(events("Order Completed"))
    for order in settled:
        (fee,) = order["fees"]
        total, kept = Decimal(str(order["total"])), Decimal(str(fee["amount"]))
        assert kept + Decimal(str(order["payout"])) == total == Decimal(str(order["paid"]))
        assert Decimal("0.04") < kept / total < Decimal("0.07")


def test_what_is_paid_is_the_total_and_never_more_comes_back() -> None:
    totals = {order["order_id"]: Decimal(str(order["total"])) for order in events("Order Completed")}
    paid = [one for one in events("Payment Succeeded") if one["order_id"] in totals]
    assert all(Decimal(str(payment["amount"])) == totals[payment["order_id"]] for payment in paid)
    back = Counter()
    for refund in events("Order Refunded"):
        back[refund["order_id"]] += Decimal(str(refund["total"]))
    assert back
    assert all(amount <= totals[order_id] for order_id, amount in back.items())


def test_a_few_orders_are_paid_twice_and_a_few_payments_are_for_none_on_one_channel() -> None:
    found, truth = simulated(1_500, 180)
    sent = defaultdict(list)
    for connector, message in messages(found):
        if message.get("event") in ("Order Completed", "Payment Succeeded"):
            sent[message["event"]].append(
                (outlets.CHANNEL_OF[connector], message["properties"].get("order_id"))
            )
    known, paid = set(sent["Order Completed"]), Counter(sent["Payment Succeeded"])
    odd = [one for one, times in paid.items() if times > 1], [one for one in paid if one not in known]
    for orders in odd:
        assert 0 < len(orders) < len(known) / 100
        assert {channel for channel, _ in orders} == {truth.plan.mishaps}


def test_payments_fail_and_are_tried_again_with_another_method() -> None:
    failed = {payment["order_id"] for payment in events("Payment Failed")}
    again = failed & {payment["order_id"] for payment in events("Payment Succeeded")}
    unpaid = {order["order_id"] for order in events("Order Cancelled") if order["reason"] == "unpaid"}
    assert again
    assert unpaid <= failed
    assert {payment["method"] for payment in events("Payment Succeeded")} == {
        "alipay",
        "wechat_pay",
        "card",
        "cash",
    }


def test_goods_come_back_through_another_channel_than_they_were_bought_on() -> None:
    elsewhere = [fact for fact in events("Return Received") if "order_channel" in fact]
    assert elsewhere
    assert {fact["order_channel"] for fact in elsewhere} <= {outlet.slug for outlet in outlets.OUTLETS}
    assert any(fact.get("store") for fact in elsewhere)


def test_every_event_that_means_something_is_there_but_for_updates() -> None:
    found, _truth = simulated()
    names = {message.get("event") for _, message in messages(found)}
    rare = {"Order Updated", "Product List Viewed", "Product Searched", "Product Removed", "Cart Viewed"}
    # What only a platform's own connector tells; the demo's mini program sends by the tracking API.
    rare |= {event.name for event in EVENTS if event.name.startswith(("Account ", "Message Subscription "))}
    rare |= {"Consent Given", "Consent Withdrawn"}  # nobody is asked in the demo yet
    told = {event.name for event in EVENTS if event.made_by == COMPANY and not event.kind}  # mails, pushes
    assert {event.name for event in EVENTS} - names - told <= rare


def test_records_cover_every_good_on_every_channel_and_the_prices_do_not_all_agree() -> None:
    found, _truth = simulated()
    newest: dict[tuple[str, str], float] = {}
    kinds = Counter()
    for connector, message in messages(found):
        kinds[message.get("type")] += 1
        if message.get("type") == "price" and isinstance(message["price"], float) and "sku" in message:
            newest[outlets.CHANNEL_OF[connector], message["sku"]] = message["price"]
    assert len(newest) == 48 * len(outlets.SELLING)
    by_sku = defaultdict(set)
    for (_, sku), price in newest.items():
        by_sku[sku].add(price)
    agree = sum(len(prices) == 1 for prices in by_sku.values())
    assert 30 <= agree < 48
    assert min(kinds[kind] for kind in ("product", "cost", "price", "stock", "spend", "target")) >= 6


def test_the_product_understands_everything_but_what_is_wrong_on_purpose() -> None:
    found, truth = simulated(1_500, 180)
    prepared = understood({id(request.body): request for request in found}.values())
    assert Counter(bad.reason for bad in prepared.bads) == truth.rejects
    assert sum(truth.rejects.values()) > 30
    assert len(truth.rejects) >= 8
    assert len(prepared.cleans) + len(prepared.records) == sum(truth.messages.values())


def test_every_identifier_arrives_as_the_truth_knows_it() -> None:
    found, truth = simulated()
    arrived = {plain(value) for clean in understood(found).cleans for value in clean.identifiers}
    known = set(chain(*truth.people().values()))
    assert known <= arrived
    strangers = Counter(kind for kind, _, _ in arrived - known)
    assert set(strangers) <= {"phone", "device_id", "anonymous_id"}  # relay numbers, tablets, households
    assert sum(strangers.values()) < 30


@pytest.mark.parametrize("customers", [1, 3])
def test_a_tiny_retailer_works_too(customers: int) -> None:
    assert list(requests(customers, 3, 1, END))
