"""Retention, switching and touchpoints of messages as channels send them: from the inbox to the answer."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.shop import Shop, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
SPRING = {"from": "2026-01-01", "to": "2026-03-31"}
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def at(month: int, day: int, hour: int = 4) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def effects(shop: Shop, **asked: Any) -> dict[tuple[str, str], tuple[int, int]]:
    """Customers with, and of them repurchased, where there are any."""
    found = shop.get("/api/journeys/touchpoints/", **(MARCH | asked))["effects"]
    return {
        (one["touchpoint"], one["split"]): (one["with"]["customers"], one["with"]["repurchased"])
        for one in found
        if one["with"]["customers"]
    }


def test_cohorts_with_refunds_rates_and_a_month_that_ends_in_the_zone() -> None:
    shop = Shop()
    shop.records({"type": "rate", "currency": "USD", "rate": "7", "at": "2026-01-01T00:00:00Z"})
    shop.sends(
        order("a", "100", "u1", at(1, 5), currency="CNY", store="Hubin"),
        order("b", "10", "u1", at(2, 5), currency="USD"),
        track("Order Refunded", "u1", at(3, 2), order_id="b", refund_id="r", total="4"),
        order("c", "60", "u2", at(1, 31, 20), currency="CNY"),  # 1 February in Shanghai
        order("d", "5", "u2", at(2, 7), currency="GBP"),
        order("e", "999", None, at(1, 7), currency="CNY"),
        track("Order Cancelled", "u2", at(2, 20), order_id="c"),
    )
    found = shop.get("/api/journeys/retention/", measure="revenue", by="store", **SPRING)
    money = [[Decimal(value) for value in one["values"]] for one in found["cohorts"] if one["size"]]
    assert money == [[100, 170, 142], [0, 0]]
    assert [(one["currency"], Decimal(one["value"])) for one in found["unconverted"]] == [("GBP", 5)]
    assert {value: [one["size"] for one in of["cohorts"]] for value, of in found["by"].items()} == {
        "Hubin": [1, 0, 0],
        "null": [0, 1, 0],
    }
    counts = [one["values"] for one in shop.get("/api/journeys/retention/", **SPRING)["cohorts"]]
    assert counts == [[1, 1, 0], [1, 0], [0]]


def test_a_join_makes_two_beginners_one_who_came_back() -> None:
    shop = Shop()
    shop.sends(
        order("a", "10", None, at(1, 5), currency="CNY", anonymous="device"),
        order("b", "10", "u1", at(2, 5), currency="CNY"),
    )
    sizes = [one["size"] for one in shop.get("/api/journeys/retention/", **SPRING)["cohorts"]]
    assert sizes == [1, 1, 0]
    shop.sends(track("Signed In", "u1", at(2, 6), anonymous="device"))
    found = shop.get("/api/journeys/retention/", **SPRING)["cohorts"]
    assert [one["values"] for one in found] == [[1, 1, 0], [0, 0], [0]]


def test_switching_between_orders_and_visits() -> None:
    shop = Shop()
    shop.sends(
        order("a", "10", "u1", at(1, 5), currency="CNY"),
        track("Product Viewed", "u1", at(3, 2)),
        track("Cart Viewed", "u1", at(3, 2) + timedelta(minutes=29)),
        track("Product Viewed", "u1", at(3, 2) + timedelta(minutes=59)),
    )
    shop.sends(
        order("b", "10", "u1", at(3, 5), currency="CNY"), track("Store Visited", "u1", at(3, 4)), to="store"
    )
    orders = shop.get("/api/journeys/switching/", **MARCH)["cells"]
    assert [(one["from"], one["to"], one["count"], Decimal(one["median_days"])) for one in orders] == [
        ("web-shop", "store", 1, 59)
    ]
    visits = shop.get("/api/journeys/switching/", on="visits", **MARCH)["cells"]
    assert {(one["from"], one["to"], one["count"]) for one in visits} == {
        (None, "web-shop", 1),
        ("web-shop", "web-shop", 1),
        ("web-shop", "store", 1),
    }


def test_every_split_is_met_by_what_channels_send() -> None:
    shop = Shop()
    late, slow = (at(3, 8).isoformat(), at(3, 12).isoformat())
    goods = [{"sku": "S", "quantity": 1, "price": "100"}]
    shop.records(
        {"type": "price", "sku": "S", "price": "100", "currency": "CNY", "at": at(3, 1).isoformat()},
        {
            "type": "price",
            "sku": "S",
            "price": "90",
            "currency": "CNY",
            "at": at(3, 1).isoformat(),
            "channel": "store",
        },
    )
    shop.sends(
        *(order(user, "100", user, at(3, 5), currency="CNY") for user in ("u1", "u2", "u3", "u4", "u6")),
        order("u5", "100", "u5", at(3, 5), currency="CNY", products=goods),
        track("Order Shipped", "u1", at(3, 6), order_id="u1", promised_at=late),
        track("Order Delivered", "u1", at(3, 9), order_id="u1"),
        track("Order Shipped", "u6", at(3, 6), order_id="u6", promised_at=late),
        track("Order Delivered", "u6", at(3, 7), order_id="u6"),
        track("Payment Failed", "u2", at(3, 6), order_id="u2", payment_id="p"),
        track("Ticket Opened", "u3", at(3, 10), ticket_id="t"),
        track("Ticket Resolved", "u3", at(3, 12), ticket_id="t", first_response_at=slow),
        track("Return Requested", "u4", at(3, 20), order_id="u4", return_id="x"),
        track("Feedback Given", "u1", at(3, 10), score=2, feedback_id="f1"),
        track("Feedback Given", "u6", at(3, 10), score=5, feedback_id="f2"),
        order("again", "100", "u6", at(4, 5), currency="CNY"),
    )
    assert effects(shop) == {
        ("logistics", "any"): (2, 1),
        ("payment", "any"): (1, 0),
        ("after-sales", "any"): (2, 0),
        ("logistics", "late"): (1, 0),
        ("payment", "failed_payment"): (1, 0),
        ("after-sales", "slow_answer"): (1, 0),
        ("order", "price_gap"): (1, 0),
        ("after-sales", "refused_return"): (1, 0),
    }
    (any_,) = (
        one
        for one in shop.get("/api/journeys/touchpoints/", **MARCH)["effects"]
        if (one["touchpoint"], one["split"]) == ("logistics", "any")
    )
    assert (any_["with"]["satisfied"], any_["with"]["answered"]) == (1, 2)
    assert any_["without"]["answered"] == 0
    assert effects(shop, within="2d") == {("payment", "any"): (1, 0), ("payment", "failed_payment"): (1, 0),
        ("logistics", "any"): (2, 0), ("order", "price_gap"): (1, 0)}  # fmt: skip
