"""Cursor pages: lists in a fixed order, ties by id, cut by what was seen last. Not here: what a list holds.

A cursor carries a value of the last row, a name perhaps, and stands in addresses and logs: it is sealed.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from kernel import normalise
from kernel.db import Connection, rows
from kernel.errors import BadRequest, Trouble
from kernel.secrets import decrypt, encrypt

PLACE = "cursor"  # what it is sealed for: a stored value cannot be passed off as a cursor
LIMIT = 50
LIMIT_MOST = 500


class Rough(NamedTuple):
    """A column that never falls where the value rises, indexed in its place; the same of a cursor's value."""

    column: str
    of_cursor: str  # SQL over %(at_value)s


class Order(NamedTuple):
    """By which expressions a list is ordered. `cast` is the SQL type of the first, ids are `key_cast`."""

    value: str
    cast: str
    key: str
    key_cast: str = "uuid"
    descending: bool = True
    rough: Rough | None = None


class Page(NamedTuple):
    """A page of a list, and the cursors of its neighbours (None: there is none)."""

    items: list[Any]
    next: str | None
    previous: str | None


def encode(back: bool, value: object, key: object) -> str:
    """A cursor: opaque to who gets it."""
    text = msgspec.json.encode([back, str(value), str(key)]).decode()
    return base64.urlsafe_b64encode(encrypt(text, PLACE).encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[bool, str, str]:
    """The cursor's parts; a BadRequest for what is none of ours."""
    try:
        sealed = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        return msgspec.json.decode(decrypt(sealed, PLACE), type=tuple[bool, str, str])
    except (binascii.Error, ValueError, msgspec.MsgspecError, Trouble) as wrong:
        raise BadRequest("This cursor is none of ours: begin the list without one.", "bad_cursor") from wrong


def limit_of(text: str | None, default: int = LIMIT, most: int = LIMIT_MOST) -> int:
    """The page size asked for."""
    if not text:
        return default
    found = normalise.whole(text, 1, most)
    if found is None:
        raise BadRequest(f"`limit` is a number from 1 to {most}.", "bad_limit")
    return found


def page(  # noqa: PLR0913 (one list, whole)
    db: Connection,
    select: str,
    wheres: Sequence[str],
    values: dict[str, Any],
    order: Order,
    cursor: str | None,
    limit: int,
    make: Callable[[Sequence[Any]], Any],
) -> Page:
    """One page of `select <columns> from …`, whose first two columns are the order's value and key.

    The texts come from our code; everything from outside stands in `values`.
    """
    back, value, key = decode(cursor) if cursor else (False, None, None)
    falling = order.descending != back
    where = list(wheres)
    if cursor:
        sign = "<" if falling else ">"
        where.append(
            f"({order.value}, {order.key}) {sign} (%(at_value)s::{order.cast}, %(at_key)s::{order.key_cast})"
        )
        if order.rough:
            where.append(f"{order.rough.column} {sign}= {order.rough.of_cursor}")
        values = values | {"at_value": value, "at_key": key}
    word = "desc" if falling else "asc"
    by = ", ".join(
        f"{one} {word}" for one in (order.rough and order.rough.column, order.value, order.key) if one
    )
    text = f"{select} where {' and '.join(where)} order by {by} limit {limit + 1}"
    try:
        found = rows(db, text, **values)
    except Exception as wrong:
        if cursor and getattr(getattr(wrong, "__cause__", None), "pgcode", "") in {"22P02", "22007", "22008"}:
            raise BadRequest(
                "This cursor is none of ours: begin the list without one.", "bad_cursor"
            ) from wrong
        raise
    more = len(found) > limit
    found = found[:limit]
    if back:
        found.reverse()
    forward = bool(found) and (more or back)
    backward = bool(found) and (more if back else bool(cursor))
    return Page(
        [make(row) for row in found],
        encode(False, _text(found[-1][0]), found[-1][1]) if forward else None,
        encode(True, _text(found[0][0]), found[0][1]) if backward else None,
    )


def _text(value: Any) -> str:
    """An order's value with nothing lost."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
