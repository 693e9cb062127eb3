"""From messages to numbers, through inbox, identity and facts: stories, and a random shop against a rebuild."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import batches
from kernel.db import rows
from metrics import customer_spans
from metrics.catalogue import METRICS
from metrics.catalogue.base import Metric
from tests.shop import START, Shop, later, order, track

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mirror_of_postgresql")]
PERIOD = {"from": START.date().isoformat(), "to": later(days=29).date().isoformat()}
SPANS = "select measure, channel_id, first, last, n from metrics_span where workspace_id = %(w)s order by 1, 2, 3, 4"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def seen(user: str, day: int, **rest: Any) -> dict[str, Any]:
    return track("Product Viewed", user, later(days=day), **rest)


def amount(shop: Shop, name: str) -> Decimal:
    return Decimal(shop.value(name) or 0)


def kept(shop: Shop) -> list[tuple[Any, ...]]:
    return rows(connection, SPANS, w=shop.workspace.pk)


def test_a_customer_of_two_channels_is_one_customer(shop: Shop) -> None:
    shop.sends(seen("u1", 1), order("o1", "100.50", "u1", at=later(days=1)), seen("u2", 2))
    shop.sends(order("o2", "20", "u1", at=later(days=3)), to="store")
    assert amount(shop, "gmv") == Decimal("120.5")
    assert (shop.value("active_customers"), shop.value("buyers"), shop.value("new_customers")) == (
        "2",
        "1",
        "1",
    )
    assert shop.metric("cross_channel_share")["total"] == {
        "value": "0.5000000000",
        "numerator": "1",
        "denominator": "2",
    }
    assert shop.value("repeat_purchase_rate") == "1.0000000000"
    assert shop.metric("new_customers", by="channel")["by"]["store"]["total"]["value"] == "0"


def test_a_refund_leaves_gmv_and_comes_off_net_revenue(shop: Shop) -> None:
    shop.sends(order("o1", "100", "u1", at=later(days=1)))
    shop.sends(track("Order Refunded", "u1", later(days=2), order_id="o1", total="30"))
    assert (amount(shop, "gmv"), amount(shop, "refunds"), amount(shop, "net_revenue")) == (100, 30, 70)
    assert shop.value("refund_rate") == "0.3000000000"


def test_who_turns_out_to_be_one_person_counts_once(shop: Shop) -> None:
    shop.sends(track("Product Viewed", None, later(days=1), anonymous="a1"), seen("u1", 2))
    assert shop.value("active_customers") == "2"
    shop.sends(track("Product Viewed", "u1", later(days=3), anonymous="a1"))
    assert shop.value("active_customers") == "1"


def test_an_answer_without_a_person_is_a_customer_of_its_own(shop: Shop) -> None:
    shop.sends(
        track("Feedback Given", None, later(days=1), score=5),
        track("Feedback Given", "u1", later(days=1), score=5),
        track("Feedback Given", "u1", later(days=2), score=1),
    )
    assert shop.metric("satisfaction")["total"]["numerator"] == "1"
    assert shop.metric("satisfaction")["total"]["denominator"] == "2"


def test_behind_every_number_stand_its_rows(shop: Shop) -> None:
    shop.sends(*(order(f"o{n}", str(n), f"u{n}", at=later(days=n)) for n in range(1, 5)))
    shop.sends(order("o9", "9", "u1", at=later(days=5)), to="store")
    first = shop.get("/api/metrics/gmv/rows/", limit=3, **PERIOD)
    second = shop.get(first["next"].removeprefix("http://testserver"))
    found = [row["order_id"] for row in first["results"] + second["results"]]
    assert (first["rows"], found, second["next"]) == ("orders", ["o9", "o4", "o3", "o2", "o1"], None)
    assert [
        row["order_id"] for row in shop.get("/api/metrics/gmv/rows/", channel="store", **PERIOD)["results"]
    ] == ["o9"]
    assert len(shop.get("/api/metrics/active_customers/rows/", **PERIOD)["results"]) == 4


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_can_be_looked_behind(shop: Shop, metric: Metric) -> None:
    assert shop.get(f"/api/metrics/{metric.name}/rows/", **PERIOD)["results"] == []


def test_a_day_that_left_with_a_cookie_and_came_again_in_the_same_batch_counts(shop: Shop) -> None:
    """Active on the 9th through a cookie that an earlier login now takes away, and by himself again."""
    shop.sends(track("Product Viewed", at=later(days=8), anonymous="a"))
    shop.sends(track("Feedback Given", "u1", later(days=7), anonymous="a", score=3, feedback_id="f1"))
    shop.sends(
        track("Order Completed", "u2", later(), anonymous="a", order_id="o", total=9),
        track("Feedback Given", "u1", later(days=8, minutes=1), anonymous="a", score=4, feedback_id="f2"),
    )
    before = kept(shop)
    customer_spans.rebuild(connection, shop.workspace.pk)
    assert kept(shop) == before


@pytest.mark.parametrize("seed", range(6))
def test_a_random_shop_in_any_batches_counts_as_a_rebuild_does(shop: Shop, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(24):
        messages = [_random_message(dice) for _ in range(dice.randint(1, 12))]
        shop.sends(*messages, to=dice.choice(["web-shop", "store"]))
    before = kept(shop)
    assert before
    customer_spans.rebuild(connection, shop.workspace.pk)
    assert kept(shop) == before


def test_two_workers_at_once_count_as_a_rebuild_does(shop: Shop) -> None:
    dice = random.Random(77)
    for _ in range(40):
        messages = [_random_message(dice) for _ in range(10)]
        shop.sends(*messages, to=dice.choice(["web-shop", "store"]), drain=False)
    with ThreadPoolExecutor(2) as pool:
        for worker in [pool.submit(_work) for _ in range(2)]:
            worker.result(timeout=60)
    shop.drains()
    before = kept(shop)
    assert before
    customer_spans.rebuild(connection, shop.workspace.pk)
    assert kept(shop) == before


def _work() -> None:
    try:
        batches.drain(limit=20)
    finally:
        connection.close()


def _random_message(dice: random.Random) -> dict[str, Any]:
    """Customers known by cookie, user id or both, so that they join as they go; late days; repeated orders."""
    at: datetime = later(days=dice.randint(0, 9)) + timedelta(minutes=dice.randint(0, 2))
    who: dict[str, Any] = {"user": f"u{dice.randint(1, 5)}"} if dice.random() < 0.6 else {}
    if dice.random() < 0.6 or not who:
        who["anonymous"] = f"a{dice.randint(1, 6)}"
    what = dice.random()
    if what < 0.5:
        return track("Product Viewed", at=at, **who)
    if what < 0.75:
        return track(
            dice.choice(["Order Completed", "Order Updated"]),
            at=at,
            order_id=f"o{dice.randint(1, 6)}",
            total=9,
            **who,
        )
    if what < 0.9:
        return track(
            "Feedback Given", at=at, score=dice.randint(1, 5), feedback_id=f"f{dice.randint(1, 6)}", **who
        )
    return track("Feedback Given", at=at, score=dice.randint(1, 5))
