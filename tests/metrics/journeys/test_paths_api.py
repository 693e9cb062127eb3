"""Paths over HTTP: what they answer, whose list stands behind them, and what cannot be asked."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from profiles import queries
from tests.metrics.mirror_tables import InMemory, serve
from tests.shop import Shop, identify, later, track

pytestmark = pytest.mark.django_db
PATH = "/api/journeys/paths/"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """u1 goes from the web shop to the store and buys there, u2 the same way without, u3 stays in the store."""
    found, users = Shop(), ("u1", "u2", "u3")
    found.sends(
        *(track("Product Viewed", user, at=later(hours=1)) for user in users),
        *(identify(user, at=later(), name=f"Buyer {user}") for user in users),
    )
    workspace = found.workspace.pk
    ids = {
        user: queries.resolve(connection, workspace, found.profile(f"user_id:{user}")["id"])[0]
        for user in users
    }
    channels = {slug: channel for channel, slug in queries.channel_slugs(connection, workspace).items()}
    met = [
        ("u1", 1, "web-shop", "browse", "Product Viewed"),
        ("u1", 2, "web-shop", "cart", "Product Added"),
        ("u1", 4, "store", "order", "Order Completed"),
        ("u2", 1, "web-shop", "browse", "Product Viewed"),
        ("u2", 3, "store", "store", "Store Visited"),
        ("u3", 5, "store", "store", "Store Visited"),
    ]
    mirror = InMemory()
    mirror.put("customers", [{"sighting": n, "profile": n, "identified": True} for n in ids.values()])
    mirror.put(
        "touches",
        [
            {
                "occurred_at": later(hours=hours).replace(tzinfo=None),
                "tie": n,
                "sighting": ids[user],
                "channel": channels[slug],
                "touchpoint": touchpoint,
                "name": name,
                "active": True,
            }
            for n, (user, hours, slug, touchpoint, name) in enumerate(met)
        ],
    )
    bought = {
        "order_id": "o1",
        "channel": channels["store"],
        "occurred_at": later(hours=4).replace(tzinfo=None),
        "day": later(hours=4).date(),
        "sighting": ids["u1"],
        "currency": "CNY",
        "total": Decimal("99.90"),
        "refunded": Decimal(0),
    }
    mirror.put("orders", [bought])
    serve(monkeypatch, mirror)
    return found


def node(step: int, name: str, n: int) -> dict[str, Any]:
    return {"id": f"{step}:{name}", "name": name, "step": step, "customers": n, "paths": n}


def test_nodes_links_and_what_came_of_the_frequent_paths(shop: Shop) -> None:
    found = shop.get(PATH, **MARCH)
    assert found == {
        "nodes": [node(1, "web-shop", 2), node(1, "store", 1), node(2, "store", 2)],
        "links": [{"source": "1:web-shop", "target": "2:store", "value": 2}],
        "as_of": "2026-03-01T07:00:00Z",
    }
    assert shop.get(PATH, top=1, **MARCH)["paths"] == [
        {
            "nodes": ["web-shop", "store"],
            "customers": 2,
            "paths": 2,
            "converted": 1,
            "orders": 1,
            "revenue": "99.9000",
            "unconverted": [],
            "median_seconds": 9000.0,
        }
    ]


def test_levels_depth_start_end_and_session_reach_the_question(shop: Shop) -> None:
    def ids(**asked: Any) -> list[str]:
        return [one["id"] for one in shop.get(PATH, **(MARCH | asked))["nodes"]]

    assert ids(level="touchpoint") == ["1:browse", "1:store", "2:cart", "2:store", "3:order"]
    assert ids(level="event", steps=1) == ["1:Product Viewed", "1:Store Visited"]
    assert ids(level="event", start="touchpoint:cart") == ["1:Product Added", "2:Order Completed"]
    assert ids(level="event", end="order_completed", steps=2) == ["1:Product Added", "2:Order Completed"]
    assert ids(session="1h") == ["1:store", "1:web-shop"]
    assert ids(**{"from": "2026-04-01", "to": "2026-04-02"}) == []


def people(shop: Shop, **asked: Any) -> list[str]:
    answer = shop.api().get(f"{PATH}people/", MARCH | asked)
    assert answer.status_code == 200
    return sorted(item["name"] for item in answer.json()["results"])


def test_the_people_behind_a_node_a_link_and_a_path(shop: Shop) -> None:
    assert people(shop) == ["Buyer u1", "Buyer u2", "Buyer u3"]
    assert people(shop, node="1:store") == ["Buyer u3"]
    assert people(shop, node="2:store") == people(shop, link="1:web-shop>2:store") == ["Buyer u1", "Buyer u2"]
    assert people(shop, level="event", link="1:Product Viewed>2:Store Visited") == ["Buyer u2"]
    assert people(shop, path="1:web-shop") == []
    assert people(shop, path="1:web-shop>2:store") == ["Buyer u1", "Buyer u2"]
    assert people(shop, node="1:tmall") == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"level": "city"}, "bad_level"),
        ({"steps": "0"}, "bad_steps"),
        ({"steps": "200"}, "bad_steps"),
        ({"steps": "many"}, "bad_steps"),
        ({"session": "0d"}, "bad_session"),
        ({"session": "long"}, "bad_session"),
        ({"start": "A", "end": "B"}, "bad_start"),
        ({"start": "channel:moon"}, "unknown_channel"),
        ({"end": "A[x=1]"}, "bad_field"),
        ({"from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        ({"depth": "5"}, "unknown_filter"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(shop: Shop, asked: dict[str, Any], code: str) -> None:
    for path in (PATH, f"{PATH}people/"):
        answer = shop.api().get(path, MARCH | asked)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert len(answer.json()["message"]) > 20


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        (PATH, {"top": "0"}, "bad_top"),
        (PATH, {"top": "1000"}, "bad_top"),
        (f"{PATH}people/", {"node": "web-shop"}, "bad_node"),
        (f"{PATH}people/", {"node": "1:web-shop>2:store"}, "bad_node"),
        (f"{PATH}people/", {"link": "1:web-shop"}, "bad_node"),
        (f"{PATH}people/", {"link": "1:a>2:b", "node": "1:a"}, "bad_node"),
        (f"{PATH}people/", {"path": "1:a>2:b", "steps": "1"}, "bad_node"),
    ],
)
def test_a_wrong_place_is_a_400_too(shop: Shop, path: str, asked: dict[str, Any], code: str) -> None:
    answer = shop.api().get(path, MARCH | asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
