"""One row a profile that owns an event: what a list shows, sorts and filters by. Remade for touched profiles, never the
truth.

Not here: orders and money themselves (metrics); what they come to is handed over by the pipeline.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import NamedTuple

from kernel import binary
from kernel.binary import Shape, micros, raw
from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Owners, Spent
from profiles import golden, recent
from profiles.activity import Cells, Tally

SQL = Statements(__file__)
SHAPE = Shape(
    "profiles_summary",
    "workspace_id int, profile_id bigint, key uuid, events int, first_seen timestamptz, "
    "last_seen timestamptz",
    ("channels", "recent"),
)
GRAM_SIZES = (1, 2, 3)
NAME_LENGTH = 200
JOINERS = "\u200c\u200d\ufe0e\ufe0f"  # stay in names, and are not typed by who searches for one
_WITHOUT_JOINERS = dict.fromkeys(map(ord, JOINERS))


def plain(text: str) -> str:
    """A name as it is searched: compatible forms folded, lower case, single blanks."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text.translate(_WITHOUT_JOINERS))
    return " ".join(folded.lower().split())


def grams(text: str) -> list[str]:
    """All runs of one to three characters of a name, each once, sorted."""
    name = plain(text)[:NAME_LENGTH]
    return sorted({name[i : i + size] for size in GRAM_SIZES for i in range(len(name) - size + 1)})


def whole(owners: Owners) -> set[int]:
    """The profiles whose row cannot be kept by adding: sightings came or went, or nothing of the batch is theirs."""
    now = {owners.profile[sighting] for sighting in owners.named}
    moved = {profile for move in owners.moved for profile in (move.before, move.after)}
    return moved | (owners.touched - now)


def sightings_of(db: Connection, workspace: int, profiles: Iterable[int]) -> dict[int, int]:
    """All sightings that these profiles own: sighting -> profile."""
    wanted = array(sorted(set(profiles)))
    return {s: p for s, p in rows(db, SQL["sightings_of"], workspace=workspace, profiles=wanted)}  # noqa: C416


def profiles_of(db: Connection, workspace: int, sightings: Iterable[int]) -> set[int]:
    """The profiles that own these sightings."""
    wanted = array(sorted(set(sightings)))
    return {profile for (profile,) in rows(db, SQL["profiles_of"], workspace=workspace, sightings=wanted)}


class Added(NamedTuple):
    """What a batch adds to the rows of profiles."""

    cells: Cells
    recents: Mapping[
        int, list[int]
    ]  # the newest active days from now on, of profiles where they change (recent.after)


NOTHING = Added({}, {})


def remake(
    db: Connection, workspace: int, owners: Owners, added: Added, spent: dict[int, Spent], said: set[int]
) -> None:
    """Brings the rows of touched profiles up to date. `spent` has those whose purchases may have changed."""
    again = whole(owners)
    sums = _sums(added.cells, owners, again)
    _begin(
        db,
        workspace,
        {profile: sums.pop(profile) for profile in owners.born if profile in sums},
        owners,
        added,
    )
    _add(db, workspace, sums, added.recents)
    if again:
        wanted = array(sorted(again))
        written = rows(db, SQL["write_whole"], workspace=workspace, profiles=wanted, most=recent.MOST)
        if gone := again.difference(profile for (profile,) in written):
            run(db, SQL["drop"], workspace=workspace, profiles=array(sorted(gone)))
    buy(db, workspace, spent)
    name(db, workspace, again | {owners.profile[sighting] for sighting in said})


def rename(db: Connection, workspace: int, owners: Owners) -> None:
    """Rows of profiles that are the same under another leader. Before anything is read or added under the new one."""
    if owners.renamed:
        olds = sorted(owners.renamed)
        run(
            db,
            SQL["rename"],
            workspace=workspace,
            olds=array(olds),
            news=array([owners.renamed[old][0] for old in olds]),
            keys=array([owners.renamed[old][1] for old in olds]),
        )


class Sum:
    """What a batch adds to one profile."""

    __slots__ = ("channels", "events", "first_at", "last_at")

    def __init__(self, tally: Tally) -> None:
        self.events, self.channels = 0, set[int]()
        self.first_at, self.last_at = tally.first_at, tally.last_at

    def add(self, tally: Tally, channel: int) -> None:
        """One cell."""
        self.events += tally.events
        self.channels.add(channel)
        if tally.first_at < self.first_at:
            self.first_at = tally.first_at
        if tally.last_at > self.last_at:
            self.last_at = tally.last_at


def _sums(cells: Cells, owners: Owners, again: set[int]) -> dict[int, Sum]:
    """What the batch adds to each profile that can be kept by adding."""
    sums: dict[int, Sum] = {}
    for cell, tally in cells.items():
        profile = owners.profile[cell.sighting]
        if profile not in again:
            found = sums.get(profile)
            if found is None:
                found = sums[profile] = Sum(tally)
            found.add(tally, cell.channel)
    return sums


def _begin(db: Connection, workspace: int, sums: dict[int, Sum], owners: Owners, added: Added) -> None:
    """The rows of profiles that began with this batch: nobody has written them."""
    values = list(sums.values())
    fixed = (
        repeat(workspace),
        list(sums),
        [raw(owners.born[profile]) for profile in sums],
        [value.events for value in values],
        [micros(value.first_at) for value in values],
        [micros(value.last_at) for value in values],
    )
    more = [
        binary.array("int", sorted(value.channels)) + binary.array("bigint", added.recents.get(profile, []))
        for profile, value in sums.items()
    ]
    SHAPE.copy(db, SHAPE.rows(fixed, more))


def _add(db: Connection, workspace: int, sums: dict[int, Sum], recents: Mapping[int, list[int]]) -> None:
    """The plain case: a batch's events on top of what is there."""
    if not sums:
        return
    there = rows(db, SQL["add_events"], workspace=workspace, **_columns(sums, sorted(sums), recents))
    if len(there) < len(sums):
        new = sorted(sums.keys() - {profile for (profile,) in there})
        run(db, SQL["add_profiles"], workspace=workspace, **_columns(sums, new, recents))


def _columns(sums: dict[int, Sum], profiles: list[int], recents: Mapping[int, list[int]]) -> dict[str, str]:
    """What is added to these profiles, as arrays."""
    values = [sums[profile] for profile in profiles]
    return {
        "profiles": array(profiles),
        "events": array([value.events for value in values]),
        "firsts": array([value.first_at for value in values]),
        "lasts": array([value.last_at for value in values]),
        "channels": array([array(sorted(value.channels)) for value in values]),
        "recents": array([array(recents[profile]) if profile in recents else None for profile in profiles]),
    }


def buy(db: Connection, workspace: int, spent: dict[int, Spent]) -> None:
    """Writes what profiles bought."""
    if not spent:
        return
    keys = sorted(spent)
    values = [spent[key] for key in keys]
    run(
        db,
        SQL["write_spent"],
        workspace=workspace,
        profiles=array(keys),
        orders=array(value.orders for value in values),
        revenues=array(value.revenue for value in values),
        unconverted=array(value.unconverted for value in values),
        firsts=array(value.first_at for value in values),
        lasts=array(value.last_at for value in values),
    )


def name(db: Connection, workspace: int, profiles: set[int]) -> None:
    """Writes the names that survive, and the n-grams they are found by."""
    if not profiles:
        return
    names = golden.names(db, workspace, profiles)
    keys = sorted(profiles)
    texts = [names.get(key, "")[:NAME_LENGTH] for key in keys]
    run(
        db,
        SQL["write_names"],
        workspace=workspace,
        profiles=array(keys),
        names=array(texts),
        grams=array(array(grams(text)) for text in texts),
    )
