"""Customers who met gaps, and whether they left, one by one. Slow and plain: the judge of metrics/consistency."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from metrics.consistency.churn import LAG
from metrics.consistency.met import Sold
from tests.reference.journeys import Happened, Order
from tests.reference.journeys_touchpoints import Facts, Met

DAY = timedelta(days=1)


class Gap(NamedTuple):
    """A gap that somebody met."""

    who: int
    kind: str
    channel: int
    sku: str
    at: datetime


class Person(NamedTuple):
    """A customer who is looked at, as churn.One has him."""

    who: int
    channel: int
    month: date
    before: int
    meanwhile: int
    touches: int
    stayed: bool
    spent: float
    kinds: frozenset[str]


class Judge:
    """Everything told from what happened."""

    def __init__(self, happened: Happened, facts: Facts, sold: Sold) -> None:
        self.happened, self.facts, self.sold = happened, facts, sold
        self.orders = {(one.number, one.channel): one for one in happened.orders}
        self.prices = Met(happened, facts, (date.min, date.min), DAY).price

    def gaps(self) -> list[Gap]:
        """All there ever were."""
        return [*self._priced(), *self._sold_out(), *self._late(), *self._slow()]

    def _lines(self) -> list[tuple[Order, dict[str, Any]]]:
        found = [
            (order, line)
            for line in self.facts.order_lines
            if (order := self.orders.get((line["order_id"], line["channel"])))
        ]
        return [(order, line) for order, line in found if order.customer is not None]

    def _priced(self) -> set[Gap]:
        return {
            Gap(order.customer or 0, "price_gap", order.channel, line["sku"], order.at)
            for order, line in self._lines()
            if self._cheaper(order, line)
        }

    def _cheaper(self, order: Order, line: dict[str, Any]) -> bool:
        day = self.happened.day(order.at)
        own = self.prices(line["sku"], order.channel, day)
        for channel in {one["channel"] for one in self.facts.prices} - {order.channel}:
            other = self.prices(line["sku"], channel, day)
            if other is None:
                continue
            if own is not None:
                cheaper = other["currency"] == own["currency"] and other["price"] < own["price"]
            else:
                cheaper = (
                    line["net"] is not None
                    and line["quantity"] > 0
                    and other["currency"] == line["currency"]
                    and other["price"] * line["quantity"] < line["net"]
                )
            if cheaper:
                return True
        return False

    def _sold_out(self) -> list[Gap]:
        return [
            Gap(order.customer or 0, "oversold", order.channel, line["sku"], order.at)
            for order, line in self._lines()
            if (order.number, order.channel, line["sku"]) in self.sold
        ]

    def _late(self) -> list[Gap]:
        found = []
        for one in self.facts.shipments:
            order = self.orders.get((one["order_id"], one["channel"]))
            promised, came = one["promised_at"], one["delivered_at"]
            if order is None or order.customer is None or promised is None or promised < order.at:
                continue
            if came is None or came > promised:
                found.append(Gap(order.customer, "late", order.channel, "", promised))
        return found

    def _slow(self) -> list[Gap]:
        found = []
        for one in self.facts.tickets:
            if one["profile"] is None or one["opened_at"] is None:
                continue
            due = one["opened_at"] + DAY
            if one["first_response_at"] is None or one["first_response_at"] > due:
                found.append(Gap(one["profile"], "slow_answer", one["channel"], "", due))
        return found

    def people(self, first: date, last: date, within: timedelta) -> list[Person]:
        """Whoever has an order in these days."""
        mine: dict[int, list[Order]] = defaultdict(list)
        for one in self.happened.orders:
            if one.customer is not None:
                mine[one.customer].append(one)
        gaps = self.gaps()
        found = []
        for who, orders in sorted(mine.items()):
            inside = [one for one in orders if first <= self.happened.day(one.at) <= last]
            if inside:
                began = min(inside, key=lambda one: (one.at, one.tie))
                found.append(self._person(who, began, orders, gaps, within))
        return found

    def _person(
        self, who: int, began: Order, orders: list[Order], gaps: list[Gap], within: timedelta
    ) -> Person:
        landmark = began.at + LAG
        after = [one for one in orders if landmark <= one.at < landmark + within]
        touches = [
            one
            for one in self.happened.touches
            if one.customer == who and one.active and began.at - 30 * DAY <= one.at < began.at
        ]
        return Person(
            who,
            began.channel,
            self.happened.day(began.at).replace(day=1),
            sum(one.at < began.at for one in orders),
            sum(began.at <= one.at < landmark for one in orders),
            len(touches),
            bool(after),
            float(sum((self._worth(one) for one in after), Decimal(0))),
            frozenset(gap.kind for gap in gaps if gap.who == who and began.at <= gap.at < landmark),
        )

    def _worth(self, order: Order) -> Decimal:
        rate = self.happened.rate(order.currency, self.happened.day(order.at))
        kept = order.total - sum((one.amount for one in order.refunds), Decimal(0))
        return Decimal(0) if rate is None else kept * rate
