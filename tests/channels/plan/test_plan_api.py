"""The tracking plan over the API: saved and read again, its versions, what is refused with which sentence."""

import json
from typing import Any

import pytest
from django.db import connection

from channels.plan import form
from kernel.db import rows
from tests.channels.plan.planning import PRICE, plan, refusal, viewed, violations
from tests.shop import Shop

OF = {"mode": "warn", "properties": {"price": {"type": "number"}}}


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def of(**said: Any) -> dict[str, Any]:
    return {"Product Viewed": {"properties": {"price": said}}}


def test_a_plan_is_saved_as_a_version_and_read_again(shop: Shop) -> None:
    assert shop.get("/api/plan/") == {"version": 0, "events": {}, "versions": []}
    saved = plan(shop, {"Product Viewed": PRICE}, why="prices")
    assert saved["version"] == 1
    nothing = {"type": None, "required": False, "enum": None, "pattern": None, "min": None, "max": None}
    assert saved["events"]["Product Viewed"] == {
        "mode": "warn",
        "properties": {name: nothing | said for name, said in sorted(PRICE["properties"].items())},
    }
    assert plan(shop, saved["events"])["version"] == 1, "the same again is no new version"
    assert plan(shop, {})["version"] == 2
    found = shop.get("/api/plan/", "viewer")
    assert [(one["version"], one["why"]) for one in found["versions"]] == [(2, ""), (1, "prices")]
    assert found["versions"][0]["author"].startswith("admin-")
    assert shop.get("/api/plan/", version=1)["events"] == saved["events"]
    assert shop.api().get("/api/plan/", {"version": 9}).status_code == 404
    assert shop.api().get("/api/plan/", {"version": "x"}).status_code == 400
    acts = [action for (action,) in rows(connection, "select action from kernel_audit")]
    assert acts.count("plan.save") == 2


def test_what_was_read_can_be_sent_back_whole(shop: Shop) -> None:
    saved = plan(shop, {"Product Viewed": PRICE})
    answer = shop.api().put("/api/plan/", saved, format="json")
    assert (answer.status_code, answer.json()["version"]) == (200, 1)


def test_an_order_of_properties_is_no_difference(shop: Shop) -> None:
    turned = PRICE | {"properties": dict(reversed(PRICE["properties"].items()))}
    plan(shop, {"Product Viewed": PRICE, "Signed Up": OF})
    assert plan(shop, {"Signed Up": OF, "Product Viewed": turned})["version"] == 1


def test_only_an_admin_writes_it(shop: Shop) -> None:
    for role in ("viewer", "analyst"):
        assert shop.api(role).put("/api/plan/", {"events": {}}, format="json").status_code == 403
        assert shop.api(role).get("/api/plan/violations/").status_code == 200


def test_who_saves_over_another_ones_version_is_told(shop: Shop) -> None:
    plan(shop, {"Product Viewed": PRICE}, version=0)
    answer = shop.api().put("/api/plan/", {"events": {}, "version": 0}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "version 1" in answer.json()["message"]


def test_a_name_is_kept_as_it_is_stored(shop: Shop) -> None:
    assert list(plan(shop, {"order_completed": OF})["events"]) == ["Order Completed"]
    assert "two spellings" in refusal(shop, {"order_completed": OF, "Order Completed": OF})


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([], '"events" is an object of events by their names.'),
        (None, '"events" is an object of events by their names.'),
        ({"A": {"mode": "shout"}}, '“A”: "mode" is one of open, warn, refuse.'),
        ({"A": []}, "“A”: This is to be an object."),
        ({"A": {"colour": 1}}, "“A”: There is no “colour” here: it is one of mode, properties."),
        ({" ": {}}, "“ ”: An event's name has 1 to 255 characters."),
        ({"A": {"properties": []}}, None),
        ({"A": {"properties": [1]}}, '“A”: "properties" is an object of properties by their names.'),
        ({"A": {"properties": {"": {}}}}, "“A”: A property's name has 1 to 255 characters."),
        ({"A": {"properties": {"a..b": {}}}}, "“A”, “a..b”: A path has a name before and after each dot."),
        (
            {"A": {"properties": {"x": {"min_length": 1}}}},
            "“A”, “x”: There is no “min_length” here: it is one of type, required, enum, pattern, min, max.",
        ),
        (of(type="money"), None),
        (of(required="yes"), '“Product Viewed”, “price”: "required" is true or false.'),
        (of(min=3, max=1), '“Product Viewed”, “price”: "min" is larger than "max": no value lies between.'),
        (of(min="3"), "“Product Viewed”, “price”: “min” is a number."),
        (of(min=True), "“Product Viewed”, “price”: “min” is a number."),
        (of(max=10**16), "“Product Viewed”, “price”: “max” lies between -10^15 and 10^15."),
        (
            of(max=1, type="string"),
            "“Product Viewed”, “price”: “max” is for numbers: leave it out, or change the type.",
        ),
        (of(pattern="("), None),
        (of(pattern=5), '“Product Viewed”, “price”: "pattern" is a text.'),
        (of(pattern="(a+)+"), None),
        (of(pattern="a" * 301), "“Product Viewed”, “price”: A pattern has at most 300 characters."),
        (of(pattern="a", type="integer"), None),
        (of(enum=[]), '“Product Viewed”, “price”: "enum" is a list of 1 to 1,000 values.'),
        (of(enum="red"), '“Product Viewed”, “price”: "enum" is a list of 1 to 1,000 values.'),
        (of(enum=[None]), '“Product Viewed”, “price”: A value of "enum" is a text, a number, true or false.'),
        (of(enum=["a", 1], type="string"), "“Product Viewed”, “price”: “1” of “enum” is no string."),
        (of(enum=[True], type="integer"), "“Product Viewed”, “price”: “True” of “enum” is no integer."),
        (of(enum=[1, 1.0]), "“Product Viewed”, “price”: “1.0” stands in “enum” twice."),
        (of(enum=["a"], type="array"), None),
        (
            {f"E{n}": {"properties": {f"p{k}": {} for k in range(101)}} for n in range(100)},
            "A plan has at most 10,000 properties, this one has 10,100.",
        ),
        ({f"E{n}": {} for n in range(2_001)}, "A plan has at most 2,000 events."),
    ],
)
def test_what_cannot_be_is_said_with_its_place(shop: Shop, events: Any, sentence: str | None) -> None:
    if events == {"A": {"properties": []}}:
        plan(shop, events)  # nothing, as PHP writes it
        return
    said = refusal(shop, events)
    assert sentence is None or said == sentence
    assert said
    assert shop.get("/api/plan/")["version"] == 0


def test_a_body_that_is_no_plan_is_refused(shop: Shop) -> None:
    for asked in ({"event": {}}, {"events": {}, "why": 3}, {"events": {}, "version": "1"}, {}):
        assert shop.api().put("/api/plan/", asked, format="json").status_code == 400
    assert shop.api().put("/api/plan/", "[]", content_type="application/json").status_code == 400
    assert shop.api().put("/api/plan/", "{", content_type="application/json").status_code == 400
    deep = "[" * 100_000 + "]" * 100_000
    deep = json.dumps({"events": {}})[:-2] + f'"a": {deep}' + "}}"
    assert shop.api().put("/api/plan/", deep, content_type="application/json").status_code == 400


def test_names_with_quotes_and_other_marks_are_names(shop: Shop) -> None:
    names = ['he said "so"', "back\\slash", "it's", "价格", "tab\there", "a<b>", "%s %(x)s", "{}"]
    events = {
        f"Event {name}": {"mode": "warn", "properties": {name: {"type": "number", "required": True}}}
        for name in names
    }
    assert plan(shop, events)["events"].keys() == events.keys()
    for name in names:
        shop.sends(viewed() | {"event": f"Event {name}", "properties": {name: "x"}}, drain=False)
        shop.sends(viewed() | {"event": f"Event {name}", "properties": {name: 5}}, drain=False)
    shop.drains()
    assert violations(shop) == sorted((f"Event {name}", name, "type", 1, 0, 2) for name in names)
    for name in names:
        assert len(violations(shop, property=name)) == 1
        assert len(violations(shop, event=f"Event {name}")) == 1


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b"])
@pytest.mark.parametrize("place", ["event", "property", "value"])
def test_what_no_column_holds_is_no_plan(odd: str, place: str) -> None:
    """Whichever way it comes: a page's form is not the API's body."""
    said = {"enum": [odd if place == "value" else "x"]}
    events = {odd if place == "event" else "E": {"properties": {odd if place == "property" else "p": said}}}
    with pytest.raises(form.BadPlan):
        form.read(events)
    assert form.read({"E": {"properties": {"p\\u0000": {}}}}).events
