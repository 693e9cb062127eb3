"""Terms read from what is kept, by channel and slot: roll-ups, spans, stock, prices. Slot 0 is the whole period.

Not here: putting terms together (query.py), which there are (catalogue/base.py). Channel 0 is all channels together.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from cdp.kernel import periods
from cdp.kernel.db import Connection, Statements, array, rows
from cdp.kernel.periods import ONE_DAY, Interval
from metrics.catalogue import base
from metrics.prices import SIDES, PriceBoard
from metrics.share import ALL

SQL = Statements(__file__)
NOTHING = Decimal(0)


class Amount(NamedTuple):
    """A sum, and by currency what has no rate and stands apart."""

    value: Decimal = NOTHING
    unconverted: dict[str, Decimal] = {}  # noqa: RUF012 - never written to


class Days(NamedTuple):
    """Days from first to last, both inside."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def before(self) -> "Days":
        """The same number of days just before."""
        return Days(self.first - ONE_DAY * self.length, self.first - ONE_DAY)


class Scope(NamedTuple):
    """Over what a metric is read."""

    workspace: int
    zone: str
    currency: str
    period: Days
    interval: str
    series: tuple[Interval, ...]  # of the period, cut as `interval` says
    channels: tuple[int, ...]  # those asked for, ALL among them when all together are

    @property
    def slots(self) -> list[Days]:
        """Slot 0: the period; then its intervals, cut to it."""
        return [self.period, *(Days(interval.first, interval.last) for interval in self.series)]


Reading = dict[tuple[int, int], Amount]  # (channel, slot); what is not there is 0
Rate = Callable[[str, date | None], Decimal | None]


def read(db: Connection, scope: Scope, term: base.Value) -> Reading:
    """One term over the scope."""
    return READERS[type(term)](db, scope, term)


def _money(db: Connection, scope: Scope, term: base.Sum) -> Reading:
    """Money of the roll-ups, converted by the rate of its rate day."""
    found = _sums(db, scope, term.measure)
    rate = _rates(db, scope, {currency for _, _, currency, _, _ in found})
    sums: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for slot, channel, currency, day, amount in found:
        by = rate(currency, day)
        for key in _keys(channel, slot):
            if by is None:
                sums[key][currency] += amount
            else:
                sums[key][""] += amount * by
    return {key: _amount(parts) for key, parts in sums.items()}


def _count(db: Connection, scope: Scope, term: base.Count) -> Reading:
    """Things counted by the roll-ups."""
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for slot, channel, _currency, _day, amount in _sums(db, scope, term.measure):
        for key in _keys(channel, slot):
            sums[key] += amount
    return {key: Amount(value) for key, value in sums.items()}


def _converted_orders(db: Connection, scope: Scope, _term: base.ConvertedOrders) -> Reading:
    """Orders less those whose money has no rate."""
    found = _sums(db, scope, "orders")
    rate = _rates(db, scope, {currency for _, _, currency, _, _ in found})
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for slot, channel, currency, day, n in found:
        if rate(currency, day) is not None:
            for key in _keys(channel, slot):
                sums[key] += n
    return {key: Amount(value) for key, value in sums.items()}


def _customers(db: Connection, scope: Scope, term: base.Customers) -> Reading:
    """Distinct customers, whatever the period."""
    return {key: Amount(Decimal(n)) for key, n in _distinct(db, scope, term.measure, scope.slots).items()}


def _active_before(db: Connection, scope: Scope, _term: base.ActiveBefore) -> Reading:
    """Customers active before each slot's interval, whole calendar intervals; before the period for slot 0."""
    _, before = _neighbours(scope)
    return {key: Amount(Decimal(n)) for key, n in _distinct(db, scope, "active", before).items()}


def _retained(db: Connection, scope: Scope, _term: base.Retained) -> Reading:
    """Those active in both of two neighbours: A(before) + A(this) - A(both as one period)."""
    this, before = _neighbours(scope)
    both = [Days(one.first, other.last) for one, other in zip(before, this, strict=True)]
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for sign, slots in ((1, before), (1, this), (-1, both)):
        for key, n in _distinct(db, scope, "active", slots).items():
            sums[key] += sign * n
    return {key: Amount(Decimal(n)) for key, n in sums.items()}


def _average_stock(db: Connection, scope: Scope, _term: base.AverageStock) -> Reading:
    """Mean over each slot's days of the closing worth: the running sum of its changes."""
    values = {"first": scope.period.first, "last": scope.period.last, "currency": scope.currency}
    found = rows(db, SQL["stock_changes"], workspace=scope.workspace, **values)
    rate = _rates(db, scope, {currency for _, _, currency, _, _ in found})
    changes: dict[tuple[int, str], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for day, channel, currency, rate_day, amount in found:
        by = rate(currency, rate_day)
        for there in (channel, ALL):
            if by is None:
                changes[there, currency][day] += amount
            else:
                changes[there, ""][day] += amount * by
    parts: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(dict)
    for (channel, currency), by_day in changes.items():
        for slot, mean in enumerate(_means(scope, by_day)):
            parts[channel, slot][currency] = mean
    return {key: _amount(found_parts) for key, found_parts in parts.items()}


def _priced_twice(db: Connection, scope: Scope, term: base.PricedTwice) -> Reading:
    """SKUs with comparable prices at the end of each slot, by channel."""
    values = {"first": scope.period.first, "last": scope.period.last}
    found = rows(db, SQL["prices"], workspace=scope.workspace, **values)
    side = SIDES[term.agreeing]
    board, place = PriceBoard(), 0
    counts: dict[int, dict[int, int]] = {}
    slots = scope.slots
    for slot in [*range(1, len(slots)), 0]:
        while place < len(found) and found[place][0] <= slots[slot].last:
            _day, channel, sku, price, currency = found[place]
            board.put(sku, channel, (price, currency))
            place += 1
        counts[slot] = board.counts(side)
    return {(channel, slot): Amount(Decimal(n)) for slot, by in counts.items() for channel, n in by.items()}


READERS: dict[type[base.Value], Callable[[Connection, Scope, Any], Reading]] = {
    base.Sum: _money,
    base.Count: _count,
    base.ConvertedOrders: _converted_orders,
    base.Customers: _customers,
    base.ActiveBefore: _active_before,
    base.Retained: _retained,
    base.AverageStock: _average_stock,
    base.PricedTwice: _priced_twice,
}


def _sums(db: Connection, scope: Scope, measure: str) -> list[tuple[int, int, str, date | None, Decimal]]:
    """A roll-up measure as kept: slot (1 on), channel, currency, rate day, amount."""
    return rows(
        db,
        SQL["sums"],
        workspace=scope.workspace,
        measure=measure,
        currency=scope.currency,
        **_days(scope),
    )


def _days(scope: Scope) -> dict[str, Any]:
    """The period and where its intervals begin."""
    starts = array([interval.start for interval in scope.series])
    return {"starts": starts, "first": scope.period.first, "last": scope.period.last}


def _keys(channel: int, slot: int) -> tuple[tuple[int, int], ...]:
    """Where an amount counts: its channel and all, its slot and the whole period."""
    return (channel, slot), (channel, 0), (ALL, slot), (ALL, 0)


def _distinct(
    db: Connection, scope: Scope, measure: str, slots: Sequence[Days]
) -> dict[tuple[int, int], int]:
    found = rows(
        db,
        SQL["customers"],
        workspace=scope.workspace,
        measure=measure,
        channels=array(scope.channels),
        firsts=array([days.first for days in slots]),
        lasts=array([days.last for days in slots]),
    )
    return {(channel, slot - 1): int(n) for slot, channel, n in found}


def _neighbours(scope: Scope) -> tuple[list[Days], list[Days]]:
    """For each slot the days it speaks of (whole intervals) and those just before."""
    this, before = [scope.period], [scope.period.before()]
    for start, _, _ in scope.series:
        this.append(Days(start, periods.following(start, scope.interval) - ONE_DAY))
        before.append(Days(periods.preceding(start, scope.interval), start - ONE_DAY))
    return this, before


def _means(scope: Scope, changes: dict[date, Decimal]) -> list[Decimal]:
    """The mean closing worth of each slot."""
    worth, total, sums = (
        NOTHING,
        NOTHING,
        [NOTHING],
    )  # sums[n]: the closing worths of the first n days together
    for n in range(scope.period.length):
        worth += changes.get(scope.period.first + ONE_DAY * n, NOTHING)
        total += worth
        sums.append(total)
    first = scope.period.first
    return [(sums[(s.last - first).days + 1] - sums[(s.first - first).days]) / s.length for s in scope.slots]


def _rates(db: Connection, scope: Scope, currencies: set[str]) -> Rate:
    """The rates of the scope's workspace."""
    return rates(db, scope.workspace, scope.currency, currencies)


def rates(db: Connection, workspace: int, own: str, currencies: set[str]) -> Rate:
    """The rate of a currency on a day: the newest that holds before the day ends. Our own currency's is 1."""
    foreign = currencies - {"", own}
    days: dict[str, list[date]] = defaultdict(list)
    found: dict[str, list[Decimal]] = defaultdict(list)
    asked = array(sorted(foreign))
    for currency, day, rate in (
        rows(db, SQL["rates"], workspace=workspace, currencies=asked) if foreign else []
    ):
        days[currency].append(day)
        found[currency].append(rate)

    def rate_of(currency: str, day: date | None) -> Decimal | None:
        if currency not in foreign or day is None:
            return Decimal(1)
        place = bisect_right(days[currency], day)
        return found[currency][place - 1] if place else None

    return rate_of


def _amount(parts: dict[str, Decimal]) -> Amount:
    """Under "" what is in our currency; the rest stands apart."""
    apart = {currency: value for currency, value in parts.items() if currency and value}
    return Amount(parts.get("", NOTHING), apart)
