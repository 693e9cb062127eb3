"""Which files are this database's, and what they have not taken up yet. Not here: taking it up (sync.py)."""

from datetime import datetime

from kernel.db import Connection, Statements, rows
from metrics.mirror.files import Folder, Known, Manifest

SQL = Statements(__file__)


def late(db: Connection, workspace: int | None) -> list[tuple[int, datetime]]:
    """Workspaces with changes that wait to be taken up, each since when; of one workspace, or of all."""
    return [(int(one), since) for one, since in rows(db, SQL["late"], workspace=workspace)]


def known(db: Connection, workspace: int) -> Known | None:
    """What the database says of a workspace's files; None before the first ones."""
    found = rows(db, SQL["known"], workspace=workspace)
    return Known(*found[0]) if found else None


def readable(db: Connection, workspace: int, folder: Folder) -> Manifest | None:
    """The state of a workspace's files that is to be read; None while there is none of this database."""
    told = known(db, workspace)
    return None if told is None else folder.readable(told)
