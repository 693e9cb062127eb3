"""Who met a gap and who left is told one by one; a seeded churn is found among customers alike, and only there."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as chance
from hypothesis import strategies as st

from metrics.consistency import churn, costs
from metrics.consistency.churn import ANY, KINDS, LAG, Looked, base
from metrics.effects.matching import Matched
from metrics.scope import Days
from tests.metrics.journeys.chance import happened, periods
from tests.metrics.journeys.test_touchpoints import NOTHING, facts
from tests.reference.consistency import Judge
from tests.reference.journeys import CHANNELS, DAY, Happened, Order, asked, mirror


def rates(world: Happened) -> dict[str, list[Any]]:
    """As PostgreSQL's rates are handed over: of each currency and day that an order has."""
    known = {(one.currency, world.day(one.at)) for one in world.orders if one.currency != "CNY"}
    rated = [(currency, day, world.rate(currency, day)) for currency, day in sorted(known)]
    there = [one for one in rated if one[2] is not None]
    return {
        "currencies": [currency for currency, _, _ in there],
        "rated": [day for _, day, _ in there],
        "rates": [float(rate) for _, _, rate in there if rate is not None],
    }


@given(world=happened(), data=st.data(), period=periods(), days=st.sampled_from([5, 30, 60]))
@chance(max_examples=60)
def test_those_looked_at_are_the_references(
    world: Happened, data: st.DataObject, period: tuple[date, date], days: int
) -> None:
    more, within = data.draw(facts(world)), timedelta(days=days)
    lines = sorted({(one["order_id"], one["channel"], one["sku"]) for one in more.order_lines})
    sold = data.draw(st.lists(st.sampled_from(lines), unique=True)) if lines else []
    ask = asked(world, *period, mirror(world, **more.rows(world)))
    judge = Judge(world, more, sold)
    found = churn.read(ask, within, sold, rates(world))
    told = [(*one[:7], frozenset(one.kinds)) for one in found]
    assert told == [(*one[:7], one.kinds) for one in judge.people(*period, within)]
    spent = [one.spent for one in judge.people(*period, within)]
    assert [one.spent for one in found] == pytest.approx(spent)
    counted: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for gap in judge.gaps():
        if period[0] <= world.day(gap.at) <= period[1]:
            counted[gap.kind, CHANNELS[gap.channel], gap.sku].append(gap.who)
    wanted = {key: (len(set(whom)), len(whom)) for key, whom in counted.items()}
    looked = Looked(ask.days, found, [churn._churn(kind, found) for kind in (ANY, *KINDS)])
    listed = costs.read(ask, looked, sold)
    assert len(listed) == min(len(wanted), costs.MOST)
    for gap in listed:
        assert (gap.customers, gap.times) == wanted[gap.kind, gap.channel, gap.sku]
        assert gap.cost is None  # of so few nothing can be told


def test_the_days_looked_at_are_over() -> None:
    days = Days(date(2026, 6, 1), date(2026, 6, 30))
    earlier = base(days, timedelta(days=60))
    assert earlier == Days(date(2026, 3, 19), date(2026, 4, 17))
    assert earlier.last + LAG + timedelta(days=60) == days.last


def seeded(effect: float, size: int = 1_600) -> tuple[Happened, Any]:
    """Customers who buy often meet late parcels more often, and come back anyway; a late parcel takes `effect` away."""
    dice, orders, parcels = np.random.default_rng(7), [], []
    begin = datetime(2026, 3, 5, 4, tzinfo=UTC)
    for who in range(1, size + 1):
        eager = who % 2 == 0
        at = begin + timedelta(hours=int(dice.integers(0, 480)))
        orders.extend(
            Order(f"{who}-{n}", 1 + who % 2, at - timedelta(days=40 * (n + 1)), who)
            for n in range(3 if eager else 1)
        )
        orders.append(Order(f"{who}", 1 + who % 2, at, who))
        late = dice.random() < (0.45 if eager else 0.15)
        parcels.append(
            {
                "order_id": f"{who}",
                "channel": 1 + who % 2,
                "promised_at": at + 3 * DAY,
                "delivered_at": at + (6 if late else 2) * DAY,
            }
        )
        if dice.random() < (0.7 if eager else 0.35) - (effect if late else 0):
            days = float(dice.uniform(LAG.days + 0.1, LAG.days + 59))
            orders.append(Order(f"{who}-back", 1, at + timedelta(days=days), who))
        elif dice.random() < 0.5:  # back too late to count
            orders.append(Order(f"{who}-late", 1, at + timedelta(days=LAG.days + 61), who))
    return Happened("UTC", orders, []), NOTHING._replace(shipments=parcels)


def late(effect: float) -> tuple[churn.Churn, Looked, Any]:
    world, more = seeded(effect)
    ask = asked(world, date(2026, 3, 1), date(2026, 3, 31), mirror(world, **more.rows(world)))
    found = churn.read(ask, timedelta(days=60), [], rates(world))
    looked = Looked(ask.days, found, [churn._churn(kind, found) for kind in (ANY, *KINDS)])
    return next(one for one in looked.churns if one.kind == "late"), looked, ask


def test_a_seeded_churn_is_found_among_customers_alike() -> None:
    one, looked, ask = late(0.2)
    assert one.met + one.not_met == 1_600
    assert isinstance(one.effect, Matched)
    assert one.effect.difference.low <= 0.2 <= one.effect.difference.high
    assert one.effect.difference.low > 0.08
    assert one.effect.plain.value < one.effect.difference.value  # who buys often hides it
    (gap, *_) = costs.read(ask, looked, [])
    assert (gap.kind, gap.sku) == ("late", "")
    assert gap.cost is not None
    assert looked.worth == 100
    assert gap.cost.value == pytest.approx(gap.customers * 100 * one.effect.difference.value)


def test_none_is_shown_where_none_was_seeded() -> None:
    """The plain difference says late parcels make customers stay: eager ones meet more of them."""
    one, looked, ask = late(0.0)
    assert isinstance(one.effect, Matched)
    assert one.effect.difference.low <= 0 <= one.effect.difference.high
    assert one.effect.plain.high < 0
    assert all(gap.cost is None or gap.cost.low == 0 for gap in costs.read(ask, looked, []))
