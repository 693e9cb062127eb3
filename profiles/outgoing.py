"""What of people and events is told to somebody outside, for many at once: only what is asked for by name.

Not masked: whoever asks has to know why (cdp/pipeline/activation.py). Not here: what is shown (queries.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kernel.db import Connection, Statements, array, rows
from kernel.erased import is_token
from kernel.told import Event, Person, Wanted
from profiles import golden, traits
from profiles.identity import kinds
from profiles.privacy import consents

SQL = Statements(__file__)


def publics(db: Connection, workspace: int, profiles: Iterable[int]) -> dict[int, UUID]:
    """The public ids of profiles by number."""
    found = rows(db, SQL["publics"], workspace=workspace, profiles=array(sorted(set(profiles))))
    return {number: key for number, key in found}  # noqa: C416


def people(
    db: Connection,
    workspace: int,
    keys: Collection[UUID],
    wanted: Wanted = Wanted(),  # noqa: B008
) -> dict[UUID, Person]:
    """Whose ids these are now, by the id that was asked for; one that nobody has any more is not there."""
    owners = {
        key: (number, public)
        for key, number, public in rows(db, SQL["owners"], workspace=workspace, keys=array(sorted(set(keys))))
    }
    numbers = {number for number, _public in owners.values()}
    if not numbers:
        return {}
    known: dict[int, set[UUID]] = defaultdict(set)
    values: dict[int, dict[str, str]] = defaultdict(dict)
    for number, key, kind, value in rows(
        db, SQL["identifiers"], workspace=workspace, profiles=array(sorted(numbers)), kinds=list(wanted.kinds)
    ):
        known[number].add(key)
        if value is None:
            continue
        plain = kinds.opened(workspace, kind, value)
        if not is_token(plain):  # of who was erased
            values[number][kind] = plain  # the newest comes last
    said = _traits(db, workspace, numbers, wanted.traits)
    names = golden.names(db, workspace, numbers) if wanted.name else {}
    made = {
        number: Person(
            public, frozenset(known[number]), names.get(number, ""), values[number], said.get(number, {})
        )
        for number, public in owners.values()
    }
    return {key: made[number] for key, (number, _public) in owners.items()}


def consented(
    db: Connection, workspace: int, purpose: str, channel: str, keys: Collection[UUID]
) -> set[UUID]:
    """Of some ids those of people who agreed to a purpose on a channel, and did not take it back since."""
    owners = rows(db, SQL["owners"], workspace=workspace, keys=array(sorted(set(keys))))
    said = consents.given(db, workspace, {number for _key, number, _public in owners}, purpose, channel)
    return {key for key, number, _public in owners if said.get(number)}


def _traits(
    db: Connection, workspace: int, profiles: set[int], names: tuple[str, ...]
) -> dict[int, dict[str, Any]]:
    """The values that survive."""
    if not names:
        return {}
    settings = golden.settings_of(workspace)
    return {
        profile: {
            name: traits.unseal(workspace, name, golden.order(values, golden.rule_of(settings, name))[0].text)
            for name, values in by_name.items()
        }
        for profile, by_name in golden.load(db, workspace, profiles, names).items()
    }


def events(db: Connection, workspace: int, asked: Collection[tuple[datetime, UUID]]) -> dict[UUID, Event]:
    """Stored events by id; one that is no longer there is not in it."""
    found = rows(
        db,
        SQL["events"],
        workspace=workspace,
        ats=array(at for at, _id in asked),
        ids=array(id_ for _at, id_ in asked),
    )
    return {
        id_: Event(name, slug or "", msgspec.json.decode(data).get("properties") or {})
        for id_, name, slug, data in found
    }
