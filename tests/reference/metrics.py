"""Metrics counted the slow and plain way, straight from what their names mean: the judge of spans and queries.

It shares nothing with the product: every number is a walk over all rows of the period.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass
class World:
    """All that happened, each row with the person it belongs to (None: nobody)."""

    activity: list[tuple[int, date, int]] = field(default_factory=list)  # person, day, channel
    orders: list[tuple[int | None, datetime, str, date, int]] = field(
        default_factory=list
    )  # …, tie, day, channel
    answers: list[tuple[int | None, datetime, str, date, int, bool]] = field(default_factory=list)


def customers(world: World, measure: str, channel: int, first: date, last: date) -> int:
    """Distinct customers of a measure in a period; channel 0: all channels."""
    return COUNTS[measure](world, channel, first, last)


def _there(channel: int, at: int) -> bool:
    return channel in (0, at)


def _active(world: World, channel: int, first: date, last: date) -> int:
    return len({p for p, day, c in world.activity if first <= day <= last and _there(channel, c)})


def _cross(world: World, channel: int, first: date, last: date) -> int:
    channels: dict[int, set[int]] = {}
    for person, day, c in world.activity:
        if first <= day <= last:
            channels.setdefault(person, set()).add(c)
    return sum(1 for found in channels.values() if len(found) > 1 and (channel == 0 or channel in found))


def _orders_of(world: World, channel: int, first: date, last: date) -> dict[int, int]:
    counts: dict[int, int] = {}
    for person, _at, _tie, day, c in world.orders:
        if person is not None and first <= day <= last and _there(channel, c):
            counts[person] = counts.get(person, 0) + 1
    return counts


def _buyers(world: World, channel: int, first: date, last: date) -> int:
    return len(_orders_of(world, channel, first, last))


def _repeat(world: World, channel: int, first: date, last: date) -> int:
    return sum(1 for n in _orders_of(world, channel, first, last).values() if n >= 2)


def _new(world: World, channel: int, first: date, last: date) -> int:
    firsts: dict[int, tuple[datetime, str, date, int]] = {}
    for person, at, tie, day, c in world.orders:
        if person is not None and (person not in firsts or (at, tie) < firsts[person][:2]):
            firsts[person] = (at, tie, day, c)
    return sum(1 for _at, _tie, day, c in firsts.values() if first <= day <= last and _there(channel, c))


def _latest(world: World, channel: int, first: date, last: date) -> list[bool]:
    """The latest answer of each customer; an answer without a person is a customer of its own."""
    latest: dict[object, tuple[datetime, str, bool]] = {}
    for n, (person, at, tie, day, c, satisfied) in enumerate(world.answers):
        if first <= day <= last and _there(channel, c):
            who: object = ("nobody", n) if person is None else person
            if who not in latest or (at, tie) > latest[who][:2]:
                latest[who] = (at, tie, satisfied)
    return [satisfied for _at, _tie, satisfied in latest.values()]


def _answered(world: World, channel: int, first: date, last: date) -> int:
    return len(_latest(world, channel, first, last))


def _satisfied(world: World, channel: int, first: date, last: date) -> int:
    return sum(_latest(world, channel, first, last))


COUNTS = {
    "active": _active,
    "cross": _cross,
    "buyers": _buyers,
    "repeat": _repeat,
    "new": _new,
    "answered": _answered,
    "satisfied": _satisfied,
}


def retained(world: World, channel: int, this: tuple[date, date], before: tuple[date, date]) -> int:
    """Customers active in both periods."""
    people = [
        {p for p, day, c in world.activity if first <= day <= last and _there(channel, c)}
        for first, last in (this, before)
    ]
    return len(people[0] & people[1])


@dataclass
class Money:
    """Rows of the roll-ups and the rates that convert them."""

    sums: list[tuple[str, int, date, date, str, Decimal]]  # measure, channel, day, rate day, currency, amount
    rates: list[tuple[str, date, Decimal]]  # currency, day from which it holds, rate
    currency: str

    def rate(self, currency: str, day: date) -> Decimal | None:
        """The newest rate that holds on a day; 1 for our own."""
        if currency in ("", self.currency):
            return Decimal(1)
        held = [(since, rate) for c, since, rate in self.rates if c == currency and since <= day]
        return max(held)[1] if held else None

    def total(self, measure: str, channel: int, first: date, last: date) -> Decimal:
        """What can be converted, converted."""
        found = Decimal(0)
        for name, c, day, rate_day, currency, amount in self.sums:
            rate = self.rate(currency, rate_day)
            if name == measure and _there(channel, c) and first <= day <= last and rate is not None:
                found += amount * rate
        return found

    def apart(self, measure: str, channel: int, first: date, last: date) -> dict[str, Decimal]:
        """What cannot, by currency."""
        found: dict[str, Decimal] = {}
        for name, c, day, rate_day, currency, amount in self.sums:
            if (
                name == measure
                and _there(channel, c)
                and first <= day <= last
                and self.rate(currency, rate_day) is None
            ):
                found[currency] = found.get(currency, Decimal(0)) + amount
        return {currency: amount for currency, amount in found.items() if amount}

    def average_stock(self, channel: int, first: date, last: date) -> Decimal:
        """The mean of each day's closing worth."""
        days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
        return sum((self.total("stock_value", channel, date.min, day) for day in days), Decimal(0)) / len(
            days
        )


def parity(prices: list[tuple[date, int, str, Decimal, str]], channel: int, end: date) -> tuple[int, int]:
    """SKUs whose newest prices agree, SKUs compared. Prices: day, channel, sku, price, currency, oldest first."""
    newest: dict[str, dict[int, tuple[Decimal, str]]] = {}
    for day, c, sku, price, currency in prices:
        if day <= end:
            newest.setdefault(sku, {})[c] = (price, currency)
    compared = [
        there
        for there in newest.values()
        if len(there) > 1
        and len({currency for _, currency in there.values()}) == 1
        and (channel == 0 or channel in there)
    ]
    return sum(1 for there in compared if len({price for price, _ in there.values()}) == 1), len(compared)
