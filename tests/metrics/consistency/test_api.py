"""Consistency over HTTP: the catalogue's figures by channel, gaps with their customers, what cannot be asked."""

from decimal import Decimal
from statistics import median
from typing import Any

import pytest

from channels.models import Channel
from tests.metrics.consistency.gapped import WAITS, gapped_shop
from tests.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
PATH, PEOPLE = "/api/consistency/", "/api/consistency/people/"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
# Orders of March are looked at 14 + 90 days later.
KNOWN = {"from": "2026-06-13", "to": "2026-07-13"}
METRICS = {
    "price": "price_parity",
    "delivery": "on_time_share",
    "satisfaction": "satisfaction",
    "refund": "refund_hours",
    "returned_elsewhere": "cross_channel_return_rate",
}


@pytest.fixture
def shop(db: None) -> Shop:
    return gapped_shop()


def of(found: dict[str, Any], slug: str) -> dict[str, Any]:
    return next(one for one in found["channels"] if one["channel"] == slug)


def test_figures_are_the_catalogues_by_channel(shop: Shop) -> None:
    found = shop.get(PATH, **MARCH)
    assert [one["channel"] for one in found["channels"]] == ["web-shop", "store"]
    for name, metric in METRICS.items():
        told = shop.get(f"/api/metrics/{metric}/", by="channel", **MARCH)["by"]
        values = []
        for slug, line in told.items():
            figure = of(found, slug)[name]
            assert {part: figure[part] for part in line["total"]} == line["total"], name
            values += [Decimal(line["total"]["value"])] if line["total"]["value"] is not None else []
        mean = sum(values, Decimal(0)) / len(values)
        assert abs(Decimal(found["mean"][name]) - mean) < Decimal("1e-9")
        for slug in told:
            figure = of(found, slug)[name]
            if figure["value"] is None:
                assert (figure["apart"], figure["worse"]) == (None, False)
            else:
                assert abs(Decimal(figure["apart"]) - (Decimal(figure["value"]) - mean)) < Decimal("1e-9")
    out = shop.get("/api/metrics/stock_out_rate/", by="channel", **MARCH)["by"]
    for slug, line in out.items():
        assert Decimal(of(found, slug)["stock"]["value"]) == 1 - Decimal(line["total"]["value"])
        assert of(found, slug)["stock"]["denominator"] == line["total"]["denominator"]


def test_service_is_the_median_wait(shop: Shop) -> None:
    found = shop.get(PATH, **MARCH)
    for slug, waits in WAITS.items():
        figure = of(found, slug)["service"]
        assert Decimal(figure["value"]) == Decimal(str(median(waits)))
        assert Decimal(figure["denominator"]) == len(waits)
    assert of(found, "store")["service"]["worse"]
    assert not of(found, "web-shop")["service"]["worse"]


def test_worse_is_by_the_way_that_is_better(shop: Shop) -> None:
    found = shop.get(PATH, **MARCH)
    web, store = of(found, "web-shop"), of(found, "store")
    assert web["delivery"]["worse"]  # one of two late
    assert not store["delivery"]["worse"]
    assert web["stock"]["worse"]
    assert web["satisfaction"]["worse"]
    assert not web["returned_elsewhere"]["worse"]


def test_gaps_are_those_that_customers_met(shop: Shop) -> None:
    found = shop.get(PATH, **MARCH)["gaps"]
    assert {(one["gap"], one["channel"], one["sku"], one["name"], one["customers"]) for one in found} == {
        ("price_gap", "web-shop", "A", "Goods A", 1),
        ("oversold", "web-shop", "B", "Goods B", 1),
        ("late", "web-shop", None, "", 1),
        ("slow_answer", "store", None, "", 1),
    }
    assert all(one["cost"] is None for one in found)  # of so few nothing can be told


def test_churn_counts_those_whose_time_is_over(shop: Shop) -> None:
    found = shop.get(PATH, **KNOWN)["churn"]
    assert found["orders"] == MARCH
    assert (found["lag_days"], found["within_days"], found["customers"]) == (14, 90, 5)
    assert found["worth"] == "7.00"
    told = {
        one["gap"]: (one["met"], one["met_left"], one["not_met"], one["not_met_left"])
        for one in found["gaps"]
    }
    assert told == {
        "any": (3, 3, 2, 1),
        "price_gap": (1, 1, 4, 3),
        "late": (1, 1, 4, 3),
        "slow_answer": (0, 0, 5, 4),  # u3 has not bought
        "oversold": (1, 1, 4, 3),
    }
    for one in found["gaps"]:
        assert one["matched"] is None
        assert "20" in one["refused"]["message"]
    short = shop.get(PATH, within="20d", **{"from": "2026-04-04", "to": "2026-05-04"})["churn"]
    assert short["orders"] == MARCH
    assert {one["gap"]: one["not_met_left"] for one in short["gaps"]}[
        "any"
    ] == 2  # u5 came back too late for it


def test_the_people_behind(shop: Shop) -> None:
    def names(**asked: str) -> list[str]:
        return sorted(one["name"] for one in shop.get(PEOPLE, **KNOWN, **asked)["results"])

    assert names() == ["Buyer u1", "Buyer u2", "Buyer u4"]
    assert names(gap="late") == ["Buyer u2"]
    assert names(gap="price_gap", met="0") == ["Buyer u2", "Buyer u4", "Buyer u5", "Buyer u6"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        ({"from": "yesterday"}, "bad_date"),
        ({"within": "soon"}, "bad_within"),
        ({"within": "900d"}, "bad_within"),
        ({"by": "channel"}, "unknown_filter"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(shop: Shop, asked: dict[str, Any], code: str) -> None:
    for path in (PATH, PEOPLE):
        answer = shop.api().get(path, MARCH | asked)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert len(answer.json()["message"]) > 20
    for wrong in ({"gap": "all"}, {"met": "maybe"}):
        assert shop.api().get(PEOPLE, MARCH | wrong).status_code == 400


def test_one_channel_has_nothing_to_be_consistent_with(db: None) -> None:
    made = Shop()
    Channel.objects.filter(workspace=made.workspace, slug="store").delete()
    answer = made.api().get(PATH, MARCH)
    assert (answer.status_code, answer.json()["code"]) == (400, "one_channel_only")


def test_a_workspace_without_anything_says_so(db: None) -> None:
    found = Shop().get(PATH, **MARCH)
    assert (found["gaps"], found["churn"]["customers"], found["churn"]["worth"]) == ([], 0, None)
    assert set(found["mean"].values()) == {None}
