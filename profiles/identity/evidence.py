"""The message ids of the earliest evidence. Sightings and edges keep its time and its event; the message id is the
event's, and is looked up where it is shown or where two events of one time must be told apart.

Not here: what "earliest" decides (join.py). The events of a batch that is being resolved are in no table yet.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from kernel.db import Connection, Statements, array, rows

sql = Statements(__file__)

AT_ONCE = 10_000  # events of one statement

EventKey = tuple[datetime, UUID]  # where an event is found: its time, its id


def messages(db: Connection, workspace: int, keys: Collection[EventKey]) -> dict[UUID, str]:
    """The message ids of events, of those that are stored."""
    wanted = sorted(set(keys))
    found: dict[UUID, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        times, events = array([at for at, _ in part]), array([event for _, event in part])
        found |= dict(rows(db, sql["messages"], workspace=workspace, times=times, events=events))
    return found


def tied(db: Connection, workspace: int, keys: Collection[EventKey]) -> dict[UUID, str]:
    """The message ids of those events whose time another one of them has too: of all others the time decides."""
    often = Counter([at for at, _ in keys])
    candidates = {place for place in keys if often[place[0]] > 1}
    several = Counter([at for at, _ in candidates])
    return messages(db, workspace, [place for place in candidates if several[place[0]] > 1])
