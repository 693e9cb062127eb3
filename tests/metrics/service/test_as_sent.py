"""After-sales and payments of messages as channels send them: from the inbox to the answer, and the ledger's sums."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.shop import Shop, identify, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
RETURNS, TICKETS, PAYMENTS = "/api/aftersales/returns/", "/api/aftersales/tickets/", "/api/payments/"
CHAIR = [{"sku": "chair", "quantity": 1, "price": "60"}, {"sku": "lamp", "quantity": 2, "price": "20"}]


def at(day: int, hour: float = 4) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=hour)


@pytest.fixture
def shop(db: None) -> Shop:
    """A chair bought on the web, taken back in the store; others as the tests' names say."""
    found = Shop()
    found.channel("Call centre", "call_centre")
    found.records({"type": "rate", "currency": "USD", "rate": "7", "at": "2026-01-01T00:00:00Z"})
    found.sends(
        identify("u1", at=at(1), name="Lin Wei"),
        order("A", "100", "u1", at(2), currency="CNY", products=CHAIR),
        track("Payment Started", "u1", at(2, 4.1), order_id="A", payment_id="p1", method="card"),
        track(
            "Payment Failed", "u1", at(2, 4.2), order_id="A", payment_id="p1", method="card", reason="limit"
        ),
        track(
            "Payment Succeeded", "u1", at(2, 5), order_id="A", payment_id="p2", method="wechat", amount="100"
        ),
        track("Return Requested", "u1", at(5), order_id="A", return_id="r1", products=CHAIR[:1]),
        order("B", "10", "u2", at(3), currency="USD"),
        track("Order Refunded", "u2", at(4), order_id="B", refund_id="f2", total="4"),
        order("C", "50", "u3", at(3), currency="CNY"),
        track("Order Cancelled", "u3", at(6), order_id="C"),
        order("D", "8", "u4", at(3), currency="GBP"),
        track("Order Refunded", "u4", at(7), order_id="D", refund_id="f4", total="8"),
    )
    found.sends(
        track(
            "Return Received", None, at(7), order_id="A", return_id="r1", store="Hubin", products=CHAIR[:1]
        ),
        to="store",
    )
    found.sends(
        track("Order Refunded", "u1", at(8, 10), order_id="A", refund_id="f1", total="60"),
        track("Feedback Given", "u1", at(9), order_id="A", feedback_id="a1", score=5, scale=5),
    )
    found.sends(
        track("Ticket Opened", "u1", at(5, 6), ticket_id="t1", order_id="A", topic="where"),
        track("Ticket Resolved", "u1", at(5, 8), ticket_id="t1", first_response_at=at(5, 6.5).isoformat()),
        track("Ticket Opened", "u1", at(6, 8), ticket_id="t1"),
        track("Ticket Opened", "u9", at(6, 8), ticket_id="t2"),
        to="call-centre",
    )
    return found


def test_the_matrix_and_its_sums_are_the_ledgers(shop: Shop) -> None:
    found = shop.get(RETURNS, **MARCH)
    none = {"returns": 0, "lines": 0, "refunded": 0, "median_hours": None, "satisfied": 0, "answered": 0}
    cells = [one | {"amount": Decimal(one["amount"])} for one in found["cells"]]
    assert cells == [
        {
            "bought": "web-shop",
            "returned": "store",
            "returns": 1,
            "orders": 1,
            "lines": 1,
            "amount": 60,
            "refunded": 1,
            "median_hours": "78.0000",
            "satisfied": 1,
            "answered": 1,
        },
        none | {"bought": "web-shop", "returned": None, "orders": 3, "amount": 78},
    ]
    refunds, crossed = shop.metric("refunds"), shop.metric("cross_channel_return_rate")["total"]
    assert Decimal(found["total"]["amount"]) == Decimal(refunds["total"]["value"]) == 138
    assert [(one["currency"], Decimal(one["value"])) for one in found["unconverted"]] == [("GBP", 8)]
    assert found["unconverted"] == refunds["unconverted"]
    counted = (Decimal(crossed["denominator"]), Decimal(crossed["numerator"]))
    assert (found["total"]["returns"], found["total"]["elsewhere"]) == counted == (1, 1)
    (times,) = found["refund_times"]
    assert (times["channel"], times["returns"], times["refunded"], times["waiting"]) == ("store", 1, 1, 0)


def test_the_rows_behind_a_cell_are_returns_or_refunds(shop: Shop) -> None:
    rows = shop.get(f"{RETURNS}rows/", bought="web-shop", returned="store", **MARCH)
    (one,) = rows["results"]
    assert (rows["rows"], one["order_id"], one["customer"], one["store"]) == (
        "returns",
        "A",
        "Lin Wei",
        "Hubin",
    )
    assert (one["requested_at"], one["hours"], Decimal(one["refunded"])) == (
        "2026-03-05T04:00:00Z",
        "78.0000",
        60,
    )
    paid = shop.get(f"{RETURNS}rows/", rows="refunds", returned="null", **MARCH)["results"]
    assert [(one["order_id"], one["kind"], Decimal(one["amount"])) for one in paid] == [
        ("D", "refund", 8),
        ("C", "cancel", 50),
        ("B", "refund", 4),
    ]
    first = shop.get(f"{RETURNS}rows/", rows="refunds", limit=3, **MARCH)
    assert [one["order_id"] for one in first["results"]] == ["A", "D", "C"]
    rest = shop.api().get(first["next"]).json()
    assert [one["order_id"] for one in rest["results"]] == ["B"]
    assert [one["order_id"] for one in shop.api().get(rest["previous"]).json()["results"]] == ["A", "D", "C"]


def test_tickets_by_order_channel_and_service_channel(shop: Shop) -> None:
    found = shop.get(TICKETS, cost="call-centre:12.5", **MARCH)
    assert [(one["bought"], one["served"], one["opened"], one["reopened"]) for one in found["cells"]] == [
        ("web-shop", "call-centre", 1, 1),
        (None, "call-centre", 1, 0),
    ]
    (one,) = found["channels"]
    assert (one["opened"], one["resolved"], one["open"]) == (2, 1, 2)
    assert (one["median_response_minutes"], one["median_resolution_hours"]) == ("30.0000", "2.0000")
    assert (Decimal(found["cost"]), found["missing_cost"]) == (25, 0)
    assert shop.get(TICKETS, **MARCH)["missing_cost"] == 2
    again = shop.get(f"{TICKETS}rows/", which="reopened", **MARCH)["results"]
    assert [(one["ticket_id"], one["customer"], one["closed_at"]) for one in again] == [
        ("t1", "Lin Wei", None)
    ]
    assert len(shop.get(f"{TICKETS}rows/", bought="null", **MARCH)["results"]) == 1


def test_an_order_from_end_to_end(shop: Shop) -> None:
    found = shop.get("/api/aftersales/orders/web-shop/A/")
    assert [(one["what"], one["channel"]) for one in found["events"]] == [
        ("ordered", "web-shop"),
        ("payment_started", "web-shop"),
        ("payment_failed", "web-shop"),
        ("paid", "web-shop"),
        ("return_requested", "web-shop"),
        ("ticket_opened", "call-centre"),
        ("ticket_answered", "call-centre"),
        ("ticket_resolved", "call-centre"),
        ("return_received", "store"),
        ("refunded", "web-shop"),
        ("feedback", "web-shop"),
    ]
    assert (found["customer"], found["returned_elsewhere"]) == ("Lin Wei", True)
    assert [(one["sku"], one["quantity"], one["returned"]) for one in found["lines"]] == [
        ("chair", "1", "1"),
        ("lamp", "2", "0"),
    ]
    for path in ("/api/aftersales/orders/web-shop/nobody/", "/api/aftersales/orders/moon/A/"):
        assert shop.api().get(path).status_code == 404


def test_payments_by_method_channel_and_reason(shop: Shop) -> None:
    found = shop.get(PAYMENTS, **MARCH)
    groups = {one["key"]: one for one in found["groups"]}
    card, wechat = groups["card"], groups["wechat"]
    assert (card["started"], card["failed"], card["retried_elsewhere"], card["won"]) == (1, 1, 1, 1)
    assert (wechat["started"], wechat["succeeded"], wechat["conversion"]) == (1, 1, "1.0000000000")
    assert found["total"]["conversion"] == "0.5000000000"
    assert [one["key"] for one in shop.get(PAYMENTS, by="reason", **MARCH)["groups"]] == ["limit"]
    rows = shop.get(f"{PAYMENTS}rows/", by="channel", key="web-shop", outcome="won", **MARCH)["results"]
    assert [(one["order_id"], one["customer"], one["reason"]) for one in rows] == [("A", "Lin Wei", "limit")]


def test_a_checkout_that_never_became_an_order_counts_as_failed(shop: Shop) -> None:
    shop.sends(track("Payment Failed", "u7", at(9), order_id="never", payment_id="p", method="card"))
    total = shop.get(PAYMENTS, **MARCH)["total"]
    assert (total["started"], total["failed"]) == (3, 2)
    waiting = shop.get("/api/orders/waiting/")["results"]
    assert [(one["order_id"], one["reason"]) for one in waiting] == [("never", "unknown_order")]


def test_what_is_paid_without_an_order_or_twice_is_work_to_do(shop: Shop) -> None:
    shop.sends(
        track("Payment Succeeded", "u7", at(9), order_id="lost", payment_id="p", amount="30", currency="CNY"),
        track("Payment Succeeded", "u1", at(9), order_id="A", payment_id="p3", amount="100"),
        track("Payment Succeeded", "u2", at(3), order_id="B", payment_id="p1", amount="6"),
        track("Payment Succeeded", "u2", at(3), order_id="B", payment_id="p2", amount="4"),
    )
    troubles = f"{PAYMENTS}troubles/"
    (orphan,) = shop.get(troubles, **MARCH)["results"]
    assert (orphan["order_id"], orphan["total"], Decimal(orphan["excess"])) == ("lost", None, 30)
    twice = shop.get(troubles, kind="duplicate", **MARCH)["results"]
    assert [(one["order_id"], one["payments"], Decimal(one["excess"])) for one in twice] == [("A", 2, 100)]
    shop.sends(
        order("lost", "30", "u7", at(9, 6), currency="CNY"),
        track("Order Refunded", "u1", at(10), order_id="A", refund_id="f9", total="100"),
    )
    assert shop.get(troubles, **MARCH)["results"] == []
    assert shop.get(troubles, kind="duplicate", **MARCH)["results"] == []


def test_what_a_method_changed(shop: Shop) -> None:
    asked = {"method": "wechat", "channel": "web-shop", "at": "2026-03-02", "window": "1d"}
    shop.sends(
        track("Payment Failed", "u3", at(1, 4), order_id="C", payment_id="p", method="card"),
        track("Payment Failed", "u3", at(3, 4), order_id="D", payment_id="p", method="card"),
    )
    found = shop.get(f"{PAYMENTS}arrival/", **asked)
    assert (found["before"]["orders"], found["before"]["paid"]) == (1, 0)
    assert (found["after"]["orders"], found["after"]["paid"]) == (1, 1)
    assert Decimal(found["change"]["value"]) == 1
    assert (found["days"], found["difference"]) == (1, None)
    assert shop.get(f"{PAYMENTS}arrival/", method="wechat", channel="web-shop")["at"] == "2026-03-02"


def test_who_may_not_see_contact_data_sees_none(shop: Shop) -> None:
    shop.sends(
        order("13812345678", "5", "u5", at(3), currency="CNY"),
        track(
            "Order Refunded",
            "u5",
            at(4),
            order_id="13812345678",
            refund_id="x",
            total="1",
            reason="13812345678",
        ),
        track("Payment Succeeded", "u5", at(4), order_id="13912345678", payment_id="y", amount="1"),
    )
    for path, more in (
        (f"{RETURNS}rows/", {"rows": "refunds"}),
        (f"{PAYMENTS}rows/", {}),
        (f"{PAYMENTS}troubles/", {}),
        ("/api/aftersales/orders/web-shop/13812345678/", {}),
    ):
        days = {} if "orders" in path else MARCH
        answer = shop.api("viewer").get(path, more | days)
        assert answer.status_code == 200
        assert b"12345678" not in answer.content


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        (RETURNS, {"from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        (RETURNS, {"by": "channel"}, "unknown_filter"),
        (f"{RETURNS}rows/", {"rows": "money"}, "bad_rows"),
        (f"{RETURNS}rows/", {"bought": "moon"}, "unknown_channel"),
        (f"{RETURNS}rows/", {"cursor": "x"}, "bad_cursor"),
        (TICKETS, {"cost": "store:much"}, "bad_cost"),
        (TICKETS, {"cost": "moon:1"}, "unknown_channel"),
        (f"{TICKETS}rows/", {"which": "lost"}, "bad_which"),
        (PAYMENTS, {"by": "weather"}, "bad_by"),
        (f"{PAYMENTS}rows/", {"outcome": "great"}, "bad_outcome"),
        (f"{PAYMENTS}rows/", {"by": "channel", "key": "moon"}, "unknown_channel"),
        (f"{PAYMENTS}troubles/", {"kind": "old"}, "bad_kind"),
        (f"{PAYMENTS}arrival/", {"channel": "store"}, "bad_method"),
        (f"{PAYMENTS}arrival/", {"method": "wechat", "channel": "moon"}, "unknown_channel"),
        (f"{PAYMENTS}arrival/", {"method": "wechat", "channel": "store"}, "unknown_method"),
        (f"{PAYMENTS}arrival/", {"method": "wechat", "channel": "store", "at": "now"}, "bad_at"),
        (f"{PAYMENTS}arrival/", {"method": "wechat", "channel": "store", "window": "5h"}, "bad_window"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(
    shop: Shop, path: str, asked: dict[str, Any], code: str
) -> None:
    answer = shop.api().get(path, asked)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == code
    assert len(answer.json()["message"]) > 20


def test_a_workspace_to_which_nothing_came() -> None:
    empty = Shop()
    assert empty.get(RETURNS, **MARCH)["cells"] == []
    assert empty.get(TICKETS, **MARCH)["cells"] == []
    assert empty.get(PAYMENTS, **MARCH)["groups"] == []
