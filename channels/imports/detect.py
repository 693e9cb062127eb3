"""What a file is, in which encoding, by which sign its cells are parted, where its header stands.

Not here: reading its rows (formats.py, workbook.py), what a header means (channels/tables/columns.py).
"""

import codecs
import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from charset_normalizer import from_bytes

from channels.imports.words import Unusable
from channels.tables import columns
from channels.tables.columns import Matched
from channels.tables.fields import TABLES

CSV, JSON_LINES, XLSX = "csv", "json_lines", "xlsx"
HEAD_BYTES: Final = 256 * 1024  # of a file that are looked at
HEAD_ROWS: Final = 40  # among which the header is
DELIMITERS: Final = ",\t;|"
MOST_COLUMNS: Final = 1_000
SHOWN: Final = 160  # characters of the file's beginning in a sentence
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS: Final = (
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
)
# Of the characters of a Chinese text in GB18030 most are among the first 3,755 of GB2312, signs aside.
_COMMON = range(0xB0, 0xD8)
_SIGNS = range(0xA1, 0xA4)
_ENOUGH: Final = 0.6
EVEN: Final = 0.02  # guesses that are as good as each other: then the more usual one
_LIKELY: Final = [
    "big5",
    "shift_jis",
    "euc_kr",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "iso8859_2",
]


class Head(NamedTuple):
    """Where the header is, or seems to be: how many rows stand above it, its columns, what they are."""

    above: int
    columns: list[str]
    doubled: list[str]
    matched: Matched


def format_of(head: bytes) -> str:
    """What a file is, by its beginning."""
    if not head:
        raise Unusable("empty")
    if head.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in head
        raise Unusable("locked" if locked else "old_excel")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return XLSX
    for sign, name in _OTHERS:
        if head.startswith(sign):
            raise Unusable("other_format", format=name)
    return _format_of_text(head.removeprefix(codecs.BOM_UTF8).lstrip())


def _format_of_text(text: bytes) -> str:
    if text.startswith(b"{"):
        return JSON_LINES
    if text.startswith((b"[{", b"[\n", b"[\r", b"[ ")):
        raise Unusable("json_list")
    if text[:200].lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise Unusable("other_format", format="HTML" if b"xml" not in text[:6].lower() else "XML")
    return CSV


# ---- encoding ----------------------------------------------------------------------------------------


def encoding_of(pieces: Iterable[bytes]) -> str:
    """By its mark; else UTF-8 where the whole file is; else GB18030 where its characters are Chinese; else a guess."""
    head, strict, sample, began = b"", codecs.getincrementaldecoder("utf-8")(), b"", False
    for piece in pieces:
        if not began:
            began, head = True, piece[:HEAD_BYTES]
            for mark, name in _BOMS:
                if piece.startswith(mark):
                    return name
            wide = _without_mark(head)
            if wide:
                return wide
        try:
            strict.decode(piece)
        except UnicodeDecodeError as wrong:
            sample = piece[max(wrong.start - 2_000, 0) :][:HEAD_BYTES]
            break
    else:
        try:
            strict.decode(b"", final=True)
        except UnicodeDecodeError:
            return "utf-8"  # cut off within its last character
        return "utf-8"
    return _guessed(head if _foreign(head) else sample, sample)


def _foreign(data: bytes) -> bool:
    return any(byte >= 0x80 for byte in data)


def _without_mark(head: bytes) -> str:
    """UTF-16 that says nothing of itself: every second byte of a header is 0."""
    even, odd = head[0:400:2], head[1:400:2]
    if len(odd) >= 4 and odd.count(0) > len(odd) * 0.4 and not even.count(0):
        return "utf-16-le"
    if len(even) >= 4 and even.count(0) > len(even) * 0.4 and not odd.count(0):
        return "utf-16-be"
    return ""


def _guessed(head: bytes, sample: bytes) -> str:
    """Of bytes that are no UTF-8. One broken byte in a file that else is UTF-8 makes it none of another encoding."""
    broken = sample.decode("utf-8", "replace").count("\ufffd")
    foreign = sum(1 for sign in sample.decode("utf-8", "replace") if sign >= "\x80")
    if foreign and broken / foreign < 0.1:
        return "utf-8"
    if _is_chinese(head + sample):
        return "gb18030"
    found = from_bytes(_cut(sample), cp_isolation=_LIKELY)
    best = found.best()
    if best is None:
        return "gb18030"
    even = [
        one.encoding
        for one in found
        if abs(one.chaos - best.chaos) + abs(one.coherence - best.coherence) < EVEN
    ]
    return next((name for name in _LIKELY if name in even), best.encoding)


def _cut(sample: bytes) -> bytes:
    """Whole lines alone."""
    first, last = sample.find(b"\n"), sample.rfind(b"\n")
    return sample[first + 1 : last] if 0 <= first < last else sample


def _is_chinese(data: bytes) -> bool:
    pairs = common = 0
    place, size = 0, len(data) - 1
    while place < size:
        if data[place] < 0x80:
            place += 1
            continue
        pairs += 1
        second = data[place + 1]
        if second >= 0xA1 and (data[place] in _COMMON or data[place] in _SIGNS):
            common += 1
        place += 2
    return pairs > 0 and common / pairs >= _ENOUGH


def known_encoding(name: str) -> str:
    """An encoding that somebody named; gbk and gb2312 are parts of gb18030."""
    bare = name.strip().lower()
    if bare.replace("-", "").replace("_", "") in {"gbk", "gb2312", "gb18030", "cp936", "ansi"}:
        return "gb18030"
    try:
        found = codecs.lookup(bare)
        "".encode(bare)
    except (LookupError, TypeError, ValueError):
        raise Unusable("unknown_encoding", encoding=name[:40]) from None
    if not found._is_text_encoding:
        raise Unusable("unknown_encoding", encoding=name[:40])
    return "utf-8-sig" if found.name == "utf-8" else found.name


# ---- cells and header ---------------------------------------------------------------------------------


def delimiter_of(text: str) -> str:
    """The sign that parts most rows of the file's beginning into the same number of cells, the more the better."""
    lines = text.splitlines()[:HEAD_ROWS]
    best, found = (0.0, 0), ","
    for sign in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        except csv.Error:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        if usual < 2:
            continue
        score = (widths.count(usual) / len(widths), usual)
        if (round(score[0], 1), score[1]) > (round(best[0], 1), best[1]):
            best, found = score, sign
    return found


def known_delimiter(sign: str) -> str:
    """A delimiter that somebody named, by itself or as `tab`."""
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "bar": "|"}
    found = named.get(sign.strip().lower(), sign)
    if len(found) != 1 or found in '"\r\n\x00':
        raise Unusable("bad_delimiter")
    return found


def header_of(
    table: str, first: Sequence[Sequence[str]], said: Mapping[str, str], at: str = ""
) -> tuple[Head, Unusable | None]:
    """The row among the first ones that names most columns we know; titles above it are left out. `at`: the row's
    number, where somebody said it. With what is wrong with it, if anything; then it is a guess."""
    best: Head | None = None
    places = [known_row(at) - 1] if at else range(min(len(first), HEAD_ROWS))
    for place in places:
        cells = first[place] if place < len(first) else ()
        if len(cells) > MOST_COLUMNS:
            raise Unusable("too_wide", columns=len(cells), limit=MOST_COLUMNS)
        head = _head(table, place, cells, said)
        if head.matched.found and (best is None or _better(head.matched, best.matched)):
            best = head
    if best is None:
        seen = next((row for row in first if any(row)), [])
        place = places[0] if at else _likely(first)
        why = Unusable("no_header", expected=_expected(table), seen=", ".join(seen)[:SHOWN])
        return _head(table, place, first[place] if place < len(first) else (), said), why
    if best.matched.lacking:
        need = " / ".join(_called(table, name) for name in best.matched.lacking[0])
        return best, Unusable("lacking", expected=need, columns=[one for one in best.columns if one])
    return best, None


def _head(table: str, place: int, cells: Sequence[str], said: Mapping[str, str]) -> Head:
    names = _names(cells)
    return Head(place, columns.distinct(names), _doubled(names), columns.match(table, names, said))


def _likely(first: Sequence[Sequence[str]]) -> int:
    """Which row may be a header that says nothing we know: the first of those with most cells filled."""
    filled = [sum(1 for cell in cells if cell.strip()) for cells in first[:HEAD_ROWS]]
    return filled.index(max(filled)) if filled else 0


def known_row(at: str) -> int:
    """A row's number that somebody said, from 1."""
    row = int(at) if at.isascii() and at.isdecimal() and len(at) < 4 else 0
    if not 1 <= row <= HEAD_ROWS:
        raise Unusable("bad_header", limit=HEAD_ROWS)
    return row


def _called(table: str, name: str) -> str:
    found = next(field for field in TABLES[table].fields if field.name == name)
    return f"{name} ({found.english}, {found.chinese})"


def _better(one: Matched, other: Matched) -> bool:
    return (-len(one.lacking), one.found) > (-len(other.lacking), other.found)


def _names(cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lstrip("\ufeff") for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _doubled(names: Sequence[str]) -> list[str]:
    seen: set[str] = set()
    found = []
    for name in names:
        if name in seen and name and name not in found:
            found.append(name)
        seen.add(name)
    return found


def _expected(table: str) -> str:
    return ", ".join(f"{field.english} {field.chinese}" for field in TABLES[table].fields[:4])
