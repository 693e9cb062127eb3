"""Segments over HTTP: what a rule finds, who may make one, what is refused and how it is said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from cdp.pipeline import segmenting
from tests.shop import Shop, identify, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
PATH = "/api/segments/"


def ago(**delta: float) -> datetime:
    return datetime.now(UTC) - timedelta(**delta)


@pytest.fixture
def shop(db: None) -> Shop:
    """Four customers: ann buys twice, bob once, cat only looks, dan is known by a member number alone."""
    found = Shop()
    found.sends(
        identify(
            "ann",
            at=ago(days=50),
            name="Ann",
            city="Hangzhou",
            age=34,
            phone="13812345671",
            tags=["tea", "vip"],
        ),
        identify("bob", at=ago(days=50), name="Bob", city="Wuhan", age="29", born="1996-05-01"),
        identify("cat", at=ago(days=50), name="Cat", city="Hangzhou", email="cat@example.com"),
        identify("dan", at=ago(days=50), name="Dan", member_no="M-1"),
        track("Product Viewed", "ann", ago(days=3), category="tea"),
        track("Product Viewed", "ann", ago(days=2), category="tea"),
        track("Product Viewed", "cat", ago(days=2), category="cups"),
        track("Product Viewed", "bob", ago(days=40), category="tea"),
        track("Product Added", "cat", ago(days=1, hours=20)),
        order("o1", "300", "ann", ago(days=2, minutes=-59), currency="CNY"),
        order("o3", "80", "bob", ago(days=39), currency="CNY"),
        track("Order Refunded", "ann", ago(days=1), order_id="o1", total="100"),
    )
    found.sends(order("o2", "350.50", "ann", ago(days=60), currency="CNY", order_channel="store"), to="store")
    return found


def names(shop: Shop, rule: Any) -> list[str]:
    """Whom a rule finds; kept as a segment it finds the same."""
    answer = shop.api().post(f"{PATH}preview/", {"rule": rule}, format="json")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["count"] == len(found["sample"])
    assert found["as_of"]
    assert found["words"]
    made = shop.api().post(PATH, {"name": "Tried", "rule": rule}, format="json")
    assert made.status_code == 201, made.content
    slug = made.json()["slug"]
    members = shop.get(f"{PATH}{slug}/members/")["results"]
    listed = shop.get("/api/profiles/", segment=slug)["results"]
    assert sorted(one["id"] for one in found["sample"]) == sorted(one["id"] for one in members)
    assert listed == members
    assert made.json()["count"] == found["count"]
    return sorted(one["name"] for one in members)


FOUND: list[tuple[Any, list[str]]] = [
    ({"trait": "city", "is": "Hangzhou"}, ["Ann", "Cat"]),
    ({"trait": "city", "is_not": "Hangzhou"}, ["Bob", "Dan"]),
    ({"trait": "city", "in": ["Wuhan", "Ningbo"]}, ["Bob"]),
    ({"trait": "city", "contains": "zhou"}, ["Ann", "Cat"]),
    ({"trait": "tags", "contains": "vip"}, ["Ann"]),
    ({"trait": "tags", "contains": "vi"}, []),
    ({"trait": "city", "exists": True}, ["Ann", "Bob", "Cat"]),
    ({"trait": "city", "exists": False}, ["Dan"]),
    ({"trait": "age", "gte": 29, "lt": "34"}, ["Bob"]),
    ({"trait": "age", "is": 34}, ["Ann"]),
    ({"trait": "born", "before": "1996-05-02"}, ["Bob"]),
    ({"trait": "born", "after": "1996-05-01"}, []),
    ({"trait": "born", "within_last": "3660d"}, []),
    ({"trait": "phone", "is": "+8613812345671"}, ["Ann"]),
    ({"did": "Product Viewed"}, ["Ann", "Bob", "Cat"]),
    ({"did": "Product Viewed", "within": "30d"}, ["Ann", "Cat"]),
    ({"did": "Product Viewed[properties.category=tea]", "times": {"gte": 2}}, ["Ann"]),
    ({"did": "Product Viewed", "times": {"lte": 1}}, ["Bob", "Cat", "Dan"]),
    ({"did_not": "Product Viewed", "within": "30d"}, ["Bob", "Dan"]),
    ({"not": {"did": "Product Viewed"}}, ["Dan"]),
    ({"sequence": ["Product Viewed", "Product Added"], "within": "1d"}, ["Cat"]),
    ({"sequence": ["Product Viewed", "Order Completed"], "within": "1h"}, ["Ann"]),
    ({"sequence": ["Product Added", "Product Viewed"], "within": "30d"}, []),
    ({"orders": {"gte": 2}}, ["Ann"]),
    ({"orders": {"is": 0}}, ["Cat", "Dan"]),
    ({"orders": {"gte": 1}, "within": "30d"}, ["Ann"]),
    ({"spent": {"gte": "550.50"}}, ["Ann"]),
    ({"spent": {"gt": "550.50"}}, []),
    ({"spent": {"gte": "200", "lt": "200.01"}, "within": "30d"}, ["Ann"]),
    ({"spent": {"lt": "80"}, "within": "45d"}, ["Cat", "Dan"]),
    ({"first_order": {"channel": ["store"]}}, ["Ann"]),
    ({"first_order": {}, "within": "45d"}, ["Bob"]),
    ({"seen_on": ["store"]}, ["Ann"]),
    ({"has": "email"}, ["Cat"]),
    ({"any": [{"has": "email"}, {"orders": {"gte": 2}}]}, ["Ann", "Cat"]),
    ({"all": [{"trait": "city", "is": "Hangzhou"}, {"did_not": "Order Completed"}]}, ["Cat"]),
    (
        {
            "all": [
                {"seen_on": ["web-shop"]},
                {"did": "Product Viewed"},
                {"did": "Order Completed", "within": "10d"},
            ]
        },
        ["Ann"],
    ),
]


@pytest.mark.parametrize(("rule", "found"), FOUND, ids=str)
def test_whom_a_rule_finds(shop: Shop, rule: Any, found: list[str]) -> None:
    assert names(shop, rule) == found


def test_days_are_the_workspaces_and_both_ends_are_inside(shop: Shop) -> None:
    shop.sends(track("Seen", "dan", "2026-02-28T16:30:00Z"))  # 1 March in Shanghai
    assert names(shop, {"did": "Seen", "between": ["2026-03-01", "2026-03-01"]}) == ["Dan"]
    assert names(shop, {"did": "Seen", "between": ["2026-02-01", "2026-02-28"]}) == []


def test_the_surviving_value_is_compared_and_no_masked_one(shop: Shop) -> None:
    shop.sends(
        identify("ann", at=ago(days=1), city="Suzhou", nickname="Annie"),
        identify("ann", at=ago(hours=5), nickname="A***e"),
    )
    assert names(shop, {"trait": "city", "is": "Hangzhou"}) == ["Cat"]
    assert names(shop, {"trait": "city", "is": "Suzhou"}) == ["Ann"]
    assert names(shop, {"trait": "nickname", "is": "Annie"}) == ["Ann"]
    for rule, first in (("first", ["Ann", "Cat"]), ("most_frequent", ["Ann", "Cat"])):
        shop.workspace.settings["survivorship"] = {"city": {"rule": rule}}
        shop.workspace.save()
        shop.sends(identify("ann", at=ago(days=30), city="Hangzhou"))
        assert names(shop, {"trait": "city", "is": "Hangzhou"}) == first


def test_a_segment_of_segments_follows_them(shop: Shop) -> None:
    tea = make(shop, "Tea", {"did": "Product Viewed[properties.category=tea]"})
    both = make(
        shop,
        "Both",
        {"all": [{"segment": tea}, {"not": {"segment": make(shop, "New", {"orders": {"lte": 1}})}}]},
    )
    assert members(shop, both) == ["Ann"]
    answer = shop.api().patch(f"{PATH}{tea}/", {"rule": {"has": "email"}}, format="json")
    assert answer.status_code == 200
    segmenting.now()
    assert members(shop, both) == []
    assert shop.api().delete(f"{PATH}{tea}/").status_code == 409
    looped = shop.api().patch(f"{PATH}{tea}/", {"rule": {"segment": both}}, format="json")
    assert (looped.status_code, looped.json()["code"]) == (400, "segment_loop")
    itself = shop.api().patch(f"{PATH}{tea}/", {"rule": {"not": {"segment": tea}}}, format="json")
    assert (itself.status_code, itself.json()["code"]) == (400, "segment_loop")


def make(shop: Shop, name: str, rule: Any) -> str:
    made = shop.api("analyst").post(PATH, {"name": name, "rule": rule}, format="json")
    assert made.status_code == 201, made.content
    return str(made.json()["slug"])


def members(shop: Shop, slug: str, **asked: Any) -> list[str]:
    return sorted(one["name"] for one in shop.get(f"{PATH}{slug}/members/", **asked)["results"])


def test_a_profile_says_which_segments_it_is_in(shop: Shop) -> None:
    make(shop, "Hangzhou", {"trait": "city", "is": "Hangzhou"})
    make(shop, "Mail", {"has": "email"})
    assert shop.profile("user_id:cat")["segments"] == ["hangzhou", "mail"]
    assert shop.profile("user_id:ann")["segments"] == ["hangzhou"]
    assert shop.profile("user_id:dan")["segments"] == []
    answer = shop.api().get("/api/profiles/", {"segment": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_segment")


def test_the_list_of_customers_and_its_file_hold_a_segment(shop: Shop) -> None:
    make(shop, "Hangzhou", {"trait": "city", "is": "Hangzhou"})
    shop.api("analyst")
    client = Client()
    client.force_login(User.objects.get(username=f"analyst-{shop.workspace.slug}"))
    page = client.get("/customers/?segment=hangzhou").content.decode()
    assert all((name in page) == (name in ("Ann", "Cat")) for name in ("Ann", "Bob", "Cat", "Dan"))
    assert "In the segment" in page
    answer = client.get("/customers/export.csv?segment=hangzhou")
    text = b"".join(answer).decode()
    assert [name for name in ("Ann", "Bob", "Cat", "Dan") if name in text] == ["Ann", "Cat"]


def test_kept_changed_and_dropped(shop: Shop) -> None:
    slug = make(shop, "Hang zhou", {"trait": "city", "is": "Hangzhou"})
    assert slug == "hang-zhou"
    assert [one["slug"] for one in shop.get(PATH)["results"]] == [slug]
    found = shop.get(f"{PATH}{slug}/", "viewer")
    assert (found["name"], found["count"], found["trouble"]) == ("Hang zhou", 2, None)
    assert found["words"] == "city is “Hangzhou”"
    renamed = shop.api().patch(f"{PATH}{slug}/", {"name": "West Lake", "slug": "lake"}, format="json").json()
    assert (renamed["name"], renamed["slug"], renamed["count"]) == ("West Lake", "lake", 2)
    assert shop.api().get(f"{PATH}{slug}/").status_code == 404
    again = shop.api().post(PATH, {"name": "x", "slug": "lake", "rule": {"has": "phone"}}, format="json")
    assert again.status_code == 409
    assert shop.api().delete(f"{PATH}lake/").status_code == 204
    assert shop.get(PATH)["results"] == []
    assert shop.profile("user_id:ann")["segments"] == []


def test_a_viewer_reads_and_makes_nothing(shop: Shop) -> None:
    slug = make(shop, "Phone", {"trait": "phone", "is": "+8613812345671"})
    viewer = shop.api("viewer")
    for path in (PATH, f"{PATH}preview/"):
        assert viewer.post(path, "no json", content_type="application/json").status_code == 403
    assert viewer.patch(f"{PATH}{slug}/", {"x": 1}, format="json").status_code == 403
    assert viewer.delete(f"{PATH}{slug}/").status_code == 403
    shown = viewer.get(f"{PATH}{slug}/").content.decode()
    assert "13812345671" not in shown
    assert "13812345671" in shop.api().get(f"{PATH}{slug}/").content.decode()
    assert APIClient().get(PATH).status_code == 401


def test_unknown_ones_are_not_there(shop: Shop) -> None:
    for rest in ("", "members/", "history/", "insight/"):
        assert shop.api().get(f"{PATH}nobody/{rest}").status_code == 404
    assert Shop("Other").api().get(f"{PATH}{make(shop, 'One', {'has': 'phone'})}/").status_code == 404


def deep(levels: int) -> Any:
    rule: Any = {"has": "phone"}
    for _level in range(levels):
        rule = {"not": rule}
    return rule


WRONG: list[tuple[Any, str]] = [
    (None, "rule:"),
    ([], "rule:"),
    ("has phone", "rule:"),
    ({}, "rule:"),
    ({"moon": 1}, "rule:"),
    ({"all": []}, "rule.all:"),
    ({"all": {"has": "phone"}}, "rule.all:"),
    ({"all": [{"has": "phone"}, {"has": 3}]}, "rule.all[1].has:"),
    ({"all": [{"has": "phone"}], "any": [{"has": "phone"}]}, "rule:"),
    ({"any": [{"has": "phone"}] * 10_000}, "rule.any:"),
    ({"all": [{"any": [{"has": "phone"}] * 60}] * 2}, "rule:"),
    (deep(20), "rule.not"),
    ({"trait": "city"}, "rule:"),
    ({"trait": 5, "is": "x"}, "rule.trait:"),
    ({"trait": "city", "like": "x"}, "rule:"),
    ({"trait": "city", "is": {"a": 1}}, "rule.is:"),
    ({"trait": "city", "is": None}, "rule.is:"),
    ({"trait": "city", "in": "x"}, "rule.in:"),
    ({"trait": "city", "gt": "much"}, "rule.gt:"),
    ({"trait": "city", "gt": 1e300}, "rule.gt:"),
    ({"trait": "city", "exists": "yes"}, "rule.exists:"),
    ({"trait": "city", "before": "soon"}, "rule.before:"),
    ({"trait": "city", "within_last": "30"}, "rule.within_last:"),
    ({"trait": "phone", "contains": "138"}, "“phone”"),
    ({"did": ""}, "rule.did:"),
    ({"did": "A,B"}, "rule.did:"),
    ({"did": "A[channel=moon]"}, "rule.did:"),
    ({"did": "A", "times": 3}, "rule.times:"),
    ({"did": "A", "times": {"gte": -1}}, "rule.times.gte:"),
    ({"did": "A", "times": {"gte": 1.5}}, "rule.times.gte:"),
    ({"did": "A", "times": {"gte": True}}, "rule.times.gte:"),
    ({"did": "A", "within": "forever"}, "rule.within:"),
    ({"did": "A", "within": "99999d"}, "rule.within:"),
    ({"did": "A", "between": ["2026-02-30", "2026-03-01"]}, "rule.between:"),
    ({"did": "A", "between": ["2026-03-02", "2026-03-01"]}, "rule.between:"),
    ({"did": "A", "within": "1d", "between": ["2026-03-01", "2026-03-02"]}, "rule:"),
    ({"sequence": ["A", "B"]}, "rule:"),
    ({"sequence": ["A"], "within": "1d"}, "rule.sequence:"),
    ({"sequence": ["A"] * 30, "within": "1d"}, "rule.sequence:"),
    ({"orders": 3}, "rule.orders:"),
    ({"spent": {"gte": "NaN"}}, "rule.spent.gte:"),
    ({"spent": {"about": 3}}, "rule.spent:"),
    ({"first_order": {}}, "rule.first_order:"),
    ({"first_order": {"channel": ["moon"]}}, "rule.first_order.channel[0]:"),
    ({"seen_on": []}, "rule.seen_on:"),
    ({"has": "phone'; drop table metrics_segment; --"}, "rule.has:"),
    ({"segment": "nobody"}, "nobody"),
    ({"consent": {"purpose": "marketing", "given": "yes"}}, "rule.consent.given:"),
]


@pytest.mark.parametrize(("rule", "place"), WRONG, ids=lambda one: str(one)[:60])
def test_what_cannot_be_is_a_400_that_names_the_place(shop: Shop, rule: Any, place: str) -> None:
    for path, asked in ((f"{PATH}preview/", {"rule": rule}), (PATH, {"name": "Wrong", "rule": rule})):
        answer = shop.api().post(path, asked, format="json")
        assert answer.status_code == 400, answer.content
        assert place in answer.json()["message"]
        assert len(answer.json()["message"]) > 20
    assert shop.get(PATH)["results"] == []


@pytest.mark.parametrize("text", ["x' or '1'='1", "%(workspace)s", "$v0", "{place}", "\\", '"', "a%b", "{}"])
def test_what_looks_like_sql_is_a_value(shop: Shop, text: str) -> None:
    for rule in (
        {"trait": text, "is": text},
        {"trait": "city", "contains": text},
        {"trait": text, "exists": True},
        {"did": "Product Viewed[properties.category=" + text.replace("%", "%25") + "]"},
    ):
        assert names(shop, rule) == []


def test_how_members_differ_from_everybody_and_from_another_segment(shop: Shop) -> None:
    buyers = make(shop, "Buyers", {"orders": {"gte": 1}})
    found = shop.get(f"{PATH}{buyers}/insight/")
    assert (found["members"], found["base"]) == (2, 4)
    by = {one["dimension"]: {v["value"]: v for v in one["values"]} for one in found["dimensions"]}
    assert by["trait:city"]["Wuhan"] == {
        "value": "Wuhan",
        "members": 1,
        "share": "0.500000",
        "base_members": 1,
        "base_share": "0.250000",
        "index": "200.0",
    }
    assert (by["channel"]["store"]["members"], by["channel"]["store"]["index"]) == (1, "200.0")
    assert by["order_channel"]["store"]["members"] == 1
    assert by["touchpoint"]["browse"]["base_members"] == 3
    assert not any("phone" in name or "email" in name for name in by if name.startswith("trait:"))
    local = make(shop, "Local", {"trait": "city", "is": "Hangzhou"})
    against = shop.get(f"{PATH}{buyers}/insight/", against=local)
    assert (against["members"], against["base"]) == (2, 2)
    assert shop.api().get(f"{PATH}{buyers}/insight/", {"against": "nobody"}).status_code == 400


def test_who_is_in_several(shop: Shop) -> None:
    a, b = make(shop, "A", {"orders": {"gte": 1}}), make(shop, "B", {"trait": "city", "is": "Hangzhou"})
    found = shop.get(f"{PATH}overlap/", a=a, b=b)
    assert {name: found[name] for name in ("a", "b", "both", "only_a", "only_b")} == {
        "a": 2,
        "b": 2,
        "both": 1,
        "only_a": 1,
        "only_b": 1,
    }
    assert {(tuple(one["segments"]), one["count"]) for one in found["sets"]} == {
        ((a, b), 1),
        ((a,), 1),
        ((b,), 1),
    }
    for asked in ({}, {"a": a}, {"a": a, "b": "nobody"}, {"a": a, "b": b, "c": b}):
        assert shop.api().get(f"{PATH}overlap/", asked).status_code == 400


@pytest.mark.parametrize(
    ("rest", "asked"),
    [
        ("members/", {"at": "soon"}),
        ("members/", {"ordering": "moon"}),
        ("members/", {"cursor": "moon"}),
        ("members/", {"moon": "1"}),
        ("history/", {"from": "soon"}),
        ("history/", {"from": "2026-03-02", "to": "2026-03-01"}),
        ("history/", {"from": "1970-01-01", "to": "2026-03-01"}),
        ("insight/", {"moon": "1"}),
    ],
)
def test_wrong_parameters_are_a_400(shop: Shop, rest: str, asked: dict[str, str]) -> None:
    answer = shop.api().get(f"{PATH}{make(shop, 'One', {'has': 'phone'})}/{rest}", asked)
    assert answer.status_code == 400
    assert len(answer.json()["message"]) > 20


def test_consent_is_the_latest_word_on_the_channel_or_on_all(shop: Shop) -> None:
    def word(user: str, given: bool, days: float, **more: Any) -> dict[str, Any]:
        name = "Consent Given" if given else "Consent Withdrawn"
        return track(name, user, ago(days=days), purpose="Marketing", **more)

    shop.sends(
        word("ann", True, 9, channel="SMS"),
        word("bob", True, 9),
        word("bob", False, 8, channel="sms"),
        word("cat", False, 9, channel="sms"),
        word("cat", True, 8),
        word("dan", True, 9, channel="sms"),
        word("dan", False, 8),
    )

    def rule(given: bool, **more: str) -> dict[str, Any]:
        return {"consent": {"purpose": "marketing", "given": given, **more}}

    assert names(shop, rule(True, channel="sms")) == ["Ann", "Cat"]
    assert names(shop, rule(False, channel="sms")) == ["Bob", "Dan"]
    assert names(shop, rule(True)) == ["Bob", "Cat"]
    assert names(shop, {"all": [rule(True, channel="sms"), {"trait": "age", "exists": True}]}) == ["Ann"]
