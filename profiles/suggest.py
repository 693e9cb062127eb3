"""What a text that is being typed may mean: a few customers, each with why it is meant. Not here: how texts are read
(search.py), the whole list (queries.py), pages and events.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection, Statements, array, rows
from kernel.models import Workspace
from kernel.web import access
from profiles import queries, search
from profiles.called import called
from profiles.identity import hints, kinds

SQL = Statements(__file__)

LOOKED_AT = 200  # identifiers that one text may mean, of which the customers seen last are offered
LEAST = 2  # characters of a name in letters; a Chinese name is looked for from its first one


Row = tuple[int, UUID, str]  # a customer: serial, public id, name


class Meant(NamedTuple):
    """Why a customer is meant."""

    how: str
    kind: str
    value: str


class Hit(NamedTuple):
    """A customer, and by what it was found, as may be seen.

    `how`: `whole` (an identifier of `kind`, or an order number), `tail`, `mask`, `id` (search.Near), `name`.
    """

    id: str  # its public id
    called: str
    how: str
    kind: str  # of the identifier; `number`, `id`, `name`
    value: str


def hits(db: Connection, workspace: Workspace, text: str, most: int, *, masked: bool) -> list[Hit]:
    """At most so many, what is meant for certain first; each customer once."""
    found = _whole(db, workspace.pk, text, most, masked)
    if near := search.near(db, workspace.pk, text):
        found += _without(found, _near(db, workspace.pk, near, most, masked))
    if len(found) < most and _long_enough(text):
        named = queries.find(db, workspace, {"named": text}, None, most, masked=masked).items
        found += _without(found, [Hit(one["id"], one["called"], "name", "name", text) for one in named])
    return found[:most]


def _without(found: Sequence[Hit], more: Sequence[Hit]) -> list[Hit]:
    there = {hit.id for hit in found}
    return [hit for hit in more if hit.id not in there]


def _long_enough(text: str) -> bool:
    return len(text) >= LEAST or not text.isascii()


def _whole(db: Connection, workspace: int, text: str, most: int, masked: bool) -> list[Hit]:
    """By whole identifiers and order numbers."""
    meant = {
        one.profile: Meant("whole", one.kind, _shown(workspace, one.kind, one.value, masked))
        for one in search.whole(db, workspace, text)
    }
    return _told(db, workspace, _newest(db, workspace, meant, most), meant, masked)


def _near(db: Connection, workspace: int, near: search.Near, most: int, masked: bool) -> list[Hit]:
    """By what everybody may see of an identifier, or by the beginning of an id."""
    select = f"select profile_id from ({near.select}) f limit {LOOKED_AT}"  # noqa: S608 (our own text)
    profiles = {profile for (profile,) in rows(db, select, workspace=workspace, **near.values)}
    newest = _newest(db, workspace, profiles, most)
    meant = {profile: Meant(near.how, near.kind, near.shown) for profile, *_ in newest}
    for profile, stored in _contacts(db, workspace, near.kind, meant):
        value = kinds.opened(workspace, near.kind, stored)
        mask = access.mask(near.kind, value)
        if near.shown in (hints.shown(near.kind, value), mask):
            meant[profile] = Meant(near.how, near.kind, mask if masked else value)
    return _told(db, workspace, newest, meant, masked)


def _contacts(db: Connection, workspace: int, kind: str, profiles: Iterable[int]) -> list[tuple[int, str]]:
    """The phones or e-mails of profiles, as stored; of other kinds none."""
    if kind not in kinds.ENCRYPTED:
        return []
    return rows(db, SQL["contacts"], workspace=workspace, profiles=array(sorted(profiles)), kind=kind)


def _shown(workspace: int, kind: str, stored: str, masked: bool) -> str:
    value = kinds.opened(workspace, kind, stored)
    return access.mask(kind, value) if masked else value


def _newest(db: Connection, workspace: int, profiles: Iterable[int], most: int) -> list[Row]:
    """Of these profiles the customers seen last."""
    wanted = array(sorted(profiles))
    return rows(db, SQL["newest"], workspace=workspace, profiles=wanted, most=most) if wanted != "{}" else []


def _told(
    db: Connection, workspace: int, found: list[Row], meant: Mapping[int, Meant], masked: bool
) -> list[Hit]:
    """Called as everywhere, with why."""
    plain = {str(key): access.scrub_name(name) if masked else name for _profile, key, name in found}
    names = called(db, workspace, plain, masked=masked)
    return [Hit(str(key), names[str(key)], *meant[profile]) for profile, key, _name in found]
