"""What cleaning rules did, counted by connector, day, field and rule.

Not here: the rules (channels/language/rules.py).
"""

from datetime import date
from typing import Final, NamedTuple

from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Prepared

sql = Statements(__file__)

MOST: Final = 10_000  # rows of one answer


class Count(NamedTuple):
    """What one part of a rule did on a day."""

    day: date
    field: str
    rule: str
    changed: int
    refused: int


def add(db: Connection, workspace: int, prepared: Prepared) -> None:
    """Counts a batch, where its connectors have rules at all."""
    if not prepared.cleaned:
        return
    keys = sorted(prepared.cleaned)
    run(
        db,
        sql["add"],
        workspace=workspace,
        connectors=array(key.connector for key in keys),
        days=array(key.day for key in keys),
        fields=array(key.field for key in keys),
        rules=array(key.rule for key in keys),
        changed=array(prepared.cleaned[key][0] for key in keys),
        refused=array(prepared.cleaned[key][1] for key in keys),
    )


def of(db: Connection, workspace: int, connector: int, first: date, last: date) -> list[Count]:
    """A connector's counts in some days, the newest day first."""
    found = rows(db, sql["of"], workspace=workspace, connector=connector, first=first, last=last, most=MOST)
    return [Count(*row) for row in found]
