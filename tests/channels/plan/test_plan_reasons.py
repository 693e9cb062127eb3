"""Every code by which the plan refuses a message: one that gets it, the field, the words."""

from typing import Any

import pytest

from tests.channels.plan.planning import plan, viewed
from tests.shop import Shop

PROPERTIES: dict[str, Any] = {
    "a": {"type": "string", "required": True},
    "b": {"type": "integer", "min": 2, "max": 5},
    "c": {"enum": ["red", "green"]},
    "d": {"pattern": "[A-Z]+"},
    "e.f": {"type": "datetime"},
}
SAYS = "The tracking plan"
REFUSED = [
    ("plan_missing", {}, "a", f"{SAYS} wants a in Product Viewed."),
    ("plan_type", {"b": "x"}, "b", f"{SAYS} wants b of Product Viewed to be of type integer. Received: “x”."),
    (
        "plan_type",
        {"e": {"f": 5}},
        "e.f",
        f"{SAYS} wants f of Product Viewed to be of type datetime. Received: “5”.",
    ),
    ("plan_min", {"b": 1}, "b", f"{SAYS} wants b of Product Viewed to be 2 at least. Received: “1”."),
    ("plan_max", {"b": 6}, "b", f"{SAYS} wants b of Product Viewed to be 5 at most. Received: “6”."),
    (
        "plan_enum",
        {"c": "blue"},
        "c",
        f"{SAYS} allows for c of Product Viewed only: red, green. Received: “blue”.",
    ),
    ("plan_pattern", {"d": "a"}, "d", f"{SAYS} wants d of Product Viewed of the form [A-Z]+. Received: “a”."),
]
CODES = {code for code, *_ in REFUSED}


@pytest.mark.parametrize(("code", "properties", "field", "sentence"), REFUSED)
def test_a_refused_message_says_why_and_where(
    db: None, code: str, properties: dict[str, Any], field: str, sentence: str
) -> None:
    shop = Shop()
    plan(shop, {"Product Viewed": {"mode": "refuse", "properties": PROPERTIES}})
    shop.sends(viewed(**({} if code == "plan_missing" else {"a": "x"}) | properties))
    [reject] = shop.get("/api/rejects/")["results"]
    assert (reject["reason"], reject["field"], reject["hint"]) == ("plan", f"properties.{field}", sentence)
    [counted] = shop.get("/api/plan/violations/")["results"]
    assert (f"plan_{counted['code']}", counted["property"], counted["refused"]) == (code, field, 1)
