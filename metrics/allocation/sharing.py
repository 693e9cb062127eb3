"""A pot and who gets how much of it, order by order and channel by channel, each step to be looked at. Pure.

An order's part of the pot is its amount times the rate; the models say whose it is. Then costs are recovered, services
paid, the rest shared in proportion to what each channel earned, and floors, guarantees and caps hold. All in whole
minor units, by largest remainder: parts add up to their sum.

Not here: where amounts and credits come from (amounts.py, credited.py), what changes later (corrections.py).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, NamedTuple

from metrics.allocation.bounds import NOTHING, Bounded, fit
from metrics.allocation.rounding import amount, fractions_to_units, spread, to_units, units
from metrics.allocation.rules import BY_ALL, SOLD, Limit, Rules
from metrics.query import EXACT

HOUSE: Final = 0  # in place of a channel: the company itself, where the rules leave it what nobody touched
SCALE: Final = 10**12  # shares of credit as whole numbers
SIGNATURE: Final = 16  # characters
Key = tuple[str, int]  # order_id, the channel that sold it
Shares = Mapping[
    Key, Sequence[tuple[int | None, Decimal]]
]  # of an order: channel (None: no touch), share of 1


class Order(NamedTuple):
    """An order in the workspace's currency. `amount`: what the pot is made of; `value`: its total, before refunds."""

    order_id: str
    channel: int
    day: date
    store: str
    value: Decimal
    amount: Decimal
    refunded: Decimal
    back: Decimal  # units of goods taken back

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.order_id, self.channel


class Booked(NamedTuple):
    """An order's part of the pot and whose it is, in minor units."""

    order: Order
    pot: int
    credits: dict[int, int]  # channel -> units; they add up to `pot`
    signature: str  # of its own path: another one means that the credits are others


class Line(NamedTuple):
    """A channel's share with the steps to it: amounts of the currency, `share` of the pot."""

    channel: int
    earned: Decimal  # by the weights
    models: dict[str, Decimal]  # of each model: its share of the pot
    factor: Decimal  # adjustment by the last period's result
    cost: Decimal  # recovered first
    service: Decimal
    target: Decimal  # before limits
    bound: str  # "", floor, guarantee, cap
    amount: Decimal
    stores: dict[str, Decimal]  # the amount by the store that orders say


class Sheet(NamedTuple):
    """A pot shared out. `short`: what was to be taken first and was more than the pot: costs, services."""

    pot: Decimal
    lines: list[Line]
    short: tuple[str, ...] = ()


class Given(NamedTuple):
    """What a sharing is made of, besides the orders: per channel, in the currency."""

    spend: Mapping[int, Decimal] = {}
    services: Mapping[int, Decimal] = {}
    last: Mapping[int, Decimal] = {}
    limits: Mapping[int, Limit] = {}
    every: Limit = Limit()  # of the others that take part


class NotFitting(Exception):
    """Limits that cannot all hold. `kind`: guarantees, caps; how much they come to, and the pot."""

    def __init__(self, kind: str, comes_to: Decimal, pot: Decimal) -> None:
        super().__init__(kind)
        self.kind, self.comes_to, self.pot = kind, comes_to, pot


# ---- order by order ----------------------------------------------------------------------------------


def book(orders: Sequence[Order], rules: Rules, models: Mapping[str, Shares], currency: str) -> list[Booked]:
    """Each order's part of the pot; together they are the pot."""
    with localcontext(EXACT):
        pots = to_units([one.amount * rules.rate for one in orders], currency)
        ways = Ways(rules, models)
        return [ways.booked(one, pot) for one, pot in zip(orders, pots, strict=True)]


def book_one(order: Order, ways: "Ways", currency: str) -> Booked:
    """An order by itself, rounded by itself: nothing left of it is nothing."""
    with localcontext(EXACT):
        (pot,) = to_units([order.amount * ways.rules.rate], currency)
        return ways.booked(order, pot)


class Ways:
    """Whose orders are, each distinct way weighed once: orders that went alike have the same lists of shares."""

    def __init__(self, rules: Rules, models: Mapping[str, Shares]) -> None:
        self.rules, self.models = rules, models
        self._given = [models[name] for name in rules.weights if name != SOLD]
        self._own = [(name, models[name]) for name in paths(rules)]
        self._known: dict[tuple[int, ...], tuple[list[int], list[int]]] = {}
        self._signed: dict[tuple[int, ...], str] = {}

    def booked(self, order: Order, pot: int) -> Booked:
        """An order's part of the pot in whole units, by whose it is."""
        key = order.key
        way = (order.channel, *[id(given.get(key)) for given in self._given])
        known = self._known.get(way)
        if known is None:
            whose = mixed(order, self.rules, self.models)
            known = self._known[way] = list(whose), list(whose.values())
        channels, weights = known
        credited = {one: part for one, part in zip(channels, spread(pot, weights), strict=True) if part}
        return Booked(order, pot, credited, self.signature(key))

    def signature(self, key: Key) -> str:
        """What of an order's own path its credits hang on."""
        way = tuple([id(given.get(key)) for _name, given in self._own])
        if way not in self._signed:
            self._signed[way] = signature([(name, given.get(key, ())) for name, given in self._own])
        return self._signed[way]


def signature(said: Sequence[tuple[str, Sequence[tuple[int | None, Decimal]]]]) -> str:
    """Of what models say of an order, by their names: as if it were written down, each model's shares in order."""
    if not said:
        return ""
    text = ", ".join([f"({name!r}, [{', '.join(sorted(map(repr, shares)))}])" for name, shares in said])
    return hashlib.sha256(f"[{text}]".encode()).hexdigest()[:SIGNATURE]


def paths(rules: Rules) -> list[str]:
    """The models that tell whether an order's own path changed; what looks at all paths moves with any of them."""
    own = [name for name in rules.weights if name != SOLD and name not in BY_ALL]
    return own or (["linear"] if any(name in BY_ALL for name in rules.weights) else [])


def asked_models(rules: Rules) -> list[str]:
    """All that credits are asked of."""
    return list(dict.fromkeys([*(name for name in rules.weights if name != SOLD), *paths(rules)]))


def mixed(order: Order, rules: Rules, models: Mapping[str, Shares]) -> dict[int, int]:
    """Whose an order is, by the weighted models: whole numbers in proportion, by channel."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for name, weight in rules.weights.items():
        for channel, share in of_model(order, name, rules, models):
            found[channel] += weight * share
    whole = {channel: round(share * SCALE) for channel, share in sorted(found.items()) if share > 0}
    return whole if any(whole.values()) else {order.channel: 1}


def of_model(
    order: Order, model: str, rules: Rules, models: Mapping[str, Shares]
) -> Iterable[tuple[int, Decimal]]:
    """Whose it is by one model; what nobody touched as the rules say."""
    if model == SOLD:
        return [(order.channel, Decimal(1))]
    nobody = order.channel if rules.untouched == SOLD else HOUSE
    given = models[model].get(order.key) or ((None, Decimal(1)),)
    return [(nobody if channel is None else channel, share) for channel, share in given]


# ---- channel by channel ------------------------------------------------------------------------------


def share(
    booked: Sequence[Booked], rules: Rules, models: Mapping[str, Shares], given: Given, currency: str
) -> Sheet:
    """The pot shared out. Raises NotFitting where guarantees and floors are more than the pot, or caps less."""
    earned, stores = _earned(booked)
    pot = sum(one.pot for one in booked)
    with localcontext(EXACT):
        by_model = _by_model(booked, rules, models, pot)
    taking = _taking_part(earned, given)
    if pot <= 0:
        return _nothing_to_share(pot, earned, stores, by_model, currency)
    steps = _Steps(pot, taking, earned, rules, given, currency)
    lines = [_line(steps, place, by_model, stores, currency) for place in range(len(taking))]
    return Sheet(amount(pot, currency), lines, steps.short)


def _earned(booked: Sequence[Booked]) -> tuple[dict[int, int], dict[int, dict[str, int]]]:
    """What each channel earned by the weights, and in which store."""
    earned: dict[int, int] = defaultdict(int)
    stores: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in booked:
        for channel, part in one.credits.items():
            earned[channel] += part
            stores[channel][one.order.store] += part
    return earned, stores


def _by_model(
    booked: Sequence[Booked], rules: Rules, models: Mapping[str, Shares], pot: int
) -> dict[int, dict[str, Decimal]]:
    """Each model's own answer: a channel's share of the pot. Orders that went alike are summed first."""
    found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for name in rules.weights:
        given = {} if name == SOLD else models[name]
        alike: dict[tuple[int, int], int] = defaultdict(int)
        first: dict[tuple[int, int], Order] = {}
        for one in booked:
            way = one.order.channel, id(given.get(one.order.key))
            alike[way] += one.pot
            first.setdefault(way, one.order)
        for way, order in first.items():
            for channel, part in of_model(order, name, rules, models):
                found[channel][name] += alike[way] * part
    return {
        channel: {name: (value / pot if pot else Decimal(0)) for name, value in parts.items()}
        for channel, parts in found.items()
    }


def _taking_part(earned: Mapping[int, int], given: Given) -> list[int]:
    """Channels that earned something, cost or served, or are named in the rules."""
    named = {one for one, limit in given.limits.items() if limit.floor or limit.guarantee}
    some = {one for one, value in (*given.spend.items(), *given.services.items()) if value}
    return sorted({channel for channel, value in earned.items() if value} | some | named)


def _nothing_to_share(
    pot: int,
    earned: Mapping[int, int],
    stores: Mapping[int, dict[str, int]],
    by_model: Mapping[int, dict[str, Decimal]],
    currency: str,
) -> Sheet:
    """A pot that is not above zero: each stands for its own, no other rule holds."""
    zero = amount(0, currency)
    lines = []
    for channel, part in sorted(earned.items()):
        own = amount(part, currency)
        by_store = {store: amount(value, currency) for store, value in sorted(stores[channel].items())}
        models = dict(by_model.get(channel, {}))
        lines.append(Line(channel, own, models, Decimal(1), zero, zero, own, "", own, by_store))
    return Sheet(amount(pot, currency), lines, ("pot",))


class _Steps:
    """From what was earned to what is given, in minor units; lists in the order of `taking`."""

    def __init__(
        self,
        pot: int,
        taking: Sequence[int],
        earned: Mapping[int, int],
        rules: Rules,
        given: Given,
        currency: str,
    ) -> None:
        self.pot, self.taking = pot, taking
        self.short: tuple[str, ...] = ()
        self.earned = [earned.get(channel, 0) for channel in taking]
        self.factors = [_factor(earned.get(one, 0), given.last.get(one), rules, currency) for one in taking]
        self.costs = self._first(given.spend if rules.costs_first else {}, pot, "costs", currency)
        left = pot - sum(self.costs)
        self.services = self._first(given.services, left, "services", currency)
        left -= sum(self.services)
        weights = [max(own, 0) * factor for own, factor in zip(self.earned, self.factors, strict=True)]
        whole = sum(weights, NOTHING)
        self.targets = [
            cost + service + Fraction(left) * weight / whole
            for cost, service, weight in zip(self.costs, self.services, weights, strict=True)
        ]
        self.bounds = [_bounds(target, pot, _limit(one, given), currency) for one, target in self._each()]
        self.given = fractions_to_units(self._fitted(currency), pot)

    def _each(self) -> Iterable[tuple[int, Fraction]]:
        return zip(self.taking, self.targets, strict=True)

    def _first(self, wanted: Mapping[int, Decimal], most: int, kind: str, currency: str) -> list[int]:
        """What is taken before the rest is shared; of more than there is each gets the same part."""
        asked = to_units([max(wanted.get(one, Decimal(0)), Decimal(0)) for one in self.taking], currency)
        if sum(asked) <= most:
            return asked
        self.short = (*self.short, kind)
        return spread(most, asked)

    def _fitted(self, currency: str) -> list[Fraction]:
        least = sum((one.least for one in self.bounds), NOTHING)
        most = sum((one.most for one in self.bounds), NOTHING)
        for kind, sum_of, wrong in (("guarantees", least, least > self.pot), ("caps", most, most < self.pot)):
            if wrong:
                raise NotFitting(kind, amount(round(sum_of), currency), amount(self.pot, currency))
        return fit(Fraction(self.pot), self.bounds)


def _limit(channel: int, given: Given) -> Limit:
    return Limit() if channel == HOUSE else given.limits.get(channel, given.every)


def _bounds(target: Fraction, pot: int, limit: Limit, currency: str) -> Bounded:
    """A guarantee holds even above a cap."""
    least = max(Fraction(limit.floor) * pot, Fraction(limit.guarantee.scaleb(_places(currency))))
    return Bounded(target, least, max(Fraction(limit.cap) * pot, least))


def _places(currency: str) -> int:
    return -int(amount(1, currency).as_tuple().exponent)


def _factor(earned: int, last: Decimal | None, rules: Rules, currency: str) -> Fraction:
    """1 and the adjustment: the rate times the growth since the last period, at most so much up or down."""
    if not rules.adjustment or last is None or last <= 0:
        return Fraction(1)
    growth = Fraction(earned, units(last, currency)) - 1
    most = Fraction(rules.most)
    return 1 + min(max(Fraction(rules.adjustment) * growth, -most), most)


def _line(
    steps: _Steps,
    place: int,
    by_model: Mapping[int, dict[str, Decimal]],
    stores: Mapping[int, dict[str, int]],
    currency: str,
) -> Line:
    channel, given, bounds = steps.taking[place], steps.given[place], steps.bounds[place]
    own = {store: max(value, 0) for store, value in sorted(stores.get(channel, {}).items())}
    parts = spread(given, list(own.values())) if any(own.values()) else [given]
    names = list(own) if any(own.values()) else [""]
    with localcontext(EXACT):
        factor = Decimal(steps.factors[place].numerator) / steps.factors[place].denominator
    return Line(
        channel=channel,
        earned=amount(steps.earned[place], currency),
        models=dict(by_model.get(channel, {})),
        factor=factor,
        cost=amount(steps.costs[place], currency),
        service=amount(steps.services[place], currency),
        target=amount(round(steps.targets[place]), currency),
        bound=_bound(bounds, Fraction(given), steps.targets[place]),
        amount=amount(given, currency),
        stores={name: amount(part, currency) for name, part in zip(names, parts, strict=True) if part},
    )


def _bound(bounds: Bounded, given: Fraction, target: Fraction) -> str:
    """Which limit moved the share away from its target."""
    if abs(given - bounds.least) < 1 and target < bounds.least:
        return "least"
    return "cap" if abs(given - bounds.most) < 1 and target > bounds.most else ""
