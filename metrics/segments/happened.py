"""The parts of a rule that the columnar mirror answers: what people did, in which order, what they bought in a time.

A part is one SELECT of DuckDB over all people of the mirror. Sequences: each start is tried, from it each step is met
by the earliest event that can be the next one, as in a funnel (metrics/journeys/funnel.py); two events of one instant
are in order unless one event could be both. A window reaches from its length before now, that moment inside, onwards.
Not here: whole rules (compile.py).
"""

import itertools
from collections.abc import Sequence as Listed
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel import periods
from kernel.db import Connection
from metrics.conversion import rates
from metrics.journeys.steps import Step, bound
from metrics.mirror.reading import Mirror
from metrics.query import ReportingSettings
from metrics.segments.rule import (
    All,
    Did,
    FirstOrder,
    InSegment,
    Node,
    Not,
    Orders,
    Sequence,
    Sizes,
    Some,
    Span,
    Spent,
)

SIGNS: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "is": "="}
PEOPLE: Final = "(select distinct profile from customers) p"
FOREIGN: Final = """select currency, day from purchases
where profile is not null and currency not in ('', $own) group by currency, day"""
RATE: Final = "decimal(18, 10)"
MICROSECOND: Final = timedelta(microseconds=1)


class Asked(NamedTuple):
    """Whom it is asked of, and when."""

    db: Connection
    mirror: Mirror
    settings: ReportingSettings
    now: datetime


def found(asked: Asked, node: Node) -> str:
    """Everybody of whom a part holds, by serial id, as the literal of an array."""
    text, values = _statement(asked, node, "'{' || coalesce(string_agg(p.profile::varchar, ','), '') || '}'")
    return str(asked.mirror.rows(text, **values)[0][0])


def counted(asked: Asked, node: Node, sample: int) -> tuple[int, list[int]]:
    """How many they are, and some of them by serial id."""
    text, values = _statement(asked, node, f"count(*), list(p.profile order by p.profile desc)[1:{sample}]")
    count, some = asked.mirror.rows(text, **values)[0]
    return count, some or []


def _statement(asked: Asked, node: Node, columns: str) -> tuple[str, dict[str, Any]]:
    writer = _Writer(asked)
    where = writer.of(node)
    return f"{writer.rates()}select {columns} from {PEOPLE} where {where}", writer.values


class _Writer:
    """Writes one SELECT; what is bound in it gathers in `values`."""

    def __init__(self, asked: Asked) -> None:
        self.asked, self.values, self.converts = asked, dict[str, Any](), False

    def of(self, node: Node) -> str:
        """A condition on `p.profile`."""
        match node:
            case All(parts) | Some(parts):
                word = " and " if isinstance(node, All) else " or "
                return f"({word.join(map(self.of, parts))})"
            case Not(part):
                return f"not {self.of(part)}"
            case InSegment(_, part) if part is not None:
                return self.of(part)
        return self._leaf(node)

    def _leaf(self, node: Node) -> str:
        match node:
            case Did(step, times, span):
                where = f"contacts t where {step.sql(self.values)}{self._in(span, 't.')}"
                return self._sized(where, "count(*)", times)
            case Orders(times, span):
                return self._sized(
                    f"purchases t where profile is not null{self._in(span)}", "count(*)", times
                )
            case Spent(amounts, span):
                return self._spent(amounts, span)
            case FirstOrder(channels, span):
                return self._first(channels, span)
            case Sequence(listed, within):
                return self._sequence(listed, within)
        raise AssertionError(node)

    def rates(self) -> str:
        """What a sum of several currencies is converted by, before the SELECT."""
        if not self.converts:
            return ""
        own, settings = self.asked.settings.currency, self.asked.settings
        foreign = self.asked.mirror.rows(FOREIGN, own=own)
        rate_of = rates(self.asked.db, settings.workspace, own, {currency for currency, _ in foreign})
        rated = [
            (currency, day, rate) for currency, day in foreign if (rate := rate_of(currency, day)) is not None
        ]
        columns = (
            [currency for currency, _, _ in rated],
            [day for _, day, _ in rated],
            [f"{rate:.10f}" for _, _, rate in rated],
        )
        places = [bound(self.values, column) for column in columns]
        return (
            f"with rates as (select unnest({places[0]}::varchar[]) as currency, unnest({places[1]}::date[]) as day,"
            f" unnest({places[2]}::{RATE}[]) as rate) "
        )

    def _in(self, span: Span, of: str = "") -> str:
        """The time that counts, behind other conditions."""
        if span.within is not None:
            begin = (self.asked.now - span.within).astimezone(UTC).replace(tzinfo=None)
            return f" and {of}occurred_at >= {bound(self.values, begin)}::timestamp"
        if span.days is None:
            return ""
        begin, end = self._edges(span)
        return (
            f" and {of}occurred_at >= {bound(self.values, begin)}::timestamp"
            f" and {of}occurred_at < {bound(self.values, end)}::timestamp"
        )

    def _edges(self, span: Span) -> tuple[datetime, datetime]:
        assert span.days is not None  # noqa: S101 (asked by who has seen it)
        where = periods.zone(self.asked.settings.zone)
        return (
            periods.begins(span.days[0], where).replace(tzinfo=None),
            periods.ends(span.days[1], where).replace(tzinfo=None),
        )

    def _sized(self, rows: str, what: str, sizes: Sizes) -> str:
        """How much there is of rows: who has none has 0."""
        holds = " and ".join(
            f"{what} {SIGNS[sign]} {bound(self.values, f'{size:f}')}::decimal(38, 14)" for sign, size in sizes
        )
        if _holds_of_nothing(sizes):
            return f"p.profile not in (select profile from {rows} group by profile having not ({holds}))"
        return f"p.profile in (select profile from {rows} group by profile having {holds})"

    def _spent(self, amounts: Sizes, span: Span) -> str:
        self.converts = True
        own = bound(self.values, self.asked.settings.currency)
        rows = (
            f"(select o.*, case when o.currency in ('', {own}) then 1::{RATE} else r.rate end as rate"
            " from purchases o left join rates r on r.currency = o.currency and r.day = o.day"
            f" where o.profile is not null{self._in(span, 'o.')})"
        )
        return self._sized(rows, "coalesce(sum((total - refunded) * rate), 0)", amounts)

    def _first(self, channels: Listed[int], span: Span) -> str:
        where = []
        if channels:
            places = ", ".join(f"{bound(self.values, channel)}::integer" for channel in channels)
            where.append(f"channel in ({places})")
        first = (
            "select profile, min(occurred_at) as occurred_at, arg_min(channel, (occurred_at, message_id)) as channel"
            " from purchases where profile is not null group by profile"
        )
        conditions = " and ".join(["true", *where]) + self._in(span)
        return f"p.profile in (select profile from ({first}) where {conditions})"

    def _sequence(self, listed: Listed[Step], within: timedelta) -> str:
        way = f"select profile, occurred_at as t0, occurred_at as t1 from contacts t where {self._step(listed[0])}"
        for before, step in itertools.pairwise(listed):
            sign = "<" if before.may_be(step) else "<="
            way = (
                f"select a.profile, a.t0, b.t1 from ({way}) a asof join (select profile, occurred_at as t1"
                f" from contacts t where {self._step(step)}) b on a.profile = b.profile and a.t1 {sign} b.t1"
            )
        longest = bound(self.values, within // MICROSECOND)
        return (
            f"p.profile in (select profile from ({way}) where t1 <= t0 + to_microseconds({longest}::bigint))"
        )

    def _step(self, step: Step) -> str:
        return step.sql(self.values)


def _holds_of_nothing(sizes: Sizes) -> bool:
    """Whether comparisons hold of 0."""
    zero = Decimal(0)
    truth = {
        "gt": lambda size: zero > size,
        "gte": lambda size: zero >= size,
        "lt": lambda size: zero < size,
        "lte": lambda size: zero <= size,
        "is": lambda size: zero == size,
    }
    return all(truth[sign](size) for sign, size in sizes)
