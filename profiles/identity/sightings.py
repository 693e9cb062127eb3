"""A batch folded to its sightings, and what we know of them. Not here: what follows (resolve.py)."""

import hashlib
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import repeat
from uuid import UUID

import msgspec

from kernel.binary import Shape, micros, raw, text
from kernel.caches import remembered
from kernel.db import Connection, Statements, array, rows
from kernel.event import Clean, Identifier
from profiles.identity import kinds
from profiles.identity.join import Node
from profiles.identity.kinds import Rules

sql = Statements(__file__)

REMEMBERED = 50_000  # keys of sightings, a process
SORTS = 1_000  # kinds with their namespaces
IDENTIFIER = Shape(
    "profiles_identifier",
    "workspace_id int, id bigint, profile_id bigint, first_seen timestamptz, key uuid, shared bool",
    ("kind", "namespace", "value"),
)

First = tuple[datetime, str, UUID]


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


class Folded(msgspec.Struct):
    """A batch as its sightings, by the rules that say which identifier is the strongest. Nothing of it is looked up."""

    rules: Rules
    groups: list[Group]
    manual: list[Manual]


class Batch(msgspec.Struct):
    """What `resolve` works on, as it stands under the lock."""

    groups: list[Group]
    manual: list[Manual]
    ids: dict[int, int] = {}  # key, as a number -> id: of all identifiers but those of plain groups
    nodes: dict[int, Node] = {}  # of the same, by id
    made: dict[int, Identifier] = {}  # by id: those that this batch brings; they are in no table yet
    also: dict[int, int] = {}  # the sightings asked for besides -> owner
    known: dict[int, int] = {}  # owners of what is known -> profile

    def changed(self) -> list[Group]:
        """Sightings that are new or perhaps earlier."""
        return [group for group in self.groups if not group.plain]


def folded(rules: Rules, fresh: Sequence[Clean]) -> Folded:
    """What can be said of a batch before anything is looked up or locked."""
    return Folded(rules, fold(rules, fresh), _manual(rules, fresh))


def read(db: Connection, workspace: int, folded: Folded, also: AbstractSet[int]) -> Batch:
    """Look up a batch's sightings and identifiers; those never met get their ids. The workspace is held."""
    batch = Batch(folded.groups, folded.manual)
    _look_up(db, workspace, batch)
    if also:
        for sighting, owner, profile in rows(db, sql["owners"], workspace=workspace, ids=array(sorted(also))):
            batch.also[sighting] = owner
            batch.known[owner] = profile
    _identify(db, workspace, folded.rules, batch)
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
    return tuple(sorted(identifiers, key=lambda one: (rules[one.kind].rank, one)))


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
    groups = batch.groups
    if not groups:
        return
    found = rows(
        db,
        sql["known_sightings"],
        workspace=workspace,
        keys="{" + ",".join([group.key for group in groups]) + "}",
        times=array([group.first[0] for group in groups]),
    )
    for n, sighting, owner, later, profile in found:
        group = groups[n - 1]
        group.id, group.owner, group.plain = sighting, owner, later
        batch.known[owner] = profile


def _identify(db: Connection, workspace: int, rules: Rules, batch: Batch) -> None:
    """The identifiers of what changed: known ones by key, missing ones with an id of their own."""
    first_seen = _first_seen(batch)
    if not first_seen:
        return
    asked = [identifier for identifier, _ in first_seen.values()]
    keys = array([one.key for one in asked])
    for n, id_, profile, shared, at in rows(db, sql["known_identifiers"], workspace=workspace, keys=keys):
        one = asked[n - 1]
        batch.ids[one.key.int] = id_
        batch.nodes[id_] = Node(id_, one.key, strength(rules, one), at, profile, shared)
    missing = [found for number, found in first_seen.items() if number not in batch.ids]
    if missing:
        kinds.meet(db, workspace, rules, {identifier.kind for identifier, _ in missing})
        for (one, at), id_ in zip(missing, numbers(db, "new_identifiers", len(missing)), strict=True):
            batch.ids[one.key.int] = id_
            batch.nodes[id_] = Node(id_, one.key, strength(rules, one), at, id_)
            batch.made[id_] = one


def _first_seen(batch: Batch) -> dict[int, tuple[Identifier, datetime]]:
    """The identifiers of what changed with their earliest time, by key as a number, which is fast to hash."""
    first_seen: dict[int, tuple[Identifier, datetime]] = {}
    for group in batch.groups:
        if group.plain:
            continue
        at = group.first[0]
        for member in group.members:
            number = member.key.int
            there = first_seen.get(number)
            if there is None or at < there[1]:
                first_seen[number] = member, at
    for manual in batch.manual:
        for end in (manual.a, manual.b):
            first_seen.setdefault(end.key.int, (end, manual.first[0]))
    return first_seen


def numbers(db: Connection, statement: str, n: int) -> list[int]:
    """The next ids of a sequence."""
    found: list[int] = rows(db, sql[statement], n=n)[0][0]
    return found


def write_made(db: Connection, workspace: int, batch: Batch) -> None:
    """New identifiers, each in the profile that its node says. Nobody else made them: the workspace is held."""
    nodes = [batch.nodes[id_] for id_ in batch.made]
    fixed = (
        repeat(workspace),
        batch.made,
        [node.profile for node in nodes],
        [micros(node.first_seen) for node in nodes],
        [raw(node.key) for node in nodes],
        [node.shared for node in nodes],
    )
    IDENTIFIER.copy(db, IDENTIFIER.rows(fixed, [_said(workspace, one) for one in batch.made.values()]))


def _said(workspace: int, one: Identifier) -> bytes:
    value = one.value if one.kind not in kinds.ENCRYPTED else kinds.sealed(workspace, one.kind, one.value)
    return _sort(one.kind, one.namespace) + text(value)


@remembered(SORTS)
def _sort(kind: str, namespace: str) -> bytes:
    return text(kind) + text(namespace)


def ids_of(batch: Batch, members: Collection[Identifier]) -> list[int]:
    """Identifiers of what changed, by id."""
    return [batch.ids[one.key.int] for one in members]
