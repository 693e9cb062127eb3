"""What orders of a period come to in the workspace's currency, what channels spent, and what they did for each other.

What has no rate, and lines without a cost, stand apart and are said: nothing is guessed.
Not here: sharing (sharing.py).
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from kernel.db import Connection, Statements, rows
from metrics import conversion
from metrics.allocation.rules import Rules
from metrics.allocation.sharing import Key, Order
from metrics.conversion import Rate
from metrics.query import EXACT, ReportingSettings
from metrics.scope import Days

SQL = Statements(__file__)


class Apart(NamedTuple):
    """What no rate converts: how many orders in a currency, and what they come to in it."""

    currency: str
    orders: int
    amount: Decimal


class Uncosted(NamedTuple):
    """Lines without a cost: they are no part of a margin."""

    lines: int = 0
    orders: int = 0
    revenue: Decimal = Decimal(0)


class Amounts(NamedTuple):
    """The orders that count, and what does not."""

    orders: list[Order]
    apart: list[Apart]
    uncosted: Uncosted


def of(db: Connection, settings: ReportingSettings, rules: Rules, period: Days, until: date) -> Amounts:
    """The period's orders with what was refunded and taken back of them up to a day."""
    asked = {"workspace": settings.workspace, "first": period.first, "last": period.last, "until": until}
    found = rows(db, SQL["orders"], **asked)
    margins = rows(db, SQL["margins"], **asked) if rules.pot == "margin" else []
    currencies = {row[4] for row in found} | {row[2] for row in margins} | {row[4] for row in margins}
    rate = conversion.rates(db, settings.workspace, settings.currency, currencies)
    orders: list[Order] = []
    apart: dict[str, list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    with localcontext(EXACT):
        earned = _margins(margins, rate) if rules.pot == "margin" else None
        for order_id, channel, day, store, currency, total, refunded, back in found:
            worth = rate(currency, day)
            if worth is None or (earned is not None and earned.get((order_id, channel), ()) is None):
                apart[currency][0] += 1
                apart[currency][1] += total - refunded
                continue
            amount = (
                (total - refunded) * worth
                if earned is None
                else earned.get((order_id, channel)) or Decimal(0)
            )
            order = Order(order_id, channel, day, store, total * worth, amount, refunded * worth, back)
            orders.append(order)
    said = [Apart(currency, int(count), value) for currency, (count, value) in sorted(apart.items())]
    return Amounts(orders, said, _uncosted(db, settings, rules, period))


def _margins(found: list[tuple[Any, ...]], rate: Rate) -> dict[Key, Decimal | None]:
    """What each order earned; None where a rate is missing for a part of it."""
    earned: dict[Key, Decimal | None] = {}
    for order_id, channel, currency, day, cost_currency, cost_day, revenue, cost in found:
        key: Key = (str(order_id), int(channel))
        worth, costs = rate(currency, day), rate(cost_currency, cost_day)
        before = earned.get(key, Decimal(0))
        if worth is None or costs is None or before is None:
            earned[key] = None
        else:
            earned[key] = before + revenue * worth - cost * costs
    return earned


def _uncosted(db: Connection, settings: ReportingSettings, rules: Rules, period: Days) -> Uncosted:
    if rules.pot != "margin":
        return Uncosted()
    found = rows(db, SQL["uncosted"], workspace=settings.workspace, first=period.first, last=period.last)
    rate = conversion.rates(db, settings.workspace, settings.currency, {row[0] for row in found})
    with localcontext(EXACT):
        revenue = sum((row[4] * (rate(row[0], row[1]) or 0) for row in found), Decimal(0))
    return Uncosted(sum(row[2] for row in found), sum(row[3] for row in found), revenue)


def spent(db: Connection, settings: ReportingSettings, period: Days) -> dict[int, Decimal]:
    """What each channel spent, acquisition and retention together; what has no rate is left out of it."""
    found = rows(db, SQL["spend"], workspace=settings.workspace, first=period.first, last=period.last)
    rate = conversion.rates(db, settings.workspace, settings.currency, {row[2] for row in found})
    sums: dict[int, Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for channel, day, currency, value in found:
            sums[channel] += value * (rate(currency, day) or 0)
    return dict(sums)


class Service(NamedTuple):
    """What a channel did for orders of others: how many, what they are worth, what it gets."""

    service: str
    channel: int
    orders: int
    value: Decimal
    share: Decimal


def served(db: Connection, settings: ReportingSettings, rules: Rules, period: Days) -> list[Service]:
    """By service and channel; nothing where the rules pay for no service."""
    if not rules.services:
        return []
    found = rows(db, SQL["services"], workspace=settings.workspace, first=period.first, last=period.last)
    rate = conversion.rates(db, settings.workspace, settings.currency, {row[2] for row in found})
    sums: dict[tuple[str, int], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    with localcontext(EXACT):
        for service, channel, currency, day, orders, value in found:
            if service in rules.services:
                sums[service, channel][0] += orders
                sums[service, channel][1] += value * (rate(currency, day) or 0)
        return [
            Service(name, channel, int(orders), value, value * rules.services[name])
            for (name, channel), (orders, value) in sorted(sums.items())
        ]


def by_channel(found: list[Service]) -> Mapping[int, Decimal]:
    """What channels get for all their services."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for one in found:
        sums[one.channel] += one.share
    return sums
