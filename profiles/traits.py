"""What was said of a person, value by value, and which value survives (the golden record).

Every value keeps its channel, how often, first and last time and the events that said so; losers are kept.
Not here: identifiers (identity), segments of people by trait.
"""

import hashlib
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from kernel import secrets
from kernel.db import Connection, Statements, array, copy_text, digits, escaped, instant, run
from kernel.event import Clean
from kernel.ids import of_bytes
from kernel.web.access import CONTACT_NAMES

SQL = Statements(__file__)
TABLE = "profiles_trait"
COLUMNS = (
    "workspace_id",
    "sighting_id",
    "name",
    "channel_id",
    "hash",
    "value",
    "n",
    "first_at",
    "first_event",
    "last_at",
    "last_event",
)
ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")
RULES = ("most_recent", "most_trusted", "most_frequent", "first")


class Said(NamedTuple):
    """The key of a trait value."""

    sighting: int
    name: str
    channel: int
    hash: UUID


class Times(NamedTuple):
    """How often and when a value was said; ties of time are settled by event id."""

    n: int
    first: tuple[datetime, UUID]
    last: tuple[datetime, UUID]
    value: str


def seal(workspace: int, name: str, text: str) -> str:
    """The value as it lies in the table: contact traits encrypted, bound to workspace and name."""
    return secrets.encrypt(text, f"{workspace}:trait:{name}") if name.lower() in CONTACT_NAMES else text


def unseal(workspace: int, name: str, text: str) -> Any:
    """The value again, as JSON."""
    plain = secrets.decrypt(text, f"{workspace}:trait:{name}") if name.lower() in CONTACT_NAMES else text
    return msgspec.json.decode(plain)


def hashed(text: str) -> UUID:
    """What a value is found by: of its plain JSON text."""
    return of_bytes(hashlib.sha256(text.encode()).digest()[:16])


def meant(text: str) -> list[UUID]:
    """The values somebody may mean who typed this: the text itself, and the number, yes or no that it spells."""
    found = {ENCODER.encode(text).decode()}
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        value = None
    if isinstance(value, bool | int | float):
        found |= {ENCODER.encode(value).decode(), text.strip()}
    return sorted(map(hashed, found))


def fold(fresh: list[Clean]) -> dict[Said, Times]:
    """The batch's trait values, each with its count and times."""
    said: dict[Said, Times] = {}
    for clean in fresh:
        sighting = clean.sighting
        if sighting is None or not clean.observed:
            continue
        at = (clean.occurred_at, clean.id)
        for name, value in clean.observed.items():
            text = ENCODER.encode(value).decode()
            key = Said(sighting, name, clean.channel, hashed(text))
            found = said.get(key)
            if found is None:
                said[key] = Times(1, at, at, text)
            else:
                said[key] = Times(found.n + 1, min(found.first, at), max(found.last, at), text)
    return said


def observe(
    db: Connection, workspace: int, fresh: list[Clean], new: AbstractSet[int] = frozenset()
) -> set[int]:
    """Keeps what the batch says of people; the sightings of which something was said. `new`: those nobody knew."""
    said = fold(fresh)
    if not said:
        return set()
    first = [key for key in said if key.sighting in new]
    lines = [_line(workspace, key, said[key]) for key in first]
    copy_text(db, TABLE, COLUMNS, "".join(lines))
    if len(first) < len(said):
        _add(db, workspace, said, sorted([key for key in said if key.sighting not in new]))
    return {key.sighting for key in said}


def _line(workspace: int, key: Said, times: Times) -> str:
    """A value in COPY's text format, cell by cell as COLUMNS."""
    (first_at, first_event), (last_at, last_event) = times.first, times.last
    return (
        f"{workspace}\t{key.sighting}\t{escaped(key.name)}\t{key.channel}\t{digits(key.hash)}\t"
        f"{escaped(seal(workspace, key.name, times.value))}\t{times.n}\t{instant(first_at)}\t{digits(first_event)}\t"
        f"{instant(last_at)}\t{digits(last_event)}\n"
    )


def _add(db: Connection, workspace: int, said: dict[Said, Times], keys: list[Said]) -> None:
    times = [said[key] for key in keys]
    run(
        db,
        SQL["keep_values"],
        workspace=workspace,
        sightings=array([key.sighting for key in keys]),
        names=array([key.name for key in keys]),
        channels=array([key.channel for key in keys]),
        hashes=array([key.hash for key in keys]),
        texts=array([seal(workspace, key.name, said[key].value) for key in keys]),
        counts=array([time.n for time in times]),
        first_ats=array([time.first[0] for time in times]),
        first_events=array([time.first[1] for time in times]),
        last_ats=array([time.last[0] for time in times]),
        last_events=array([time.last[1] for time in times]),
    )
