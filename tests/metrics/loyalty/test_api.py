"""Membership over HTTP: what it answers, who stands behind a number, what cannot be asked."""

from decimal import Decimal
from typing import Any

import pytest

from metrics.loyalty import joining
from tests.metrics.journeys.served import Served, at
from tests.metrics.mirror_tables import serve
from tests.reference.journeys import Happened, Order, Touch
from tests.reference.loyalty import Change, Step, loyal_mirror

pytestmark = pytest.mark.django_db
PATH = "/api/membership/"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def served(db: None, monkeypatch: pytest.MonkeyPatch) -> Served:
    found = Served()
    tells(found, monkeypatch)
    return found


def tells(found: Served, patch: pytest.MonkeyPatch) -> None:
    """u1 joins after a first order and buys on; u2 has risen from silver to gold; u3 and u4 never join."""
    web, store, ids = found.channels["web-shop"], found.channels["store"], found.ids
    world = Happened(
        "Asia/Shanghai",
        [
            Order("a", web, at(3, 2), ids["u1"], Decimal(100)),
            Order("b", store, at(3, 9), ids["u1"], Decimal(30), "USD"),
            Order("c", store, at(3, 9), ids["u2"], Decimal("90.50")),
            Order("d", web, at(3, 9), ids["u3"], Decimal(10), "XAU"),
            Order("e", web, at(1, 9), ids["u4"]),
        ],
        [Touch(web, at(3, 3), ids["u4"]), Touch(web, at(3, 6), ids["u1"])],
    )
    steps = [
        Step(ids["u1"], at(3, 5), "joined", "silver"),
        Step(ids["u2"], at(2, 5), "joined", "silver"),
        Step(ids["u2"], at(3, 5), "upgraded", "gold"),
    ]
    changes = [
        Change(ids["u1"], at(3, 6), "points", "earned", Decimal(120), "", web),
        Change(ids["u1"], at(3, 7), "points", "spent", Decimal(-20), "", store),
        Change(ids["u2"], at(2, 7), "points", "earned", Decimal(5), "", store),
        Change(ids["u2"], at(3, 7), "points", "expired", Decimal(-8), "", store),
        Change(ids["u2"], at(3, 7), "balance", "earned", Decimal("50.5"), "CNY", store),
    ]
    serve(patch, loyal_mirror(world, steps, changes))


def test_who_is_a_member_and_what_members_buy(served: Served) -> None:
    found = served.shop.get(PATH, **MARCH)
    assert found["total"] == {
        "customers": 2,
        "member_customers": 1,
        "customer_penetration": "0.5000000000",
        "buyers": 3,
        "member_buyers": 2,
        "penetration": "0.6666666667",
        "orders": 4,
        "member_orders": 2,
        "revenue": "400.50",  # 100 + 30 x 7 + 90.50; of gold ounces nobody knows the rate
        "member_revenue": "300.50",
        "revenue_share": "0.7503121099",
    }
    assert [(one["channel"], one["penetration"]) for one in found["by"]] == [
        ("web-shop", "0.0000000000"),
        ("store", "1.0000000000"),
    ]
    assert found["unconverted"] == [{"currency": "XAU", "value": "10.00"}]
    assert (found["members"], found["joined"], found["currency"]) == (2, 1, "CNY")
    gold, silver = found["tiers"]
    assert gold == {
        "tier": "gold",
        "before": 0,
        "joined": 0,
        "moved_in": 1,
        "moved_out": 0,
        "members": 1,
        "buyers": 1,
        "orders": 1,
        "revenue": "90.50",
        "revenue_share": "0.2259675406",
    }
    assert (silver["before"], silver["joined"], silver["moved_out"], silver["members"]) == (1, 1, 1, 1)
    assert found["moves"] == [
        {"from": None, "to": "silver", "members": 1},
        {"from": "silver", "to": "gold", "members": 1},
    ]
    assert found["cross"]["members"] == {"buyers": 2, "cross": 1, "share": "0.5000000000"}
    assert found["as_of"] == "2026-03-06T04:00:00Z"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["u1", "u2"]),
        ({"who": "members", "tier": "gold"}, ["u2"]),
        ({"who": "members", "tier": "null"}, []),
        ({"who": "joined"}, ["u1"]),
        ({"who": "moved", "from_tier": "silver", "tier": "gold"}, ["u2"]),
        ({"who": "buyers"}, ["u1", "u2"]),
        ({"who": "buyers", "channel": "web-shop"}, []),
        ({"who": "others", "channel": "web-shop"}, ["u1", "u3"]),
        ({"who": "others"}, ["u3"]),
        ({"who": "customers"}, ["u1"]),
        ({"who": "tier_buyers", "tier": "silver"}, ["u1"]),
        ({"who": "cross"}, ["u1"]),
        ({"who": "cross_others"}, []),
        ({"who": "points_holders"}, ["u1"]),
        ({"who": "points_overdrawn"}, ["u2"]),
        ({"who": "balance_holders"}, ["u2"]),
    ],
)
def test_the_people_behind_a_number(served: Served, asked: dict[str, str], names: list[str]) -> None:
    assert served.names(f"{PATH}people/", **asked, **MARCH) == [f"Buyer {name}" for name in names]


def test_points_and_stored_value(served: Served) -> None:
    found = served.shop.get(f"{PATH}accounts/", **MARCH)
    points, balance = found["total"]
    assert points == {
        "unit": "points",
        "currency": None,
        "earned": "120",
        "spent": "20",
        "expired": "8",
        "outstanding": "97",
        "holders": 1,
        "overdrawn": 1,
    }
    assert (balance["currency"], balance["outstanding"]) == ("CNY", "50.50")
    tiers = {(one["tier"], one["unit"]): one["outstanding"] for one in found["by"]}
    assert tiers == {("silver", "points"): "100", ("gold", "points"): "-3", ("gold", "balance"): "50.50"}
    by = served.shop.get(f"{PATH}accounts/", by="channel", **MARCH)["by"]
    assert {(one["channel"], one["unit"]): one["outstanding"] for one in by} == {
        ("web-shop", "points"): "120",
        ("store", "points"): "-23",
        ("store", "balance"): "50.50",
    }


def test_too_few_joined_to_tell_what_it_goes_along_with(served: Served) -> None:
    found = served.shop.get(f"{PATH}joining/", **{"from": "2026-03-06", "to": "2026-03-31"})
    assert (found["joiners"], found["without_order"], found["compared"]) == (2, 1, 0)
    assert found["joined"] == {"from": "2026-02-04", "to": "2026-03-05"}
    assert found["refused"]["code"] == "exposed"
    assert [one["measure"] for one in found["effects"]] == list(joining.MEASURES)
    asked = {"from": "2026-03-06", "to": "2026-03-31"}
    assert served.names(f"{PATH}joining/people/", **asked) == ["Buyer u1"]
    assert served.names(f"{PATH}joining/people/", outcome="others", **asked) == ["Buyer u4"]


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        ("", {"from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        ("", {"by": "tier"}, "unknown_filter"),
        ("accounts/", {"by": "moon"}, "bad_by"),
        ("people/", {"who": "moon"}, "bad_who"),
        ("people/", {"who": "buyers", "channel": "moon"}, "unknown_channel"),
        ("people/", {"who": "tier_buyers"}, "bad_tier"),
        ("people/", {"who": "moved"}, "bad_tier"),
        ("people/", {"ordering": "moon"}, "bad_ordering"),
        ("joining/", {"joined": "90m"}, "bad_joined"),
        ("joining/", {"joined": "moon"}, "bad_joined"),
        ("joining/", {"from": "1900-01-01"}, "bad_period"),
        ("joining/people/", {"outcome": "moon"}, "bad_outcome"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(
    served: Served, path: str, asked: dict[str, Any], code: str
) -> None:
    assert served.refuses(PATH + path, MARCH | asked) == code
