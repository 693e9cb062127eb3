"""Over what a metric is read, and what is found: days, channels, amounts. Not here: reading (term_readers.py)."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from kernel.db import Connection
from kernel.periods import ONE_DAY, Interval

NOTHING = Decimal(0)
T = TypeVar("T")


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


class Once:
    """What was read for one page: rows by what they were asked with. `measures`: of the roll-ups, read together."""

    def __init__(self, measures: Sequence[str] = ()) -> None:
        self.measures = tuple(measures)
        self._kept: dict[Any, Any] = {}

    def read(self, key: Any, ask: Callable[[], T]) -> T:
        """What `ask` answers, the first time it is wanted. No answer is changed by who gets it."""
        if key not in self._kept:
            self._kept[key] = ask()
        found: T = self._kept[key]
        return found


class Scope(NamedTuple):
    """Over what a metric is read."""

    workspace: int
    zone: str
    currency: str
    period: Days
    interval: str
    series: tuple[Interval, ...]  # of the period, cut as `interval` says
    channels: tuple[int, ...]  # those asked for, ALL among them when all together are
    once: "Once | None" = None  # what one page reads, kept for its other questions

    @property
    def slots(self) -> list[Days]:
        """Slot 0: the period; then its intervals, cut to it."""
        return [self.period, *(Days(interval.first, interval.last) for interval in self.series)]


Reading = dict[tuple[int, int], Amount]  # (channel, slot); what is not there is 0
Reader = Callable[[Connection, Scope], Reading]
