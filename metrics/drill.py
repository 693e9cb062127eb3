"""The rows behind a number: for each part of a metric's formula the orders, refunds, lines, customers … it is made of.

What the rows of a part count adds up to the part, exactly. Not here: the number itself (query.py, term_readers.py), how
a row is shown (drill_row.py).
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any, NamedTuple
from uuid import UUID

from kernel import cursor, money
from kernel.cursor import Order, Page
from kernel.db import Connection, array, rows
from kernel.errors import BadRequest
from kernel.periods import ONE_DAY
from metrics import drill_filter, drill_mirror, drill_order, drill_row, query
from metrics.catalogue.base import Difference, Listed, Mean, Metric, terms
from metrics.catalogue.parts import Part, part_of
from metrics.catalogue.rows import Rows
from metrics.conversion import Rate, rates
from metrics.drill_filter import ALL_ROWS, Kept
from metrics.scope import Amount, Days
from profiles import queries as people

MOST_DIGITS = 19  # of a serial id
INT_DIGITS = 10  # of a count in a cursor
INT = re.compile(r"-?\d+")
ENDLESS = {"-infinity", "-Infinity"}  # what a missing value is ordered by
STRIDES = (300, 2000, 8000)  # profiles looked at for a page before all are
DAY = "day"  # of what has no rows: a day each


class Slice(NamedTuple):
    """What is asked of a list: from where on (a cursor), how many, in which order ("": the list's own)."""

    at: str | None
    limit: int
    ordering: str = ""


def amount(
    db: Connection, settings: query.ReportingSettings, metric: Metric, part: Part, ask: query.Ask
) -> Amount:
    """What the rows of a part of a metric come to."""
    with localcontext(query.EXACT):
        read = query.readings(db, settings, metric, ask, terms(part.term))
        return query.amount(part.term, read.terms, (read.own, 1 if ask.calendar else 0))


def behind(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    settings: query.ReportingSettings,
    name: str,
    ask: query.Ask,
    at: str | None = None,
    limit: int = cursor.LIMIT,
    part: str | None = None,
    ordering: str = "",
) -> tuple[str, Page]:
    """What kind of rows a part of a metric's total is made of, and a page of them. `counts`: what a row adds to it.

    `ordering`: of `orderings`, with - for falling; nothing: the newest first.
    """
    metric = query.metric_named(name)
    found = part_of(metric, part)
    query.intervals(ask)
    ask = query.plain(settings, metric, ask)
    if found.rows.mirrored:
        rows_page = drill_mirror.page(db, settings, (metric, found), ask, at, limit, ordering)
        return found.rows.kind, rows_page
    page = _page if _statement(found.term) else _days
    return found.rows.kind, page(db, settings, (metric, found), ask, Slice(at, limit, ordering))


def orderings(part: Part) -> tuple[str, ...]:
    """By what the rows of a part can be ordered."""
    if part.rows.mirrored:
        return drill_mirror.orderings(part)
    return tuple(drill_order.sorts(part)) if _statement(part.term) else (DAY, drill_order.COUNTS)


def _page(
    db: Connection,
    settings: query.ReportingSettings,
    whose: tuple[Metric, Part],
    ask: query.Ask,
    asked: Slice,
) -> Page:
    metric, part = whose
    of = part.rows
    order = drill_order.order(part, asked.ordering)
    _check(order, asked.at)
    kept = drill_filter.of(db, settings, metric, part, ask)
    values = _values(settings, part, ask, kept) | kept.values
    shown = "".join(f", x.{column}" for column in of.shown)
    columns = f"({order.value})::text, x.key, x.amount, x.money, x.rate_day{shown}"
    select = f"select {columns} from ({_statement(part.term, kept)}) x"  # noqa: S608 (ours)
    if of.people and not asked.ordering and not kept.filtered:
        values["people"] = _candidates(db, settings, part.term, values, asked)
    found = cursor.page(db, select, ["true"], values, order, asked.at, asked.limit, lambda row: row[2:])
    rate = rates(db, settings.workspace, settings.currency, {row[1] for row in found.items if row[1]})
    counts = _counting(part, ask, rate)
    said = drill_row.answers(db, settings, of, [row[3:] for row in found.items], masked=ask.masked)
    with localcontext(query.EXACT):
        amounts = [counts(row) for row in found.items]
        items = [
            answer | {"counts": None if amount is None else query.text(amount)}
            for answer, amount in zip(said, amounts, strict=True)
        ]
    return Page(items, found.next, found.previous)


def _statement(term: Listed, kept: Kept = ALL_ROWS) -> str:
    """A term's rows: at, key, amount, money, rate_day, what is shown. Empty: there are none to list, but days.

    Where one term is less another: the rows of both, the second's counting below zero; of one and the same kind of
    rows each stands once, with what is left of it.
    """
    shown = term.rows.shown
    if term.rows.by_day:
        return ""
    if not isinstance(term, Difference) or term.rows.statement:
        return _select(term.rows, _amount(term), kept.where(term), shown) if term.rows.statement else ""
    left, less = term.left, term.less
    if left.rows.statement == less.rows.statement:
        amount = " - ".join(
            f"case when {kept.where(one)} then {_amount(one)} else 0 end" for one in (left, less)
        )
        return _select(left.rows, amount, f"({kept.where(left)}) or ({kept.where(less)})", shown)
    taken = _select(less.rows, f"-{_amount(less)}", kept.where(less), shown)
    return f"{_select(left.rows, _amount(left), kept.where(left), shown)} union all {taken}"


def _select(of: Rows, amount: str, where: str, shown: tuple[str, ...]) -> str:
    columns = ", ".join(f"x.{column}" for column in ("money", "rate_day", *shown))
    return (
        f"select x.at, x.key, {amount} as amount, {columns} "  # noqa: S608 (ours)
        f"from ({of.text}) x where {where}"
    )


def _amount(term: Listed) -> str:
    """What a row of a term adds to it, before it is converted."""
    return f"coalesce(x.{term.sum}, 0)" if term.sum else "1"


def _check(order: Order, at: str | None) -> None:
    """Refuses a cursor of another list before the database is asked."""
    if at is None:
        return
    _back, value, key = cursor.decode(at)
    if not (_is(order.cast, value) and _is(order.key_cast, key)):
        raise BadRequest("This cursor is none of ours: begin the list without one.", "bad_cursor")


def _is(cast: str, text: str) -> bool:
    """Whether a text is a value of a type."""
    if text in ENDLESS:
        return cast in {"timestamptz", "date", "numeric"}
    try:
        return READ[cast](text)
    except (ValueError, InvalidOperation):
        return False


READ: dict[str, Callable[[str], bool]] = {
    "timestamptz": lambda text: datetime.fromisoformat(text).tzinfo is not None,
    "date": lambda text: bool(date.fromisoformat(text)),
    "uuid": lambda text: bool(UUID(text)),
    "numeric": lambda text: text.isascii() and Decimal(text).is_finite(),
    "bigint": lambda text: text.isascii() and text.isdigit() and len(text) < MOST_DIGITS,
    "int": lambda text: text.isascii() and len(text) < INT_DIGITS and bool(INT.fullmatch(text)),
    "text": lambda text: "\x00" not in text,
}


def _candidates(
    db: Connection,
    settings: query.ReportingSettings,
    term: Listed,
    values: dict[str, Any],
    asked: Slice,
) -> str | None:
    """Profiles that hold a whole page of a list of customers, found by walking along their ids; None: look at all.

    A busy list costs no more than its page this way; a sparse one is looked through at once.
    """
    back, _value, text = cursor.decode(asked.at) if asked.at else (False, "", "")
    after = int(text) if text else None
    count = f"select count(*) from ({_statement(term)}) x"  # noqa: S608 (ours)
    near: list[int] = []
    there = 0
    for size in STRIDES:
        stride = people.walk(db, settings.workspace, after, back, size)
        near += stride
        there += rows(db, count, **values | {"people": array(stride)})[0][0]
        if there > asked.limit or len(stride) < size:
            return array(near)
        after = stride[-1]
    return None


def _values(settings: query.ReportingSettings, part: Part, ask: query.Ask, kept: Kept) -> dict[str, Any]:
    of, before = part.rows, query.before(ask)
    channel = None if kept.filtered else ask.channel  # what is kept is on its channel
    period = before if of.when == "before" else ask.period
    both = of.when == "both"
    return {
        "workspace": settings.workspace,
        "first": period.first,
        "last": period.last,
        "since": before.first if both else period.first,
        "channel": channel,
        "only": None if of.across else channel,
        "own": channel if of.across else None,
        "again": both,
        "least": of.least,
        "people": None,
        "home": settings.currency,
        "zone": settings.zone,
        "shown": array(list(settings.channels)),
    }


def _counting(part: Part, ask: query.Ask, rate: Rate) -> Callable[[Sequence[Any]], Decimal | None]:
    """What a row adds to its part; None: it has no rate and is left out."""
    money = part.unit == "money"

    def counts(row: Sequence[Any]) -> Decimal | None:
        amount, currency, day = row[:3]
        by = rate(currency, day) if (money or part.term.priced) and currency and day else Decimal(1)
        if by is None:
            return None
        if part.rows.spread:
            amount = _share(part.rows, row, ask.period)
        return Decimal(amount * by if money else amount)

    return counts


def _share(of: Rows, row: Sequence[Any], period: Days) -> Decimal:
    """What of a spend record falls on the days of a period, as it is booked: in minor units, by day."""
    amount, currency = row[0], row[1]
    first, last = row[3 + of.shown.index("first")], row[3 + of.shown.index("last")]
    shares = money.shares(amount, (last - first).days + 1, currency)
    begin = max((period.first - first).days, 0)
    return sum(shares[begin : (period.last - first).days + 1], Decimal(0))


def _days(
    db: Connection,
    settings: query.ReportingSettings,
    whose: tuple[Metric, Part],
    ask: query.Ask,
    asked: Slice,
) -> Page:
    """What has no rows: what each day comes to, newest first; their sum or their mean is the part."""
    metric, part = whose
    by, falling = asked.ordering.removeprefix("-"), not asked.ordering or asked.ordering.startswith("-")
    if by and by not in orderings(part):
        raise drill_order.unknown(dict.fromkeys(orderings(part)))
    term, period, back = part.term, ask.period, part.rows.back
    if isinstance(term, Mean):
        term, period = term.of, Days(period.last - ONE_DAY * (back - 1), period.last)
    daily = query.Ask(period, "day", channel=ask.channel)
    with localcontext(query.EXACT):
        read = query.readings(db, settings, metric, daily, terms(term))
        every = [
            (one.start, query.amount(term, read.terms, (read.own, slot)).value)
            for slot, one in enumerate(query.intervals(daily), 1)
        ]
    if not any(slot for found in read.terms.values() for _channel, slot in found):
        every = []
    every.sort(key=lambda one: one[::-1] if by == drill_order.COUNTS else one[:1], reverse=falling)
    begin, limit = drill_mirror.place(asked.at), asked.limit
    return Page(
        [
            {"day": day.isoformat(), "counts": query.text(amount)}
            for day, amount in every[begin : begin + limit]
        ],
        cursor.encode(False, "", begin + limit) if begin + limit < len(every) else None,
        cursor.encode(True, "", max(begin - limit, 0)) if begin else None,
    )
