"""Random orders with returns, refunds, tickets, answers and payments, in the judge's form and in the mirror's."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from metrics.journeys.base import Asked
from metrics.query import ReportingSettings
from metrics.scope import Days
from tests.metrics.mirror_tables import InMemory
from tests.reference.service import Row, World

CHANNELS = {1: "web", 2: "store", 3: "tmall"}
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 4)
NUMBERS = ("A", "B", "C")
ZONES = ("Asia/Shanghai", "UTC", "America/New_York")
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
_MIRROR: list[InMemory] = []


def at(hours: float) -> datetime:
    """So many hours after 1 March in UTC."""
    return BEGIN + hours * HOUR


def moments() -> st.SearchStrategy[datetime]:
    """Around the period, often the same one twice."""
    return st.sampled_from((-60, -20, -1, 0, 5, 5.5, 24, 47, 48, 71, 72, 90, 100, 130)).map(at)


def day(zone: str, moment: datetime | None) -> date | None:
    return moment and moment.astimezone(ZoneInfo(zone)).date()


PLACES = st.tuples(st.sampled_from(NUMBERS), st.sampled_from(sorted(CHANNELS)))
CENTS = st.integers(0, 9_999).map(lambda cents: Decimal(cents) / 100)
SIGHTINGS = st.sampled_from([None, 10, 11, 20, 21])
OWNERS = {10: 1, 11: 1, 20: 2, 21: 2}


@st.composite
def worlds(draw: Any) -> World:
    """Few numbers and channels, so that all of them meet."""
    zone = draw(st.sampled_from(ZONES))
    places = draw(st.lists(PLACES, max_size=5, unique=True))
    orders = [
        {
            "order_id": number,
            "channel": channel,
            "occurred_at": (when := draw(moments())),
            "day": day(zone, when),
            "currency": draw(st.sampled_from(["CNY", "CNY", "USD", "XAU"])),
            "total": Decimal(500),
            "refunded": Decimal(0),
            "sighting": draw(SIGHTINGS),
            "message_id": f"{number}{channel}",
        }
        for number, channel in places
    ]
    backs = [draw(a_return(one, zone)) for one in orders for _ in range(draw(st.integers(0, 2)))]
    backs = list({(*_order(one), one["service_channel"], one["key"]): one for one in backs}.values())
    refunds = [draw(a_refund(one, zone)) for one in orders for _ in range(draw(st.integers(0, 2)))]
    refunds = list(
        {(*_order(one), one["service_channel"], one["kind"], one["key"]): one for one in refunds}.values()
    )
    return World(
        zone,
        orders,
        backs,
        [line for one in backs for line in draw(lines(one))],
        refunds,
        draw(st.lists(answer(zone), max_size=5, unique_by=_named)),
        draw(st.lists(ticket(), max_size=6, unique_by=_named)),
        draw(
            st.lists(
                payment(),
                max_size=9,
                unique_by=lambda one: (*_order(one), one["service_channel"], one["key"]),
            )
        ),
        OWNERS,
    )


def _order(one: Row) -> tuple[str, int]:
    return one["order_id"], one["channel"]


def _named(one: Row) -> tuple[int, str]:
    return one["channel"], one["key"]


@st.composite
def a_return(draw: Any, order: Row, zone: str) -> Row:
    asked, came = draw(st.none() | moments()), draw(st.none() | moments())
    if asked is came is None:
        came = at(5)
    return {
        "order_id": order["order_id"],
        "channel": order["channel"],
        "service_channel": draw(st.sampled_from(sorted(CHANNELS))),
        "key": draw(st.sampled_from(["r1", "r2"])),
        "occurred_at": min(one for one in (asked, came) if one),
        "requested_at": asked,
        "received_at": came,
        "day": day(zone, came),
        "store": None,
    }


@st.composite
def lines(draw: Any, back: Row) -> list[Row]:
    """Of goods received, and now and then of a cancellation."""
    if not back["received_at"]:
        return []
    names = ("order_id", "channel", "service_channel", "day")
    kinds = draw(st.lists(st.sampled_from(["return", "return", "cancel"]), max_size=2))
    return [
        {name: back[name] for name in names}
        | {
            "kind": kind,
            "line": line,
            "sku": "chair",
            "occurred_at": back["received_at"],
            "quantity": Decimal(1),
        }
        for line, kind in enumerate(kinds)
    ]


@st.composite
def a_refund(draw: Any, order: Row, zone: str) -> Row:
    when = draw(moments())
    kind = draw(st.sampled_from(["refund", "refund", "cancel"]))
    return {
        "order_id": order["order_id"],
        "channel": order["channel"],
        "service_channel": draw(st.sampled_from(sorted(CHANNELS))),
        "kind": kind,
        "key": "" if kind == "cancel" else draw(st.sampled_from(["f1", "f2"])),
        "occurred_at": when,
        "day": day(zone, when),
        "order_day": order["day"],
        "currency": order["currency"],
        "amount": draw(CENTS),
    }


@st.composite
def answer(draw: Any, zone: str) -> Row:
    when = draw(moments())
    key = draw(st.sampled_from(["a1", "a2", "a3", "a4"]))
    return {
        "channel": draw(st.sampled_from(sorted(CHANNELS))),
        "key": key,
        "occurred_at": when,
        "day": day(zone, when),
        "message_id": f"m{draw(st.integers(1, 9))}",
        "sighting": draw(SIGHTINGS),
        "satisfied": draw(st.booleans()),
        "order_id": draw(st.sampled_from([None, *NUMBERS])),
    }


@st.composite
def ticket(draw: Any) -> Row:
    times = [draw(st.none() | moments()) for _ in range(3)]
    resolved = times[1]
    return {
        "channel": draw(st.sampled_from(sorted(CHANNELS))),
        "key": draw(st.sampled_from(["t1", "t2", "t3"])),
        "occurred_at": draw(moments()),
        "sighting": draw(SIGHTINGS),
        "opened_at": times[0],
        "resolved_at": resolved,
        "first_response_at": times[2],
        "topic": None,
        "order_id": draw(st.sampled_from([None, *NUMBERS])),
        "reopened": draw(st.integers(0, 2)) if resolved else 0,
        "closed_at": draw(st.sampled_from([None, resolved])),
    }


@st.composite
def payment(draw: Any) -> Row:
    started, failed = draw(moments()), draw(st.none() | moments())
    paid = draw(st.none() | moments())
    state = "succeeded" if paid else "failed" if failed else "started"
    return {
        "order_id": draw(st.sampled_from((*NUMBERS, "D"))),
        "channel": draw(st.sampled_from(sorted(CHANNELS))),
        "service_channel": draw(st.sampled_from([1, 2])),
        "key": draw(st.sampled_from(["p1", "p2", "p3"])),
        "occurred_at": started,
        "started_at": started,
        "succeeded_at": paid,
        "failed_at": failed,
        "state": state,
        "amount": Decimal(5),
        "currency": "CNY",
        "method": draw(st.sampled_from([None, "wechat", "card"])),
        "reason": draw(st.sampled_from([None, "funds", "limit"])) if failed else None,
        "sighting": draw(SIGHTINGS),
    }


# ---- in the mirror --------------------------------------------------------------------------------------


def naive(row: Row) -> Row:
    """Times as the mirror has them."""
    return {
        name: value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def mirror(world: World) -> InMemory:
    """One for all examples: each is filled anew."""
    if not _MIRROR:
        _MIRROR.append(InMemory())
    (found,) = _MIRROR
    found.clear()
    for table in World._fields[1:-1]:
        found.put(table, [naive(one) for one in getattr(world, table)])
    owners = [{"sighting": one, "profile": who, "identified": True} for one, who in world.owners.items()]
    found.put("customers", owners)
    return found


def asked(world: World, first: date = FIRST, last: date = LAST) -> Asked:
    """A question over it."""
    settings = ReportingSettings(0, world.zone, "CNY", CHANNELS)
    return Asked(mirror(world), settings, Days(first, last))


def span(world: World, first: date = FIRST, last: date = LAST) -> tuple[datetime, datetime]:
    """The period's begin and end."""
    where = ZoneInfo(world.zone)
    begin = datetime(first.year, first.month, first.day, tzinfo=where)
    end = last + timedelta(days=1)
    return begin, datetime(end.year, end.month, end.day, tzinfo=where)
