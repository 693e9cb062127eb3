"""The rows of a fact parted by value, by interval and by what filters leave: one SELECT of DuckDB.

Each row gets a `place` (of its value: ALL, NONE, REST, from 1 on those listed) and a `slot` (of its interval).
Not here: what is counted of the rows (terms.py, people.py).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from kernel import periods
from kernel.periods import ONE_DAY
from metrics.breakdown.dimensions import CHANNEL, JOINS, Filter
from metrics.breakdown.facts import Fact
from metrics.distinct_windows import ALL
from metrics.mirror.reading import Mirror, Rows
from metrics.scope import Scope

NONE, REST, UNPARTED = -1, -2, -3  # places: no value, beyond those listed, not broken down
MOST_MAPPED_DAYS: Final = 1200  # up to here each day is told its interval, beyond it is searched for
NAMED = re.compile(r"\$(\w+)")


class Window(NamedTuple):
    """Days of a slot, both inside. Those of a parting follow on each other."""

    slot: int
    first: date
    last: date


class Parting(NamedTuple):
    """How rows are parted. `sizing`: a place is the value itself, all is one slot: to find which values are listed.

    `plain`: a place is the value itself, slots are as asked: what is listed is told afterwards.
    """

    mirror: Mirror
    scope: Scope
    by: str = ""
    filters: tuple[Filter, ...] = ()
    listed: tuple[str, ...] = ()
    sizing: bool = False
    plain: bool = False
    rated: tuple[tuple[str, date], ...] = ()  # currencies that have a rate, and since when
    cut: tuple[Window, ...] = ()  # none: the intervals of the scope's series

    @property
    def windows(self) -> tuple[Window, ...]:
        """The slots asked for."""
        own = (Window(n, one.first, one.last) for n, one in enumerate(self.scope.series, 1))
        return self.cut or tuple(own)

    def ask(self, sql: str) -> Rows:
        """The rows of a statement made here, with the values it names."""
        known = self._values()
        return self.mirror.rows(sql, **{name: known[name] for name in dict.fromkeys(NAMED.findall(sql))})

    def _values(self) -> dict[str, Any]:
        windows = self.windows
        first, last = windows[0].first, windows[-1].last
        moments = [self._moment(one.first) for one in windows]
        days = [
            (one.first + ONE_DAY * n, one.slot)
            for one in windows
            for n in range((one.last - one.first).days + 1)
            if self._mapped
        ]
        return {
            "first": first,
            "last": last,
            "begin": self._moment(first),
            "end": self._moment(last + ONE_DAY),
            "days": [day for day, _ in days],
            "slots": [slot for _, slot in days],
            "starts": [one.first for one in windows],
            "moments": moments,
            "numbers": [one.slot for one in windows],
            "last_slot": windows[-1].slot,
            "shift": self._shift,
            "listed": list(self.listed),
            "home": self.scope.currency,
            "rated_in": [currency for currency, _ in self.rated],
            "rated_since": [since for _, since in self.rated],
            **_wanted(self.filters),
        }

    @property
    def _mapped(self) -> bool:
        windows = self.windows
        return (windows[-1].last - windows[0].first).days < MOST_MAPPED_DAYS

    def _moment(self, day: date) -> datetime:
        """When a day begins, naive and in UTC as the mirror's times are."""
        return periods.begins(day, periods.zone(self.scope.zone)).replace(tzinfo=None)

    @property
    def _shift(self) -> int | None:
        """Seconds from UTC to the zone's clock; None: it changes within the days."""
        windows = self.windows
        first, last = windows[0].first, windows[-1].last
        shifts = {
            datetime.combine(day, datetime.min.time()) - self._moment(day)
            for day in (first + ONE_DAY * n for n in range((last - first).days + 2))
        }
        return int(shifts.pop().total_seconds()) if len(shifts) == 1 else None

    def slots(self, fact: Fact) -> str:
        """SQL: the join that tells a row its `slots.slot`."""
        if self._mapped and (fact.dated or self._shift is not None):
            day = "x.day" if fact.dated else "(x.occurred_at + to_seconds($shift))::date"
            return (
                "join (select unnest($days::date[]) as day, unnest($slots::integer[]) as slot) slots "
                f"on slots.day = {day}"
            )
        starts, column = (
            ("$starts::date[]", "x.day") if fact.dated else ("$moments::timestamp[]", "x.occurred_at")
        )
        return (
            f"asof join (select unnest({starts}) as start, unnest($numbers::integer[]) as slot) slots "
            f"on {column} >= slots.start"
        )


def _by_dimension(filters: Sequence[Filter]) -> dict[str, list[Filter]]:
    found: dict[str, list[Filter]] = {}
    for one in filters:
        found.setdefault(one.dimension, []).append(one)
    return found


def _wanted(filters: Sequence[Filter]) -> dict[str, list[str]]:
    """The values that `_leaves` binds, named by dimension: a statement may leave out a filter, not renumber it."""
    found: dict[str, list[str]] = {}
    for dimension, several in _by_dimension(filters).items():
        found[_named(dimension)] = [one.value for one in several if one.value is not None]
        for n, one in enumerate(several):
            if one.rest:
                found[_named(dimension, n)] = list(one.without)
    return found


def _named(dimension: str, rest: int | None = None) -> str:
    """The name of the values of a dimension's filters; `rest`: of those that its filter of that place leaves out."""
    name = f"filter_{re.sub(r'[^a-z0-9]', '_', dimension)}"
    return name if rest is None else f"{name}_{rest}"


def _leaves(filters: Sequence[Filter], expressions: Mapping[str, str]) -> list[str]:
    """SQL: conditions, one a dimension."""
    conditions = []
    for dimension, several in _by_dimension(filters).items():
        value = expressions[dimension]
        ways = [f"list_contains(${_named(dimension)}::varchar[], {value})"]
        for n, one in enumerate(several):
            if one.rest:
                ways.append(
                    f"({value} is not null and not list_contains(${_named(dimension, n)}::varchar[], {value}))"
                )
            elif one.value is None:
                ways.append(f"{value} is null")
        conditions.append(f"coalesce({' or '.join(ways)}, false)")
    return conditions


def select(
    parting: Parting, fact: Fact, columns: str, where: str = "true", joins: tuple[str, ...] = ()
) -> str:
    """SQL: the rows that filters leave, each with its place, its slot and the columns asked for."""
    needed = [
        fact.dimensions[name].joins
        for name in (*([parting.by] if parting.by else []), *(one.dimension for one in parting.filters))
    ]
    wanted = {name for several in (*needed, joins) for name in several}
    sources = [f"{fact.source} x", *(JOINS[name].format(who=fact.who) for name in JOINS if name in wanted)]
    values = {name: found.value.format(who=fact.who) for name, found in fact.dimensions.items()}
    placed, slotted = str(UNPARTED), "1"
    if parting.cut or not parting.sizing:
        sources.append(parting.slots(fact))
        slotted = "slots.slot"
    if parting.by:
        placed = values[parting.by]
    if parting.by and not parting.sizing and not parting.plain:
        sources.append(
            "left join (select unnest($listed::varchar[]) as value, "
            f"generate_subscripts($listed::varchar[], 1) as place) places on places.value = {placed}"
        )
        placed = f"case when {placed} is null then {NONE} else coalesce(places.place, {REST}) end"
    conditions = [where, *_leaves(parting.filters, values)]
    return (
        f"select {placed} as place, {slotted} as slot, {columns} from {' '.join(sources)} "  # noqa: S608 (ours)
        f"where {' and '.join(f'({one})' for one in conditions)}"
    )


def cells(parting: Parting, *more: str) -> str:
    """SQL: the grouping sets that count a row in its cell, its interval, its value and the whole; `more` in each."""
    sets = [("slot",), ()]
    if parting.sizing:
        sets = [("place",)]
    elif parting.by:
        sets = [("place", "slot"), ("place",), ("slot",), ()]
    said = ", ".join(f"({', '.join((*one, *more))})" for one in sets)
    return f"grouping sets ({said})"


def place(parting: Parting) -> str:
    """SQL: the place of a group of `cells`, ALL where it is of all values."""
    if parting.sizing:
        return "place"
    return f"coalesce(place, {ALL})" if parting.by else str(ALL)


def slot(parting: Parting) -> str:
    """SQL: the slot of a group of `cells`, 0 where it is of the whole period."""
    return "0" if parting.sizing else "coalesce(slot, 0)"


def without_channel(parting: Parting) -> Parting:
    """The same whatever the channel."""
    return parting._replace(filters=tuple(one for one in parting.filters if one.dimension != CHANNEL))


def channels(parting: Parting, column: str) -> str:
    """SQL: what the filters say of a channel in a column."""
    return " and ".join(["true", *_channel_conditions(parting, column)])


def _channel_conditions(parting: Parting, column: str) -> list[str]:
    wanted = [one.value for one in parting.filters if one.dimension == CHANNEL and one.value is not None]
    return [f"{column} in ({', '.join(str(int(one)) for one in wanted)})"] if wanted else []
