"""Customers with and without a touchpoint by DuckDB are those told one by one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as chance
from hypothesis import strategies as st

from metrics.effects.intervals import newcombe, share
from metrics.journeys import touchpoints
from tests.metrics.journeys.chance import happened, moments, periods
from tests.reference.journeys import CHANNELS, Happened, Order, Touch, asked, mirror
from tests.reference.journeys_touchpoints import Facts, Met

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
WHO = st.sampled_from([None, 1, 2, 3, 4, 5, 6])
SKUS = st.sampled_from(["a", "b"])


@st.composite
def facts(draw: st.DrawFn, world: Happened) -> Facts:
    """Facts about the orders there are, and some that nobody knows."""
    numbers = st.sampled_from([*((one.number, one.channel) for one in world.orders), ("nobody's", 1)])

    def some(fields: dict[str, st.SearchStrategy[Any]], most: int = 6) -> list[dict[str, Any]]:
        return [
            {name: draw(field) for name, field in fields.items()} | {"key": f"k{place}", "tie": place}
            for place in range(draw(st.integers(0, most)))
        ]

    def of_orders(*names: str) -> list[dict[str, Any]]:
        made = []
        for one in some(dict.fromkeys(names, st.one_of(st.none(), moments()))):
            order_id, channel = draw(numbers)
            kept = {name: one[name] for name in names}
            made.append(kept | {"order_id": order_id, "channel": channel, "service_channel": channel})
        return made

    channel = st.sampled_from(sorted(CHANNELS))
    price = st.integers(1, 4).map(Decimal)
    currency = st.sampled_from(["CNY", "CNY", "USD"])
    answers = some({"met": moments(), "profile": WHO, "satisfied": st.booleans(), "channel": channel}, 12)
    tickets = some(
        {
            "profile": WHO,
            "channel": channel,
            "opened_at": st.one_of(st.none(), moments()),
            "first_response_at": st.one_of(st.none(), moments()),
        }
    )
    prices = some(
        {"met": moments(), "sku": SKUS, "channel": channel, "price": price, "currency": currency}, 10
    )
    unique = {(one["sku"], one["channel"], one["met"]): one for one in prices}
    lines = [
        {
            "order_id": one.number,
            "channel": one.channel,
            "line": line,
            "occurred_at": one.at.astimezone(UTC).replace(tzinfo=None),
            "day": world.day(one.at),
            "sku": draw(SKUS),
            "quantity": draw(st.integers(0, 3)),
            "net": draw(st.one_of(st.none(), st.integers(1, 8).map(Decimal))),
            "currency": one.currency,
        }
        for one in world.orders
        for line in range(draw(st.integers(0, 2)))
    ]
    return Facts(
        of_orders("promised_at", "delivered_at"),
        of_orders("failed_at"),
        of_orders("requested_at", "received_at"),
        [{name: one for name, one in ticket.items() if name != "tie"} for ticket in tickets],
        answers,
        [{name: one for name, one in row.items() if name not in ("tie", "key")} for row in unique.values()],
        lines,
    )


@given(world=happened(), data=st.data(), period=periods(), days=st.sampled_from([1, 5, 30, 90]))
@chance(max_examples=40)
def test_groups_and_their_people_are_those_of_the_reference(
    world: Happened, data: st.DataObject, period: tuple[date, date], days: int
) -> None:
    world = world._replace(touches=[one._replace(touchpoint=t) for one, t in zip(
        world.touches, data.draw(st.lists(st.sampled_from([t for t, _ in touchpoints.EFFECTS]),
        min_size=len(world.touches), max_size=len(world.touches))), strict=True)])  # fmt: skip
    more, within = data.draw(facts(world)), timedelta(days=days)
    ask = asked(world, *period, mirror(world, **more.rows(world)))
    judge, listed = Met(world, more, period, within), data.draw(st.sampled_from(touchpoints.EFFECTS))
    for effect in touchpoints.touchpoints(ask, within).effects:
        sides = judge.groups(effect.touchpoint, effect.split)
        for group, side, met in zip((effect.with_, effect.without), sides, (True, False), strict=True):
            assert tuple(group) == judge.counts(side), effect
            if (effect.touchpoint, effect.split) != listed:
                continue
            people = touchpoints.people(ask, within, (effect.touchpoint, effect.split), met=met)
            assert sorted(people) == sorted(one.who for one in side)
    for effect in touchpoints.touchpoints(ask, within, alike=True).effects:
        pairs = judge.alike(effect.touchpoint, effect.split)
        for group, side in zip((effect.with_, effect.without), (0, 1), strict=True):
            assert tuple(group) == judge.counts([one for pair in pairs for one in pair[side]])
        wanted, found = judge.weighted(effect.touchpoint, effect.split), effect.repurchase
        shares = found.with_ and found.without and (found.with_.value, found.without.value)
        assert shares == (wanted and pytest.approx(wanted))


# ---- days made by hand -------------------------------------------------------------------------------


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


NOTHING = Facts([], [], [], [], [], [], [])


def effect(world: Happened, more: Facts, split: str, touchpoint: str = "", **how: Any) -> dict[str, Any]:
    ask = asked(world, *MARCH, mirror(world, **more.rows(world)))
    (found,) = (
        one
        for one in touchpoints.touchpoints(ask, **how).json()["effects"]
        if one["split"] == split and touchpoint in ("", one["touchpoint"])
    )
    return found


def test_late_parcels_and_who_came_back() -> None:
    """Four customers late, one of them back; four in time, three back, and one of these too late to count."""
    orders = [Order(f"o{n}", 1, at(3, n), n) for n in range(1, 9)]
    back = [Order(f"r{n}", 2, at(4, 10), n) for n in (1, 5, 6, 7)] + [Order("later", 1, at(12, 1), 8)]
    parcels = [
        {
            "order_id": one.number,
            "channel": 1,
            "promised_at": one.at + timedelta(days=3),
            "delivered_at": one.at + timedelta(days=5 if one.customer <= 4 else 2),
        }
        for one in orders
    ]
    found = effect(Happened("UTC", orders + back, []), NOTHING._replace(shipments=parcels), "late")
    wanted = newcombe(share(1, 4), share(3, 4))
    assert wanted is not None
    counts = {"satisfied": 0, "answered": 0, "satisfaction": None}
    assert found == {
        "touchpoint": "logistics",
        "split": "late",
        "with": {"customers": 4, "repurchased": 1, "repurchase": "0.2500000000", **counts},
        "without": {"customers": 4, "repurchased": 3, "repurchase": "0.7500000000", **counts},
        "difference": {
            "repurchase": "-0.5000000000",
            "low": f"{wanted.low:.10f}",
            "high": f"{wanted.high:.10f}",
            "satisfaction": None,
            "satisfaction_low": None,
            "satisfaction_high": None,
        },
    }


def test_only_what_lies_between_an_order_and_the_next_is_met() -> None:
    """1 met it before his order, 2 after the next one, 3 in between, 4 too late."""
    orders = [Order(f"o{n}", 1, at(3, 10), n) for n in range(1, 5)]
    world = Happened(
        "UTC",
        [*orders, Order("x2", 1, at(3, 12), 2), Order("x3", 1, at(3, 20), 3)],
        [
            Touch(1, at(3, 10), 1, "social"),
            Touch(1, at(3, 12), 2, "social"),
            Touch(1, at(3, 11), 3, "social"),
            Touch(1, at(7, 1), 4, "social"),
        ],
    )
    found = effect(world, NOTHING, "any", "social")
    assert (found["with"]["customers"], found["without"]["customers"]) == (1, 3)
    assert found["with"]["repurchased"] == 1


def test_of_answers_the_latest_counts() -> None:
    orders = [Order(f"o{n}", 1, at(3, n), n) for n in (1, 2)]
    touches = [Touch(1, at(3, 4), 1, "store")]
    said = [
        {"met": at(3, day), "profile": 1, "satisfied": good, "channel": 1, "key": f"{day}", "tie": day}
        for day, good in ((5, False), (6, True))
    ]
    found = effect(Happened("UTC", orders, touches), NOTHING._replace(answers=said), "any", "store")
    assert (found["with"]["satisfied"], found["with"]["answered"], found["without"]["answered"]) == (1, 1, 0)


def test_a_price_gap_is_of_the_day_and_of_one_currency() -> None:
    orders = [
        Order(f"o{day}", 1, at(3, day, 20), day) for day in (2, 4, 6, 8)
    ]  # 20:00 UTC: the next day there
    lines = [
        {
            "order_id": one.number,
            "channel": 1,
            "line": 0,
            "sku": "a",
            "day": one.at.date() + timedelta(days=1),
            "quantity": 2,
            "net": Decimal(200),
            "currency": "CNY",
        }
        for one in orders
    ]
    prices = [
        {"met": at(3, 5, 15), "sku": "a", "channel": 2, "price": Decimal(90), "currency": "CNY"},
        {"met": at(3, 7, 2), "sku": "a", "channel": 2, "price": Decimal(90), "currency": "USD"},
        {"met": at(3, 9, 1), "sku": "a", "channel": 2, "price": Decimal(110), "currency": "CNY"},
        {"met": at(3, 9, 12), "sku": "a", "channel": 2, "price": Decimal(99), "currency": "CNY"},
    ]
    world, more = Happened("Asia/Shanghai", orders, []), NOTHING._replace(prices=prices, order_lines=lines)
    ask = asked(world, *MARCH, mirror(world, **more.rows(world)))
    met = touchpoints.people(ask, touchpoints.WITHIN, ("order", "price_gap"), met=True)
    assert sorted(met) == [
        4,
        8,
    ]  # on the 3rd nothing was known yet, on the 7th in dollars; the newest of the day counts


def test_alike_customers_alone_explain_what_the_channel_did() -> None:
    """On channel 1 nobody comes back whatever he met, on 2 all do: alike, there is no difference."""
    orders, touches = [], []
    for n in range(1, 21):
        channel = 1 if n <= 10 else 2
        orders.append(Order(f"o{n}", channel, at(3, 5), n))
        if channel == 2:
            orders.append(Order(f"r{n}", channel, at(3, 25), n))
        if n <= 8 or n in (19, 20):
            touches.append(Touch(channel, at(3, 7), n, "payment"))
    world = Happened("UTC", orders, touches)
    plain = effect(world, NOTHING, "any", "payment")["difference"]
    alike = effect(world, NOTHING, "any", "payment", alike=True)["difference"]
    assert (plain["repurchase"], alike["repurchase"]) == ("-0.6000000000", "0.0000000000")


def test_nobody_bought() -> None:
    found = effect(Happened("UTC", [], []), NOTHING, "late", alike=True)
    assert found["with"] == found["without"]
    assert found["with"]["customers"] == 0
    assert set(found["difference"].values()) == {None}
