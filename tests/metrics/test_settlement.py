"""What platforms make of an order's money, from the message to the read API: paid, discounts, fees, payout.

Not here: random shops (test_outside.py, breakdown/), the ledger by itself (facts/test_ledger.py).
"""

from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from kernel.db import rows
from metrics.mirror import sync
from tests.pages.test_numbers import person, text
from tests.shop import Shop, later, order, track

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.channel("Tmall", "marketplace")
    made.channel("Europe", "web", currency="EUR")
    return made


def fees(**kinds: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, "amount": amount} for kind, amount in kinds.items()]


def marks(shop: Shop, message_id: str) -> list[str]:
    (event,) = shop.get("/api/events/", message_id=message_id)["results"]
    return event["marks"]


def ratio(shop: Shop, **asked: Any) -> tuple[Any, Any, Any]:
    total = shop.metric("take_rate", **asked)["total"]
    return total["value"], total["numerator"], total["denominator"]


def test_platform_fees_payout_and_take_rate_are_those_of_the_orders_that_say_them(shop: Shop) -> None:
    said = {"paid": "190", "merchant_discount": 5, "platform_discount": "-5", "payout": "176.5"}
    shop.sends(
        order("t1", "200", "u1", later(days=1), fees=fees(commission="10", freight=3.5), **said),
        order("t2", "100", "u2", later(days=2), fees=[], message_id="none"),
        order("t3", "50", "u3", later(days=2), payout=50),
        to="tmall",
    )
    shop.sends(order("w1", "1000", "u1", later(days=3)))
    assert shop.get("/api/rejects/")["results"] == []
    assert (shop.value("platform_fees"), shop.value("payout"), shop.value("gmv")) == ("13.5", "226.5", "1350")
    assert ratio(shop) == ("0.0450000000", "13.5", "300")
    assert ratio(shop, channel="web-shop") == (None, "0", "0")
    by_channel = shop.metric("platform_fees", by="channel")["by"]
    assert {slug: line["total"]["value"] for slug, line in by_channel.items()} == {
        "web-shop": "0",
        "store": "0",
        "tmall": "13.5",
        "europe": "0",
    }
    days = {one["start"]: one["value"] for one in shop.metric("payout")["series"]}
    assert (days[str(later(days=1).date())], days[str(later(days=2).date())]) == ("176.5", "50")
    assert marks(shop, "none") == []


def test_per_field_the_latest_message_that_carries_it_holds_whatever_came_first(shop: Shop) -> None:
    changes = [
        track("Order Updated", "u1", later(days=4), order_id="t1", fees=fees(commission="7", service="1")),
        order("t1", "200", "u1", later(days=1), fees=fees(commission="10"), payout="190"),
        track("Order Updated", "u1", later(days=3), order_id="t1", fees=fees(commission="9"), payout="180"),
        track("Order Updated", "u1", later(days=5), order_id="t1", total="160"),
    ]
    for change in changes:
        shop.sends(change, to="tmall")
    assert (shop.value("platform_fees"), shop.value("payout")) == ("8", "180")
    assert ratio(shop) == ("0.0500000000", "8", "160")
    rebuild.everything()
    assert (shop.value("platform_fees"), shop.value("payout")) == ("8", "180")


@pytest.mark.parametrize(
    ("field", "value", "mark"),
    [
        ("payout", "-1", "left_out:payout"),
        ("payout", "soon", "left_out:payout"),
        ("paid", "NaN", "left_out:paid"),
        ("paid", 10**16, "left_out:paid"),
        ("fees", 12, "left_out:fees"),
        ("fees", "5%", "left_out:fees"),
        ("fees", ["commission"], "left_out:fees"),
        ("fees", [{"kind": "commission", "amount": -3}], "left_out:fees"),
        ("fees", [{"kind": "commission"}], "left_out:fees"),
        ("fees", {"commission": 3}, "left_out:fees"),
        ("platform_discount", -3, "sign_dropped"),
        ("payout", "7.005", "amount_rounded"),
    ],
)
def test_one_bad_field_is_marked_and_costs_nothing_else(
    shop: Shop, field: str, value: Any, mark: str
) -> None:
    said = {"paid": "99", "payout": "90", "fees": fees(commission="4")} | {field: value}
    shop.sends(order("t1", "100", "u1", later(days=1), message_id="odd", **said), to="tmall")
    assert shop.get("/api/rejects/")["results"] == []
    assert marks(shop, "odd") == [mark]
    wanted = {
        "payout": {"soon": "0", "-1": "0", "7.005": "7.01"}.get(str(value), "90")
        if field == "payout"
        else "90"
    }
    assert (shop.value("gmv"), shop.value("payout")) == ("100", wanted["payout"])
    assert shop.value("platform_fees") == ("0" if field == "fees" else "4")


def test_a_fee_that_cannot_be_is_left_out_and_the_others_count(shop: Shop) -> None:
    said = [*fees(commission="4", rebate="-1", service="1.005"), {"amount": 2}, {"kind": "x", "amount": "?"}]
    shop.sends(order("t1", "100", "u1", later(days=1), message_id="odd", fees=said), to="tmall")
    assert set(marks(shop, "odd")) == {"left_out:fees", "amount_rounded"}
    assert shop.value("platform_fees") == "7.01"
    shop.sends(order("t2", "100", "u1", later(days=1), fees={"0": said[0], "1": said[3]}), to="tmall")
    shop.sends(order("t3", "100", "u1", later(days=1), fees=said[0]), to="tmall")
    assert shop.value("platform_fees") == "17.01"


def test_amounts_are_in_the_orders_currency_converted_by_its_day_and_wait_in_another(shop: Shop) -> None:
    shop.sends(
        order("e1", "100", "u1", later(days=2), fees=fees(commission="6.005"), payout="90"), to="europe"
    )
    shop.sends(track("Order Updated", "u1", later(days=9), order_id="e1", fees=fees(commission="5")))
    apart = shop.metric("platform_fees")
    assert (apart["total"]["value"], apart["unconverted"]) == ("0", [{"currency": "EUR", "value": "5"}])
    assert ratio(shop) == (None, "0", "0")
    shop.records(
        {"type": "rate", "currency": "EUR", "rate": "8", "at": later(days=1).isoformat()},
        {"type": "rate", "currency": "EUR", "rate": "9", "at": later(days=5).isoformat()},
    )
    assert (shop.value("platform_fees"), shop.value("payout")) == ("40", "720")
    assert ratio(shop) == ("0.0500000000", "40", "800")
    more = track(
        "Order Updated", "u1", later(days=10), order_id="e1", payout="80", currency="USD", message_id="usd"
    )
    shop.sends(more)
    (waits,) = shop.get("/api/orders/waiting/")["results"]
    assert (waits["message_id"], waits["reason"]) == ("usd", "other_currency")
    assert shop.value("payout") == "0"


def test_it_is_broken_down_by_the_dimensions_of_orders_with_its_rows(shop: Shop) -> None:
    shop.sends(
        order("t1", "200", "u1", later(days=1), store="Bund", fees=fees(commission="10"), payout="190"),
        order("t2", "100", "u2", later(days=2), store="Bund", payout="99"),
        order("t3", "100", "u2", later(days=2), fees=fees(commission="1"), payout="99"),
        track("Payment Succeeded", "u1", later(days=1), order_id="t1", amount=200, method="alipay"),
        to="tmall",
    )
    sync.follow(connection)
    found = shop.metric("take_rate", by="store")["by"]
    assert {key: line["total"]["value"] for key, line in found.items()} == {
        "Bund": "0.0500000000",
        "null": "0.0100000000",
    }
    for dimension in (
        "campaign",
        "source",
        "city",
        "payment_method",
        "member_tier",
        "new_or_returning",
        "channel",
    ):
        for name in ("platform_fees", "payout", "take_rate"):
            answer = shop.metric(name, by=dimension)
            assert answer["total"] == shop.metric(name)["total"]
            assert answer.get("adds_up", True)
    assert shop.value("payout", filter=["store:Bund"]) == "289"
    assert shop.value("platform_fees", filter=["payment_method:alipay"]) == "10"
    behind = shop.get(
        "/api/metrics/take_rate/rows/", **{"from": "2026-03-01", "to": "2026-03-31", "filter": "store:Bund"}
    )
    assert [(row["order_id"], row["counts"]) for row in behind["results"]] == [("t1", "10.00")]


def test_an_order_shows_its_money_in_rows_and_on_its_customers_page(shop: Shop) -> None:
    kinds = fees(commission="10", freight="3")
    said = {"paid": "190", "merchant_discount": "6", "platform_discount": "4", "payout": "177", "fees": kinds}
    shop.sends(
        order("t1", "200", "u1", later(days=1), **said), order("t2", "5", "u1", later(days=2)), to="tmall"
    )
    period = {"from": "2026-03-01", "to": "2026-03-31"}
    (row,) = shop.get("/api/metrics/platform_fees/rows/", **period)["results"]
    shown = ("total", "paid", "merchant_discount", "platform_discount", "fees", "payout", "counts")
    assert {name: row[name] for name in shown} == {
        "total": "200.00",
        "paid": "190.00",
        "merchant_discount": "6.00",
        "platform_discount": "4.00",
        "fees": "13.00",
        "payout": "177.00",
        "counts": "13.00",
    }
    client = person(shop)
    page = text(client.get("/kpi/payout/rows/", period))
    assert "¥190.00 ¥6.00 ¥4.00 ¥13.00 ¥177.00" in page
    profile = shop.profile("user_id:u1")["id"]
    page = text(client.get(f"/customers/{profile}/"))
    assert "commission −¥10.00" in page
    assert "freight −¥3.00" in page
    assert "All fees −¥13.00" in page
    assert "Payout ¥177.00" in page


def test_an_events_facts_name_the_money_that_it_says(shop: Shop) -> None:
    shop.sends(
        order("t1", "200", "u1", later(days=1), message_id="first", paid="190"),
        track("Order Updated", "u1", later(days=2), order_id="t1", fees=fees(commission="10", freight="3"),
              payout="177", message_id="settled"),
        to="tmall",
    )  # fmt: skip

    def told(message_id: str) -> list[tuple[str, str, str | None, str | None]]:
        facts = shop.get(f"/api/events/{message_id}/life/")["facts"]
        return [
            (one["fact"], one["key"], one["amount"], one["state"]) for one in facts if one["fact"] != "order"
        ]

    assert told("first") == [("settlement", "t1", "190.00", "paid")]
    assert told("settled") == [
        ("settlement", "t1", "177.00", "payout"),
        ("fee", "commission", "10.00", None),
        ("fee", "freight", "3.00", None),
    ]
    page = text(person(shop).get("/events/settled/"))
    assert "platform fee commission" in page
    assert "payout of the platform" in page


def test_what_is_not_said_takes_no_place(shop: Shop) -> None:
    shop.sends(order("w1", "1000", "u1", later(days=1)))
    shop.sends(order("t1", "1000", "u1", later(days=1), fees=[], payout=0), to="tmall")
    kept = "select measure from metrics_rollup where workspace_id = %(w)s and measure ~ 'fees|payout'"
    assert rows(connection, kept, w=shop.workspace.pk) == [("gmv_with_fees",)]
    settled = "select order_id from metrics_settlement where workspace_id = %(w)s"
    assert rows(connection, settled, w=shop.workspace.pk) == [("t1",)]
