"""A cell as a spreadsheet or an export wrote it -> a value as our messages have it.

What cannot be read stays as it is: the pipeline refuses it with its field and the value. Only what would be taken for
something it is not is refused here: a number whose digits a spreadsheet has lost. Not here: which cell is what.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from channels.reasons import DIGITS_LOST, Rejection
from channels.tables.fields import DATE, ID, NUMBER, TIME

ORDERS: Final = ("ymd", "dmy", "mdy")  # of a date whose year stands last: 03/04/2026
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,3}\Z")
_TEXT_FORMULA = re.compile(
    r'="(.*)"\Z', re.DOTALL
)  # ="00123": how an export keeps a spreadsheet from counting
_WHOLE = re.compile(r"\d+\.0+\Z")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
_DECIMAL_COMMA = re.compile(r"-?(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,2}\Z")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?\Z", re.ASCII)
_MONEY = re.compile(r"(?:[¥$€£]|RMB|CNY)?\s*(-?[\d.,' ]*\d)\s*(?:[元圆件个€]|RMB|CNY)?\Z", re.IGNORECASE)
_BRACKETED = re.compile(r"\((.+)\)\Z")
_GROUPS = re.compile(r"-?\d{1,3}(?:[ ']\d{3})+(?=[.,]|\Z)")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?\Z")
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954 to 2119: days of a spreadsheet, no seconds of an epoch
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 (of no zone: the channel's, as all times of a file)
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?\s*(.*)\Z", re.DOTALL)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)\s*(.*)\Z", re.DOTALL)
_YEAR_FIRST = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?=\D|\Z)")
_CLOCK = re.compile(
    r"(上午|下午|中午|凌晨|晚上|晚)?\s*(\d{1,2})[:：时](\d{1,2})?(?:[:：分](\d{1,2}(?:\.\d+)?)?秒?)?分?\s*(am|pm)?\Z",
    re.I,
)
_AROUND: Final = frozenset("='`")
_AFTERNOON = frozenset(("下午", "晚上", "晚", "pm"))


def tidy(cell: str) -> str:
    """A cell without what an export puts around it: blanks, a tab, the quote or formula that keeps it text."""
    text = cell.strip()
    if text.startswith('="') and (found := _TEXT_FORMULA.match(text)):
        text = found[1].strip()
    elif text[:1] in {"'", "`"}:
        text = text[1:].strip()
    return text


def text(cell: str) -> str:
    """A cell of words."""
    bare = cell.strip()
    return tidy(bare) if bare[:1] in _AROUND else bare


def read(kind: str, cell: str, order: str = "ymd", field: str = "") -> str:
    """A cell as its kind of column reads it; raises Rejection for digits that are lost."""
    bare = text(cell)
    if not bare:
        return ""
    if kind == NUMBER:
        return number(bare)
    if kind == ID:
        return own_id(bare, field)
    return when(bare, order) if kind in (TIME, DATE) else bare


def own_id(text: str, field: str = "") -> str:
    """The number or code of somebody's system. 1.38E+10 is none: which digits stood there is lost."""
    if text.isdigit() or not text[:1].isdigit():
        return text
    if _SCIENTIFIC.match(text):
        raise Rejection(DIGITS_LOST, field, value=text[:40])
    return text.partition(".")[0] if _WHOLE.match(text) else text


@lru_cache(maxsize=20_000)
def number(text: str) -> str:
    """An amount or a quantity as a plain number: ¥1,234.50, (12.00), 12,5, １２元."""
    if _PLAIN.match(text):
        return text
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    bracketed = _BRACKETED.match(plain)
    found = _MONEY.match((bracketed[1] if bracketed else plain.lstrip("-")).strip())
    if not found:
        return text
    negative = bool(bracketed) or plain.startswith("-") or found[1].startswith("-")
    plain = f"{'-' if negative else ''}{found[1].lstrip('-')}"
    if _GROUPS.match(plain):
        plain = plain.replace(" ", "").replace("'", "")
    if "," in plain:
        if _THOUSANDS.match(plain):
            return plain.replace(",", "")
        if _DECIMAL_COMMA.match(plain):
            whole, _comma, rest = plain.rpartition(",")
            return f"{whole.replace('.', '')}.{rest}"
    return plain if _PLAIN.match(plain) else text


@lru_cache(maxsize=20_000)
def when(text: str, order: str = "ymd") -> str:
    """A time as ISO has it where it is written in another way: a serial number, 2026年3月1日, 下午3:05, 1/3/2026."""
    if text[:4].isdigit() and text[4:5] == "-" and text.isascii() and text[-1].isdigit():
        return text
    if _SERIAL.match(text) and _FIRST_SERIAL <= float(text) < _LAST_SERIAL:
        return _of_serial(float(text))
    plain = unicodedata.normalize("NFKC", text)
    found = _CHINESE.match(plain)
    if found:
        year, month, day, rest = found.groups()
        return _put(text, year, month, day, rest)
    found = _YEAR_LAST.match(plain)
    if found and not _YEAR_FIRST.match(plain):
        first, _sign, second, year, rest = found.groups()
        day, month = (
            (first, second) if order == "dmy" or (order == "ymd" and int(first) > 12) else (second, first)
        )
        if order == "ymd" and int(first) <= 12 and int(second) <= 12 and first != second:
            return text  # the day or the month? a setting says it
        return _put(text, year if len(year) == 4 else f"20{year}", month, day, rest)
    found = _YEAR_FIRST.match(plain)
    if found:
        year, month, day = re.split(r"[-/.]", found[0])
        rest = plain[found.end() :].strip()
        return _put(text, year, month, day, rest) if rest and _CLOCK.match(rest) else text
    return text


def _put(text: str, year: str, month: str, day: str, rest: str) -> str:
    """The parts as ISO; the text as it was where they make no time."""
    written = f"{int(year):04}-{int(month):02}-{int(day):02}"
    if not rest.strip():
        return written
    clock = _CLOCK.match(rest.strip())
    if not clock:
        return text
    before, hour, minute, second, after = clock.groups()
    hours = int(hour)
    half = (before or after or "").lower()
    if half in _AFTERNOON and hours < 12:
        hours += 12
    elif half in {"am", "上午", "凌晨"} and hours == 12:
        hours = 0
    seconds, _dot, fraction = (second or "0").partition(".")
    return f"{written} {hours:02}:{int(minute or 0):02}:{int(seconds):02}{f'.{fraction}' if fraction else ''}"


def _of_serial(days: float) -> str:
    """Days since 1899-12-30, as spreadsheets count them, to the second."""
    at = _SERIAL_ZERO + timedelta(seconds=round(days * 86_400))
    return at.isoformat(sep=" ") if days % 1 else at.date().isoformat()
