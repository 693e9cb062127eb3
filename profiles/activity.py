"""When a profile was active where: events by sighting, day and channel. Not here: customers counted (metrics)."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from operator import itemgetter
from typing import NamedTuple

from kernel.db import Connection, Statements, array, copy_text, instant, run
from kernel.event import Clean

SQL = Statements(__file__)
TABLE = "profiles_activity"
COLUMNS = ("workspace_id", "sighting_id", "day", "channel_id", "events", "active", "first_at", "last_at")
Day = Callable[[datetime], date]


class Cell(NamedTuple):
    """One sighting's events of a day on a channel."""

    sighting: int
    day: date
    channel: int


class Tally:
    """What a cell holds while a batch is folded."""

    __slots__ = ("active", "events", "first_at", "last_at")

    def __init__(self, at: datetime) -> None:
        self.events = self.active = 0
        self.first_at = self.last_at = at

    def add(self, at: datetime, active: bool) -> None:
        """One event."""
        self.events += 1
        self.active += active
        if at < self.first_at:
            self.first_at = at
        elif at > self.last_at:
            self.last_at = at


Cells = dict[Cell, Tally]


def fold(fresh: list[Clean], day: Day) -> Cells:
    """The batch as cells; what has no person is in none."""
    cells: Cells = {}
    for clean in fresh:
        sighting = clean.sighting
        if sighting is None:
            continue
        at = clean.occurred_at
        cell = Cell(sighting, day(at), clean.channel)
        found = cells.get(cell)
        if found is None:
            found = cells[cell] = Tally(at)
        found.add(at, clean.active)
    return cells


def add(db: Connection, workspace: int, cells: Cells, new: AbstractSet[int] = frozenset()) -> None:
    """Adds the cells to what is there, in key order. Those of `new` sightings cannot be there: they go in by COPY."""
    known = sorted([key for key in cells if key.sighting not in new])
    if len(known) < len(cells):
        fresh = sorted(
            [entry for entry in cells.items() if entry[0].sighting in new], key=itemgetter(0)
        )  # as the key's index lies: its pages come out full
        lines = [
            f"{workspace}\t{key.sighting}\t{instant(key.day)}\t{key.channel}\t{one.events}\t{one.active}\t"
            f"{instant(one.first_at)}\t{instant(one.last_at)}\n"
            for key, one in fresh
        ]
        copy_text(db, TABLE, COLUMNS, "".join(lines))
    if not known:
        return
    tallies = [cells[key] for key in known]
    run(
        db,
        SQL["add_cells"],
        workspace=workspace,
        sightings=array([key.sighting for key in known]),
        days=array([key.day for key in known]),
        channels=array([key.channel for key in known]),
        events=array([one.events for one in tallies]),
        active=array([one.active for one in tallies]),
        firsts=array([one.first_at for one in tallies]),
        lasts=array([one.last_at for one in tallies]),
    )
