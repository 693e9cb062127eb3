"""Observations for the identity tests, sent through `resolve.owners`, and what the database then says."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from kernel.db import array, rows
from kernel.event import Clean, Identifier, Owners, identifier_key
from profiles import events
from profiles.identity import kinds, resolve
from tests.reference import identity as reference

SECRET = b"tests"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NOBODY = UUID(int=0)


def ident(kind: str, value: str, namespace: str = "", workspace: int = 1) -> Identifier:
    return Identifier(kind, namespace, value, identifier_key(SECRET, workspace, kind, namespace, value))


def key(plain: tuple[str, str, str]) -> UUID:
    return ident(plain[0], plain[2], plain[1]).key


def seen(*identifiers: Identifier, at: int = 0, message: str = "", connector: int = 1, manual=None) -> Clean:
    """An event `at` minutes after the beginning."""
    text = repr((connector, message or sorted(identifiers), at))
    message = message or hashlib.sha256(text.encode()).hexdigest()[:12]
    event = UUID(bytes=hashlib.sha256(f"{connector} {message}".encode()).digest()[:16])
    time = BEGIN + timedelta(minutes=at)
    return Clean(
        id=event, message_id=message, connector=connector, channel=1, request=NOBODY, position=0, received_at=time,
        occurred_at=time, type="track", name="Seen", touchpoint="other", identifiers=tuple(identifiers),
        properties={}, traits={}, context={}, observed={}, manual=manual,
    )  # fmt: skip


def send(*batch: Clean, workspace: int = 1, also=frozenset()) -> Owners:
    with transaction.atomic():
        owners = resolve.owners(connection, workspace, batch, also)
        store(batch, workspace)
        return owners


def store(batch: Iterable[Clean], workspace: int = 1) -> None:
    """The batch's events, each once however often it is sent: the evidence of what they joined is read from them."""
    fresh = list({clean.id: clean for clean in batch}.values())
    ids = array([clean.id for clean in fresh])
    there = {
        id_
        for (id_,) in rows(
            connection, "select id from profiles_event where id = any(%(ids)s::uuid[])", ids=ids
        )
    }
    fresh = [clean for clean in fresh if clean.id not in there]
    events.append(connection, workspace, fresh, events.lines(connection, workspace, fresh))


def plain(identifier: Identifier) -> tuple[str, str, str]:
    return identifier.kind, identifier.namespace, identifier.value


def state(workspace: int = 1):
    """As the reference yields it: leaders, shared, refused pairs, owners by set; and edges with the flag."""
    names = {
        id_: (kind, namespace, kinds.opened(workspace, kind, value))
        for id_, kind, namespace, value in rows(
            connection,
            "select id, kind, namespace, value from profiles_identifier where workspace_id = %(w)s",
            w=workspace,
        )
    }
    found = rows(
        connection,
        "select id, profile_id, shared from profiles_identifier where workspace_id = %(w)s",
        w=workspace,
    )
    leaders = {names[id_]: names[profile] for id_, profile, _ in found}
    shared = {names[id_] for id_, _, flag in found if flag}
    sql = "select a, b from profiles_edge where workspace_id = %(w)s and refused"
    refused = {(names[a], names[b]) for a, b in rows(connection, sql, w=workspace)}
    profile = {id_: (profile, flag) for id_, profile, flag in found}
    for a, b in rows(connection, "select a, b from profiles_manual where workspace_id = %(w)s", w=workspace):
        if not profile[a][1] and not profile[b][1] and profile[a][0] != profile[b][0]:
            refused.add((names[a], names[b]))
    sql = "select coalesce(ids, array[owner]), owner from profiles_sighting where workspace_id = %(w)s"
    owners = {
        frozenset(names[id_] for id_ in ids): names[owner]
        for ids, owner in rows(connection, sql, w=workspace)
    }
    return leaders, shared, refused, owners


def expected(events, manual=(), cannot=(), rules=None):
    observations = [
        (event.occurred_at, event.message_id, event.id, {plain(one) for one in event.identifiers})
        for event in events
    ]
    aliases = [tuple(plain(one) for one in event.manual) for event in events if event.manual]
    known = reference.KINDS | {name: tuple(kind) for name, kind in (rules or {}).items()}
    return reference.resolve(observations, key, [*aliases, *manual], cannot, known)


def profile(identifier: Identifier, workspace: int = 1) -> UUID:
    """The public id of the profile an identifier is in."""
    sql = """select l.key from profiles_identifier i
             join profiles_identifier l on l.workspace_id = i.workspace_id and l.id = i.profile_id
             where i.workspace_id = %(w)s and i.key = %(k)s"""
    return rows(connection, sql, w=workspace, k=identifier.key)[0][0]


def together(*identifiers: Identifier) -> bool:
    return len({profile(one) for one in identifiers}) == 1
