"""Whose a batch's events are: the join of join.py kept incrementally, exactly. The steps stand in `_settle`.

Here: the batch's sightings, edges and shared values. What a new edge changes: replay.py; locks: locks.py.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

from cdp.kernel.db import Connection, Statements, array, rows, run
from cdp.kernel.errors import TryAgain
from cdp.kernel.event import Clean, Moved, Owners
from profiles.identity import join, kinds, sightings
from profiles.identity.join import Edge, Ends, Node, Seen
from profiles.identity.kinds import Rules
from profiles.identity.locks import Held, Stale, holding
from profiles.identity.replay import Change, load
from profiles.identity.sightings import Batch, Group

sql = Statements(__file__)

MOST_LOOKUPS = 20  # a look-up goes stale only when a value becomes shared, or a rule changes, meanwhile

Members = list[list[Node]]  # of each sighting, strongest first
Stars = dict[Ends, tuple[Seen, bool]]  # (a, b) -> first, centred


def owners(
    db: Connection, workspace: int, fresh: Sequence[Clean], also: AbstractSet[int] = frozenset()
) -> Owners:
    """Resolve a batch, inside the caller's transaction; all profiles in `touched` are locked until it ends."""
    for _ in range(MOST_LOOKUPS):
        rules = kinds.of(db, workspace)
        batch = sightings.read(db, workspace, rules, fresh, also)
        try:
            return holding(db, workspace, batch.profiles, partial(_settle, rules=rules, batch=batch))
        except Stale:
            continue
    raise TryAgain("The identity rules change under this batch: it is taken again later.")


def _settle(held: Held, rules: Rules, batch: Batch) -> Owners:
    """The stage under its locks: read again, write what was seen, then what follows from it."""
    groups = batch.changed()
    nodes, known = _read_again(held, rules, batch, groups)
    change = Change(held, rules)
    new: set[int] = set()
    if groups or batch.manual:
        members = [_members(batch, group, nodes) for group in groups]
        new = _write_sightings(held, groups, members)
        grown = _seen_earlier(held, groups, members)
        stars = _stars(rules, groups, members)
        fresh_edges = _write_edges(held, stars)
        newly = _newly_shared(held, rules, nodes, fresh_edges)
        middle = _share(held, rules, change, newly, nodes) if newly else set()
        edges = [Edge(a, b, stars[a, b][0]) for a, b in fresh_edges] + _write_manual(held, batch)
        usable = [edge for edge in edges if not nodes[edge.a].shared and not nodes[edge.b].shared]
        change.settle(usable, middle, grown, nodes)
        change.write(batch.made)
        known = {node.id: node.profile for node in nodes.values()} | known
    return _answer(change, batch, known, new)


def _read_again(
    held: Held, rules: Rules, batch: Batch, groups: list[Group]
) -> tuple[dict[int, Node], dict[int, int]]:
    """Flags and profiles under the locks: nodes of what changed, and owner -> profile of what is plain."""
    if kinds.of(held.db, held.workspace) != rules:
        raise Stale
    plain = {group.owner for group in batch.groups if group.plain} | set(batch.also.values())
    named = {batch.ids[one.key.int]: one for group in groups for one in group.members}
    named |= {batch.ids[one.key.int]: one for manual in batch.manual for one in (manual.a, manual.b)}
    nodes: dict[int, Node] = {}
    for id_, profile, shared, first_seen in _rows_of(held, "again", named):
        one = named[id_]
        nodes[id_] = Node(id_, one.key, sightings.strength(rules, one), first_seen, profile, shared)
    known: dict[int, int] = {}
    for id_, profile, shared in _rows_of(held, "owners_again", plain):
        known[id_] = profile
        if shared != batch.was_shared.get(id_, shared):
            raise Stale  # its sightings have another owner now
    held.need(known.values())
    held.need(node.profile for node in nodes.values() if not node.shared)
    held.need(join.owner(_members(batch, group, nodes)).profile for group in groups)
    return nodes, known


def _rows_of(held: Held, statement: str, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """A statement that takes ids."""
    wanted = sorted(ids)
    return rows(held.db, sql[statement], workspace=held.workspace, ids=array(wanted)) if wanted else []


def _members(batch: Batch, group: Group, nodes: dict[int, Node]) -> list[Node]:
    """The nodes of a sighting, strongest first."""
    return [nodes[batch.ids[one.key.int]] for one in group.members]


def _write_sightings(held: Held, groups: list[Group], members: Members) -> set[int]:
    """New and earlier sightings; the ids of the new ones."""
    if not groups:
        return set()
    written = rows(
        held.db,
        sql["write_sightings"],
        workspace=held.workspace,
        keys="{" + ",".join([group.key for group in groups]) + "}",
        ids=array(["{" + ",".join([str(node.id) for node in them]) + "}" for them in members]),
        owners=array([join.owner(them).id for them in members]),
        times=array([group.first[0] for group in groups]),
        messages=array([group.first[1] for group in groups]),
        events=array([group.first[2] for group in groups]),
    )
    by_key = {group.key: group for group in groups}
    new = set()
    for key, sighting, owner, made in written:
        group = by_key[key]
        group.id, group.owner = sighting, owner
        if made:
            new.add(sighting)
    return new


def _seen_earlier(held: Held, groups: list[Group], members: Members) -> dict[int, Node]:
    """Unshared identifiers that were seen earlier than we knew: a leader may change."""
    grown: dict[int, Node] = {}
    for group, them in zip(groups, members, strict=True):
        for node in them:
            if not node.shared and group.first[0] < node.first_seen:
                node.first_seen = group.first[0]
                grown[node.id] = node
    if grown:
        ids = sorted(grown)
        times = array([grown[node].first_seen for node in ids])
        run(held.db, sql["first_seen"], workspace=held.workspace, ids=array(ids), times=times)
    return grown


def _stars(rules: Rules, groups: list[Group], members: Members) -> Stars:
    """The edges of the sightings: the star that joins, and the one of the true centre, which counts for fan-out."""
    stars: Stars = {}
    for group, them in zip(groups, members, strict=True):
        for ends, centred in join.drawn(rules, them):
            _add(stars, ends, group.first, centred)
    return stars


def _add(stars: Stars, ends: Ends, first: Seen, centred: bool) -> None:
    """An edge keeps its earliest evidence."""
    there = stars.get(ends)
    if there is not None:
        first, centred = min(there[0], first), there[1] or centred
    stars[ends] = (first, centred)


def _write_edges(held: Held, stars: Stars) -> list[Ends]:
    """Write edges in order; those that are new, earlier or newly centred."""
    if not stars:
        return []
    lines = sorted(stars.items())
    return rows(
        held.db,
        sql["write_edges"],
        workspace=held.workspace,
        a=array([ends[0] for ends, _ in lines]),
        b=array([ends[1] for ends, _ in lines]),
        times=array([star[0][0] for _, star in lines]),
        messages=array([star[0][1] for _, star in lines]),
        events=array([star[0][2] for _, star in lines]),
        centred=array([star[1] for _, star in lines]),
    )


def _write_manual(held: Held, batch: Batch) -> list[Edge]:
    """Write the edges of class 0; those that are new or earlier."""
    if not batch.manual:
        return []
    edges = sorted((batch.ids[one.a.key.int], batch.ids[one.b.key.int], one.first) for one in batch.manual)
    written = rows(
        held.db,
        sql["write_manual"],
        workspace=held.workspace,
        a=array([edge[0] for edge in edges]),
        b=array([edge[1] for edge in edges]),
        times=array([edge[2][0] for edge in edges]),
        messages=array([edge[2][1] for edge in edges]),
        events=array([edge[2][2] for edge in edges]),
    )
    first = {(a, b): first for a, b, first in edges}
    return [Edge(a, b, first[a, b], manual=True) for a, b in written]


def _newly_shared(held: Held, rules: Rules, nodes: dict[int, Node], edges: Iterable[Ends]) -> set[int]:
    """The weaker ends that now stand with more than fan-out centres of one kind."""
    asked = set()
    for a, b in edges:
        bounded = rules[nodes[b].strength[1]].fan_out is not None
        if bounded and not nodes[b].shared and join.counts(rules, nodes[a], nodes[b]):
            asked.add(b)
    if not asked:
        return set()
    newly = set()
    found = rows(held.db, sql["centres"], workspace=held.workspace, ids=array(sorted(asked)))
    for b, kind, n in found:
        most = rules[nodes[b].strength[1]].fan_out
        if (
            most is not None
            and n > most
            and rules[kind].exclusive
            and rules[kind].rank < nodes[b].strength[0]
        ):
            newly.add(b)
    return newly


def _share(held: Held, rules: Rules, change: Change, newly: set[int], nodes: dict[int, Node]) -> set[int]:
    """Flag values as shared, give their sightings to the next and draw those stars again; the profiles concerned."""
    owned = rows(held.db, sql["owned"], workspace=held.workspace, owners=array(sorted(newly)))
    absent = {member for _, _, ids, *_ in owned for member in ids} - nodes.keys()
    nodes |= load(held, rules, sql["members"], absent)
    middle = {nodes[x].profile for x in newly}
    for x in newly:
        change.share(x, nodes[x].profile)
        nodes[x].shared, nodes[x].profile = True, x
    stars: Stars = {}
    given: list[tuple[int, int]] = []
    needed = set(middle)
    for sighting, before, ids, *first in owned:
        members = [nodes[member] for member in ids]
        after = join.owner(members)
        needed.add(after.profile)
        needed.update(node.profile for node in members if not node.shared)
        if after.id != before:
            given.append((sighting, after.id))
            change.give(sighting, before, after.id)
        for a, b in join.star(members):
            _add(stars, (a.id, b.id), tuple(first), False)
    held.need(needed - newly)
    run(held.db, sql["flag_shared"], workspace=held.workspace, ids=array(sorted(newly)))
    _give(held, given)
    _write_edges(held, stars)
    return (needed - newly) | middle


def _give(held: Held, given: list[tuple[int, int]]) -> None:
    """Sightings get other owners."""
    if given:
        sightings_, owners_ = (
            array([one for one, _ in sorted(given)]),
            array([one for _, one in sorted(given)]),
        )
        run(held.db, sql["give"], workspace=held.workspace, sightings=sightings_, owners=owners_)


def _answer(change: Change, batch: Batch, known: dict[int, int], new: set[int]) -> Owners:
    """Everybody's profile as it is at the end of the batch."""
    moved = change.moved(new)
    profile = {}
    for group in batch.groups:
        for event in group.events:
            event.sighting = group.id
        profile[group.id] = change.profile(group.id, group.owner, known)
    for one, owner in batch.also.items():
        profile[one] = change.profile(one, owner, known)
    for move in moved:
        profile[move.sighting] = move.after
    named = {group.id for group in batch.groups}
    concerned = touched({*profile.values(), *change.homes(batch.made)}, moved, change)
    return Owners(named, profile, moved, new, concerned)


def touched(profiles: Iterable[int], moved: list[Moved], change: Change) -> set[int]:
    """Every profile that gained, lost or changed anything."""
    found = set(profiles) | {move.before for move in moved} | {move.after for move in moved}
    return found | change.concerned()
