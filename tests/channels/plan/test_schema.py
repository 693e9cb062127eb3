"""A plan as JSON Schema: what it writes checks as we do, what it reads is what was written, the rest is a sentence."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from channels.plan import form, schema
from channels.plan.checker import Checker
from tests.channels.plan.planning import PRICE, plan
from tests.channels.plan.test_checker import PLANS, PROPERTIES
from tests.shop import Shop


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


@settings(max_examples=200)
@given(PLANS)
def test_what_it_writes_it_reads(said: dict[str, Any]) -> None:
    plan = form.read({"E/x ~1%": {"mode": "refuse", "properties": said}, "F": {"mode": "warn"}})
    written = schema.of_plan(plan)
    jsonschema.Draft202012Validator.check_schema(written)
    again = schema.to_plan(written)
    assert schema.of_plan(again) == written


def _plain(value: Any) -> Any:
    """Without what is absent to us: JSON Schema says otherwise."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if one is not None and one != ""}
    if isinstance(value, list):
        return [_plain(one) for one in value if isinstance(one, dict)]
    return value


@settings(max_examples=300)
@given(PLANS, PROPERTIES)
def test_a_message_that_it_takes_keeps_to_the_plan(said: dict[str, Any], given: dict[str, Any]) -> None:
    """With a line for each object on a path, as a schema has it; names with dots as they are do not come."""
    said = {name: one for name, one in said.items() if one["type"] != "datetime"}
    for name in list(said):
        path = name.split(".")
        for n in range(1, len(path)):
            said[".".join(path[:n])] = {"type": "object", "required": True}
    plan = form.read({"E": {"mode": "warn", "properties": said}})
    properties = {name: _plain(one) for name, one in given.items() if "." not in name}
    properties = {name: one for name, one in properties.items() if one is not None and one != ""}
    check = Checker(plan).of("track", "E")
    ours = check is None or not check(properties)
    message = {"type": "track", "event": "E", "properties": properties}
    assert jsonschema.Draft202012Validator(schema.of_plan(plan)).is_valid(message) == ours


def test_over_the_api_there_and_back(shop: Shop) -> None:
    events = {
        "Product Viewed": PRICE,
        "Order Completed": {"properties": {"products.sku": {"required": True}}},
    }
    saved = plan(shop, events)["events"]
    document = shop.get("/api/plan/schema/", "viewer")
    assert document["$defs"]["Product Viewed"]["required"] == ["price", "sku"]
    plan(shop, {})
    answer = shop.api().put("/api/plan/schema/", document, format="json")
    assert (answer.status_code, answer.json()["version"], answer.json()["events"]) == (200, 3, saved)
    assert shop.api("analyst").put("/api/plan/schema/", document, format="json").status_code == 403


def test_the_schema_of_one_event_leaves_the_others(shop: Shop) -> None:
    plan(shop, {"Product Viewed": PRICE})
    ours = {
        "$schema": schema.DRAFT,
        "title": "Signed up",
        "type": "object",
        "x-mode": "refuse",
        "required": ["plan"],
        "properties": {
            "plan": {"type": "string", "enum": ["free", "gold"], "description": "what they took"},
            "at": {"type": ["string", "null"], "format": "date-time"},
            "seats": {"type": "integer", "minimum": 1, "maximum": 50},
            "code": {"type": "string", "pattern": "^[A-Z]{3}"},
            "kind": {"const": "b2b"},
            "lines": {
                "type": "array",
                "items": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}},
            },
        },
    }
    answer = shop.api().put("/api/plan/schema/?event=Signed+Up", ours, format="json")
    assert answer.status_code == 200, answer.content
    events = answer.json()["events"]
    assert sorted(events) == ["Product Viewed", "Signed Up"]
    assert events["Signed Up"]["mode"] == "refuse"
    said = {
        name: {key: value for key, value in one.items() if value}
        for name, one in events["Signed Up"]["properties"].items()
    }
    assert said == {
        "plan": {"type": "string", "required": True, "enum": ["free", "gold"]},
        "at": {"type": "datetime"},
        "seats": {"type": "integer", "min": 1, "max": 50},
        "code": {"type": "string", "pattern": r"[A-Z]{3}[\s\S]*"},
        "kind": {"enum": ["b2b"]},
        "lines": {"type": "array"},
        "lines.sku": {"type": "string", "required": True},
    }


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"properties": {"a": {"minLength": 2}}},
            "“E”, “a”: “minLength” of JSON Schema is not understood here",
        ),
        (
            {"additionalProperties": False},
            "“E”: “additionalProperties” of JSON Schema is not understood here",
        ),
        ({"oneOf": []}, "“E”: “oneOf” of JSON Schema"),
        ({"type": "array"}, "“E”: The properties of an event are an object."),
        ({"required": "a"}, '“E”: "required" is a list of names.'),
        ({"properties": []}, "“E”: This is to be an object."),
        ({"properties": {"a": True}}, "“E”, “a”: This is to be an object."),
        ({"properties": {"a.b": {}}}, "“E”, “a.b”: A name with a dot in it"),
        ({"properties": {"a": {"type": ["string", "number"]}}}, "“E”, “a”: A property has one type."),
        ({"properties": {"a": {"type": "null"}}}, '“E”, “a”: "type" is one of string'),
        (
            {"properties": {"a": {"type": "string", "format": "email"}}},
            '“E”, “a”: The only "format" is date-time',
        ),
        ({"properties": {"a": {"items": {"type": "string"}}}}, "“E”, “a”: Of a list only the properties"),
        ({"properties": {"a": {"pattern": "^a|b$"}}}, "“E”, “a”: A pattern with | needs brackets"),
        (
            {"properties": {"a": {"pattern": "a(^b)"}}},
            "“E”, “a”: A pattern has its ^ and $ at its two ends only.",
        ),
        ({"properties": {"a": {"pattern": "("}}}, "“E”, “a”: A pattern has its ^ and $"),
        ({"properties": {"a": {"pattern": "^(a+)+$"}}}, "“E”, “a”: This pattern may take for ever"),
        ({"properties": {"a": {"minimum": 3, "maximum": 1}}}, '“E”, “a”: "min" is larger than "max"'),
        ({"x-mode": "shout"}, '“E”: "mode" is one of'),
    ],
)
def test_what_a_plan_cannot_say_is_a_sentence(shop: Shop, said: dict[str, Any], sentence: str) -> None:
    answer = shop.api().put("/api/plan/schema/?event=E", said, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_plan")
    assert answer.json()["message"].startswith(sentence)
    whole = {"$defs": {"E": said}, "allOf": [schema._rule("E")]}
    assert shop.api().put("/api/plan/schema/", whole, format="json").json() == answer.json()


@pytest.mark.parametrize(
    "document", [{"$defs": []}, {"allOf": [{}]}, {"properties": {}}, {"$defs": {"E": {}}}, {}]
)
def test_a_document_that_is_no_plan_is_refused(shop: Shop, document: Any) -> None:
    expected = 200 if document == {} else 400
    assert shop.api().put("/api/plan/schema/", document, format="json").status_code == expected
