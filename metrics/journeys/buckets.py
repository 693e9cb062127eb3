"""Which calendar interval a moment falls into, for DuckDB: zones with their daylight saving are known here alone.

A day of UTC lies in one interval of the zone, or in two: then `turn` is when the second begins. So a moment's interval
is one look-up of its day and one comparison, exact and as quick for millions. Not here: what is counted.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from kernel import periods

# Rows for a join on `utc_day`: of a moment of it, the interval is `begun`, from `turn` on (null: none that day) it is
# `length` days later.
ROWS = """select unnest($utc_days) as utc_day, unnest($slots) as begun, unnest($turns) as turn,
    unnest($lengths)::integer as length"""


class Buckets(NamedTuple):
    """Columns of the same length."""

    utc_days: list[date]
    slots: list[date]
    turns: list[datetime | None]
    lengths: list[int]


def begins(day: date, zone: str) -> datetime:
    """The first moment of a day in a zone, naive and in UTC as the mirror's times are."""
    return periods.begins(day, periods.zone(zone)).replace(tzinfo=None)


def of(starts: Sequence[date], zone: str) -> Buckets:
    """The days of UTC from the first interval's begin to the last one's; the last start ends the interval before it.

    What lies before the first begin is in no interval: its slot is the day before the first.
    """
    made = Buckets([], [], [], [])
    slot = starts[0] - periods.ONE_DAY
    turns = [(start, begins(start, zone)) for start in starts]
    day, place = turns[0][1].date(), 0
    while day <= turns[-1][1].date():
        turning = turns[place] if place < len(turns) and turns[place][1].date() == day else None
        made.utc_days.append(day)
        made.slots.append(slot)
        made.turns.append(turning[1] if turning else None)
        made.lengths.append((turning[0] - slot).days if turning else 0)
        if turning:
            slot, place = turning[0], place + 1
        day += periods.ONE_DAY
    return made
