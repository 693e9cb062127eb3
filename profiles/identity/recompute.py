"""The join of a whole workspace from its sightings, in memory, and the difference written. Exact for any rules.

For a limit, rank, fan-out or blocked value that changed, and for a check that nothing drifted. Not here: one batch
(resolve.py). About 1.3 GB for a million identifiers.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from kernel.db import Connection, Statements, array, copy, rows, run
from kernel.event import Moved, Owners
from profiles.identity import evidence, join, kinds, locks
from profiles.identity.join import Edge, Ends, Node, Seen, Sighting
from profiles.identity.kinds import Rules
from profiles.identity.locks import Held

sql = Statements(__file__)

EDGE = ("workspace_id", "a", "b", "first_t", "first_e", "centred", "refused")


class Answer(msgspec.Struct):
    """Step 1 to 7 for one set of sightings."""

    shared: set[int]
    profiles: dict[int, int]  # identifier -> leader
    owners: dict[int, int]  # sighting -> owner
    edges: dict[Ends, tuple[Seen, bool]]  # first, centred: void ones that count for fan-out too
    refused: set[Ends]
    first_seen: dict[int, datetime]


def workspace(db: Connection, workspace: int) -> Owners:
    """Make the identity of a workspace anew by the rules as they stand; it is held until the end."""
    held = locks.hold(db, workspace)
    rules = kinds.of(db, workspace)
    nodes, sightings, manual, cannot = read(held, rules)
    sightings, manual = _without_blocked(held, rules, nodes, sightings, manual)
    before = {node.id: node.profile for node in nodes.values()}
    owned_before: dict[int, int] = dict(rows(db, sql["owners"], workspace=workspace))
    answer = decide(rules, nodes, sightings, manual, cannot)
    _write(held, nodes, answer, owned_before)
    moved = [
        Moved(one, before[owned_before[one]], answer.profiles[owner])
        for one, owner in sorted(answer.owners.items())
        if before[owned_before[one]] != answer.profiles[owner]
    ]
    changed = {one for one, profile in answer.profiles.items() if profile != before[one]}
    touched = {before[one] for one in changed} | {answer.profiles[one] for one in changed}
    touched |= {move.before for move in moved} | {move.after for move in moved}
    return Owners(set(), {move.sighting: move.after for move in moved}, moved, set(), touched)


def read(held: Held, rules: Rules) -> tuple[dict[int, Node], list[Sighting], list[Edge], list[Ends]]:
    """Everything a workspace's identity follows from. A sighting's members come strongest first by these rules."""
    db, workspace = held.db, held.workspace
    nodes = {}
    for id_, key, kind, namespace, value, first_seen, profile, shared in rows(
        db, sql["nodes"], workspace=workspace
    ):
        strength = (rules[kind].rank, kind, namespace, kinds.opened(workspace, kind, value))
        nodes[id_] = Node(id_, key, strength, first_seen, profile, shared)
    found = rows(db, sql["sightings"], workspace=workspace)
    told = evidence.tied(db, workspace, [(at, event) for _, _, at, event in found])
    sightings = [
        Sighting(
            id_, tuple(sorted(ids, key=lambda one: nodes[one].strength)), (at, told.get(event, ""), event)
        )
        for id_, ids, at, event in found
    ]
    manual = []
    for a, b, at, message, event in rows(db, sql["manual"], workspace=workspace):
        strong, weak = sorted((a, b), key=lambda one: nodes[one].strength)
        manual.append(Edge(strong, weak, (at, message, event), manual=True))
    return nodes, sightings, manual, rows(db, sql["cannot"], workspace=workspace)


def _without_blocked(
    held: Held, rules: Rules, nodes: dict[int, Node], sightings: list[Sighting], manual: list[Edge]
) -> tuple[list[Sighting], list[Edge]]:
    """Blocked values leave the sightings for good (a rebuild brings them back once they are free again).

    A sighting of nothing else keeps its strongest: a profile of its own, whose events a rebuild turns into rejects.
    """
    blocked = {id_ for id_, node in nodes.items() if rules.blocks(node.strength[1], node.strength[3])}
    if not blocked:
        return sightings, manual
    left = {one.id: tuple(id_ for id_ in one.ids if id_ not in blocked) or one.ids[:1] for one in sightings}
    smaller = [one for one in sightings if left[one.id] != one.ids]
    members = array(["{" + ",".join(map(str, left[one.id])) + "}" for one in smaller])
    ids = array([one.id for one in smaller])
    run(held.db, sql["shrink"], workspace=held.workspace, ids=ids, members=members)
    run(held.db, sql["drop_manual"], workspace=held.workspace, ids=array(sorted(blocked)))
    kept = [edge for edge in manual if edge.a not in blocked and edge.b not in blocked]
    return [one._replace(ids=left[one.id]) for one in sightings], kept


def decide(
    rules: Rules,
    nodes: dict[int, Node],
    sightings: list[Sighting],
    manual: list[Edge],
    cannot: Iterable[Ends],
) -> Answer:
    """The definition, from the set to the answer. Changes the nodes' flags and first sights to the right ones."""
    shared = join.shared(rules, nodes, sightings)
    for node in nodes.values():
        node.shared = node.id in shared
    first_seen: dict[int, datetime] = {}
    edges: dict[Ends, tuple[Seen, bool]] = {}
    owners: dict[int, int] = {}
    for sighting in sightings:
        members = [nodes[one] for one in sighting.ids]
        owners[sighting.id] = join.owner(members).id
        for one in sighting.ids:
            first_seen[one] = min(first_seen.get(one, sighting.first[0]), sighting.first[0])
        for ends, centred in join.drawn(rules, members):
            there = edges.get(ends, (sighting.first, False))
            edges[ends] = (min(there[0], sighting.first), there[1] or centred)
    for one, at in first_seen.items():
        nodes[one].first_seen = at
    usable = {node.id: node for node in nodes.values() if not node.shared}
    valid = [Edge(*ends, first) for ends, (first, _) in edges.items()] + manual
    clusters = join.kruskal(
        rules,
        usable,
        [edge for edge in valid if edge.a in usable and edge.b in usable],
        [pair for pair in cannot if pair[0] in usable and pair[1] in usable],
    )
    profiles = {one: one for one in shared}
    for members_ in clusters.all():
        lead = join.leader(nodes[one] for one in members_).id
        profiles.update(dict.fromkeys(members_, lead))
    refused = {(a, b) for a, b in edges if a in usable and b in usable and profiles[a] != profiles[b]}
    return Answer(shared, profiles, owners, edges, refused, first_seen)


def _write(held: Held, nodes: dict[int, Node], answer: Answer, owned_before: dict[int, int]) -> None:
    """Identifiers and sightings where they differ; the edges anew."""
    db, workspace = held.db, held.workspace
    ids = sorted(nodes)
    run(
        db,
        sql["write_identifiers"],
        workspace=workspace,
        ids=array(ids),
        profiles=array([answer.profiles[one] for one in ids]),
        flags=array([one in answer.shared for one in ids]),
        times=array([nodes[one].first_seen for one in ids]),
    )
    given = sorted((one, owner) for one, owner in answer.owners.items() if owned_before[one] != owner)
    sightings, owners = array([one for one, _ in given]), array([owner for _, owner in given])
    run(db, sql["give"], workspace=workspace, sightings=sightings, owners=owners)
    run(db, sql["clear_edges"], workspace=workspace)
    run(db, sql["nothing_waits"], workspace=workspace)
    lines = [
        (workspace, *ends, at, event, centred, ends in answer.refused)
        for ends, ((at, _message, event), centred) in sorted(answer.edges.items())
    ]
    copy(db, "profiles_edge", EDGE, lines)
