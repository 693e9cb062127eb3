"""A body's text -> its items, and an item's text -> its fields. Not here: what the fields mean (cleaning.py).

Fast where JSON is ordinary; what is odd (huge numbers, lone surrogates, NUL) is mended and read again, never lost.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from channels import protocol
from channels.reasons import NOT_AN_OBJECT, TOO_DEEP, Rejection

DEEPEST = 100  # levels of nesting that are kept
LONGEST_INTEGER = 400  # digits; a longer one is kept as text


class Item(msgspec.Struct, rename="camel"):
    """The fields of a message that we read. null is the same as absent; what is not named stays in the inbox."""

    type: Any = None
    message_id: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    identifiers: Any = None
    event: Any = None
    name: Any = None
    category: Any = None
    properties: Any = None
    traits: Any = None
    context: Any = None
    previous_id: Any = None
    group_id: Any = None
    channel: Any = None  # of whom a second-hand source speaks; Segment's clients write "server" and the like
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    erased: Any = None  # what an erasure left of it (mapping/left.py); of no account in what a client sends


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw] | None = None
    records: list[msgspec.Raw] | None = None


class Opened(msgspec.Struct, rename="camel"):
    """A request's items, each as its own text, and what the request says for all of them."""

    items: list[bytes]
    records: bool = False
    mixed: list[bool] | None = None  # which of them are records, where a request holds both
    context: dict[str, Any] | None = None
    sent_at: Any = None
    made: list[Any] | None = (
        None  # what its connector's mapping made of them (mapped.py), in place of the items
    )
    whys: Mapping[int, Rejection] = {}  # why an item cannot be used, where its connector's kind knows already
    wanted: list[Any] = []  # what a notice only names (connectors/base.py:Wanted)

    def is_record(self, position: int) -> bool:
        """Whether the item there speaks of goods and money."""
        return self.records if self.mixed is None else self.mixed[position]


_ESCAPES = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_NUL_OR_ESCAPE = re.compile(rb"\\(?:(u0000)|.)", re.DOTALL)
_NUL = b"\\u0000"


def mended(text: str) -> str:
    """The same JSON with every lone surrogate replaced: half an emoji must not cost a whole request."""
    return _ESCAPES.sub(lambda found: "\\ufffd" if found[1] else found[0], text)


# --- a body ----------------------------------------------------------------------------------------------------

_RAWS = msgspec.json.Decoder(_Batch)
_ODD = (msgspec.MsgspecError, ValueError, RecursionError)


def opened(door: str, body: str) -> Opened:
    """The items of a request, by the door it came through."""
    items = protocol.door(door).items
    records = items == protocol.RECORDS
    if not items:
        return Opened([_sound(body).encode("utf-8", "replace")])
    try:
        return _split(body, records)
    except _ODD:
        pass
    try:
        return _split(mended(body), records)
    except _ODD:
        return Opened([body.encode("utf-8", "replace")], records=records)


def _sound(body: str) -> str:
    """Mended where it needs to be: only a body with a surrogate's escape is looked at closely."""
    return mended(body) if "\\ud" in body or "\\uD" in body else body


def _split(body: str, records: bool) -> Opened:
    lists = _RAWS.decode(body)
    items = lists.records if records else lists.batch
    if items is None:  # no list: the body is the item
        return Opened([_sound(body).encode("utf-8", "replace")], records=records)
    return Opened([bytes(item) for item in items], records, None, *_shared(body))


class _Shared(msgspec.Struct, rename="camel"):
    context: msgspec.Raw = msgspec.Raw(b"null")
    sent_at: msgspec.Raw = msgspec.Raw(b"null")


_SHARED = msgspec.json.Decoder(_Shared)
_ANY = msgspec.json.Decoder()


def _shared(body: str) -> tuple[dict[str, Any] | None, Any]:
    """What stands beside the list, context and sentAt. One that cannot be read costs itself, not its request."""
    found = _SHARED.decode(body)
    context = _plain(bytes(found.context))
    return (context if isinstance(context, dict) else None), _plain(bytes(found.sent_at))


def _plain(raw: bytes) -> Any:
    if _NUL in raw:
        raw = _without_nul(raw)
    try:
        _must_be_shallow(raw)
        return _ANY.decode(raw)
    except (*_ODD, Rejection):
        return None


# --- an item ---------------------------------------------------------------------------------------------------

_ITEM = msgspec.json.Decoder(Item)


def item(raw: bytes) -> Item:
    """A message's fields. Raises Rejection for what is no object or nested without end."""
    if _NUL in raw:
        raw = _without_nul(raw)
    try:
        found = _ITEM.decode(raw)
    except _ODD:
        found = msgspec.convert(_slowly(raw), Item)
    if len(raw) > 2 * DEEPEST and _brackets(raw) > DEEPEST:
        _must_be_shallow(raw)
    return found


class _Exact(msgspec.Struct):
    properties: Any = None


def _number(text: str) -> Decimal | str:
    """A decimal number exactly; one beyond all use as text, for no database would take it."""
    if len(text) > LONGEST_INTEGER:
        return text
    found = Decimal(text)
    return found if abs(found.adjusted()) < 1000 else text


_EXACT = msgspec.json.Decoder(_Exact, float_hook=_number)
_EXACT_ANY = msgspec.json.Decoder(float_hook=_number)


def exact_properties(raw: bytes) -> dict[str, Any]:
    """An item's properties again, every decimal number as it was written: for amounts."""
    if _NUL in raw:
        raw = _without_nul(raw)
    try:
        found = _EXACT.decode(raw).properties
    except _ODD:
        found = _slowly(raw).get("properties")
    return found if isinstance(found, dict) else {}


def record(raw: bytes) -> dict[str, Any]:
    """A record's fields, numbers exact. Raises Rejection like `item`."""
    if _NUL in raw:
        raw = _without_nul(raw)
    try:
        found = _EXACT_ANY.decode(raw)
    except _ODD:
        found = _slowly(raw)
    if not isinstance(found, dict):
        raise Rejection(NOT_AN_OBJECT)
    _must_be_shallow(raw)
    return found


def _without_nul(raw: bytes) -> bytes:
    return _NUL_OR_ESCAPE.sub(lambda found: b"" if found[1] else found[0], raw)


def _integer(text: str) -> int | str:
    return text if len(text) > LONGEST_INTEGER else int(text)


def _float(text: str) -> float | str:
    found = float(text)
    return text if found in (float("inf"), float("-inf")) else found


def _slowly(raw: bytes) -> dict[str, Any]:
    """For the odd item that the fast reader refuses, mostly for the size of a number."""
    try:
        found = json.loads(
            mended(raw.decode("utf-8", "replace")), parse_float=_float, parse_int=_integer, parse_constant=str
        )
    except RecursionError:
        raise Rejection(TOO_DEEP, "properties", limit=DEEPEST) from None
    except ValueError:
        raise Rejection(NOT_AN_OBJECT) from None
    if not isinstance(found, dict):
        raise Rejection(NOT_AN_OBJECT)
    return found


_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def _brackets(raw: bytes) -> int:
    """How many objects and lists are opened, at most."""
    return raw.count(b"{") + raw.count(b"[")


def _must_be_shallow(raw: bytes) -> None:
    """What is nested deeper than DEEPEST cannot be relied on to be written again."""
    if _brackets(raw) <= DEEPEST:
        return
    depth = 0
    for found in _BRACKETS.finditer(raw):
        mark = found[0]
        if mark in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise Rejection(TOO_DEEP, "properties", limit=DEEPEST)
        elif mark in b"]}":
            depth -= 1
