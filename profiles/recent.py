"""A profile's newest active days, kept on its summary row: as a rule all that a batch can touch in the counts.

Without them every batch would have to read the history of all its profiles. Not here: the counting
(metrics/customer_spans).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from kernel.db import Connection, Statements, array, rows
from kernel.event import ActiveDay, Owners, Recent
from profiles.activity import Cells

SQL = Statements(__file__)
MOST = 6  # days and channels kept of a profile
CHANNEL_BITS = 32
CHANNEL = (1 << CHANNEL_BITS) - 1

UNKNOWN = Recent(set(), None)  # of who was never active

Days = dict[int, set[ActiveDay]]  # profile -> days on which it was active, each with a channel


def active(cells: Cells, owners: Owners) -> Days:
    """The batch's active days by profile."""
    days: Days = defaultdict(set)
    for cell, tally in cells.items():
        if tally.active:
            days[owners.profile[cell.sighting]].add((cell.day, cell.channel))
    return days


def of(db: Connection, workspace: int, active: Days, owners: Owners) -> dict[int, Recent]:
    """What was kept before the batch, of the profiles for which one of their days is news; without a row all are.

    The others leave `active`: a day that is kept is known to be one, unless sightings left or joined the profile; of
    those profiles all the batch's days are counted again.
    """
    wanted = sorted(active)
    if not wanted:
        return {}
    asked = [profile for profile in wanted if profile not in owners.born]
    kept: dict[int, list[int]] = {}
    if asked:
        kept = dict(rows(db, SQL["kept"], workspace=workspace, profiles=array(asked)))
    found, moved = {}, {end for move in owners.moved for end in (move.before, move.after)}
    for profile in wanted:
        numbers = kept.get(profile)
        if not numbers:
            found[profile] = UNKNOWN
        elif profile not in moved and all(
            number_of(day, channel) in numbers for day, channel in active[profile]
        ):
            del active[profile]
        else:
            found[profile] = opened(numbers)
    return found


def after(known: Mapping[int, Recent], new: Mapping[int, set[ActiveDay]]) -> dict[int, list[int]]:
    """What is to be kept from now on, packed: of those profiles where that changes."""
    found = {}
    for profile, days in new.items():
        recent = known[profile]
        if not days <= recent.kept:
            found[profile] = packed(recent.kept | days)
    return found


def opened(numbers: list[int], most: int = MOST) -> Recent:
    """The days behind the numbers of a row. A full row ends within its oldest day: that day counts as unknown."""
    kept = {(date.fromordinal(number >> CHANNEL_BITS), number & CHANNEL) for number in numbers}
    cut = min(kept)[0] if len(kept) >= most else None
    return Recent(kept, cut)


def packed(days: Iterable[ActiveDay], most: int = MOST) -> list[int]:
    """The newest days as numbers that sort as they do, newest first."""
    return sorted([number_of(day, channel) for day, channel in days], reverse=True)[:most]


def number_of(day: date, channel: int) -> int:
    """An active day as the row holds it."""
    return day.toordinal() << CHANNEL_BITS | channel
