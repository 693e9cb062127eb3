"""What happened, for the judges of journeys: people, orders, touches as plain rows, and the calendar of a zone.

Slow and plain. The same rows fill the mirror in memory (`put`). Not here: a judge (journeys_*.py).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from kernel.models import Workspace
from metrics.journeys.base import Asked
from metrics.query import ReportingSettings
from metrics.scope import Days
from tests.metrics.mirror_tables import InMemory

CHANNELS = {1: "web", 2: "store", 3: "tmall"}
DAY = timedelta(days=1)


class Refund(NamedTuple):
    """Money given back of an order."""

    at: datetime
    amount: Decimal


class Order(NamedTuple):
    """An order; `customer` None: nobody known. Times are aware."""

    number: str
    channel: int
    at: datetime
    customer: int | None
    total: Decimal = Decimal(100)
    currency: str = "CNY"
    store: str = ""
    campaign: str = ""
    source: str = ""
    tie: int = 0
    refunds: tuple[Refund, ...] = ()


class Touch(NamedTuple):
    """Something that a customer did or met."""

    channel: int
    at: datetime
    customer: int
    touchpoint: str = "browse"
    name: str = "Product Viewed"
    active: bool = True
    campaign: str = ""
    source: str = ""
    properties: str = "{}"
    tie: int = 0


class Happened(NamedTuple):
    """All there is."""

    zone: str
    orders: list[Order]
    touches: list[Touch]
    cities: Mapping[int, str] = {}
    rates: Mapping[str, list[tuple[date, Decimal]]] = {}

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def start(self, at: datetime, interval: str) -> date:
        """The start of the calendar interval that holds a moment."""
        day = self.day(at)
        return day.replace(day=1) if interval == "month" else day - day.weekday() * DAY

    def rate(self, currency: str, day: date) -> Decimal | None:
        """The newest that holds that day."""
        if currency == "CNY":
            return Decimal(1)
        held = [rate for since, rate in self.rates.get(currency, []) if since <= day]
        return held[-1] if held else None


def following(start: date, interval: str) -> date:
    """The next interval's start."""
    return start + 7 * DAY if interval == "week" else (start + 32 * DAY).replace(day=1)


def starts(first: date, last: date, interval: str) -> list[date]:
    """Those of all intervals with a day in the period."""
    days = [first + n * DAY for n in range((last - first).days + 1)]
    return sorted({day.replace(day=1) if interval == "month" else day - day.weekday() * DAY for day in days})


def naive(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC).replace(tzinfo=None)


@cache
def _in_memory() -> InMemory:
    """One for all examples: each is filled anew."""
    return InMemory()


def mirror(happened: Happened, **more: list[dict[str, Any]]) -> InMemory:
    """The same in a mirror. A customer has two sightings, 10 x n and 10 x n + 1, that take turns; its profile is n."""
    found = _in_memory()
    found.clear()
    people = {one.customer for one in [*happened.orders, *happened.touches] if one.customer is not None}
    found.put(
        "customers",
        [
            {"sighting": 10 * who + place, "profile": who, "identified": True}
            for who in sorted(people | set(happened.cities))
            for place in (0, 1)
        ],
    )

    def sighting(who: int | None, place: int) -> int | None:
        return None if who is None else 10 * who + place % 2

    found.put(
        "touches",
        [
            {
                "occurred_at": naive(one.at),
                "sighting": sighting(one.customer, place),
                **{name: getattr(one, name) for name in ("channel", "touchpoint", "name", "active", "tie")},
                **{name: getattr(one, name) or None for name in ("campaign", "source")},
                "properties": one.properties,
            }
            for place, one in enumerate(happened.touches)
        ],
    )
    found.put(
        "orders",
        [
            {
                "order_id": one.number,
                "occurred_at": naive(one.at),
                "day": happened.day(one.at),
                "sighting": sighting(one.customer, place),
                "refunded": sum((refund.amount for refund in one.refunds), Decimal(0)),
                "state": "open",
                **{name: getattr(one, name) for name in ("channel", "tie", "currency", "total")},
                **{name: getattr(one, name) or None for name in ("store", "campaign", "source")},
            }
            for place, one in enumerate(happened.orders)
        ],
    )
    found.put(
        "refunds",
        [
            {
                "order_id": one.number,
                "channel": one.channel,
                "service_channel": one.channel,
                "kind": "refund",
                "occurred_at": naive(refund.at),
                "day": happened.day(refund.at),
                "order_day": happened.day(one.at),
                "currency": one.currency,
                "amount": refund.amount,
            }
            for one in happened.orders
            for refund in one.refunds
        ],
    )
    found.put(
        "traits",
        [
            {
                "sighting": 10 * who,
                "name": "city",
                "value": city,
                "occurred_at": datetime(2026, 1, 1),  # noqa: DTZ001 - as the mirror has it
                "tie": 0,
            }
            for who, city in happened.cities.items()
        ],
    )
    for table, rows in more.items():
        found.put(table, rows)
    return found


def asked(
    happened: Happened,
    first: date,
    last: date,
    found: InMemory | None = None,
    workspace: Workspace | None = None,
) -> Asked:
    """A question over what happened."""
    settings = ReportingSettings(workspace.pk if workspace else 0, happened.zone, "CNY", CHANNELS)
    return Asked(found or mirror(happened), settings, Days(first, last))
