"""Paths as contracts have them, one person after the other. The judge.

Slow and plain; it shares no code with what it judges.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from tests.reference.journeys_funnel import Step, Touch, meets


class Ask(NamedTuple):
    """What is asked. `end_of` is the first moment after the period; `field` the touch's field that is the node."""

    field: str
    visits: int
    session: timedelta
    begin: datetime
    end_of: datetime
    start: Step | None = None
    end: Step | None = None


class Path(NamedTuple):
    """A path: who, its visits as they are drawn, from when to when."""

    profile: int
    nodes: tuple[str, ...]
    first: datetime
    last: datetime


def paths(touches: Sequence[Touch], ask: Ask) -> list[Path]:
    """Every path of everybody."""
    own: dict[int, list[Touch]] = defaultdict(list)
    for touch in sorted(touches, key=lambda t: (t.at, t.tie)):
        if ask.begin <= touch.at < ask.end_of:
            own[touch.profile].append(touch)
    return [made for met in own.values() for part in _parted(met, ask) for made in _path(part, ask)]


def _parted(met: list[Touch], ask: Ask) -> Iterator[list[Touch]]:
    part = [met[0]]
    for before, touch in pairwise(met):
        if touch.at - before.at > ask.session:
            yield part
            part = []
        part.append(touch)
    yield part


def _path(part: list[Touch], ask: Ask) -> Iterator[Path]:
    if ask.start:
        while part and not meets(part[0], ask.start):
            part = part[1:]
    if ask.end:
        while part and not meets(part[-1], ask.end):
            part = part[:-1]
    if part:
        visits: list[str] = []
        for touch in part:
            node = getattr(touch, ask.field)
            if not visits or visits[-1] != node:
                visits.append(node)
        drawn = visits[-ask.visits :] if ask.end else visits[: ask.visits]
        yield Path(part[0].profile, tuple(drawn), part[0].at, part[-1].at)


def listed(found: Sequence[Path], most: int) -> list[Path]:
    """The same with the small ones of each step under one name."""
    people: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for path in found:
        for step, node in enumerate(path.nodes):
            people[step][node].add(path.profile)
    kept = {
        step: set(sorted(nodes, key=lambda node: (-len(nodes[node]), node))[:most])
        for step, nodes in people.items()
    }
    return [
        path._replace(nodes=tuple(n if n in kept[step] else "other" for step, n in enumerate(path.nodes)))
        for path in found
    ]


def nodes(found: Sequence[Path]) -> dict[tuple[int, str], tuple[int, int]]:
    """(step, name) -> customers, paths."""
    people: dict[tuple[int, str], set[int]] = defaultdict(set)
    count: Counter[tuple[int, str]] = Counter()
    for path in found:
        for place in enumerate(path.nodes, 1):
            people[place].add(path.profile)
            count[place] += 1
    return {place: (len(who), count[place]) for place, who in people.items()}


def links(found: Sequence[Path]) -> Counter[tuple[str, str]]:
    """(source, target) -> paths."""
    return Counter(
        (f"{step}:{a}", f"{step + 1}:{b}")
        for path in found
        for step, (a, b) in enumerate(pairwise(path.nodes), 1)
    )
