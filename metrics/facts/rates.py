"""Rate records: what a unit of a currency is worth in the workspace's, from a moment on; and how they are looked up."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection
from kernel.event import Record
from metrics.facts.base import WorkspaceSettings
from metrics.facts.records import STAMP, settle, stamp
from metrics.facts.tables import Table

ONE = Decimal(1)


class Rate(NamedTuple):
    """A rate record."""

    currency: str
    at: datetime
    day: date
    rate: Decimal
    id: UUID
    received_at: datetime
    request: UUID
    position: int


RATES = Table(
    "metrics_rate",
    Rate,
    ("currency", "at"),
    {"currency": "text", "at": "timestamptz", "day": "date", "rate": "numeric", **STAMP},
)


class Rates:
    """Rates to look up: the rate of a day is the newest whose moment lies before that day ends."""

    def __init__(self, own: str, found: Iterable[tuple[str, datetime, date, Decimal]]) -> None:
        self._own = own
        self._days: dict[str, list[date]] = defaultdict(list)
        self._rates: dict[str, list[Decimal]] = defaultdict(list)
        for currency, _, day, rate in sorted(found):
            self._days[currency].append(day)
            self._rates[currency].append(rate)

    def of(self, currency: str, day: date) -> Decimal | None:
        """Workspace currency per one unit on that day; None: nobody said so far."""
        if currency == self._own:
            return ONE
        after = bisect_right(self._days.get(currency, ()), day)
        return self._rates[currency][after - 1] if after else None


def apply(db: Connection, settings: WorkspaceSettings, records: Iterable[Record]) -> set[str]:
    """Writes the batch's rate records; the currencies whose worth may have changed."""
    settled = settle(
        db, settings, RATES, [_row(record, settings) for record in records if record.type == "rate"]
    )
    return {rate.currency for _, rate in settled.changed()}


def _row(record: Record, settings: WorkspaceSettings) -> Rate:
    fields = record.fields
    return Rate(
        currency=fields["currency"],
        at=record.at,
        day=settings.day(record.at),
        rate=fields["rate"],
        **stamp(record),
    )
