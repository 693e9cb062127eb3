"""When a profile was active where: events by sighting, day and channel. Not here: customers counted (metrics/spans)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from cdp.kernel.db import Connection, Statements, array, run
from cdp.kernel.event import Clean

SQL = Statements(__file__)
ACTIVE = frozenset({"track", "page", "screen"})  # identify, group and alias are no activity
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
        found.add(at, clean.type in ACTIVE)
    return cells


def add(db: Connection, workspace: int, cells: Cells) -> None:
    """Adds the cells to what is there, in key order."""
    if not cells:
        return
    keys = sorted(cells)
    tallies = [cells[key] for key in keys]
    run(
        db,
        SQL["add_cells"],
        workspace=workspace,
        sightings=array(key.sighting for key in keys),
        days=array(key.day for key in keys),
        channels=array(key.channel for key in keys),
        events=array(one.events for one in tallies),
        active=array(one.active for one in tallies),
        firsts=array(one.first_at for one in tallies),
        lasts=array(one.last_at for one in tallies),
    )
