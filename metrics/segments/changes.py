"""Who entered and left segments, in order, for who follows them. Not here: how it is found (members.py)."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from kernel.db import Connection, Statements, rows

SQL = Statements(__file__)
MOST: Final = 2_000  # at a time


class Change(NamedTuple):
    """Somebody entered a segment, or left it. `profile`: the public id that they had then."""

    number: int
    segment: str
    profile: UUID
    entered: bool
    at: datetime


def after(db: Connection, workspace: int, number: int) -> list[Change]:
    """The next changes after a number. Who was joined with another member neither entered nor left.

    Numbers rise as they become visible: all of a workspace's are written under one lock (members.py).
    """
    return [Change(*row) for row in rows(db, SQL["after"], workspace=workspace, number=number, most=MOST)]
