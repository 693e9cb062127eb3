"""A mapping's text (TOML) <-> its draft. Reading checks every name; writing has one form, so that both say the same.

Comments are not kept by a form: what should stay is a `note`. Not here: expressions (expressions.py).
"""

import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from channels.language import errors
from channels.language.draft import CleaningRule, Constant, Draft, Lines, MessageRule, Target
from channels.language.errors import Wrong

LARGEST: Final = 100 * 1024  # bytes of a text
MOST_DOTS: Final = 200  # of a line: the work of tomllib grows with the square of a name's parts
MOST_MESSAGES: Final = 100
MOST_TARGETS: Final = 300  # of one message
MOST_RULES: Final = 300
MOST_ENTRIES: Final = 5_000  # of all lookups
LONGEST_NOTE: Final = 2_000  # characters

OF_MESSAGE: Final = ("note", "when", "each", "keep", "skip", "drop")
OF_RULE: Final = tuple(one for one in CleaningRule.__struct_encode_fields__ if one != "field")
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def read(text: str) -> Draft:
    """The draft that a text says. Wrong with a line for one that cannot be read."""
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise Wrong(_("A mapping has at most %(most)s KB.") % {"most": LARGEST // 1024})
    try:
        return _draft(_tables(text))
    except RecursionError:
        raise errors.too_deep() from None
    except Wrong as why:
        why.line = why.line or line_of(text, why.path)
        raise


def _tables(text: str) -> dict[str, Any]:
    for n, line in enumerate(text.splitlines(), 1):
        if line.count(".") > MOST_DOTS:
            raise Wrong(_("A line has at most %(most)s dots.") % {"most": MOST_DOTS}, line=n)
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as why:
        place = re.search(r"\(at line (\d+), column \d+\)", str(why))
        last = int(place[1]) if place else text.count("\n") + 1
        what = str(why).partition(" (at ")[0]
        raise Wrong(_("This is no TOML: %(what)s.") % {"what": what}, line=last) from None
    except (RecursionError, ValueError):
        raise Wrong(_("This is no TOML that can be read.")) from None


def _decimal(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise Wrong(_("%(value)s is no number here.") % {"value": text})
    return found


# ---- reading --------------------------------------------------------------------------------------


def _draft(said: dict[str, Any]) -> Draft:
    for name in said:
        if name not in {"zone", "pass", "message", "clean", "lookup"}:
            raise Wrong(
                _("There is no “%(name)s” at the top: zone, pass, [[message]], [clean.…], [lookup.…].")
                % {"name": name[:60]},
                name,
            )
    return Draft(
        zone=_text(said, "zone"),
        passes=_yes(said, "pass") if "pass" in said else None,
        messages=tuple(_messages(said.get("message", []))),
        clean=tuple(_rules(said.get("clean", {}))),
        lookup=_lookups(said.get("lookup", {})),
    )


def _messages(said: Any) -> Iterator[MessageRule]:
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise Wrong(_("A message begins with [[message]]."), "message")
    if len(said) > MOST_MESSAGES:
        raise Wrong(_("At most %(most)s messages.") % {"most": MOST_MESSAGES}, "message", MOST_MESSAGES)
    for n, one in enumerate(said):
        yield _message(one, ("message", n))


def _message(said: dict[str, Any], path: tuple[str | int, ...]) -> MessageRule:
    targets = _targets({name: value for name, value in said.items() if name not in OF_MESSAGE}, path)
    if len(targets) > MOST_TARGETS:
        raise Wrong(_("At most %(most)s fields.") % {"most": MOST_TARGETS}, *path)
    return MessageRule(
        note=_text(said, "note", path)[:LONGEST_NOTE],
        when=_text(said, "when", path),
        each=_text(said, "each", path),
        keep=_yes(said, "keep", path),
        skip=_yes(said, "skip", path),
        drop=tuple(_texts(said.get("drop", []), (*path, "drop"))),
        targets=targets,
    )


def _targets(said: Mapping[str, Any], path: tuple[str | int, ...]) -> tuple[Target, ...]:
    """Plain ones first, then those with lines: as TOML wants them written."""
    plain: list[Target] = []
    tables: list[Target] = []
    for name, value in said.items():
        _target(name, value, path, (plain, tables))
    found = (*plain, *tables)
    if len({one.field for one in found}) < len(found):
        raise Wrong(_("A field stands there twice."), *path)
    return found


def _target(
    name: str, value: Any, path: tuple[str | int, ...], into: tuple[list[Target], list[Target]]
) -> None:
    plain, tables = into
    if isinstance(value, dict) and "each" in value:
        below = {key: one for key, one in value.items() if key != "each"}
        lines = Lines(_text(value, "each", (*path, name)), _targets(below, (*path, name)))
        tables.append(Target(name, lines=lines))
    elif isinstance(value, dict):
        for key, one in value.items():
            _target(f"{name}.{key}", one, path, into)
    elif isinstance(value, str | int | float):
        plain.append(Target(name, value))
    else:
        raise Wrong(_("The value is an expression in quotes, a number, true or false."), *path, name)


def _rules(said: Any) -> Iterator[CleaningRule]:
    if not isinstance(said, dict):
        raise Wrong(_('A cleaning rule begins with [clean."the field"].'), "clean")
    found = list(_flat(said, ""))
    if len(found) > MOST_RULES:
        raise Wrong(_("At most %(most)s cleaning rules.") % {"most": MOST_RULES}, "clean")
    for field, rule in found:
        yield _rule(field, rule)


def _flat(said: Mapping[str, Any], before: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """[clean.properties.total] is [clean."properties.total"]."""
    for name, value in said.items():
        if not isinstance(value, dict):
            raise Wrong(_('A cleaning rule begins with [clean."the field"].'), "clean", before + name)
        if value and all(isinstance(one, dict) for one in value.values()):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _rule(field: str, said: dict[str, Any]) -> CleaningRule:
    path = ("clean", field)
    for name in said:
        if name not in OF_RULE:
            raise Wrong(
                _("A cleaning rule has no “%(name)s”: %(known)s.")
                % {"name": name[:60], "known": ", ".join(OF_RULE)},
                *path,
                name,
            )
    allowed = said.get("allowed", [])
    if not isinstance(allowed, list) or not all(isinstance(one, str | int | float) for one in allowed):
        raise Wrong(_("“%(name)s” is a list of values.") % {"name": "allowed"}, *path, "allowed")
    return CleaningRule(
        field=field,
        note=_text(said, "note", path)[:LONGEST_NOTE],
        when=_text(said, "when", path),
        trim=_yes(said, "trim", path),
        case=_text(said, "case", path),
        standard=_text(said, "standard", path),
        lookup=_text(said, "lookup", path),
        unit=_text(said, "unit", path),
        default=_constant(said, "default", path),
        required=_yes(said, "required", path),
        allowed=tuple(allowed),
        pattern=_text(said, "pattern", path),
        least=_number(said, "min", path),
        most=_number(said, "max", path),
    )


def _lookups(said: Any) -> dict[str, dict[str, Constant]]:
    if not isinstance(said, dict):
        raise Wrong(_("A table begins with [lookup.NAME]."), "lookup")
    for name, table in said.items():
        if not isinstance(table, dict):
            raise Wrong(_("A table begins with [lookup.NAME]."), "lookup", name)
        for key, value in table.items():
            if not isinstance(value, str | int | float):
                raise Wrong(_("A table's values are texts and numbers."), "lookup", name, key)
    if sum(map(len, said.values())) > MOST_ENTRIES:
        raise Wrong(_("All tables together have at most %(most)s rows.") % {"most": MOST_ENTRIES}, "lookup")
    return said


def _text(said: Mapping[str, Any], name: str, path: Sequence[str | int] = ()) -> str:
    found = said.get(name, "")
    if not isinstance(found, str):
        raise Wrong(_("“%(name)s” is a text in quotes.") % {"name": name}, *path, name)
    return found


def _yes(said: Mapping[str, Any], name: str, path: Sequence[str | int] = ()) -> bool:
    found = said.get(name, False)
    if not isinstance(found, bool):
        raise Wrong(_("“%(name)s” is true or false.") % {"name": name}, *path, name)
    return found


def _number(said: Mapping[str, Any], name: str, path: Sequence[str | int]) -> int | float | None:
    found = said.get(name)
    if found is not None and (isinstance(found, bool) or not isinstance(found, int | float)):
        raise Wrong(_("“%(name)s” is a number.") % {"name": name}, *path, name)
    return found


def _constant(said: Mapping[str, Any], name: str, path: Sequence[str | int]) -> Constant | None:
    found = said.get(name)
    if found is not None and not isinstance(found, str | int | float):
        raise Wrong(_("“%(name)s” is a text, a number, true or false.") % {"name": name}, *path, name)
    return found


def _texts(said: Any, path: Sequence[str | int]) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise Wrong(_("“%(name)s” is a list of values.") % {"name": str(path[-1])}, *path)
    return said


# ---- writing --------------------------------------------------------------------------------------


def written(draft: Draft) -> str:
    """The one text of a draft: read again it is the same draft."""
    blocks = [[f"{name} = {_value(value)}" for name, value in _top(draft)]]
    for message in draft.messages:
        blocks.append(["[[message]]", *_pairs(message, OF_MESSAGE), *_plain(message.targets)])
        blocks += _tabled(message.targets, "message")
    blocks += [[f"[clean.{_key(rule.field)}]", *_pairs(rule, OF_RULE)] for rule in draft.clean]
    for name, table in draft.lookup.items():
        rows = [f"{_key(key)} = {_value(value)}" for key, value in table.items()]
        blocks.append([f"[lookup.{_key(name)}]", *rows])
    return "\n".join("\n".join(block) + "\n" for block in blocks if block)


def _top(draft: Draft) -> Iterator[tuple[str, Any]]:
    if draft.zone:
        yield "zone", draft.zone
    if draft.passes is not None:
        yield "pass", draft.passes


def _pairs(said: MessageRule | CleaningRule, names: Sequence[str]) -> Iterator[str]:
    """What differs from its default."""
    own = dict(zip(said.__struct_encode_fields__, said.__struct_fields__, strict=True))
    for name in names:
        value = getattr(said, own[name])
        if value not in ("", (), None) and (value is not False or name == "default"):
            yield f"{name} = {_value(value)}"


def _plain(targets: Sequence[Target]) -> Iterator[str]:
    for one in targets:
        if one.lines is None:
            yield f"{_key(one.field)} = {_value(one.value)}"


def _tabled(targets: Sequence[Target], above: str) -> Iterator[list[str]]:
    for one in targets:
        if one.lines is not None:
            head = f"{above}.{_key(one.field)}"
            yield [f"[{head}]", f"each = {_value(one.lines.each)}", *_plain(one.lines.targets)]
            yield from _tabled(one.lines.targets, head)


def _key(name: str) -> str:
    return name if _BARE.match(name) else _quoted(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value) if isinstance(value, int | float) else _quoted(str(value))


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _quoted(text: str) -> str:
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    return f"\\u{ord(sign):04x}" if ord(sign) < 32 or ord(sign) == 127 else sign


# ---- where something stands -----------------------------------------------------------------------

_NAME = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_HEAD = re.compile(rf"\s*(\[\[?)\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*\]")
_PAIR = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_FENCE = re.compile(r'"""|' + "'''")


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """The line of a text on which something stands: itself, else the nearest thing around it."""
    places = _places(text)
    wanted = _folded(path)
    while wanted:
        if wanted in places:
            return places[wanted]
        wanted = wanted[:-1]
    return None


def _places(text: str) -> dict[tuple[str | int, ...], int]:
    found: dict[tuple[str | int, ...], int] = {}
    head: tuple[str | int, ...] = ()
    messages, fenced = -1, False
    for n, line in enumerate(text.splitlines(), 1):
        inside, fenced = fenced, fenced ^ (len(_FENCE.findall(line)) % 2 == 1)
        if inside:
            continue
        if begins := _HEAD.match(line):
            names = _names(begins[2])
            messages += begins[1] == "[["
            of_message = names[0] == "message" and messages >= 0
            head = (names[0], messages, *names[1:]) if of_message else tuple(names)
            found.setdefault(_folded(head), n)
        elif pair := _PAIR.match(line):
            found.setdefault(_folded((*head, *_names(pair[1]))), n)
    return found


def _names(key: str) -> list[str]:
    try:
        below: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return [key]
    found = []
    while isinstance(below, dict):
        ((name, below),) = below.items()
        found.append(name)
    return found


def _folded(path: Sequence[str | int]) -> tuple[str | int, ...]:
    """A path whose names are cut at their dots: properties.total is "properties.total"."""
    return tuple(part for one in path for part in (one.split(".") if isinstance(one, str) else (one,)))
