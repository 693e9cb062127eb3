"""Which files are this database's, and what they have not taken up yet. Not here: taking it up (sync.py)."""

from datetime import datetime

from kernel.db import Connection, Statements, rows
from metrics.mirror.files import Folder, Manifest

SQL = Statements(__file__)


def late(db: Connection, workspace: int | None) -> list[tuple[int, datetime]]:
    """Workspaces with changes that wait to be taken up, each since when; of one workspace, or of all."""
    return [(int(one), since) for one, since in rows(db, SQL["late"], workspace=workspace)]


def current(db: Connection, workspace: int, folder: Folder) -> Manifest | None:
    """The state of a workspace's files, if they are this database's."""
    manifest, known = folder.manifest(), rows(db, SQL["generation"], workspace=workspace)
    return manifest if manifest is not None and known and known[0][0] == manifest.generation else None
