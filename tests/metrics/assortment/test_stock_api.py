"""Shelves made by hand, from the record to the API: cover, days without, lost sales, transfers, oversold orders."""

from typing import Any

import pytest

from cdp.pipeline import rebuild
from kernel.models import Role
from tests.shop import Shop, later, order

pytestmark = pytest.mark.django_db
AT = "2026-03-30"  # the 30 days begin with the shop's first


@pytest.fixture
def shop(db: None) -> Shop:
    made = Shop()
    made.channel("Tmall", "marketplace")
    return made


def level(sku: str, pieces: int, channel: str, days: float = 0, **more: Any) -> dict[str, Any]:
    at = later(days=days).isoformat()
    return {"type": "stock", "sku": sku, "quantity": pieces, "channel": channel, "at": at} | more


def sells(shop: Shop, sku: str, to: str, *days: float, pieces: int = 1) -> None:
    line = {"sku": sku, "price": 10, "quantity": pieces}
    shop.sends(
        *(order(f"{sku}-{to}-{day}", 10 * pieces, "u1", later(days=day), products=[line]) for day in days),
        to=to,
    )


def stock(shop: Shop, **asked: Any) -> dict[str, Any]:
    return shop.get("/api/stock/", **{"at": AT} | asked)


def item(shop: Shop, sku: str, channel: str, **asked: Any) -> dict[str, Any]:
    (found,) = (
        one for one in stock(shop, **asked)["results"] if (one["sku"], one["channel"]) == (sku, channel)
    )
    return found


def test_level_cover_days_without_and_what_they_lost(shop: Shop) -> None:
    shop.records(
        {"type": "product", "sku": "lamp", "name": "Reading lamp", "category": "Light"},
        {"type": "price", "sku": "lamp", "price": "10", "channel": "store", "at": later(days=1).isoformat()},
        {"type": "cost", "sku": "lamp", "unit_cost": "4", "at": later(days=1).isoformat()},
        level("lamp", 20, "store"),
        level("lamp", 0, "store", days=20.5),
        level("lamp", 5, "store", days=25.5),
        level("lamp", 3, "store", days=26, location="back"),
    )
    sells(shop, "lamp", "store", *range(0, 20, 2), pieces=2)  # 20 pieces on 10 days of the 25 with stock
    found = item(shop, "lamp", "store")
    assert found | {"lost_units_low": 0, "lost_units_high": 0, "lost_sales_low": 0, "lost_sales_high": 0} == {
        "sku": "lamp", "channel": "store", "name": "Reading lamp", "category": "Light",
        "level": "8", "state": "even", "days": 30, "days_out": 5, "stock_outs": 1, "units": "20",
        "daily": "0.800000", "days_of_cover": "10.000000", "turnover": "1.372998",
        "lost_units": "4.000000", "lost_units_low": 0, "lost_units_high": 0,
        "lost_sales": "40.000000", "lost_sales_low": 0, "lost_sales_high": 0, "value": "32",
    }  # fmt: skip
    # variance of a day: (10 x 4 - 20 x 20 / 25) / 24 = 1; of five days and their mean: 5 + 25 / 25
    assert (found["lost_units_low"], found["lost_units_high"]) == ("0.000000", "8.800912")
    assert found["lost_sales_high"] == "88.009117"
    totals = stock(shop)["totals"]
    assert (totals["items"], totals["even"], totals["lost_sales"], totals["value"]) == (
        1,
        1,
        "40.000000",
        "32",
    )
    assert totals["stock_out_rate"] == "0.166667"
    before = stock(shop)
    rebuild.everything()
    assert stock(shop) == before


def test_what_is_not_known_is_not_made_up(shop: Shop) -> None:
    shop.records(level("new", 0, "store", days=27), level("still", 7, "store"))
    new, still = item(shop, "new", "store"), item(shop, "still", "store")
    assert (new["days"], new["days_out"], new["daily"], new["lost_units"], new["lost_sales"]) == (
        *(3, 3), None, None, None,
    )  # fmt: skip
    assert (new["state"], new["turnover"], new["value"]) == ("out", None, None)
    assert (still["state"], still["days_of_cover"], still["turnover"]) == ("long", None, "0.000000")
    assert stock(shop)["totals"]["without_cost"] == 1
    assert stock(shop, at="2026-02-01")["results"] == []


def test_a_late_level_tells_of_the_days_since(shop: Shop) -> None:
    shop.records(level("a", 5, "store"))
    assert item(shop, "a", "store")["days_out"] == 0
    shop.records(level("a", 0, "store", days=20), level("a", 9, "store", days=24))
    assert (item(shop, "a", "store")["days_out"], item(shop, "a", "store")["level"]) == (4, "9")
    assert item(shop, "a", "store", at="2026-03-22")["level"] == "0"


def test_days_close_where_the_workspace_is_when_clocks_change(db: None) -> None:
    shop = Shop(zone="Europe/Berlin", currency="EUR")
    shop.records(
        {"type": "stock", "sku": "a", "quantity": 5, "channel": "store", "at": "2026-03-27T23:00:00Z"},
        {"type": "stock", "sku": "a", "quantity": 0, "channel": "store", "at": "2026-03-28T23:00:00Z"},
        {"type": "stock", "sku": "a", "quantity": 5, "channel": "store", "at": "2026-03-29T22:00:00Z"},
    )
    found = item(shop, "a", "store", at="2026-03-31")
    assert (found["days"], found["days_out"]) == (4, 1)  # the day of 23 hours is one
    assert item(shop, "a", "store", at="2026-03-29")["state"] == "out"


def test_what_lies_still_goes_where_it_sells(shop: Shop) -> None:
    shop.records(
        {"type": "price", "sku": "a", "price": "10", "channel": "tmall", "at": later(days=1).isoformat()},
        level("a", 100, "store"),
        level("a", 3, "tmall"),
        level("a", 40, "web-shop"),
        level("b", 100, "store"),
        level("b", 100, "tmall"),
    )
    sells(shop, "a", "tmall", *range(30))  # one a day
    sells(shop, "a", "web-shop", *range(30))
    found = shop.get("/api/stock/transfers/", at=AT)
    (move,) = found["transfers"]
    assert (found["currency"], move["sku"], move["from"], move["to"]) == ("CNY", "a", "store", "tmall")
    assert move["pieces"] == "18"  # up to 21 days of cover
    assert move["target"] == {
        "level": "3", "level_after": "21", "days_of_cover": "3.000000", "days_of_cover_after": "21.000000",
    }  # fmt: skip
    assert move["source"] == {
        "level": "100", "level_after": "82", "days_of_cover": None, "days_of_cover_after": None,
    }  # fmt: skip
    # 3 of 100 + 3 * 3 / 60; then 21 of 82 + 21 * 21 / 60
    assert (move["turnover"], move["turnover_after"]) == ("0.029955", "0.235031")
    assert (move["units_more"], move["sales_more"]) == ("18.000000", "180.000000")
    assert shop.get("/api/stock/transfers/", at=AT, channel="tmall")["transfers"] == []


def test_orders_of_what_was_not_there_lead_to_their_rows(shop: Shop) -> None:
    shop.records(
        level("a", 1, "store"),
        level("a", 0, "store", days=2),
        level("a", 4, "store", days=5),
        level("a", 9, "tmall"),
    )
    sells(shop, "a", "store", 1, 3, 6)
    sells(shop, "a", "tmall", 3)
    found = shop.get("/api/stock/oversold/", at=AT)["results"]
    assert [(one["order_id"], one["channel"], one["level"]) for one in found] == [("a-store-3", "store", "0")]
    (row,) = shop.get("/api/events/", message_id=found[0]["message_id"])["results"]
    assert row["properties"]["order_id"] == "a-store-3"
    assert shop.get("/api/stock/oversold/", at=AT, channel="tmall")["results"] == []
    assert shop.get("/api/stock/oversold/", at="2026-05-01")["results"] == []


def test_a_list_is_read_page_by_page_both_ways(shop: Shop) -> None:
    shop.records(
        *({"type": "product", "sku": f"s{n}", "category": "odd" if n % 2 else "even"} for n in range(7)),
        *(level(f"s{n}", n // 2, "store") for n in range(7)),
    )
    asked = {"ordering": "-level", "limit": 3}
    page, found, pages = stock(shop, **asked), [], []
    while True:
        pages.append([one["sku"] for one in page["results"]])
        found += pages[-1]
        if not page["next"]:
            break
        page = shop.api().get(page["next"]).json()
    assert found == ["s6", "s5", "s4", "s3", "s2", "s1", "s0"]
    for wanted in reversed(pages[:-1]):
        page = shop.api().get(page["previous"]).json()
        assert [one["sku"] for one in page["results"]] == wanted
    assert page["previous"] is None
    assert [one["sku"] for one in stock(shop, ordering="level", limit=2)["results"]] == ["s0", "s1"]
    assert [one["sku"] for one in stock(shop, state="out")["results"]] == ["s1", "s0"]
    assert {one["sku"] for one in stock(shop, category="odd")["results"]} == {"s1", "s3", "s5"}
    assert [one["sku"] for one in stock(shop, sku=["s2"])["results"]] == ["s2"]


@pytest.mark.parametrize("path", ["", "transfers/", "oversold/"])
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"at": "soon"}, "bad_at"),
        ({"channel": "nowhere"}, "unknown_channel"),
        ({"colour": "red"}, "unknown_filter"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    shop: Shop, path: str, asked: dict[str, str], code: str
) -> None:
    answer = shop.api().get(f"/api/stock/{path}", asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["message"].endswith(".")


@pytest.mark.parametrize("asked", [{"state": "odd"}, {"ordering": "colour"}, {"cursor": "x"}, {"limit": "x"}])
def test_what_a_list_does_not_know_is_said(shop: Shop, asked: dict[str, str]) -> None:
    assert shop.api().get("/api/stock/", asked).status_code == 400


def test_a_viewer_sees_no_contact_data(shop: Shop) -> None:
    line = {"sku": "a", "price": 10, "quantity": 1}
    shop.records(level("a", 0, "store"), {"type": "product", "sku": "a", "name": "of 13812345021"})
    shop.sends(order("13812345021", 10, "u1", later(days=1), products=[line]), to="store")
    for path in ("", "oversold/"):
        assert "13812345021" not in str(shop.get(f"/api/stock/{path}", role=Role.VIEWER, at=AT))
