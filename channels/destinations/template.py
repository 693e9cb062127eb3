"""Texts with placeholders, `{{name}}`: a value stands in place of a name, written so that it stays one.

There is nothing else: no condition, no loop, no function. What stands between double braces and is no name is refused
when it is set; what a person is called is never read as a template. Not here: the names (kernel/told.py).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import msgspec
from django.utils.translation import gettext as _

from kernel import told
from kernel.errors import BadRequest

PLACE: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
OPENED, TRIPLE = "{{", "{{{"  # what no JSON has; it may end in any number of the others
SECRET: Final = "secret"  # noqa: S105 (a name): the destination's own, where its kind has one
MOST: Final = 100  # placeholders of a text

Written = Callable[[str], str]


def names(text: str) -> tuple[str, ...]:
    """The names in a text, each once; BadRequest for what is no placeholder and looks like one."""
    found = list(dict.fromkeys(PLACE.findall(text)))
    for name in found:
        if name != SECRET and not told.known(name):
            raise BadRequest(
                _(
                    "“%(place)s” is no placeholder: id, name, phone, email, event, segment, change, channel, at, "
                    "key, workspace, secret, or identifier.KIND, trait.NAME, property.NAME."
                )
                % {"place": f"{{{{{name[:60]}}}}}"},
                "bad_placeholder",
            )
    if TRIPLE in text or OPENED in PLACE.sub("", text):
        raise BadRequest(
            _("A placeholder is written {{name}}: these braces open or close none."), "bad_placeholder"
        )
    if len(found) > MOST:
        raise BadRequest(_("A text has at most %(most)s placeholders.") % {"most": MOST}, "bad_placeholder")
    return tuple(found)


def filled(text: str, values: Mapping[str, Any], written: Written) -> str:
    """The text with each value in its place; one that is not known is nothing."""
    return PLACE.sub(lambda place: written(plain(values.get(place[1]))), text)


def plain(value: Any) -> str:
    """A value as a text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return told.moment(value)
    if isinstance(value, bool | dict | list):
        return msgspec.json.encode(value).decode()
    return str(value)


# ---- how a value is written where it stands --------------------------------------------------------


def in_json(value: str) -> str:
    """Within the quotes of a JSON text."""
    return msgspec.json.encode(value).decode()[1:-1]


def in_address(value: str) -> str:
    """A part of an address or of a form: no sign of it divides anything."""
    return quote(value, safe="")


def in_line(value: str) -> str:
    """A header: one line."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


def as_it_is(value: str) -> str:
    """A plain text."""
    return value
