"""Events that mean something, and records: their fields come out exact, or the item is a reject that says why."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from channels.mapping.apply import prepare
from tests.channels.understanding import NOON, SETTINGS, bad, clean, received, record, understood


def event(name, message_id="m-1", **properties):
    return {"type": "track", "event": name, "messageId": message_id, "properties": properties}


def order(**more):
    return event("Order Completed", **{"order_id": "o-1", "total": 199.99, **more})


def meaning(item, **how):
    return clean(item, **how).meaning


def test_an_order_needs_no_person():
    message = clean(order())
    assert message.identifiers == ()
    assert message.meaning.kind == "order_completed"
    assert (message.meaning.key, message.meaning.order_id) == ("o-1", "o-1")
    assert message.meaning.fields == {"order_id": "o-1", "total": Decimal("199.99"), "currency": "CNY"}


def test_membership_and_touchpoints_need_one():
    assert bad(event("Store Visited", store="s-1")).reason == "no_identity"
    assert meaning(event("Membership Joined", member_no="M-1", tier="gold")).fields == {
        "member_no": "M-1",
        "tier": "gold",
    }
    assert bad(event("Membership Joined", tier="gold")).reason == "missing_field"


def test_an_order_with_everything():
    found = meaning(
        order(
            currency="jpy", tax="1.5", shipping=0, discount="", coupon=" C1 ", store=7, order_channel=" Tokyo ",
            products=[
                {"sku": " A ", "price": "10.5", "quantity": 2, "name": "n", "cost": "1.23456789", "discount": 1},
                {"product_id": 5},
            ],
        )
    )  # fmt: skip
    first, second = found.fields["lines"]
    assert found.order_channel == 2
    assert found.fields["total"] == 200
    assert found.fields["tax"] == 2
    assert "discount" not in found.fields
    assert (found.fields["coupon"], found.fields["store"], found.fields["currency"]) == ("C1", "7", "JPY")
    assert (first.sku, first.quantity, first.price, first.cost) == ("A", 2, 11, Decimal("1.23456789"))
    assert (second.sku, second.quantity, second.price) == ("5", 1, None)


def test_amounts_are_the_numbers_that_were_written():
    properties = '{"order_id":1,"total":123456789012345.67}'
    body = '{"event":"order_completed","properties":' + properties + "}"
    (message,) = prepare([received(body, "track")], SETTINGS).cleans
    assert message.meaning.fields["total"] == Decimal("123456789012345.67")
    assert message.meaning.order_id == "1"


def test_rounding_is_marked_when_it_changes_anything():
    assert clean(order(total="10.005")).marks == ("amount_rounded",)
    assert clean(order(total="10.0500")).marks == ()
    assert meaning(order(total="10.005")).fields["total"] == Decimal("10.01")


@pytest.mark.parametrize(
    ("item", "reason", "field"),
    [
        (order(order_id=None), "missing_field", "properties.order_id"),
        (order(order_id=" "), "missing_field", "properties.order_id"),
        (order(order_id={}), "missing_field", "properties.order_id"),
        (order(order_id="x" * 256), "missing_field", "properties.order_id"),
        (order(total=None), "missing_field", "properties.total"),
        (order(total=""), "missing_field", "properties.total"),
        (order(total=-1), "bad_amount", "properties.total"),
        (order(total="NaN"), "bad_amount", "properties.total"),
        (order(total="1,000"), "bad_amount", "properties.total"),
        (order(total=1e15 + 1), "bad_amount", "properties.total"),
        (order(total=True), "bad_amount", "properties.total"),
        (order(currency="RMB"), "bad_currency", "properties.currency"),
        (order(order_channel="nowhere"), "unknown_channel", "properties.order_channel"),
        (order(order_id="{{order.id}}"), "missing_field", "properties.order_id"),
        (event("Payment Succeeded", order_id="o", amount=-5), "bad_amount", "properties.amount"),
        (
            event("Payment Succeeded", order_id="o", amount=5, currency="RMB"),
            "bad_currency",
            "properties.currency",
        ),
        (event("Ticket Opened", ticket_id="undefined"), "missing_field", "properties.ticket_id"),
        (event("Payment Succeeded", order_id="o"), "missing_field", "properties.amount"),
        (event("Ticket Opened"), "missing_field", "properties.ticket_id"),
        (event("Feedback Given"), "missing_field", "properties.score"),
        (event("Feedback Given", score=-1), "bad_amount", "properties.score"),
    ],
)
def test_what_is_wrong_with_a_fact(item, reason, field):
    found = bad(item)
    assert (found.reason, found.field) == (reason, field)


@pytest.mark.parametrize(
    ("item", "kind", "key"),
    [
        (event("Order Updated", order_id="o"), "order_updated", "o"),
        (event("Order Cancelled", order_id="o"), "order_cancelled", "o"),
        (event("Order Refunded", order_id="o", refund_id=9), "order_refunded", "9"),
        (event("Order Refunded", order_id="o"), "order_refunded", "m-1"),
        (event("Order Refunded", order_id="o", refund_id=""), "order_refunded", "m-1"),
        (event("Return Requested", order_id="o"), "return_requested", "m-1"),
        (event("Return Received", order_id="o", return_id="r"), "return_received", "r"),
        (event("Payment Started", order_id="o", payment_id="p"), "payment_started", "p"),
        (event("Payment Failed", order_id="o", reason="limit"), "payment_failed", "m-1"),
        (event("Order Shipped", order_id="o"), "order_shipped", "o"),
        (event("Order Delivered", order_id="o", shipment_id="s"), "order_delivered", "s"),
        (event("Ticket Resolved", ticket_id="t"), "ticket_resolved", "t"),
        (event("Feedback Given", score=4), "feedback_given", "m-1"),
        (event("Feedback Given", score=4, feedback_id="f"), "feedback_given", "f"),
    ],
)
def test_keys_of_facts(item, kind, key):
    found = meaning(item)
    assert (found.kind, found.key) == (kind, key)


def test_what_need_not_be_there_and_cannot_be_used_is_left_out_and_marked():
    for item, field, rest in (
        (order(tax="x"), "tax", {}),
        (order(shipping="NaN"), "shipping", {}),
        (order(discount=1e16), "discount", {}),
        (order(products="x"), "products", {}),
        (order(products=["A-1", 5]), "products", {}),
        (event("Order Updated", order_id="o", total=-1), "total", {}),
        (event("Order Updated", order_id="o", tax=1, currency="RMB"), "currency", {}),
        (event("Order Refunded", order_id="o", total="40,00"), "total", {}),
        (event("Payment Started", order_id="o", amount=-5), "amount", {}),
        (event("Order Shipped", order_id="o", promised_at="soon"), "promised_at", {}),
        (event("Feedback Given", score=1, scale=0), "scale", {"score": Decimal(1)}),
        (event("Feedback Given", score=1, order_id=[]), "order_id", {"score": Decimal(1)}),
    ):
        message = clean(item)
        assert message.marks == (f"left_out:{field}",), item
        bare = {"order_id": "o-1", "total": Decimal("199.99"), "currency": "CNY"}
        own = bare if item["event"] == "Order Completed" else rest or {"order_id": "o"}
        assert message.meaning.fields == own, item


def test_one_bad_field_of_a_line_costs_the_line_nothing_else():
    message = clean(order(products=[
        {"sku": "a", "price": -1, "quantity": 2, "cost": "3"}, {"sku": "b", "quantity": "two"}, 5,
        {"sku": "c", "price": 4, "discount": -1.5},
    ]))  # fmt: skip
    a, b, c = message.meaning.fields["lines"]
    assert (a.sku, a.price, a.quantity, a.cost) == ("a", None, 2, 3)
    assert (b.sku, b.quantity) == ("b", 1)
    assert (c.price, c.discount) == (4, Decimal("1.50"))
    assert set(message.marks) == {
        "left_out:products.price", "left_out:products.quantity", "left_out:products", "sign_dropped",
    }  # fmt: skip


def test_the_sign_of_refunds_returns_and_discounts_says_nothing():
    refund = clean(
        event("Order Refunded", order_id="o", total="-40.5", products=[{"sku": "a", "quantity": -2}])
    )
    assert refund.meaning.fields["total"] == Decimal("40.5")
    assert refund.meaning.fields["lines"][0].quantity == 2
    back = clean(event("Return Received", order_id="o", products=[{"sku": "a", "quantity": "-1"}]))
    assert back.meaning.fields["lines"][0].quantity == 1
    discounted = clean(order(discount=-5))
    assert discounted.meaning.fields["discount"] == 5
    assert {one.marks for one in (refund, back, discounted)} == {("sign_dropped",)}


@pytest.mark.parametrize(
    "products",
    [
        {"0": {"sku": "a"}, "1": {"sku": "b"}},
        {"first": {"product_id": "a"}, "second": {"sku": "b"}},
        [{"sku": "a"}, {"product_id": "b"}],
    ],
)
def test_products_may_be_a_list_or_an_object_of_lines(products):
    message = clean(order(products=products))
    assert [line.sku for line in message.meaning.fields["lines"]] == ["a", "b"]
    assert message.marks == ()


def test_one_product_that_stands_alone_is_one_line():
    (line,) = meaning(order(products={"sku": "a", "quantity": 3})).fields["lines"]
    assert (line.sku, line.quantity) == ("a", 3)


PLACEHOLDERS = (
    "null",
    "undefined",
    "0",
    0,
    "000",
    "{{order.id}}",
    "${id}",
    '"null"',
    "(not set)",
    "N/A",
    " None ",
    "",
)


@pytest.mark.parametrize("nothing", PLACEHOLDERS)
@pytest.mark.parametrize(
    ("name", "field", "key"),
    [
        ("Order Refunded", "refund_id", "m-1"),
        ("Return Received", "return_id", "m-1"),
        ("Payment Failed", "payment_id", "m-1"),
        ("Order Shipped", "shipment_id", "o"),
        ("Feedback Given", "feedback_id", "m-1"),
    ],
)
def test_a_placeholder_is_no_number_of_a_fact(nothing, name, field, key):
    assert meaning(event(name, **{"order_id": "o", "score": 1, field: nothing})).key == key


@pytest.mark.parametrize("nothing", PLACEHOLDERS)
def test_a_placeholder_is_no_order_and_no_ticket(nothing):
    assert bad(order(order_id=nothing)).field == "properties.order_id"
    assert bad(event("Ticket Opened", ticket_id=nothing)).field == "properties.ticket_id"
    assert "order_id" not in meaning(event("Feedback Given", score=1, order_id=nothing)).fields


@pytest.mark.parametrize(
    "ordinary", ["1", 1, "-7", "0-1", "A0", "NULL-1", "guest-00017", "1234567890", "70001.0"]
)
def test_an_ordinary_number_is_one_however_short_or_odd(ordinary):
    assert meaning(order(order_id=ordinary)).order_id == str(ordinary)


def test_a_whole_number_is_the_same_number_however_its_sender_writes_it():
    body = '{"event":"Order Refunded","messageId":"m","properties":%s}'
    fields = '{"order_id":70001.0,"refund_id":7e3,"products":[{"sku":42.0}]}'
    (message,) = prepare([received(body % fields, "track")], SETTINGS).cleans
    assert (message.meaning.order_id, message.meaning.key) == ("70001", "7000")
    assert message.meaning.fields["lines"][0].sku == "42"
    price = '{"records":[{"type":"price","sku":70001.0,"price":1}]}'
    (found,) = prepare([received(price, "records")], SETTINGS).records
    assert found.fields["sku"] == "70001"


def test_what_speaks_of_an_order_is_in_its_currency_until_it_says_another():
    for name, field in (
        ("Order Updated", "total"),
        ("Order Refunded", "total"),
        ("Payment Failed", "amount"),
    ):
        unsaid = clean(event(name, order_id="o", **{field: "10.005"}))
        assert unsaid.meaning.fields == {"order_id": "o", field: Decimal("10.005")}
        assert unsaid.marks == ("amount_rounded",)  # as it would be in the channel's
        said = meaning(event(name, order_id="o", currency="eur", **{field: "10.005"}))
        assert said.fields == {"order_id": "o", field: Decimal("10.01"), "currency": "EUR"}


def test_only_what_a_message_carries_is_a_field():
    assert meaning(event("Order Refunded", order_id="o", currency="USD")).fields == {"order_id": "o"}
    assert meaning(event("Feedback Given", score="4.5")).fields == {"score": Decimal("4.5")}
    assert meaning(event("Order Shipped", order_id="o", promised_at="2026-11-25T00:00:00Z")).fields[
        "promised_at"
    ] == (datetime(2026, 11, 25, tzinfo=UTC))


def test_the_default_currency_is_the_channels():
    assert meaning(order(total="10.5"), connector=3).fields["currency"] == "JPY"
    assert meaning(order(total="10.5"), connector=3).fields["total"] == 11


# ---- records ----------------------------------------------------------------------------------


def test_records_of_every_type():
    assert record({"type": "product", "sku": 7, "name": "Shirt", "tags": ["a", " ", "b"]}).fields == {
        "sku": "7", "name": "Shirt", "tags": ("a", "b"),
    }  # fmt: skip
    price = record({"type": "Price", "sku": "s", "price": "9.905", "at": "2026-11-01T00:00:00+08:00"})
    assert price.fields == {"sku": "s", "price": Decimal("9.91"), "currency": "CNY"}
    assert (price.channel, price.at) == (1, datetime(2026, 10, 31, 16, tzinfo=UTC))
    stock = record({"type": "stock", "sku": "s", "quantity": 0, "location": "A"})
    assert (stock.fields["quantity"], stock.fields["location"], stock.at) == (0, "A", NOON)
    cost = record({"type": "cost", "sku": "s", "unit_cost": 1.234567})
    assert (cost.channel, cost.fields["unit_cost"]) == (None, Decimal("1.234567"))
    assert (
        record({"type": "cost", "sku": "s", "unit_cost": 1, "channel": "tokyo"}).fields["currency"] == "JPY"
    )
    spend = record({"type": "spend", "amount": 100, "date": "2026-11-11", "campaign": "11.11", "clicks": "7"})
    assert spend.fields == {
        "amount": Decimal("100.00"), "currency": "CNY", "from": date(2026, 11, 11), "to": date(2026, 11, 11),
        "campaign": "11.11", "clicks": 7, "kind": "acquisition",
    }  # fmt: skip
    target = record({"type": "target", "metric": "gmv", "value": "1000", "from": "2026-11-01"})
    assert (target.channel, target.fields["from"]) == (None, date(2026, 11, 1))
    rate = record({"type": "rate", "currency": "usd", "rate": "7.1234567"})
    assert rate.fields == {"currency": "USD", "rate": Decimal("7.1234567")}


def test_a_date_given_as_a_time_is_the_day_in_the_workspaces_zone():
    found = record({"type": "spend", "amount": 1, "date": "2026-11-10T17:00:00Z"})
    assert found.fields["from"] == date(2026, 11, 11)


DATES = (
    "2026-01-06", "20260106", "2026/1/6", "2026/01/06", "2026-1-6", "2026.1.6", " 2026-01-06 ", "2026年1月6日",
    "２０２６－０１－０６",
)  # fmt: skip


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("written", DATES)
def test_a_date_is_a_day_of_the_workspaces_zone_in_every_usual_spelling(written, zone):
    there = msgspec.structs.replace(SETTINGS, zone=ZoneInfo(zone))
    spend = record({"type": "spend", "amount": 1, "from": written, "to": written}, settings=there)
    assert (spend.fields["from"], spend.fields["to"]) == (date(2026, 1, 6), date(2026, 1, 6))
    target = record({"type": "target", "metric": "gmv", "value": 1, "from": written}, settings=there)
    assert target.fields["from"] == date(2026, 1, 6)
    rate = record({"type": "rate", "currency": "USD", "rate": 7, "at": written}, settings=there)
    assert rate.at == datetime(2026, 1, 6, tzinfo=ZoneInfo(zone))


def test_stock_may_be_owed():
    assert record({"type": "stock", "sku": "s", "quantity": "-2.5"}).fields["quantity"] == Decimal("-2.5")


def test_a_placeholder_is_no_id_of_spend():
    assert "id" not in record({"type": "spend", "id": "null", "amount": 1, "date": "2026-11-01"}).fields


@pytest.mark.parametrize(
    ("item", "reason", "field"),
    [
        (5, "not_an_object", ""),
        ({"sku": "s"}, "no_type", "type"),
        ({"type": "prize", "sku": "s"}, "unknown_type", "type"),
        ({"type": {}, "sku": "s"}, "unknown_type", "type"),
        ({"type": "price", "sku": "s"}, "missing_field", "price"),
        ({"type": "price", "price": 1}, "missing_field", "sku"),
        ({"type": "price", "sku": [], "price": 1}, "missing_field", "sku"),
        ({"type": "price", "sku": "s", "price": "x"}, "bad_amount", "price"),
        ({"type": "price", "sku": "s", "price": 1, "currency": "XXX"}, "bad_currency", "currency"),
        ({"type": "price", "sku": "s", "price": 1, "at": "soon"}, "bad_time", "at"),
        ({"type": "price", "sku": "s", "price": 1, "channel": "mars"}, "unknown_channel", "channel"),
        ({"type": "stock", "sku": "s", "quantity": "-1e16"}, "bad_amount", "quantity"),
        ({"type": "price", "sku": "s", "price": -1}, "bad_amount", "price"),
        ({"type": "spend", "amount": 1, "date": 20261101}, "bad_time", "date"),
        ({"type": "spend", "amount": 1, "date": 1.5}, "bad_time", "date"),
        ({"type": "spend", "amount": 1, "date": "20261301"}, "bad_time", "date"),
        ({"type": "spend", "amount": 1, "date": "1969/12/31"}, "bad_time", "date"),
        ({"type": "rate", "currency": "USD", "rate": 7, "at": "2026-02-30"}, "bad_time", "at"),
        ({"type": "spend", "amount": 1}, "missing_field", "from"),
        ({"type": "spend", "amount": 1, "from": "2026-11-01"}, "missing_field", "to"),
        ({"type": "spend", "amount": 1, "from": "2026-11-02", "to": "2026-11-01"}, "bad_time", "to"),
        ({"type": "spend", "amount": 1, "from": "1990-01-01", "to": "2026-11-01"}, "bad_time", "to"),
        ({"type": "spend", "amount": 1, "date": "2026-02-30"}, "bad_time", "date"),
        ({"type": "spend", "amount": 1, "date": "2026-11-01", "kind": "x"}, "bad_properties", "kind"),
        ({"type": "spend", "amount": 1, "date": "2026-11-01", "clicks": 1.5}, "bad_amount", "clicks"),
        ({"type": "rate", "currency": "USD", "rate": 0}, "bad_amount", "rate"),
        (
            {"type": "target", "metric": "gmv", "value": 1, "from": "2026-11-02", "to": "2026-11-01"},
            "bad_time",
            "to",
        ),
    ],
)
def test_what_is_wrong_with_a_record(item, reason, field):
    found = bad(item, door="records")
    assert (found.reason, found.field) == (reason, field)


def test_the_id_of_a_record_is_its_key_and_no_message_id():
    spend = {"type": "spend", "id": "s-1", "amount": 1, "date": "2026-11-01"}
    first, again = understood(spend, spend, door="records").records
    assert first.id != again.id
    assert first.fields["id"] == again.fields["id"] == "s-1"
    named = record(spend | {"messageId": "m-1"})
    assert named.message_id == "m-1"
