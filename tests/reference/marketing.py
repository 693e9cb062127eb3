"""Campaigns one by one, the judge of metrics/marketing: whom they reach and share, how often, what is credited when."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from kernel import money
from tests.reference.journeys import DAY, Happened, Touch


class Record(NamedTuple):
    """A spend record, in the order of the columns that are read of it."""

    campaign: str
    channel: int
    medium: str
    currency: str
    rate_day: date
    first: date
    last: date
    amount: Decimal


class Marketing:
    """What campaigns did in a period."""

    def __init__(self, happened: Happened, records: list[Record], period: tuple[date, date]) -> None:
        self.happened, self.records, (self.first, self.last) = happened, records, period

    def inside(self, at: datetime) -> bool:
        return self.first <= self.happened.day(at) <= self.last

    def touches(self, campaign: str | None = None) -> list[Touch]:
        return [
            one
            for one in self.happened.touches
            if one.touchpoint == "marketing" and self.inside(one.at) and campaign in (None, one.campaign)
        ]

    def reached(self, campaign: str | None = None) -> set[int]:
        return {one.customer for one in self.touches(campaign)}

    def named(self) -> set[str]:
        return {one.campaign for one in self.touches() if one.campaign}

    def spend(self) -> tuple[dict[str, dict[date, Decimal]], dict[str, dict[str, Decimal]]]:
        """By campaign and day in our currency; by campaign and currency what has no rate."""
        days: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        apart: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for one in self.records:
            rate = self.happened.rate(one.currency, one.rate_day)
            for place, part in enumerate(
                money.shares(one.amount, (one.last - one.first).days + 1, one.currency)
            ):
                day = one.first + place * DAY
                if not self.first <= day <= self.last:
                    continue
                if rate is None:
                    apart[one.campaign][one.currency] += part
                else:
                    days[one.campaign][day] += part * rate
        return days, apart

    def often(self) -> dict[int, tuple[int, bool]]:
        """Of each customer: touches up to the first order after the first of them, and whether there is one."""
        found = {}
        for who in self.reached():
            mine = [one.at for one in self.touches() if one.customer == who]
            orders = [
                one.at
                for one in self.happened.orders
                if one.customer == who and self.inside(one.at) and one.at >= min(mine)
            ]
            first = min(orders, default=None)
            found[who] = (sum(first is None or at <= first for at in mine), first is not None)
        return found

    def credited(self, lookback: timedelta) -> tuple[dict[tuple[str, date], Decimal], dict[str, Decimal]]:
        """By campaign and day of the last touch: revenue of the orders it came before; and what has no rate."""
        found: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
        apart: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.happened.orders:
            before = [
                (touch.at, touch.tie, touch.campaign)
                for touch in self.happened.touches
                if touch.touchpoint == "marketing"
                and touch.customer == one.customer
                and touch.at <= one.at <= touch.at + lookback
            ]
            if not before or not max(before)[2] or not self.inside(max(before)[0]):
                continue
            at, _, campaign = max(before)
            net = one.total - sum(refund.amount for refund in one.refunds)
            rate = self.happened.rate(one.currency, self.happened.day(one.at))
            if rate is None:
                apart[one.currency] += net
            else:
                found[campaign, self.happened.day(at)] += net * rate
        return found, apart
