"""What people decided about who is who, with its author and reason: about one profile, or lately. Not here: deciding
(edits.py, later.py).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kernel.db import Connection, Statements, rows
from profiles.identity import kinds, listing
from profiles.identity.listing import Named

sql = Statements(__file__)


class Decided(NamedTuple):
    """One decision. An end that no event names any more stands as it was named then, in no profile (id 0)."""

    id: int
    what: str  # merge, split, apart
    a: Named
    b: Named
    reason: str
    actor: str
    at: datetime

    @property
    def together(self) -> bool:
        """Whether both ends are one customer now."""
        return self.a.id > 0 and self.a.profile == self.b.profile


def of(db: Connection, workspace: int, profile: int, limit: int) -> list[Decided]:
    """What was decided about a profile, the last first."""
    return _decided(db, workspace, rows(db, sql["of"], workspace=workspace, profile=profile, limit=limit))


def latest(db: Connection, workspace: int, limit: int) -> list[Decided]:
    """What was decided last in the workspace."""
    return _decided(db, workspace, rows(db, sql["latest"], workspace=workspace, limit=limit))


def _decided(db: Connection, workspace: int, found: list[tuple[Any, ...]]) -> list[Decided]:
    places = listing.find(db, workspace, {UUID(key) for row in found for key in (row[4], row[8])})
    known = listing.named(db, workspace, {id_ for id_, _profile in places.values()})
    names = {one.key: one for one in known.values()}
    return [
        Decided(id_, what, _end(workspace, names, row[:4]), _end(workspace, names, row[4:8]), *row[8:])
        for id_, what, *row in found
    ]


def _end(workspace: int, names: Mapping[UUID, Named], end: Sequence[str]) -> Named:
    """As it is now; as the log has it where it is in no table."""
    kind, namespace, text, value = end
    key = UUID(text)
    gone = Named(0, key, kind, namespace, "", 0, key, False)
    return names.get(key) or gone._replace(value=kinds.opened(workspace, kind, value))
