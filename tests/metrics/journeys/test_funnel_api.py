"""The funnel over HTTP: what it answers, whose list stands behind it, and what cannot be asked."""

from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from profiles import queries
from tests.metrics.mirror_tables import InMemory, serve
from tests.shop import Shop, identify, later, track

pytestmark = pytest.mark.django_db
PATH = "/api/journeys/funnel/"


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Three customers: u1 buys, u2 adds, u3 looks; the mirror has them by the numbers they had when they came."""
    found = Shop()
    found.sends(
        *(track("Product Viewed", user, at=later(hours=1)) for user in ("u1", "u2", "u3")),
        *(
            identify(user, at=later(), name=f"Buyer {user}", phone=f"1381234567{user[1]}")
            for user in ("u1", "u2", "u3")
        ),
    )
    mirror = InMemory()
    ids = {user: serial(found, user) for user in ("u1", "u2", "u3")}
    mirror.put("customers", [{"sighting": n, "profile": n, "identified": True} for n in ids.values()])
    channels = {
        slug: channel for channel, slug in queries.channel_slugs(connection, found.workspace.pk).items()
    }
    met = [
        *((user, 1, "web-shop", "Product Viewed") for user in ids),
        ("u1", 2, "web-shop", "Product Added"),
        ("u2", 3, "store", "Product Added"),
        ("u1", 4, "store", "Order Completed"),
    ]
    mirror.put(
        "touches",
        [
            {
                "occurred_at": later(hours=hours).replace(tzinfo=None),
                "tie": n,
                "sighting": ids[user],
                "channel": channels[slug],
                "touchpoint": "browse",
                "name": name,
                "active": True,
                "properties": '{"it\'s \\"odd\\"": "yes"}' if user == "u2" else "{}",
            }
            for n, (user, hours, slug, name) in enumerate(met)
        ],
    )
    serve(monkeypatch, mirror)
    return found


def serial(shop: Shop, user: str) -> int:
    return queries.resolve(connection, shop.workspace.pk, shop.profile(f"user_id:{user}")["id"])[0]


MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
STEPS = "Product Viewed,product_added,Order Completed"


def test_steps_with_customers_shares_and_times(shop: Shop) -> None:
    assert shop.get(PATH, steps=STEPS, **MARCH) == {
        "steps": [
            step("Product Viewed", 3, "1.0000000000", 0.0, 0.0),
            step("Product Added", 2, "0.6666666667", 5400.0, 6840.0),
            step("Order Completed", 1, "0.3333333333", 10800.0, 10800.0),
        ],
        "as_of": "2026-03-01T06:00:00Z",
    }


def step(name: str, customers: int, share: str, median: float, p90: float) -> dict[str, Any]:
    times = {"median_seconds": median, "p90_seconds": p90}
    return {"name": name, "customers": customers, "share": share, **times}


def test_by_a_dimension_at_the_first_step(shop: Shop) -> None:
    found = shop.get(PATH, steps=STEPS, by='properties.it\'s "odd"', **MARCH)["by"]
    assert {value: [one["customers"] for one in line["steps"]] for value, line in found.items()} == {
        "yes": [1, 1, 0],
        "null": [2, 1, 1],
    }
    assert list(shop.get(PATH, steps=STEPS, by="channel", **MARCH)["by"]) == ["web-shop"]


def people(shop: Shop, role: str = "admin", **asked: Any) -> list[str]:
    found = shop.get(f"{PATH}people/", role, **({"steps": STEPS, **MARCH} | asked))
    return sorted(item["name"] for item in found["results"])


def test_the_people_behind_a_bar_and_behind_the_loss_beside_it(shop: Shop) -> None:
    assert people(shop) == people(shop, step=1) == ["Buyer u1", "Buyer u2", "Buyer u3"]
    assert people(shop, step=2, outcome="reached") == ["Buyer u1", "Buyer u2"]
    assert people(shop, step=2, outcome="dropped") == ["Buyer u3"]
    assert people(shop, step=3, outcome="dropped") == ["Buyer u2"]
    assert people(shop, step=1, outcome="dropped") == []
    assert people(shop, step=2, by="channel", value="web-shop") == ["Buyer u1", "Buyer u2"]
    assert people(shop, step=2, by="channel", value="store") == []


def test_people_are_listed_as_profiles_are_page_by_page(shop: Shop) -> None:
    asked = {"steps": STEPS, **MARCH, "limit": 2, "ordering": "name"}
    page = shop.get(f"{PATH}people/", **asked)
    assert page["results"] == shop.get("/api/profiles/", limit=2, ordering="name")["results"]
    rest = shop.api().get(page["next"]).json()
    assert [item["name"] for item in rest["results"]] == ["Buyer u3"]
    assert rest["next"] is None


def test_conditions_windows_order_and_exclusion_reach_the_question(shop: Shop) -> None:
    def counts(**asked: Any) -> list[int]:
        return [one["customers"] for one in shop.get(PATH, **({"steps": STEPS} | MARCH | asked))["steps"]]

    assert counts(steps="Product Viewed,Product Added[channel=store]") == [3, 1]
    assert counts(window="1h") == [3, 1, 0]
    assert counts(window="30m") == [3, 0, 0]
    assert counts(steps="Product Viewed,Order Completed") == [3, 1]
    assert counts(steps="Product Viewed,Order Completed", order="strict") == [3, 0]
    assert counts(steps="Product Viewed,Order Completed", exclude="Product Added") == [3, 0]
    assert counts(**{"from": "2026-04-01", "to": "2026-04-02"}) == [0, 0, 0]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"steps": ""}, "bad_step"),
        ({"steps": None}, "bad_step"),
        ({"steps": "A,,B"}, "bad_step"),
        ({"steps": ",".join(["A"] * 200)}, "bad_steps"),
        ({"steps": "channel:moon"}, "unknown_channel"),
        ({"steps": "touchpoint:moon"}, "unknown_touchpoint"),
        ({"steps": "A[channel"}, "bad_step"),
        ({"window": "0d"}, "bad_window"),
        ({"window": "0"}, "bad_window"),
        ({"window": "-1d"}, "bad_window"),
        ({"window": "7 years"}, "bad_window"),
        ({"window": "999999d"}, "bad_window"),
        ({"from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        ({"from": "soon"}, "bad_date"),
        ({"from": "0001-01-01"}, "bad_period"),
        ({"order": "sometimes"}, "bad_order"),
        ({"by": "moon"}, "unknown_dimension"),
        ({"by": "properties."}, "unknown_dimension"),
        ({"by": "segment:loyal"}, "unknown_dimension"),
        ({"exclude": "A,B"}, "bad_step"),
        ({"exclude": "product added"}, "bad_exclude"),
        ({"stpes": "A"}, "unknown_filter"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(shop: Shop, asked: dict[str, Any], code: str) -> None:
    given = {name: value for name, value in ({"steps": STEPS} | MARCH | asked).items() if value is not None}
    for path in (PATH, f"{PATH}people/"):
        answer = shop.api().get(path, given)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert len(answer.json()["message"]) > 20


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"step": "0"}, "bad_step"),
        ({"step": "4"}, "bad_step"),
        ({"step": "two"}, "bad_step"),
        ({"outcome": "lost"}, "bad_outcome"),
        ({"value": "web-shop"}, "bad_value"),
        ({"ordering": "moon"}, "bad_ordering"),
        ({"cursor": "moon"}, "bad_cursor"),
        ({"limit": "0"}, "bad_limit"),
    ],
)
def test_a_wrong_bar_is_a_400_too(shop: Shop, asked: dict[str, Any], code: str) -> None:
    answer = shop.api().get(f"{PATH}people/", {"steps": STEPS} | MARCH | asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_nobody_without_a_token_and_a_viewer_sees_masked_contacts(shop: Shop) -> None:
    assert APIClient().get(PATH, {"steps": "A"}).status_code == 401
    shop.sends(identify("u1", at=later(days=1), name="13812345671"))
    assert "13812345671" not in people(shop, "viewer")
    assert "13812345671" in people(shop)
