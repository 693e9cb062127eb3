"""Whose a batch's events are: the join of join.py kept incrementally, exactly. The steps stand in `owners`.

Here: the batch's sightings, edges and shared values. What a new edge changes: replay.py; who else may write: locks.py.
What nobody has met goes in by COPY, identifiers last: in the profile that the batch itself joins them to.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import repeat
from typing import Any

from kernel import binary
from kernel.binary import Shape, micros, raw
from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Clean, Moved, Owners
from profiles.identity import evidence, hints, join, kinds, locks, sightings
from profiles.identity.join import Edge, Ends, Node, Seen, Stars
from profiles.identity.kinds import Rules
from profiles.identity.locks import Held
from profiles.identity.replay import Change, load
from profiles.identity.sightings import Batch, Folded, Group

sql = Statements(__file__)

SIGHTING = Shape(
    "profiles_sighting",
    "workspace_id int, id bigint, owner bigint, first_t timestamptz, key uuid, first_e uuid",
    ("ids",),
)
EDGE = Shape(
    "profiles_edge",
    "workspace_id int, a bigint, b bigint, first_t timestamptz, centred bool, first_e uuid",
)
NEWEST = "\U0010ffff"  # after every message id

Members = list[list[Node]]  # of each sighting, strongest first


def fold(db: Connection, workspace: int, fresh: Sequence[Clean]) -> Folded:
    """What can be said of a batch before the workspace is held."""
    return sightings.folded(kinds.of(db, workspace), fresh)


def owners(
    db: Connection,
    workspace: int,
    fresh: Sequence[Clean],
    also: AbstractSet[int] = frozenset(),
    folded: Folded | None = None,
) -> Owners:
    """Resolve a batch, inside the caller's transaction, at whose end the workspace is free again.

    `also`: sightings whose profiles are asked for besides. `folded`: the batch, as `fold` made it.
    """
    held = locks.hold(db, workspace, locks.LONGEST)
    rules = kinds.of(db, workspace)
    if folded is None or folded.rules != rules or folded.rules.blocked != rules.blocked:
        folded = sightings.folded(rules, fresh)
    batch = sightings.read(db, workspace, folded, also)
    groups = batch.changed()
    change = Change(held, rules, made=batch.made)
    new: set[int] = set()
    if groups or batch.manual:
        members = [[batch.nodes[id_] for id_ in sightings.ids_of(batch, group.members)] for group in groups]
        new = _write_sightings(held, groups, members)
        grown = _seen_earlier(held, batch, groups, members)
        stars = _stars(rules, groups, members)
        change.stars = stars
        fresh_edges = _write_edges(held, batch, stars)
        newly = _newly_shared(held, rules, batch, fresh_edges, stars)
        middle = _share(held, rules, change, newly, batch) if newly else set()
        edges = [Edge(a, b, stars[a, b][0]) for a, b in fresh_edges] + _write_manual(held, batch)
        nodes = batch.nodes
        usable = [edge for edge in edges if not nodes[edge.a].shared and not nodes[edge.b].shared]
        change.unite(usable, middle, grown, nodes)
        sightings.write_made(db, workspace, batch)
        hints.write(db, workspace, batch.made)
        change.replay(nodes)
        change.write()
        for id_, node in nodes.items():
            batch.known[id_] = node.profile
    return _answer(change, batch, new)


def _rows_of(held: Held, statement: str, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """A statement that takes ids."""
    wanted = sorted(ids)
    return rows(held.db, sql[statement], workspace=held.workspace, ids=array(wanted)) if wanted else []


def _write_sightings(held: Held, groups: list[Group], members: Members) -> set[int]:
    """New and earlier sightings; the ids of the new ones."""
    earlier = [group for group in groups if group.id]
    if earlier:
        _write_earlier(held, earlier)
    unknown = [(group, them) for group, them in zip(groups, members, strict=True) if not group.id]
    if not unknown:
        return set()
    ids = sightings.numbers(held.db, "new_sightings", len(unknown))
    for id_, (group, them) in zip(ids, unknown, strict=True):
        group.id, group.owner = id_, join.owner(them).id
    fixed = (
        repeat(held.workspace),
        ids,
        [group.owner for group, _ in unknown],
        [micros(group.first[0]) for group, _ in unknown],
        [bytes.fromhex(group.key) for group, _ in unknown],
        [raw(group.first[2]) for group, _ in unknown],
    )
    SIGHTING.copy(held.db, SIGHTING.rows(fixed, [_list(them) for _, them in unknown]))
    return set(ids)


def _list(members: list[Node]) -> bytes:
    """A sighting's identifiers; of its owner alone it keeps no list."""
    if len(members) == 1:
        return binary.NULL
    return binary.array("bigint", [node.id for node in members])


def _write_earlier(held: Held, groups: list[Group]) -> None:
    """The earliest evidence of known sightings: by time, and where two events have one time by their message ids."""
    same_time = rows(
        held.db,
        sql["write_earlier"],
        workspace=held.workspace,
        ids=array([group.id for group in groups]),
        times=array([group.first[0] for group in groups]),
        events=array([group.first[2] for group in groups]),
    )
    if not same_time:
        return
    told = evidence.messages(held.db, held.workspace, [(at, event) for _, at, event in same_time])
    first = {group.id: group.first for group in groups}
    earlier = [
        (id_, first[id_][2])
        for id_, at, event in same_time
        if first[id_] < (at, told.get(event, NEWEST), event)
    ]
    ids, events = array([id_ for id_, _ in earlier]), array([event for _, event in earlier])
    run(held.db, sql["write_tied"], workspace=held.workspace, ids=ids, events=events)


def _seen_earlier(held: Held, batch: Batch, groups: list[Group], members: Members) -> dict[int, Node]:
    """Unshared identifiers that were seen earlier than we knew: a leader may change."""
    grown: dict[int, Node] = {}
    made = batch.made
    for group, them in zip(groups, members, strict=True):
        at = group.first[0]
        for node in them:
            if at < node.first_seen and not node.shared and node.id not in made:
                node.first_seen = at
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


def _write_edges(held: Held, batch: Batch, stars: Stars) -> list[Ends]:
    """Write edges; those that are new, earlier or newly centred. One with an end that is new cannot be there yet."""
    made = batch.made
    new = [ends for ends in stars if ends[0] in made or ends[1] in made]
    if len(new) == len(stars):
        left: list[Ends] = []
    else:
        left = sorted(ends for ends in stars if ends[0] not in made and ends[1] not in made)
    return _settle_edges(held, new, left, stars)


def _settle_edges(held: Held, new: list[Ends], asked: list[Ends], stars: Stars) -> list[Ends]:
    """Write edges that are new and those that may be there; the new ones, the earlier and the newly centred."""
    there = _known_edges(held, asked, stars) if asked else {}
    changed = _changed_edges(there, stars)
    new = new + [ends for ends in asked if ends not in there]
    _copy_edges(held, new, stars)
    _change_edges(held, changed)
    return new + list(changed)


def _copy_edges(held: Held, new: list[Ends], stars: Stars) -> None:
    ordered = sorted(new)  # as their key's index lies
    told = [stars[ends] for ends in ordered]
    fixed = (
        repeat(held.workspace),
        [a for a, _ in ordered],
        [b for _, b in ordered],
        [micros(first[0]) for first, _ in told],
        [centred for _, centred in told],
        [raw(event) for (_at, _message, event), _ in told if event is not None],
    )
    EDGE.copy(held.db, EDGE.rows(fixed))


def _known_edges(held: Held, asked: list[Ends], stars: Stars) -> Stars:
    """Of these edges those that are there, with their evidence: its message id where only that can decide."""
    a, b = array([one for one, _ in asked]), array([other for _, other in asked])
    found = rows(held.db, sql["known_edges"], workspace=held.workspace, a=a, b=b)
    same_time = [
        (at, event) for a, b, at, event, _ in found if stars[a, b][0][0] == at and stars[a, b][0][2] != event
    ]
    told = evidence.messages(held.db, held.workspace, same_time) if same_time else {}
    return {(a, b): ((at, told.get(event, NEWEST), event), centred) for a, b, at, event, centred in found}


def _changed_edges(there: Stars, stars: Stars) -> Stars:
    """The known edges that are earlier now, or newly centred."""
    changed = {}
    for ends, (known, was_centred) in there.items():
        first, centred = stars[ends]
        if (first[0], first[2]) == (known[0], known[2]):
            first = known
        if first < known or (centred and not was_centred):
            changed[ends] = (min(first, known), centred or was_centred)
    return changed


def _change_edges(held: Held, changed: Stars) -> None:
    if changed:
        lines = sorted(changed.items())
        run(
            held.db,
            sql["change_edges"],
            workspace=held.workspace,
            a=array([ends[0] for ends, _ in lines]),
            b=array([ends[1] for ends, _ in lines]),
            times=array([star[0][0] for _, star in lines]),
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


def _newly_shared(held: Held, rules: Rules, batch: Batch, edges: Iterable[Ends], stars: Stars) -> set[int]:
    """The weaker ends that now stand with more than fan-out centres of one kind."""
    nodes, asked = batch.nodes, set()
    for a, b in edges:
        bounded = rules[nodes[b].strength[1]].fan_out is not None
        if bounded and not nodes[b].shared and join.counts(rules, nodes[a], nodes[b]):
            asked.add(b)
    counts = _centres(batch, asked, stars)
    for b, kind, namespace, n in _rows_of(held, "centres", asked - batch.made.keys()):
        counts[b, kind, namespace] += n
    newly = set()
    for (b, kind, _namespace), n in counts.items():
        most = rules[nodes[b].strength[1]].fan_out
        if (
            most is not None
            and n > most
            and rules[kind].exclusive
            and rules[kind].rank < nodes[b].strength[0]
        ):
            newly.add(b)
    return newly


def _centres(batch: Batch, asked: set[int], stars: Stars) -> dict[tuple[int, str, str], int]:
    """What the statement of this name cannot see: centres that are new, and all of weaker ends that are."""
    counts: dict[tuple[int, str, str], int] = defaultdict(int)
    for (a, b), (_first, centred) in stars.items():
        if centred and b in asked and (a in batch.made or b in batch.made):
            counts[b, *batch.nodes[a].sort] += 1
    return counts


def _share(held: Held, rules: Rules, change: Change, newly: set[int], batch: Batch) -> set[int]:
    """Flag values as shared, give their sightings to the next and draw those stars again; the profiles concerned."""
    nodes = batch.nodes
    owned = rows(held.db, sql["owned"], workspace=held.workspace, owners=array(sorted(newly)))
    absent = {member for _, _, ids, *_ in owned for member in ids} - nodes.keys()
    nodes |= load(held, rules, absent)
    middle = {nodes[x].profile for x in newly}
    for x in newly:
        change.share(x, nodes[x].profile)
        nodes[x].shared, nodes[x].profile = True, x
    redrawn: set[Ends] = set()
    given: list[tuple[int, int]] = []
    needed = set(middle)
    firsts = _firsts(held, batch, owned)
    for (sighting, before, ids, *_), first in zip(owned, firsts, strict=True):
        members = [nodes[member] for member in ids]
        after = join.owner(members)
        needed.add(after.profile)
        needed.update(node.profile for node in members if not node.shared)
        if after.id != before:
            given.append((sighting, after.id))
            change.give(sighting, before, after.id)
        for a, b in join.star(members):
            _add(change.stars, (a.id, b.id), first, False)
            redrawn.add((a.id, b.id))
    run(held.db, sql["flag_shared"], workspace=held.workspace, ids=array(sorted(newly - batch.made.keys())))
    _give(held, given)
    change.redraw(_settle_edges(held, [], sorted(redrawn), change.stars))
    return (needed - newly) | middle


def _firsts(held: Held, batch: Batch, owned: list[tuple[Any, ...]]) -> list[Seen]:
    """The earliest evidence of sightings, with its message id; that of the batch is in no table yet."""
    fresh = {group.id: group.first for group in batch.changed()}
    told = evidence.messages(held.db, held.workspace, [(at, event) for *_, at, event in owned])
    firsts: list[Seen] = []
    for sighting, _before, _ids, at, event in owned:
        known = fresh.get(sighting)
        firsts.append(known if known and known[2] == event else (at, told.get(event, ""), event))
    return firsts


def _give(held: Held, given: list[tuple[int, int]]) -> None:
    """Sightings get other owners."""
    if given:
        sightings_, owners_ = (
            array([one for one, _ in sorted(given)]),
            array([one for _, one in sorted(given)]),
        )
        run(held.db, sql["give"], workspace=held.workspace, sightings=sightings_, owners=owners_)


def _answer(change: Change, batch: Batch, new: set[int]) -> Owners:
    """Everybody's profile as it is at the end of the batch."""
    moved = change.moved(new)
    profile = {}
    for group in batch.groups:
        for event in group.events:
            event.sighting = group.id
        profile[group.id] = change.profile(group.id, group.owner, batch.known)
    for one, owner in batch.also.items():
        profile[one] = change.profile(one, owner, batch.known)
    for move in moved:
        profile[move.sighting] = move.after
    named = {group.id for group in batch.groups}
    concerned = touched({*profile.values(), *change.homes(batch.nodes)}, moved, change)
    born = {id_: batch.nodes[id_].key for id_ in change.born}
    renamed = {old: (lead, batch.nodes[lead].key) for old, lead in change.renamed.items()}
    return Owners(named, profile, moved, new, concerned, born, renamed)


def touched(profiles: Iterable[int], moved: list[Moved], change: Change) -> set[int]:
    """Every profile that gained, lost or changed anything."""
    found = set(profiles) | {move.before for move in moved} | {move.after for move in moved}
    return found | change.concerned()
