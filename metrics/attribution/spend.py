"""What was spent in a period by channel or campaign, in our currency. Not here: what came of it (answers.py)."""

from collections import defaultdict
from datetime import date
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from kernel import money
from kernel.db import Connection, Statements, rows
from metrics.conversion import rates
from metrics.journeys.base import Asked
from metrics.query import EXACT

SQL: Final = Statements(__file__)


class Spent(NamedTuple):
    """Spend by key, as paths have it: a channel's id or a campaign's name. `loose`: what names none."""

    by_key: dict[str, Decimal]
    loose: Decimal
    unconverted: dict[str, Decimal]


def spent(db: Connection, asked: Asked, by: str) -> Spent:
    """Of the period's days alone, each record spread over its own; a source has no spend."""
    first, last = asked.days
    found = rows(db, SQL["spend"], workspace=asked.settings.workspace, first=first, last=last)
    rate = rates(db, asked.settings.workspace, asked.settings.currency, {row[2] for row in found})
    by_key: dict[str, Decimal] = defaultdict(Decimal)
    apart: dict[str, Decimal] = defaultdict(Decimal)
    loose = Decimal(0)
    with localcontext(EXACT):
        for channel, campaign, currency, day, begins, ends, amount in found:
            part = within(amount, currency, (begins, ends), (first, last))
            worth = rate(currency, day)
            key = {"channel": str(channel), "campaign": campaign}.get(by, "")
            if worth is None:
                apart[currency] += part
            elif key:
                by_key[key] += part * worth
            else:
                loose += part * worth
    return Spent(dict(by_key), loose, dict(apart))


def within(amount: Decimal, currency: str, days: tuple[date, date], period: tuple[date, date]) -> Decimal:
    """What of an amount lies on the days of a period: it is spread in minor units, the rest on the first days."""
    step = money.unit(currency)
    whole = int(money.rounded(amount, currency) / step)
    each, rest = divmod(whole, (days[1] - days[0]).days + 1)
    begin = (max(days[0], period[0]) - days[0]).days
    end = (min(days[1], period[1]) - days[0]).days + 1
    return (each * (end - begin) + min(end, rest) - min(begin, rest)) * step
