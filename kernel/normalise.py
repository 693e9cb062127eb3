"""Times as people and systems write them, made one, and whole numbers as people type them.

Not here: identifiers, names and texts (values.py), amounts (money.py), which fields of a message carry what
(channels/mapping).
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from kernel.values import text as text  # for rooms that still ask here

LONGEST_TIME = 64  # characters

# --- times -----------------------------------------------------------------------------------------------------

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 10**11  # the number of an epoch from here on
# What a number of an epoch counts, by its size: from so much on, so many microseconds are so many of them.
_COUNTED = ((10**17, 1, 1_000), (10**14, 1, 1), (MILLISECONDS_FROM, 1_000, 1), (0, 1_000_000, 1))
_ZONE = r"(Z|z|[+-]\d{2}(?::?\d{2})?)?\Z"
_LOOSE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[Tt\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?\s*"
    + _ZONE,
    re.ASCII,
)
# 20190618190000, with milliseconds 20190618190000123 or 20190618190000.123. Digits in another number are an epoch's.
_RUN = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,](\d{1,9})|(\d{3}))?\s*" + _ZONE, re.ASCII)
_DAY_DIGITS, _RUN_DIGITS = len("20190618"), frozenset((len("20190618190000"), len("20190618190000123")))
_UTC = re.compile(r"\s*(?:UTC|GMT)\Z", re.ASCII | re.IGNORECASE)
# 10013-01-01, +010013-01-01T00:00:00Z: a year of more than four digits.
_FAR_YEAR = re.compile(r"\+?0*[1-9]\d{4,9}[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])(?!\d)", re.ASCII)
_LAST_DAY = re.compile(r"9999[-/.]?12[-/.]?31", re.ASCII)  # west of UTC it ends in the year 10000


def whole(text: str, least: int, most: int) -> int | None:
    """A whole number as a person types it, in digits alone; None for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if least <= number <= most else None


def moment(value: object, where: tzinfo = UTC) -> datetime | None:
    """A time as sent, in UTC; None when it cannot be read or lies before 1970. `where`: times without an offset."""
    try:
        found = _written(value, where) if isinstance(value, str) else _counted(value)
    except (ValueError, OverflowError, ArithmeticError):
        return None
    return found if found is not None and found >= EPOCH else None


def beyond(value: object, where: tzinfo = UTC) -> bool:
    """Whether what `moment` cannot read is a time after the calendar's end, as a number of an epoch or written."""
    if isinstance(value, str):
        if len(value) > LONGEST_TIME:
            return False
        text = value.strip()
        if text.isascii() and text.isdigit():
            return int(text) > MILLISECONDS_FROM
        return _FAR_YEAR.match(text) is not None or _past_the_last_day(text, where)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value > MILLISECONDS_FROM


def _past_the_last_day(text: str, where: tzinfo) -> bool:
    """Whether a time of the calendar's last day lies after its end, as UTC has it."""
    if not _LAST_DAY.match(text):
        return False
    try:
        _written(text, where)
    except OverflowError:
        return True
    except (ValueError, ArithmeticError):
        pass
    return False


def _written(value: str, where: tzinfo) -> datetime | None:
    if len(value) > LONGEST_TIME:
        return None
    if value[4:5] != "-":
        value = value.strip()
        if value.isascii() and value.replace(".", "", 1).isdigit() and len(value) != _DAY_DIGITS:
            return _digits(value, where)
        if len(value) > _DAY_DIGITS and value[: _DAY_DIGITS + 1].isdigit():  # fromisoformat skips the ninth
            return _loose(value, where)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return _loose(value.strip(), where)
    if found.tzinfo is UTC:
        return found
    return _in_utc(found, where)


def _in_utc(found: datetime, where: tzinfo) -> datetime:
    return found.replace(tzinfo=where).astimezone(UTC) if found.tzinfo is None else found.astimezone(UTC)


def _digits(value: str, where: tzinfo) -> datetime | None:
    """A date and time run together, where the digits are as many and make one; else a number of an epoch."""
    if len(value.partition(".")[0]) in _RUN_DIGITS:
        try:
            return _in_utc(_parted(_RUN.match(value)), where)
        except ValueError:
            pass
    return _counted(Decimal(value))


def _loose(value: str, where: tzinfo) -> datetime | None:
    """2026/1/5 9:03, 2026-01-05 09:03:00 +0800, 20260105090300 UTC and the like."""
    bare = _UTC.sub("", value)
    if bare != value:
        return _written(bare, UTC)
    return _in_utc(_parted(_LOOSE.match(value) or _RUN.match(value)), where)


def _parted(match: "re.Match[str] | None") -> datetime:
    """The parts of a date and a time of day as one."""
    if not match:
        raise ValueError
    year, month, day, hour, minute, second, *fractions, offset = match.groups()
    fraction = next(filter(None, fractions), "0")
    clock = f"{int(hour or 0):02}:{int(minute or 0):02}:{int(second or 0):02}.{fraction[:6]:0<6}"
    return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{clock}{(offset or '').upper()}")


def _counted(value: object) -> datetime | None:
    """Epoch seconds, or milliseconds, microseconds, nanoseconds where the number is that large."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    exact = Decimal(str(value)) if isinstance(value, float) else value
    for least, times, by in _COUNTED:
        if exact >= least:
            return EPOCH + timedelta(microseconds=int(exact * times // by))
    return None
