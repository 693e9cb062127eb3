"""Terms read from what is kept, by channel and slot: roll-ups, spans, stock, prices. Slot 0 is the whole period.

Not here: putting terms together (query.py), which there are (catalogue/). Channel 0 is all channels together.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from kernel import periods
from kernel.db import Connection, Statements, array, rows
from kernel.periods import ONE_DAY
from metrics.conversion import rates
from metrics.distinct_windows import ALL
from metrics.prices import PriceBoard
from metrics.scope import NOTHING, Amount, Days, Reading, Scope

SQL = Statements(__file__)
Found = list[tuple[int, int, str, date | None, Decimal]]  # slot (1 on), channel, currency, rate day, amount


def kept(db: Connection, scope: Scope, measure: str) -> Found:
    """A measure of the roll-ups."""
    if scope.once is None:
        return _kept(db, scope, (measure,))[measure]
    measures = scope.once.measures if measure in scope.once.measures else (measure,)
    key = ("kept", scope.period, scope.interval, measures)
    return scope.once.read(key, lambda: _kept(db, scope, measures))[measure]


def _kept(db: Connection, scope: Scope, measures: Sequence[str]) -> dict[str, Found]:
    values = {"measures": array(measures), "currency": scope.currency, **_days(scope)}
    found: dict[str, Found] = {measure: [] for measure in measures}
    for measure, *row in rows(db, SQL["sums"], workspace=scope.workspace, **values):
        found[measure].append(tuple(row))
    return found


def summed(db: Connection, scope: Scope, statement: str, column: str, where: str) -> Found:
    """The same, made from the rows of a statement of catalogue/rows.sql: a column's sum, or how many there are."""
    amount = f"trim_scale(sum(x.{column}))" if column else "count(*)::numeric"
    text = (
        f"select width_bucket(x.day, %(starts)s::date[]), x.channel_id, x.money, "  # noqa: S608 (ours)
        f"case when x.money in ('', %(currency)s::text) then null else x.rate_day end, {amount} "
        f"from ({statement}) x where {where or 'true'} group by 1, 2, 3, 4"
    )
    values = {
        "currency": scope.currency,
        "home": scope.currency,
        "channel": None,
        "zone": scope.zone,
        **_days(scope),
    }
    found = rows(db, text, workspace=scope.workspace, **values)
    return [(*key, currency or "", day, amount or NOTHING) for *key, currency, day, amount in found]


def added(
    db: Connection, scope: Scope, found: Found, *, money: bool = False, priced: bool = False
) -> Reading:
    """Sums by channel and slot. `money`: converted by the rate of its rate day; `priced`: without what has no rate."""
    currencies = {currency for _, _, currency, _, _ in found} if money or priced else set()
    rate = rates(db, scope.workspace, scope.currency, currencies)
    sums: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for slot, channel, currency, day, amount in found:
        by = rate(currency, day)
        if by is None and priced:
            continue
        for key in _keys(channel, slot):
            if by is None:
                sums[key][currency] += amount
            else:
                sums[key][""] += amount * by if money else amount
    return {key: amount_of(parts) for key, parts in sums.items()}


def customers(db: Connection, scope: Scope, measure: str) -> Reading:
    """Distinct customers, whatever the period."""
    return {key: Amount(Decimal(n)) for key, n in _distinct(db, scope, measure, scope.slots).items()}


def distinct(db: Connection, scope: Scope, statement: str, who: str) -> Reading:
    """Distinct customers of the rows of a statement, each once in the whole, in each slot, on each channel."""
    text = (
        f"select coalesce(g.slot, 0), coalesce(g.channel_id, {ALL}), count(distinct g.who) "  # noqa: S608 (ours)
        f"from (select width_bucket(x.day, %(starts)s::date[]) as slot, x.channel_id, x.{who} as who "
        f"from ({statement}) x) g group by grouping sets ((g.slot, g.channel_id), (g.slot), (g.channel_id), ())"
    )
    found = rows(db, text, workspace=scope.workspace, channel=None, **_days(scope))
    return {(channel, slot): Amount(Decimal(n)) for slot, channel, n in found}


def promoters(db: Connection, scope: Scope) -> Reading:
    """Customers whose latest answer says that they would recommend us."""
    return {(channel, slot): Amount(Decimal(n)) for slot, channel, n, _less in _stances(db, scope)}


def detractors(db: Connection, scope: Scope) -> Reading:
    """Customers whose latest answer says that they would not."""
    return {(channel, slot): Amount(Decimal(n)) for slot, channel, _more, n in _stances(db, scope)}


def _stances(db: Connection, scope: Scope) -> list[Any]:
    def ask() -> list[Any]:
        return rows(db, SQL["stances"], workspace=scope.workspace, **_days(scope))

    return scope.once.read(("stances", scope.period, scope.interval), ask) if scope.once else ask()


def active_before(db: Connection, scope: Scope) -> Reading:
    """Customers active before each slot's interval, whole calendar intervals; before the period for slot 0."""
    _, before = neighbours(scope)
    return {key: Amount(Decimal(n)) for key, n in _distinct(db, scope, "active", before).items()}


def retained(db: Connection, scope: Scope) -> Reading:
    """Those active in both of two neighbours: A(before) + A(this) - A(both as one period)."""
    this, before = neighbours(scope)
    both = [Days(one.first, other.last) for one, other in zip(before, this, strict=True)]
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for sign, slots in ((1, before), (1, this), (-1, both)):
        for key, n in _distinct(db, scope, "active", slots).items():
            sums[key] += sign * n
    return {key: Amount(Decimal(n)) for key, n in sums.items()}


def average_stock(db: Connection, scope: Scope) -> Reading:
    """Mean over each slot's days of the closing worth: the running sum of its changes."""
    values = {"first": scope.period.first, "last": scope.period.last, "currency": scope.currency}
    found = rows(db, SQL["stock_changes"], workspace=scope.workspace, **values)
    rate = rates(db, scope.workspace, scope.currency, {currency for _, _, currency, _, _ in found})
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
    return {key: amount_of(found_parts) for key, found_parts in parts.items()}


def compared(db: Connection, scope: Scope) -> Reading:
    """SKUs with comparable prices at the end of each slot, by channel."""
    return _priced_twice(db, scope, "compared")


def agreeing(db: Connection, scope: Scope) -> Reading:
    """Those of them whose prices are all alike."""
    return _priced_twice(db, scope, "agreeing")


def price_changes(db: Connection, scope: Scope) -> list[Any]:
    """Day, channel, SKU, price, currency: the newest prices before the period, then all inside it, oldest first."""

    def ask() -> list[Any]:
        values = {"first": scope.period.first, "last": scope.period.last}
        return rows(db, SQL["prices"], workspace=scope.workspace, **values)

    return scope.once.read(("prices", scope.period), ask) if scope.once else ask()


def _priced_twice(db: Connection, scope: Scope, side: str) -> Reading:
    found = price_changes(db, scope)
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
    if scope.once is None:
        return _count_distinct(db, scope, measure, slots)
    key = ("distinct", measure, scope.channels, tuple(slots))
    return scope.once.read(key, lambda: _count_distinct(db, scope, measure, slots))


def _count_distinct(
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


def neighbours(scope: Scope) -> tuple[list[Days], list[Days]]:
    """For each slot the days it speaks of (whole intervals) and those just before."""
    this, before = [scope.period], [scope.period.before()]
    for start, _, _ in scope.series:
        this.append(Days(start, periods.following(start, scope.interval) - ONE_DAY))
        before.append(Days(periods.preceding(start, scope.interval), start - ONE_DAY))
    return this, before


def widened(scope: Scope, days: int) -> Scope:
    """The same by day, from so many days before the period's second on: what means over so many days are made of."""
    wide = Days(scope.period.first - ONE_DAY * (days - 1), scope.period.last)
    return scope._replace(
        period=wide, interval="day", series=tuple(periods.intervals(wide.first, wide.last, "day"))
    )


def moving_means(scope: Scope, days: int, readings: Sequence[tuple[int, Reading]]) -> Reading:
    """The mean of so many days up to the end of each slot. `readings`: of `widened`, each with its sign."""
    sums: dict[int, list[Decimal]] = {}  # by channel: what all days before one come to
    length = scope.period.length + days - 1
    for channel in {channel for _sign, found in readings for channel, _slot in found}:
        whole = [NOTHING]
        for n in range(1, length + 1):
            day = sum(
                (found[channel, n].value * sign for sign, found in readings if (channel, n) in found), NOTHING
            )
            whole.append(whole[-1] + day)
        sums[channel] = whole
    first = scope.period.first
    ends = [(slot, (one.last - first).days + days) for slot, one in enumerate(scope.slots)]
    return {
        (channel, slot): Amount((whole[end] - whole[end - days]) / days)
        for channel, whole in sums.items()
        for slot, end in ends
    }


def _means(scope: Scope, changes: dict[date, Decimal]) -> list[Decimal]:
    """The mean closing worth of each slot."""
    return [
        total / days.length for total, days in zip(sums_of_levels(scope, changes), scope.slots, strict=True)
    ]


def sums_of_levels(scope: Scope, changes: dict[date, Decimal]) -> list[Decimal]:
    """The closing levels of each slot's days together."""
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
    return [sums[(s.last - first).days + 1] - sums[(s.first - first).days] for s in scope.slots]


def amount_of(parts: dict[str, Decimal]) -> Amount:
    """Under "" what is in our currency; the rest stands apart."""
    apart = {currency: value for currency, value in parts.items() if currency and value}
    return Amount(parts.get("", NOTHING), apart)
