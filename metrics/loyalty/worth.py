"""Money of orders added up exactly: sums by currency and day, in the workspace's currency by the day's rate.

A question selects `currency` and `day` so that both are null of our own money: only foreign money is told day by day.
Not here: rates (metrics/conversion.py), what an order is worth to whom.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from kernel import money
from kernel.db import Connection
from metrics.conversion import Rate, rates
from metrics.query import EXACT, ReportingSettings
from metrics.scope import NOTHING, Amount


class Sums(NamedTuple):
    """Rows whose last three columns are currency, day and amount, added up by the ones before."""

    by: dict[tuple[Any, ...], Amount]

    def of(self, *key: Any) -> Amount:
        """What a key comes to; nothing where it has no rows."""
        return self.by.get(key, Amount())

    def over(self, *keys: tuple[Any, ...]) -> Amount:
        """What several come to together."""
        return together(self.by.get(key, Amount()) for key in keys)


def together(amounts: Iterable[Amount]) -> Amount:
    """Amounts added up."""
    value, apart = NOTHING, dict[str, Decimal]()
    for one in amounts:
        value += one.value
        for currency, amount in one.unconverted.items():
            apart[currency] = apart.get(currency, NOTHING) + amount
    return Amount(value, apart)


def summed(db: Connection, settings: ReportingSettings, found: Sequence[Sequence[Any]]) -> Sums:
    """Adds rows up in the workspace's currency; what has no rate that day stands apart."""
    foreign = {row[-3] for row in found if row[-3]}
    rate_of = rates(db, settings.workspace, settings.currency, foreign)
    by: dict[tuple[Any, ...], Amount] = {}
    for *key, currency, day, amount in found:
        by[tuple(key)] = together([by.get(tuple(key), Amount()), _one(rate_of, currency, day, amount)])
    return Sums(by)


def _one(rate_of: Rate, currency: str | None, day: date | None, amount: Decimal) -> Amount:
    if not currency:
        return Amount(amount)
    rate = rate_of(currency, day)
    if rate is None:
        return Amount(NOTHING, {currency: amount} if amount else {})
    return Amount(amount * rate)


def apart_json(unconverted: Mapping[str, Decimal]) -> list[dict[str, str]]:
    """What has no rate, as the API gives it."""
    return [
        {"currency": code, "value": money_text(value, code)} for code, value in sorted(unconverted.items())
    ]


def tidy(value: Decimal, currency: str) -> Decimal:
    """An amount, exact, with the decimals of its currency at least and no idle ones; "": of no currency."""
    return money.at_least(value, currency) if currency else Decimal(plain_text(value))


def money_text(value: Decimal, currency: str) -> str:
    """The same as the API gives it."""
    return f"{tidy(value, currency):f}"


def plain_text(value: Decimal) -> str:
    """A number, exact, without idle decimals."""
    return f"{value.normalize(EXACT):f}"


def share_text(part: Decimal | float | None, whole: Decimal | float | None) -> str | None:
    """A share to ten places; None of nothing."""
    if part is None or not whole:
        return None
    return f"{Decimal(part) / Decimal(whole):.10f}"
