"""A step's text is read as contracts have it, and what a sender called things never becomes SQL."""

from datetime import datetime, timedelta

import pytest

from kernel.errors import BadRequest
from metrics.journeys import steps
from tests.metrics.mirror_tables import InMemory

CHANNELS = {1: "web", 2: "tmall"}


def names(text: str) -> list[str]:
    return [step.name for step in steps.listed(text, CHANNELS)]


def met(text: str) -> list[int]:
    """Which of the touches below a step is met by."""
    mirror = InMemory()
    said = [
        '{"category": "tea", "a": {"b": 5}}',
        '{"a.b": "dotted", "it\'s \\"x\\"": "q", "gift": true}',
        '{"price": 5.0, "category": "tea,green", "lines": [{"sku": "A"}], "a/b~c": "1", "none": null}',
        None,
    ]
    begin = datetime.fromisoformat("2026-03-01")
    mirror.put(
        "touches",
        [
            {
                "occurred_at": begin + timedelta(hours=n),
                "tie": n,
                "sighting": 1,
                "channel": 1 + n % 2,
                "touchpoint": "cart",
                "name": "Product Added" if n != 3 else "my, [own] 50%",
                "campaign": "c" if n else None,
                "source": "s",
                "properties": properties,
            }
            for n, properties in enumerate(said)
        ],
    )
    values: dict = {}
    condition = steps.one(text, CHANNELS).sql(values)
    return [
        tie for (tie,) in mirror.rows(f"select tie from touches t where {condition} order by 1", **values)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Product Added", [0, 1, 2]),
        ("productAdded", [0, 1, 2]),
        ("product_added", [0, 1, 2]),
        ("Nobody Sent This", []),
        ("my%2C %5Bown%5D 50%25", [3]),
        ("my%2C %5Bown%5D 50%", [3]),
        ("touchpoint:cart", [0, 1, 2, 3]),
        ("touchpoint:order", []),
        ("channel:tmall", [1, 3]),
        ("Product Added[channel=web]", [0, 2]),
        ("channel:web[touchpoint=cart][name=product added]", [0, 2]),
        ("Product Added[properties.category=tea]", [0]),
        ("Product Added[properties.category=tea,green]", [2]),
        ("Product Added[properties.category=tea%2Cgreen]", [2]),
        ("Product Added[properties.a.b=5]", [0]),
        ("Product Added[properties.a.b=dotted]", [1]),
        ("Product Added[properties.gift=true]", [1]),
        ("Product Added[properties.price=5.0]", [2]),
        ("Product Added[properties.lines.0.sku=A]", [2]),
        ("Product Added[properties.a/b~c=1]", [2]),
        ("Product Added[properties.none=null]", []),
        ("Product Added[properties.none=]", []),
        ('Product Added[properties.it\'s "x"=q]', [1]),
        ("Product Added[properties.x' or 1=1 --=q]", []),
        ("Product Added[campaign=c][source=s]", [1, 2]),
        ("Product Added[campaign=' or true --]", []),
        ("Product Added[channel=web][channel=tmall]", []),
    ],
)
def test_a_step_is_met_by(text: str, found: list[int]) -> None:
    assert met(text) == found


def test_a_list_has_commas_between_its_steps() -> None:
    assert names("orderCompleted, touchpoint:cart ,A[channel=tmall][properties.x=1,2]") == [
        "Order Completed",
        "touchpoint:cart",
        "A[channel=tmall][properties.x=1%2C2]",
    ]


@pytest.mark.parametrize("text", ["a%2Cb", "A[properties.x=1%2C%5D%25]", "channel:web[name=order completed]"])
def test_a_steps_name_is_the_same_step(text: str) -> None:
    once = steps.one(text, CHANNELS)
    assert steps.one(once.name, CHANNELS) == once


def test_a_step_is_written_out_of_its_parts() -> None:
    text = steps.written("a, b [c]", {"channel": "web", "properties.x=y": "1,2%"})
    assert steps.one(text, CHANNELS).conditions[0].value == "a, b [c]"
    assert (
        steps.one(steps.written("A", {"properties.x": "1,[2]%41"}), CHANNELS).conditions[1].value
        == "1,[2]%41"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_step"),
        ("A,,B", "bad_step"),
        ("A,", "bad_step"),
        ("[channel=web]", "bad_step"),
        ("A[channel=web", "bad_step"),
        ("A channel=web]", "bad_step"),
        ("A[[channel=web]]", "bad_step"),
        ("A[channel=web]B", "bad_step"),
        ("A[channel]", "bad_step"),
        ("A[=web]", "bad_step"),
        ("A[channel=moon]", "unknown_channel"),
        ("channel:moon", "unknown_channel"),
        ("channel:", "unknown_channel"),
        ("touchpoint:moon", "unknown_touchpoint"),
        ("A[touchpoint=]", "unknown_touchpoint"),
        ("A[moon=1]", "bad_field"),
        ("A[properties.=1]", "bad_field"),
        (",".join(["A"] * 200), "bad_steps"),
        ("A" + "[source=x]" * 21, "bad_step"),
    ],
)
def test_what_is_no_step_is_refused_with_a_sentence(text: str, code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        steps.listed(text, CHANNELS)
    assert refused.value.code == code
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("A", "A", True),
        ("A", "B", False),
        ("A", "touchpoint:cart", True),
        ("A[channel=web]", "channel:tmall", False),
        ("A[channel=web]", "channel:web", True),
        ("A[properties.x=1]", "A[properties.x=2]", False),
        ("A[properties.x=1]", "A[properties.y=2]", True),
    ],
)
def test_which_steps_may_be_one_event(one: str, other: str, may: bool) -> None:
    a, b = steps.one(one, CHANNELS), steps.one(other, CHANNELS)
    assert (a.may_be(b), b.may_be(a)) == (may, may)
