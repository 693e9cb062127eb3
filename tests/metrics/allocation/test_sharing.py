"""Shares add up to the pot to the minor unit under any rules, and are what a plain reckoning gives."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.allocation import corrections, sharing
from metrics.allocation.bounds import Bounded, fit
from metrics.allocation.corrections import State
from metrics.allocation.rounding import spread, to_units
from metrics.allocation.rules import Limit, Rules
from metrics.allocation.sharing import HOUSE, Given, NotFitting, Order
from tests.reference import allocation as plain

DAY = date(2026, 3, 1)
CHANNELS = (1, 2, 3, 4)
CURRENCIES = st.sampled_from(["CNY", "JPY", "KWD"])
MONEY = st.decimals(-1000, 10_000, places=3)
SHARE = st.decimals(0, 1, places=3)


def order(number, amount, channel=1, store="", **more):
    return Order(f"o{number}", channel, DAY, store, amount, amount, Decimal(0), Decimal(0))._replace(**more)


@st.composite
def worlds(draw):
    """Orders, and whose they are by one model beside the channel that sold them."""
    amounts = draw(st.lists(MONEY, min_size=1, max_size=12))
    orders = [order(n, amount, draw(st.sampled_from(CHANNELS))) for n, amount in enumerate(amounts)]
    shares = {}
    for one in orders:
        touched = draw(st.lists(st.sampled_from((*CHANNELS, None)), max_size=3, unique=True))
        if touched:
            weights = [draw(st.integers(1, 9)) for _ in touched]
            shares[one.key] = [
                (channel, Decimal(weight) / sum(weights))
                for channel, weight in zip(touched, weights, strict=True)
            ]
    sold = draw(SHARE)
    weights = {name: value for name, value in (("sold", sold), ("linear", 1 - sold)) if value}
    rules = Rules(
        rate=draw(st.decimals("0.001", 1, places=3)),
        weights=weights,
        untouched=draw(st.sampled_from(["sold", "kept"])),
        costs_first=draw(st.booleans()),
        adjustment=draw(SHARE),
        most=draw(st.decimals(0, "0.5", places=2)),
    )
    return orders, rules, {"linear": shares}


@st.composite
def limits(draw):
    """Limits that may or may not all hold."""
    found = {}
    for channel in CHANNELS:
        floor = draw(st.decimals(0, "0.3", places=2))
        cap = draw(st.decimals("0.25", 1, places=2))
        guarantee = draw(st.decimals(0, 200, places=0))
        found[channel] = Limit(floor, max(floor, cap), draw(st.sampled_from([Decimal(0), guarantee])))
    return draw(st.sampled_from([{}, found]))


@given(worlds(), limits(), st.lists(MONEY, min_size=8, max_size=8), CURRENCIES)
def test_shares_add_up_to_the_pot_under_any_rules(world, limited, money, currency):
    orders, rules, models = world
    booked = sharing.book(orders, rules, models, currency)
    given_ = Given(
        spend=dict(zip(CHANNELS, money[:4], strict=True)) if rules.costs_first else {},
        services=dict(zip(CHANNELS, money[4:], strict=True)),
        last={1: Decimal(50), 2: Decimal(0), 3: Decimal(-4)},
        limits=limited,
    )
    sheet = shared(booked, rules, models, given_, currency)
    if isinstance(sheet, NotFitting):
        assert limited
        assert (sheet.comes_to > sheet.pot) == (sheet.kind == "guarantees")
        return
    assert sum(line.amount for line in sheet.lines) == sheet.pot
    assert sum(line.earned for line in sheet.lines) == sheet.pot
    for line in sheet.lines:
        assert sum(line.stores.values(), Decimal(0)) == line.amount
        if sheet.pot > 0 and line.channel != HOUSE:
            limit, unit = limited.get(line.channel, Limit()), to_unit(currency)
            least = max(limit.floor * sheet.pot, limit.guarantee)
            assert line.amount > least - unit
            assert line.amount < max(limit.cap * sheet.pot, least) + unit


def shared(*asked):
    """The sheet, or why there is none."""
    try:
        return sharing.share(*asked)
    except NotFitting as wrong:
        return wrong


def to_unit(currency):
    return {"CNY": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}[currency]


@given(worlds(), CURRENCIES)
def test_orders_and_channels_get_what_a_plain_reckoning_gives(world, currency):
    orders, rules, models = world
    unit = to_unit(currency)
    booked = sharing.book(orders, rules, models, currency)
    pots = plain.units([Fraction(one.amount) * Fraction(rules.rate) / Fraction(unit) for one in orders])
    assert [one.pot for one in booked] == pots
    whose = {one.order_id: sharing.mixed(one, rules, models) for one in orders}
    by_order, sums = plain.shares({one.order_id: pot for one, pot in zip(orders, pots, strict=True)}, whose)
    for one in booked:
        assert one.credits == {
            channel: part for channel, part in by_order[one.order.order_id].items() if part
        }
    sheet = sharing.share(booked, rules, models, Given(), currency)
    assert {line.channel: line.earned for line in sheet.lines if line.earned} == {
        channel: part * unit for channel, part in sums.items() if part
    }


@st.composite
def crowds(draw):
    """Many orders that went few ways, by two models: those that went alike have one list, as they come from paths."""
    parts = st.lists(st.integers(1, 9), min_size=1, max_size=3)
    ways = {
        name: [
            [
                (channel, Decimal(part) / sum(drawn))
                for channel, part in zip(draw(st.permutations((None, *CHANNELS))), drawn, strict=False)
            ]
            for drawn in draw(st.lists(parts, min_size=1, max_size=3))
        ]
        for name in ("first", "linear")
    }
    orders, models = [], {name: {} for name in ways}
    for number in range(draw(st.integers(1, 40))):
        one = order(number, draw(MONEY), draw(st.sampled_from(CHANNELS)))
        orders.append(one)
        for name, lists in ways.items():
            if (way := draw(st.sampled_from((None, *lists)))) is not None:
                models[name][one.key] = way
    sold, first = draw(st.integers(0, 10)), draw(st.integers(0, 10))
    weights = {"sold": sold, "first": first, "linear": 20 - sold - first}
    untouched = draw(st.sampled_from(["sold", "kept"]))
    shares = {name: Decimal(weight) / 20 for name, weight in weights.items() if weight}
    return orders, Rules(rate=Decimal("0.137"), weights=shares, untouched=untouched), models


@given(crowds(), CURRENCIES)
def test_orders_that_went_alike_get_what_each_gets_alone(world, currency):
    """Remembering a way moves no unit: whose an order is, its parts, its signature, and each model's own answer."""
    orders, rules, models = world
    booked = sharing.book(orders, rules, models, currency)
    pots = plain.units(
        [Fraction(one.amount) * Fraction(rules.rate) / Fraction(to_unit(currency)) for one in orders]
    )
    whole, answers = sum(pots), {}
    own = [name for name in rules.weights if name != "sold"]
    for one, pot, found in zip(orders, pots, booked, strict=True):
        given_ = {name: shares.get(one.key, ()) for name, shares in models.items()}
        kept = one.channel if rules.untouched == "sold" else HOUSE
        whose = plain.weighed(one.channel, rules.weights, given_, kept)
        parts = dict(zip(whose, plain.parts(pot, list(whose.values())), strict=True))
        assert (found.order, found.pot) == (one, pot)
        assert found.credits == {channel: part for channel, part in parts.items() if part}
        assert found.signature == plain.signed([(name, given_[name]) for name in own])
        for name in rules.weights:
            for channel, part in plain.weighed(one.channel, {name: Decimal(1)}, given_, kept).items():
                answers[channel, name] = answers.get((channel, name), 0) + Fraction(pot * part, 10**12)
    for line in sharing.share(booked, rules, models, Given(), currency).lines:
        for name in rules.weights:
            exact = answers.get((line.channel, name), Fraction(0)) / whole if whole else Fraction(0)
            apart = abs(Fraction(line.models.get(name, Decimal(0))) - exact)
            assert apart * abs(whole) <= Fraction(len(orders) * max(map(abs, pots)), 10**11)


@given(
    st.integers(1, 10_000),
    st.lists(st.tuples(st.integers(1, 99), st.integers(0, 30), st.integers(0, 100)), min_size=1, max_size=6),
)
def test_bounds_hold_and_the_rest_stays_in_proportion(pot, wanted):
    bounds = [
        Bounded(
            Fraction(target),
            Fraction(floor * pot, 200),
            Fraction(floor * pot, 200) + Fraction(room * pot, 100),
        )
        for target, floor, room in wanted
    ]
    least, most = sum(one.least for one in bounds), sum(one.most for one in bounds)
    if not least <= pot <= most:
        return
    found = fit(Fraction(pot), bounds)
    assert sum(found) == pot
    expected = plain.bounded(pot, *([one[place] for one in bounds] for place in range(3)))
    for mine, theirs in zip(found, expected, strict=True):
        assert abs(float(mine - theirs)) < 1e-6 * pot


@given(st.integers(-1000, 1000), st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any))
def test_units_are_spread_in_proportion(total, weights):
    assert spread(total, weights) == plain.parts(total, weights)
    assert sum(spread(total, weights)) == total


@given(st.lists(MONEY, min_size=1, max_size=20), CURRENCIES)
def test_amounts_in_units_add_up_to_their_sum(amounts, currency):
    unit = to_unit(currency)
    assert to_units(amounts, currency) == plain.units([Fraction(one) / Fraction(unit) for one in amounts])


def test_who_wants_nothing_gets_what_nobody_else_may_have():
    capped = Bounded(Fraction(9), Fraction(0), Fraction(40))
    nobody = Bounded(Fraction(0), Fraction(0), Fraction(100))
    assert fit(Fraction(100), [capped, nobody, nobody]) == [40, 30, 30]


def test_an_agreement_by_hand():
    """The pot is 100.00: a quarter of costs comes first, 2 % of services, the cap of 40 % moves the rest."""
    orders = [order(1, Decimal(600)), order(2, Decimal(300), 2), order(3, Decimal(100), 3)]
    rules = Rules(rate=Decimal("0.1"), costs_first=True)
    booked = sharing.book(orders, rules, {}, "CNY")
    given_ = Given(spend={2: Decimal(25)}, services={3: Decimal(5)}, limits={1: Limit(cap=Decimal("0.4"))})
    sheet = sharing.share(booked, rules, {}, given_, "CNY")
    amounts = {line.channel: (line.target, line.bound, line.amount) for line in sheet.lines}
    assert sheet.pot == Decimal("100.00")
    # 70.00 are left: 42, 21 and 7; with costs and services 42, 46 and 12; the 2 above the cap go to the others 46 : 12.
    assert amounts == {
        1: (Decimal("42.00"), "cap", Decimal("40.00")),
        2: (Decimal("46.00"), "", Decimal("47.59")),
        3: (Decimal("12.00"), "", Decimal("12.41")),
    }


def test_what_nobody_touched_is_the_companys_where_that_was_agreed():
    rules = Rules(rate=Decimal(1), weights={"linear": Decimal(1)}, untouched="kept")
    models = {"linear": {("o1", 1): [(2, Decimal(1))]}}
    booked = sharing.book([order(1, Decimal(10)), order(2, Decimal(5))], rules, models, "CNY")
    sheet = sharing.share(booked, rules, models, Given(), "CNY")
    assert {line.channel: line.amount for line in sheet.lines} == {
        2: Decimal("10.00"),
        HOUSE: Decimal("5.00"),
    }


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(Decimal(0), -1), (Decimal("33.33"), -1), (Decimal(100), 0)],
)
def test_a_refund_takes_back_exactly_its_credit(amount, expected):
    """Three orders of 100 at 1/3: of a full refund nothing is left, however the cents were spread."""
    rules = Rules(rate=Decimal("0.333333"))
    orders = [order(n, Decimal(100)) for n in range(3)]
    booked = sharing.book(orders, rules, {}, "CNY")
    before = {one.order.key: State(one.order, one.signature) for one in booked}
    given_ = {one.order.key: dict(one.credits) for one in booked}
    now = {key: one.order for key, one in before.items()}
    now["o0", 1] = orders[0]._replace(amount=amount, refunded=100 - amount)
    reasons = corrections.changed(now, before, sharing.Ways(rules, {}))
    lines = corrections.lines(7, reasons, now, before, given_, sharing.Ways(rules, {}), "CNY")
    assert len(lines) == abs(expected)
    for line in lines:
        assert (line.reason, line.statement) == ("refund", 7)
        assert given_["o0", 1][1] + line.credits[1] == round(amount * rules.rate * 100)


def test_the_first_reason_that_holds_is_given():
    sold = sharing.Ways(Rules(), {})
    old = order(1, Decimal(100))
    before = {old.key: State(old, "")}
    for fresh, reason in (
        (old._replace(amount=Decimal(90), refunded=Decimal(10)), "refund"),
        (old._replace(amount=Decimal(90), back=Decimal(1)), "return"),
        (old._replace(amount=Decimal(90)), "amount"),
    ):
        assert corrections.changed({fresh.key: fresh}, before, sold) == {old.key: reason}
    assert corrections.changed({}, before, sold) == {old.key: "gone"}
    assert corrections.changed({old.key: old}, {}, sold) == {old.key: "late"}
    by_path = Rules(weights={"linear": Decimal(1)})
    models = {"linear": {old.key: [(2, Decimal(1))]}}
    assert corrections.changed({old.key: old}, before, sharing.Ways(by_path, models)) == {old.key: "credit"}
