"""A plan in the pipeline: counted, refused, sent again; the same after a rebuild and in whatever order things come."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from tests.channels.mapping_with import PAID, hooked, paid, post
from tests.channels.plan.planning import PRICE, kept, plan, since, viewed, violations
from tests.dump import differences, dump
from tests.shop import Shop, identify, order, track

REFUSED = PRICE | {"mode": "refuse"}


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def names(shop: Shop) -> list[str]:
    return sorted(one["message_id"] for one in shop.get("/api/events/", limit=200)["results"])


def rejects(shop: Shop, **narrowed: Any) -> list[tuple[str, str, str]]:
    found = shop.get("/api/rejects/", limit=200, **narrowed)["results"]
    return sorted((one["message_id"], one["field"], one["hint"]) for one in found)


def test_what_breaks_the_plan_is_stored_and_counted(shop: Shop) -> None:
    plan(shop, {"Product Viewed": PRICE})
    shop.sends(
        viewed(sku="A-1", price=5),
        viewed(sku="A-1"),
        viewed(sku="a-1", price="5"),
        viewed(price=5000, color="blue"),
        track("Signed Up", "u1"),
        identify("u1", price="x"),
    )
    assert names(shop) == ["m1", "m2", "m3", "m4", "m5", "m6"]
    assert violations(shop) == [
        ("Product Viewed", "color", "enum", 1, 0, 4),
        ("Product Viewed", "price", "max", 1, 0, 4),
        ("Product Viewed", "price", "missing", 1, 0, 4),
        ("Product Viewed", "price", "type", 1, 0, 4),
        ("Product Viewed", "sku", "missing", 1, 0, 4),
        ("Product Viewed", "sku", "pattern", 1, 0, 4),
    ]
    [blue] = shop.get("/api/plan/violations/", property="color")["results"]
    assert (blue["example"]["message_id"], blue["example"]["value"]) == ("m4", "blue")
    assert (blue["wanted"], blue["channel"]) == ("red, green", "web-shop")
    assert blue["connector"] == str(shop.connectors["web-shop"].uuid)


def test_by_connector_and_day(shop: Shop) -> None:
    plan(shop, {"Product Viewed": PRICE})
    now = datetime.now(UTC)
    since(shop, now - timedelta(days=60))
    for days, to, times in ((0, "web-shop", 1), (2, "web-shop", 2), (2, "store", 3), (40, "store", 1)):
        shop.sends(*[viewed(sku="A-1") for _ in range(times)], to=to, received_at=now - timedelta(days=days))
    found = shop.get("/api/plan/violations/")["results"]
    assert [(one["channel"], one["count"], one["checked"]) for one in found] == [
        ("web-shop", 1, 1),
        ("store", 3, 3),
        ("web-shop", 2, 2),
    ]
    assert [one["day"] for one in found] == sorted((one["day"] for one in found), reverse=True)
    store = str(shop.connectors["store"].uuid)
    assert len(shop.get("/api/plan/violations/", connector=store)["results"]) == 1
    first = (now - timedelta(days=50)).date().isoformat()
    assert len(shop.get("/api/plan/violations/", **{"from": first})["results"]) == 4
    for wrong in (
        {"connector": "x"},
        {"from": "yesterday"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"x": 1},
    ):
        assert shop.api().get("/api/plan/violations/", wrong).status_code == 400


def test_what_the_plan_refuses_is_a_reject_with_its_reason(shop: Shop) -> None:
    plan(shop, {"Product Viewed": REFUSED})
    shop.sends(
        viewed(sku="A-1", price=5), viewed(price="5"), viewed(sku="A-1", price=2000), track("Other", "u1")
    )
    assert names(shop) == ["m1", "m4"]
    assert rejects(shop, reason="plan") == [
        (
            "m2",
            "properties.price",
            "The tracking plan wants price of Product Viewed to be of type number. Received: “5”.",
        ),
        (
            "m3",
            "properties.price",
            "The tracking plan wants price of Product Viewed to be 1000 at most. Received: “2000”.",
        ),
    ]
    assert violations(shop) == [
        ("Product Viewed", "price", "max", 1, 1, 3),
        ("Product Viewed", "price", "type", 1, 1, 3),
        ("Product Viewed", "sku", "missing", 1, 1, 3),
    ]


def test_what_was_refused_comes_in_when_the_plan_is_loosened(shop: Shop) -> None:
    plan(shop, {"Product Viewed": REFUSED})
    shop.sends(viewed(sku="A-1", price="5"))
    assert shop.api().post("/api/rejects/replay/", {"reason": "plan"}, format="json").json() == {
        "replayed": 0,
        "still_bad": 1,
    }
    plan(shop, {"Product Viewed": PRICE})
    answer = shop.api().post("/api/rejects/replay/", {"reason": "plan"}, format="json").json()
    shop.drains()
    assert (answer["replayed"], names(shop)) == (1, ["m1"])
    assert violations(shop) == [("Product Viewed", "price", "type", 2, 1, 2)]
    before, counted = dump(shop.workspace.pk), kept(shop)
    rebuild.everything()
    assert differences(dump(shop.workspace.pk), before) == {}
    assert kept(shop) == counted


def test_what_was_refused_comes_in_when_it_is_fixed(shop: Shop) -> None:
    plan(shop, {"Product Viewed": REFUSED})
    shop.sends(viewed(sku="A-1", price=5), viewed(sku="A-1"), viewed(sku="A-1"))
    asked = {
        "reason": "plan",
        "field": "properties.price",
        "fix": [{"do": "set", "field": "properties.price", "value": 7}],
    }
    tried = shop.api().post("/api/rejects/fix/preview/", asked, format="json").json()
    assert (tried["total"], tried["accepted"]) == (2, 2)
    done = shop.api().post("/api/rejects/fix/", asked, format="json").json()
    shop.drains()
    assert (done["replayed"], names(shop)) == (2, ["m1", "m2", "m3"])
    before, counted = dump(shop.workspace.pk), kept(shop)
    rebuild.everything()
    assert differences(dump(shop.workspace.pk), before) == {}
    assert kept(shop) == counted


def test_a_message_that_comes_twice_counts_once(shop: Shop) -> None:
    plan(shop, {"Product Viewed": PRICE})
    again = viewed(sku="A-1") | {"messageId": "same"}
    shop.sends(again, again)
    shop.sends(again)
    assert violations(shop) == [("Product Viewed", "price", "missing", 1, 0, 1)]


def test_what_came_before_the_plan_is_not_checked_by_it(shop: Shop) -> None:
    shop.sends(viewed(sku="A-1"), drain=False)
    plan(shop, {"Product Viewed": REFUSED})
    shop.drains()
    shop.sends(viewed(sku="A-1"))
    plan(shop, {})
    shop.sends(viewed(sku="A-1"))
    assert (names(shop), [one[0] for one in rejects(shop)]) == (["m1", "m3"], ["m2"])
    rebuild.everything()
    assert (names(shop), [one[0] for one in rejects(shop)]) == (["m1", "m3"], ["m2"])


def test_counts_are_the_same_after_a_rebuild_and_in_any_order(shop: Shop) -> None:
    plan(shop, {"Product Viewed": PRICE, "Order Completed": REFUSED})
    at = datetime.now(UTC)
    since(shop, at - timedelta(days=9))
    dice = random.Random(5)
    colors, prices = ["red", "blue", 5, None, ""], [5, "5", None, -1, 2000]
    requests = []
    for n, (color, price) in enumerate(itertools.product(colors, prices)):
        messages = [
            viewed(f"u{n}", sku="A-1", color=color, price=price) | {"messageId": f"v{n}"},
            order(f"o{n}", 5, f"u{n}", sku="A-1", price=price) | {"messageId": f"o{n}"},
        ]
        requests.append((messages, at - timedelta(hours=7 * n), dice.choice(["web-shop", "store"])))
    first: list[Any] = []
    for sizes in ((1,), (7, 2, 30)):
        dice.shuffle(requests)
        if first:
            rebuild.everything()
            assert [row[:12] for row in kept(shop)] == first
            continue
        for n, (messages, received_at, to) in enumerate(requests):
            shop.sends(*messages, to=to, received_at=received_at, drain=n % sizes[0] == 0)
        shop.drains()
        first = [row[:12] for row in kept(shop)]
    assert len(first) > 20


def test_two_orders_of_arrival_count_the_same(db: None) -> None:
    found = []
    at = datetime.now(UTC) - timedelta(days=1)
    for seed in (1, 2, 3):
        shop, dice = Shop(), random.Random(seed)
        plan(shop, {"Product Viewed": PRICE})
        since(shop, at - timedelta(days=9))
        requests = [(viewed(sku="A-1", price=n % 7 or None, color="blue"), n) for n in range(40)]
        for message, n in requests:
            message["messageId"] = f"m{n}"
        dice.shuffle(requests)
        for message, n in requests:
            shop.sends(message, received_at=at + timedelta(seconds=n), drain=dice.random() < 0.3)
        shop.drains()
        rows = shop.get("/api/plan/violations/")["results"]
        found.append([{name: one[name] for name in one if name != "connector"} for one in rows])
    assert found[0] == found[1] == found[2]
    assert sum(one["count"] for one in found[0]) == 46


def test_a_mapped_payload_is_checked_as_it_was_mapped(shop: Shop) -> None:
    one = hooked(shop, PAID)
    plan(
        shop,
        {
            "Order Completed": {
                "mode": "refuse",
                "properties": {"total": {"type": "number", "max": 100}, "products.sku": {"enum": ["A", "B"]}},
            }
        },
    )
    post(one, paid(1), paid(2, amount=99_900), paid(3, items=[{"sku": "C", "price": 1, "num": 1}]))
    shop.drains()
    assert "paid-1" in names(shop)
    assert [(each[0], each[1]) for each in rejects(shop)] == [
        ("paid-2", "properties.total"),
        ("paid-3", "properties.products.sku"),
    ]


def test_contact_data_in_an_example_is_masked_for_a_viewer(shop: Shop) -> None:
    plan(
        shop,
        {
            "Product Viewed": {
                "mode": "warn",
                "properties": {
                    "phone": {"type": "integer"},
                    "note": {"type": "integer"},
                    "name": {"type": "integer"},
                },
            }
        },
    )
    shop.sends(
        viewed(phone="13800138000", note="call +86 13800138000", name="+8613800138000")
        | {"messageId": "to-lin@hemu.cn"}
    )
    for role, shown in (("viewer", False), ("analyst", True)):
        said = str(shop.get("/api/plan/violations/", role))
        assert ("13800138000" in said, "lin@hemu.cn" in said) == (shown, shown), role


def test_the_values_of_an_example_are_kept_short_and_without_what_no_column_holds(shop: Shop) -> None:
    plan(
        shop,
        {
            "Product Viewed": {
                "mode": "warn",
                "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            }
        },
    )
    shop.sends_raw(
        '{"batch": [{"type": "track", "event": "Product Viewed", "userId": "u", "messageId": "m",'
        f' "properties": {{"a": "{"x" * 5000}\\ud800\\u0000", "b": {{"c": [1]}}}}}}]}}',
        1,
    )
    a, b = sorted(shop.get("/api/plan/violations/")["results"], key=lambda one: one["property"])
    assert (a["example"]["value"], b["example"]["value"]) == ("x" * 60 + "…", '{"c": [1]}')


def test_a_message_worked_alone_is_checked_as_well(shop: Shop) -> None:
    plan(shop, {"Product Viewed": REFUSED})
    shop.sends(*[viewed(sku="A-1", price=n) for n in (5, 2000)], drain=False)
    with connection.cursor() as cursor:
        cursor.execute("update channels_inbox_open set attempts = 9")
    shop.drains()
    assert (names(shop), [one[0] for one in rejects(shop)]) == (["m1"], ["m2"])
    assert violations(shop) == [("Product Viewed", "price", "max", 1, 1, 2)]
