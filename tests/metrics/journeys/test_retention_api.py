"""Retention over HTTP: what it answers, who stands behind a cell, what cannot be asked."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.metrics.journeys.served import Served, at
from tests.reference.journeys import Happened, Order, Refund, Touch

pytestmark = pytest.mark.django_db
PATH = "/api/journeys/retention/"
PERIOD = {"from": "2026-01-01", "to": "2026-03-31"}


def happened(served: Served) -> Happened:
    """u1 begins in January on the web and is back in February and March; u2 in January, and never; u3 in March."""
    web, store, ids = served.channels["web-shop"], served.channels["store"], served.ids
    return Happened(
        "Asia/Shanghai",
        [
            Order("a", web, at(1, 5), ids["u1"], Decimal(100), campaign="spring"),
            Order(
                "b", store, at(2, 5), ids["u1"], Decimal(10), "USD", refunds=(Refund(at(3, 2), Decimal(4)),)
            ),
            Order("c", web, at(3, 5), ids["u1"], Decimal(7), "XAU"),
            Order("d", store, at(1, 31, 20), ids["u2"], Decimal(60)),  # 1 February in Shanghai
            Order("e", web, at(3, 9), ids["u3"], Decimal(20)),
        ],
        [Touch(web, at(1, 2), ids["u4"]), Touch(web, at(2, 2), ids["u4"])],
    )


@pytest.fixture
def served(db: None, monkeypatch: pytest.MonkeyPatch) -> Served:
    found = Served()
    found.shows(monkeypatch, happened)
    return found


def rows(answer: dict[str, Any]) -> list[Any]:
    return [[one["start"], one["size"], *one["values"]] for one in answer["cohorts"]]


def test_cohorts_of_customers(served: Served) -> None:
    assert served.shop.get(PATH, interval="month", **PERIOD) == {
        "cohorts": [
            {"start": "2026-01-01", "size": 1, "values": [1, 1, 1]},
            {"start": "2026-02-01", "size": 1, "values": [1, 0]},
            {"start": "2026-03-01", "size": 1, "values": [1]},
        ],
        "currency": "CNY",
        "unconverted": [],
        "as_of": "2026-02-02T04:00:00Z",
    }


def test_revenue_of_a_customer_in_our_currency_and_what_has_no_rate_apart(served: Served) -> None:
    found = served.shop.get(PATH, measure="revenue", **PERIOD)
    assert [[Decimal(value) for value in row[2:]] for row in rows(found)] == [[100, 170, 142], [60, 60], [20]]
    assert found["unconverted"] == [{"currency": "XAU", "value": "7.0000"}]


def test_by_activity_and_by_dimension(served: Served) -> None:
    active = served.shop.get(PATH, on="activity", **PERIOD)
    assert rows(active)[0] == ["2026-01-01", 1, 1, 1, 0]
    by = served.shop.get(PATH, by="channel", **PERIOD)["by"]
    assert {value: [one["size"] for one in found["cohorts"]] for value, found in by.items()} == {
        "web-shop": [1, 0, 1],
        "store": [0, 1, 0],
    }
    by = served.shop.get(PATH, by="campaign", measure="orders", **PERIOD)["by"]
    assert {value: found["cohorts"][0]["values"] for value, found in by.items()} == {
        "spring": [1, 1, 1],
        "null": [0, 0, 0],
    }


def test_the_people_of_a_cell(served: Served) -> None:
    def names(**asked: Any) -> list[str]:
        return served.names(f"{PATH}people/", **asked)

    assert names(cohort="2026-01-01", interval_no=2, **PERIOD) == ["Buyer u1"]
    assert names(cohort="2026-02-01", **PERIOD) == ["Buyer u2"]
    assert names(cohort="2026-02-01", interval_no=1, **PERIOD) == []
    assert names(cohort="2026-01-01", interval_no=2) == ["Buyer u1"]
    assert names(cohort="2026-01-01", interval_no=3, **PERIOD) == []
    assert names(cohort="2026-01-01", interval_no=9999, **PERIOD) == []
    assert names(cohort="2025-01-01", interval_no=0, **PERIOD) == []
    assert names(cohort="2026-01-01", on="activity", interval_no=1, **PERIOD) == ["Buyer u4"]
    assert names(cohort="2026-01-01", by="channel", value="web-shop", **PERIOD) == ["Buyer u1"]
    assert names(cohort="2026-01-01", by="channel", value="store", **PERIOD) == []
    assert names(cohort="2026-03-01", by="campaign", value="null", **PERIOD) == ["Buyer u3"]


def test_a_period_in_which_nobody_began(served: Served) -> None:
    found = served.shop.get(PATH, **{"from": "2027-01-01", "to": "2027-01-31"})
    assert rows(found) == [["2027-01-01", 0, 0]]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"from": "2026-03-31", "to": "2026-01-01"}, "bad_period"),
    ({"from": "soon"}, "bad_date"),
    ({"from": "1950-01-01", "interval": "week"}, "bad_period"),
    ({"interval": "day"}, "bad_interval"),
    ({"on": "visits"}, "bad_on"),
    ({"measure": "margin"}, "bad_measure"),
    ({"by": "sku"}, "bad_by"),
    ({"by": "x'y"}, "bad_by"),
    ({"mesure": "orders"}, "unknown_filter"),
]


@pytest.mark.parametrize(("asked", "code"), WRONG)
def test_what_cannot_be_asked_is_a_400_that_says_why(
    served: Served, asked: dict[str, Any], code: str
) -> None:
    assert served.refuses(PATH, PERIOD | asked) == code
    assert served.refuses(f"{PATH}people/", PERIOD | {"cohort": "2026-01-01"} | asked) == code


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"cohort": None}, "bad_cohort"),
        ({"cohort": "January"}, "bad_cohort"),
        ({"cohort": "2026-01-02"}, "bad_cohort"),
        ({"interval_no": "-1"}, "bad_interval_no"),
        ({"interval_no": "two"}, "bad_interval_no"),
        ({"interval_no": ""}, "bad_interval_no"),
        ({"value": "web-shop"}, "bad_value"),
        ({"ordering": "moon"}, "bad_ordering"),
    ],
)
def test_a_wrong_cell_is_a_400(served: Served, asked: dict[str, Any], code: str) -> None:
    assert served.refuses(f"{PATH}people/", PERIOD | {"cohort": "2026-01-01"} | asked) == code


def test_nobody_without_a_token(db: None) -> None:
    assert APIClient().get(PATH).status_code == 401


def test_the_people_of_every_cohort_are_those_that_a_mean_counts(served: Served) -> None:
    def names(**asked: Any) -> list[str]:
        return served.names(f"{PATH}people/", cohort="all", **asked)

    assert names(**PERIOD) == ["Buyer u1", "Buyer u2", "Buyer u3"]
    assert names(by="channel", value="web-shop", **PERIOD) == ["Buyer u1", "Buyer u3"]
    assert names(by="campaign", value="null", **PERIOD) == ["Buyer u2", "Buyer u3"]
    assert names(interval_no=1, **PERIOD) == ["Buyer u1"]
    assert names(interval_no=2, by="channel", value="web-shop", **PERIOD) == ["Buyer u1"]
    assert names(interval_no=1, by="channel", value="store", **PERIOD) == []
    assert names(interval_no=3, **PERIOD) == []
    assert names(on="activity", **PERIOD) == ["Buyer u4"]


def test_of_every_cohort_an_interval_that_is_not_over_counts_nobody(served: Served) -> None:
    from django.db import connection

    from metrics import query
    from metrics.journeys import retention
    from metrics.journeys.base import Asked
    from metrics.mirror import reading
    from metrics.scope import Days

    settings = query.reporting_settings(connection, served.shop.workspace)
    with reading.open_mirror(served.shop.workspace.pk) as mirror:
        asked = Asked(mirror, settings, Days(date(2026, 1, 1), date(2026, 3, 31)))
        cell, question = retention.Cell(None, 1), retention.Question()
        assert retention.people(asked, question, cell, date(2026, 3, 1)) == [served.ids["u1"]]
        assert retention.people(asked, question, cell, date(2026, 2, 28)) == []
