"""The properties of an event as a type of msgspec's that takes nothing which breaks the plan: the quick answer.

It may refuse what the plan takes (5.0 for an integer, an empty text): then the slow answer holds (checker.py).
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from channels.plan import form
from channels.plan.form import Property

LARGEST_INT: Final = 2**63 - 1  # that msgspec compares
HOLDERS: Final = frozenset({"", form.ARRAY, form.OBJECT})  # types of what may have properties of its own


class _Node:
    """A name on the way to properties: what the plan says of it, and what lies below."""

    def __init__(self) -> None:
        self.said: Property | None = None
        self.name = ""  # the whole path, where the plan has a line of it
        self.below: dict[str, _Node] = {}

    @property
    def required(self) -> bool:
        """Whether it must be there. Without a line of its own: where something below must."""
        if self.said is not None:
            return self.said.required
        return any(node.required for node in self.below.values())


def of(properties: Mapping[str, Property]) -> tuple[type[msgspec.Struct], frozenset[str]]:
    """The type, and the names of the properties of which it says all that the plan says."""
    top = _Node()
    for name, said in properties.items():
        node = top
        for part in name.split("."):
            node = node.below.setdefault(part, _Node())
        node.said, node.name = said, name
    taken: set[str] = set()
    kind = _shape(top, taken, [name for name in properties if "." in name])
    return kind, frozenset(taken)


def _shape(node: _Node, taken: set[str], whole: list[str]) -> type[msgspec.Struct]:
    """The type of an object. `whole`: names with dots that, as they are, may not be there: they come before paths."""
    fields: list[Any] = []
    rename = {}
    for name, below in node.below.items():
        if _nameable(name) and (kind := _kind(below, taken)) is not None:
            rename[f"f{len(fields)}"] = name
            fields.append(_field(len(fields), kind, needed=below.required))
    for name in whole:
        if _nameable(name):
            rename[f"f{len(fields)}"] = name
            fields.append(_field(len(fields), None, needed=False))
    return msgspec.defstruct("Shape", fields, rename=rename, kw_only=True, gc=False)


def _field(n: int, kind: Any, *, needed: bool) -> Any:
    return (f"f{n}", kind) if needed else (f"f{n}", kind | None if kind is not None else None, None)


def _nameable(name: str) -> bool:
    """Whether msgspec takes it as a field's name."""
    return name.isprintable() and '"' not in name and "\\" not in name


def _kind(node: _Node, taken: set[str]) -> Any:
    """The type of a field; None where there is none that says what the plan says."""
    if node.below:
        return _holder(node, taken)
    said = node.said
    kind = None if said is None or said.pattern else _value(said)
    if kind is not None:
        taken.add(node.name)
    return kind


def _holder(node: _Node, taken: set[str]) -> Any:
    """An object, or a list of them."""
    said = node.said or Property()
    if said.type not in HOLDERS or said.enum or said.pattern or said.min is not None or said.max is not None:
        return None
    shape: Any = _shape(node, taken, [])
    taken.add(node.name)
    if said.type == form.OBJECT:
        return shape
    return list[shape] if said.type == form.ARRAY else shape | list[shape]


def _value(said: Property) -> Any:
    if said.enum:
        return _literal(said)
    if said.type == form.STRING:
        return Annotated[str, msgspec.Meta(min_length=1)] if said.required else str
    least, most = said.min, said.max
    if said.type == form.INTEGER:
        up = None if least is None else math.ceil(least)
        return _between(int, up, None if most is None else math.floor(most))
    if said.type == form.NUMBER:
        return _between(float, None if least is None else float(least), None if most is None else float(most))
    plain = {form.BOOLEAN: bool, form.DATETIME: datetime, form.ARRAY: list, form.OBJECT: dict}
    return plain.get(said.type)


def _literal(said: Property) -> Any:
    """One of some texts, or of some whole numbers."""
    texts = said.type == form.STRING and all(isinstance(one, str) for one in said.enum)
    whole = said.type == form.INTEGER and all(
        type(one) is int and abs(one) < LARGEST_INT for one in said.enum
    )
    if not (texts or whole) or said.min is not None or said.max is not None:
        return None
    return Literal[tuple(said.enum)]


def _between(kind: type, least: float | None, most: float | None) -> Any:
    return Annotated[kind, msgspec.Meta(ge=least, le=most)]
