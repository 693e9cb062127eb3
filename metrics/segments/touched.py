"""That something changed in a workspace, noted where it changes. Not here: what segments make of it (members.py)."""

from typing import Final

from kernel.db import Connection, Statements, run

SQL: Final = Statements(__file__)


def note(db: Connection, workspace: int) -> None:
    """In the transaction that changes it; nothing in a workspace that has no segments."""
    run(db, SQL["note"], workspace=workspace)
