"""Bills of platforms held against the orders they pay for, from the record to the read API."""

from typing import Any

import pytest

from cdp.pipeline import rebuild
from kernel.models import Role
from tests.shop import Shop, later, order

pytestmark = pytest.mark.django_db(transaction=True)
PERIOD = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.channel("Tmall", "marketplace")
    made.channel("Europe", "web", currency="EUR")
    return made


def bill(order_id: Any, amount: Any, days: float = 9, **more: Any) -> dict[str, Any]:
    at = later(days=days).isoformat()
    return {"type": "payout", "order_id": order_id, "amount": amount, "channel": "tmall", "at": at} | more


def told(shop: Shop, **asked: Any) -> dict[str, Any]:
    return shop.get("/api/payouts/", **PERIOD | asked)


def states(shop: Shop, **asked: Any) -> list[tuple[str, str, Any, Any, str]]:
    return [
        (one["order_id"], one["state"], one["expected"], one["paid"], one["difference"])
        for one in told(shop, **asked)["results"]
    ]


def test_each_order_is_matched_missing_differing_or_not_expected(shop: Shop) -> None:
    commission = [{"kind": "commission", "amount": "5"}]
    shop.sends(
        order("t1", "100", "u1", later(days=1), payout="95", fees=commission),
        order("t2", "50", "u1", later(days=2), payout="47.50"),
        order("t3", "60", "u1", later(days=3), payout="57"),
        order("t4", "60", "u1", later(days=4)),
        order("old", "60", "u1", later(days=-4), payout="50"),
        to="tmall",
    )
    shop.records(
        bill(
            "t1",
            "95.00",
            fees=[{"kind": "commission", "amount": "4"}, {"kind": "freight", "amount": "1.005"}],
        ),
        bill("t3", 50, id="a"),
        bill("t3", "6.995", id="b"),
        bill("t3", -7, id="c"),
        bill("old", 50),
        bill("t4", "58", days=10),
        bill("nobody's", "8", days=11),
    )
    assert shop.get("/api/rejects/")["results"] == []
    assert states(shop) == [
        ("nobody's", "unexpected", None, "8.00", "8.00"),
        ("t4", "unexpected", None, "58.00", "58.00"),
        ("t3", "differing", "57.00", "50.00", "-7.00"),
        ("t2", "missing", "47.50", None, "-47.50"),
        ("t1", "matched", "95.00", "95.00", "0.00"),
    ]
    first = told(shop)["results"][-1]
    assert (first["fees"], first["fees_billed"], first["channel"]) == ("5.00", "5.01", "tmall")
    assert [(one["state"], one["orders"], one["difference"]) for one in told(shop)["totals"]] == [
        ("matched", 1, "0.00"),
        ("missing", 1, "-47.50"),
        ("differing", 1, "-7.00"),
        ("unexpected", 2, "66.00"),
    ]
    assert [one[0] for one in states(shop, state="missing")] == ["t2"]
    assert states(shop, channel="web-shop") == []
    assert states(shop, channel="tmall") == states(shop)
    before = told(shop)
    rebuild.everything()
    assert told(shop) == before


def test_the_same_line_again_takes_the_place_of_the_one_before(shop: Shop) -> None:
    shop.sends(order("t1", "100", "u1", later(days=1), payout="95"), to="tmall")
    shop.records(bill("t1", 90))
    shop.records(bill("t1", 95, days=12))
    assert states(shop) == [("t1", "matched", "95.00", "95.00", "0.00")]
    (record,) = shop.get("/api/records/", type="payout", channel="tmall")["results"]
    assert (record["order_id"], record["amount"], record["channel"]) == ("t1", "95.00", "tmall")
    shop.records(bill("t1", -5, id="back"))
    assert states(shop) == [("t1", "differing", "95.00", "90.00", "-5.00")]


def test_a_bill_in_another_currency_pays_nothing_of_an_order(shop: Shop) -> None:
    shop.sends(order("e1", "100", "u1", later(days=1), payout="95"), to="europe")
    shop.records(bill("e1", 95, channel="europe", currency="usd"))
    assert {one[:2] for one in states(shop)} == {("e1", "missing"), ("e1", "unexpected")}
    shop.records({"type": "payout", "order_id": "e1", "amount": 95}, to="europe")
    assert {(one["currency"], one["state"]) for one in told(shop)["totals"]} == {("EUR", "matched")}


def test_it_is_read_page_by_page_and_refuses_what_it_does_not_know(shop: Shop) -> None:
    shop.sends(*(order(f"t{n}", 10, "u1", later(days=1 + n), payout=9) for n in range(5)), to="tmall")
    page = told(shop, limit=2)
    found = page["results"]
    while page["next"]:
        page = shop.api().get(page["next"]).json()
        found += page["results"]
    assert [one["order_id"] for one in found] == ["t4", "t3", "t2", "t1", "t0"]
    for wrong in (
        {"state": "odd"},
        {"channel": "nowhere"},
        {"from": "yesterday"},
        {"colour": "red"},
        {"cursor": "x"},
    ):
        answer = shop.api().get("/api/payouts/", PERIOD | wrong)
        assert answer.status_code == 400, wrong
        assert answer.json()["message"]


@pytest.mark.parametrize(
    ("said", "reason", "field"),
    [
        ({"order_id": ""}, "missing_field", "order_id"),
        ({"order_id": "null"}, "missing_field", "order_id"),
        ({"amount": None}, "missing_field", "amount"),
        ({"amount": "soon"}, "bad_amount", "amount"),
        ({"amount": 10**16}, "bad_amount", "amount"),
        ({"currency": "XX"}, "bad_currency", "currency"),
        ({"fees": 5}, "bad_amount", "fees"),
        ({"fees": [{"kind": "commission", "amount": -5}]}, "bad_amount", "fees.amount"),
        ({"channel": "nowhere"}, "unknown_channel", "channel"),
    ],
)
def test_what_cannot_be_used_is_a_reject(shop: Shop, said: dict[str, Any], reason: str, field: str) -> None:
    shop.records(bill("t1", 5) | said, bill("t2", 5))
    (reject,) = shop.get("/api/rejects/")["results"]
    assert (reject["reason"], reject["field"]) == (reason, field)
    assert [one[0] for one in states(shop)] == ["t2"]


def test_a_viewer_sees_no_phone_in_an_orders_number(shop: Shop) -> None:
    shop.records(bill("13812345021", 5))
    (one,) = shop.get("/api/payouts/", role=Role.VIEWER, **PERIOD)["results"]
    assert one["order_id"] != "13812345021"
