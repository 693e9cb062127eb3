"""What reached beyond the bounds of its batch (replay.py), worked in the background until nothing waits.

`plan` runs step 5 on the whole workspace in memory, without a lock: which profiles will change, and which of them
together. `take` works one step of it with the workspace held, by fact 4: what it writes
is exact whatever came meanwhile, so the plan need only be a good guess. A mark goes with the commit that settles it:
a kill at any moment loses nothing.
Not here: when it is done (cdp/pipeline/background.py:catch_up), summaries and spans (the caller, with the answer).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Owners
from profiles.identity import evidence, join, kinds, locks
from profiles.identity.join import Clusters, Edge, Ends, Node
from profiles.identity.kinds import Rules
from profiles.identity.replay import Reach, redo

sql = Statements(__file__)

MOST_IDENTIFIERS = (
    3_000_000  # of a workspace in memory, about 4 GB; a larger one is worked without a plan, ring by ring
)
STEP_PROFILES = 1_000  # that change in one transaction, unless more of them hang together
PAGE = 50_000  # rows read at a time


class Step(NamedTuple):
    """Marks that are settled together, and the profiles that change by it, as far as we can tell."""

    marks: list[Ends]
    profiles: set[int]


class Waiting(NamedTuple):
    """How much of a workspace waits, and since when."""

    workspace: int
    n: int
    since: datetime


def all_of(db: Connection) -> list[Waiting]:
    """Every workspace in which something waits, the longest first."""
    return [Waiting(*row) for row in rows(db, sql["workspaces"])]


def plan(db: Connection, workspace: int) -> list[Step]:
    """What is to be done, in steps that do not touch each other. Nothing is locked: a guess, and a good one."""
    marks = rows(db, sql["marks"], workspace=workspace)
    if not marks:
        return []
    if rows(db, sql["size"], workspace=workspace, most=MOST_IDENTIFIERS)[0][0] > MOST_IDENTIFIERS:
        return [Step(marks, set())]
    rules = kinds.of(db, workspace)
    nodes = {node.id: node for node in _nodes(db, workspace, rules)}
    edges = list(_edges(db, workspace, nodes))
    cannot = [pair for pair in rows(db, sql["cannot"], workspace=workspace) if _known(nodes, pair)]
    return _steps(rules, nodes, edges, join.kruskal(rules, nodes, edges, cannot), marks)


def take(db: Connection, workspace: int, step: Step) -> Owners:
    """Settle a step, inside the caller's transaction: what is still marked, its profiles as they are now, fact 4."""
    held = locks.hold(db, workspace)
    pairs = {"a": array([a for a, _ in step.marks]), "b": array([b for _, b in step.marks])}
    marks = rows(held.db, sql["still"], workspace=held.workspace, **pairs)
    if not marks:
        return Owners(set(), {}, [], set(), set())
    ends = array(sorted({end for mark in marks for end in mark}))
    now = {profile for (profile,) in rows(held.db, sql["profiles"], workspace=held.workspace, ids=ends)}
    run(held.db, sql["settled"], workspace=held.workspace, **pairs)
    return redo(held, kinds.of(held.db, held.workspace), step.profiles | now, [], Reach.ALL)


def _steps(
    rules: Rules, nodes: Mapping[int, Node], edges: Iterable[Edge], after: Clusters, marks: list[Ends]
) -> list[Step]:
    """The profiles that change, those that hang together in one group, small groups in one step."""
    groups = _groups(rules, nodes, edges, _changing(nodes, after, marks))
    of: dict[int, list[Ends]] = defaultdict(list)
    for mark in marks:
        end = next((end for end in mark if end in nodes), None)
        of[groups.find(nodes[end].profile) if end else 0].append(mark)
    steps = [Step(of.pop(0), set())] if 0 in of else []  # of ends shared by now, or newer than the plan
    for home, its in sorted(of.items()):
        if not steps or len(steps[-1].profiles) >= STEP_PROFILES:
            steps.append(Step([], set()))
        steps[-1].marks.extend(its)
        steps[-1].profiles.update(groups.members(home))
    return steps


def _groups(
    rules: Rules, nodes: Mapping[int, Node], edges: Iterable[Edge], together: Iterable[list[int]]
) -> Clusters:
    """Profiles that must be worked in one step."""
    groups = Clusters(rules)
    for found in together:
        for profile in found:
            if not groups.knows(profile):
                groups.add(profile, {})
            groups.unite(found[0], profile)
    for edge in edges:  # no step stands in the ring of another: each ring comes out as the plan says
        a, b = nodes[edge.a].profile, nodes[edge.b].profile
        if a != b and groups.knows(a) and groups.knows(b):
            groups.unite(a, b)
    return groups


def _changing(nodes: Mapping[int, Node], after: Clusters, marks: list[Ends]) -> Iterator[list[int]]:
    """Profiles that belong together: those that share a profile afterwards, those that a mark speaks of."""
    sizes: dict[int, int] = defaultdict(int)
    for node in nodes.values():
        sizes[node.profile] += 1
    for members in after.all():
        before = {nodes[member].profile for member in members}
        if len(before) > 1 or sizes[min(before)] != len(members):
            yield sorted(before)
    for mark in marks:
        found = [nodes[end].profile for end in mark if end in nodes]
        if found:
            yield found


def _nodes(db: Connection, workspace: int, rules: Rules) -> Iterator[Node]:
    """The unshared identifiers of a workspace."""
    for id_, key, kind, namespace, value, first_seen, profile in _pages(db, "nodes", workspace, 1):
        strength = (rules[kind].rank, kind, namespace, kinds.opened(workspace, kind, value))
        yield Node(id_, key, strength, first_seen, profile)


def _edges(db: Connection, workspace: int, nodes: Mapping[int, Node]) -> Iterator[Edge]:
    """The unvoided edges of a workspace, by hand too; what came after the nodes were read is left out."""
    for a, b, *first in _pages(db, "manual", workspace, 2):
        if a in nodes and b in nodes:
            yield Edge(a, b, (first[0], first[1], first[2]), manual=True)
    found = [row for row in _pages(db, "edges", workspace, 2) if row[0] in nodes and row[1] in nodes]
    told = evidence.tied(db, workspace, [(at, event) for _, _, at, event in found])
    for a, b, at, event in found:
        yield Edge(a, b, (at, told.get(event, ""), event))


def _pages(db: Connection, statement: str, workspace: int, columns: int) -> Iterator[tuple[Any, ...]]:
    """All rows of a statement in the order of their first columns: no long statement, no copy of all of it."""
    after = (0,) * columns
    while True:
        places = dict(zip(("after", "after_b"), after, strict=False))
        found = rows(db, sql[statement], workspace=workspace, page=PAGE, **places)
        yield from found
        if len(found) < PAGE:
            return
        after = found[-1][:columns]


def _known(nodes: Mapping[int, Node], pair: Ends) -> bool:
    return pair[0] in nodes and pair[1] in nodes
