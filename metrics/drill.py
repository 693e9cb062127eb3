"""The rows behind a number: for each part of a metric's formula the orders, refunds, lines, customers … it is made of.

What the rows of a part count adds up to the part, exactly. Not here: the number itself (query.py, readings.py).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any, NamedTuple
from uuid import UUID

from cdp.kernel import cursor, money
from cdp.kernel.cursor import Order, Page
from cdp.kernel.db import Connection, Statements, array, rows
from cdp.kernel.errors import BadRequest, NotFound
from metrics import query
from metrics.catalogue import base
from metrics.readings import Amount, Days, Rate, Scope, rates, read
from metrics.share import ALL
from profiles import queries as people

SQL = Statements(__file__)
MOST_DIGITS = 19  # of a serial id
STRIDES = (300, 2000, 8000)  # profiles looked at for a page before all are
ORDER = ("order_id", "channel_id", "occurred_at", "currency", "total", "refunded", "state", "sighting_id")
BACK = ("order_id", "channel_id", "service_channel_id", "received_at", "store")
LINE = ("order_id", "channel_id", "sku", "name", "occurred_at", "quantity", "unit_cost", "cost_currency")
ACTIVE = ("profile_id", "first_at", "last_at", "channels", "events")
BUYER = ("profile_id", "first_at", "last_at", "channels", "orders")
SKU = ("sku", "channels", "prices", "currency", "agreeing")
ANSWER = ("profile_id", "occurred_at", "channel_id", "score", "scale", "satisfied", "answers")


class Source(NamedTuple):
    """A list of rows: its statement, what is shown of a row, by what the list is ordered."""

    kind: str
    statement: str
    shown: tuple[str, ...]
    counted: bool = True  # a row counts 1; else its amount
    key_cast: str = "uuid"
    at_cast: str = "timestamptz"
    more: str = ""  # a further condition
    least: int = 1


def _people(statement: str, shown: tuple[str, ...], least: int = 1) -> Source:
    """Customers, those we came to know last first."""
    return Source("customers", statement, shown, key_cast="bigint", at_cast="bigint", least=least)


REFUND = (
    "order_id",
    "channel_id",
    "service_channel_id",
    "occurred_at",
    "order_day",
    "currency",
    "refund",
    "reason",
)
SPENT = ("channel_id", "first", "last", "currency", "spent", "campaign", "medium", "kind")
SOURCES = {
    "gmv": Source("orders", "orders", ORDER, counted=False),
    "orders": Source("orders", "orders", ORDER),
    "priced_orders": Source("orders", "orders", ORDER),
    "refunds": Source("refunds", "refunds", REFUND, counted=False),
    "returns": Source("returns", "returns", BACK),
    "returns_elsewhere": Source("returns", "returns_elsewhere", BACK),
    "cogs": Source("lines", "lines", LINE, counted=False, key_cast="text"),
    "cogs_returned": Source("lines", "lines_back", LINE, counted=False, key_cast="text"),
    "spend_acquisition": Source("spend", "spend", SPENT, counted=False, key_cast="text"),
    "stock": Source("days", "", ("day",), counted=False),
    "compared": Source("skus", "skus", SKU, key_cast="text", at_cast="text"),
    "agreeing": Source("skus", "skus", SKU, key_cast="text", at_cast="text", more="x.agreeing"),
    "active": _people("active", ACTIVE),
    "cross": _people("cross", ACTIVE),
    "retained": _people("retained", ACTIVE),
    "active_before": _people("active", ACTIVE),
    "buyers": _people("buyers", BUYER),
    "repeat": _people("buyers", BUYER, least=2),
    "new": _people("new", ("profile_id", "occurred_at", "order_id", "channel_id")),
    "answered": Source("answers", "answers", ANSWER, key_cast="text"),
    "satisfied": Source("answers", "answers", ANSWER, key_cast="text", more="x.satisfied"),
}
NAMES: dict[type[base.Value], str] = {
    base.ConvertedOrders: "priced_orders",
    base.Retained: "retained",
    base.ActiveBefore: "active_before",
    base.AverageStock: "stock",
}


class Part(NamedTuple):
    """One term of a metric: where it stands in the formula, and whether it is taken away."""

    name: str
    side: str  # value, numerator, denominator
    sign: int
    term: base.Value

    @property
    def source(self) -> Source:
        """The rows it is made of."""
        return SOURCES[self.name]


def parts(metric: base.Metric) -> list[Part]:
    """The terms of a metric in the order of its formula."""
    value = metric.value
    if isinstance(value, base.Ratio):
        return _signed(value.top, "numerator") + _signed(value.bottom, "denominator")
    return _signed(value, "value")


def part_of(metric: base.Metric, name: str | None) -> Part:
    """The part of that name; the first one where none is named."""
    every = parts(metric)
    found = next((part for part in every if part.name == (name or every[0].name)), None)
    if found is None:
        raise NotFound(f"{metric.name} has no part {name!r}: {', '.join(part.name for part in every)}.")
    return found


def amount(db: Connection, shop: query.Shop, part: Part, ask: query.Ask) -> Amount:
    """What the rows of a part come to."""
    own = ALL if ask.channel is None else ask.channel
    series = tuple(query.intervals(ask))
    scope = Scope(shop.workspace, shop.zone, shop.currency, ask.period, ask.interval, series, (own,))
    with localcontext(query.EXACT):
        return read(db, scope, part.term).get((own, 0), Amount())


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


def _signed(value: base.Value, side: str, sign: int = 1) -> list[Part]:
    if isinstance(value, base.Difference):
        return _signed(value.left, side, sign) + _signed(value.right, side, -sign)
    if isinstance(value, base.PricedTwice):
        name = "agreeing" if value.agreeing else "compared"
    else:
        name = NAMES.get(type(value)) or str(getattr(value, "measure", ""))
    return [Part(name, side, sign, value)]


def _page(db: Connection, shop: query.Shop, part: Part, ask: query.Ask, at: str | None, limit: int) -> Page:
    source = part.source
    _check(source, at)
    values = _values(shop, part, ask)
    columns = ", ".join(f"x.{column}" for column in ("amount", "money", "rate_day", *source.shown))
    select = f"select x.at, x.key, {columns} from ({SQL[source.statement].rstrip()}) x"  # noqa: S608 (ours)
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
    count = f"select count(*) from ({SQL[source.statement].rstrip()}) x"  # noqa: S608 (ours)
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
    period, before = ask.period, ask.period.before()
    if part.name == "active_before":
        period = before
    return {
        "workspace": shop.workspace,
        "first": period.first,
        "last": period.last,
        "before": before.first,
        "channel": ask.channel,
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
