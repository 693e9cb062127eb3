"""Settings of a connector as somebody types them: texts to values, and what is wrong with each, in words.

Not here: which settings there are (connections.py), the form itself (console/channel/connector_form.py).
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

from channels.connectors.base import ConnectorKind

LARGEST: Final = 2**53  # beyond it, and NaN, a number of JSON's is not what was typed
PAIR: Final = "="  # between a name and what it is
Spec = Mapping[str, Any]  # a field of connections.fields


def value(spec: Spec, text: str) -> Any:
    """What was typed as its field's type; a text that is none of that type stays one, for `problem` to find."""
    plain = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if spec["type"] == "yes":
        return bool(plain)
    if spec["type"] == "list":
        return [line for one in plain.split("\n") if (line := one.strip())]
    if spec["type"] == "pairs":
        return _pairs(plain)
    if spec["type"] == "choice":
        return next((one for one in spec["choices"] if str(one) == plain), plain or spec["default"])
    if not plain and spec["type"] == "number":
        return spec["default"]
    if not plain and spec["default"] is None and not spec["needed"]:
        return None
    return _number(plain) if spec["type"] == "number" else plain


def _pairs(plain: str) -> dict[str, str] | str:
    """`name = value` a line; what stands before the last sign is the name."""
    found = {}
    for line in filter(None, map(str.strip, plain.split("\n"))):
        name, sign, to = line.rpartition(PAIR)
        if not (sign and name.strip()):
            return plain
        found[name.strip()] = to.strip()
    return found


def _number(plain: str) -> int | float | str:
    for read in (int, float):
        try:
            found: int | float = read(plain)
        except ValueError:
            continue
        return found if abs(found) <= LARGEST else plain
    return plain


def shown(spec: Spec, found: Any) -> str:
    """A value as its field shows it; of a yes or no a text that is empty for no."""
    if found is None:
        return ""
    if isinstance(found, bool):
        return "yes" if found else ""
    if isinstance(found, dict):
        return "\n".join(f"{name} {PAIR} {to}" for name, to in found.items())
    if isinstance(found, list | tuple):
        return "\n".join(str(one) for one in found)
    return str(found)


def problem(kind: ConnectorKind, spec: Spec, found: Any) -> str:
    """What is wrong with one setting by itself; empty: nothing."""
    if spec["needed"] and found in ("", None, [], {}):
        return _("This is needed.")
    field = next(one for one in msgspec.structs.fields(kind.settings) if one.encode_name == spec["name"])
    try:
        msgspec.convert(found, field.type)
    except msgspec.ValidationError:
        return _sentence(spec)
    return ""


def _sentence(spec: Spec) -> str:
    if spec["type"] == "pairs":
        return _("One a line, with “=” between the two.")
    least, most = spec["least"], spec["most"]
    if spec["type"] == "number" and least is not None and most is not None:
        return _("A number from %(least)s to %(most)s.") % {"least": f"{least:,}", "most": f"{most:,}"}
    if spec["type"] == "number":
        return _("A number, in digits.")
    if spec["type"] == "choice":
        return _("Choose one of these: %(all)s.") % {"all": ", ".join(map(str, spec["choices"]))}
    if spec["examples"]:
        return _("This cannot be used: it is written as %(example)s.") % {"example": spec["examples"][0]}
    if spec["longest"]:
        return _("This cannot be used: at most %(most)s characters, without odd signs.") % {
            "most": f"{spec['longest']:,}"
        }
    return _("This cannot be used: look for spaces and odd signs in it.")
