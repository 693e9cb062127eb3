"""A fix is data: what it may say, and what it makes of a message."""

import json

import pytest

from channels.inbox import fixes, repairs, worth
from kernel.errors import BadRequest

RAW = '{"type":"track", "messageId":"m","properties":{"order_id":"1","amount": 219.00,"price":"¥1,234.50 元","n":1.10}}'


def fixed(*changes, raw=RAW):
    return fixes.apply(raw, fixes.read(list(changes)))


def told(*changes, raw=RAW):
    """path -> (before, after) of what a fix changes."""
    after = fixed(*changes, raw=raw)
    return {one["field"]: (one["before"], one["after"]) for one in repairs.difference(raw, after)}


def test_each_change_does_what_it_says():
    total = "properties.total"
    assert told({"do": "copy", "field": total, "from": "properties.amount"}) == {total: (None, "219.0")}
    assert told({"do": "set", "field": "properties.currency", "value": "CNY"}) == {
        "properties.currency": (None, "CNY")
    }
    assert told({"do": "replace", "field": "properties.order_id", "was": 1, "value": "A-1"}) == {
        "properties.order_id": ("1", "A-1")
    }
    assert told({"do": "number", "field": "properties.price"}) == {
        "properties.price": ("¥1,234.50 元", "1234.50")
    }
    assert told({"do": "drop", "field": "properties.n"}) == {"properties.n": ("1.1", None)}


def test_changes_are_made_in_their_order():
    copied = {"do": "copy", "field": "properties.total", "from": "properties.price"}
    assert told(copied, {"do": "number", "field": "properties.total"})["properties.total"] == (
        None,
        "1234.50",
    )


def test_what_no_change_names_stays_byte_for_byte():
    after = fixed({"do": "set", "field": "userId", "value": "u"})
    assert '"amount": 219.00' in after
    assert '"n":1.10' in after
    assert '"amount":219.00' in fixed({"do": "copy", "field": "properties.x", "from": "properties.n"})


@pytest.mark.parametrize(
    "change",
    [
        {"do": "copy", "field": "properties.total", "from": "properties.none"},
        {"do": "copy", "field": "properties.total.deep", "from": "none"},
        {"do": "set", "field": "type", "value": "track"},
        {"do": "set", "field": "type.deep", "value": "x"},
        {"do": "replace", "field": "type", "was": "page", "value": "track"},
        {"do": "replace", "field": "none", "was": "", "value": "track"} | {"was": "x"},
        {"do": "number", "field": "properties.amount"},
        {"do": "number", "field": "type"},
        {"do": "drop", "field": "properties.none"},
        {"do": "drop", "field": "none.at.all"},
    ],
)
def test_a_change_that_finds_nothing_to_do_changes_nothing(change):
    assert fixed(change) is None


@pytest.mark.parametrize("text", ["12-14", "1,23", "1.2.3", "面议", "5 or 6", "1,234,56", ""])
def test_a_text_without_exactly_one_number_stays(text):
    assert fixed({"do": "number", "field": "a"}, raw=json.dumps({"a": text})) is None


@pytest.mark.parametrize("raw", ["5", "[]", "{", "null", '"x"', "[" * 100_000, ""])
def test_what_is_no_object_is_left(raw):
    assert fixed({"do": "set", "field": "a", "value": "b"}, raw=raw) is None
    assert fixes.value(raw, "a") is None
    assert fixes.fields(raw) == {}


@pytest.mark.parametrize(
    "asked",
    [
        None,
        [],
        5,
        {"do": "eval", "field": "a"},
        {"do": "set", "field": "a"},
        {"do": "set", "field": "a", "value": None},
        {"do": "set", "field": "a", "value": {"b": 1}},
        {"do": "set", "field": "a", "value": float("nan")},
        {"do": "set", "field": "", "value": "x"},
        {"do": "set", "field": "a..b", "value": "x"},
        {"do": "set", "field": "a" * 201, "value": "x"},
        {"do": "set", "field": ".".join("a" * 11), "value": "x"},
        {"do": "set", "field": "messageId", "value": "x"},
        {"do": "copy", "field": "a"},
        {"do": "copy", "field": "a", "from": 5},
        {"do": "replace", "field": "a", "was": "x"},
        [{"do": "drop", "field": "a"}] * 6,
    ],
)
def test_a_fix_that_is_none_is_refused(asked):
    with pytest.raises(BadRequest):
        fixes.read(asked)


def test_a_fix_is_kept_as_it_was_asked():
    asked = [
        {"do": "copy", "field": "a", "from": "b"},
        {"do": "set", "field": "a", "value": 5},
        {"do": "replace", "field": "a", "was": True, "value": "x"},
        {"do": "number", "field": "a"},
        {"do": "drop", "field": "a"},
    ]
    assert [change.data() for change in fixes.read(asked)] == asked


def test_the_fields_that_something_stands_in():
    raw = json.dumps({"a": {"b": "x", "c": ["y"], "d": None, "e": 5}, "f": "", "g.h": 1, "i": True})
    assert fixes.fields(raw) == {"a.b": "x", "a.e": 5, "i": True}


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({"total": "219.00", "currency": "cny"}, ("219.00", "CNY")),
        ({"total": "面议", "pay_amount": 5}, ("5", None)),
        ({"total": "¥1,234.50"}, ("1234.50", None)),
        ({"products": [{"price": "2.50", "quantity": 2}, {"price": 1}, "x"]}, ("6.00", None)),
        ({"total": -5}, None),
        ({}, None),
        ([], None),
    ],
)
def test_an_order_says_what_hangs_on_it(properties, found):
    amount, currency = worth.of(
        json.dumps({"type": "track", "event": "order completed", "properties": properties})
    )
    assert (None if amount is None else (str(amount), currency)) == found
    assert worth.of(json.dumps({"event": "Order Refunded", "properties": properties})) == (None, None)


def test_nothing_hangs_on_what_cannot_be_read():
    for raw in ("{", "[]", "5", '{"event": 5}', "[" * 100_000):
        assert worth.of(raw) == (None, None)
