"""Values of a mapping as one types them into a field, and back: `5`, `true`, a text as it is, "5" in quotes. Pure."""

import json
import re
from typing import Final

from channels.language.draft import Constant

BETWEEN: Final = " = "  # a table's key and its value, one pair a line
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?\Z", re.ASCII)
_WORDS: Final = {"true": True, "false": False}
_UNLIKE: Final = re.compile(r'["\n\r]|\A\s|\s\Z|\A\Z|,')  # a text that is not itself without quotes


def said(typed: str) -> Constant:
    """What somebody typed; a text in quotes is that text, whatever it looks like."""
    found = number(typed)
    if found is not None:
        return found
    if typed in _WORDS:
        return _WORDS[typed]
    if len(typed) > 1 and typed.startswith('"') and typed.endswith('"'):
        try:
            inside = json.loads(typed)
        except ValueError:
            return typed
        return inside if isinstance(inside, str) else typed
    return typed


def number(typed: str) -> int | float | None:
    """A number, written as JSON has it; None for anything else."""
    if not _NUMBER.match(typed) or len(typed) > 400:
        return None
    try:
        found = int(typed) if typed.lstrip("-").isdigit() else float(typed)
    except ValueError:
        return None
    return None if found in (float("inf"), float("-inf")) else found


def shown(value: Constant) -> str:
    """The other way round."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return (
        value
        if said(value) == value and not _UNLIKE.search(value) and BETWEEN not in value
        else quoted(value)
    )


def quoted(value: str) -> str:
    """A text in quotes."""
    return json.dumps(value, ensure_ascii=False)


def expression(typed: str) -> Constant:
    """A field's value: a number, true and false are themselves, all else is an expression."""
    found = number(typed)
    if found is not None:
        return found
    return _WORDS.get(typed, typed)


def as_expression(value: Constant | None) -> str:
    """The other way round. A field of the payload that is called true is written in quotes."""
    if value is None:
        return ""
    if isinstance(value, str):
        return quoted(value) if value in _WORDS else value
    return shown(value)


# ---- lists and tables ----------------------------------------------------------------------------


def listed(typed: str) -> tuple[Constant, ...]:
    """Values with commas between them."""
    return tuple(said(one.strip()) for one in _parts(typed, ",") if one.strip())


def as_list(values: tuple[Constant, ...]) -> str:
    """The other way round."""
    return ", ".join(map(shown, values))


def table(typed: str) -> dict[str, Constant]:
    """A pair a line, `001 = Pudong`; a line without = is a key of nothing."""
    found: dict[str, Constant] = {}
    for line in typed.replace("\r\n", "\n").split("\n"):
        if not line.strip():
            continue
        key, *rest = _parts(line, "=", most=1)
        name = said(key.strip())
        found[name if isinstance(name, str) else key.strip()] = said("".join(rest).strip())
    return found


def as_table(rows: dict[str, Constant]) -> str:
    """The other way round."""
    return "\n".join(f"{_key(key)}{BETWEEN}{shown(value)}" for key, value in rows.items())


def _key(key: str) -> str:
    return quoted(key) if _UNLIKE.search(key) or "=" in key else key


def _parts(typed: str, sign: str, most: int = -1) -> list[str]:
    """Cut at a sign that does not stand in quotes."""
    found, start, inside, skip = [], 0, False, False
    for place, one in enumerate(typed):
        if skip:
            skip = False
        elif inside and one == "\\":
            skip = True
        elif one == '"' and (inside or not typed[start:place].strip()):
            inside = not inside
        elif one == sign and not inside and most != 0:
            found.append(typed[start:place])
            start, most = place + 1, most - 1
    return [*found, typed[start:]]
