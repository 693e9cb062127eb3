"""A list of people that somebody else counted is the profiles they now are."""

import pytest
from django.db import connection

from profiles import queries
from tests.shop import Shop, identify, later, track

pytestmark = pytest.mark.django_db


def listed(shop: Shop, ids: list[int], **more) -> list[str]:
    found = queries.of_profiles(connection, shop.workspace, ids, **more)
    return [item["name"] for item in found.items]


def serial(shop: Shop, user: str) -> int:
    return queries.resolve(connection, shop.workspace.pk, shop.profile(f"user_id:{user}")["id"])[0]


@pytest.fixture
def shop(db: None) -> Shop:
    found = Shop()
    found.sends(
        *(identify(f"u{n}", at=later(hours=n), name=f"Buyer {n}") for n in range(4)),
        *(track("Product Viewed", f"u{n}", at=later(hours=n)) for n in range(4)),
    )
    return found


def test_only_those_asked_for_in_the_order_of_the_list(shop: Shop) -> None:
    ids = [serial(shop, user) for user in ("u0", "u2", "u3")]
    assert listed(shop, ids) == ["Buyer 3", "Buyer 2", "Buyer 0"]
    assert listed(shop, ids, ordering="name") == ["Buyer 0", "Buyer 2", "Buyer 3"]
    assert listed(shop, []) == []
    assert listed(shop, [10**12]) == []


def test_page_by_page(shop: Shop) -> None:
    ids = [serial(shop, f"u{n}") for n in range(4)]
    first = queries.of_profiles(connection, shop.workspace, ids, None, 3)
    rest = queries.of_profiles(connection, shop.workspace, ids, first.next, 3)
    assert [item["name"] for item in (*first.items, *rest.items)] == [f"Buyer {n}" for n in (3, 2, 1, 0)]
    assert rest.next is None


def test_who_was_joined_since_is_listed_once(shop: Shop) -> None:
    ids = [serial(shop, user) for user in ("u0", "u1")]
    one, other = (shop.profile(f"user_id:{user}")["id"] for user in ("u0", "u1"))
    answer = shop.api().post(
        f"/api/profiles/{one}/merge/", {"other": other, "reason": "a test"}, content_type="application/json"
    )
    assert answer.status_code == 200
    assert len(listed(shop, ids)) == len(listed(shop, ids[:1])) == len(listed(shop, ids[1:])) == 1


def test_another_workspaces_people_are_not_listed(shop: Shop) -> None:
    assert listed(Shop("Other"), [serial(shop, "u0")]) == []


def test_a_viewer_sees_a_masked_phone_in_a_name(shop: Shop) -> None:
    shop.sends(identify("u0", at=later(days=2), name="13812345678"))
    assert listed(shop, [serial(shop, "u0")]) != listed(shop, [serial(shop, "u0")], masked=False)
