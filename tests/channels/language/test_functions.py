"""Every function of ours: what it makes of what, and what it refuses."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.language import errors, expressions, functions, mapping
from channels.language.errors import Misread
from channels.language.runtime import Context

AROUND = {"zone": ZoneInfo("Asia/Shanghai"), "region": "CN"}

GOOD: list[tuple[str, Any, Any]] = [
    ("text(a)", 70001, "70001"),
    ("text(a)", Decimal("70001.0"), "70001"),
    ("text(a)", True, "true"),
    ("text(a)", None, None),
    ("number(a)", " 1,234.50 ", Decimal("1234.50")),
    ("number(a)", "１２", 12),
    ("number(a)", Decimal("12.0"), 12),
    ("number(a)", "", None),
    ("money(a)", "¥1,234.50", Decimal("1234.50")),
    ("money(a)", "0.1", Decimal("0.1")),
    ("money(a)", "99.90元", Decimal("99.90")),
    ("yuan(a)", 1250, Decimal("12.50")),
    ("yuan(a)", "1", Decimal("0.01")),
    ("yuan(a)", Decimal("1250.0"), Decimal("12.50")),
    ("yuan(a)", 10**15 + 1, Decimal("10000000000000.01")),
    ("yuan(a)", None, None),
    ("time(a)", "2026-01-06 10:00:00", "2026-01-06T02:00:00Z"),
    ("time(a)", "20260106100000", "2026-01-06T02:00:00Z"),
    ("time(a)", 1767664800, "2026-01-06T02:00:00Z"),
    ("time(a)", Decimal("1767664800000"), "2026-01-06T02:00:00Z"),
    ("time(a, 'UTC')", "2026-01-06 10:00:00", "2026-01-06T10:00:00Z"),
    ("time(a)", "2026-01-06T10:00:00+09:00", "2026-01-06T01:00:00Z"),
    ("time(a)", "", None),
    ("phone(a)", "138 0013 8001", "+8613800138001"),
    ("phone(a, 'JP')", "090-1234-5678", "+819012345678"),
    ("phone(a)", "12", "12"),
    ("phone(a)", None, None),
    ("email(a)", " A@Shop.CN ", "a@shop.cn"),
    ("email(a)", "no", "no"),
    ("address(a).city", "浙江省杭州市西湖区文三路90号", "杭州市"),
    ("address(a).street", "浙江省杭州市西湖区文三路90号", "文三路90号"),
    ("address(a)", "Unter den Linden 77", None),
    ("address(a)", None, None),
    ("lower(a)", "ÄB", "äb"),
    ("upper(a)", "ab", "AB"),
    ("trim(a)", "\u3000 x ", "x"),
    ("trim(a)", "  ", None),
    ("prefix(a, 'dy-')", 7, "dy-7"),
    ("prefix(a, 'dy-')", None, None),
    ("concat(a, '-', b)", 7, "7-"),
    ("concat(b, b)", 7, None),
    ("coalesce(b, a)", 7, 7),
    ("coalesce(a, 'x')", "  ", "x"),
    ("split(a, '-')", "x-y", ["x", "y"]),
    ("split(a, '-')[1]", "x-y", "y"),
    ("replace(a, '-', '')", "x-y-", "xy"),
    ("hash(a, 'b')", "x", functions.hash_of("x", "b")),
    ("uuid(a)", "x", functions.uuid_of("x")),
    ("json(a).n", '{"n": 1.10}', Decimal("1.10")),
    ("json(a).n", {"n": 1}, 1),
    ("plus(a, `0.2`)", "0.1", Decimal("0.3")),
    ("plus(a, b)", 0, 0),
    ("minus(a, `1`)", "0.1", Decimal("-0.9")),
    ("times(a, `3`)", "0.1", Decimal("0.3")),
    ("header('X-Topic')", None, "paid"),
    ("header('X-None')", None, None),
    ("received()", None, "2026-11-24T12:00:00Z"),
]


def evaluated(text: str, a: Any) -> Any:
    context = Context(
        **AROUND, headers={"x-topic": "paid"}, received_at=datetime(2026, 11, 24, 12, tzinfo=UTC)
    )
    return expressions.compiled(text)({"a": a}, context)


@pytest.mark.parametrize(("text", "a", "expected"), GOOD, ids=str)
def test_what_a_function_makes(text: str, a: Any, expected: Any) -> None:
    found = evaluated(text, a)
    assert (type(found), found) == (type(expected), expected) or found == expected


@pytest.mark.parametrize(
    ("text", "a", "wanted"),
    [
        ("text(a)", [1], errors.TEXT),
        ("text(a)", "x" * 70_000, errors.LONG),
        ("number(a)", "12x", errors.NUMBER),
        ("number(a)", "1.234,50", errors.NUMBER),
        ("number(a)", True, errors.NUMBER),
        ("number(a)", Decimal("1e300"), errors.NUMBER),
        ("money(a)", {}, errors.NUMBER),
        ("yuan(a)", "12.50", errors.CENTS),
        ("yuan(a)", "12.00", errors.CENTS),
        ("yuan(a)", Decimal("0.5"), errors.CENTS),
        ("yuan(a)", "x", errors.NUMBER),
        ("time(a)", "soon", errors.TIME),
        ("time(a)", True, errors.TIME),
        ("time(a, 'Mars/Base')", "2026-01-06", errors.ZONE),
        ("split(a, '')", "x", errors.TAKES),
        ("replace(a, 'x', a)", "x" * 1_000, errors.LONG),
        ("concat(a, a)", "x" * 40_000, errors.LONG),
        ("json(a)", "{", errors.JSON),
        ("length(a)", 5, errors.TAKES),
        ("sum(a)", ["x"], errors.TAKES),
    ],
)
def test_what_a_function_refuses(text: str, a: Any, wanted: str) -> None:
    with pytest.raises(Misread) as found:
        evaluated(text, a)
    assert found.value.wanted == wanted


def test_every_function_has_an_example() -> None:
    shown = " ".join(text for text, _a, _expected in GOOD)
    assert [name for name in functions.OWN if f"{name}(" not in shown] == []


def test_a_hash_keeps_its_parts_apart() -> None:
    assert functions.hash_of("a", "b") != functions.hash_of("ab", "")
    assert functions.uuid_of("a", None) == functions.uuid_of("a", "")


def test_every_function_stands_in_the_manual() -> None:
    manual = Path("docs/mapping.md").read_text(encoding="utf-8")
    assert [name for name in (*functions.OWN, *functions.BUILT) if f"`{name}(" not in manual] == []


def test_the_manuals_example_is_a_mapping() -> None:
    manual = Path("docs/mapping.md").read_text(encoding="utf-8")
    said = manual.partition("```toml\n")[2].partition("```")[0]
    made = mapping.compiled(said).messages(
        {"topic": "trade.paid", "trade": {"id": 7, "amount": 5}}, Context()
    )
    assert made is not None
    assert made[0]["properties"] == {"order_id": "7", "total": Decimal("0.05")}
