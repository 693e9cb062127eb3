"""Campaigns as counted one by one: spend by day, whom they reach and share, how often, what is credited when."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import settings as chance
from hypothesis import strategies as st

from metrics.loyalty import worth
from metrics.marketing import campaigns, reach, response, spend
from metrics.scope import Days
from tests.metrics.journeys.chance import NAMES, RATES, happened, periods
from tests.reference.journeys import CHANNELS, Happened, asked
from tests.reference.marketing import Marketing, Record

KEPT: list[Record] = []


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates and records as the examples have them; those of PostgreSQL are tried over HTTP."""
    world = Happened("UTC", [], [], {}, RATES)
    monkeypatch.setattr(worth, "rates", lambda *_: world.rate)
    monkeypatch.setattr(spend, "rates", lambda *_: world.rate)
    monkeypatch.setattr(spend, "rows", lambda *_, **__: list(KEPT))


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    """Spend of days in and around any period, in three currencies."""
    made = []
    for _ in range(draw(st.integers(0, 8))):
        first = date(2025, 12, 1) + timedelta(days=draw(st.integers(0, 120)))
        made.append(
            Record(
                draw(st.sampled_from(NAMES)),
                draw(st.sampled_from(sorted(CHANNELS))),
                draw(st.sampled_from(("", "cpc", "email"))),
                draw(st.sampled_from(("CNY", "CNY", "USD", "XAU"))),
                first,
                first,
                first + timedelta(days=draw(st.integers(0, 20))),
                Decimal(draw(st.integers(0, 100_000))) / 100,
            )
        )
    return made


def marketed(world: Happened) -> Happened:
    """The same, where most touches are marketing's."""
    touches = [
        one._replace(touchpoint="marketing") if one.touchpoint in {"marketing", "browse", "other"} else one
        for one in world.touches
    ]
    return world._replace(touches=touches)


worlds = st.builds(marketed, happened())


@given(world=worlds, kept=records(), period=periods())
@chance(max_examples=50)
def test_spend_is_that_of_the_reference_to_the_minor_unit(
    world: Happened, kept: list[Record], period: tuple[date, date]
) -> None:
    KEPT[:] = [one for one in kept if one.first <= period[1] and one.last >= period[0]]
    judge = Marketing(world._replace(rates=RATES), KEPT, period)
    found = spend.spent(None, asked(world, *period))
    days, apart = judge.spend()
    assert {name: {day: cost for day, cost in one.days.items() if cost} for name, one in found.items()} == {
        name: {day: cost for day, cost in days.get(name, {}).items() if cost}
        for name in {one.campaign for one in KEPT}
    }
    assert {name: dict(one.unconverted) for name, one in found.items() if one.unconverted} == apart
    for name, one in found.items():
        mine = [record for record in KEPT if record.campaign == name]
        assert one.currencies == {record.currency for record in mine}
        assert one.mediums == {record.medium for record in mine if record.medium}
        assert one.channels == {record.channel for record in mine}


@given(
    cents=st.integers(0, 10_000),
    over=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    period=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_a_record_cut_in_two_periods_comes_to_the_whole(
    cents: int, over: tuple[int, int], period: tuple[int, int]
) -> None:
    begin, amount = date(2026, 1, 1), Decimal(cents) / 100
    days = Days(begin, begin + timedelta(days=over[1]))
    cut = begin + timedelta(days=min(period[0], over[1]))
    parts = [Days(begin, cut), Days(cut + timedelta(days=1), days.last)]
    found = [spend.spread(amount, "CNY", days, part) for part in parts if part.first <= part.last]
    assert sum(sum(part.values()) for part in found) == amount


@given(world=worlds, period=periods())
@chance(max_examples=60)
def test_reach_overlap_and_frequency_are_those_of_the_reference(
    world: Happened, period: tuple[date, date]
) -> None:
    ask, judge = asked(world, *period), Marketing(world, [], period)
    found = reach.reach(ask)
    assert {one.campaign: one.customers for one in found.campaigns} == {
        name: len(judge.reached(name)) for name in judge.named()
    }
    wanted = {
        frozenset((one, other)): judge.reached(one) & judge.reached(other)
        for one, other in combinations(sorted(judge.named()), 2)
        if judge.reached(one) & judge.reached(other)
    }
    assert {frozenset((one.first, one.second)): one.customers for one in found.pairs} == {
        pair: len(both) for pair, both in wanted.items()
    }
    for one in found.pairs:
        assert one.either == len(judge.reached(one.first) | judge.reached(one.second))
        assert sorted(reach.shared(ask, one.first, one.second)) == sorted(
            wanted[frozenset((one.first, one.second))]
        )
    often = judge.often()
    assert sum(one.customers for one in found.frequency) == len(often)
    for one in found.frequency:
        mine = [who for who, (n, _) in often.items() if one.at_least <= n <= (one.to or n)]
        hits = [who for who in mine if often[who][1]]
        assert (one.customers, one.converted) == (len(mine), len(hits))
        assert sorted(reach.often(ask, one.at_least, one.to, converted=False)) == sorted(mine)
        assert sorted(reach.often(ask, one.at_least, one.to, converted=True)) == sorted(hits)


@given(world=worlds, period=periods())
@chance(max_examples=60)
def test_touches_by_campaign_and_interval_are_those_of_the_reference(
    world: Happened, period: tuple[date, date]
) -> None:
    ask, judge = asked(world, *period), Marketing(world, [], period)
    _interval, starts = campaigns.calendar(ask)
    found = campaigns._touched(ask, starts)
    assert set(found) == {one.campaign for one in judge.touches()}
    for name, one in found.items():
        mine = judge.touches(name)
        assert (one.touches, one.customers) == (len(mine), len(judge.reached(name)))
        assert set(one.channels) == {touch.channel for touch in mine}
        assert one.first == min(world.day(touch.at) for touch in mine)
        assert one.last == max(world.day(touch.at) for touch in mine)
        assert sorted(campaigns.people(ask, name)) == sorted(judge.reached(name))
    slots = {(name, slot): n for name, slot, n in campaigns._rows(ask, starts, campaigns.BY_SLOT)}
    wanted = Counter(
        (one.campaign, sum(start <= world.day(one.at) for start in starts)) for one in judge.touches()
    )
    assert slots == wanted


@given(world=worlds, kept=records(), period=periods())
@chance(max_examples=60)
def test_credit_by_day_is_that_of_the_reference(
    world: Happened, kept: list[Record], period: tuple[date, date]
) -> None:
    KEPT[:] = [one for one in kept if one.first <= period[1] and one.last >= period[0]]
    judge = Marketing(world._replace(rates=RATES), KEPT, period)
    found = response.responses(None, asked(world, *period))
    credit, apart = judge.credited(response.LOOKBACK)
    assert found.unconverted == {code: value for code, value in apart.items() if value}
    spent = {one.campaign for one in KEPT if one.campaign}
    assert {one.campaign for one in found.campaigns} == spent
    for one in found.campaigns:
        mine = {day: value for (name, day), value in credit.items() if name == one.campaign}
        assert one.credit == sum(mine.values())
        for day, _cost, value in one.days:
            assert value == mine.get(day, 0)
