"""A payload as it is read: indented, each key with the expression that reads it. Not here: CSS."""

import json
import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

MOST_LINES: Final = 2_000
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def shown(value: Any, used: Collection[str] = (), *, keyed: bool = False) -> SafeString:
    """What a <pre> holds. `used`: keys that an expression names; `keyed`: a key can be clicked into one."""
    lines: list[SafeString] = []
    for line in _lines(value, "", 0, SafeString(""), (used, keyed)):
        if len(lines) == MOST_LINES:
            lines.append(SafeString("…"))
            break
        lines.append(line)
    return mark_safe("\n".join(lines))  # noqa: S308  each line is made by format_html


def _lines(value: Any, path: str, depth: int, key: SafeString, how: Any) -> Iterator[SafeString]:
    """`key`: what stands before the value on its line."""
    pad = "  " * depth
    if isinstance(value, dict) and value:
        yield format_html("{}{}{{", pad, key)
        for n, (name, inner) in enumerate(value.items()):
            below = f"{path}.{_named(name)}" if path else _named(name)
            yield from _ended(_lines(inner, below, depth + 1, _key(name, below, how), how), n, len(value))
        yield format_html("{}}}", pad)
    elif isinstance(value, list) and value:
        yield format_html("{}{}[", pad, key)
        for n, inner in enumerate(value):
            below = f"{path}[{n}]"
            yield from _ended(_lines(inner, below, depth + 1, SafeString(""), how), n, len(value))
        yield format_html("{}]", pad)
    else:
        tone = "s" if isinstance(value, str) else "n"
        said = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
        yield format_html('{}{}<span class="{}">{}</span>', pad, key, tone, said)


def _ended(lines: Iterator[SafeString], n: int, of: int) -> Iterator[SafeString]:
    """A comma after the last line, but for the last of all."""
    last = next(lines)
    for line in lines:
        yield last
        last = line
    yield last if n + 1 == of else format_html("{},", last)


def _named(name: str) -> str:
    return name if _PLAIN.match(name) else json.dumps(name, ensure_ascii=False)


def _key(name: str, path: str, how: Any) -> SafeString:
    used, keyed = how
    said = format_html("<mark>{}</mark>", json.dumps(name, ensure_ascii=False)) if name in used else None
    shown = said or json.dumps(name, ensure_ascii=False)
    if not keyed:
        return format_html('<span class="k">{}</span>: ', shown)
    return format_html('<span class="k" data-path="{}" data-name="{}">{}</span>: ', path, _named(name), shown)


def paths(value: Any, most: int = 200) -> list[str]:
    """The expressions that read the payload's values, but for those within lists."""
    found: list[str] = []
    waiting = [("", value)]
    while waiting and len(found) < most:
        path, one = waiting.pop(0)
        if isinstance(one, dict) and one:
            inside = [
                (f"{path}.{_named(name)}" if path else _named(name), inner) for name, inner in one.items()
            ]
            waiting[:0] = inside
        elif path:
            found.append(path)
    return found
