"""A plan compiled: an event's properties -> what of them breaks it.

Most events keep to their plan, and that is found in one go: by a shape of msgspec's that takes no more than the plan
does (shapes.py). What that refuses, or cannot say, is looked at property by property. Not here: what a plan may say
(form.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from channels.language.patterns import Pattern
from channels.plan import form, shapes
from channels.plan.form import Event, Plan, Property

MISSING, TYPE, ENUM, PATTERN, MIN, MAX = CODES = ("missing", "type", "enum", "pattern", "min", "max")
TRACK: Final = "track"  # the calls that are planned
ABSENT: Final[Any] = None  # null, no value and an empty text are the same: nothing is said


class Break(NamedTuple):
    """A property that breaks the plan. `wanted`: what the plan says; `value`: what stood there."""

    property: str
    code: str
    wanted: str = ""
    value: Any = None


class PropertyCheck:
    """One property of an event, ready to be looked at."""

    def __init__(self, name: str, said: Property, names: Iterable[str]) -> None:
        self.name, self.said = name, said
        self.path = name.split(".")
        known = frozenset(names)
        # Of each object above it: whether the plan has a line of its own for that.
        self.planned = [".".join(self.path[: n + 1]) in known for n in range(len(self.path) - 1)]
        self.is_of = form.IS_OF.get(said.type)
        self.enum = frozenset(form.same(value) for value in said.enum)
        self.pattern = Pattern(said.pattern) if said.pattern else None

    def __call__(self, properties: Mapping[str, Any]) -> Break | None:
        """The first thing that is wrong with it: a pattern has a text before it, a bound a number, by their type."""
        whole = properties.get(self.name)
        if whole is not None or len(self.path) == 1:
            return self._one(whole)
        for value in _values(properties, self.path, self.planned):
            found = self._one(value)
            if found is not None:
                return found
        return None

    def _one(self, value: Any) -> Break | None:
        said = self.said
        if value is None or value == "":
            return Break(self.name, MISSING) if said.required else None
        if self.is_of is not None and not self.is_of(value):
            return Break(self.name, TYPE, said.type, value)
        if self.enum and (isinstance(value, list | dict) or form.same(value) not in self.enum):
            return Break(self.name, ENUM, ", ".join(str(one) for one in said.enum), value)
        if self.pattern is not None and not self.pattern(value):
            return Break(self.name, PATTERN, said.pattern, value)
        if said.min is not None and value < said.min:
            return Break(self.name, MIN, str(said.min), value)
        if said.max is not None and value > said.max:
            return Break(self.name, MAX, str(said.max), value)
        return None


def _values(holder: Mapping[str, Any], path: Sequence[str], planned: Sequence[bool]) -> Iterator[Any]:
    """What stands at a path, of a list in each of its items; ABSENT where an object is there without it.

    Where an object above it is not there, that one's own line speaks, if the plan has one.
    """
    name, *below = path
    value = holder.get(name)
    if not below:
        yield value
    elif isinstance(value, dict):
        yield from _values(value, below, planned[1:])
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, dict):
                yield from _values(one, below, planned[1:])
            else:
                yield ABSENT
    elif not any(planned):
        yield ABSENT


class EventCheck:
    """An event that the plan wants checked."""

    def __init__(self, name: str, event: Event) -> None:
        self.refuses = event.mode == form.REFUSE
        self.all = tuple(
            PropertyCheck(each, said, event.properties) for each, said in sorted(event.properties.items())
        )
        self.shape, taken = shapes.of(event.properties)
        self.beside = tuple(one for one in self.all if one.name not in taken)

    def __call__(self, properties: Mapping[str, Any]) -> tuple[Break, ...]:
        """What breaks the plan, one for each property at most, in the order of their names."""
        try:
            msgspec.convert(properties, self.shape)
        except (msgspec.ValidationError, ValueError, RecursionError):  # half a surrogate is a ValueError
            looked_at = self.all
        else:
            looked_at = self.beside
        return tuple([found for check in looked_at if (found := check(properties)) is not None])


class Checker:
    """A plan's events that are checked, by the name under which they are stored."""

    def __init__(self, plan: Plan) -> None:
        self.events = {
            name: EventCheck(name, event)
            for name, event in plan.events.items()
            if event.mode != form.OPEN and event.properties
        }

    def of(self, kind: str, name: str) -> EventCheck | None:
        """What an event is checked by; only track calls are planned."""
        return self.events.get(name) if kind == TRACK else None
