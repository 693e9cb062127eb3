"""What customers of several channels are worth: as counted one by one, and in numbers made by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as chance

from metrics.journeys import channel_value
from metrics.journeys.channel_value import Group, Staying
from tests.metrics.journeys.chance import RATES, happened, periods
from tests.reference.journeys import Happened, Order, asked
from tests.reference.journeys_value import Did, Value

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture(autouse=True)
def rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates as the examples have them; those of PostgreSQL are tried over HTTP."""
    world = Happened("UTC", [], [], {}, RATES)
    monkeypatch.setattr(channel_value, "rates", lambda *_: world.rate)


def same(group: Group, wanted: list[Did]) -> bool:
    orders, revenue = [one.orders for one in wanted], [float(one.revenue) for one in wanted]
    return (group.customers, group.returned) == (len(wanted), sum(map(bool, orders))) and all(
        (sample.of, sample.total, sample.squares)
        == pytest.approx((len(wanted), sum(each), sum(one * one for one in each)))
        for sample, each in ((group.orders, orders), (group.revenue, revenue))
    )


@given(world=happened(), period=periods())
@chance(max_examples=60)
def test_groups_are_those_of_the_reference(world: Happened, period: tuple[date, date]) -> None:
    found, wanted = channel_value.channel_value(None, asked(world, *period)), Value(world, period)
    assert found.customers == wanted.customers
    assert dict(found.staying) == wanted.staying
    assert same(found.single, wanted.groups[False]), (found.single, wanted.groups[False])
    assert same(found.cross, wanted.groups[True]), (found.cross, wanted.groups[True])
    assert found.unconverted == {code: amount for code, amount in wanted.apart.items() if amount}


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=UTC)


def test_who_has_several_channels_is_settled_before_what_they_do() -> None:
    """1 and 2 are on two channels before March, 3 and 4 on one; 5 bought once and is in no group, 6 was long gone."""
    before = [
        *(Order(f"{who}a", 1, at(2, 5), who) for who in (1, 2, 3, 4, 5)),
        *(Order(f"{who}b", 2, at(2, 7), who) for who in (1, 2)),
        *(Order(f"{who}b", 1, at(2, 7), who) for who in (3, 4)),
        Order("6a", 1, datetime(2025, 3, 1, tzinfo=UTC), 6),
        Order("6b", 1, datetime(2025, 3, 2, tzinfo=UTC), 6),
    ]
    march = [
        Order("1c", 1, at(3, 1), 1, Decimal(30)),
        Order("1d", 1, at(3, 2), 1, Decimal(50)),
        Order("2c", 1, at(3, 1), 2, Decimal(20)),
        Order("3c", 2, at(3, 1), 3, Decimal(10)),
        Order("5c", 1, at(3, 1), 5, Decimal(10)),
    ]
    found = channel_value.channel_value(None, asked(Happened("UTC", before + march, []), *MARCH))
    assert (found.customers, found.staying) == (4, [Staying("web", 1)])
    answer = found.json()
    one = {"customers": 2, "returned": 1, "retention": "0.5000000000", "orders": "0.5000000000"}
    assert answer["single"] == one | {"revenue": "5.0000000000"}
    both = {"customers": 2, "returned": 2, "retention": "1.0000000000", "orders": "1.5000000000"}
    assert answer["cross"] == both | {"revenue": "50.0000000000"}
    assert answer["never_switched"] == 1
    difference = {name: float(one["value"]) for name, one in answer["difference"].items()}
    assert difference == {"retention": 0.5, "orders": 1.0, "revenue": 45.0}
    low, high = (float(answer["difference"]["orders"][end]) for end in ("low", "high"))
    assert low == pytest.approx(1 - 1.96 * 0.5**0.5, abs=1e-3)
    assert high == pytest.approx(1 + 1.96 * 0.5**0.5, abs=1e-3)


def test_nobody_is_compared_with_nobody() -> None:
    answer = channel_value.channel_value(None, asked(Happened("UTC", [], []), *MARCH)).json()
    assert answer["difference"] == {"retention": None, "orders": None, "revenue": None}
    assert answer["single"]["retention"] is None
