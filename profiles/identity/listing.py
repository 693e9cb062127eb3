"""What a profile holds and why: its identifiers, and the joins that made it, each with its evidence.

Values are plain here: masking is for those who show them. Not here: what did not join (conflicts.py, shared.py).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection, Statements, array, rows
from profiles.identity import evidence, join, kinds, standing
from profiles.identity.join import Clusters, Node

sql = Statements(__file__)

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # where first sight is of no account


class Named(NamedTuple):
    """An identifier as it is shown."""

    id: int
    key: UUID
    kind: str
    namespace: str
    value: str
    profile: int
    profile_key: UUID  # the profile's public id
    shared: bool


class Held(NamedTuple):
    """An identifier of a profile, with when and where it was seen (the channel of its earliest event)."""

    name: Named
    first_seen: datetime
    last_seen: datetime
    channel_id: int | None


class Joined(NamedTuple):
    """One join: the edge that brought two sides together. `message_id`: of the evidence; by hand it is the reason."""

    a: Named
    b: Named
    rank: int  # the edge's class; 0: by hand or alias
    message_id: str
    event: UUID | None  # None: by hand
    at: datetime


def named(db: Connection, workspace: int, ids: Iterable[int]) -> dict[int, Named]:
    """Identifiers by our ids."""
    found = rows(db, sql["named"], workspace=workspace, ids=array(sorted(set(ids))))
    return {
        id_: Named(id_, key, kind, namespace, kinds.opened(workspace, kind, value), *rest)
        for id_, key, kind, namespace, value, *rest in found
    }


def find(db: Connection, workspace: int, keys: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """Key -> (identifier, profile). Any id ever given is some identifier's key, so an old one resolves for good."""
    found = rows(db, sql["find"], workspace=workspace, keys=array(keys))
    return {key: (identifier, profile) for key, identifier, profile in found}


def identifiers(db: Connection, workspace: int, profile: int) -> list[Held]:
    """All identifiers of a profile, its leader first, then strongest first."""
    rules = kinds.of(db, workspace)
    values = {"workspace": workspace, "profile": profile}
    mine = dict(rows(db, sql["identifiers"], **values))
    sights = {id_: seen for id_, *seen in rows(db, sql["sights"], **values)}
    names = named(db, workspace, mine)
    held = [Held(names[id_], *sights.get(id_, (known, known, None))) for id_, known in mine.items()]
    return sorted(
        held,
        key=lambda one: (
            one.name.id != profile,
            rules[one.name.kind].rank,
            one.name.kind,
            one.first_seen,
            one.name.key,
        ),
    )


def joins(db: Connection, workspace: int, profile: int) -> list[Joined]:
    """The edges that made a profile, in the order in which they joined."""
    rules = kinds.of(db, workspace)
    names = {
        id_: name
        for id_, name in named(db, workspace, _members(db, workspace, profile)).items()
        if not name.shared
    }
    nodes = {
        id_: Node(id_, one.key, (rules[one.kind].rank, one.kind, one.namespace, one.value), NO_TIME, profile)
        for id_, one in names.items()
    }
    edges = standing.edges(db, workspace, [profile], evidence.messages)
    clusters = Clusters(rules)
    for id_ in nodes:
        clusters.add(id_, {})
    made = []
    for edge in sorted(edges, key=lambda edge: join.place(nodes, edge)):
        if clusters.find(edge.a) != clusters.find(edge.b):
            clusters.unite(edge.a, edge.b)
            rank = 0 if edge.manual else nodes[edge.b].strength[0]
            at, message, event = edge.first
            made.append(Joined(names[edge.a], names[edge.b], rank, message, event, at))
    return made


def _members(db: Connection, workspace: int, profile: int) -> list[int]:
    """The ids of a profile's identifiers."""
    return [id_ for (id_,) in rows(db, sql["members"], workspace=workspace, profile=profile)]
