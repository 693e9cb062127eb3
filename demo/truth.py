"""Who is who in the simulation, and how much of it the messages prove. Not here: what the product made of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from demo.people import Id


class Truth:
    """Filled while messages leave. A value that several people use belongs to nobody and is in none of the answers."""

    def __init__(self) -> None:
        self._owner: dict[Id, int] = {}
        self._parent: dict[Id, Id] = {}
        self.rejects: Counter[str] = Counter()  # reason -> bad messages sent on purpose
        self.messages: Counter[str] = Counter()  # type -> good messages sent
        self.orders: dict[str, str] = {}  # order id -> what the customer pays, of orders that were sent

    def own(self, person: int, ids: Iterable[Id]) -> None:
        """These are really his, and his alone."""
        for value in ids:
            self._owner[value] = person

    def seen(self, person: int, ids: Iterable[Id]) -> None:
        """A message carried these: those of them that are his are now proven to be one person's."""
        first: Id | None = None
        for value in ids:
            if self._owner.get(value) != person:
                continue
            if value not in self._parent:
                self._parent[value] = value
            if first is None:
                first = self._root(value)
            else:
                self._parent[self._root(value)] = first

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
