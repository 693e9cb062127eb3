"""Terms read from the mirror: by a dimension's values, of what filters leave; and the keys of the rows behind them.

The values listed are the largest of the whole period, with the rest and what has none: sums over them are the whole, to
the last digit. Not here: SQL (parting.py, people.py), formulas (metrics/query.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from kernel.db import Connection
from kernel.errors import BadRequest
from kernel.periods import Interval
from metrics import term_readers
from metrics.breakdown import dimensions, lists, terms
from metrics.breakdown.dimensions import CHANNEL, Filter
from metrics.breakdown.parting import NONE, REST, UNPARTED, Parting, select
from metrics.breakdown.terms import Both, Counted
from metrics.conversion import first_days
from metrics.distinct_windows import ALL
from metrics.mirror.reading import Mirror
from metrics.scope import NOTHING, Amount, Days, Reading, Scope

MOST_VALUES: Final = 50  # listed; what is beyond them stands together
MOST_KEYS: Final = 200_000  # of rows that one list can be made of
MOST_CELLS: Final = 20_000  # sums by value and slot that are read before it is known which values are listed

Sums = Sequence[
    tuple[int, Any, str, date | None, Decimal]
]  # slot, place or value, currency, day of the rate, amount


class Named(Protocol):
    """What a term of the catalogue says of itself."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def priced(self) -> bool: ...


class Value(NamedTuple):
    """A value that is listed. `place`: what readings know it by. `key`: as answers and addresses write it."""

    place: int
    key: str
    value: str | None  # null: none, or the rest


class Broken(NamedTuple):
    """Terms as they were read."""

    readings: dict[Any, Reading]
    values: list[Value]  # the largest first


class Asked(NamedTuple):
    """What is asked of the mirror. `sized`: all terms, each with how often it counts in a value's size."""

    db: Connection
    mirror: Mirror
    scope: Scope
    channels: Mapping[int, str]
    by: str
    filters: tuple[Filter, ...]
    sized: Sequence[tuple[Named, int]]
    listed: tuple[str, ...] | None = None  # the values that stand apart; None: the largest
    ranking: tuple[Interval, ...] = ()  # the days by which `other` is told; none: the period's


def known(names: Iterable[str]) -> tuple[str, ...]:
    """The dimensions that the facts of all these terms know, in order: at least the channel."""
    there = [terms.dimensions(name).keys() | {CHANNEL} for name in names]
    return tuple(one for one in dimensions.NAMES if all(one in each for each in there))


def read(asked: Asked, wanted: Sequence[Named]) -> Broken:
    """Terms by (place, slot): ALL, 0 is the whole."""
    parting = _parting(asked)
    values: list[Value] = []
    once: dict[str, Sums] = {}
    if asked.by:
        once = _once(asked, parting, wanted)
        parting, values = _listed(asked, parting, once)
    places: dict[str | None, int] = {value: n for n, value in enumerate(parting.listed, 1)} | {None: NONE}
    found: dict[Any, Reading] = {
        term: _added(asked, term, _placed(once[term.name], places))
        if term.name in once
        else _reading(asked, parting, term)
        for term in dict.fromkeys(wanted)
    }
    here = {place for term, _times in asked.sized for place, _slot in found.get(term, {})}
    return Broken(found, [one for one in values if one.place > 0 or one.place in here])


def keys(asked: Asked, wanted: Sequence[Named], slot: int = 0) -> list[tuple[Any, ...]]:
    """What the rows behind terms are found by (Fact.keys; of customers: who), all different, of a slot."""
    parting = _parting(asked)
    found: dict[tuple[Any, ...], None] = {}
    for term in wanted:
        counting = terms.TERMS[term.name]
        if isinstance(counting, terms.Persons):
            for own, sql in counting.asked(parting):
                people = own.ask(
                    f"select distinct who from ({sql}) where place = {ALL} and slot = {slot} limit {MOST_KEYS + 1}"  # noqa: S608
                )
                found.update(dict.fromkeys(people))
            continue
        for each in _sides(counting):
            columns = ", ".join(f"{one.mirror} as key_{n}" for n, one in enumerate(each.fact.keys))
            names = ", ".join(f"key_{n}" for n in range(len(each.fact.keys)))
            rows = select(parting, each.fact, columns, each.where, each.joins)
            found.update(
                dict.fromkeys(parting.ask(f"select distinct {names} from ({rows}) limit {MOST_KEYS + 1}"))  # noqa: S608
            )
    if len(found) > MOST_KEYS:
        raise BadRequest(
            f"More than {MOST_KEYS:,} rows are behind this number: ask for a shorter period or another filter.",
            "too_many_rows",
        )
    return list(found)


def listed(
    asked: Asked, name: str, columns: Sequence[str], order: str, limit: int, offset: int
) -> list[tuple[Any, ...]]:
    """Rows behind a term that only the mirror counts: `columns`, ordered by one (- for falling), then by all."""
    falling, first = order.startswith("-"), order.removeprefix("-")
    word = "desc nulls last" if falling else "asc nulls first"
    said = ", ".join(f"{one} {word}" for one in dict.fromkeys((first, *columns)))
    parting = _parting(asked)
    rows = lists.LISTS[name](parting)
    return parting.ask(
        f"select {', '.join(columns)} from ({rows}) order by {said} limit {int(limit)} offset {int(offset)}"  # noqa: S608
    )


def _parting(asked: Asked) -> Parting:
    """How rows are parted, filters made whole: a channel is its id, the rest is none of those listed."""
    rated = first_days(asked.db, asked.scope.workspace)
    parting = Parting(asked.mirror, asked.scope, rated=tuple(sorted(rated.items())))
    return parting._replace(filters=tuple(_resolved(asked, parting, one) for one in asked.filters))


def _resolved(asked: Asked, parting: Parting, one: Filter) -> Filter:
    if one.rest:
        others = tuple(each for each in asked.filters if each.dimension != one.dimension)
        scope = asked.scope
        if asked.ranking:
            days = Days(asked.ranking[0].first, asked.ranking[-1].last)
            scope = scope._replace(period=days, series=asked.ranking)
        apart = asked._replace(filters=others, by=one.dimension, scope=scope)
        listed = _ranked(apart, _parting(apart))
        return one._replace(without=tuple(listed))
    if one.dimension == CHANNEL and one.value is not None:
        ids = {slug: str(channel) for channel, slug in asked.channels.items()}
        if one.value not in ids:
            raise BadRequest(f"There is no channel {one.value!r} in this workspace.", "unknown_channel")
        return one._replace(value=ids[one.value])
    return one


# ---- which values are listed ---------------------------------------------------------------------


def _once(asked: Asked, parting: Parting, wanted: Sequence[Named]) -> dict[str, Sums]:
    """Sums of all values, by the term's name: which are listed is told from them too. Not where there are too many."""
    if asked.by == CHANNEL or asked.listed is not None:
        return {}
    plain = parting._replace(by=asked.by, plain=True)
    found: dict[str, Sums] = {}
    for term in dict.fromkeys(wanted):
        counting = terms.TERMS[term.name]
        if isinstance(counting, terms.Persons):
            continue
        sums: list[Any] = []
        for each in _sides(counting):
            sums += _sums(plain, each, MOST_CELLS + 1 - len(sums))
            if len(sums) > MOST_CELLS:
                return found
        found[term.name] = sums
    return found


def _placed(sums: Sums, places: Mapping[str | None, int]) -> Sums:
    return [
        (slot, places.get(value, REST), currency, day, amount) for slot, value, currency, day, amount in sums
    ]


def _listed(asked: Asked, parting: Parting, once: Mapping[str, Sums]) -> tuple[Parting, list[Value]]:
    """The values that are listed, in their order; channels are all of them, as ever."""
    if asked.by == CHANNEL:
        wanted = {one.value for one in parting.filters if one.dimension == CHANNEL}
        there = [one for one in asked.channels if not wanted or str(one) in wanted]
        listed = tuple(map(str, there))
        said = [asked.channels[one] for one in there]
    else:
        said = _ranked(asked, parting, once) if asked.listed is None else list(asked.listed)
        listed = tuple(said)
    values = [Value(n, dimensions.key(one), one) for n, one in enumerate(said, 1)]
    values += [Value(REST, dimensions.REST, None), Value(NONE, dimensions.NONE, None)]
    return parting._replace(by=asked.by, listed=listed), values


def _ranked(asked: Asked, parting: Parting, once: Mapping[str, Sums] = MappingProxyType({})) -> list[str]:
    """The values of a dimension, the largest first, equal ones by name: as many as are listed. `once`: sums read."""
    sizing = parting._replace(by=asked.by, sizing=True)
    sizes: dict[str, Decimal] = {}
    for term, times in asked.sized:
        known = once.get(term.name)
        read = _reading(asked, sizing, term) if known is None else _added(asked, term, _named(known))
        for (value, slot), amount in read.items():
            if isinstance(value, str) and not slot:
                sizes[value] = sizes.get(value, NOTHING) + amount.value * times
    return sorted(sizes, key=lambda one: (-sizes[one], one))[:MOST_VALUES]


# ---- terms ---------------------------------------------------------------------------------------


def _reading(asked: Asked, parting: Parting, term: Named) -> Reading:
    counting = terms.TERMS[term.name]
    if isinstance(counting, terms.Persons):
        found: Reading = {}
        for own, sql in counting.asked(parting):
            rows = own.ask(f"select place, slot, count(*) from ({sql}) group by place, slot")  # noqa: S608 (ours)
            found.update({(place, slot): Amount(Decimal(n)) for place, slot, n in rows})
        return found
    return _added(asked, term, [row for each in _sides(counting) for row in _sums(parting, each)])


def _added(asked: Asked, term: Named, sums: Any) -> Reading:
    read = term_readers.added(asked.db, asked.scope, sums, money=term.unit == "money", priced=term.priced)
    return {cell: _plain(amount) for cell, amount in read.items() if cell[0] != UNPARTED}


def _named(sums: Sums) -> Sums:
    """Those that have a value."""
    return [row for row in sums if row[1] is not None]


def _sums(parting: Parting, one: Counted, most: int | None = None) -> Sums:
    """Its sums by slot, place, currency and the day of the rate (our own currency needs none), so many at most."""
    columns = f"{one.currency} as currency, {one.rate_day} as rate_day, {one.amount} as amount"
    rows = select(parting, one.fact, columns, one.where, one.joins)
    found = parting.ask(
        "select slot, place, currency, case when currency in ('', $home) then null else rate_day end as rate_day, "  # noqa: S608
        f"sum(amount) from ({rows}) group by all{'' if most is None else f' limit {most}'}"
    )
    return [(slot, place, currency, day, Decimal(amount)) for slot, place, currency, day, amount in found]


def _sides(counting: Counted | Both) -> list[Counted]:
    return [counting.sold, _negative(counting.back)] if isinstance(counting, Both) else [counting]


def _negative(one: Counted) -> Counted:
    return Counted(one.fact, f"-({one.amount})", one.currency, one.rate_day, one.where, one.joins)


def _plain(amount: Amount) -> Amount:
    """Without the noughts that a column's scale adds."""
    apart = {currency: _trimmed(value) for currency, value in amount.unconverted.items()}
    return Amount(_trimmed(amount.value), apart)


def _trimmed(value: Decimal) -> Decimal:
    whole = value.normalize()
    return whole.quantize(Decimal(1)) if whole.as_tuple().exponent > 0 else whole  # type: ignore[operator]
