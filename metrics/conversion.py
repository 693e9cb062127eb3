"""Amounts of other currencies in our own: the rate that holds on a day. Not here: rates as records (facts/rates.py)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from kernel.db import Connection, Statements, array, rows

SQL = Statements(__file__)
Rate = Callable[[str, date | None], Decimal | None]


def rates(db: Connection, workspace: int, own: str, currencies: set[str]) -> Rate:
    """The rate of a currency on a day: the newest that holds before the day ends. Our own currency's is 1."""
    foreign = currencies - {"", own}
    days: dict[str, list[date]] = defaultdict(list)
    found: dict[str, list[Decimal]] = defaultdict(list)
    asked = array(sorted(foreign))
    for currency, day, rate in (
        rows(db, SQL["rates"], workspace=workspace, currencies=asked) if foreign else []
    ):
        days[currency].append(day)
        found[currency].append(rate)

    def rate_of(currency: str, day: date | None) -> Decimal | None:
        if currency not in foreign or day is None:
            return Decimal(1)
        place = bisect_right(days[currency], day)
        return found[currency][place - 1] if place else None

    return rate_of


def first_days(db: Connection, workspace: int) -> dict[str, date]:
    """The currencies that have a rate, and from which day on."""
    return dict(rows(db, SQL["first_days"], workspace=workspace))
