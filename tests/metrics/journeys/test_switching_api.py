"""Switching over HTTP: what it answers, who stands behind a cell, what cannot be asked."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.metrics.journeys.served import Served, at
from tests.reference.journeys import Happened, Order, Touch

pytestmark = pytest.mark.django_db
PATH = "/api/journeys/switching/"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def happened(served: Served) -> Happened:
    web, store, ids = served.channels["web-shop"], served.channels["store"], served.ids
    return Happened(
        "Asia/Shanghai",
        [
            Order("a", web, at(1, 5), ids["u1"]),
            Order("b", store, at(3, 5), ids["u1"]),
            Order("c", web, at(3, 10), ids["u1"], Decimal(3), "USD"),
            Order("d", web, at(3, 11), ids["u2"]),
            Order("e", web, at(2, 11), ids["u3"]),
            Order("f", web, at(2, 12), ids["u3"]),
            Order("g", web, at(3, 12), ids["u3"], Decimal(5), "XAU"),
            Order("h", store, at(3, 12), None),
        ],
        [
            Touch(web, at(3, 2), ids["u4"]),
            Touch(web, at(3, 2) + timedelta(minutes=30), ids["u4"]),
            Touch(store, at(3, 2) + timedelta(minutes=40), ids["u4"], "store"),
        ],
    )


@pytest.fixture
def served(db: None, monkeypatch: pytest.MonkeyPatch) -> Served:
    found = Served()
    found.shows(monkeypatch, happened)
    return found


def test_between_orders(served: Served) -> None:
    assert served.shop.get(PATH, **MARCH) == {
        "channels": ["web-shop", "store"],
        "cells": [
            {"from": None, "to": "web-shop", "customers": 1, "count": 1, "median_days": None},
            {"from": "web-shop", "to": "web-shop", "customers": 1, "count": 1, "median_days": "28.000000"},
            {"from": "web-shop", "to": "store", "customers": 1, "count": 1, "median_days": "59.000000"},
            {"from": "store", "to": "web-shop", "customers": 1, "count": 1, "median_days": "5.000000"},
        ],
        "as_of": "2026-03-02T04:40:00Z",
    }


def test_between_visits(served: Served) -> None:
    cells = served.shop.get(PATH, on="visits", **MARCH)["cells"]
    assert [(one["from"], one["to"], one["median_days"]) for one in cells] == [
        (None, "web-shop", None),
        ("web-shop", "web-shop", "0.020833"),
        ("web-shop", "store", "0.006944"),
    ]


def test_the_people_of_a_cell(served: Served) -> None:
    people = f"{PATH}people/"
    assert served.names(people, source="web-shop", target="store", **MARCH) == ["Buyer u1"]
    assert served.names(people, target="web-shop", **MARCH) == ["Buyer u2"]
    assert served.names(people, source="null", target="web-shop", on="visits", **MARCH) == ["Buyer u4"]
    assert served.names(people, source="store", target="store", **MARCH) == []


def test_what_customers_of_several_channels_are_worth(served: Served) -> None:
    found = served.shop.get(f"{PATH}value/", **MARCH)
    assert (found["customers"], found["never_switched"]) == (2, 1)
    assert found["staying"] == [{"channel": "web-shop", "customers": 1}]
    single = {"customers": 1, "returned": 1, "retention": "1.0000000000", "orders": "1.0000000000"}
    assert found["single"] == single | {"revenue": "0.0000000000"}
    assert found["cross"]["customers"] == 0
    assert found["difference"] == {"retention": None, "orders": None, "revenue": None}
    assert found["unconverted"] == [{"currency": "XAU", "value": "5.0000"}]


def test_a_period_in_which_nothing_happened(served: Served) -> None:
    found = served.shop.get(PATH, **{"from": "2027-01-01", "to": "2027-01-31"})
    assert (found["channels"], found["cells"]) == ([], [])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        ({"to": "3000-01-01"}, "bad_period"),
        ({"on": "activity"}, "bad_on"),
        ({"by": "channel"}, "unknown_filter"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(
    served: Served, asked: dict[str, Any], code: str
) -> None:
    assert served.refuses(PATH, MARCH | asked) == code
    assert served.refuses(f"{PATH}people/", MARCH | {"target": "store"} | asked) == code


@pytest.mark.parametrize(
    "asked", [{"target": None}, {"target": "moon"}, {"target": "store", "source": "moon"}]
)
def test_a_wrong_cell_is_a_400(served: Served, asked: dict[str, Any]) -> None:
    assert served.refuses(f"{PATH}people/", MARCH | asked) == "unknown_channel"
