"""Cohorts, counted person by person. Slow and plain: the judge of metrics/journeys/retention.py."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from tests.reference.journeys import Happened, Order, Touch, starts

MOST = 50
Cohorts = list[tuple[date, int, list[Any]]]


class Retained:
    """The answer to one question."""

    def __init__(
        self, happened: Happened, interval: str, on: str, measure: str, period: tuple[date, date]
    ) -> None:
        self.happened, self.interval, self.on, self.measure = happened, interval, on, measure
        self.starts = starts(*period, interval)
        acts: list[Order] | list[Touch] = (
            happened.orders if on == "orders" else [one for one in happened.touches if one.active]
        )
        self.acts: dict[int, list[Any]] = defaultdict(list)
        for act in acts:
            if act.customer is not None:
                self.acts[act.customer].append(act)
        self.first = {who: min(found, key=self._order) for who, found in self.acts.items()}
        self.apart: dict[str, Decimal] = defaultdict(Decimal)

    @staticmethod
    def _order(act: Any) -> tuple[Any, ...]:
        return (act.at, act.tie, act.channel, getattr(act, "number", ""))

    def slot(self, at: Any) -> date:
        return self.happened.start(at, self.interval)

    def cohort(self, who: int) -> date:
        return self.slot(self.first[who].at)

    def value(self, who: int, by: str) -> str | None:
        first = self.first[who]
        if by == "city":
            return self.happened.cities.get(who)
        if by == "store" and isinstance(first, Touch):
            return json.loads(first.properties).get("store")
        found = getattr(first, by)
        return str(found) if found != "" else None

    def members(self) -> list[int]:
        return [who for who in self.first if self.cohort(who) in self.starts]

    def by(self, by: str) -> dict[str | None, Cohorts]:
        """The cohorts of each value."""
        groups: dict[str | None, list[int]] = defaultdict(list)
        for who in self.members():
            groups[self.value(who, by)].append(who)
        sizes = Counter({value: len(group) for value, group in groups.items() if value is not None})
        listed = sorted(sizes, key=lambda value: (-sizes[value], value))[:MOST]
        merged: dict[str | None, list[int]] = defaultdict(list)
        for value, group in groups.items():
            merged[value if value is None or value in listed else "other"] += group
        return {value: self.cohorts(group) for value, group in merged.items()}

    def cohorts(self, people: Iterable[int]) -> Cohorts:
        """Of these people alone."""
        wanted = set(people)
        self.apart.clear()
        made: Cohorts = []
        for place, start in enumerate(self.starts):
            members = [who for who in wanted if who in self.first and self.cohort(who) == start]
            amounts = [self._in(members, slot) for slot in self.starts[place:]]
            if self.measure == "revenue":
                amounts = [
                    sum(amounts[: n + 1], Decimal(0)) / len(members) if members else None
                    for n in range(len(amounts))
                ]
            made.append((start, len(members), amounts))
        return made

    def back(self, start: date, number: int) -> set[int]:
        """The people of a cell."""
        slot = self.starts[self.starts.index(start) + number]
        members = [who for who in self.members() if self.cohort(who) == start]
        return {who for who in members if any(self.slot(act.at) == slot for act in self.acts[who])}

    def _in(self, members: list[int], slot: date) -> Any:
        if self.measure == "customers":
            return sum(any(self.slot(act.at) == slot for act in self.acts[who]) for who in members)
        orders = [one for one in self.happened.orders if one.customer in members]
        if self.measure == "orders":
            return sum(self._slot(one.at, one.customer) == slot for one in orders)
        found = Decimal(0)
        for one in orders:
            moved = [(one.at, one.total), *((back.at, -back.amount) for back in one.refunds)]
            rate = self.happened.rate(one.currency, self.happened.day(one.at))
            for at, amount in moved:
                if self._slot(at, one.customer) != slot:
                    continue
                if rate is None:
                    self.apart[one.currency] += amount
                else:
                    found += amount * rate
        return found

    def _slot(self, at: Any, who: int | None) -> date:
        """What lies before its customer's beginning counts in the first interval."""
        assert who is not None
        return max(self.slot(at), self.cohort(who))
