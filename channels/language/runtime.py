"""What the code that is made of an expression leans on: truth, equality and order as JMESPath has them, and its bounds.

Not here: making that code (expressions.py), functions that an expression names (functions.py).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from channels.language.errors import TooMuch

STEPS: Final = 200_000  # elements looked at and values made, of one payload
DEEPEST: Final = 100  # levels of what is made
PIECE: Final = 64  # characters of a text that count as a step
SHORT: Final = 1_000  # characters of a text that count as none

NUMBERS: Final = frozenset((int, float, Decimal))
LARGE: Final = frozenset((str, list, dict))  # types whose values may be large


class Context:
    """What an expression may know beside its value, and how many steps it may still take."""

    __slots__ = ("headers", "left", "received_at", "region", "zone")

    def __init__(
        self,
        zone: tzinfo = UTC,
        region: str = "",
        headers: Mapping[str, str] | None = None,
        received_at: datetime | None = None,
    ) -> None:
        self.zone, self.region, self.received_at = zone, region, received_at
        self.headers: Mapping[str, str] = headers or {}
        self.left = STEPS


def equal(one: Any, other: Any) -> bool:
    """0 and 1 are no booleans."""
    if type(one) is bool or type(other) is bool:
        return one is other
    return bool(one == other)


def equal_within(context: Context, one: Any, other: Any) -> bool:
    """The same where it is asked again and again: a look at all of an object takes its steps."""
    if type(one) in (list, dict) and type(other) is type(one):
        _measure(context, one, 0)
    return equal(one, other)


def less(one: Any, other: Any) -> bool | None:
    """Numbers among themselves and texts among themselves; null for anything else."""
    return one < other if _ordered(one, other) else None


def at_most(one: Any, other: Any) -> bool | None:
    """The same for <=."""
    return one <= other if _ordered(one, other) else None


def _ordered(one: Any, other: Any) -> bool:
    if type(one) is str:
        return type(other) is str
    return type(one) in NUMBERS and type(other) in NUMBERS


def spend(context: Context, value: Any) -> None:
    """Looking at all of a value takes steps."""
    kind = type(value)
    if kind is str:
        context.left -= len(value) // PIECE
    elif kind is list or kind is dict:
        context.left -= len(value)
    context.left -= 1
    if context.left < 0:
        raise TooMuch


def bounded(context: Context, value: Any) -> None:
    """A text, list or object that goes into a message: all that is in it counts, for it is written out."""
    if type(value) is str:
        if len(value) > SHORT:
            spend(context, value)
    else:
        _measure(context, value, 0)


def _measure(context: Context, value: Any, depth: int) -> None:
    spend(context, value)
    if depth > DEEPEST:
        raise TooMuch
    if type(value) is list:
        for one in value:
            _measure(context, one, depth + 1)
    elif type(value) is dict:
        for name, one in value.items():
            context.left -= len(name) // PIECE
            _measure(context, one, depth + 1)
