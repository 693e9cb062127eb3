"""Over what a metric is read, and what is found: days, channels, amounts. Not here: reading (term_readers.py)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kernel.db import Connection
from kernel.periods import ONE_DAY, Interval

NOTHING = Decimal(0)


class Amount(NamedTuple):
    """A sum, and by currency what has no rate and stands apart."""

    value: Decimal = NOTHING
    unconverted: dict[str, Decimal] = {}  # noqa: RUF012 - never written to


class Days(NamedTuple):
    """Days from first to last, both inside."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def before(self) -> "Days":
        """The same number of days just before."""
        return Days(self.first - ONE_DAY * self.length, self.first - ONE_DAY)


class Scope(NamedTuple):
    """Over what a metric is read."""

    workspace: int
    zone: str
    currency: str
    period: Days
    interval: str
    series: tuple[Interval, ...]  # of the period, cut as `interval` says
    channels: tuple[int, ...]  # those asked for, ALL among them when all together are

    @property
    def slots(self) -> list[Days]:
        """Slot 0: the period; then its intervals, cut to it."""
        return [self.period, *(Days(interval.first, interval.last) for interval in self.series)]


Reading = dict[tuple[int, int], Amount]  # (channel, slot); what is not there is 0
Reader = Callable[[Connection, Scope], Reading]
