"""The judge of attribution: slow and plain, touch by touch and set by set.

Paths as a person would walk them, models as they are written down, the chain by elimination, Shapley by every order in
which keys may join. Not here: what happened (journeys.py).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from math import floor
from typing import NamedTuple

from tests.reference.journeys import CHANNELS, Happened, Order, Touch

HALF_LIFE = timedelta(days=7)
Walk = tuple[str | None, ...]
Counts = Mapping[Walk, int]


class Asked(NamedTuple):
    """A question."""

    first: date
    last: date
    by: str = "channel"
    lookback: timedelta = timedelta(days=30)
    touches: tuple[str, ...] = ("marketing",)


class Worth(NamedTuple):
    """What an order brings to a period, in our currency; None: it has no rate."""

    conversions: int
    revenue: Fraction | None
    new_customers: int


def key(touch: Touch, by: str) -> str | None:
    """Whose a touch is, as answers write it: a value that reads like one of their own words begins with `=`."""
    if by == "channel":
        return CHANNELS[touch.channel]
    said: str = getattr(touch, by)
    return f"={said}" if said in ("null", "other") or said.startswith("=") else said or None


def before(happened: Happened, order: Order, asked: Asked) -> list[Touch]:
    """The touches of an order's person, in their order."""
    found = [
        touch
        for touch in happened.touches
        if order.customer is not None
        and touch.customer == order.customer
        and touch.touchpoint in asked.touches
        and order.at - asked.lookback <= touch.at <= order.at
    ]
    return sorted(found, key=lambda touch: (touch.at, touch.tie))


def worth(happened: Happened, order: Order, asked: Asked) -> Worth:
    """What of an order moves in the period."""
    inside = asked.first <= happened.day(order.at) <= asked.last
    amount = order.total if inside else Decimal(0)
    amount -= sum(
        (one.amount for one in order.refunds if asked.first <= happened.day(one.at) <= asked.last), Decimal(0)
    )
    rate = happened.rate(order.currency, happened.day(order.at))
    mine = [one for one in happened.orders if one.customer == order.customer]
    earliest = min(mine, key=lambda one: (one.at, one.tie))
    new = inside and order.customer is not None and earliest is order
    return Worth(int(inside), None if rate is None else Fraction(amount) * Fraction(rate), int(new))


def lost(happened: Happened, asked: Asked) -> Counter[Walk]:
    """Paths without a conversion."""
    found: Counter[Walk] = Counter()
    for who in {touch.customer for touch in happened.touches}:
        orders = sorted(one.at for one in happened.orders if one.customer == who)
        mine = [
            touch
            for touch in happened.touches
            if touch.customer == who
            and touch.touchpoint in asked.touches
            and asked.first <= happened.day(touch.at) <= asked.last
        ]
        path: list[Touch] = []
        for touch in sorted(mine, key=lambda touch: (touch.at, touch.tie)):
            onward = next((at for at in orders if at >= touch.at), None)
            if onward is not None and onward <= touch.at + asked.lookback:
                continue
            if path:
                after = next((at for at in orders if at >= path[-1].at), None)
                if after != onward or touch.at - path[-1].at > asked.lookback:
                    found[tuple(key(one, asked.by) for one in path)] += 1
                    path = []
            path.append(touch)
        if path:
            found[tuple(key(one, asked.by) for one in path)] += 1
    return found


# ---- models of one path --------------------------------------------------------------------------------

Shared = dict[str | None, Fraction]


def shares(model: str, touches: Sequence[Touch], order: Order, by: str) -> Shared:
    """How a path is shared."""
    keys = [key(touch, by) for touch in touches]
    n = len(keys)
    named = [place for place, touch in enumerate(touches) if touch.campaign or touch.source]
    weights = {
        "first": lambda place: Fraction(place == 0),
        "last": lambda place: Fraction(place == n - 1),
        "last_non_direct": lambda place: Fraction(place == (named[-1] if named else n - 1)),
        "linear": lambda place: Fraction(1, n),
        "position": lambda place: _position(place, n),
        "time_decay": lambda place: Fraction(0.5 ** ((order.at - touches[place].at) / HALF_LIFE)),
        "shapley": lambda place: Fraction(1, len(set(keys)) * keys.count(keys[place])),
    }[model]
    found: Shared = {}
    for place, one in enumerate(keys):
        found[one] = found.get(one, Fraction(0)) + weights(place)
    whole = sum(found.values())
    return {one: part / whole for one, part in found.items()}


def _position(place: int, n: int) -> Fraction:
    if n <= 2:
        return Fraction(1, n)
    return Fraction(2, 5) if place in (0, n - 1) else Fraction(1, 5 * (n - 2))


def rows(happened: Happened, model: str, asked: Asked) -> dict[str | None, list[Fraction]]:
    """Conversions, revenue and new customers by key; None: no touch, no person, no name."""
    found: dict[str | None, list[Fraction]] = {None: [Fraction(0)] * 3}
    for order in happened.orders:
        what = worth(happened, order, asked)
        touches = before(happened, order, asked)
        parts = shares(model, touches, order, asked.by) if touches else {None: Fraction(1)}
        moved = any(asked.first <= happened.day(one.at) <= asked.last for one in order.refunds)
        if not (what.conversions or moved):
            continue
        for one, part in parts.items():
            row = found.setdefault(one, [Fraction(0)] * 3)
            for place, amount in enumerate(
                (what.conversions, what.revenue or Fraction(0), what.new_customers)
            ):
                row[place] += part * amount
    return found


def converted(happened: Happened, asked: Asked) -> Counter[Walk]:
    """Paths of the period's orders."""
    found: Counter[Walk] = Counter()
    for order in happened.orders:
        touches = before(happened, order, asked)
        if touches and asked.first <= happened.day(order.at) <= asked.last:
            found[tuple(key(touch, asked.by) for touch in touches)] += 1
    return found


# ---- models of all paths -------------------------------------------------------------------------------


def chance(won: Counts, gone: Counts, order: int, on: Callable[[str | None], bool]) -> float:
    """The chance of a conversion in the chain with some keys on: by elimination."""
    counts: dict[tuple[Walk, Walk | str], int] = {}
    for paths, end in ((won, "won"), (gone, "gone")):
        for path, n in paths.items():
            at: Walk = ()
            for place in range(len(path)):
                onto = path[max(0, place + 1 - order) : place + 1]
                counts[at, onto] = counts.get((at, onto), 0) + n
                at = onto
            counts[at, end] = counts.get((at, end), 0) + n
    if not counts:
        return 0.0
    states: list[Walk] = list(dict.fromkeys(source for source, _ in counts))
    left = {state: sum(n for (source, _), n in counts.items() if source == state) for state in states}
    system = [[float(row == column) for column in states] + [0.0] for row in states]
    places = {state: place for place, state in enumerate(states)}
    for (source, onto), n in counts.items():
        row, step = system[places[source]], n / left[source]
        if onto == "won":
            row[-1] += step
        elif onto != "gone" and on(onto[-1]):
            row[places[onto]] -= step
    return _solved(system)[places[()]]


def _solved(system: list[list[float]]) -> list[float]:
    size = len(system)
    for place in range(size):
        pivot = max(range(place, size), key=lambda row: abs(system[row][place]))
        system[place], system[pivot] = system[pivot], system[place]
        system[place] = [value / system[place][place] for value in system[place]]
        for row in range(size):
            if row != place and system[row][place]:
                times = system[row][place]
                system[row] = [
                    mine - times * its for mine, its in zip(system[row], system[place], strict=True)
                ]
    return [row[-1] for row in system]


def keys(*paths: Iterable[Walk]) -> list[str | None]:
    return sorted({one for several in paths for path in several for one in path}, key=lambda one: one or "")


def markov(won: Counts, gone: Counts, order: int = 1) -> dict[str | None, float]:
    """Conversions by removal effect."""
    whole = chance(won, gone, order, lambda _key: True)
    if not whole:
        return {}
    effects = {
        one: 1 - chance(won, gone, order, lambda key, one=one: key != one) / whole for one in keys(won, gone)
    }
    total = sum(effects.values())
    return {one: sum(won.values()) * effect / total for one, effect in effects.items()}


def shapley(won: Counts, gone: Counts, worth: str) -> dict[str | None, float]:
    """Conversions by what each key adds, over every order in which keys may join."""
    known: dict[frozenset[str | None], float] = {}

    def value(inside: frozenset[str | None]) -> float:
        if inside not in known:
            if worth == "chain":
                known[inside] = chance(won, gone, 1, lambda key: key in inside)
            else:
                known[inside] = sum(n for path, n in won.items() if set(path) <= inside)
        return known[inside]

    there = keys(won, gone) if worth == "chain" else keys(won)
    found = dict.fromkeys(there, 0.0)
    orders = list(permutations(there))
    for joined in orders:
        for place, one in enumerate(joined):
            found[one] += value(frozenset(joined[: place + 1])) - value(frozenset(joined[:place]))
    total = sum(found.values())
    return {one: sum(won.values()) * part / total for one, part in found.items()} if total else {}


# ---- to the unit -----------------------------------------------------------------------------------------


def rounded(values: Sequence[Fraction], unit: Fraction) -> Iterator[Fraction]:
    """By largest remainder, the first of equal ones."""
    whole = [floor(value / unit) for value in values]
    total = sum(values, Fraction(0)) / unit
    rest = (floor(abs(total) + Fraction(1, 2)) * (1 if total >= 0 else -1)) - sum(whole)
    order = sorted(range(len(values)), key=lambda place: (whole[place] - values[place] / unit, place))
    for place in range(len(values)):
        yield (whole[place] + (place in order[:rest])) * unit
