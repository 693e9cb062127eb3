"""A batch folded to its sightings, and what we know of them before any lock. Not here: what follows (resolve.py)."""

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec

from cdp.kernel.db import Connection, Statements, array, rows
from cdp.kernel.event import Clean, Identifier
from cdp.kernel.remembered import remembered
from profiles.identity import kinds
from profiles.identity.kinds import Rules

sql = Statements(__file__)

REMEMBERED = 50_000  # keys of sightings, a process

First = tuple[datetime, str, UUID]
# Earliest in the batch, by key; as a number, which is fast to hash.
FirstSeen = dict[int, tuple[Identifier, datetime]]


class Group(msgspec.Struct):
    """The events of a batch with one set of identifiers. `id` is 0 while it is unknown."""

    key: str
    members: tuple[Identifier, ...]  # strongest first
    first: First
    events: list[Clean]
    id: int = 0
    owner: int = 0
    plain: bool = False  # known, and nothing in the batch is earlier: its owner is all that is asked


class Manual(msgspec.Struct):
    """An edge of class 0 that an alias asked for; `a` is the stronger end."""

    a: Identifier
    b: Identifier
    first: First


class Batch(msgspec.Struct):
    """What `resolve` works on. `profiles`: those to be locked, as far as we can tell before any lock."""

    groups: list[Group]
    manual: list[Manual]
    ids: dict[int, int]  # key, as a number -> id: of all identifiers but those of plain groups
    made: set[int]  # identifiers that this batch brought
    also: dict[int, int]  # the sightings asked for besides -> owner
    was_shared: dict[int, bool]  # owners of what is known, as looked up
    profiles: set[int]

    def changed(self) -> list[Group]:
        """Sightings that are new or perhaps earlier."""
        return [group for group in self.groups if not group.plain]


def read(
    db: Connection, workspace: int, rules: Rules, fresh: Sequence[Clean], also: AbstractSet[int]
) -> Batch:
    """Fold a batch and look up its sightings and identifiers; identifiers never met are made."""
    batch = Batch(fold(rules, fresh), _manual(rules, fresh), {}, set(), {}, {}, set())
    _look_up(db, workspace, batch)
    if also:
        for sighting, owner, profile, shared in rows(
            db, sql["owners"], workspace=workspace, ids=array(sorted(also))
        ):
            batch.also[sighting] = owner
            batch.was_shared[owner] = shared
            batch.profiles.add(profile)
    _identify(db, workspace, rules, batch)
    return batch


def fold(rules: Rules, fresh: Sequence[Clean]) -> list[Group]:
    """The distinct sets of identifiers, each with its earliest (time, message id, event) and its events."""
    by_members: dict[tuple[int, ...], Group] = {}  # as they came, by the objects they are: the same as a rule
    by_key: dict[str, Group] = {}
    for clean in fresh:
        if not clean.identifiers:
            continue
        first = (clean.occurred_at, clean.message_id, clean.id)
        members = tuple(map(id, clean.identifiers))
        group = by_members.get(members)
        if group is None:
            key = sighting_key(tuple([one.key.int for one in clean.identifiers]))
            group = by_key.get(key)
            if group is None:
                group = by_key[key] = Group(key, strongest_first(rules, clean.identifiers), first, [])
            by_members[members] = group
        group.events.append(clean)
        if first < group.first:
            group.first = first
    return list(by_key.values())


@remembered(REMEMBERED)
def sighting_key(keys: tuple[int, ...]) -> str:
    """A sighting's key, as hex: 16 bytes of SHA-256 over the sorted keys, given as numbers."""
    return hashlib.sha256(b"".join([key.to_bytes(16, "big") for key in sorted(keys)])).hexdigest()[:32]


def strongest_first(rules: Rules, identifiers: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """By (rank, kind, namespace, value), bytes decide."""
    if len(identifiers) == 1:
        return identifiers
    return tuple(sorted(identifiers, key=partial(strength, rules)))


def strength(rules: Rules, one: Identifier) -> tuple[int, str, str, str]:
    """What decides who is stronger: the least is the strongest."""
    return rules[one.kind].rank, one.kind, one.namespace, one.value


def _manual(rules: Rules, fresh: Sequence[Clean]) -> list[Manual]:
    """The batch's edges of class 0, each once with its earliest event."""
    found: dict[tuple[Identifier, Identifier], Manual] = {}
    for clean in fresh:
        if clean.manual is None:
            continue
        a, b = strongest_first(rules, clean.manual)
        first = (clean.occurred_at, clean.message_id, clean.id)
        there = found.setdefault((a, b), Manual(a, b, first))
        there.first = min(there.first, first)
    return list(found.values())


def _look_up(db: Connection, workspace: int, batch: Batch) -> None:
    """Which sightings are known, and whose they are."""
    found = rows(
        db,
        sql["known_sightings"],
        workspace=workspace,
        keys="{" + ",".join([group.key for group in batch.groups]) + "}",
        times=array([group.first[0] for group in batch.groups]),
    )
    groups = batch.groups
    for n, sighting, owner, later, profile, shared in found:
        group = groups[n - 1]
        group.id, group.owner, group.plain = sighting, owner, later
        batch.was_shared[owner] = shared
        batch.profiles.add(profile)


def _identify(db: Connection, workspace: int, rules: Rules, batch: Batch) -> None:
    """The identifiers of what changed: known ones by key, missing ones made in key order."""
    first_seen: FirstSeen = {}
    for group in batch.changed():
        at = group.first[0]
        for member in group.members:
            there = first_seen.get(member.key.int)
            if there is None or at < there[1]:
                first_seen[member.key.int] = member, at
    for manual in batch.manual:
        for end in (manual.a, manual.b):
            first_seen.setdefault(end.key.int, (end, manual.first[0]))
    if not first_seen:
        return
    _known(db, workspace, batch, [identifier for identifier, _ in first_seen.values()])
    missing = [identifier for key, (identifier, _) in first_seen.items() if key not in batch.ids]
    if missing:
        kinds.meet(db, workspace, rules, {identifier.kind for identifier in missing})
        _make(db, workspace, batch, missing, first_seen)


def _known(db: Connection, workspace: int, batch: Batch, asked: list[Identifier]) -> None:
    """Look identifiers up; the profiles of unshared ones will be locked."""
    keys = array([one.key for one in asked])
    for n, identifier, profile, shared in rows(db, sql["known_identifiers"], workspace=workspace, keys=keys):
        batch.ids[asked[n - 1].key.int] = identifier
        if not shared:
            batch.profiles.add(profile)


def _make(
    db: Connection,
    workspace: int,
    batch: Batch,
    missing: list[Identifier],
    first_seen: FirstSeen,
) -> None:
    """Make identifiers, each with its lock row. Those that another worker made meanwhile are looked up again."""
    made = rows(
        db,
        sql["make_identifiers"],
        workspace=workspace,
        keys=array([one.key for one in missing]),
        kinds=array([one.kind for one in missing]),
        namespaces=array([one.namespace for one in missing]),
        values=array([kinds.sealed(workspace, one.kind, one.value) for one in missing]),
        times=array([first_seen[one.key.int][1] for one in missing]),
    )
    for identifier, key in made:
        batch.ids[key.int] = identifier
        batch.made.add(identifier)
        batch.profiles.add(identifier)
    left = [one for one in missing if one.key.int not in batch.ids]
    if left:
        _known(db, workspace, batch, left)
