"""A mapping's text and its draft say the same; what cannot be used is said with its line and field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.language import draft, mapping, text
from channels.language.draft import CleaningRule, Draft, Lines, MessageRule, Target
from channels.language.errors import Wrong
from channels.language.runtime import Context

FULL = """zone = "Asia/Shanghai"
pass = true

[[message]]
note = "paid orders"
when = "topic == 'paid'"
each = "orders"
keep = true
drop = ["properties.secret", "traits"]
type = "'track'"
"properties.n" = 5
"properties.yes" = true
"properties.part" = 0.25
"properties.quoted \\"name\\"" = "a"

[message."properties.products"]
each = "items"
sku = "sku"

[message."properties.products".parts]
each = "parts"
id = "id"

[[message]]
when = "topic == 'ping'"
skip = true

[clean."properties.total"]
note = "cents"
when = "type == 'track'"
trim = true
case = "upper"
standard = "sku"
lookup = "stores"
unit = "cents"
default = false
required = true
allowed = ["a", 1, 0.5, true]
pattern = "[a-z]+"
min = 0
max = 1.5

[lookup.stores]
001 = "Pudong"
"a b" = 2
"""


def test_a_text_in_its_one_form_is_written_as_it_was_read() -> None:
    assert text.written(text.read(FULL)) == FULL


def test_a_form_is_json_and_says_the_same() -> None:
    read = text.read(FULL)
    form = json.loads(json.dumps(draft.form(read)))
    assert draft.of_form(form) == read
    assert text.written(draft.of_form(form)) == FULL


def test_dotted_names_and_quoted_ones_are_one() -> None:
    one = '[[message]]\nproperties.total = "a"\ntraits.x.y = "b"\n[clean.properties.total]\nmin = 1\n'
    other = '[[message]]\n"properties.total" = "a"\n"traits.x.y" = "b"\n[clean."properties.total"]\nmin = 1\n'
    assert text.read(one) == text.read(other)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
names = st.one_of(
    st.sampled_from(["type", "event", "properties.total", "identifiers.phone"]), words.filter(bool)
)
numbers = st.one_of(st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False))
values = st.one_of(words, st.booleans(), numbers)


def _targets(deep: int) -> st.SearchStrategy[tuple[Target, ...]]:
    plain = st.builds(Target, field=names, value=values)
    listed = st.builds(Lines, each=words, targets=_targets(deep - 1)) if deep else st.nothing()
    tables = st.builds(Target, field=names, lines=listed) if deep else st.nothing()
    found = st.tuples(st.lists(plain, max_size=3), st.lists(tables, max_size=2 if deep else 0))
    return found.map(_apart)


def _apart(found: tuple[list[Target], list[Target]]) -> tuple[Target, ...]:
    """Names that do not stand in one another's way: TOML has one place for each."""
    kept: dict[str, Target] = {}
    for one in (*found[0], *found[1]):
        field = one.field.replace(".", "·") if one.field not in {"properties.total"} else one.field
        if field not in text.OF_MESSAGE and field != "each":
            kept.setdefault(field, Target(field, one.value, one.lines))
    return tuple(kept.values())


messages = st.builds(
    MessageRule, note=words, when=words, each=words, keep=st.booleans(), skip=st.booleans(),
    drop=st.lists(words, max_size=2).map(tuple), targets=_targets(2),
)  # fmt: skip
rules = st.builds(
    CleaningRule,
    field=words.filter(lambda name: bool(name) and "." not in name and name not in text.OF_RULE),
    note=words, when=words, trim=st.booleans(), case=words, standard=words, lookup=words, unit=words,
    default=st.one_of(st.none(), values.filter(lambda value: value != "")), required=st.booleans(),
    allowed=st.lists(values, max_size=3).map(tuple), pattern=words,
    least=st.one_of(st.none(), numbers), most=st.one_of(st.none(), numbers),
)  # fmt: skip
drafts = st.builds(
    Draft,
    zone=words,
    passes=st.sampled_from([None, True, False]),
    messages=st.lists(messages, max_size=3).map(tuple),
    clean=st.lists(rules, max_size=3, unique_by=lambda rule: rule.field).map(tuple),
    lookup=st.dictionaries(words, st.dictionaries(words, values, max_size=3), max_size=2),
)


@given(drafts)
def test_whatever_a_form_says_its_text_says(said: Draft) -> None:
    written = text.written(said)
    assert text.read(written) == said
    assert text.written(text.read(written)) == written


@given(st.one_of(words, st.text("[]{}\"'=.\\#\n ab1", max_size=60)))
def test_any_text_is_a_mapping_or_is_told_why_not(said: str) -> None:
    found = mapping.known(said)
    assert isinstance(found, mapping.Mapping) or found.text


@pytest.mark.parametrize(
    ("said", "line", "field", "word"),
    [
        ("x = 1", 1, "x", "x"),
        ("zone = 5", 1, "zone", "zone"),
        ('zone = "Mars/Base"', 1, "zone", "Mars/Base"),
        ("[[message]]\n\ntype = [1]", 3, "message 1, type", "expression"),
        ("[[message]]\ntype = \"'track'\"\n\n[[message]]\nevent = \"a.(\"", 5, "message 2, event", "a.("),
        ('[[message]]\ntype = "track"', 2, "message 1, type", "quotes"),
        ('[[message]]\n"properties.x" = "nope(a)"', 2, "message 1, properties.x", "nope()"),
        ('[[message]]\nproperties.x = "nope(a)"', 2, "message 1, properties.x", "nope()"),
        ('[[message]]\nwhen = "(("', 2, "message 1, when", "(("),
        ('[[message]]\nnobody = "a"', 2, "message 1, nobody", "nobody"),
        ('[[message]]\n"identifiers.a.b" = "a"', 2, "message 1, identifiers.a.b", "identifiers.a.b"),
        ("[[message]]\nkeep = 1", 2, "message 1, keep", "keep"),
        ("[[message]]\ndrop = 1", 2, "message 1, drop", "drop"),
        ('[[message]]\ndrop = ["zip.code"]', 1, "message 1, zip.code", "zip.code"),
        (
            '[[message]]\ntype = "\'a\'"\n[message."properties.products"]\neach = "x"\n"a.b" = "a"',
            5,
            "message 1, properties.products, a.b",
            "a.b",
        ),
        ("[message]\na = 1", 1, "message", "[[message]]"),
        ("clean = 5", 1, "clean", "[clean"),
        ('[clean."properties.a"]\n\nsize = 1', 3, "clean, properties.a, size", "size"),
        ('[clean."nobody.a"]\nmin = 1', 1, "clean, nobody.a", "nobody.a"),
        ('[clean.event]\ncase = "title"', 2, "clean, event, case", "lower, upper"),
        ('[clean.event]\nstandard = "iso"', 2, "clean, event, standard", "sku"),
        ('[clean.event]\nunit = "miles"', 2, "clean, event, unit", "cents"),
        ('[clean.event]\nlookup = "none"', 2, "clean, event, lookup", "none"),
        ('[clean.event]\nwhen = "(("', 2, "clean, event, when", "(("),
        ('[clean.event]\nmin = "x"', 2, "clean, event, min", "min"),
        ('[clean.event]\nallowed = 5', 2, "clean, event, allowed", "allowed"),
        ('[clean.event]\npattern = "(a+)+"', 2, "clean, event, pattern", "for ever"),
        ("[lookup]\na = 1", 2, "lookup, a", "[lookup"),
        ("[lookup.a]\nb = [1]", 2, "lookup, a, b", "texts"),
        ("a = \n", 1, "", "TOML"),
        ("a = 1\na = 2", 2, "", "TOML"),
        ("a = inf", None, "", "inf"),
        ("a = " + "[" * 3_000, None, "", "TOML"),
        ("a" + ".a" * 30_000 + " = 1", None, None, ""),
        ("# " + "x" * 110_000, None, "", "KB"),
        ("[[message]]\n" * 101, 101, "message 101", "100"),
        ('[[message]]\ntype = "' + "!" * 3_000 + 'a"', 2, "message 1, type", ""),
        ('[[message]]\ntype = "' + "a.b[*]." * 20 + 'c"', 2, "message 1, type", "nested"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_with_its_place(said: str, line: Any, field: Any, word: str) -> None:
    with pytest.raises(Wrong) as found:
        mapping.compiled(said)
    assert word in found.value.text
    if field is not None:
        assert (found.value.line, found.value.field) == (line, field)


def made(said: str, payload: Any) -> Any:
    return mapping.compiled(said).messages(payload, Context(region="CN"))


def test_every_message_that_matches_is_made_in_order() -> None:
    said = """
[[message]]
when = "a"
event = "'one'"
[[message]]
event = "'two'"
[[message]]
when = "b"
skip = true
"""
    assert made(said, {"a": 1}) == [{"event": "one"}, {"event": "two"}]
    assert made(said.replace("event = \"'two'\"", 'when = "c"'), {"b": 1}) == []
    assert made(said.replace("event = \"'two'\"", 'when = "c"'), {}) is None


def test_one_message_for_each_element_with_all_around_it() -> None:
    said = """
[[message]]
each = "orders"
event = "root().shop"
messageId = "concat(id, '-', index())"
[message."properties.products"]
each = "lines"
sku = "concat(parent().id, '/', sku, '/', index())"
"""
    payload = {"shop": "S", "orders": [{"id": 1, "lines": [{"sku": "a"}, {"sku": "b"}]}, {"id": 2}]}
    assert made(said, payload) == [
        {"event": "S", "messageId": "1-0", "properties": {"products": [{"sku": "1/a/0"}, {"sku": "1/b/1"}]}},
        {"event": "S", "messageId": "2-1"},
    ]
    assert made(said, {"shop": "S", "orders": {"id": 3}}) == [{"event": "S", "messageId": "3-0"}]
    assert made(said, {"shop": "S"}) == []


def test_what_is_kept_is_changed_and_dropped_in_a_copy() -> None:
    said = """
[[message]]
keep = true
drop = ["properties.old", "traits.a.b", "context"]
"properties.new" = "properties.old"
"identifiers.phone" = "properties.tel"
"""
    payload = {
        "type": "track",
        "properties": {"old": 1, "tel": "138"},
        "traits": {"a": {"b": 1, "c": 2}},
        "context": {"x": 1},
        "identifiers": [{"kind": "email", "value": "a@b.cn"}],
    }
    before = json.dumps(payload)
    assert made(said, payload) == [
        {
            "type": "track",
            "properties": {"tel": "138", "new": 1},
            "traits": {"a": {"c": 2}},
            "identifiers": [{"kind": "email", "value": "a@b.cn"}, {"kind": "phone", "value": "138"}],
        }
    ]
    assert json.dumps(payload) == before


def test_a_whole_object_takes_more_fields() -> None:
    said = '[[message]]\n"properties" = "order"\n"properties.total" = "sum"\n"context.a.b" = "sum"\n'
    assert made(said, {"order": {"id": 1}, "sum": 2}) == [
        {"properties": {"id": 1, "total": 2}, "context": {"a": {"b": 2}}}
    ]
