"""Values of a foreign database's rows, as it wrote them: to JSON, to order them by. Not here: how they come
(sql_servers.py), what they mean (sql_pull.py, channels/tables/)."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from channels.connectors import sql_servers as of
from channels.connectors.sql_servers import Column

ORDERED: Final = frozenset((of.WHOLE, of.NUMBER, of.ZONED, of.NAIVE, of.DATE))  # what tells what is newer
KEYS: Final = ORDERED | {of.TEXT}  # what tells rows of one value apart
TIMES: Final = frozenset((of.ZONED, of.NAIVE, of.DATE))
SMALLEST: Final = 2**64  # added to whole numbers, so that none is below 0
PLACES: Final = 8  # behind the point of a number that orders
MARK: Final = 16  # hex digits of what a row says


def plain(value: Any, kind: str, zone: tzinfo) -> Any:
    """A value for JSON: whole numbers as such, other numbers as text, times with their offset, JSON as it was."""
    if value is None or kind == of.BYTES:
        return None
    if isinstance(value, list):
        return value
    if kind == of.BITS:
        return int.from_bytes(value if isinstance(value, bytes) else str(value).encode("latin-1"), "big")
    text = (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).replace("\x00", "")
    read = READERS.get(kind)
    return read(text, zone) if read else text


def _json(text: str, _zone: tzinfo) -> Any:
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return text
    return msgspec.Raw(text.encode())


def _zoned(text: str, _zone: tzinfo) -> str | None:
    found = _moment(text)
    if found is None:
        return _unwritten(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def _naive(text: str, zone: tzinfo) -> str | None:
    found = _moment(text)
    return found.replace(tzinfo=zone).isoformat() if found is not None else _unwritten(text)


def _unwritten(text: str) -> str | None:
    """MySQL's day without a day is nothing; infinity and years before Christ stay as they are."""
    return None if text.startswith("0000-00-00") else text


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


READERS: Final[dict[str, Any]] = {
    of.WHOLE: lambda text, _zone: int(text),
    of.YES: lambda text, _zone: text == "t",
    of.JSON: _json,
    of.ZONED: _zoned,
    of.NAIVE: _naive,
    of.DATE: lambda text, _zone: _unwritten(text),
}


def mark(values: Sequence[Any]) -> str:
    """What a row says, in short."""
    said = msgspec.json.encode([one if isinstance(one, list) else _said(one) for one in values])
    return hashlib.blake2b(said, digest_size=MARK // 2).hexdigest()


def _said(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def rank(value: Any) -> str:
    """A value of JSON (a whole number, a number or a time as text) as a text that sorts as it does."""
    if isinstance(value, int):
        return f"{value + SMALLEST:020d}"
    text = str(value)
    try:
        return f"{Decimal(text) + SMALLEST:0{20 + PLACES + 1}.{PLACES}f}"
    except InvalidOperation:
        found = _moment(text)
    return (found.astimezone(UTC) if found.tzinfo else found).strftime("%Y%m%dT%H%M%S%f") if found else text


def bound(column: Column, until: float, zone: tzinfo) -> str | None:
    """The youngest time that is read, as the column writes it; a date only once its day is over."""
    if column.type not in TIMES:
        return None
    at = datetime.fromtimestamp(until, UTC if column.type == of.ZONED else zone)
    if column.type == of.DATE:
        return date.fromordinal(at.date().toordinal() - 1).isoformat()
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
