"""JMESPath's own functions, to which an exact decimal is a number as any other; a few of them quicker.

Not here: ours (functions.py), how a call becomes code (expressions.py).
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NamedTuple

from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from channels.language import errors
from channels.language.errors import Misread
from channels.language.runtime import LARGE, Context, bounded, spend
from kernel import money

LONGEST: Final = 64 * 1024  # characters of a text that is made
MANY: Final = 50  # arguments


class Function(NamedTuple):
    """A function that an expression may call. `told`: it wants the context first; `words`: how it is called."""

    call: Callable[..., Any]
    least: int
    most: int
    told: bool = False
    words: str = ""


class _Expression:  # by this name the library knows it
    """An expression that is handed to a function: `&price`."""

    def __init__(self, call: Callable[[Any], Any]) -> None:
        self.expression = call

    def visit(self, call: Callable[[Any], Any], value: Any) -> Any:
        """What it comes to for a value."""
        return call(value)


Expression = _Expression


class _Library(Functions):
    """JMESPath's functions, to which an exact decimal is a number as any other."""

    def _get_allowed_pytypes(self, types: Any) -> Any:
        allowed, below = super()._get_allowed_pytypes(types)
        exact = ["Decimal"] if "int" in allowed else []
        return allowed + exact, [(*one, "Decimal") if "int" in one else one for one in below]

    @signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, separator: str, array: list[str]) -> str:
        if sum(map(len, array)) + len(separator) * len(array) > LONGEST:
            raise Misread(errors.LONG)
        return separator.join(array)

    def _convert_to_jmespath_type(self, pyobject: Any) -> Any:
        return "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)


_LIBRARY: Final = _Library()


def _of_library(name: str) -> Callable[..., Any]:
    def call(context: Context, *given: Any) -> Any:
        for one in given:
            if type(one) in LARGE:
                spend(context, one)
        try:
            return _LIBRARY.call_function(name, given)
        except (JMESPathError, TypeError, ValueError, ArithmeticError) as why:
            raise Misread(errors.TAKES, _first(given), name) from why

    return call


def _first(given: tuple[Any, ...]) -> Any:
    return None if not given or isinstance(given[0], _Expression) else given[0]


def to_string(context: Context, value: Any) -> str:
    """JSON of what is no text."""
    if type(value) is str:
        return value
    if type(value) is Decimal:
        return str(value)
    if type(value) in LARGE:
        bounded(context, value)
    return json.dumps(value, separators=(",", ":"), default=str)


def to_number(value: Any) -> Any:
    """null for what is none."""
    if type(value) in (int, float, Decimal):
        return value
    if type(value) is not str:
        return None
    found = money.number(value)
    if found is None:
        return None
    return int(found) if "." not in value and "e" not in value.lower() else found


def type_of(value: Any) -> str:
    """A word for what a value is."""
    names = {str: "string", bool: "boolean", list: "array", dict: "object", type(None): "null"}
    return names.get(type(value), "number")


def not_null(*given: Any) -> Any:
    """The first that is not null."""
    return next((one for one in given if one is not None), None)


def length(value: Any) -> int:
    """Of a text, a list or an object."""
    if type(value) not in LARGE:
        raise Misread(errors.TAKES, value, "length")
    return len(value)


def starts_with(value: Any, start: Any) -> bool:
    """Of two texts."""
    if type(value) is not str or type(start) is not str:
        raise Misread(errors.TAKES, value, "starts_with")
    return value.startswith(start)


def ends_with(value: Any, end: Any) -> bool:
    """Of two texts."""
    if type(value) is not str or type(end) is not str:
        raise Misread(errors.TAKES, value, "ends_with")
    return value.endswith(end)


_FAST: Final = {
    "length": Function(length, 1, 1),
    "starts_with": Function(starts_with, 2, 2),
    "ends_with": Function(ends_with, 2, 2),
    "to_string": Function(to_string, 1, 1, told=True),
    "to_number": Function(to_number, 1, 1),
    "type": Function(type_of, 1, 1),
    "not_null": Function(not_null, 1, MANY),
}


def _spec(name: str) -> Function:
    takes = Functions.FUNCTION_TABLE[name]["signature"]
    many = bool(takes) and takes[-1].get("variadic")
    return Function(_of_library(name), len(takes), MANY if many else len(takes), told=True)


LIBRARY: Final[dict[str, Function]] = {name: _spec(name) for name in Functions.FUNCTION_TABLE} | _FAST
