"""Marks that events get after they were stored, or lose again: what other messages made of them.

Not here: the marks of cleaning, which come with the event (channels/mapping).
"""

from collections.abc import Iterable
from uuid import UUID

from kernel.db import Connection, Statements, array, rows, run

SQL = Statements(__file__)
Marked = Iterable[tuple[UUID, str]]
AT_ONCE = 100  # events of a statement: it may look for each id at each of their times


def remark(db: Connection, workspace: int, marked: Marked, unmarked: Marked) -> None:
    """Puts marks on events and takes others away."""
    for statement, pairs in (("take", unmarked), ("put", marked)):
        events: dict[str, list[UUID]] = {}
        for event, mark in pairs:
            events.setdefault(mark, []).append(event)
        for mark, found in sorted(events.items()):
            places = rows(db, SQL["times"], workspace=workspace, ids=array(sorted(found)))
            for start in range(0, len(places), AT_ONCE):
                part = places[start : start + AT_ONCE]
                ids, times = array([one for one, _ in part]), array([at for _, at in part])
                run(db, SQL[statement], workspace=workspace, mark=mark, ids=ids, times=times)
