"""What breaks a plan, against a plain reference; whatever an event holds, nothing else happens."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.plan import form
from channels.plan.checker import Checker
from tests.reference import plan as reference

NAMES = st.sampled_from(["a", "b", "c", "a.b", "a.c", "a.b.c", "c.d", 'q"', "价"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 2, 5, -1, 1.0, 2.5, 5.0, -0.5, 10**18, 2**64, 1e300, 10**400]),
    st.sampled_from(["", " ", "red", "A-1", "5", "true", "2026-11-29", "2026-11-29T10:00:00Z"]),
    st.sampled_from(
        ["2026-11-29 10:00:00.5+08:00", "2026-13-29T10:00:00Z", "2026-11-29T24:00:00", "\x00", "\ud800"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), inner, max_size=3)
    ),
    max_leaves=6,
)
PROPERTIES = st.dictionaries(st.one_of(NAMES, st.just("other")), VALUES, max_size=6)


@st.composite
def lines(draw: Any) -> dict[str, Any]:
    """What a plan says of a property, as it may be said."""
    kind = draw(st.sampled_from([None, *form.TYPES]))
    said: dict[str, Any] = {"type": kind, "required": draw(st.booleans())}
    if kind == "string" and draw(st.booleans()):
        said["pattern"] = draw(st.sampled_from(["[A-Z]-[0-9]", "red|green", ".*"]))
    if kind in ("number", "integer"):
        least, most = draw(st.tuples(*[st.sampled_from([None, -1, 0, 0.5, 2, 5])] * 2))
        if least is None or most is None or least <= most:
            said |= {"min": least, "max": most}
    values = {
        None: [True, 1, "red", 2.5],
        "string": ["red", "5"],
        "number": [1, 2.5],
        "integer": [1, 5, 0],
        "boolean": [True],
        "datetime": ["2026-11-29T10:00:00Z"],
    }.get(kind)
    if values and draw(st.booleans()):
        said["enum"] = draw(st.lists(st.sampled_from(values), min_size=1, unique_by=form.same))
    return said


PLANS = st.dictionaries(NAMES, lines(), max_size=6)


@settings(max_examples=300)
@given(PLANS, PROPERTIES)
@example({"a": {"type": "integer"}}, {"a": 5.0})
@example({"a": {"type": "integer", "max": 5}}, {"a": True})
@example({"a.b": {"type": "number", "required": True}}, {})
@example({"a.b": {"type": "number", "required": True}}, {"a": []})
@example({"a.b": {"type": "number", "required": True}}, {"a": [{"b": 1}, 5]})
@example({"a.b": {"type": "number", "required": True}}, {"a.b": 1})
@example({"a.b": {"type": "number"}}, {"a.b": "x", "a": {"b": 1}})
@example({"a": {"type": "array"}, "a.b": {"required": True, "type": "string"}}, {})
@example({"a.b": {"type": "object"}, "a.b.c": {"required": True, "type": "string"}}, {"a": {}})
@example({"a.b": {"type": "object"}, "a.b.c": {"required": True, "type": "string"}}, {})
@example({"a": {"type": "number"}}, {"a": 10**400})
def test_it_finds_what_the_reference_finds(said: dict[str, Any], properties: dict[str, Any]) -> None:
    plan = form.read({"E": {"mode": "warn", "properties": said}})
    check = Checker(plan).of("track", "E")
    found = [] if check is None else [(one.property, one.code) for one in check(properties)]
    assert found == reference.breaks(plan, "E", properties)


@settings(max_examples=200)
@given(PLANS, PROPERTIES, st.randoms())
def test_no_order_matters(said: dict[str, Any], properties: dict[str, Any], random: Any) -> None:
    def turned(of: dict[str, Any]) -> dict[str, Any]:
        pairs = list(of.items())
        random.shuffle(pairs)
        return dict(pairs)

    plans = [form.read({"E": {"mode": "warn", "properties": one}}) for one in (said, turned(said))]
    assert form.text_of(plans[0]) == form.text_of(plans[1])
    checks = [Checker(plan).of("track", "E") for plan in plans]
    if checks[0] is None or checks[1] is None:
        assert checks == [None, None]
    else:
        assert checks[0](properties) == checks[1](turned(properties))


@settings(max_examples=200)
@given(PLANS)
def test_what_is_kept_and_shown_is_read_as_the_same(said: dict[str, Any]) -> None:
    plan = form.read({"E": {"mode": "refuse", "properties": said}})
    assert form.of_text(form.text_of(plan)) == plan
    assert form.read(form.shown(plan)) == plan


@pytest.mark.parametrize("mode", ["open", None])
def test_an_open_event_is_not_looked_at(mode: str | None) -> None:
    plan = form.read({"E": {"mode": mode, "properties": {"a": {"required": True}}}})
    assert Checker(plan).events == {}


def test_only_track_calls_are_planned() -> None:
    checker = Checker(form.read({"Home": {"mode": "warn", "properties": {"a": {"required": True}}}}))
    assert checker.of("track", "Home") is not None
    assert [checker.of(kind, "Home") for kind in ("page", "screen", "identify", "group")] == [None] * 4
