"""A number by any dimension: the values come to the catalogue's total, filters leave what they say, rows add up."""

from decimal import Decimal
from typing import Any

import pytest

from metrics import query
from metrics.breakdown import reading
from metrics.catalogue import METRICS, parts
from tests.shop import Shop, identify, later, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]


@pytest.fixture
def shop(db: None) -> Shop:
    made = Shop()
    made.records({"type": "cost", "sku": "A", "unit_cost": "3.333", "at": later().isoformat()})
    made.records({"type": "rate", "currency": "USD", "rate": "7.1234", "at": later().isoformat()})
    made.sends(
        identify("u1", later(), city="Shanghai"),
        identify("u2", later(), city="Beijing"),
        track("Membership Joined", "u1", later(days=1), member_no="M1", tier="silver"),
        track("Membership Upgraded", "u1", later(days=5), member_no="M1", tier="gold"),
        order(
            "o1", "100", "u1", later(days=2), store="Pudong", products=[goods("A", 3, "20", category="tea")]
        ),
        order("o2", "50.5", "u1", later(days=6), store="Pudong", products=[goods("B", 1, "9", brand="Hemu")]),
        order("o3", "20", "u2", later(days=6), store="Bund", currency="USD"),
        order("o4", "7", "u3", later(days=6), products=[goods("A", 1, "7", category="tea")]),
        order("o5", "5", None, later(days=7), currency="EUR", store="Bund"),
        track("Order Refunded", "u1", later(days=8), order_id="o1", total="10", refund_id="r1"),
        track("Return Received", "u1", later(days=9), order_id="o1", products=[{"sku": "A", "quantity": 1}]),
        track(
            "Payment Failed", "u1", later(days=2), order_id="o1", payment_id="p1", amount="100", method="card"
        ),
        track(
            "Payment Succeeded",
            "u1",
            later(days=2),
            order_id="o1",
            payment_id="p2",
            amount="100",
            method="alipay",
        ),
        track(
            "Payment Failed",
            "u2",
            later(days=6),
            order_id="o3",
            payment_id="p3",
            amount="20",
            method="wechat",
        ),
    )
    return made


def goods(sku: str, quantity: int, price: str, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "price": price} | more


def values(shop: Shop, name: str, by: str, **asked: Any) -> dict[str, Any]:
    """What each value comes to; those of ratios as numerator and denominator."""
    found = shop.metric(name, by=by, **asked)["by"]
    return {
        key: one["total"]["value"]
        if one["total"]["denominator"] is None
        else (one["total"]["numerator"], one["total"]["denominator"])
        for key, one in found.items()
    }


def test_orders_by_what_they_and_their_customers_are(shop: Shop) -> None:
    assert values(shop, "gmv", "store") == {"Pudong": "150.5", "Bund": "142.468", "null": "7"}
    assert values(shop, "orders", "city") == {"Shanghai": "2", "Beijing": "1", "null": "2"}
    assert values(shop, "orders", "payment_method") == {"alipay": "1", "wechat": "1", "null": "3"}
    assert values(shop, "orders", "member_tier") == {"gold": "1", "silver": "1", "null": "3"}
    assert values(shop, "orders", "new_or_returning") == {"new": "3", "returning": "1", "null": "1"}
    assert values(shop, "aov", "store")["Bund"] == ("142.468", "1")  # an order without a rate stands apart
    assert values(shop, "net_revenue", "store")["Pudong"] == "140.5"


def test_goods_by_what_they_are_and_by_their_order(shop: Shop) -> None:
    assert values(shop, "units", "sku") == {"A": "3", "B": "1"}
    assert values(shop, "units", "category") == {"tea": "3", "null": "1"}
    assert values(shop, "units", "brand") == {"Hemu": "1", "null": "3"}
    assert values(shop, "units", "store") == {"Pudong": "3", "null": "1"}
    assert values(shop, "gross_margin_rate", "sku") == {"A": ("37.001", "47")}  # (60 - 20 + 7) less 3 x 3.333


def test_customers_are_counted_distinct_and_said_not_to_add_up(shop: Shop) -> None:
    found = shop.metric("buyers", by="store")
    assert values(shop, "buyers", "store") == {"Bund": "1", "Pudong": "1", "null": "1"}
    assert found["adds_up"] is False
    assert shop.metric("gmv", by="store")["adds_up"] is True
    assert shop.metric("new_customers", by="city")["adds_up"] is True
    assert values(shop, "repeat_purchase_rate", "city") == {
        "Beijing": ("0", "1"),
        "Shanghai": ("1", "1"),
        "null": ("0", "1"),
    }


def test_an_answer_from_the_mirror_says_how_new_it_is_and_one_from_postgresql_is_as_it_was(
    shop: Shop,
) -> None:
    assert shop.metric("gmv", by="store")["as_of"] == "2026-03-10T02:00:00Z"
    assert shop.metric("gmv", by="store")["values"] == [
        {"key": "Pudong", "value": "Pudong"},
        {"key": "Bund", "value": "Bund"},
        {"key": "null", "value": None},
    ]
    assert set(shop.metric("gmv", by="channel")) == {
        *("metric", "unit", "currency", "formula", "total", "series", "by", "unconverted", "missing_cost")
    }


def test_a_filter_leaves_what_it_says_any_of_one_dimension_all_of_several(shop: Shop) -> None:
    assert shop.value("gmv", filter="store:Pudong") == "150.5"
    assert shop.value("gmv", filter=["store:Pudong", "store:Bund"]) == "292.968"
    assert shop.value("gmv", filter=["store:Pudong", "member_tier:gold"]) == "50.5"
    assert shop.value("gmv", filter="store:null") == "7"
    assert shop.value("gmv", filter="store:Nowhere") == "0"
    assert values(shop, "gmv", "city", filter="store:Pudong") == {"Shanghai": "150.5"}
    assert values(shop, "gmv", "channel", filter="store:Pudong") == {"web-shop": "150.5", "store": "0"}
    assert shop.metric("gmv", filter="channel:web-shop") == shop.metric("gmv", channel="web-shop")


@pytest.mark.parametrize("by", [{}, {"by": "city"}, {"by": "channel"}], ids=str)
def test_filters_may_stand_in_any_order(shop: Shop, by: dict[str, str]) -> None:
    """Who is active elsewhere too is asked without the channel's filter: the others keep their values."""
    red = {"context": {"campaign": {"name": "618", "source": "red"}}}
    shop.sends(track("Product Viewed", "u7", later(days=9), **red))
    shop.sends(track("Product Viewed", "u7", later(days=9), **red), to="store")
    for filters in (["channel:store", "source:red"], ["source:red", "channel:store"]):
        total = shop.metric("cross_channel_share", filter=filters, **by)["total"]
        assert (total["numerator"], total["denominator"]) == ("1", "1"), filters


def test_a_value_called_null_or_other_is_told_from_what_has_none(shop: Shop) -> None:
    shop.sends(order("y1", "1", "u9", later(days=9), store="other"))
    shop.sends(order("y2", "1", "u9", later(days=9), store="=a"))
    found = shop.metric("gmv", by="store")
    assert found["by"]["null"]["total"]["value"] == "7"
    assert found["by"]["=other"]["total"]["value"] == found["by"]["==a"]["total"]["value"] == "1"
    assert {"key": "=other", "value": "other"} in found["values"]
    assert shop.value("gmv", filter="store:=other") == "1"
    assert shop.value("gmv", filter="store:other") == "0"
    assert shop.value("gmv", filter="store:==a") == "1"


def test_beyond_fifty_values_the_rest_stands_together(shop: Shop) -> None:
    shop.sends(*(order(f"y{n + 1}", str(1000 + n), "u9", later(days=9), store=f"S{n:02}") for n in range(55)))
    found = shop.metric("gmv", by="store")
    assert len(found["by"]) == 52
    assert list(found["by"])[:2] == ["S54", "S53"]
    rest = sum(1000 + n for n in range(5)) + Decimal("150.5") + Decimal("142.468")
    assert Decimal(found["by"]["other"]["total"]["value"]) == rest
    assert Decimal(shop.value("gmv", filter="store:other") or 0) == rest
    behind = shop.get("/api/metrics/gmv/rows/", filter="store:other", **MARCH)["results"]
    assert {row["order_id"] for row in behind} == {"o1", "o2", "o3", "o5", "y1", "y2", "y3", "y4", "y5"}


@pytest.mark.parametrize(("name", "by"), [("units", "sku"), ("gmv", "store"), ("net_revenue", "store")])
def test_too_many_values_to_read_at_once_are_read_after_the_largest_are_known(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str, by: str
) -> None:
    shop.sends(
        *(
            order(
                f"y{n}",
                str(90 + n),
                "u9",
                later(days=9),
                store=f"S{n}",
                products=[goods(f"G{n}", n + 1, "1")],
            )
            for n in range(55)
        )
    )
    at_once = shop.metric(name, by=by)
    monkeypatch.setattr(reading, "MOST_CELLS", 3)
    assert shop.metric(name, by=by) == at_once


MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.mark.parametrize(
    ("name", "asked", "code", "said"),
    [
        (
            "gmv",
            {"by": "sku"},
            "bad_by",
            "channel, store, campaign, source, city, payment_method, member_tier",
        ),
        ("gmv", {"filter": "sku:A"}, "bad_filter", "channel, store, campaign"),
        ("price_parity", {"by": "store"}, "bad_by", "one of channel:"),
        ("gmv", {"by": "segment:vip"}, "unknown_segment", "no segment 'vip'"),
        ("gmv", {"filter": "segment:vip"}, "unknown_segment", "no segment 'vip'"),
        ("gmv", {"filter": "store"}, "bad_filter", "DIMENSION:VALUE"),
        ("gmv", {"filter": "channel:moon", "by": "store"}, "unknown_channel", "no channel 'moon'"),
        ("gmv", {"filter": "channel:moon"}, "unknown_channel", "no channel 'moon'"),
        ("price_parity", {"filter": ["channel:store", "channel:web-shop"]}, "one_channel", "one channel"),
        ("gmv", {"filter": "it's:a\"'; drop table"}, "bad_filter", "does not know"),
    ],
)
def test_what_a_metric_does_not_know_is_refused_with_what_it_knows(
    shop: Shop, name: str, asked: dict[str, Any], code: str, said: str
) -> None:
    for path in (f"/api/metrics/{name}/", f"/api/metrics/{name}/rows/"):
        if "by" in asked and path.endswith("rows/"):
            continue
        answer = shop.api().get(path, asked)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert said in answer.json()["message"]


def test_without_the_mirror_an_answer_says_so_and_channels_are_there_still(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    answer = shop.api().get("/api/metrics/gmv/", {"by": "store"})
    assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
    assert shop.metric("gmv", by="channel")["total"]["value"]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_dimension_comes_to_the_total_and_to_its_rows(shop: Shop, metric: Any) -> None:
    whole = shop.metric(metric.name, interval="week")
    for by in query.known(metric):
        if by == "channel":
            continue
        found = shop.metric(metric.name, by=by, interval="week")
        assert same(found["total"], whole["total"])
        assert found["unconverted"] == whole["unconverted"]
        assert found["missing_cost"] == whole["missing_cost"]
        if found["adds_up"]:
            for side in ("numerator", "denominator"):
                if whole["total"][side] is None:
                    continue
                for place in (None, *range(len(whole["series"]))):
                    parts = [total_of(one, side, place) for one in found["by"].values()]
                    assert sum(parts) == total_of(whole, side, place), (by, side, place)
        for key, line in found["by"].items():
            counted = shop.metric(metric.name, filter=f"{by}:{key}", interval="week")
            assert counted["total"] == line["total"], (by, key)
            assert counted["series"] == line["series"], (by, key)
            rows_add_up(shop, metric.name, f"{by}:{key}", line["total"])


def total_of(line: dict[str, Any], side: str, place: int | None) -> Decimal:
    one = line["total"] if place is None else line["series"][place]
    return Decimal(one[side])


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two figures are the same in numbers, however many noughts are behind them."""
    return all(
        (one[name] is None) == (other[name] is None) and Decimal(one[name] or 0) == Decimal(other[name] or 0)
        for name in one
    )


def rows_add_up(shop: Shop, name: str, wanted: str, total: dict[str, Any]) -> None:
    for part in parts.sides(query.metric_named(name)):
        found = shop.get(f"/api/metrics/{name}/rows/", part=part.name, filter=wanted, limit=500, **MARCH)[
            "results"
        ]
        counts = sum((Decimal(row["counts"]) for row in found if row["counts"] is not None), Decimal(0))
        side = "denominator" if part.side == "denominator" else "numerator"
        assert counts == Decimal(total[side]), (wanted, part.name, found)
