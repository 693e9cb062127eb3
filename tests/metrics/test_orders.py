"""Orders as shops really send them, from the message to the read API: odd fields, other spellings, late words.

Not here: the ledger against its judge (facts/test_ledger.py), random shops (test_outside.py).
"""

from typing import Any

import pytest

from tests.shop import Shop, later, order, track

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.channel("Europe", "web", currency="EUR")
    return made


def lines(*skus: str) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": 1, "price": price} for sku, price in zip(skus, (40, 60), strict=False)]


def marks(shop: Shop, message_id: str) -> list[str]:
    (event,) = shop.get("/api/events/", message_id=message_id)["results"]
    return event["marks"]


def unconverted(shop: Shop, name: str) -> dict[str, str]:
    return {one["currency"]: one["value"] for one in shop.metric(name)["unconverted"]}


def test_an_update_without_a_currency_leaves_the_orders(shop: Shop) -> None:
    shop.sends(order("o1", "100", "u1", later(days=1), currency="EUR"))
    shop.sends(track("Order Updated", "u1", later(days=2), order_id="o1", total=90))
    shop.sends(track("Order Refunded", "u1", later(days=3), order_id="o1", total=30, currency="EUR"))
    shop.sends(track("Order Refunded", "u1", later(days=4), order_id="o1", total="10.005", message_id="r2"))
    assert (shop.value("gmv"), shop.value("refunds")) == ("0", "0")
    assert unconverted(shop, "gmv") == {"EUR": "90"}
    assert unconverted(shop, "refunds") == {"EUR": "40.01"}
    assert shop.get("/api/orders/waiting/")["results"] == []


def test_the_currency_of_what_came_before_its_order_is_found_when_the_order_comes(shop: Shop) -> None:
    shop.sends(track("Order Refunded", "u1", later(days=3), order_id="o1", total="10.50"), to="store")
    (waits,) = shop.get("/api/orders/waiting/")["results"]
    assert (waits["amount"], waits["currency"]) == ("10.50", "CNY")
    shop.sends(order("o1", "100", "u1", later(days=1)), to="europe")
    assert shop.get("/api/orders/waiting/")["results"] == []
    assert unconverted(shop, "refunds") == {"EUR": "10.5"}


def test_a_refund_that_names_one_line_takes_its_worth_and_not_all(shop: Shop) -> None:
    shop.sends(order("o1", "100", "u1", later(days=1), products=lines("chair", "lamp")))
    shop.sends(track("Order Refunded", "u1", later(days=2), order_id="o1", products=[{"sku": "chair"}]))
    assert shop.value("refunds") == "40"
    shop.sends(track("Order Refunded", "u1", later(days=3), order_id="o1"))
    assert shop.value("refunds") == "100"


@pytest.mark.parametrize("nothing", ["null", "0", 0, "undefined", "{{refund.id}}", '"null"', "N/A"])
def test_placeholders_as_numbers_fold_nothing_into_one(shop: Shop, nothing: Any) -> None:
    shop.sends(order("o1", "100", "u1", later(days=1)), order("o2", "50", "u1", later(days=1)))
    for number in ("o1", "o2"):
        shop.sends(
            track("Order Refunded", "u1", later(days=2), order_id=number, total=10, refund_id=nothing),
            track("Order Refunded", "u1", later(days=3), order_id=number, total=5, refund_id=nothing),
        )
    assert shop.value("refunds") == "30"
    shop.sends(order(nothing, "70", "u1", later(days=1), message_id="nobody's"))
    assert (shop.value("orders"), shop.value("gmv")) == ("2", "150")
    (reject,) = shop.get("/api/rejects/")["results"]
    assert (reject["reason"], reject["field"]) == ("missing_field", "properties.order_id")


def test_a_whole_number_is_one_number_however_it_is_written(shop: Shop) -> None:
    body = '{"batch": [{"type": "track", "event": "%s", "messageId": "%s", "timestamp": "2026-03-05T00:00:00Z", %s}]}'
    bought = '"properties": {"order_id": 70001.0, "total": 100, "products": [{"sku": 7.0, "price": 40}]}'
    shop.sends_raw(body % ("Order Completed", "a", bought), 1)
    shop.sends(track("Order Refunded", at=later(days=9), order_id="70001", products=[{"sku": "7"}]))
    assert (shop.value("gmv"), shop.value("refunds")) == ("100", "40")


def test_one_bad_field_never_costs_an_order(shop: Shop) -> None:
    shop.sends(
        order(
            "o1",
            "100",
            "u1",
            later(days=1),
            discount=-5,
            products={"0": lines("chair")[0], "1": {"sku": "lamp"}},
        ),
        order(
            "o2",
            "100",
            "u1",
            later(days=1),
            tax="a lot",
            products=[{"sku": "chair", "price": "?", "cost": 7}],
        ),
        order("o3", "100", "u1", later(days=1), products=["chair"], message_id="third"),
    )
    assert shop.get("/api/rejects/")["results"] == []
    assert (shop.value("orders"), shop.value("gmv")) == ("3", "300")
    assert shop.metric("inventory_turnover")["missing_cost"] == 2
    assert marks(shop, "third") == ["left_out:products"]


def test_canceled_is_cancelled_and_every_spelling_counts(shop: Shop) -> None:
    for number, name in enumerate(("Order Canceled", "order_canceled", "orderCancelled", "ORDER-CANCELED")):
        shop.sends(order(f"o{number}", "10", "u1", later(days=1)))
        shop.sends(track(name, "u1", later(days=2), order_id=f"o{number}"))
    assert (shop.value("orders"), shop.value("refunds"), shop.value("net_revenue")) == ("4", "40", "0")


def test_what_the_ledger_has_to_say_is_marked_and_taken_back_when_it_no_longer_holds(shop: Shop) -> None:
    shop.sends(
        order("o1", "100", "u1", later(days=1), products=lines("chair")),
        track("Order Refunded", "u1", later(days=2), order_id="o1", total=120, message_id="refund"),
        track("Return Received", "u1", later(days=2), order_id="o1", products=[{"sku": "chair", "quantity": 2}],
              message_id="back"),
        track("Payment Succeeded", "u1", later(days=4), order_id="o1", amount=100, message_id="paid"),
    )  # fmt: skip
    assert (marks(shop, "refund"), marks(shop, "back"), marks(shop, "paid")) == (["excess"], ["excess"], [])
    shop.sends(track("Order Canceled", "u1", later(days=3), order_id="o1"))
    assert marks(shop, "paid") == ["paid_after_cancel"]
    assert shop.get("/api/orders/waiting/")["results"] == []
    (late,) = shop.get("/api/orders/waiting/", reason="paid_after_cancel")["results"]
    assert (late["message_id"], late["amount"]) == ("paid", "100.00")
    facts = {one["fact"]: one["state"] for one in shop.get("/api/events/paid/life/")["facts"]}
    assert facts == {"order": "cancelled", "payment": "paid_after_cancel"}
    more = [{"sku": "chair", "quantity": 2, "price": 40}]
    shop.sends(track("Order Updated", "u1", later(days=5), order_id="o1", total=150, products=more))
    assert (marks(shop, "refund"), marks(shop, "back"), marks(shop, "paid")) == (
        [],
        [],
        ["paid_after_cancel"],
    )


def test_stock_that_is_owed_is_kept_as_sent_and_worth_nothing(shop: Shop) -> None:
    def stock(quantity: int, location: str, days: int) -> dict[str, Any]:
        at = later(days=days).isoformat()
        return {"type": "stock", "sku": "chair", "quantity": quantity, "location": location, "at": at}

    shop.records({"type": "cost", "sku": "chair", "unit_cost": "10", "at": later(days=0).isoformat()})
    shop.records(stock(5, "north", 0), stock(3, "south", 0), stock(-2, "north", 1))
    assert shop.get("/api/rejects/")["results"] == []
    held = shop.get("/api/records/", type="stock", sku="chair")["results"]
    assert [one["quantity"] for one in held if one["location"] == "north"] == ["-2", "5"]
    found = shop.metric("inventory_turnover", from_="2026-03-01", to="2026-03-02", interval="day")["series"]
    assert [one["denominator"] for one in found] == ["80", "30"]


@pytest.mark.parametrize("written", ["2026-03-06", "20260306", "2026/3/6", "2026-3-6", "2026/03/06"])
def test_a_date_is_a_day_of_the_workspace_west_of_greenwich_too(written: str) -> None:
    shop = Shop(zone="America/Los_Angeles", currency="USD")
    shop.records({"type": "spend", "amount": "30", "date": written})
    shop.records({"type": "rate", "currency": "EUR", "rate": "1.2", "at": written})
    shop.sends(
        order("o1", "10", "u1", "2026-03-05T20:00:00Z", currency="EUR"),
        order("o2", "10", "u1", "2026-03-06T20:00:00Z", currency="EUR"),
    )
    series = shop.metric("cac", interval="day", from_="2026-03-05", to="2026-03-07")["series"]
    assert [one["numerator"] for one in series] == ["0", "30", "0"]
    gmv = shop.metric("gmv", interval="day", from_="2026-03-05", to="2026-03-07")
    assert [one["value"] for one in gmv["series"]] == ["0", "12.0", "0"]


def test_a_number_is_no_date(shop: Shop) -> None:
    shop.records({"type": "spend", "amount": "30", "date": 20260306})
    (reject,) = shop.get("/api/rejects/")["results"]
    assert (reject["reason"], reject["field"]) == ("bad_time", "date")
