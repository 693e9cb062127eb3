"""The DEFINITION of the join (docs/identity.md), pure: what profile an identifier is in, as a function of the set.

Not here: tables, batches, what changed (resolve.py and replay.py keep the same answer incrementally and use the
pieces below; tests/reference/identity.py is written apart from both and judges them).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from profiles.identity.kinds import Rules

Seen = tuple[datetime, str, UUID | None]  # time, message id, event id: what "earliest" compares
Sort = tuple[str, str]  # kind, namespace
Ends = tuple[int, int]
Stars = dict[Ends, tuple[Seen, bool]]  # (a, b) -> first, centred


class Node(msgspec.Struct):
    """An identifier as the join sees it. `strength` is (rank, kind, namespace, value): the least is the strongest."""

    id: int
    key: UUID
    strength: tuple[int, str, str, str]
    first_seen: datetime
    profile: int
    shared: bool = False

    @property
    def sort(self) -> Sort:
        """What limits are counted by."""
        return self.strength[1], self.strength[2]


class Edge(NamedTuple):
    """`a` is the stronger end. An edge by hand or alias has class 0."""

    a: int
    b: int
    first: Seen
    manual: bool = False


class Sighting(NamedTuple):
    """A set of identifiers seen together, strongest first, and its earliest event."""

    id: int
    ids: tuple[int, ...]
    first: Seen


class Clusters:
    """Union-find whose unions keep the limits and the cannot-link pairs (step 5's test)."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._parent: dict[int, int] = {}
        self._counts: dict[int, dict[Sort, int]] = {}
        self._foes: dict[int, set[int]] = {}
        self._members: dict[int, list[int]] = {}

    def add(self, element: int, counts: dict[Sort, int]) -> None:
        """An element with what it holds."""
        self._parent[element] = element
        self._counts[element] = counts
        self._members[element] = [element]

    def forbid(self, x: int, y: int) -> None:
        """These two never meet. Before any union."""
        self._foes.setdefault(x, set()).add(y)
        self._foes.setdefault(y, set()).add(x)

    def find(self, element: int) -> int:
        """The cluster an element is in."""
        parent = self._parent
        while parent[element] != element:
            parent[element] = element = parent[parent[element]]
        return element

    def knows(self, element: int) -> bool:
        """Whether it was added."""
        return element in self._parent

    def members(self, element: int) -> list[int]:
        """All elements of the cluster."""
        return self._members[self.find(element)]

    def all(self) -> Iterator[list[int]]:
        """Every cluster."""
        yield from self._members.values()

    def over(self, x: int, y: int) -> Sort | None:
        """The kind and namespace of which both clusters hold values, together more than its limit."""
        small, large = self._counts[self.find(x)], self._counts[self.find(y)]
        if len(small) > len(large):
            small, large = large, small
        for sort, n in small.items():
            if sort in large and n + large[sort] > self._rules[sort[0]].most:
                return sort
        return None

    def apart(self, x: int, y: int) -> bool:
        """Whether a cannot-link pair would meet."""
        x, y = self.find(x), self.find(y)
        few, many = self._foes.get(x), self._foes.get(y)
        if not few or not many:
            return False
        if len(few) > len(many):
            few, y = many, x
        return any(self.find(foe) == y for foe in few if foe in self._parent)

    def fits(self, x: int, y: int) -> bool:
        """Step 5's test."""
        return self.find(x) == self.find(y) or (self.over(x, y) is None and not self.apart(x, y))

    def unite(self, x: int, y: int) -> None:
        """Make two clusters one."""
        x, y = self.find(x), self.find(y)
        if x == y:
            return
        if len(self._members[x]) < len(self._members[y]):
            x, y = y, x
        self._parent[y] = x
        self._members[x] += self._members.pop(y)
        counts = self._counts[x]
        for sort, n in self._counts.pop(y).items():
            counts[sort] = counts.get(sort, 0) + n
        if y in self._foes:
            self._foes.setdefault(x, set()).update(self._foes.pop(y))


def kruskal(
    rules: Rules, nodes: Mapping[int, Node], edges: Iterable[Edge], cannot: Iterable[Ends]
) -> Clusters:
    """Step 5: the strong and the early edges first, each unless a limit or a cannot-link pair refuses it."""
    clusters = Clusters(rules)
    for node in nodes.values():
        clusters.add(node.id, {node.sort: 1})
    for x, y in cannot:
        clusters.forbid(x, y)
    for edge in sorted(edges, key=lambda edge: place(nodes, edge)):
        a, b = clusters.find(edge.a), clusters.find(edge.b)
        if a != b and not clusters.apart(a, b) and (edge.manual or clusters.over(a, b) is None):
            clusters.unite(a, b)
    return clusters


def place(nodes: Mapping[int, Node], edge: Edge) -> tuple[Any, ...]:
    """Where an edge stands in the order: class, earliest evidence, the weaker end; class 0: its two ends alone."""
    weaker = nodes[edge.b].strength
    if edge.manual:
        return 0, *sorted((nodes[edge.a].strength, weaker))
    return weaker[0], edge.first, weaker[1:]


def leader(nodes: Iterable[Node]) -> Node:
    """What a profile is named after: the strongest kind, then the first seen, then the key."""
    return min(nodes, key=lambda node: (node.strength[0], node.first_seen, node.key))


def owner(members: Sequence[Node]) -> Node:
    """Whose a sighting is, its identifiers given strongest first: the strongest usable one, else the strongest."""
    return next((node for node in members if not node.shared), members[0])


def star(members: Sequence[Node]) -> list[tuple[Node, Node]]:
    """The edges of a sighting (strongest first): from its strongest usable identifier to each other usable one."""
    usable = [node for node in members if not node.shared]
    return [(usable[0], node) for node in usable[1:]]


def drawn(rules: Rules, members: Sequence[Node]) -> Iterator[tuple[Ends, bool]]:
    """The rows kept of a sighting: the star that joins, and that of the true centre, which may count for fan-out."""
    centre = members[0]
    exclusive = rules[centre.strength[1]].exclusive
    for node in members[1:]:
        if not (node.shared and centre.shared):
            yield (centre.id, node.id), exclusive
    if centre.shared:
        for a, b in star(members):
            yield (a.id, b.id), False


def counts(rules: Rules, centre: Node, node: Node) -> bool:
    """Whether a sighting centred on `centre` counts towards the fan-out of `node`."""
    return rules[centre.strength[1]].exclusive and centre.strength[0] < node.strength[0]


def shared(rules: Rules, nodes: Mapping[int, Node], sightings: Iterable[Sighting]) -> set[int]:
    """Step 3: identifiers seen with more than fan-out values of one exclusive kind stronger than their own."""
    centres: dict[tuple[int, Sort], set[int]] = defaultdict(set)
    for sighting in sightings:
        centre = nodes[sighting.ids[0]]
        for member in sighting.ids[1:]:
            if counts(rules, centre, nodes[member]):
                centres[member, centre.sort].add(centre.id)
    return {
        member
        for (member, _), found in centres.items()
        if (most := rules[nodes[member].strength[1]].fan_out) is not None and len(found) > most
    }
