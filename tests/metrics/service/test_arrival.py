"""What a new method changed: windows equally long, the others' change taken off, intervals that hold what they say."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from kernel.errors import BadRequest
from metrics.service.arrival import Arrival, Question, arrival
from tests.metrics.service.world import asked
from tests.reference import service as judge
from tests.reference.service import World

AT = date(2026, 3, 1)
ZERO = datetime(2026, 3, 1, tzinfo=UTC)
MONTH = timedelta(days=28)


def tried(number: int, channel: int, when: datetime, *, paid: bool, method: str = "card") -> dict[str, Any]:
    return {
        "order_id": f"o{number}",
        "channel": channel,
        "service_channel": channel,
        "key": "p",
        "method": method,
        "occurred_at": when,
        "succeeded_at": when + timedelta(minutes=1) if paid else None,
        "failed_at": None if paid else when,
        "state": "succeeded" if paid else "failed",
        "reason": None,
    }


def world(payments: list[dict[str, Any]]) -> World:
    return World("UTC", [], [], [], [], [], [], payments)


def asks(payments: list[dict[str, Any]], at: date | None = AT, window: timedelta = MONTH) -> Arrival:
    return arrival(asked(world(payments)), Question("wechat", 1, at, window))


def drawn(
    seed: int, rates: dict[tuple[int, bool], float], a_day: int = 25, days: int = 28
) -> list[dict[str, Any]]:
    """Orders of some days on both sides, paid by chance: `rates` by channel and whether it is after."""
    chance, made, number = np.random.default_rng(seed), [], 0
    for (channel, after), rate in rates.items():
        for day in range(days):
            for place in range(a_day):
                begin = ZERO + timedelta(days=day if after else day - days, minutes=7 * place + 1)
                number += 1
                method = "wechat" if after and channel == 1 and place % 3 == 0 else "card"
                made.append(tried(number, channel, begin, paid=bool(chance.random() < rate), method=method))
    made.append(tried(number + 1, 2, ZERO + timedelta(days=days, hours=1), paid=True))
    return made


def test_both_sides_are_counted_by_the_first_attempt_of_each_order() -> None:
    told = drawn(1, {(1, False): 0.5, (1, True): 0.7, (2, False): 0.5, (2, True): 0.5}, a_day=6)
    told.append(
        tried(1, 1, ZERO + timedelta(days=3), paid=True) | {"key": "again"}
    )  # an old order, paid much later
    found = asks(told)
    assert (found.days, found.at, found.others) == (28, AT, (2,))
    sides = (
        (found.before, 1, -28),
        (found.after, 1, 0),
        (found.others_before, 2, -28),
        (found.others_after, 2, 0),
    )
    for side, channel, first in sides:
        begin = ZERO + timedelta(days=first)
        there = judge.tried(world(told), channel, begin, begin + MONTH)
        assert side is not None
        assert (side.orders, side.paid, side.first) == (len(there), sum(there), begin.date())


def test_a_seeded_lift_is_found_and_none_where_the_others_rose_as_much() -> None:
    found = asks(drawn(2, {(1, False): 0.5, (1, True): 0.7, (2, False): 0.5, (2, True): 0.5}))
    assert found.interval_by == "days"
    assert found.change is not None
    assert found.difference is not None
    assert found.change.low <= 0.2 <= found.change.high
    assert found.change.low > 0 < found.difference.low
    assert found.difference.low <= 0.2 <= found.difference.high
    same = asks(drawn(3, {(1, False): 0.5, (1, True): 0.7, (2, False): 0.5, (2, True): 0.7}))
    assert same.change is not None
    assert same.difference is not None
    assert same.change.low > 0
    assert same.difference.low <= 0 <= same.difference.high


def test_the_arrival_is_the_day_of_the_first_payment_unless_a_day_is_named() -> None:
    told = drawn(4, {(1, False): 0.5, (1, True): 0.7}, a_day=3)
    assert asks(told, at=None).at == AT
    assert asks(told, at=date(2026, 3, 5)).at == date(2026, 3, 5)
    with pytest.raises(BadRequest, match="no payment"):
        arrival(asked(world(told)), Question("alipay", 1, AT, MONTH))


def test_what_is_not_known_on_both_sides_shortens_both() -> None:
    told = drawn(5, {(1, False): 0.5, (1, True): 0.7}, days=5)
    found = asks(told)
    assert (found.days, found.interval_by) == (5, "orders")
    assert found.before is not None
    assert found.before.first == AT - timedelta(days=5)
    assert found.change is not None
    assert any("21 are needed" in one for one in found.refused)
    assert asks(told, at=date(2026, 2, 20)).days == 0


def test_a_channel_that_has_the_method_too_is_no_comparison() -> None:
    told = drawn(6, {(1, False): 0.5, (1, True): 0.7, (2, False): 0.5, (2, True): 0.5})
    told.append(tried(999_999, 2, ZERO + timedelta(days=2), paid=True, method="wechat"))
    found = asks(told)
    assert (found.others, found.difference) == ((), None)
