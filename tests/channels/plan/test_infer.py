"""A plan proposed of what came."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.channels.plan.planning import plan, violations
from tests.shop import Shop, identify, track

COLORS = ("red", "green", "blue")


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def inferred(shop: Shop, role: str = "analyst", **asked: Any) -> dict[str, Any]:
    answer = shop.api(role).post("/api/plan/infer/", asked, format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def said(found: dict[str, Any], event: str) -> dict[str, dict[str, Any]]:
    return {
        name: {key: value for key, value in one.items() if value is not None and value is not False}
        for name, one in found["events"][event]["properties"].items()
    }


def viewed(n: int, **more: Any) -> dict[str, Any]:
    return track(
        "Product Viewed",
        f"u{n}",
        sku=f"S-{n}",
        color=COLORS[n % 3],
        price=12.5 + n,
        quantity=n % 4,
        gift=n % 2 == 0,
        seen_at="2026-11-29T10:00:00Z",
        **more,
    )


def test_types_required_values_and_bounds(shop: Shop) -> None:
    messages = [
        viewed(
            n,
            **({"coupon": "X"} if n % 2 else {}),
            phone=f"1380013{n:04}",
            city="Hangzhou",
            lines=[{"sku": f"S-{n}", "price": n, **({"note": "hi"} if n % 3 == 0 else {})}],
            mixed=n if n % 2 else "text",
            balance=-5 - n,
        )
        for n in range(200)
    ]
    shop.sends(*messages, identify("u1", color="red"))
    found = inferred(shop)
    assert (found["days"], found["looked_at"]) == (30, 200)
    assert found["events"]["Product Viewed"]["mode"] == "open"
    assert said(found, "Product Viewed") == {
        "sku": {"type": "string", "required": True},
        "color": {"type": "string", "required": True, "enum": ["green", "red", "blue"]},
        "price": {"type": "number", "required": True, "min": 0, "max": 10_000},
        "quantity": {"type": "integer", "required": True, "min": 0, "max": 100},
        "gift": {"type": "boolean", "required": True},
        "seen_at": {"type": "datetime", "required": True},
        "coupon": {"type": "string", "enum": ["X"]},
        "phone": {"type": "string", "required": True},
        "city": {"type": "string", "required": True},
        "lines": {"type": "array", "required": True},
        "lines.sku": {"type": "string", "required": True},
        "lines.price": {"type": "integer", "required": True, "min": 0, "max": 10_000},
        "lines.note": {"type": "string"},
        "mixed": {"required": True},
        "balance": {"type": "integer", "required": True, "min": -10_000, "max": 0},
    }
    seen = {one["property"]: (one["of"], one["there"]) for one in found["seen"]}
    assert (seen["coupon"], seen["lines.note"]) == ((200, 100), (200, 67))


def test_a_proposal_can_be_saved_as_it_is_and_what_came_keeps_to_it(shop: Shop) -> None:
    shop.sends(*[viewed(n, lines=[{"sku": "A", "price": 5}]) for n in range(60)], drain=True)
    events = inferred(shop)["events"]
    saved = plan(shop, {name: one | {"mode": "warn"} for name, one in events.items()})
    assert saved["events"] == {name: one | {"mode": "warn"} for name, one in events.items()}
    shop.sends(*[viewed(n, lines=[{"sku": "A", "price": 5}]) for n in range(60)])
    assert violations(shop) == []
    shop.sends(viewed(1, lines=[{"sku": "A", "price": 5_000}]) | {"messageId": "cents"})
    assert violations(shop) == [("Product Viewed", "lines.price", "max", 1, 0, 61)]


def test_one_in_two_hundred_that_lacks_it_does_not_make_it_optional(shop: Shop) -> None:
    messages = [viewed(n) for n in range(400)]
    del messages[7]["properties"]["price"]
    messages[8]["properties"]["price"] = "free"
    for n in range(3):
        del messages[n]["properties"]["gift"]
    shop.sends(*messages)
    found = said(inferred(shop), "Product Viewed")
    assert (found["price"]["type"], found["price"]["required"]) == ("number", True)
    assert "required" not in found["gift"]


def test_nothing_personal_goes_into_a_list_of_values(shop: Shop) -> None:
    names = (
        "name",
        "email",
        "phone",
        "member_no",
        "openId",
        "wechat",
        "remark",
        "buyerName",
        "address",
        "shop_url",
    )
    values = {"wechat": "lin@hemu.cn"}
    shop.sends(
        *[
            track("Signed Up", f"u{n}", level="gold", **{each: values.get(each, "same") for each in names})
            for n in range(80)
        ]
    )
    found = said(inferred(shop), "Signed Up")
    assert found["level"]["enum"] == ["gold"]
    assert {name for name, one in found.items() if "enum" in one} == {"level"}


def test_few_events_make_nothing_required_and_no_list(shop: Shop) -> None:
    shop.sends(*[viewed(n) for n in range(9)])
    found = said(inferred(shop), "Product Viewed")
    assert not any("required" in one or "enum" in one for one in found.values())
    assert found["price"]["type"] == "number"


def test_only_the_days_asked_for_are_looked_at(shop: Shop) -> None:
    now = datetime.now(UTC)
    for days, event in ((1, "New"), (5, "Older"), (45, "Old")):
        at = now - timedelta(days=days)
        shop.sends(track(event, "u1", at, a=1), received_at=at)
    assert [sorted(inferred(shop, days=days)["events"]) for days in (2, 30, 60)] == [
        ["New"],
        ["New", "Older"],
        ["New", "Old", "Older"],
    ]
    for wrong in (0, -1, 367, "30", 1.5, True, None):
        assert shop.api().post("/api/plan/infer/", {"days": wrong}, format="json").status_code == 400
    assert shop.api("viewer").post("/api/plan/infer/", {}, format="json").status_code == 403
    assert inferred(Shop())["events"] == {}


def test_odd_properties_do_no_harm(shop: Shop) -> None:
    shop.sends_raw(
        '{"batch": [{"type": "track", "event": "Odd", "userId": "u", "messageId": "m", "properties":'
        ' {"": 1, "a..b": 2, ".": 3, "n": 1e400, "l": [[1], {"x": null}, {"": 5}], "o": {"p": {"q": 1}}, "e": {},'
        ' "big": 123456789012345678901234567890, "q\\"": "\\\\", "k' + "x" * 300 + '": 1}}]}',
        1,
    )
    found = inferred(shop)
    names = set(found["events"]["Odd"]["properties"])
    assert {"n", "l", "o", "o.p", "e", "big", 'q"'} <= names
    plan(shop, found["events"])
