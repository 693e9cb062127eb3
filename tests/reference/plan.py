"""What breaks a tracking plan, slowly and plainly: one property after the other, no shapes, no compiling."""

import re
from datetime import datetime
from typing import Any

from channels.plan.form import Plan, Property


def breaks(plan: Plan, event: str, properties: dict[str, Any]) -> list[tuple[str, str]]:
    """Property and code, in the order of the properties' names."""
    planned = plan.events.get(event)
    if planned is None or planned.mode == "open":
        return []
    found = []
    for name in sorted(planned.properties):
        codes = [
            code
            for value in _values(name, properties, planned.properties)
            if (code := _wrong(planned.properties[name], value)) is not None
        ]
        if codes:
            found.append((name, codes[0]))
    return found


def _values(name: str, properties: dict[str, Any], planned: dict[str, Property]) -> list[Any]:
    """The values of a property; None for one that is to be there and is not."""
    if properties.get(name) is not None or "." not in name:
        return [properties.get(name)]
    return _below(properties, [], name.split("."), planned)


def _below(holder: Any, above: list[str], path: list[str], planned: dict[str, Property]) -> list[Any]:
    value = holder.get(path[0])
    here = [*above, path[0]]
    if len(path) == 1:
        return [value]
    if isinstance(value, dict):
        return _below(value, here, path[1:], planned)
    if isinstance(value, list):
        found: list[Any] = []
        for item in value:
            found += _below(item, here, path[1:], planned) if isinstance(item, dict) else [None]
        return found
    # Nothing that could hold it: its own line speaks of it, and so does that of an object between.
    between = [".".join([*above, *path[: n + 1]]) for n in range(len(path) - 1)]
    return [] if any(one in planned for one in between) else [None]


def _wrong(said: Property, value: Any) -> str | None:
    if value is None or value == "":
        return "missing" if said.required else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    types = {
        "": True,
        "string": isinstance(value, str),
        "number": number,
        "integer": number and value == int(value),
        "boolean": value is True or value is False,
        "datetime": isinstance(value, str) and _time(value),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    if not types[said.type]:
        return "type"
    if said.enum and not any(
        isinstance(value, bool) == isinstance(one, bool) and value == one for one in said.enum
    ):
        return "enum"
    if said.pattern and not (isinstance(value, str) and re.fullmatch(said.pattern, value)):
        return "pattern"
    if said.min is not None and not (number and value >= said.min):
        return "min"
    if said.max is not None and not (number and value <= said.max):
        return "max"
    return None


def _time(value: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?", value, re.ASCII):
        return False
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", value.upper()))
    except ValueError:
        return False
    return True
