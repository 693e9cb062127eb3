"""Terms of stock and of prices that differ, by channel and slot: days with a level, what is there, what is exposed.

Not here: the worth of stock, which prices agree (term_readers.py); the rows behind these (catalogue/stock.sql).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel.db import Connection, Statements, array, rows
from kernel.periods import ONE_DAY
from metrics import term_readers
from metrics.conversion import Rate, rates
from metrics.distinct_windows import ALL
from metrics.scope import NOTHING, Amount, Reading, Scope

SQL = Statements(__file__)
EXPOSED_DAYS: Final = 30  # of sales, up to the end of the period: also in catalogue/stock.sql


def days_known(db: Connection, scope: Scope) -> Reading:
    """On how many days SKUs on channels had a level."""
    return _days(db, scope, 2)


def days_out(db: Connection, scope: Scope) -> Reading:
    """On how many of them nothing was there."""
    return _days(db, scope, 3)


def _days(db: Connection, scope: Scope, place: int) -> Reading:
    """The days of SKUs together: how many more they are from a day on stands at a `place` of each row."""
    changes: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in _asked(db, scope, "level_days"):
        for channel in (row[1], ALL):
            changes[channel][row[0]] += row[place]
    return {
        (channel, slot): Amount(total)
        for channel, by_day in changes.items()
        for slot, total in enumerate(term_readers.sums_of_levels(scope, by_day))
    }


def closing_units(db: Connection, scope: Scope) -> Reading:
    """How many items are there at the end of each slot."""
    changes: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for day, channel, change in _asked(db, scope, "unit_changes"):
        for there in (channel, ALL):
            changes[there][day] += change
    return {
        (channel, slot): Amount(level)
        for channel, by_day in changes.items()
        for slot, level in enumerate(_closing(scope, by_day))
    }


def _closing(scope: Scope, changes: Mapping[date, Decimal]) -> list[Decimal]:
    """The level at the end of each slot."""
    level, levels = NOTHING, [NOTHING]
    for n in range(scope.period.length):
        level += changes.get(scope.period.first + ONE_DAY * n, NOTHING)
        levels.append(level)
    return [levels[(slot.last - scope.period.first).days + 1] for slot in scope.slots]


def _asked(db: Connection, scope: Scope, name: str) -> list[Any]:
    values = {"first": scope.period.first, "last": scope.period.last}

    def ask() -> list[Any]:
        return rows(db, SQL[name], workspace=scope.workspace, **values)

    return scope.once.read((name, scope.period), ask) if scope.once else ask()


# ---- what is exposed -----------------------------------------------------------------------------


class _Gap(NamedTuple):
    """How far the prices of a SKU lie apart, in what, where; `day`: of the newest of them, whose rate converts it."""

    spread: Decimal
    currency: str
    day: date
    channels: frozenset[int]


class _Gaps:
    """The SKUs whose newest prices differ, as days go by."""

    def __init__(self, changes: Sequence[Any]) -> None:
        self.found: dict[str, _Gap] = {}
        self._changes, self._place = changes, 0
        self._prices: dict[str, dict[int, tuple[Decimal, str, date]]] = defaultdict(dict)

    def until(self, last: date) -> None:
        """Takes up the prices of all days up to one."""
        while self._place < len(self._changes) and self._changes[self._place][0] <= last:
            day, channel, sku, price, currency = self._changes[self._place]
            self._prices[sku][channel] = (price, currency, day)
            self._put(sku)
            self._place += 1

    def _put(self, sku: str) -> None:
        there = self._prices[sku]
        prices = [price for price, _currency, _day in there.values()]
        spread = max(prices) - min(prices)
        currencies = {currency for _price, currency, _day in there.values()}
        if not spread or len(currencies) > 1:
            self.found.pop(sku, None)
            return
        newest = max(day for _price, _currency, day in there.values())
        self.found[sku] = _Gap(spread, currencies.pop(), newest, frozenset(there))


class _Sold:
    """How many of each SKU were sold on each channel in the days up to one, as days go by."""

    def __init__(self, sold: Sequence[Any]) -> None:
        self._sold, self._come, self._gone = sold, 0, 0
        self.found: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def until(self, last: date) -> None:
        """Moves on to a day."""
        self._come = self._moved(self._come, last, 1)
        self._gone = self._moved(self._gone, last - ONE_DAY * EXPOSED_DAYS, -1)

    def _moved(self, place: int, last: date, sign: int) -> int:
        while place < len(self._sold) and self._sold[place][0] <= last:
            _day, channel, sku, quantity = self._sold[place]
            self.found[sku][channel] += sign * quantity
            place += 1
        return place


def exposed(db: Connection, scope: Scope) -> Reading:
    """Of SKUs whose prices differ as a slot ends: how far they do, times how many were sold in the days up to it."""
    changes = term_readers.price_changes(db, scope)
    first = scope.period.first - ONE_DAY * (EXPOSED_DAYS - 1)
    values = {"first": first, "last": scope.period.last, "skus": array(_moved(changes))}
    sold = _Sold(rows(db, SQL["sold"], workspace=scope.workspace, **values))
    rate = rates(db, scope.workspace, scope.currency, {change[4] for change in changes})
    gaps, found = _Gaps(changes), Reading()
    slots = scope.slots
    for slot in [*range(1, len(slots)), 0]:
        gaps.until(slots[slot].last)
        sold.until(slots[slot].last)
        for channel, parts in _worth(gaps, sold, rate).items():
            found[channel, slot] = term_readers.amount_of(parts)
    return found


def _moved(changes: Sequence[Any]) -> list[str]:
    """The SKUs that have two prices at all: of no other can they differ."""
    prices: dict[str, set[Decimal]] = defaultdict(set)
    for _day, _channel, sku, price, _currency in changes:
        prices[sku].add(price)
    return sorted(sku for sku, several in prices.items() if len(several) > 1)


def _worth(gaps: _Gaps, sold: _Sold, rate: Rate) -> dict[int, dict[str, Decimal]]:
    """By channel, ALL among them: under "" what can be converted, the rest by its currency."""
    sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for sku in gaps.found.keys() & sold.found.keys():
        gap = gaps.found[sku]
        by = rate(gap.currency, gap.day)
        for channel, quantity in sold.found[sku].items():
            amount = quantity * gap.spread
            for there in (ALL, channel) if channel in gap.channels else (ALL,):
                if by is None:
                    sums[there][gap.currency] += amount
                else:
                    sums[there][""] += amount * by
    return sums
