"""A plan as JSON Schema (draft 2020-12), and back. What a schema says beyond what a plan can is a sentence.

Each event is a schema of its properties under `$defs`, with `x-mode`; the document itself checks a whole message. Two
things JSON Schema says otherwise: to us null and an empty text are absent, and a pattern means the whole text.
"""

import re
from collections.abc import Iterator, Mapping
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final
from urllib.parse import quote

from django.utils.translation import gettext as _

from channels.plan import form
from channels.plan.form import BadPlan, Event, Plan, Property

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
MODE: Final = "x-mode"
# What says nothing about a value: let pass.
REMARKS: Final = frozenset(
    {"$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated"}
)
PROPERTY: Final = frozenset(
    {"type", "format", "enum", "const", "pattern", "minimum", "maximum", "properties", "required", "items"}
)
EVENT: Final = frozenset({"type", "properties", "required", MODE})
DOCUMENT: Final = frozenset({"$defs", "allOf", "type"})
DEEPEST: Final = 10  # objects in objects
WHOLE: Final = re.compile(r"\^\(\?:(.*)\)\$", re.DOTALL)
MARKS: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL
)  # of a pattern, a [class] in one piece
ANY_TEXT: Final = r"[\s\S]*"

Schema = dict[str, Any]


# ---- out ------------------------------------------------------------------------------------------


def of_plan(plan: Plan) -> Schema:
    """The whole plan as one document."""
    events = {name: of_event(event) for name, event in plan.events.items()}
    return {"$schema": DRAFT, "type": "object", "$defs": events, "allOf": [_rule(name) for name in events]}


def _rule(name: str) -> Schema:
    """A track call of that name has these properties."""
    pointer = quote(name.replace("~", "~0").replace("/", "~1"), safe="~")
    return {
        "if": {"properties": {"event": {"const": name}}, "required": ["event"]},
        "then": {"properties": {"properties": {"$ref": f"#/$defs/{pointer}"}}},
    }


def of_event(event: Event) -> Schema:
    """The properties of an event."""
    top: Schema = {"type": "object", MODE: event.mode}
    for name, said in sorted(event.properties.items()):  # what stands above others comes before them
        _put(top, name.split("."), said, _unsaid(name, event))
    return top


def _unsaid(name: str, event: Event) -> int:
    """From which of the objects above it on down a plan has no line: those are there for what they hold."""
    path = name.split(".")
    above = [n for n in range(1, len(path)) if ".".join(path[:n]) in event.properties]
    return above[-1] if above else 0


def _put(holder: Schema, path: list[str], said: Property, unsaid: int) -> None:
    name, *below = path
    place = holder.setdefault("properties", {}).setdefault(name, {})
    if said.required and unsaid <= 0 and name not in holder.get("required", ()):
        holder.setdefault("required", []).append(name)
    if below:
        within = place.setdefault("items", {}) if place.get("type") == "array" else place
        _put(within, below, said, unsaid - 1)
    else:
        place.update(_said(said))


def _said(said: Property) -> Schema:
    found: Schema = {}
    if said.type:
        found["type"] = "string" if said.type == form.DATETIME else said.type
    if said.type == form.DATETIME:
        found["format"] = "date-time"
    if said.enum:
        found["enum"] = list(said.enum)
    if said.pattern:
        found["pattern"] = f"^(?:{said.pattern})$"
    if said.min is not None:
        found["minimum"] = said.min
    if said.max is not None:
        found["maximum"] = said.max
    return found


# ---- in -------------------------------------------------------------------------------------------


def to_plan(given: Any) -> Plan:
    """The plan of a document such as `of_plan` writes. BadPlan for what is none, and for what a plan cannot say."""
    document = _object(given, DOCUMENT | REMARKS)
    definitions = _object(document.get("$defs", {}), None, "$defs")
    events: dict[str, Event] = {}
    for given_name, schema in definitions.items():
        name = form.event_name(given_name)
        if name in events:
            raise BadPlan(_("This event stands in the plan twice, under two spellings."), name)
        events[name] = to_event(schema, name)
    rules = document.get("allOf", [])
    if rules != [_rule(name) for name in definitions]:
        raise BadPlan(
            _("This part of JSON Schema is not understood: an event has its schema under $defs."), "allOf"
        )
    return form.bounded(Plan(events))


def to_event(given: Any, name: str) -> Event:
    """The event of a schema of its properties."""
    schema = _object(given, EVENT | REMARKS, name)
    if schema.get("type", "object") != "object":
        raise BadPlan(_("The properties of an event are an object."), name)
    mode = schema.get(MODE, form.OPEN)
    if mode not in form.MODES:
        raise BadPlan(_('"mode" is one of %(known)s.') % {"known": ", ".join(form.MODES)}, name)
    properties = dict(_properties(schema, "", name, DEEPEST))
    return Event(mode, properties)


def _properties(
    holder: Mapping[str, Any], above: str, event: str, depth: int
) -> Iterator[tuple[str, Property]]:
    """The properties of an object's schema, by path."""
    where = above.rstrip(".")
    if not depth:
        raise BadPlan(_("This is nested too deeply: say it in simpler steps."), event, where)
    named = _object(holder.get("properties", {}), None, event, where)
    needed = holder.get("required", [])
    if not isinstance(needed, list) or not all(isinstance(one, str) for one in needed):
        raise BadPlan(_('"required" is a list of names.'), event, where)
    for name in needed:
        if name not in named:
            named = {**named, name: {}}
    for name, schema in named.items():
        if "." in name:
            raise BadPlan(_("A name with a dot in it cannot be told from a path: map it first."), event, name)
        yield from _property(f"{above}{name}", schema, event, depth, needed=name in needed)


def _property(
    path: str, given: Any, event: str, depth: int, *, needed: bool
) -> Iterator[tuple[str, Property]]:
    schema = _object(given, PROPERTY | REMARKS, event, path)
    below = list(_below(path, schema, event, depth))
    said = _asked(path, schema, event) | {"required": needed}
    try:
        own = form.made(path, said)
    except BadPlan as why:
        raise BadPlan(why.text, event, path) from None
    implied = bool((schema.get("items") or schema).get("required"))
    if own != Property(required=implied) or not below:
        yield path, own
    yield from below


def _below(path: str, schema: Mapping[str, Any], event: str, depth: int) -> Iterator[tuple[str, Property]]:
    """What lies in an object, or in the objects of a list."""
    if "items" in schema:
        items = _object(schema["items"], frozenset({"type", "properties", "required"}) | REMARKS, event, path)
        if items.get("type", "object") != "object":
            raise BadPlan(_("Of a list only the properties of its objects can be planned."), event, path)
        yield from _properties(items, f"{path}.", event, depth - 1)
    elif "properties" in schema or "required" in schema:
        yield from _properties(schema, f"{path}.", event, depth - 1)


def _asked(path: str, schema: Mapping[str, Any], event: str) -> dict[str, Any]:
    """What a schema says of one value, in a plan's words."""
    kind = schema.get("type")
    if isinstance(kind, list):  # null is absent
        kinds = [one for one in kind if one != "null"]
        if len(kinds) != 1:
            raise BadPlan(_("A property has one type."), event, path)
        kind = kinds[0]
    if "format" in schema:
        if schema["format"] != "date-time" or kind not in (None, "string"):
            raise BadPlan(_('The only "format" is date-time, of a string.'), event, path)
        kind = form.DATETIME
    found = {
        "type": kind,
        "min": schema.get("minimum"),
        "max": schema.get("maximum"),
        "enum": schema.get("enum"),
    }
    if "const" in schema:
        found["enum"] = [schema["const"]]
    if "pattern" in schema:
        found["pattern"] = _whole(schema["pattern"], event, path)
    return found


def _whole(pattern: Any, event: str, path: str) -> str:
    """A pattern that matches somewhere in a text, as one that matches all of it."""
    if not isinstance(pattern, str):
        raise BadPlan(_('"pattern" is a text.'), event, path)
    ours = WHOLE.fullmatch(pattern)
    if ours and _balanced(ours[1]):
        return ours[1]
    begins, ends = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    inner = pattern[int(begins) : len(pattern) - int(ends)]
    if not _balanced(inner) or _anchored(inner):
        raise BadPlan(_("A pattern has its ^ and $ at its two ends only."), event, path)
    choice = _chooses(inner)
    if choice and (begins or ends):
        raise BadPlan(_("A pattern with | needs brackets around it: ^(?:a|b)$."), event, path)
    inner = f"(?:{inner})" if choice else inner
    return ("" if begins else ANY_TEXT) + inner + ("" if ends else ANY_TEXT)


def _balanced(pattern: str) -> bool:
    try:
        parser.parse(pattern)
    except (re.error, OverflowError, RecursionError, ValueError):
        return False
    return True


def _chooses(pattern: str) -> bool:
    """Whether | stands outside all brackets."""
    depth = 0
    for found in MARKS.findall(pattern):
        depth += (found == "(") - (found == ")")
        if found == "|" and not depth:
            return True
    return False


def _anchored(pattern: str) -> bool:
    """Whether ^ or $ stands within."""
    said = str(parser.parse(pattern))
    return "AT_BEGINNING" in said or "AT_END" in said


def _object(given: Any, known: frozenset[str] | None, *where: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadPlan(_("This is to be an object."), *where)
    for name in given:
        if known is not None and name not in known:
            raise BadPlan(
                _("“%(name)s” of JSON Schema is not understood here: leave it out. Understood are %(known)s.")
                % {"name": name[: form.LONGEST_QUOTE], "known": ", ".join(sorted(known - REMARKS))},
                *where,
            )
    return given
