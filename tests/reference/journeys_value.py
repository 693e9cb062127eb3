"""Customers of several channels against those of one, one by one: the judge of metrics/journeys/channel_value.py."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tests.reference.journeys import CHANNELS, Happened, Order


class Did(NamedTuple):
    """What a customer did in the period."""

    orders: int
    revenue: Decimal


class Value:
    """The answer to one period."""

    def __init__(self, happened: Happened, period: tuple[date, date]) -> None:
        first, last = period
        before = first - (last - first) - (date(2026, 1, 2) - date(2026, 1, 1))
        mine: dict[int, list[tuple[date, Order]]] = defaultdict(list)
        for one in happened.orders:
            if one.customer is not None and happened.day(one.at) <= last:
                mine[one.customer].append((happened.day(one.at), one))
        self.customers, self.staying = 0, Counter[str]()
        self.groups: dict[bool, list[Did]] = {False: [], True: []}
        self.apart: dict[str, Decimal] = defaultdict(Decimal)
        for found in mine.values():
            inside = [(day, one) for day, one in found if day >= first]
            self._stays({one.channel for _, one in found}, regular=len(found) >= 2 and bool(inside))
            did = Did(len(inside), self._revenue(happened, inside))
            earlier = [(day, one) for day, one in found if day < first]
            if len(earlier) >= 2 and max(day for day, _ in earlier) >= before:
                self.groups[len({one.channel for _, one in earlier}) > 1].append(did)

    def _stays(self, channels: set[int], regular: bool) -> None:
        self.customers += regular
        if regular and len(channels) == 1:
            self.staying[CHANNELS[channels.pop()]] += 1

    def _revenue(self, happened: Happened, inside: list[tuple[date, Order]]) -> Decimal:
        revenue = Decimal(0)
        for day, one in inside:
            net, rate = (
                one.total - sum(refund.amount for refund in one.refunds),
                happened.rate(one.currency, day),
            )
            if rate is None:
                self.apart[one.currency] += net
            else:
                revenue += net * rate
        return revenue
