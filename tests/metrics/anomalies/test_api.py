"""Anomalies over HTTP: the contract's answer as it was unless they are asked for, and what is wrong is found.

A shop of two channels, 120 days: one is silent for two days, the other sells for a day at a tenth of its prices.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection

from metrics.anomalies.process import JUDGE
from metrics.mirror import sync
from tests.shop import Shop, order

DAYS = 120
SILENT, WRONG = (30, 29), 12  # days ago
A_DAY = (9, 7, 8, 8, 9, 12, 13)  # orders by weekday
FIELDS = {"expected", "low", "high", "anomaly"}


@pytest.fixture(autouse=True, scope="module")
def patient() -> Iterator[None]:
    """The first question waits for imports, on a busy machine."""
    JUDGE._patience, before = 120.0, JUDGE._patience
    yield
    JUDGE._patience = before
    JUDGE.end()


@pytest.fixture
def shop(db: None) -> Shop:
    found = Shop(zone="UTC")
    found.sends(*_orders("w", silent=()), drain=False)
    found.sends(*_orders("s", silent=SILENT), to="store", drain=False)
    found.drains()
    return found


def ago(days: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=days)


def _orders(name: str, silent: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    for days in range(DAYS, -1, -1):
        on = ago(days)
        many = 1 if days == 0 else A_DAY[on.weekday()]  # today has only begun
        for n in range(0 if days in silent else many):
            price = (100 + 7 * ((days * 31 + n * 17) % 9)) * (0.1 if days == WRONG and name == "w" else 1)
            yield order(f"{name}-{days}-{n}", price, f"u{n}", datetime.combine(on, time(0, 1), UTC))


def odd(line: Any) -> list[str]:
    """The days that are marked."""
    return [point["start"] for point in line["series"] if point["anomaly"]]


def test_an_outage_and_a_price_mistake_are_found_and_nothing_else(shop: Shop) -> None:
    asked = {"by": "channel", "from": ago(60).isoformat(), "to": ago(0).isoformat(), "anomalies": "medium"}
    orders, revenue = (shop.get(f"/api/metrics/{name}/", **asked) for name in ("orders", "gmv"))
    assert odd(orders["by"]["store"]) == [ago(day).isoformat() for day in SILENT]
    assert odd(orders["by"]["web-shop"]) == []
    assert ago(WRONG).isoformat() in odd(revenue["by"]["web-shop"])
    assert len(odd(revenue["by"]["web-shop"])) == 1
    down = next(one for one in revenue["by"]["web-shop"]["series"] if one["start"] == ago(WRONG).isoformat())
    assert float(down["value"]) < float(down["low"]) < float(down["expected"]) < float(down["high"])


def test_today_is_never_judged(shop: Shop) -> None:
    found = shop.get("/api/metrics/orders/", **{"from": ago(9).isoformat(), "anomalies": "high"})["series"]
    assert found[-1]["start"] == ago(0).isoformat()
    assert {name: found[-1][name] for name in FIELDS} == dict.fromkeys(FIELDS)
    assert all(one["anomaly"] is not None for one in found[:-1])
    alone = shop.get("/api/metrics/orders/", **{"from": ago(0).isoformat(), "anomalies": "high"})
    assert alone["series"][0]["anomaly"] is None


def test_without_the_question_the_answer_is_as_it_was(shop: Shop) -> None:
    asked = {"by": "channel", "from": ago(20).isoformat()}
    plain, judged = (shop.get("/api/metrics/gmv/", **asked, **more) for more in ({}, {"anomalies": "low"}))
    for line in (plain, *plain["by"].values()):
        assert all(set(point) == {"start", "value", "numerator", "denominator"} for point in line["series"])
    for line in (judged, *judged["by"].values()):
        for point in line["series"]:
            for name in FIELDS:
                del point[name]
    assert plain == judged


def test_a_channel_alone_is_judged_alone(shop: Shop) -> None:
    asked = {"channel": "store", "from": ago(60).isoformat(), "anomalies": "high"}
    assert odd(shop.get("/api/metrics/orders/", **asked)) == [ago(day).isoformat() for day in SILENT]


def test_days_before_the_past_is_long_enough_are_not_judged(shop: Shop) -> None:
    found = shop.get("/api/metrics/orders/", **{"from": ago(DAYS + 30).isoformat(), "anomalies": "high"})[
        "series"
    ]
    judged = [one["start"] for one in found if one["anomaly"] is not None]
    assert judged[0] == ago(DAYS - 21).isoformat()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"anomalies": "extreme"}, "low, medium, high"),
        ({"anomalies": ""}, "low, medium, high"),
        ({"anomalies": "low", "interval": "week"}, "day"),
        ({"anomalies": "low", "from": "2020-01-01", "to": "2025-01-01"}, "1100"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_sentence(
    shop: Shop, asked: dict[str, str], says: str
) -> None:
    answer = shop.api().get("/api/metrics/gmv/", asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_anomalies")
    assert says in answer.json()["message"]


def test_every_metric_can_be_asked(shop: Shop) -> None:
    sync.follow(connection)
    for metric in shop.get("/api/metrics/")["results"]:
        answer = shop.get(f"/api/metrics/{metric['name']}/", anomalies="medium")
        assert all(set(point) >= FIELDS for point in answer["series"])
