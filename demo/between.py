"""What there is to find between the channels, and how large it came out: payments, prices, stock, members, service.

Counted from what was sent, as findings.py counts. Not here: how it came about (actors/), what was planned (plan.py).
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from demo.ledger import BALANCE, POINTS, Ledger, Sale
from demo.people import Id
from demo.plan import Arrival, Plan, PriceGap, StockOut, TwiceBooked
from demo.seasons import DAY, HOUR

EXPOSED_DAYS = 30  # up to the end, of whose sales a gap is felt
MINUTE = 60  # seconds


class Attempts(NamedTuple):
    """Payments that were started, and those of them that succeeded."""

    started: int
    succeeded: int

    @property
    def share(self) -> float:
        """Of those started."""
        return self.succeeded / self.started if self.started else 0.0


class ArrivalFound(NamedTuple):
    """A way to pay that came to a channel on a day: the channel's payments before it, and from then on."""

    channel: str
    method: str
    day: dt.date
    before: Attempts
    after: Attempts


class GapFound(NamedTuple):
    """Goods dearer on one channel from a day to the end; `units`: of each, sold anywhere in the last EXPOSED_DAYS."""

    channel: str
    first: dt.date
    factor: float
    units: tuple[tuple[str, int], ...]


class StockOutFound(NamedTuple):
    """A good that a channel had none of, and that lay elsewhere: sold there in these days, and in as many before."""

    channel: str
    sku: str
    first: dt.date
    last: dt.date
    elsewhere: str
    sold: int
    before: int


class MembersFound(NamedTuple):
    """Orders of those who had joined by then and of all others, with their worth in yuan."""

    members: int
    members_yuan: float
    others: int
    others_yuan: float


class SlowFound(NamedTuple):
    """A channel that is slow: mean hours from return to refund, minutes to the first answer about an order.

    Each there and on all other channels.
    """

    channel: str
    refund_hours: float
    others_refund_hours: float
    response_minutes: float
    others_response_minutes: float


class AccountFound(NamedTuple):
    """Points, or stored value in yuan: what came in, was spent, ran out, is left; whose account stands below 0."""

    earned: float
    spent: float
    expired: float
    outstanding: float
    overdrawn: int


class AccountsFound(NamedTuple):
    """Members' accounts; a shop's tills booked each redemption of points twice from `first` to `last`."""

    points: AccountFound
    balance: AccountFound
    store: str
    first: dt.date
    last: dt.date


class TroublesFound(NamedTuple):
    """Orders of a channel paid twice, of which less than that was given back, and payments for no order."""

    channel: str
    paid_twice: int
    without_order: int


class BroughtFound(NamedTuple):
    """Orders bought on a channel, some goods of which came back to a store."""

    channel: str
    orders: int


class Between(NamedTuple):
    """All of it; None: the demo was too short for it."""

    arrival: ArrivalFound | None
    gap: GapFound
    stock_out: StockOutFound | None
    members: MembersFound
    slow: SlowFound
    accounts: AccountsFound
    troubles: TroublesFound
    brought: tuple[BroughtFound, ...]


class Counted:
    """What left, as far as it lies between the channels. `orders`: of each customer whom the messages prove."""

    def __init__(
        self,
        ledger: Ledger,
        whose: Callable[[Id], Id],
        orders: Mapping[Id, Sequence[Sale]],
        joined: Mapping[Id, int],
        days: range,
    ) -> None:
        self.whose = whose
        self.ledger, self.orders, self.joined, self.days = ledger, orders, joined, days
        self.channels = {sale.order_id: sale.channel for sale in ledger.sales}

    def found(self, plan: Plan, first: dt.date) -> Between:
        """Everything that was planned."""
        return Between(
            plan.arrival and self._arrival(plan.arrival, first),
            self._gap(plan.gap, first),
            plan.stock_out and self._stock_out(plan.stock_out, first),
            self._members(),
            self._slow(plan.slow),
            self._accounts(plan.twice, first),
            self._troubles(plan.mishaps),
            tuple(BroughtFound(*one) for one in sorted(Counter(self.ledger.brought.values()).items())),
        )

    def _arrival(self, plan: Arrival, first: dt.date) -> ArrivalFound:
        counts = []
        for after in (False, True):
            won = [won for at, won in self.ledger.attempts.values() if (at // DAY >= plan.day) == after]
            counts.append(Attempts(len(won), sum(won)))
        return ArrivalFound(plan.channel, plan.method, first + dt.timedelta(days=plan.day), *counts)

    def _gap(self, plan: PriceGap, first: dt.date) -> GapFound:
        late = self.days[-EXPOSED_DAYS:]
        units = {good.sku: 0 for good in plan.goods}
        for (_channel, sku, day), n in self.ledger.units.items():
            if sku in units and day in late:
                units[sku] += n
        return GapFound(
            plan.channel, first + dt.timedelta(days=plan.first), plan.factor, tuple(units.items())
        )

    def _stock_out(self, plan: StockOut, first: dt.date) -> StockOutFound:
        length = plan.last - plan.first + 1
        sold, before = (
            sum(self.ledger.units[plan.channel, plan.good.sku, day] for day in range(begin, begin + length))
            for begin in (plan.first, plan.first - length)
        )
        span = (first + dt.timedelta(days=plan.first), first + dt.timedelta(days=plan.last))
        return StockOutFound(plan.channel, plan.good.sku, *span, plan.elsewhere, sold, before)

    def _members(self) -> MembersFound:
        theirs = [
            sale.total
            for who, sales in self.orders.items()
            for sale in sales
            if who in self.joined and self.joined[who] <= sale.at
        ]
        count, fen = len(self.ledger.sales), sum(sale.total for sale in self.ledger.sales)
        worth = sum(theirs)
        return MembersFound(len(theirs), worth / 100, count - len(theirs), (fen - worth) / 100)

    def _accounts(self, plan: TwiceBooked, first: dt.date) -> AccountsFound:
        span = (first + dt.timedelta(days=plan.first), first + dt.timedelta(days=plan.last))
        return AccountsFound(self._account(POINTS, 1), self._account(BALANCE, 100), plan.store, *span)

    def _account(self, event: str, unit: int) -> AccountFound:
        sums: Counter[str] = Counter()
        held: Counter[Id] = Counter()
        for what, amount, reason, who in self.ledger.accounts:
            if what == event:
                sums["earned" if amount > 0 else reason] += abs(amount)
                held[self.whose(who)] += amount
        earned, spent, expired = (sums[name] / unit for name in ("earned", "spent", "expired"))
        below = sum(left < 0 for left in held.values())
        return AccountFound(earned, spent, expired, held.total() / unit, below)

    def _troubles(self, channel: str) -> TroublesFound:
        totals = {sale.order_id: sale.total for sale in self.ledger.sales}
        paid = {order: times for order, times in self.ledger.paid.items() if times}
        twice = [
            order
            for order, times in paid.items()
            if times > 1 and order in totals and (times - 1) * totals[order] > self.ledger.given[order]
        ]
        return TroublesFound(channel, len(twice), len(paid.keys() - totals.keys()))

    def _slow(self, channel: str) -> SlowFound:
        hours: dict[bool, list[float]] = {True: [], False: []}
        for at, order_id in self.ledger.refunds:
            back = [one for one in self.ledger.returned[order_id].values() if one <= at]
            if back:
                hours[self.channels[order_id] == channel].append((at - max(back)) / HOUR)
        return SlowFound(channel, _mean(hours[True]), _mean(hours[False]), *self._response(channel))

    def _response(self, channel: str) -> tuple[float, float]:
        minutes: dict[bool, list[float]] = {True: [], False: []}
        for order_id, opened, answered in self.ledger.answers:
            if order_id:
                waited = dt.datetime.fromisoformat(answered) - dt.datetime.fromisoformat(opened)
                minutes[self.channels[order_id] == channel].append(waited.total_seconds() / MINUTE)
        return _mean(minutes[True]), _mean(minutes[False])


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 2) if values else 0.0
