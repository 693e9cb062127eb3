"""What is to go out, noted once: a row for each destination and cause, in the transaction that knows of the cause.

A row says whom and why, and nothing else: what is sent is put together when it is sent. Its key comes out of
destination and cause, so that a rebuild, a replay of rejects or a second reader notes nothing twice.
Not here: sending (work.py), where causes come from (cdp/pipeline/activation.py).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from channels.delivery.said import ALL
from channels.destinations.base import ENTERED, EVENT, LEFT
from channels.models import Destination
from kernel import contacts
from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Clean
from kernel.ids import of_bytes
from kernel.told import moment

sql = Statements(__file__)

TYPES: Final = frozenset({"track", "page", "screen"})


class Asking(NamedTuple):
    """A destination that asks for an event. `channel`: of this one alone. `since`: received from then on."""

    destination: int
    uuid: UUID
    channel: int | None
    since: datetime


class Change(NamedTuple):
    """Somebody entered a segment, or left it. `number`: rises, in the order in which changes may be read."""

    number: int
    segment: str
    profile: UUID
    entered: bool
    at: datetime


class Row(NamedTuple):
    """A delivery to be."""

    destination: int
    key: UUID
    cause: str
    name: str
    at: datetime
    event: UUID | None
    profile: UUID | None


def key(destination: UUID, *cause: str) -> UUID:
    """What a receiver knows a delivery by, however often it comes."""
    text = "\n".join((destination.hex, *cause))
    return of_bytes(hashlib.sha256(text.encode()).digest()[:16])


# ---- events ---------------------------------------------------------------------------------------


def asking(db: Connection, workspace: int) -> dict[str, list[Asking]]:
    """Who asks for which event."""
    found: dict[str, list[Asking]] = {}
    for name, destination, uuid, channel, since in rows(db, sql["asking"], workspace=workspace):
        found.setdefault(name, []).append(Asking(destination, uuid, channel, since))
    return found


def wanted(by_name: Mapping[str, Sequence[Asking]], fresh: Iterable[Clean]) -> list[tuple[Asking, Clean]]:
    """Events of a batch that somebody asks for; what a crawler did is nobody's business."""
    return [
        (one, clean)
        for clean in fresh
        if clean.name in by_name and clean.type in TYPES and contacts.BOT not in clean.marks
        for one in by_name[clean.name]
        if one.channel in (None, clean.channel) and clean.received_at >= one.since
    ]


def of_events(found: Iterable[tuple[Asking, Clean]], people: Mapping[int, UUID]) -> list[Row]:
    """Deliveries of events. `people`: a sighting's profile, by its public id."""
    return [
        Row(
            one.destination,
            key(one.uuid, EVENT, clean.id.hex),
            EVENT,
            clean.name,
            clean.occurred_at,
            clean.id,
            None if clean.sighting is None else people.get(clean.sighting),
        )
        for one, clean in found
    ]


# ---- segments -------------------------------------------------------------------------------------


def follows(destination: Destination) -> bool:
    """Whether it wants to know of segments."""
    return bool(destination.segments)


def of_changes(destination: Destination, changes: Iterable[Change]) -> list[Row]:
    """Deliveries of what changed in its segments: since each was chosen, or all of it."""
    ties = {tie["segment"]: (tie["on"], datetime.fromisoformat(tie["since"])) for tie in destination.segments}
    found = []
    for change in changes:
        on, since = ties.get(change.segment, ("", None))
        cause = ENTERED if change.entered else LEFT
        if on == ALL or (on == cause and since is not None and change.at >= since):
            name = key(destination.uuid, cause, change.segment, change.profile.hex, moment(change.at))
            found.append(Row(destination.pk, name, cause, change.segment, change.at, None, change.profile))
    return found


def read_up_to(db: Connection, destination: Destination, number: int) -> bool:
    """Its place among the changes, where it is still the one that was read from."""
    return bool(
        run(
            db,
            sql["read_up_to"],
            destination=destination.pk,
            before=destination.changes_read,
            after=number,
            segments=len(destination.segments),
        )
    )


def keep(db: Connection, workspace: int, noted: Sequence[Row]) -> int:
    """Notes deliveries; how many are new."""
    if not noted:
        return 0
    columns = list(zip(*noted, strict=True))
    names = ("destinations", "keys", "causes", "names", "ats", "events", "profiles")
    return run(db, sql["keep"], workspace=workspace, **dict(zip(names, map(array, columns), strict=True)))
