"""Whose sightings are after a run of changes in which they move and profiles change their numbers. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

Told = Sequence[tuple[int, int, int, bool | None]]  # change, sighting, profile, identified (None: not said)
Renamed = Sequence[tuple[int, int, int]]  # change, old number, new number
BEFORE_ALL = -1


class Settled(NamedTuple):
    """Sightings with their profiles, and profiles with their new numbers for all other sightings."""

    sightings: list[tuple[int, int, bool | None]]
    profiles: list[tuple[int, int]]
    only_new: bool  # nothing that was there before is concerned


def settled(told: Told, renamed: Renamed) -> Settled:
    """The state after all changes, both lists in the order of the changes.

    Within one change the sightings are told as they are at its end, after its renames. A number may be given up and
    taken again by somebody else, so a rename holds for what had the number just before it.
    """
    later: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for change, old, after in renamed:
        later[old].append((change, after))

    def final(profile: int, since: int) -> int:
        while profile in later:
            place = bisect_right(later[profile], (since, 1 << 62))
            if place == len(later[profile]):
                break
            since, profile = later[profile][place]
        return profile

    last: dict[int, tuple[int, int]] = {}
    known: dict[int, bool] = {}
    new: set[int] = set()
    for change, sighting, profile, identified in told:
        last[sighting] = (change, profile)
        if identified is not None:
            known[sighting] = identified
            new.add(sighting)
    sightings = [
        (sighting, final(profile, change), known.get(sighting))
        for sighting, (change, profile) in sorted(last.items())
    ]
    return Settled(
        sightings, [(old, final(old, BEFORE_ALL)) for old in sorted(later)], not later and new == last.keys()
    )
