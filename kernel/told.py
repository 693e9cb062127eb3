"""What is told of a person or an event to somebody outside: only what was asked for by name.

Not here: who may be told (channels/delivery/), where the values come from (profiles/outgoing.py).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

LONGEST: Final = 80  # characters of a name
# What can be asked for by one word, and what by the word before a dot.
WORDS: Final = (
    "id",
    "key",
    "at",
    "workspace",
    "event",
    "channel",
    "segment",
    "change",
    "name",
    "phone",
    "email",
)
FAMILIES: Final = ("identifier", "trait", "property")
PERSONAL: Final = frozenset({"name", "phone", "email"})
NAME: Final = re.compile(rf"(?:{'|'.join(WORDS)}|(?:{'|'.join(FAMILIES)})\.[\w\-]+(?:\.[\w\-]+)*)")


class Person(NamedTuple):
    """A profile as it is now. `keys`: every id it was ever known by, its own among them."""

    id: UUID
    keys: frozenset[UUID]
    name: str = ""
    identifiers: Mapping[str, str] = {}  # kind -> the newest value that is theirs alone
    traits: Mapping[str, Any] = {}  # trait -> the value that survives


class Event(NamedTuple):
    """A stored event."""

    name: str
    channel: str  # slug
    properties: Mapping[str, Any]


class Wanted(NamedTuple):
    """What of a person has to be read."""

    name: bool = False
    kinds: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()


def known(name: str) -> bool:
    """Whether a value can be asked for by this name."""
    return len(name) <= LONGEST and NAME.fullmatch(name) is not None


def wanted(names: Collection[str]) -> Wanted:
    """What of a person these names come to."""
    kinds = {name.partition(".")[2] for name in names if name.startswith("identifier.")}
    traits = {name.partition(".")[2] for name in names if name.startswith("trait.")}
    contacts = {"phone", "email"} & set(names)
    return Wanted("name" in names, tuple(sorted(kinds | contacts)), tuple(sorted(traits | contacts)))


def of_person(person: Person | None, name: str) -> Any:
    """A value by its name; None: not known."""
    if person is None:
        return None
    family, _dot, rest = name.partition(".")
    if family == "identifier":
        return person.identifiers.get(rest)
    if family == "trait":
        return person.traits.get(rest)
    if name in ("phone", "email"):
        return person.identifiers.get(name) or person.traits.get(name)
    return person.name or None


def inside(value: Any, path: Sequence[str]) -> Any:
    """What stands at a path of objects and lists; None: nothing."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def moment(at: datetime) -> str:
    """A time as it is told: UTC, ISO 8601."""
    return at.isoformat().replace("+00:00", "Z")
