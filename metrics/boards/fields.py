"""What a body says of an analysis or a board, read and bounded. Not here: parameters (kinds.py), places (grid.py)."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from kernel import values
from kernel.errors import BadRequest
from metrics.boards.grid import Place
from metrics.models import NAME_LENGTH, SLUG_LENGTH

SLUG = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)
SIDES = ("x", "y", "w", "h")
LARGEST_ID = 2**63 - 1  # of a bigint


def known(asked: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """A body without anything that is none of these."""
    if wrong := next((name for name in asked if name not in names), None):
        raise BadRequest(f"There is no field `{wrong[:60]}` here: {', '.join(names)}.", "unknown_field")
    return asked


def name(value: Any) -> str:
    """A name: some text."""
    text = values.text(value) if isinstance(value, str) else None
    if not text or len(text) > NAME_LENGTH:
        raise BadRequest(
            _("A name (`name`) is a text of 1 to %(n)s characters.") % {"n": NAME_LENGTH}, "bad_name"
        )
    return text


def slug(value: Any) -> str:
    """The part of an address that is a board's."""
    if not isinstance(value, str) or len(value) > SLUG_LENGTH or not SLUG.match(value):
        raise BadRequest(
            f"`slug` is made of letters a to z, digits, hyphens and underscores, at most {SLUG_LENGTH}.",
            "bad_slug",
        )
    return value


def slug_of(text: str) -> str:
    """One made of a name; a name without a Latin letter gives the usual one."""
    return slugify(text)[: SLUG_LENGTH - 5].strip("-_") or "board"


def truth(field: str, value: Any) -> bool:
    """True or false, nothing that only looks like it."""
    if not isinstance(value, bool):
        raise BadRequest(f"`{field}` is true or false.", "bad_value")
    return value


def places(value: Any) -> list[Place]:
    """The tiles of a board, each a number of an analysis and four numbers."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadRequest('`tiles` is a list of {"analysis", "x", "y", "w", "h"}.', "bad_tiles")
    return [_place(known(one, ("analysis", *SIDES))) for one in value]


def _place(tile: dict[str, Any]) -> Place:
    return Place(*(_whole(field, tile.get(field)) for field in ("analysis", *SIDES)))


def _whole(field: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_ID:
        raise BadRequest(f"`{field}` of a tile is a whole number from 0 on.", "bad_tile")
    return value
