"""When a profile was active where: events by sighting, day and channel. Not here: customers counted (metrics)."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

from kernel.binary import Shape, day_number, micros
from kernel.db import Connection, Statements, array, run
from kernel.event import Clean

SQL = Statements(__file__)
SHAPE = Shape(
    "profiles_activity",
    "workspace_id int, sighting_id bigint, day date, channel_id int, events int, active int, "
    "first_at timestamptz, last_at timestamptz",
)
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
        place = (sighting, day(at), clean.channel)
        found = cells.get(place)  # type: ignore[call-overload]  # a Cell is found by its parts
        if found is None:
            found = cells[Cell._make(place)] = Tally(at)
        found.add(at, clean.active)
    return cells


def add(db: Connection, workspace: int, cells: Cells, new: AbstractSet[int] = frozenset()) -> None:
    """Adds the cells to what is there, in key order. Those of `new` sightings cannot be there: they go in by COPY."""
    known = sorted([key for key in cells if key.sighting not in new])
    if len(known) < len(cells):
        fresh = sorted(
            [entry for entry in cells.items() if entry[0].sighting in new], key=itemgetter(0)
        )  # as the key's index lies: its pages come out full
        SHAPE.copy(db, _rows(workspace, fresh))
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


def _rows(workspace: int, cells: list[tuple[Cell, Tally]]) -> bytes:
    return SHAPE.rows(
        (
            repeat(workspace),
            [key.sighting for key, _ in cells],
            [day_number(key.day) for key, _ in cells],
            [key.channel for key, _ in cells],
            [one.events for _, one in cells],
            [one.active for _, one in cells],
            [micros(one.first_at) for _, one in cells],
            [micros(one.last_at) for _, one in cells],
        )
    )
