"""What the half year holds that is worth finding: what it is called, when and where. Days are numbers from 0.

A demo that is too short for a thing does without it. Not here: how it happens (actors/), what came of it (truth.py).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from demo import outlets
from demo.goods import Good
from demo.seasons import DAY, WEEKEND, Promotion, demand

SATURDAY, WEDNESDAY = 5, 2
LEARNT = 28  # days of usual business before something goes wrong
OVER = 12  # days of usual business after it
APART = 7  # days between two failures
CALM = 3  # days before and after a failure without a promotion
BETWEEN = 60  # days that a demo has at least, for channels to differ before and after something
SHORT, SHORT_DAYS = "HM-1152-O", 21  # a bowl that one channel has not to sell, and for how long
GAP = 1.12  # what one channel asks of what the others do
GAP_GOODS = ("HM-1047-O", "HM-1054-I", "HM-1103-O", "HM-1124-O", "HM-1145-I")
MISPRICED, TENTH = "HM-1068-O", 0.1  # a winter quilt; somebody left out a digit


class Campaign(NamedTuple):
    """Notes on one channel whose coupon is redeemed on another one."""

    name: str
    seen_on: str
    sold_on: str
    first: int
    last: int

    def runs(self, at: int) -> bool:
        """Whether it is on at a time in milliseconds."""
        return self.first <= at // DAY <= self.last


class WinBack(NamedTuple):
    """A shop that writes to those near by who bought online and have not for long."""

    store: str
    first: int
    last: int
    lapsed_days: int


class Outage(NamedTuple):
    """A channel that nobody reaches: whole days, inclusive."""

    channel: str
    first: int
    last: int

    def down(self, at: int) -> bool:
        """Whether it is on at a time in milliseconds."""
        return self.first <= at // DAY <= self.last


class PriceMistake(NamedTuple):
    """A good that costs far too little on one channel for one day; money in fen."""

    channel: str
    good: Good
    day: int
    price: int


class Arrival(NamedTuple):
    """A way to pay that a channel has from a day on; before, many of its payments fail."""

    channel: str
    method: str
    day: int

    def lacks(self, channel: str, at: int) -> bool:
        """Whether a channel does not have it yet, at a time in milliseconds."""
        return channel == self.channel and at // DAY < self.day


class PriceGap(NamedTuple):
    """Goods for which one channel asks more than all others, from a day to the end, sale or no sale."""

    channel: str
    goods: tuple[Good, ...]
    first: int
    factor: float

    def of(self, channel: str, place: int, day: int) -> float:
        """By how much a price is higher."""
        here = (
            channel == self.channel and day >= self.first and any(good.place == place for good in self.goods)
        )
        return self.factor if here else 1.0


class StockOut(NamedTuple):
    """A good that one channel has none of, while another has more than it can sell: whole days, inclusive."""

    channel: str
    good: Good
    first: int
    last: int
    elsewhere: str

    def empty(self, channel: str, at: int) -> bool:
        """Whether a channel has none at a time in milliseconds."""
        return channel == self.channel and self.first <= at // DAY <= self.last


class TwiceBooked(NamedTuple):
    """A shop whose tills book each redemption of points twice: whole days, inclusive."""

    store: str
    first: int
    last: int


class Plan(NamedTuple):
    """Everything that is to be found; None: there was no room for it."""

    carts: str  # the channel where many fill a cart and few order
    campaign: Campaign
    win_back: WinBack
    outage: Outage | None
    mistake: PriceMistake | None
    slow: str  # the channel whose refunds and answers take long
    gap: PriceGap
    arrival: Arrival | None
    stock_out: StockOut | None
    twice: TwiceBooked
    mishaps: str  # the channel where some orders are paid twice, and some payments are for no order


def made(first: dt.date, days: int, promotions: Sequence[Promotion], goods: Sequence[Good]) -> Plan:
    """The plan of so many days from a date on."""
    calm = {day for day in range(days) if _calm(first + dt.timedelta(days=day), promotions)}
    outage = next(_near(first, round(days * 0.72), 2, SATURDAY, days, calm), None)
    far = [
        day
        for day in _near(first, round(days * 0.60), 1, WEDNESDAY, days, calm)
        if outage is None or abs(day - outage) > APART
    ]
    named = {good.sku: good for good in goods}
    good = named[MISPRICED]
    gap = PriceGap(outlets.XHS, tuple(named[sku] for sku in GAP_GOODS), round(days * 0.6), GAP)
    arrival = Arrival(outlets.TMALL, "wechat_pay", days // 2) if days >= BETWEEN else None
    short = round(days * 0.46)
    stock_out = StockOut(outlets.TMALL, named[SHORT], short, short + SHORT_DAYS - 1, outlets.JD)
    price = round(good.price * TENTH / 100) * 100
    return Plan(
        outlets.DOUYIN,
        Campaign("xhs-notes", outlets.XHS, outlets.MINI, round(days * 0.66), round(days * 0.92)),
        WinBack("HZ-XH", round(days * 0.75), round(days * 0.97), 45),
        None if outage is None else Outage(outlets.TMALL, outage, outage + 1),
        PriceMistake(outlets.JD, good, far[0], price) if far else None,
        outlets.DOUYIN,
        gap,
        arrival,
        stock_out if days >= BETWEEN else None,
        TwiceBooked("SH-JA", round(days * 0.55), round(days * 0.85)),
        outlets.WEB,
    )


def _calm(date: dt.date, promotions: Sequence[Promotion]) -> bool:
    """An ordinary day, when people shop as always."""
    return demand(date) in (1.0, WEEKEND) and not any(sale.first <= date <= sale.last for sale in promotions)


def _near(first: dt.date, wanted: int, length: int, weekday: int, days: int, calm: set[int]) -> Iterator[int]:
    """Days of the week from which so many days and those around are calm, those nearest to the wanted one first."""
    possible = range(LEARNT, days - OVER - length + 1)
    for day in sorted(possible, key=lambda day: (abs(day - wanted), day)):
        around = range(day - CALM, day + length + CALM)
        if (first + dt.timedelta(days=day)).weekday() == weekday and calm.issuperset(around):
            yield day
