"""A digest over each closed statement and the one before it: whatever is changed behind our back is found.

The audit log has each digest too: a statement that is missing is found by it. Not here: closing (statements.py).
"""

import hashlib
from collections import defaultdict
from typing import Final, NamedTuple

from kernel.db import Connection, Statements, rows
from kernel.models import Audit

SQL = Statements(__file__)
CLOSED: Final = "statement.closed"  # the deed in the audit log
FIRST: Final = ""  # what stands before the first


class Broken(NamedTuple):
    """A statement that is not as it was closed, and what is wrong: content, link, gone."""

    workspace: int
    number: int
    wrong: str


class Checked(NamedTuple):
    """How many statements were looked at, and those that are broken."""

    statements: int
    broken: list[Broken]


def digest(db: Connection, statement: int, previous: str) -> str:
    """SHA-256 over a statement and the digest before it."""
    (found,) = rows(db, SQL["content"], id=statement)
    return hashlib.sha256(f"{previous}\n{found[0]}".encode()).hexdigest()


def last_digest(db: Connection, workspace: int, number: int) -> str:
    """Of the statement closed before a number."""
    found = rows(db, SQL["last_digest"], workspace=workspace, number=number)
    return str(found[0][0]) if found else FIRST


def check(db: Connection) -> Checked:
    """All closed statements of all workspaces, each held against its digest, the one before, and the audit log."""
    broken = []
    last: dict[int, str] = defaultdict(lambda: FIRST)
    there: dict[tuple[int, int], str] = {}
    for workspace, statement, number, previous, kept in rows(db, SQL["closed"]):
        if previous != last[workspace]:
            broken.append(Broken(workspace, number, "link"))
        if digest(db, statement, previous) != kept:
            broken.append(Broken(workspace, number, "content"))
        last[workspace] = kept
        there[workspace, number] = kept
    noted = Audit.objects.filter(action=CLOSED).values_list("workspace_id", "target", "detail")
    for workspace, target, detail in noted.order_by("id"):
        if there.get((workspace or 0, int(target))) != detail.get("digest"):
            broken.append(Broken(workspace or 0, int(target), "gone"))
    return Checked(len(there), broken)
