"""Touchpoints over HTTP: what it answers, who is with and who without, what cannot be asked."""

from typing import Any

import pytest

from metrics.journeys.touchpoints import EFFECTS
from tests.metrics.journeys.served import Served, at
from tests.reference.journeys import Happened, Order, Touch

pytestmark = pytest.mark.django_db
PATH = "/api/journeys/touchpoints/"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def happened(served: Served) -> Happened:
    """u1 and u2 met a store after their order, u1 came back in 20 days; u3 and u4 did not, u3 came back."""
    web, store, ids = served.channels["web-shop"], served.channels["store"], served.ids
    return Happened(
        "Asia/Shanghai",
        [
            *(Order(user, web, at(3, 5), who) for user, who in ids.items()),
            Order("again", store, at(3, 25), ids["u1"]),
            Order("too", store, at(3, 6), ids["u3"]),
        ],
        [Touch(store, at(3, 10), ids[user], "store") for user in ("u1", "u2")],
    )


@pytest.fixture
def served(db: None, monkeypatch: pytest.MonkeyPatch) -> Served:
    found = Served()
    found.shows(monkeypatch, happened)
    return found


def of_store(answer: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in answer["effects"] if (one["touchpoint"], one["split"]) == ("store", "any"))


def test_with_and_without(served: Served) -> None:
    found = served.shop.get(PATH, **MARCH)
    assert [(one["touchpoint"], one["split"]) for one in found["effects"]] == list(EFFECTS)
    assert found["as_of"] == "2026-03-10T04:00:00Z"
    assert all(one["with"]["customers"] + one["without"]["customers"] == 4 for one in found["effects"])
    store = of_store(found)
    half = {"customers": 2, "repurchased": 1, "repurchase": "0.5000000000"}
    silent = {"satisfied": 0, "answered": 0, "satisfaction": None}
    assert store["with"] == store["without"] == half | silent
    assert store["difference"]["repurchase"] == "0.0000000000"
    assert float(store["difference"]["low"]) == -float(store["difference"]["high"])
    assert store["difference"]["satisfaction"] is None


def test_within_is_how_long_after_the_order_counts(served: Served) -> None:
    assert of_store(served.shop.get(PATH, within="19d", **MARCH))["with"]["repurchased"] == 0
    assert of_store(served.shop.get(PATH, within="20d", **MARCH))["with"]["repurchased"] == 1
    assert of_store(served.shop.get(PATH, within="96h", **MARCH))["with"]["customers"] == 0


def test_matched_customers(served: Served) -> None:
    found = of_store(served.shop.get(PATH, matched="1", **MARCH))
    assert (found["with"]["customers"], found["without"]["customers"]) == (2, 2)
    assert found["difference"]["repurchase"] == "0.0000000000"


def test_the_people_with_and_without(served: Served) -> None:
    people = f"{PATH}people/"
    assert served.names(people, touchpoint="store", **MARCH) == ["Buyer u1", "Buyer u2"]
    without = served.names(people, touchpoint="store", split="any", outcome="without", **MARCH)
    assert without == ["Buyer u3", "Buyer u4"]
    assert served.names(people, touchpoint="logistics", split="late", **MARCH) == []


def test_a_period_in_which_nobody_bought(served: Served) -> None:
    found = of_store(served.shop.get(PATH, **{"from": "2027-01-01", "to": "2027-01-31"}))
    assert found["with"]["customers"] == found["without"]["customers"] == 0
    assert found["difference"]["low"] is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        ({"within": "0"}, "bad_within"),
        ({"within": "0d"}, "bad_within"),
        ({"within": "-3d"}, "bad_within"),
        ({"within": "a while"}, "bad_within"),
        ({"matched": "yes"}, "bad_matched"),
        ({"split": "late", "by": "channel"}, "unknown_filter"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(
    served: Served, asked: dict[str, Any], code: str
) -> None:
    assert served.refuses(PATH, MARCH | asked) == code
    assert served.refuses(f"{PATH}people/", MARCH | {"touchpoint": "store"} | asked) == code


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"touchpoint": None}, "unknown_effect"),
        ({"touchpoint": "moon"}, "unknown_effect"),
        ({"touchpoint": "store", "split": "late"}, "unknown_effect"),
        ({"touchpoint": "store", "outcome": "maybe"}, "bad_outcome"),
    ],
)
def test_a_wrong_group_is_a_400(served: Served, asked: dict[str, Any], code: str) -> None:
    assert served.refuses(f"{PATH}people/", MARCH | asked) == code
