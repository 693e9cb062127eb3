"""A rule in words, and what its reader makes of it. Not here: what it finds (test_api.py)."""

from typing import Any

import pytest

from kernel.errors import BadRequest
from metrics.segments import kept, rule, words

CHANNELS = {1: "web", 2: "store"}
SAID: list[tuple[Any, str]] = [
    ({"did": "Product Viewed"}, "did “Product Viewed”"),
    ({"did": "Seen", "times": {"gte": 3}, "within": "2w"}, "did “Seen” at least 3 times in the last 14 days"),
    ({"did_not": "Seen", "between": ["2026-01-01", "2026-01-31"]}, "did not do “Seen” from 2026-01-01 to 2026-01-31"),
    ({"sequence": ["A", "B"], "within": "36h"}, "did “A”, then “B” within 36 hours"),
    ({"orders": {"gte": 2}, "within": "90m"}, "made at least 2 orders in the last 90 minutes"),
    ({"spent": {"gte": "500.00", "lt": 900}}, "spent at least 500.00 CNY and less than 900 CNY"),
    ({"first_order": {"channel": ["store", "web"]}}, "ordered for the first time on web or store"),
    ({"trait": "city", "in": ["A", "B"]}, "city is one of “A”, “B”"),
    ({"trait": "age", "gte": 18, "exists": True}, "age is at least 18 and age is known"),
    ({"not": {"segment": "vip"}}, "not: is in the segment “vip”"),
    ({"consent": {"purpose": "news", "channel": "sms", "given": False}}, "did not consent to news by sms"),
    ({"all": [{"has": "phone"}, {"any": [{"seen_on": ["web"]}, {"has": "email"}]}]},
     "has an identifier “phone” and (was seen on web or has an identifier “email”)"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), SAID, ids=lambda one: str(one)[:50])
def test_a_rule_is_said_in_words(given: Any, said: str) -> None:
    assert words.of(rule.read(given, CHANNELS), CHANNELS, "CNY") == said


@pytest.mark.parametrize(
    ("given", "moves"),
    [
        ({"did": "A", "within": "1d"}, True),
        ({"all": [{"has": "phone"}, {"not": {"trait": "born", "within_last": "9d"}}]}, True),
        ({"did": "A", "between": ["2026-01-01", "2026-01-02"]}, False),
        ({"has": "phone"}, False),
    ],
)
def test_who_may_leave_by_time_passing_is_known(given: Any, moves: bool) -> None:
    assert kept.moves_by_time(given) is rule.moves_by_time(rule.read(given, CHANNELS)) is moves


def test_segments_within_segments_are_bounded() -> None:
    rules = {f"s{n}": {"all": [{"segment": f"s{n + 1}"}] * 10} for n in range(9)} | {"s9": {"has": "phone"}}

    def look(slug: str) -> Any:
        return rule.read(rules[slug], CHANNELS)

    with pytest.raises(BadRequest, match="more than 300"):
        rule.whole(rule.read({"segment": "s0"}, CHANNELS), look)
