"""Conflicts that a person leaves for later: hidden until new evidence comes, or a month has passed.

New evidence is an event more that names both identifiers: the count is the same after a rebuild, whatever the order.
Not here: what else is decided about two identifiers (edits.py), the list (conflicts.py).
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import audit
from kernel.db import Connection, Statements, rows, run
from kernel.errors import NotFound

SQL = Statements(__file__)

REST: Final = timedelta(days=30)
MOST: Final = 1_000  # that are looked at; those that end last


class Left(NamedTuple):
    """A conflict somebody left: the ends by id and key, and who did so."""

    a: int
    b: int
    a_key: UUID
    b_key: UUID
    until: datetime
    at: datetime
    actor: str


def leave(db: Connection, workspace: int, a: UUID, b: UUID, actor: str, at: datetime) -> datetime:
    """Leave a conflict alone; until when. `a`, `b`: the ends of the refused edge, as the list shows them."""
    until = at + REST
    if not run(db, SQL["leave"], workspace=workspace, a=a, b=b, until=until, at=at, actor=actor):
        raise NotFound(_("There is no such conflict in this workspace."))
    audit.note(workspace, actor, "conflict.later", str(a), other=str(b), until=until.isoformat())
    return until


def again(db: Connection, workspace: int, a: UUID, b: UUID, actor: str) -> None:
    """Show a conflict again."""
    if run(db, SQL["again"], workspace=workspace, a=a, b=b):
        audit.note(workspace, actor, "conflict.again", str(a), other=str(b))


def of(db: Connection, workspace: int, now: datetime) -> list[Left]:
    """The conflicts that rest now, the one left last first: no event named both since."""
    found = rows(db, SQL["of"], workspace=workspace, now=now, most=MOST)
    return [Left(*row[:-2]) for row in found if row[-1] <= row[-2]]
