"""How much is known of how many: the share of profiles with each identifier kind and each trait. Reading only."""

from typing import NamedTuple

from kernel.db import Connection, Statements, rows

SQL = Statements(__file__)
MOST_TRAITS = 40  # the fullest; strangers may send any number


class Completeness(NamedTuple):
    """Profiles in all, and with each kind and trait, the most frequent first."""

    profiles: int
    kinds: list[tuple[str, int]]
    traits: list[tuple[str, int]]


def of(db: Connection, workspace: int) -> Completeness:
    """Three set-based queries; for a page that loads it after itself."""
    every = int(rows(db, SQL["every"], workspace=workspace)[0][0])
    held = [(kind, n) for kind, n in rows(db, SQL["kinds"], workspace=workspace)]
    known = [(name, n) for name, n in rows(db, SQL["traits"], workspace=workspace, limit=MOST_TRAITS)]
    return Completeness(every, held, known)
