"""Who is who in the simulation, how much of it the messages prove, and what there is to find in them.

Not here: how a finding is counted (findings.py), what the product made of it.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from demo.findings import Findings, Sent
from demo.ledger import Ledger
from demo.people import Id
from demo.plan import Plan
from demo.seasons import Promotion


class Truth:
    """Filled while messages leave. A value that several people use belongs to nobody and is in none of the answers."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._owner: dict[Id, int] = {}
        self._parent: dict[Id, Id] = {}
        self.rejects: Counter[str] = Counter()  # reason -> bad messages sent on purpose
        self.messages: Counter[str] = Counter()  # type -> good messages sent
        self.orders: dict[str, str] = {}  # order id -> what the customer pays, of orders that were sent
        self.ledger = Ledger(plan)

    def found(self, promotions: Sequence[Promotion], first: dt.date, days: int) -> Findings:
        """What there is to find: names, days, channels, and sizes as far as messages have left."""
        return Sent(self.ledger, self._root, first, days).found(self.plan, promotions)

    def own(self, person: int, ids: Iterable[Id]) -> None:
        """These are really his, and his alone."""
        for value in ids:
            self._owner[value] = person

    def seen(self, person: int, ids: Iterable[Id]) -> Id | None:
        """A message carried these: those of them that are his are now proven to be one person's; the first of them."""
        found: Id | None = None
        first: Id | None = None
        for value in ids:
            if self._owner.get(value) != person:
                continue
            if value not in self._parent:
                self._parent[value] = value
            if first is None:
                found, first = value, self._root(value)
            else:
                self._parent[self._root(value)] = first
        return found

    def same(self, value: Id, others: Iterable[Id]) -> bool:
        """Whether it is already proven that this is one person's with any of the others."""
        known = (other for other in others if other in self._parent)
        return value in self._parent and any(self._root(value) == self._root(other) for other in known)

    def _root(self, value: Id) -> Id:
        while (above := self._parent[value]) != value:
            self._parent[value] = self._parent[above]
            value = self._parent[value]
        return value

    def people(self) -> dict[int, list[Id]]:
        """Person -> every identifier of his that was sent at least once."""
        found: defaultdict[int, list[Id]] = defaultdict(list)
        for value in self._parent:
            found[self._owner[value]].append(value)
        return dict(found)

    def proven(self) -> list[list[Id]]:
        """Groups of identifiers that the messages prove to be one person each."""
        found: defaultdict[Id, list[Id]] = defaultdict(list)
        for value in self._parent:
            found[self._root(value)].append(value)
        return list(found.values())
