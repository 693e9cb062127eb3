"""A tracking plan as typed values, and how one is read of what an admin sends: whatever is wrong is a sentence.

Not here: checking an event by it (checker.py), its versions (versions.py), JSON Schema (schema.py).
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

from channels.language.errors import Wrong
from channels.language.patterns import Pattern
from kernel import vocabulary
from kernel.errors import BadRequest

OPEN, WARN, REFUSE = MODES = ("open", "warn", "refuse")
STRING, NUMBER, INTEGER, BOOLEAN, DATETIME, ARRAY, OBJECT = TYPES = (
    *("string", "number", "integer", "boolean", "datetime", "array", "object"),
)
NUMBERS: Final = frozenset({NUMBER, INTEGER})
TEXTS: Final = frozenset({STRING, DATETIME})

MOST_PROPERTIES: Final = 10_000  # of a plan, over all events
MOST_EVENTS: Final = 2_000
MOST_VALUES: Final = 1_000  # of an enum
LONGEST_NAME: Final = 255  # characters of an event's or a property's name
LONGEST_VALUE: Final = 255  # characters of an enum's text
LARGEST: Final = 10**15  # of a bound: what a JSON number says exactly
LARGEST_TEXT: Final = 4_000_000  # characters of a plan as it is kept
LONGEST_QUOTE: Final = 60
NUL: Final = "\\u0000"  # as JSON has it

Scalar = str | int | float | bool


class Property(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a property is to be. Empty: nothing is said. A name with dots is a path, through lists as well."""

    type: str = ""
    required: bool = False
    enum: tuple[Scalar, ...] = ()
    pattern: str = ""  # of the whole text
    min: int | float | None = None
    max: int | float | None = None


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an event's properties are to be. `open`: written down, not checked."""

    mode: str = OPEN
    properties: dict[str, Property] = {}


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """Events by the name under which they are stored. What is not in it is let through."""

    events: dict[str, Event] = {}


EMPTY: Final = Plan()


class BadPlan(BadRequest):
    """A plan that cannot be used: where, and why."""

    def __init__(self, text: str, *where: str) -> None:
        place = ", ".join(f"“{one[:LONGEST_QUOTE]}”" for one in where if one)
        super().__init__(f"{place}: {text}" if place else text, "bad_plan")
        self.text, self.where = text, where


# ---- as it is kept and shown ----------------------------------------------------------------------


def text_of(plan: Plan) -> str:
    """The plan as it is kept: the same plan is the same text, in whatever order it was sent."""
    sorted_events = {
        name: Event(event.mode, dict(sorted(event.properties.items())))
        for name, event in sorted(plan.events.items())
    }
    return msgspec.json.encode(Plan(sorted_events)).decode()


def of_text(text: str) -> Plan:
    """The plan of a text that was kept."""
    return msgspec.json.decode(text, type=Plan) if text else EMPTY


def shown(plan: Plan) -> dict[str, Any]:
    """The events as the API has them: nothing said is null."""
    return {
        name: {
            "mode": event.mode,
            "properties": {each: _shown(one) for each, one in event.properties.items()},
        }
        for name, event in plan.events.items()
    }


def _shown(one: Property) -> dict[str, Any]:
    return {
        "type": one.type or None,
        "required": one.required,
        "enum": list(one.enum) or None,
        "pattern": one.pattern or None,
        "min": one.min,
        "max": one.max,
    }


# ---- as it is sent --------------------------------------------------------------------------------


def read(events: Any) -> Plan:
    """The plan of an API's `events`. BadPlan says what cannot be, and where."""
    if not isinstance(events, dict):
        raise BadPlan(_('"events" is an object of events by their names.'))
    if len(events) > MOST_EVENTS:
        raise BadPlan(_("A plan has at most %(most)s events.") % {"most": f"{MOST_EVENTS:,}"})
    found: dict[str, Event] = {}
    for given, event in events.items():
        name = event_name(given)
        if name in found:
            raise BadPlan(_("This event stands in the plan twice, under two spellings."), name)
        found[name] = _event(name, event)
    return bounded(Plan(found))


def bounded(plan: Plan) -> Plan:
    """The plan, where it is no larger than one may be and holds nothing that no column can hold."""
    count = sum(len(event.properties) for event in plan.events.values())
    if count > MOST_PROPERTIES:
        raise BadPlan(
            _("A plan has at most %(most)s properties, this one has %(n)s.")
            % {"most": f"{MOST_PROPERTIES:,}", "n": f"{count:,}"}
        )
    try:
        text = text_of(plan)
    except ValueError:  # half a surrogate
        text = NUL
    if NUL in text.replace("\\\\", ""):
        raise BadPlan(_("The plan holds characters that no message can hold."))
    if len(text) > LARGEST_TEXT:
        raise BadPlan(_("The plan is too long: at most 4 MB are kept."))
    return plan


def event_name(given: str) -> str:
    """The name under which an event of this name is stored."""
    name = given.strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadPlan(
            _("An event's name has 1 to %(most)s characters.") % {"most": LONGEST_NAME}, given or '""'
        )
    return vocabulary.event(name).name


def _event(name: str, given: Any) -> Event:
    asked = _object(given, ("mode", "properties"), name)
    mode = asked.get("mode") or OPEN
    if mode not in MODES:
        raise BadPlan(_('"mode" is one of %(known)s.') % {"known": ", ".join(MODES)}, name)
    properties = asked.get("properties") or {}
    if not isinstance(properties, dict):
        raise BadPlan(_('"properties" is an object of properties by their names.'), name)
    return Event(mode, {each: _property(name, each, said) for each, said in properties.items()})


def _object(given: Any, known: tuple[str, ...], *where: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise BadPlan(_("This is to be an object."), *where)
    for name in given:
        if name not in known:
            raise BadPlan(
                _("There is no “%(name)s” here: it is one of %(known)s.")
                % {"name": name[:LONGEST_QUOTE], "known": ", ".join(known)},
                *where,
            )
    return given


def _property(event: str, name: str, given: Any) -> Property:
    try:
        return made(name, _object(given, Property.__struct_fields__, event, name))
    except BadPlan as why:
        raise why if why.where else BadPlan(why.text, event, name) from None


def made(name: str, asked: Mapping[str, Any]) -> Property:
    """A property of what is said of it, null where nothing is; BadPlan without its place for what cannot be."""
    said = {key: value for key, value in asked.items() if value is not None}
    kind, required, pattern = said.get("type", ""), said.get("required", False), said.get("pattern", "")
    _must_be_name(name)
    if kind and kind not in TYPES:
        raise BadPlan(_('"type" is one of %(known)s.') % {"known": ", ".join(TYPES)})
    if not isinstance(required, bool):
        raise BadPlan(_('"required" is true or false.'))
    if pattern:
        _must_be_pattern(pattern, kind)
    if not kind and (pattern or said.keys() & {"min", "max"}):
        kind = STRING if pattern else NUMBER
    least, most = _bound("min", said.get("min"), kind), _bound("max", said.get("max"), kind)
    if least is not None and most is not None and least > most:
        raise BadPlan(_('"min" is larger than "max": no value lies between.'))
    return Property(kind or "", required, _enum(said.get("enum"), kind), pattern or "", least, most)


def _must_be_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadPlan(_("A property's name has 1 to %(most)s characters.") % {"most": LONGEST_NAME})
    if not all(name.split(".")):
        raise BadPlan(_("A path has a name before and after each dot."))


def _must_be_pattern(pattern: Any, kind: str) -> None:
    if not isinstance(pattern, str):
        raise BadPlan(_('"pattern" is a text.'))
    if kind and kind != STRING:
        raise BadPlan(_('A "pattern" is for texts: leave it out, or say "type": "string".'))
    try:
        Pattern(pattern)
    except Wrong as why:
        raise BadPlan(why.text) from None


def _bound(name: str, given: Any, kind: str) -> int | float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise BadPlan(_("“%(name)s” is a number.") % {"name": name})
    if abs(given) > LARGEST:
        raise BadPlan(_("“%(name)s” lies between -10^15 and 10^15.") % {"name": name})
    if kind and kind not in NUMBERS:
        raise BadPlan(_("“%(name)s” is for numbers: leave it out, or change the type.") % {"name": name})
    return given


def _enum(given: Any, kind: str) -> tuple[Scalar, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not 0 < len(given) <= MOST_VALUES:
        raise BadPlan(_('"enum" is a list of 1 to %(most)s values.') % {"most": f"{MOST_VALUES:,}"})
    if kind in (ARRAY, OBJECT):
        raise BadPlan(_('An "enum" is for single values, not for lists and objects.'))
    known = set()
    for value in given:
        _must_be_value(value, kind)
        if same(value) in known:
            raise BadPlan(_("“%(value)s” stands in “enum” twice.") % {"value": str(value)[:LONGEST_QUOTE]})
        known.add(same(value))
    return tuple(given)


def _must_be_value(value: Any, kind: str) -> None:
    """Whether it is one value of an enum of that type."""
    if isinstance(value, str):
        if not 0 < len(value) <= LONGEST_VALUE:
            raise BadPlan(_('A text of "enum" has 1 to %(most)s characters.') % {"most": LONGEST_VALUE})
    elif not isinstance(value, int | float) or not math.isfinite(value):
        raise BadPlan(_('A value of "enum" is a text, a number, true or false.'))
    if kind and not is_of(kind, value):
        raise BadPlan(
            _("“%(value)s” of “enum” is no %(type)s.") % {"value": str(value)[:LONGEST_QUOTE], "type": kind}
        )


# ---- what a value is ------------------------------------------------------------------------------


def is_of(kind: str, value: Any) -> bool:
    """Whether a JSON value is of a type. 5.0 is an integer, true is no number, a datetime is RFC 3339."""
    return IS_OF[kind](value)


def is_number(value: Any) -> bool:
    """A JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_datetime(value: str) -> bool:
    """A day with a time to the second, by RFC 3339; without an offset it is the channel's."""
    try:
        msgspec.convert(value, datetime)
    except (msgspec.ValidationError, ValueError):
        return False
    return True


def _is_whole(value: Any) -> bool:
    return is_number(value) and (type(value) is int or value.is_integer())


IS_OF: Final[dict[str, Callable[[Any], bool]]] = {
    STRING: lambda value: isinstance(value, str),
    NUMBER: is_number,
    INTEGER: _is_whole,
    BOOLEAN: lambda value: isinstance(value, bool),
    DATETIME: lambda value: isinstance(value, str) and is_datetime(value),
    ARRAY: lambda value: isinstance(value, list),
    OBJECT: lambda value: isinstance(value, dict),
}


def same(value: Any) -> tuple[bool, Any]:
    """What two equal values of an enum have in common: 1 is 1.0, but not true."""
    return isinstance(value, bool), value
