"""A fix as data: a few changes to fields, alike for every message that is wrong in the same way. Code is never run.

Each change is {"do", "field", …}, its field a path such as `properties.total`:
  set      {"value"}: the field says this
  copy     {"from"}: the field says what another one says
  replace  {"was", "value"}: where the field says the one, it says the other
  number   the number in a text such as "¥1,234.50" alone
  drop     the field is left out
What no change names stays byte for byte as it was. Not here: whom it is for and what becomes of them (rejects.py).
"""

import math
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from django.utils.translation import gettext

from channels.mapping import decode
from kernel import values
from kernel.errors import BadRequest

KINDS: Final = ("copy", "set", "replace", "number", "drop")
NEEDS: Final = {"set": ("value",), "copy": ("from",), "replace": ("was", "value")}  # beside the field
MOST_CHANGES: Final = 5
LONGEST_PATH: Final = 200  # characters
LONGEST_VALUE: Final = 500
DEEPEST: Final = 10  # names of a path
KEPT: Final = ("messageId",)  # what tells one message from another, for good
# One number with what stands around it; thousands in groups of three.
_NUMBER: Final = re.compile(r"[^\d.,+-]*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?)[^\d.,+-]*\Z")

Object = dict[str, msgspec.Raw]
_OBJECT = msgspec.json.Decoder(Object)
_ANY = msgspec.json.Decoder()


class Change(NamedTuple):
    """One change of a field. `source` is a path; `was` and `value` are texts, numbers or truth values."""

    do: str
    field: str
    value: Any = None
    source: str = ""
    was: Any = None

    def data(self) -> dict[str, Any]:
        """As it is asked for and kept."""
        said = {"value": self.value, "from": self.source, "was": self.was}
        return {"do": self.do, "field": self.field} | {name: said[name] for name in NEEDS.get(self.do, ())}


Fix = Sequence[Change]


# ---- read ---------------------------------------------------------------------------------------


def read(asked: Any) -> list[Change]:
    """A fix out of JSON, one change or a list of them; BadRequest says what is wrong with it."""
    changes = asked if isinstance(asked, list) else [asked]
    if not 0 < len(changes) <= MOST_CHANGES:
        raise BadRequest(gettext("A fix is 1 to %(n)s changes.") % {"n": MOST_CHANGES}, "bad_fix")
    return [_read(one) for one in changes]


def _read(asked: Any) -> Change:
    if not isinstance(asked, dict) or asked.get("do") not in KINDS:
        raise BadRequest(
            gettext("A change says what to do: %(kinds)s.") % {"kinds": ", ".join(KINDS)}, "bad_fix"
        )
    do, said = asked["do"], {name: _scalar(asked.get(name)) for name in ("value", "was")}
    lacks = [name for name in NEEDS.get(do, ()) if name != "from" and said[name] is None]
    if lacks:
        raise BadRequest(gettext("The change lacks “%(name)s”.") % {"name": lacks[0]}, "bad_fix")
    source = _path(asked.get("from"), "from") if do == "copy" else ""
    field = _path(asked.get("field"), "field")
    if field in KEPT:
        raise BadRequest(
            gettext("“%(name)s” stays as it is: it tells messages apart.") % {"name": field}, "bad_fix"
        )
    return Change(do, field, said["value"], source, said["was"])


def _path(value: Any, name: str) -> str:
    text = _sound(value).strip() if isinstance(value, str) else ""
    parts = text.split(".")
    if not all(parts) or len(parts) > DEEPEST or len(text) > LONGEST_PATH:
        raise BadRequest(
            gettext("“%(name)s” is the path of a field, such as properties.total.") % {"name": name},
            "bad_fix",
        )
    return text


def _scalar(value: Any) -> Any:
    """A text, a number or a truth value; None for nothing, and for what is none of these."""
    if isinstance(value, str):
        return _sound(value).strip()[:LONGEST_VALUE] or None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float) else None


def _sound(value: str) -> str:
    """A text that any column takes."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


# ---- look ---------------------------------------------------------------------------------------


def value(raw: str, path: str) -> Any:
    """What a message says at a path; None where it says nothing, or cannot be read."""
    try:
        found = _at(_OBJECT.decode(decode.mended(raw)), path.split("."))
        return None if found is None else _ANY.decode(found)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def fields(raw: str) -> dict[str, Any]:
    """Every field of a message that says something plain, by its path: what another field can be copied from."""
    found: dict[str, Any] = {}
    try:
        _walk("", _ANY.decode(decode.mended(raw)), found)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return found


def _walk(path: str, value: Any, found: dict[str, Any]) -> None:
    if isinstance(value, dict) and path.count(".") < DEEPEST - 1:
        for name, inside in value.items():
            if name and "." not in name:
                _walk(f"{path}.{name}" if path else name, inside, found)
    elif path and isinstance(value, str | int | float) and text(value):
        found[path] = value


# ---- apply --------------------------------------------------------------------------------------


def apply(raw: str, fix: Fix) -> str | None:
    """The message with every change that finds something to do; None where none does."""
    text = decode.mended(raw).encode("utf-8", "replace")
    try:
        whole = _OBJECT.decode(text)
        before = {name: bytes(value) for name, value in whole.items()}
        for change in fix:
            _change(whole, change)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if {name: bytes(value) for name, value in whole.items()} == before:
        return None
    return msgspec.json.encode(whole).decode()


def _change(whole: Object, change: Change) -> None:
    path = change.field.split(".")
    here = _at(whole, path)
    if change.do == "drop":
        _put(whole, path, None)
        return
    found = _made(whole, change, here)
    if found is not None and (here is None or bytes(here) != bytes(found)):
        _put(whole, path, found)


def _made(whole: Object, change: Change, here: msgspec.Raw | None) -> msgspec.Raw | None:
    """What the field is to say; None: the change has nothing to do here."""
    if change.do == "set":
        return _raw(change.value)
    if change.do == "copy":
        there = _at(whole, change.source.split("."))
        return None if there is None or bytes(there) in (b"null", b'""') else there
    said = None if here is None else _ANY.decode(here)
    if change.do == "replace":
        return _raw(change.value) if said is not None and text(said) == text(change.was) else None
    found = number(said)
    return None if found is None else _raw(found)


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def number(value: Any) -> str | None:
    """The one number in a text; None where there is none, or more than one."""
    found = _NUMBER.match(value) if isinstance(value, str) else None
    return found[1].replace(",", "") if found else None


def text(value: Any) -> str:
    """A value as it is compared: "5" is 5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    own = values.own_id(value)
    return own if own is not None else "" if value is None else str(value)


def _inside(raw: msgspec.Raw | None) -> Object | None:
    """A field's own fields; None where it is no object."""
    return _OBJECT.decode(raw) if raw is not None and bytes(raw).lstrip()[:1] == b"{" else None


def _at(whole: Object, path: Sequence[str]) -> msgspec.Raw | None:
    """What stands at a path; None where nothing does."""
    inside: Object | None = whole
    for name in path[:-1]:
        inside = _inside(inside.get(name)) if inside is not None else None
    return inside.get(path[-1]) if inside is not None else None


def _put(whole: Object, path: Sequence[str], value: msgspec.Raw | None) -> None:
    """Writes a path, None takes it away. Objects on the way are made where nothing stands; what is none stays."""
    name, rest = path[0], path[1:]
    if not rest:
        if value is None:
            whole.pop(name, None)
        else:
            whole[name] = value
        return
    there = whole.get(name)
    missing = there is None or bytes(there) == b"null"
    inside = {} if missing and value is not None else _inside(there)
    if inside is None:
        return
    before = dict(inside)
    _put(inside, rest, value)
    if inside != before:
        whole[name] = _raw(inside)
