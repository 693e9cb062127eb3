"""Parity and stock told one record after the other: slow, plain, the judge of metrics/assortment.

A price record is (channel, sku, at, price, currency, promotion); all moments are aware. Days are days of a zone.
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo


class Price(NamedTuple):
    """A price record."""

    channel: str
    sku: str
    at: datetime
    price: Decimal
    currency: str = "CNY"
    promotion: str = ""


class Sold(NamedTuple):
    """A line of an order."""

    channel: str
    sku: str
    at: datetime
    quantity: int
    order_id: str = ""


class Level(NamedTuple):
    """A stock record."""

    channel: str
    sku: str
    location: str
    at: datetime
    quantity: int


@dataclass
class Shelves:
    """A retailer's goods."""

    zone: ZoneInfo
    home: str = "CNY"
    prices: list[Price] = field(default_factory=list)
    rates: list[tuple[str, datetime, Decimal]] = field(default_factory=list)
    sold: list[Sold] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    tolerance: Decimal = Decimal(0)
    taxes: Mapping[str, Decimal] = field(default_factory=dict)
    allowed: Sequence[tuple[str, date, str]] = ()  # channel, until, promotion or ""

    def day(self, at: datetime) -> date:
        """The day of a moment."""
        return at.astimezone(self.zone).date()

    def worth(self, one: Price) -> Fraction | None:
        """What a customer pays, in our currency."""
        rate = Fraction(1)
        if one.currency != self.home:
            known = [
                (at, value)
                for currency, at, value in self.rates
                if currency == one.currency and self.day(at) <= self.day(one.at)
            ]
            if not known:
                return None
            rate = Fraction(max(known)[1])
        return Fraction(one.price) * rate * (1 + Fraction(self.taxes.get(one.channel, 0)))

    def newest(self, sku: str, now: datetime) -> dict[str, Price]:
        """The prices that hold, by channel."""
        found: dict[str, Price] = {}
        for one in sorted(self.prices, key=lambda one: one.at):
            if one.sku == sku and one.at <= now:
                found[one.channel] = one
        return found

    def may_differ(self, one: Price, on: date) -> bool:
        """Whether a rule lets it."""
        return bool(one.promotion) and any(
            channel == one.channel and on <= until and name in ("", one.promotion)
            for channel, until, name in self.allowed
        )

    def parity(self, sku: str, now: datetime) -> dict[str, Any]:
        """Spread, usual, agree, exposure of a SKU at a moment."""
        there = self.newest(sku, now)
        worth = {channel: self.worth(one) for channel, one in there.items()}
        priced = {channel: value for channel, value in worth.items() if value is not None}
        if len(priced) < 2:
            return {"agree": None, "spread": Fraction(0), "gap": None, "exposure": Fraction(0)}
        bound = [
            value for channel, value in priced.items() if not self.may_differ(there[channel], self.day(now))
        ]
        spread = max(bound) - min(bound) if bound else Fraction(0)
        common = statistics.multimode(bound) if bound else [Fraction(0)]
        agree = spread <= Fraction(self.tolerance) * min(common)
        gap = Fraction(0) if not spread else spread / min(common) if min(common) else Fraction(1)
        units = self.units(sku, now)
        return {
            "agree": agree,
            "spread": spread,
            "gap": gap,
            "exposure": Fraction(0) if agree else spread * units,
        }

    def units(self, sku: str, now: datetime) -> int:
        """Sold in the 30 days that end with now's."""
        last = self.day(now)
        return sum(
            one.quantity
            for one in self.sold
            if one.sku == sku and one.at <= now and last - timedelta(days=29) <= self.day(one.at) <= last
        )

    def rate(self, now: datetime) -> tuple[int, int]:
        """SKUs that agree, and that are compared."""
        found = [self.parity(sku, now)["agree"] for sku in {one.sku for one in self.prices}]
        return found.count(True), len(found) - found.count(None)

    def cheapest(self, sku: str, now: datetime) -> tuple[int, Fraction] | None:
        """The fewest prices to move so that all agree, every set of channels tried, and the money of the cheapest.

        A price moves to one that a channel asks; all in one currency, no promotion may differ.
        """
        there = {channel: self.worth(one) for channel, one in self.newest(sku, now).items()}
        if self.parity(sku, now)["agree"] is not False:
            return None
        bound = sorted(
            channel for channel in there if not self.may_differ(self.newest(sku, now)[channel], self.day(now))
        )
        units = {channel: self.units_on(channel, sku, now) for channel in bound}
        for count in range(1, len(bound)):
            costs = []
            for some in combinations(bound, count):
                kept = [there[channel] for channel in bound if channel not in some]
                low, high = min(kept), max(kept)
                moved = {
                    channel: low
                    if there[channel] < low
                    else high
                    if there[channel] > high
                    else there[channel]
                    for channel in some
                }
                after = [*kept, *moved.values()]
                if max(after) - min(after) <= Fraction(self.tolerance) * min(statistics.multimode(after)):
                    costs.append(sum(abs(moved[one] - there[one]) * units[one] for one in some))
            if costs:
                return count, min(costs)
        return None

    def units_on(self, channel: str, sku: str, now: datetime) -> int:
        """The same of one channel."""
        return Shelves(self.zone, sold=[one for one in self.sold if one.channel == channel]).units(sku, now)

    # ---- stock ---------------------------------------------------------------------------------------

    def level(self, channel: str, sku: str, now: datetime, *, before: bool = False) -> int | None:
        """All locations together at a moment, or just before it; None: nothing was said."""
        newest: dict[str, Level] = {}
        for one in sorted(self.levels, key=lambda one: one.at):
            if (one.channel, one.sku) == (channel, sku) and (one.at < now if before else one.at <= now):
                newest[one.location] = one
        return sum(one.quantity for one in newest.values()) if newest else None

    def stock(self, channel: str, sku: str, now: datetime) -> dict[str, Any] | None:
        """An item over the 30 days that end with now's, day by day; None: it has no level."""
        if self.level(channel, sku, now) is None:
            return None
        last, closes = self.day(now), {}
        for back in range(29, -1, -1):
            day = last - timedelta(days=back)
            end = datetime.combine(day + timedelta(days=1), datetime.min.time(), self.zone)
            level = (
                self.level(channel, sku, end, before=True) if end <= now else self.level(channel, sku, now)
            )
            if level is not None:
                closes[day] = level
        units = {
            day: sum(
                one.quantity
                for one in self.sold
                if (one.channel, one.sku) == (channel, sku) and self.day(one.at) == day and one.at <= now
            )
            for day in closes
        }
        there = [units[day] for day, level in closes.items() if level > 0]
        out = len(closes) - len(there)
        daily = Fraction(sum(there), len(there)) if there else None
        lies = sum(max(level, 0) for level in closes.values())
        listed = list(closes.values())
        wide = None
        if not out:
            wide = 0.0
        elif len(there) > 1:
            wide = 1.959963984540054 * math.sqrt(statistics.variance(there) * (out + out**2 / len(there)))
        return {
            "level": listed[-1],
            "days": len(closes),
            "days_out": out,
            "stock_outs": sum(
                1
                for place, level in enumerate(listed)
                if level <= 0 and (place == 0 or listed[place - 1] > 0)
            ),
            "units": sum(units.values()),
            "daily": daily,
            "cover": max(listed[-1], 0) / daily if daily else None,
            "turnover": Fraction(sum(units.values()) * len(closes), lies) if lies else None,
            "lost": Fraction(0) if not out else None if daily is None else daily * out,
            "wide": wide,
        }

    def oversold(self, now: datetime) -> list[tuple[str, str, int]]:
        """Order, SKU and level of what took what was not there, in the 30 days that end with now's."""
        last = self.day(now)
        found = []
        for one in self.sold:
            level = self.level(one.channel, one.sku, one.at)
            inside = one.at <= now and last - timedelta(days=29) <= self.day(one.at)
            if inside and level is not None and level <= 0:
                found.append((one.order_id, one.sku, level))
        return sorted(found)


class Met(NamedTuple):
    """A price somebody paid or saw."""

    who: int
    sku: str
    channel: str
    worth: float


def met_a_gap(met: Iterable[Met], tolerance: float) -> set[int]:
    """Who met a SKU on two channels further apart than the tolerance of the lower price."""
    listed = list(met)
    return {
        one.who
        for one in listed
        for other in listed
        if (one.who, one.sku) == (other.who, other.sku)
        and one.channel != other.channel
        and one.worth - other.worth > tolerance * other.worth + 1e-9
    }
