"""Members, tiers and accounts one by one: the judge of metrics/loyalty's membership.py and accounts.py."""

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from tests.metrics.mirror_tables import InMemory
from tests.reference.journeys import CHANNELS, Happened, mirror, naive


class Step(NamedTuple):
    """Somebody joined or rose; `tier` None or "": none named."""

    customer: int
    at: datetime
    kind: str = "joined"
    tier: str | None = None
    tie: int = 0


class Change(NamedTuple):
    """Points or money that came onto an account or went from it."""

    customer: int
    at: datetime
    unit: str
    kind: str
    amount: Decimal
    currency: str = ""
    channel: int = 1


def loyal_mirror(happened: Happened, steps: list[Step], changes: list[Change] | None = None) -> InMemory:
    """What happened, steps and changes, in a mirror."""
    known = {one.customer for one in [*happened.orders, *happened.touches]} | set(happened.cities)
    new = {one.customer for one in [*steps, *(changes or [])]} - known
    people = [
        {"sighting": 10 * who + place, "profile": who, "identified": True} for who in new for place in (0, 1)
    ]
    return mirror(
        happened,
        customers=people,
        memberships=[
            {
                "sighting": 10 * one.customer + place % 2,
                "occurred_at": naive(one.at),
                "tie": one.tie,
                "kind": one.kind,
                "tier": one.tier,
            }
            for place, one in enumerate(steps)
        ],
        accounts=[
            {
                "sighting": 10 * one.customer + place % 2,
                "occurred_at": naive(one.at),
                "day": happened.day(one.at),
                "tie": place,
                **{name: getattr(one, name) for name in ("channel", "unit", "kind", "amount", "currency")},
            }
            for place, one in enumerate(changes or [])
        ],
    )


class Loyalty:
    """Who is what at which moment."""

    def __init__(self, happened: Happened, steps: list[Step], period: tuple[date, date]) -> None:
        self.happened, self.steps, (self.first, self.last) = happened, steps, period
        self.since: dict[int, datetime] = {}
        for step in steps:
            self.since[step.customer] = min(step.at, self.since.get(step.customer, step.at))

    def inside(self, at: datetime) -> bool:
        return self.first <= self.happened.day(at) <= self.last

    def member(self, who: int | None, at: datetime) -> bool:
        return who in self.since and self.since[who] <= at

    def tier(self, who: int, at: datetime, *, before: bool = False) -> str:
        """The tier at a moment, or just before it."""
        named = [
            (one.at, one.tie, one.tier)
            for one in self.steps
            if one.customer == who and one.tier and (one.at < at or (one.at == at and not before))
        ]
        return max(named)[2] if named else ""

    def tier_on(self, who: int, day: date, *, end: bool) -> str:
        """The tier when a day begins, or when it ends."""
        named = [
            (one.at, one.tie, one.tier)
            for one in self.steps
            if one.customer == who
            and one.tier
            and (self.happened.day(one.at) <= day if end else self.happened.day(one.at) < day)
        ]
        return max(named)[2] if named else ""

    def money(self, orders: list[Any]) -> tuple[Decimal, dict[str, Decimal]]:
        value, apart = Decimal(0), defaultdict[str, Decimal](Decimal)
        for one in orders:
            net = one.total - sum(refund.amount for refund in one.refunds)
            rate = self.happened.rate(one.currency, self.happened.day(one.at))
            if rate is None:
                apart[one.currency] += net
            else:
                value += net * rate
        return value, {code: amount for code, amount in apart.items() if amount}

    def buying(self, channel: int | None) -> dict[str, Any]:
        """What was bought, on a channel or on all."""
        orders = [
            one for one in self.happened.orders if self.inside(one.at) and channel in (None, one.channel)
        ]
        mine = [one for one in orders if self.member(one.customer, one.at)]
        met = [
            one
            for one in self.happened.touches
            if one.active and self.inside(one.at) and channel in (None, one.channel)
        ]
        return {
            "customers": {one.customer for one in met},
            "member_customers": {one.customer for one in met if self.member(one.customer, one.at)},
            "buyers": {one.customer for one in orders if one.customer is not None},
            "member_buyers": {one.customer for one in mine},
            "orders": len(orders),
            "member_orders": len(mine),
            "revenue": self.money(orders),
            "member_revenue": self.money(mine),
        }

    def channels(self) -> list[int]:
        return [one for one in CHANNELS if self.buying(one)["orders"] or self.buying(one)["customers"]]

    def members(self) -> set[int]:
        return {who for who, at in self.since.items() if self.happened.day(at) <= self.last}

    def joined(self) -> set[int]:
        return {who for who, at in self.since.items() if self.inside(at)}

    def moves(self) -> Counter[tuple[str | None, str]]:
        """From a tier, None of those who joined, to a tier."""
        return Counter(
            (
                None if who in self.joined() else self.tier_on(who, self.first, end=False),
                self.tier_on(who, self.last, end=True),
            )
            for who in self.members()
        )

    def of_tiers(self) -> dict[str, tuple[set[int], int, tuple[Decimal, dict[str, Decimal]]]]:
        """Buyers, orders and revenue by the tier of then."""
        found = defaultdict[str, list[Any]](list)
        for one in self.happened.orders:
            if self.inside(one.at) and self.member(one.customer, one.at):
                found[self.tier(one.customer, one.at)].append(one)
        return {
            name: ({one.customer for one in orders}, len(orders), self.money(orders))
            for name, orders in found.items()
        }

    def crossing(self, *, members: bool) -> tuple[set[int], set[int]]:
        """Buyers, and those of them who bought on two channels or more."""
        where = defaultdict[int, set[int]](set)
        for one in self.happened.orders:
            if one.customer is not None and self.inside(one.at):
                where[one.customer].add(one.channel)
        loyal = self.buying(None)["member_buyers"]
        mine = {who for who in where if (who in loyal) == members}
        return mine, {who for who in mine if len(where[who]) >= 2}


def held(
    loyalty: Loyalty, changes: list[Change], by: str
) -> dict[tuple[Any, str, str], tuple[Decimal, Decimal, Decimal, Decimal, int, int]]:
    """By key, unit and currency: earned, spent, expired, outstanding, holders, overdrawn."""
    each: dict[Any, dict[int, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for one in changes:
        if loyalty.happened.day(one.at) <= loyalty.last:
            tier = loyalty.tier_on(one.customer, loyalty.last, end=True)
            key = {"": None, "tier": tier, "channel": CHANNELS[one.channel]}[by]
            each[key, one.unit, one.currency][one.customer].append(one)
    found = {}
    for key, people in each.items():
        mine = [one for those in people.values() for one in those]
        inside = [one for one in mine if loyalty.inside(one.at)]
        stands = [sum((one.amount for one in those), Decimal(0)) for those in people.values()]
        found[key] = (
            sum((one.amount for one in inside if one.kind == "earned"), Decimal(0)),
            -sum((one.amount for one in inside if one.kind == "spent"), Decimal(0)),
            -sum((one.amount for one in inside if one.kind == "expired"), Decimal(0)),
            sum(stands, Decimal(0)),
            sum(one > 0 for one in stands),
            sum(one < 0 for one in stands),
        )
    return found
