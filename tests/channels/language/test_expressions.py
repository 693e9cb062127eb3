"""An expression that was made code comes to what JMESPath's own interpreter comes to; bounded, whatever it says."""

import json
from decimal import Decimal
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from channels.language import expressions
from channels.language.errors import Misread, TooMuch, Wrong
from channels.language.runtime import Context

NAMES = ("a", "b", "c", "items", '"d e"')
WRONG = object()

# ---- payloads and expressions of chance ---------------------------------------------------------

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, 2.25, -1.5]),
    st.sampled_from(["", "a", "b", "x y", "2", "1.5"]),
)
payloads = st.recursive(
    scalars,
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "c", "items", "d e"]), below, max_size=4),
    ),
    max_leaves=12,
)
literals = st.one_of(
    st.sampled_from(["'a'", "'x y'", "''"]),
    st.sampled_from(["`0`", "`1`", "`2.25`", "`true`", "`null`", "`[1, 2]`", '`{"a": 1}`', '`"a"`']),
)
starts = st.one_of(st.sampled_from([*NAMES, "@", "*", "[]", "[*]", "[0]", "[-1]", "[1:]"]), literals)
FUNCTIONS = (
    *("length({0})", "to_string({0})", "to_number({0})", "type({0})", "not_null({0}, {1})", "keys({0})"),
    *("values({0})", "contains({0}, {1})", "sum({0})", "max({0})", "min({0})", "sort({0})", "reverse({0})"),
    *(
        "to_array({0})",
        "avg({0})",
        "abs({0})",
        "ceil({0})",
        "floor({0})",
        "join(',', {0})",
        "merge({0}, {1})",
    ),
    *("starts_with({0}, {1})", "ends_with({0}, {1})", "map(&{1}, {0})", "sort_by({0}, &{1})"),
    *("max_by({0}, &{1})", "min_by({0}, &{1})"),
)


def _deeper(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def put(form: str) -> st.SearchStrategy[str]:
        return st.tuples(below, below).map(lambda both: form.format(*both))

    return st.one_of(
        *(put(form) for form in ("{0}.a", "{0}.b", "{0}.items", "{0}.*", "{0}[0]", "{0}[-1]", "{0}[*]")),
        *(put(form) for form in ("{0}[]", "{0}[1:]", "{0}[::-1]", "{0}[?a]", "{0}[?{1}]", "{0}[*].{1}")),
        *(put(form) for form in ("({0})", "!{0}", "{0} || {1}", "{0} && {1}", "{0} | {1}")),
        *(put(form) for form in ("{0} == {1}", "{0} != {1}", "{0} < {1}", "{0} >= {1}")),
        *(put(form) for form in ("[{0}, {1}]", "{{a: {0}, b: {1}}}", "{0}.[{1}]", "{0}.{{c: {1}}}")),
        st.sampled_from(FUNCTIONS).flatmap(put),
    )


texts = st.recursive(starts, _deeper, max_leaves=6)


def by_library(text: str, payload: Any) -> Any:
    """What the library says; WRONG for what it does not take."""
    try:
        return jmespath.search(text, payload)
    except (JMESPathError, TypeError, ValueError, AttributeError, ArithmeticError):
        return WRONG


def ours(text: str, payload: Any) -> Any:
    try:
        return expressions.compiled(text)(payload, Context())
    except (Misread, Wrong):
        return WRONG


def plain(value: Any) -> Any:
    """Our exact decimals as the library has them."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


def same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: 1 is not true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def parses(text: str) -> bool:
    try:
        jmespath.compile(text)
    except JMESPathError:
        return False
    return True


@given(texts.filter(parses), payloads)
def test_code_and_interpreter_agree(text: str, payload: Any) -> None:
    expected, found = by_library(text, payload), ours(text, payload)
    if expected is WRONG:
        # Where the library stops at two things that have no order, ours is null, as for all others that have none.
        return
    assert found is not WRONG, (text, payload)
    assert same(plain(found), plain(expected)), (text, payload, found, expected)


@given(texts.filter(parses), payloads)
def test_an_expression_never_ends_otherwise_than_it_may(text: str, payload: Any) -> None:
    ours(text, payload)


@pytest.mark.parametrize(
    ("text", "payload", "expected"),
    [
        ("a.b", {"a": {"b": 1}}, 1),
        ("a.b", {"a": [1]}, None),
        ("items[?n > `1`].n", {"items": [{"n": 1}, {"n": 2}, {"n": None}]}, [2]),
        ("a || b", {"a": 0, "b": 1}, 0),
        ("a || b", {"a": "", "b": 1}, 1),
        ("!a", {"a": 0}, False),
        ("a == `true`", {"a": 1}, False),
        ("a == `1`", {"a": True}, False),
        ("`0.1` == a", {"a": Decimal("0.1")}, True),
        ("sum(items)", {"items": [Decimal("0.1"), Decimal("0.2")]}, Decimal("0.3")),
        ("a < b", {"a": 1, "b": "x"}, None),
        ("max_by(items, &n).m", {"items": [{"n": 1, "m": "x"}, {"n": Decimal(2), "m": "y"}]}, "y"),
        ("items[*].[n, root().x]", {"items": [{"n": 1}], "x": 7}, [[1, 7]]),
    ],
)
def test_what_it_comes_to(text: str, payload: Any, expected: Any) -> None:
    assert same(plain(ours(text, payload)), plain(expected))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "a.(",
        "a[",
        "nobody(a)",
        "text()",
        "text(a, b)",
        "lookup('none', a)",
        "lookup(a, b)",
        "parent()",
        "index()",
        "a[::0]",
        "a['x']",
        "{a}",
        "foo bar",
        "(" * 2_000 + "a" + ")" * 2_000,
        "!" * 3_000 + "a",
        "[*]" * 600,
        "items[?" * 30 + "a" + "]" * 30,
        "a" * 5_000,
        "a[99999999999999999999999999",
        "[" + "a," * 1_500 + "a",
    ],
)
def test_a_text_that_is_no_expression_says_so(text: str) -> None:
    with pytest.raises(Wrong) as found:
        expressions.compiled(text)
    assert found.value.text


@pytest.mark.parametrize(
    "text",
    [
        "items[*].[root().items[*].[root().items[*].n]]",
        "items[*].{a: root().items}",
        "map(&root().items[*].n, items)",
        "items[*].sort(root().items[*].n)",
        "items[*].contains(root().items, @)",
        "items[?root() == root()]",
        "join(text_, items[*].s)",
    ],
)
def test_a_payload_that_would_take_for_ever_is_ended(text: str) -> None:
    payload = {"items": [{"n": n, "s": "x" * 50} for n in range(2_000)], "text_": "y" * 60_000}
    if "{a:" in text:
        from channels.language import mapping

        made = mapping.compiled(f'[[message]]\ntype = "\'track\'"\n"properties.x" = "{text}"')
        with pytest.raises(TooMuch):
            made.messages(payload, Context())
        return
    with pytest.raises((TooMuch, Misread)):
        expressions.compiled(text)(payload, Context())


def test_nothing_of_a_text_becomes_code() -> None:
    for text in ("\"__import__('os').system('x')\"", '"\'); raise SystemExit #"', '"a\\nb"', '"\\u0000"'):
        name = jmespath.compile(text).parsed["value"]
        assert ours(text, {name: 5}) == 5
