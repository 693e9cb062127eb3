"""Customers with and without a touchpoint, one by one. Slow and plain: the judge of metrics/journeys/touchpoints.py."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tests.reference.journeys import Happened, Order, naive

DAY = timedelta(days=1)


class Facts(NamedTuple):
    """What else happened, as the mirror's rows with aware times; `profile` stands for a person's sighting."""

    shipments: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    returns: list[dict[str, Any]]
    tickets: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    prices: list[dict[str, Any]]
    order_lines: list[dict[str, Any]]

    def rows(self, happened: Happened) -> dict[str, list[dict[str, Any]]]:
        """As they lie in the mirror: times naive, days of the zone, sightings."""

        def row(given: dict[str, Any]) -> dict[str, Any]:
            made = {name: naive(one) if isinstance(one, datetime) else one for name, one in given.items()}
            if "profile" in made:
                who = made.pop("profile")
                made["sighting"] = None if who is None else 10 * who
            if "met" in made:
                made["occurred_at"] = made.pop("met")
            return made

        dated = {
            table: [row(one) | {"day": happened.day(one["met"])} for one in getattr(self, table)]
            for table in ("answers", "prices")
        }
        return dated | {
            table: [row(one) for one in getattr(self, table)]
            for table in ("shipments", "payments", "returns", "tickets", "order_lines")
        }


class Buyer(NamedTuple):
    """A customer with an order in the period: the first of them, which of his orders it is, when the next one came."""

    who: int
    order: Order
    number: int
    following: datetime | None


class Met:
    """Who met what after his first order of the period."""

    def __init__(
        self, happened: Happened, facts: Facts, period: tuple[date, date], within: timedelta
    ) -> None:
        self.happened, self.facts, self.within = happened, facts, within
        self.orders = {(one.number, one.channel): one for one in happened.orders}
        self.buyers = list(self._buyers(period))

    def _buyers(self, period: tuple[date, date]) -> Iterator[Buyer]:
        mine: dict[int, list[Order]] = defaultdict(list)
        for one in self.happened.orders:
            if one.customer is not None:
                mine[one.customer].append(one)
        for who, found in mine.items():
            ordered = sorted(found, key=lambda one: (one.at, one.tie, one.channel, one.number))
            inside = [
                place
                for place, one in enumerate(ordered)
                if period[0] <= self.happened.day(one.at) <= period[1]
            ]
            if inside:
                place = inside[0]
                later = ordered[place + 1].at if place + 1 < len(ordered) else None
                yield Buyer(who, ordered[place], place + 1, later)

    def during(self, buyer: Buyer, at: datetime | None) -> bool:
        return (
            at is not None
            and buyer.order.at < at <= buyer.order.at + self.within
            and (buyer.following is None or at < buyer.following)
        )

    def repurchased(self, buyer: Buyer) -> bool:
        return buyer.following is not None and buyer.following <= buyer.order.at + self.within

    def answer(self, buyer: Buyer) -> bool | None:
        """Whether the latest answer is satisfied; None: there was none."""
        said = [
            one
            for one in self.facts.answers
            if one["profile"] == buyer.who and self.during(buyer, one["met"])
        ]
        latest = max(said, key=lambda one: (one["met"], one["tie"], one["channel"], one["key"]), default=None)
        return latest and latest["satisfied"]

    def met(self, buyer: Buyer, touchpoint: str, split: str) -> bool:
        if split == "any":
            return any(
                touch.touchpoint == touchpoint and self.during(buyer, touch.at)
                for touch in self.happened.touches
                if touch.customer == buyer.who
            )
        return bool(getattr(self, f"_{split}")(buyer))

    def _of(self, buyer: Buyer, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The facts of a customer's orders."""
        return [
            one
            for one in rows
            if (order := self.orders.get((one["order_id"], one["channel"]))) and order.customer == buyer.who
        ]

    def _late(self, buyer: Buyer) -> bool:
        return any(
            one["promised_at"]
            and one["delivered_at"]
            and one["delivered_at"] > one["promised_at"]
            and self.during(buyer, one["delivered_at"])
            for one in self._of(buyer, self.facts.shipments)
        )

    def _failed_payment(self, buyer: Buyer) -> bool:
        return any(self.during(buyer, one["failed_at"]) for one in self._of(buyer, self.facts.payments))

    def _slow_answer(self, buyer: Buyer) -> bool:
        return any(
            one["opened_at"]
            and one["first_response_at"]
            and one["first_response_at"] - one["opened_at"] > DAY
            and self.during(buyer, one["first_response_at"])
            for one in self.facts.tickets
            if one["profile"] == buyer.who
        )

    def _refused_return(self, buyer: Buyer) -> bool:
        return any(
            one["received_at"] is None and self.during(buyer, one["requested_at"])
            for one in self._of(buyer, self.facts.returns)
        )

    def price(self, sku: str, channel: int, day: date) -> dict[str, Any] | None:
        """The newest by the day's end."""
        held = [
            one
            for one in self.facts.prices
            if one["sku"] == sku and one["channel"] == channel and self.happened.day(one["met"]) <= day
        ]
        return max(held, key=lambda one: one["met"], default=None)

    def _price_gap(self, buyer: Buyer) -> bool:
        day = self.happened.day(buyer.order.at)
        for line in self.facts.order_lines:
            if (line["order_id"], line["channel"]) != (buyer.order.number, buyer.order.channel):
                continue
            own = self.price(line["sku"], buyer.order.channel, day)
            for channel in {one["channel"] for one in self.facts.prices} - {buyer.order.channel}:
                other = self.price(line["sku"], channel, day)
                if other is None:
                    continue
                if own is not None:
                    cheaper = other["currency"] == own["currency"] and other["price"] < own["price"]
                else:
                    cheaper = (
                        line["net"] is not None
                        and line["quantity"] > 0
                        and other["currency"] == line["currency"]
                        and other["price"] < line["net"] / Decimal(line["quantity"])
                    )
                if cheaper:
                    return True
        return False

    def stratum(self, buyer: Buyer) -> tuple[int, int, date]:
        """What customers who are alike have in common."""
        return buyer.order.channel, buyer.number, self.happened.day(buyer.order.at).replace(day=1)

    def groups(self, touchpoint: str, split: str) -> tuple[list[Buyer], list[Buyer]]:
        """With and without."""
        with_ = [one for one in self.buyers if self.met(one, touchpoint, split)]
        return with_, [one for one in self.buyers if one not in with_]

    def alike(self, touchpoint: str, split: str) -> list[tuple[list[Buyer], list[Buyer]]]:
        """The same, stratum by stratum, where there are both."""
        strata: dict[Any, tuple[list[Buyer], list[Buyer]]] = defaultdict(lambda: ([], []))
        for place, group in enumerate(self.groups(touchpoint, split)):
            for one in group:
                strata[self.stratum(one)][place].append(one)
        return [pair for pair in strata.values() if all(pair)]

    def counts(self, group: list[Buyer]) -> tuple[int, int, int, int]:
        """Customers, of them repurchased, satisfied, answered."""
        answers = [self.answer(one) for one in group]
        return (
            len(group),
            sum(self.repurchased(one) for one in group),
            sum(one is True for one in answers),
            sum(one is not None for one in answers),
        )

    def weighted(self, touchpoint: str, split: str) -> tuple[float, float] | None:
        """The shares that bought again, with and without, each one without weighing as his stratum's others do."""
        pairs = self.alike(touchpoint, split)
        if not pairs:
            return None
        members = [one for with_, _ in pairs for one in with_]
        weights = [(one, len(with_) / len(without)) for with_, without in pairs for one in without]
        total = sum(weight for _, weight in weights)
        return (
            sum(map(self.repurchased, members)) / len(members),
            sum(weight for one, weight in weights if self.repurchased(one)) / total,
        )
