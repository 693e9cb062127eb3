"""The rows behind a number: for each part of a metric's formula the orders, refunds, lines, customers … it is made of.

What the rows of a part count adds up to the part, exactly. Not here: the number itself (query.py, readings.py).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

from cdp.kernel import cursor, money
from cdp.kernel.cursor import Order, Page
from cdp.kernel.db import Connection, Statements, array, rows
from cdp.kernel.errors import BadRequest
from metrics import query
from metrics.catalogue import base
from metrics.lists import SPENT, Part, Source, part_of
from metrics.readings import Amount, Days, Rate, Scope, rates, read
from metrics.share import ALL
from profiles import queries as people

SQL = Statements(__file__)
MOST_DIGITS = 19  # of a serial id
STRIDES = (300, 2000, 8000)  # profiles looked at for a page before all are


def amount(db: Connection, shop: query.Shop, part: Part, ask: query.Ask) -> Amount:
    """What the rows of a part come to."""
    own = ALL if ask.channel is None else ask.channel
    series = tuple(query.intervals(ask))
    scope = Scope(shop.workspace, shop.zone, shop.currency, ask.period, ask.interval, series, (own,))
    with localcontext(query.EXACT):
        readings = {term: read(db, scope, term) for term in base.terms(part.term)}
        return query.amount(part.term, readings, (own, 1 if ask.calendar else 0))


def behind(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    shop: query.Shop,
    name: str,
    ask: query.Ask,
    at: str | None = None,
    limit: int = cursor.LIMIT,
    part: str | None = None,
) -> tuple[str, Page]:
    """What kind of rows a part of a metric's total is made of, and a page of them. `counts`: what a row adds to it."""
    metric = query.metric_named(name)
    found = part_of(metric, part)
    query.intervals(ask)
    if found.name == "stock":
        return found.source.kind, _stock(db, shop, found, ask, at, limit)
    return found.source.kind, _page(db, shop, found, ask, at, limit)


def _page(db: Connection, shop: query.Shop, part: Part, ask: query.Ask, at: str | None, limit: int) -> Page:
    source = part.source
    _check(source, at)
    values = _values(shop, part, ask)
    columns = ", ".join(f"x.{column}" for column in ("amount", "money", "rate_day", *source.shown))
    select = f"select x.at, x.key, {columns} from ({_statement(source)}) x"  # noqa: S608 (ours)
    order = Order("x.at", source.at_cast, "x.key", source.key_cast)
    if source.kind == "customers":
        values["people"] = _candidates(db, shop, source, values, at, limit)
    found = cursor.page(db, select, [source.more or "true"], values, order, at, limit, lambda row: row[2:])
    rate = rates(db, shop.workspace, shop.currency, {row[1] for row in found.items if row[1]})
    counts = _counting(part, ask, rate)
    known = _known(db, shop, source, found.items)
    items = []
    with localcontext(query.EXACT):
        for row in found.items:
            item = dict(
                pair
                for column, value in zip(source.shown, row[3:], strict=True)
                for pair in _shown(shop, column, value, known)
            )
            items.append(item | {"counts": _plain(counts(row))})
    return Page(items, found.next, found.previous)


def _statement(source: Source) -> str:
    """The rows of a list; where something is taken away, with the rows of that, counting below zero."""
    own = SQL[source.statement].rstrip()
    if not source.less:
        return own
    columns = ", ".join(f"x.{column}" for column in ("money", "rate_day", *source.shown))
    return (
        f"select x.at, x.key, x.amount, {columns} from ({own}) x union all "  # noqa: S608 (ours)
        f"select x.at, x.key, -x.amount, {columns} from ({SQL[source.less].rstrip()}) x"
    )


def _check(source: Source, at: str | None) -> None:
    """Refuses a cursor of another list before the database is asked."""
    if at is None:
        return
    _back, value, key = cursor.decode(at)
    if not (_is(source.at_cast, value) and _is(source.key_cast, key)):
        raise BadRequest("This cursor is none of ours: begin the list without one.", "bad_cursor")


def _is(cast: str, text: str) -> bool:
    """Whether a text is a value of a type."""
    try:
        if cast == "timestamptz":
            return datetime.fromisoformat(text).tzinfo is not None
        if cast == "uuid":
            return bool(UUID(text))
    except ValueError:
        return False
    if cast == "bigint":
        return text.isascii() and text.isdigit() and len(text) < MOST_DIGITS
    return "\x00" not in text


def _candidates(
    db: Connection, shop: query.Shop, source: Source, values: dict[str, Any], at: str | None, limit: int
) -> str | None:
    """Profiles that hold a whole page of a list of customers, found by walking along their ids; None: look at all.

    A busy list costs no more than its page this way; a sparse one is looked through at once.
    """
    back, _value, text = cursor.decode(at) if at else (False, "", "")
    place = int(text) if text else None
    count = f"select count(*) from ({_statement(source)}) x"  # noqa: S608 (ours)
    near: list[int] = []
    there = 0
    for size in STRIDES:
        stride = people.walk(db, shop.workspace, place, back, size)
        near += stride
        there += rows(db, count, **values | {"people": array(stride)})[0][0]
        if there > limit or len(stride) < size:
            return array(near)
        place = stride[-1]
    return None


def _values(shop: query.Shop, part: Part, ask: query.Ask) -> dict[str, Any]:
    period, before = ask.period, query.before(ask)
    name = part.name
    if name == "active_before":
        period = before
    return {
        "workspace": shop.workspace,
        "first": period.first,
        "last": period.last,
        "since": before.first if name == "retained" else period.first,
        "channel": ask.channel,
        "only": None if name == "cross" else ask.channel,
        "own": ask.channel if name == "cross" else None,
        "again": name == "retained",
        "least": part.source.least,
        "people": None,
    }


def _counting(part: Part, ask: query.Ask, rate: Rate) -> Callable[[Sequence[Any]], Decimal | None]:
    """What a row adds to its part; None: it has no rate and is left out."""

    def counts(row: Sequence[Any]) -> Decimal | None:
        amount, currency, day = row[:3]
        by = rate(currency, day) if currency and day else Decimal(1)
        if part.source.counted:
            return Decimal(1) if by is not None or part.name != "priced_orders" else None
        if by is None:
            return None
        if part.name == "spend_acquisition":
            amount = _share(row, ask.period)
        return Decimal(amount * by)

    return counts


def _share(row: Sequence[Any], period: Days) -> Decimal:
    """What of a spend record falls on the days of a period, as it is booked: in minor units, by day."""
    amount, currency = row[0], row[1]
    first, last = row[3 + SPENT.index("first")], row[3 + SPENT.index("last")]
    shares = money.shares(amount, (last - first).days + 1, currency)
    begin = max((period.first - first).days, 0)
    return sum(shares[begin : (period.last - first).days + 1], Decimal(0))


def _stock(db: Connection, shop: query.Shop, part: Part, ask: query.Ask, at: str | None, limit: int) -> Page:
    """The closing worth of each day, newest first: their mean is the part."""
    daily = query.Ask(ask.period, "day", channel=ask.channel)
    series = tuple(query.intervals(daily))
    own = ALL if ask.channel is None else ask.channel
    scope = Scope(shop.workspace, shop.zone, shop.currency, ask.period, "day", series, (own,))
    with localcontext(query.EXACT):
        worth = read(db, scope, part.term)
        every = [
            {"day": one.start.isoformat(), "counts": query.text(worth.get((own, slot), Amount()).value)}
            for slot, one in enumerate(series, 1)
        ]
    if not any(slot for _channel, slot in worth):
        every = []
    every.reverse()
    begin = _place(at)
    shown = every[begin : begin + limit]
    return Page(
        shown,
        cursor.encode(False, "", begin + limit) if begin + limit < len(every) else None,
        cursor.encode(True, "", max(begin - limit, 0)) if begin else None,
    )


def _place(at: str | None) -> int:
    place = cursor.decode(at)[2] if at else "0"
    if not place.isascii() or not place.isdigit() or len(place) > 9:
        raise BadRequest("This cursor is none of ours: begin the list without one.", "bad_cursor")
    return int(place)


def _known(
    db: Connection, shop: query.Shop, source: Source, found: Sequence[Sequence[Any]]
) -> dict[str, dict[int, tuple[UUID, str]]]:
    """Who the rows of a page belong to: public id and name, by profile and by sighting."""
    profiles = _column(source, found, "profile_id")
    sightings = _column(source, found, "sighting_id")
    owners: dict[int, int] = (
        dict(rows(db, SQL["people"], workspace=shop.workspace, sightings=array(sorted(sightings))))
        if sightings
        else {}
    )
    known = people.known(db, shop.workspace, profiles | set(owners.values()))
    return {
        "profile_id": known,
        "sighting_id": {sighting: known[one] for sighting, one in owners.items() if one in known},
    }


def _column(source: Source, found: Sequence[Sequence[Any]], name: str) -> set[int]:
    if name not in source.shown:
        return set()
    place = 3 + source.shown.index(name)
    return {row[place] for row in found if row[place] is not None}


def _shown(
    shop: query.Shop, column: str, value: Any, known: dict[str, dict[int, tuple[UUID, str]]]
) -> list[tuple[str, Any]]:
    """A column as it is shown: channels by slug, people by public id and name, numbers as strings, times in UTC."""
    if column in known:
        key, name = known[column].get(value, (None, ""))
        return [("profile", str(key) if key else None), ("customer", name)]
    if column == "channels":
        return [(column, [shop.channels.get(channel) for channel in value])]
    if column.endswith("channel_id"):
        return [(column.removesuffix("_id"), shop.channels.get(value))]
    return [(column, _plain(value))]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return query.text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, date | UUID | timedelta) else value
