"""What a step of a journey is: its text, and the condition on a touch that it stands for.

`Event Name`, `touchpoint:NAME` or `channel:SLUG`, each with conditions, as in
`Event Name[channel=tmall][properties.category=tea]`. A list has commas between its steps. A comma between brackets
belongs to its value; a comma or a bracket anywhere else, and a % before two hex digits, are percent-encoded (%2C).
Nothing that somebody writes is ever part of a statement: it is bound. Not here: what is asked of steps (funnel.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from kernel import vocabulary
from kernel.errors import BadRequest

MOST_STEPS = 20
MOST_CONDITIONS = 20  # of one step
PROPERTIES = "properties."
FIELDS: Final = ("channel", "touchpoint", "name", "campaign", "source")  # of a touch, beside its properties
ESCAPED: Final = (("%", "%25"), (",", "%2C"), ("[", "%5B"), ("]", "%5D"))


class Condition(NamedTuple):
    """A field of a touch is equal to a value; a channel's value is its id, all else is text."""

    field: str
    value: Any

    def sql(self, values: dict[str, Any], of: str) -> str:
        """As DuckDB reads it, on a row of `touches` called `of`; what is bound is added to `values`."""
        return f"{expression(self.field, values, of)} = {bound(values, self.value)}"


class Step(NamedTuple):
    """A step. `name`: how it is written, with the event's own name; read again, it is the same step."""

    name: str
    conditions: tuple[Condition, ...]

    def sql(self, values: dict[str, Any], of: str = "t") -> str:
        """As DuckDB reads it, on a row of `touches` called `of`; what is bound is added to `values`."""
        return " and ".join(condition.sql(values, of) for condition in self.conditions)

    def may_be(self, other: "Step") -> bool:
        """Whether one event could be both: none can that has to have two values in one field."""
        mine = {(one.field, str(one.value)) for one in self.conditions}
        theirs = {one.field: str(one.value) for one in other.conditions}
        return all(theirs.get(field, value) == value for field, value in mine)


def bound(values: dict[str, Any], value: Any) -> str:
    """The place of a value in a statement; the value is added to `values`."""
    name = f"v{len(values)}"
    values[name] = value
    return f"${name}"


def expression(field: str, values: dict[str, Any], of: str = "t") -> str:
    """What of a touch a field names, as DuckDB reads it: a column, or the text of a property (null: it has none).

    `properties.a.b` is the property called `a.b`, else b inside of a.
    """
    if not field.startswith(PROPERTIES):
        return f"{of}.{field}"
    keys = field.removeprefix(PROPERTIES)
    pointers = dict.fromkeys((_pointer(keys), "".join(_pointer(key) for key in keys.split("."))))
    found = [f"json_extract_string({of}.properties, {bound(values, pointer)})" for pointer in pointers]
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def _pointer(key: str) -> str:
    """A key as a JSON pointer has it."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def listed(text: str, channels: Mapping[int, str]) -> list[Step]:
    """The steps of a list. Raises BadRequest for what is none, and for too many of them."""
    parts = list(_parts(text))
    if len(parts) > MOST_STEPS:
        raise BadRequest(f"There are {len(parts)} steps: at most {MOST_STEPS} can be asked for.", "bad_steps")
    return [_step(part, channels) for part in parts]


def one(text: str, channels: Mapping[int, str]) -> Step:
    """A single step. Raises BadRequest for what is none."""
    found = listed(text, channels)
    if len(found) != 1:
        raise BadRequest(f"“{text[:200]}” is more than one step: write a comma in a name as %2C.", "bad_step")
    return found[0]


def written(head: str, conditions: Mapping[str, str]) -> str:
    """The text of a step out of its parts as people know them: the reverse of reading it."""
    return _escaped(head) + "".join(
        f"[{_escaped(field)}={_escaped(value)}]" for field, value in conditions.items()
    )


def _escaped(text: str) -> str:
    for sign, code in ESCAPED:
        text = text.replace(sign, code)
    return text


def _parts(text: str) -> Iterator[str]:
    """A list cut at its commas outside of brackets."""
    begin, inside = 0, False
    for place, sign in enumerate(text):
        if sign in "[]":
            if inside == (sign == "["):
                raise _broken(text)
            inside = not inside
        elif sign == "," and not inside:
            yield text[begin:place]
            begin = place + 1
    if inside:
        raise _broken(text)
    yield text[begin:]


def _broken(text: str) -> BadRequest:
    return BadRequest(
        f"The brackets of “{text[:200]}” do not close one another: a condition is [field=value], "
        "a bracket in a value is written %5B or %5D.",
        "bad_step",
    )


def _step(text: str, channels: Mapping[int, str]) -> Step:
    head, *rest = text.strip().split("[")
    if any(part.rpartition("]")[2].strip() for part in rest):
        raise BadRequest(
            f"Behind a condition of “{text[:200]}” nothing but conditions may follow.", "bad_step"
        )
    if len(rest) > MOST_CONDITIONS:
        raise BadRequest(f"A step has at most {MOST_CONDITIONS} conditions.", "bad_step")
    first, shown = _head(unquote(head).strip(), channels)
    conditions = [_condition(part.rpartition("]")[0], channels) for part in rest]
    name = _escaped(shown) + "".join(
        f"[{_escaped(one.field)}={_escaped(channels[one.value] if one.field == 'channel' else one.value)}]"
        for one in conditions
    )
    return Step(name, (first, *conditions))


def _head(text: str, channels: Mapping[int, str]) -> tuple[Condition, str]:
    """What a step begins with, and how it is written."""
    if not text:
        raise BadRequest("A step is empty: name an event, touchpoint:NAME or channel:SLUG.", "bad_step")
    for field in ("channel", "touchpoint"):
        if text.startswith(f"{field}:"):
            found = text.removeprefix(f"{field}:").strip()
            return Condition(field, _meant(field, found, channels)), f"{field}:{found}"
    name = vocabulary.called(text)
    return Condition("name", name), name


def _condition(text: str, channels: Mapping[int, str]) -> Condition:
    field, equals, value = text.partition("=")
    field = unquote(field).strip()
    if not equals or not field:
        raise BadRequest(f"“[{text[:200]}]” is no condition: it is [field=value].", "bad_step")
    return Condition(known(field), _meant(field, unquote(value), channels))


def known(field: str) -> str:
    """A field of a touch by its name. Raises BadRequest for what no touch has."""
    inside = field.startswith(PROPERTIES) and field != PROPERTIES
    if not inside and field not in FIELDS:
        raise BadRequest(
            f"A touch has no field “{field[:200]}”: it has {', '.join(FIELDS)} and properties.NAME.",
            "bad_field",
        )
    return field


def _meant(field: str, value: str, channels: Mapping[int, str]) -> Any:
    """The value that a field is compared with."""
    if field == "channel":
        ids = {slug: channel for channel, slug in channels.items()}
        if value not in ids:
            raise BadRequest(f"There is no channel “{value[:200]}” in this workspace.", "unknown_channel")
        return ids[value]
    if field == "touchpoint" and value not in vocabulary.TOUCHPOINTS:
        raise BadRequest(
            f"There is no touchpoint “{value[:200]}”: there are {', '.join(vocabulary.TOUCHPOINTS)}.",
            "unknown_touchpoint",
        )
    return vocabulary.called(value) if field == "name" else value
