"""Members, what they buy and hold, as counted one by one, and in numbers made by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as chance
from hypothesis import strategies as st

from metrics.loyalty import accounts, membership, worth
from metrics.loyalty.membership import Buying, Move
from metrics.scope import Amount
from tests.metrics.journeys.chance import RATES, happened, periods
from tests.metrics.loyalty.chance import changes, steps
from tests.reference.journeys import CHANNELS, Happened, Order, asked
from tests.reference.loyalty import Change, Loyalty, Step, held, loyal_mirror

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture(autouse=True)
def rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates as the examples have them; those of PostgreSQL are tried over HTTP."""
    world = Happened("UTC", [], [], {}, RATES)
    monkeypatch.setattr(worth, "rates", lambda *_: world.rate)


def same(found: Buying, wanted: dict) -> None:
    for name in ("customers", "member_customers", "buyers", "member_buyers"):
        assert getattr(found, name) == len(wanted[name]), name
    assert (found.orders, found.member_orders) == (wanted["orders"], wanted["member_orders"])
    for name in ("revenue", "member_revenue"):
        amount: Amount = getattr(found, name)
        apart = {code: one for code, one in amount.unconverted.items() if one}
        assert (amount.value, apart) == wanted[name], name


@given(world=happened(), stepped=steps(), period=periods())
@chance(max_examples=60)
def test_all_numbers_and_their_people_are_those_of_the_reference(
    world: Happened, stepped: list[Step], period: tuple[date, date]
) -> None:
    ask = asked(world, *period, found=loyal_mirror(world, stepped))
    found, judge = membership.membership(None, ask), Loyalty(world, stepped, period)
    same(found.total, judge.buying(None))
    assert [one.channel for one in found.channels] == [CHANNELS[one] for one in judge.channels()]
    for one, channel in zip(found.channels, judge.channels(), strict=True):
        same(one, judge.buying(channel))
    assert found.members == len(judge.members())
    assert found.joined == len(judge.joined())
    moved = {(origin, to): n for (origin, to), n in judge.moves().items() if origin != to}
    assert {(one.origin, one.to): one.members for one in found.moves} == moved
    crossing = [judge.crossing(members=True), judge.crossing(members=False)]
    assert [tuple(map(len, pair)) for pair in crossing] == [found.cross, found.cross_others]
    tiers(found, judge)
    people(ask, judge)


def tiers(found: membership.Membership, judge: Loyalty) -> None:
    """Each tier's row, and that the rows add up to all members and their revenue."""
    moves, bought = judge.moves(), judge.of_tiers()
    for one in found.tiers:
        name = one.tier
        assert one.before == sum(n for (origin, _), n in moves.items() if origin == name)
        assert one.joined == moves[None, name]
        assert one.members == sum(n for (_, to), n in moves.items() if to == name)
        assert one.members == one.before + one.joined + one.moved_in - one.moved_out
        buyers, orders, money = bought.get(name, (set(), 0, (Decimal(0), {})))
        assert (one.buyers, one.orders, one.revenue.value) == (len(buyers), orders, money[0])
    assert sum(one.members for one in found.tiers) == found.members
    assert sum(one.orders for one in found.tiers) == found.total.member_orders
    assert sum(one.revenue.value for one in found.tiers) == found.total.member_revenue.value
    assert set(bought) <= {one.tier for one in found.tiers}


def people(ask, judge: Loyalty) -> None:
    """Behind each number stand as many as it says."""
    moves = judge.moves()
    wanted = {
        "members": judge.members(),
        "joined": judge.joined(),
        "buyers": judge.buying(None)["member_buyers"],
        "others": judge.buying(None)["buyers"] - judge.buying(None)["member_buyers"],
        "customers": judge.buying(None)["member_customers"],
        "cross": judge.crossing(members=True)[1],
        "cross_others": judge.crossing(members=False)[1],
    }
    for who, those in wanted.items():
        listed = membership.people(ask, who)
        assert sorted(listed) == sorted(those), who
    for channel in judge.channels():
        listed = membership.people(ask, "buyers", channel=channel)
        assert sorted(listed) == sorted(judge.buying(channel)["member_buyers"])
    for (origin, to), count in moves.items():
        if origin is not None:
            assert len(membership.people(ask, "moved", origin=origin, tier=to)) == count
    for tier, (buyers, *_) in judge.of_tiers().items():
        assert sorted(membership.people(ask, "tier_buyers", tier=tier)) == sorted(buyers)
    for tier in {to for _, to in moves}:
        count = sum(n for (_, to), n in moves.items() if to == tier)
        assert len(membership.people(ask, "members", tier=tier)) == count


@given(
    world=happened(),
    stepped=steps(),
    changed=changes(),
    period=periods(),
    by=st.sampled_from(("", *accounts.BY)),
)
@chance(max_examples=60)
def test_accounts_are_those_of_the_reference(
    world: Happened, stepped: list[Step], changed: list[Change], period: tuple[date, date], by: str
) -> None:
    ask = asked(world, *period, found=loyal_mirror(world, stepped, changed))
    judge = Loyalty(world, stepped, period)
    found = accounts.accounts(ask, by or "tier")
    listed = found.parts if by else found.total
    assert {(one.key, one.unit, one.currency): tuple(one[3:]) for one in listed} == held(judge, changed, by)
    for one in found.total:  # parts add up to all
        parts = [part for part in found.parts if (part.unit, part.currency) == (one.unit, one.currency)]
        assert sum(part.outstanding for part in parts) == one.outstanding
        assert sum(part.earned for part in parts) == one.earned
    for unit in accounts.UNITS:
        own = [one for one in found.total if one.unit == unit]
        for state in ("holders", "overdrawn"):
            those = accounts.people(ask, f"{unit}_{state}")
            most = sum(getattr(one, state) for one in own)
            assert max((getattr(one, state) for one in own), default=0) <= len(those) <= most


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=UTC)


def test_an_order_before_joining_is_none_of_a_members() -> None:
    """1 buys, joins and buys elsewhere; 2 joined in February and rises in March; 3 never joins."""
    world = Happened(
        "UTC",
        [
            Order("1a", 1, at(3, 1), 1, Decimal(100)),
            Order("1b", 2, at(3, 9), 1, Decimal(40)),
            Order("2a", 2, at(3, 2), 2, Decimal(60)),
            Order("3a", 1, at(3, 2), 3, Decimal(200)),
            Order("xa", 1, at(3, 2), None, Decimal(0)),
        ],
        [],
    )
    stepped = [
        Step(1, at(3, 5), "joined", "silver"),
        Step(2, at(2, 5), "joined", None),
        Step(2, at(3, 3), "upgraded", "gold"),
    ]
    found = membership.membership(None, asked(world, *MARCH, found=loyal_mirror(world, stepped)))
    answer = found.json()
    assert answer["total"]["penetration"] == "0.6666666667"
    assert (answer["total"]["revenue"], answer["total"]["member_revenue"]) == ("400.00", "100.00")
    assert answer["total"]["revenue_share"] == "0.2500000000"
    web, store = answer["by"]
    assert (web["channel"], web["buyers"], web["member_buyers"], web["penetration"]) == (
        "web",
        2,
        0,
        "0.0000000000",
    )
    assert (store["member_buyers"], store["revenue_share"]) == (2, "1.0000000000")
    assert found.moves == [Move(None, "silver", 1), Move("", "gold", 1)]
    assert {one.tier: one.revenue.value for one in found.tiers} == {"": 60, "silver": 40, "gold": 0}
    assert answer["cross"]["members"] == {"buyers": 2, "cross": 1, "share": "0.5000000000"}
    assert answer["cross"]["others"] == {"buyers": 1, "cross": 0, "share": "0.0000000000"}
    assert float(answer["cross"]["difference"]["value"]) == 0.5


def test_nothing_at_all() -> None:
    world = Happened("UTC", [], [])
    answer = membership.membership(None, asked(world, *MARCH, found=loyal_mirror(world, []))).json()
    assert answer["total"]["penetration"] is answer["total"]["revenue_share"] is None
    assert (answer["by"], answer["tiers"], answer["moves"], answer["members"]) == ([], [], [], 0)
    assert answer["cross"]["difference"] is None
    assert accounts.accounts(asked(world, *MARCH)).json()["total"] == []
