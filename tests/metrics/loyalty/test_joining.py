"""What joining goes along with: an effect that is there is found, none where there is none, and who is compared."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kernel.errors import BadRequest
from metrics.effects.base import Refusal
from metrics.effects.matching import Matched
from metrics.journeys.base import Asked
from metrics.loyalty import joining
from metrics.query import ReportingSettings
from metrics.scope import Days
from tests.metrics.mirror_tables import InMemory

MARCH = Days(date(2026, 3, 1), date(2026, 3, 31))
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PRICE = 100


@pytest.fixture(autouse=True)
def rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """All money is our own here."""
    monkeypatch.setattr(joining, "rates", lambda *_: lambda _currency, _day: None)


def asked_of(found: InMemory, days: Days = MARCH) -> Asked:
    return Asked(found, ReportingSettings(0, "UTC", "CNY", {1: "web", 2: "store"}), days)


class World:
    """People whose orders come by chance, each at his own pace; some joined in February."""

    def __init__(self, seed: int, people: int = 1_200, *, lift: float = 0.0, eager: bool = False) -> None:
        """`lift`: orders more a month after joining; `eager`: who buys more joins more."""
        self.dice, self.mirror = random.Random(seed), InMemory()
        self.orders: list[dict[str, Any]] = []
        self.joined: set[int] = set()
        steps = []
        for who in range(people):
            pace = self.dice.choice((0.3, 0.6, 1.2, 2.4))  # orders a month
            joins = self.dice.random() < (0.12 + 0.12 * pace if eager else 0.25)
            channel = self.dice.choice((1, 2))
            self.buys(who, channel, pace, -210, 0)
            self.buys(who, channel, pace + (lift if joins else 0), 0, 31)
            if joins:
                self.joined.add(who)
                steps.append(
                    {
                        "sighting": who,
                        "occurred_at": self.moment(self.dice.uniform(-27, -1)),
                        "tie": who,
                        "kind": "joined",
                    }
                )
        self.mirror.put(
            "customers", [{"sighting": who, "profile": who, "identified": True} for who in range(people)]
        )
        self.mirror.put("orders", self.orders)
        self.mirror.put("memberships", steps)

    def moment(self, day: float) -> datetime:
        return (BEGIN + day * DAY).replace(tzinfo=None)

    def buys(self, who: int, channel: int, pace: float, first: int, last: int) -> None:
        day = first + self.dice.expovariate(pace / 30)
        while day < last:
            at = self.moment(day)
            self.orders.append(
                {
                    "order_id": f"o{len(self.orders)}",
                    "channel": channel,
                    "occurred_at": at,
                    "day": at.date(),
                    "tie": len(self.orders),
                    "sighting": who,
                    "currency": "CNY",
                    "total": PRICE,
                    "refunded": 0,
                }
            )
            day += self.dice.expovariate(pace / 30)


def revenue(world: World) -> Matched:
    found = joining.joining(None, asked_of(world.mirror))
    told = found.effects[0].found
    assert isinstance(told, Matched), told
    return told


def test_a_seeded_effect_is_found_and_none_where_there_is_none() -> None:
    """In ten worlds each: the interval holds the truth in nearly all, and leaves 0 out where there is an effect."""
    held, seen, false = 0, 0, 0
    for seed in range(10):
        with_ = revenue(World(seed, lift=1.0)).difference
        held += with_.low <= PRICE * 31 / 30 <= with_.high
        seen += with_.low > 0
        none = revenue(World(seed + 100)).difference
        false += not none.low <= 0 <= none.high
    assert held >= 8  # fewer once in 90 times by chance; these are always the same ten
    assert seen == 10
    assert false <= 2


def test_who_buys_more_anyway_is_no_effect_of_joining() -> None:
    """Plainly compared, those who joined bought more before already; among those alike it is gone."""
    world = World(7, people=4_000, eager=True)
    found = joining.joining(None, asked_of(world.mirror))
    told = found.effects[0].found
    assert isinstance(told, Matched)
    assert [one.name for one in told.balance] == ["orders", "revenue", "recency"]
    assert max(abs(one.before) for one in told.balance) > 0.25
    assert max(abs(one.after) for one in told.balance) < 0.1
    assert told.difference.low <= 0 <= told.difference.high
    assert isinstance(found.check, Matched)
    assert abs(found.check.difference.value) < abs(found.check.plain.value)


def test_what_is_counted_and_who_stands_behind_it() -> None:
    world = World(3)
    ask = asked_of(world.mirror)
    found = joining.joining(None, ask)
    assert found.joiners == len(world.joined)
    bought_before = {one["sighting"] for one in world.orders if one["occurred_at"] < world.moment(0)}
    assert found.without_order == len(world.joined - bought_before)
    assert found.others == len(bought_before - world.joined)
    there = set(joining.people(None, ask, joining.SPAN, joined=True))
    assert there == world.joined & bought_before
    assert set(joining.people(None, ask, joining.SPAN, joined=False)) == bought_before - world.joined
    told = found.effects[0].found
    assert isinstance(told, Matched)
    assert told.exposed + told.left_out == len(there)
    plain = _plain(world, there) - _plain(world, bought_before - world.joined)
    assert told.plain.value == pytest.approx(plain)
    assert found.spans == joining.Spans(
        Days(date(2025, 11, 29), date(2025, 12, 29)),
        Days(date(2025, 12, 30), date(2026, 1, 29)),
        Days(date(2026, 1, 30), date(2026, 2, 28)),
        MARCH,
    )


def _plain(world: World, people: set[int]) -> float:
    """The mean change of revenue, person by person."""
    change = 0
    for one in world.orders:
        if one["sighting"] in people:
            day = one["occurred_at"].date()
            change += PRICE * ((day >= MARCH.first) - (date(2025, 12, 30) <= day <= date(2026, 1, 29)))
    return change / len(people)


def test_members_of_before_and_of_later_are_nobodys_like() -> None:
    world = World(5)
    world.mirror.db.execute("update memberships set occurred_at = timestamp '2025-06-01'")
    found = joining.joining(None, asked_of(world.mirror))
    assert (found.joiners, found.json()["compared"]) == (0, 0)
    assert isinstance(found.effects[0].found, Refusal)
    assert "at least 20 are needed" in found.json()["refused"]["message"]
    assert found.others == len(
        {one["sighting"] for one in world.orders if one["occurred_at"] < world.moment(0)} - world.joined
    )
    world.mirror.db.execute("update memberships set occurred_at = timestamp '2026-03-05'")
    assert joining.joining(None, asked_of(world.mirror)).others == found.others


def test_nobody_and_periods_that_cannot_be() -> None:
    answer = joining.joining(None, asked_of(InMemory())).json()
    assert (answer["joiners"], answer["check"], answer["effects"][0]["difference"]) == (0, None, None)
    with pytest.raises(BadRequest):
        joining.joining(None, asked_of(InMemory(), Days(date(1900, 1, 1), date(2026, 1, 1))))
