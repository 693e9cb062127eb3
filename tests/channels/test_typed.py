"""Settings of a connector as they are typed in a form: every value comes back as it went, what is wrong says so."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec import Meta, Struct

from channels.connect import connections, typed
from channels.connectors.base import HOOK, ConnectorKind, Guide


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """One of each type."""

    shop: Annotated[str, Meta(pattern=r"^[a-z.]+$", examples=["a.myshop.com"])]
    page: Annotated[int, Meta(ge=1, le=500)] = 100
    rate: float = 1.5
    mode: Literal["test", "live"] = "test"
    every: Literal[5, 10] = 10
    old: bool = False
    topics: list[str] = []
    names: dict[str, str] = {}
    query: Annotated[str, Meta(max_length=4_000)] = ""
    after: str | None = None
    most: int | None = None


KIND = ConnectorKind(
    name="one", label="One", category="other", direction=HOOK, about="", guide=Guide(()), settings=Settings
)
SPECS = {one["name"]: one for one in connections.fields(KIND)}
WORDS = some.text("abc. -", min_size=1).map(str.strip).filter(bool)
VALUES = {
    "shop": some.text("abc.", min_size=1),
    "page": some.integers(1, 500),
    "rate": some.floats(-1e6, 1e6).filter(lambda found: found != int(found)),
    "mode": some.sampled_from(["test", "live"]),
    "every": some.sampled_from([5, 10]),
    "old": some.booleans(),
    "topics": some.lists(WORDS),
    "names": some.dictionaries(WORDS | some.just("a = b"), WORDS | some.just("")),
    "query": WORDS,
    "after": some.none() | WORDS,
    "most": some.none() | some.integers(-typed.LARGEST, typed.LARGEST),
}


def test_each_setting_has_the_field_that_fits() -> None:
    types = {name: spec["type"] for name, spec in SPECS.items()}
    assert types == {
        "shop": "text",
        "page": "number",
        "rate": "number",
        "mode": "choice",
        "every": "choice",
        "old": "yes",
        "topics": "list",
        "names": "pairs",
        "query": "lines",
        "after": "text",
        "most": "number",
    }
    assert [name for name, spec in SPECS.items() if spec["needed"]] == ["shop"]


@given(found=some.fixed_dictionaries(VALUES))
def test_what_a_field_shows_is_read_as_it_was(found: dict[str, Any]) -> None:
    again = {name: typed.value(spec, typed.shown(spec, found[name])) for name, spec in SPECS.items()}
    assert again == found
    assert {name: typed.problem(KIND, SPECS[name], value) for name, value in again.items()} == dict.fromkeys(
        SPECS, ""
    )
    assert connections.checked(KIND, again) == found


@given(name=some.sampled_from(list(SPECS)), text=some.text())
def test_whatever_is_typed_is_taken_or_wrong_beside_its_field(name: str, text: str) -> None:
    """What no field complains of the kind takes: nothing is left for an error without a place."""
    value = typed.value(SPECS[name], text)
    if not typed.problem(KIND, SPECS[name], value):
        connections.checked(KIND, {"shop": "a.b", name: value})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("shop", "", "This is needed."),
        ("shop", "HTTPS://x", "it is written as a.myshop.com"),
        ("page", "0", "A number from 1 to 500."),
        ("page", "1.5", "A number from 1 to 500."),
        ("rate", "fast", "A number, in digits."),
        ("mode", "both", "Choose one of these: live, test."),
        ("query", "x" * 4_001, "at most 4,000 characters"),
        ("names", "a", "with “=” between the two"),
        ("names", "= a", "with “=” between the two"),
        ("names", "a = b", ""),
        ("most", "1000", ""),
        ("most", "1e3", "A number, in digits."),
        ("most", "9" * 400, "A number, in digits."),
        ("rate", "nan", "A number, in digits."),
        ("rate", "1e400", "A number, in digits."),
    ],
)
def test_the_sentence_says_what_would_be_right(name: str, text: str, said: str) -> None:
    found = typed.problem(KIND, SPECS[name], typed.value(SPECS[name], text))
    assert said in found
    assert bool(found) is bool(said)
