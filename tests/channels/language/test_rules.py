"""Cleaning rules: what each part changes or refuses, and that no pattern runs away."""

import re
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.language import mapping
from channels.language.errors import Wrong
from channels.language.patterns import Pattern
from channels.language.rules import Did, Refused
from channels.language.runtime import Context


def cleaned(said: str, message: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The message, and what was done to it."""
    did: list[Did] = []
    with suppress(Refused):
        mapping.compiled(said).clean(message, Context(), did)
    return message, [f"no:{one.part}" if one.refused else one.part for one in did]


def total(value: Any) -> dict[str, Any]:
    return {"type": "track", "properties": {"total": value}}


@pytest.mark.parametrize(
    ("rule", "value", "after", "did"),
    [
        ("trim = true", " a ", "a", ["trim"]),
        ("trim = true", "a", "a", []),
        ("trim = true", 5, 5, []),
        ('case = "upper"', "cny", "CNY", ["case"]),
        ('case = "lower"', "a", "a", []),
        ('standard = "sku"', " ab\uff0d100 l", "AB-100L", ["standard"]),
        ('standard = "sku"', 70001, "70001", ["standard"]),
        ('standard = "sku"', "AB-1", "AB-1", []),
        ('standard = "sku"', [1], [1], []),
        ('standard = "gender"', "女", "female", ["standard"]),
        ('standard = "gender"', 1, "male", ["standard"]),
        ('standard = "gender"', "保密", "unknown", ["standard"]),
        ('standard = "gender"', "other", "other", []),
        ('standard = "birthday"', "1990年1月5日", "1990-01-05", ["standard"]),
        ('standard = "birthday"', 19900105, "1990-01-05", ["standard"]),
        ('standard = "birthday"', "1990/1/5 00:00:00", "1990-01-05", ["standard"]),
        ('standard = "birthday"', "1990-02-30", "1990-02-30", []),
        ('standard = "birthday"', "0000-00-00", "0000-00-00", []),
        ('standard = "birthday"', {"y": 1}, {"y": 1}, []),
        ('standard = "city"', "杭州", "杭州市", ["standard"]),
        ('standard = "city"', "杭州市", "杭州市", []),
        ('standard = "city"', "Berlin", "Berlin", []),
        ('standard = "province"', "内蒙古", "内蒙古自治区", ["standard"]),
        ('standard = "province"', 33, 33, []),
        ('standard = "gender"\nallowed = ["male", "female"]', "x", "x", ["no:allowed"]),
        ('lookup = "t"', "1", "one", ["lookup"]),
        ('lookup = "t"', 1, "one", ["lookup"]),
        ('lookup = "t"', "3", "3", []),
        ('unit = "cents"', 1250, "12.50", ["unit"]),
        ('unit = "cents"', "12.5", "12.5", ["no:unit"]),
        ('unit = "cents"', "x", "x", ["no:unit"]),
        ("default = 7", None, 7, ["default"]),
        ("default = 7", " ", 7, ["default"]),
        ("default = 7", 0, 0, []),
        ("default = 0.5", None, "0.5", ["default"]),
        ("required = true", 0, 0, []),
        ("required = true", None, None, ["no:required"]),
        ("required = true", "", "", ["no:required"]),
        ('allowed = ["a", 1]', "a", "a", []),
        ('allowed = ["a", 1]', "1", "1", []),
        ('allowed = ["a", 1]', "b", "b", ["no:allowed"]),
        ('allowed = ["a", 1]', None, None, []),
        ('pattern = "[0-9]{4}"', "1234", "1234", []),
        ('pattern = "[0-9]{4}"', 1234, 1234, []),
        ('pattern = "[0-9]{4}"', "12345", "12345", ["no:pattern"]),
        ('pattern = "[0-9]{4}"', ["1234"], ["1234"], ["no:pattern"]),
        ("min = 0", "0.0", "0.0", []),
        ("min = 0", -1, -1, ["no:min"]),
        ("min = 0", "x", "x", ["no:min"]),
        ("max = 1.5", "1.5", "1.5", []),
        ("max = 1.5", "1.51", "1.51", ["no:max"]),
        ('trim = true\ncase = "upper"\nallowed = ["A"]\ndefault = "A"', " a ", "A", ["trim", "case"]),
        ("when = \"type == 'page'\"\nrequired = true", None, None, []),
        ("when = \"type == 'track'\"\nrequired = true", None, None, ["no:required"]),
    ],
)
def test_what_a_rule_does(rule: str, value: Any, after: Any, did: list[str]) -> None:
    said = f'[clean."properties.total"]\n{rule}\n[lookup.t]\n1 = "one"\n'
    message, found = cleaned(said, total(value))
    kept = message["properties"]["total"]
    assert (kept if kept is None or isinstance(kept, list) or kept == after else str(kept), found) == (
        after,
        did,
    )


def test_a_field_that_is_not_there() -> None:
    required = '[clean."properties.total"]\nrequired = true\n'
    assert cleaned(required, {"type": "page"})[1] == ["no:required"]
    assert cleaned(required, {"type": "page", "properties": 5})[1] == ["no:required"]
    default = '[clean."context.a.b"]\ndefault = "x"\n'
    assert cleaned(default, {"type": "page"}) == ({"type": "page", "context": {"a": {"b": "x"}}}, ["default"])


def test_lines_and_identifiers_are_reached_one_by_one() -> None:
    said = """
[clean."properties.products.price"]
unit = "cents"
[clean."identifiers.phone"]
trim = true
"""
    message = {
        "properties": {"products": [{"price": 1}, {"price": None}, {"price": 200}]},
        "identifiers": [{"kind": "phone", "value": " 138 "}, {"kind": "email", "value": " a "}],
    }
    after, did = cleaned(said, message)
    assert [str(line["price"]) for line in after["properties"]["products"]] == ["0.01", "None", "2.00"]
    assert [one["value"] for one in after["identifiers"]] == ["138", " a "]
    assert did == ["unit", "unit", "trim"]


# ---- patterns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+", "(a*)*b", "(a|a)*", "(a|aa)+$", "(.*)*", "([a-z]+)*", "(a?){50}a{50}", "(?:a{1,9}){1,9}",
        r"(a)\1", "(?=a)a", "(?<=a)b", "a*a*a*a*b", "(", "[", "a{2000}", "x" * 400, "(?P<n>a)(?P=n)",
        "a{1,99999}", "(" * 200 + ")" * 200,
    ],
)  # fmt: skip
def test_a_pattern_that_may_run_away_is_refused(pattern: str) -> None:
    with pytest.raises(Wrong):
        Pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"[A-Z]{2}\d{6}", "AB123456", "AB12345"),
        (r"(\d{3}-)?\d{8}", "021-12345678", "21-12345678"),
        (r"(?:CN|HK)-\d+", "HK-7", "US-7"),
        (r"[\w.+-]+@[\w-]+\.[a-z]{2,6}", "a.b@shop.cn", "a.b@shop"),
        (r"(?:\d{2}:){2}\d{2}", "10:00:59", "10:00"),
    ],
)
def test_ordinary_patterns_do(pattern: str, good: str, bad: str) -> None:
    assert Pattern(pattern)(good)
    assert not Pattern(pattern)(bad)
    assert not Pattern(pattern)(f"{good} ")


@given(
    st.from_regex(r"\A(?:[ab.](?:[*+?]|\{\d,\d\})?|\([ab|]{1,3}\)[*+?]?){1,6}\Z"), st.text("ab", max_size=40)
)
def test_what_is_taken_matches_as_it_always_does_and_soon(pattern: str, value: str) -> None:
    try:
        own = Pattern(pattern)
    except Wrong:
        return
    longest = "a" * own.longest
    began = time.process_time()
    own(longest + "!"[: own.longest - len(longest)])
    own("a" * (own.longest - 1) + "!")
    assert time.process_time() - began < 1
    if len(value) <= own.longest:
        assert own(value) == (re.fullmatch(pattern, value) is not None)


@pytest.mark.parametrize(
    ("traits", "after", "did"),
    [
        (
            {"address": "浙江杭州西湖区文三路90号"},
            {"province": "浙江省", "city": "杭州市", "district": "西湖区"},
            ["standard"],
        ),
        ({"address": "浙江省杭州市", "city": "临安"}, {"city": "临安", "province": "浙江省"}, ["standard"]),
        ({"address": "鼓楼区中山路", "city": " "}, {"city": " ", "district": "鼓楼区"}, ["standard"]),
        ({"address": "南京路100号"}, {}, []),
        ({"address": {"city": "杭州"}}, {}, []),
        ({"city": "杭州"}, {"city": "杭州"}, []),
    ],
)
def test_an_address_says_what_is_missing_beside_it(
    traits: dict[str, Any], after: dict[str, Any], did: list[str]
) -> None:
    message = {"type": "identify", "traits": dict(traits)}
    kept = {"address": traits["address"]} if "address" in traits else {}
    said = '[clean."traits.address"]\nstandard = "address"\n'
    assert cleaned(said, message) == ({"type": "identify", "traits": kept | after}, did)
