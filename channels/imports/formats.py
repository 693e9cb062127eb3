"""A file's rows as a stream: CSV, TSV, JSON lines, XLSX; memory for a row or two, whatever the file's size.

A row that cannot be read is a row with a fault; it costs none of its neighbours. Not here: what a file is and where its
header stands (detect.py), what a row says (channels/tables/).
"""

import codecs
import csv
import io
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import msgspec
from django.conf import settings

from channels.imports import detect, unpacked
from channels.imports.detect import Head
from channels.imports.words import Note, Unusable
from channels.mapping.cleaning import LARGEST_ITEM
from kernel.process.ties import tied

PIECE: Final = 1024 * 1024  # bytes read at a time
EACH: Final = 2_000  # rows between two looks at what else there is to do
WAIT_SECONDS: Final = 1.0
LONGEST_LINE: Final = 1_000_000  # characters
MOST_LINES: Final = 200  # that a quoted cell may span
BROKEN: Final = "\ufdd0"  # no character of any text: what stands for bytes that are none
SAMPLE: Final = 500  # objects among which the columns of JSON lines are looked for
KEYS: Final = 300  # columns that JSON lines may have

csv.field_size_limit(LONGEST_LINE)
codecs.register_error("huiliu_mark", lambda wrong: (BROKEN, wrong.end))  # type: ignore[attr-defined]


class Wanted(NamedTuple):
    """What somebody said of a file; empty: it is found out."""

    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: str = ""  # the number of its row


class Form(NamedTuple):
    """How a file is written."""

    format: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header: int = 0  # the row it stands in, from 1; JSON lines have none


class Raw(NamedTuple):
    """A row of data: its number in the file, its cells, and the code of what is wrong with it."""

    number: int
    cells: list[str]
    fault: tuple[str, dict[str, Any]] | None = None


class Opened(NamedTuple):
    """A file that can be read: its form, its header, its rows, what was noticed."""

    form: Form
    head: Head
    rows: Iterator[Raw]
    notes: list[Note]


class Seen(NamedTuple):
    """A file that cannot be taken as it was read: its form, what its header may be, its first rows below that."""

    form: Form
    head: Head
    first: list[Raw]


Line = tuple[list[str], tuple[str, dict[str, Any]] | None]
Begin = Callable[
    [int], Iterator[Line]
]  # the rows from the first on; how wide the header is, 0: not known yet


class Asked(NamedTuple):
    """What rows are expected, and what was said of them. `breathe`: called often, by whoever has other things to do."""

    table: str
    columns: Mapping[str, str] = {}  # header -> field
    wanted: Wanted = Wanted()
    breathe: Callable[[], object] = int


def opened(file: IO[bytes], path: str, asked: Asked) -> Opened:
    """The file's header and rows; raises Unusable, also while the rows are read. `path`: where it lies."""
    file.seek(0)
    head = file.read(detect.HEAD_BYTES)
    notes: list[Note] = []
    try:
        form = detect.format_of(head)
    except Unusable as why:
        if why.code == "old_excel" and _holds(file, "EncryptedPackage".encode("utf-16-le")):
            raise Unusable("locked") from None
        raise
    if form == detect.XLSX:
        found, begin = _workbook(file, path, asked, notes)
    elif form == detect.JSON_LINES:
        found, begin = _json_lines(file, asked)
    else:
        found, begin = _csv(file, head, asked)
    return _headed(found, begin, asked, notes)


def _headed(form: Form, begin: Begin, asked: Asked, notes: list[Note]) -> Opened:
    first = list(islice(begin(0), detect.HEAD_ROWS))
    if not any(cell.strip() for cells, _fault in first for cell in cells):
        raise Unusable("empty")
    at = "" if form.format == detect.JSON_LINES else asked.wanted.header
    head, why = detect.header_of(asked.table, [cells for cells, _fault in first], asked.columns, at)
    if form.format != detect.JSON_LINES:
        form = form._replace(header=head.above + 1)
    if why is not None:
        below = enumerate(first[head.above + 1 :], head.above + 2)
        why.seen = Seen(form, head, list(_rows(below, head, form.encoding, asked.breathe)))
        raise why
    if head.above and any(any(cells) for cells, _ in first[: head.above]):
        notes.append(("skipped", {"rows": head.above}))
    if head.doubled:
        notes.append(("doubled", {"columns": head.doubled}))
    left = [name for name, field in zip(head.columns, head.matched.fields, strict=True) if not field]
    left = [name for name in left if not re.fullmatch(r"column \d+", name)]
    if left:
        notes.append(("unmatched", {"columns": left}))
    rest = islice(begin(len(head.columns)), head.above + 1, None)
    number = head.above + (
        1 if form.format == detect.JSON_LINES else 2
    )  # their header is no line of the file
    return Opened(form, head, _rows(enumerate(rest, number), head, form.encoding, asked.breathe), notes)


def _rows(
    lines: Iterator[tuple[int, Line]], head: Head, encoding: str, breathe: Callable[[], object]
) -> Iterator[Raw]:
    """Rows with something in them, each as wide as the header."""
    width = len(head.columns)
    for number, (cells, fault) in lines:
        if not number % EACH:
            breathe()
        count = len(cells)
        if count > width:
            if not fault and any(map(str.strip, cells[width:])):
                fault = ("too_many_cells", {"cells": count, "columns": width})
            cells = cells[:width]
        elif count < width:
            cells = [*cells, *[""] * (width - count)]
        whole = "".join(cells)
        if not fault and (not whole or whole.isspace()):
            continue
        if BROKEN in whole:
            cells = [cell.replace(BROKEN, "\ufffd") for cell in cells]
            fault = fault or ("broken_text", {"encoding": encoding})
        yield Raw(number, cells, fault)


def _once(lines: Iterator[Line]) -> Begin:
    """For what can be read only once: its first rows are kept, to be read again."""
    first = list(islice(lines, detect.HEAD_ROWS))
    return lambda _width: chain(first, lines)


def _holds(file: IO[bytes], needle: bytes) -> bool:
    file.seek(0)
    before = b""
    while piece := file.read(PIECE):
        if needle in before + piece:
            return True
        before = piece[-len(needle) :]
    return False


# ---- text ---------------------------------------------------------------------------------------------


def _text(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    file.seek(0)
    kept: Any = _Kept(file)
    return io.TextIOWrapper(kept, encoding=encoding, errors="huiliu_mark", newline="")


class _Kept(io.BufferedReader):
    """A file that stays open when what reads its text goes."""

    def __init__(self, file: Any) -> None:
        super().__init__(_Raw(file), PIECE)


class _Raw(io.RawIOBase):
    def __init__(self, file: Any) -> None:
        self.file = file

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        piece = self.file.read(len(into))
        into[: len(piece)] = piece
        return len(piece)


def _encoding(file: IO[bytes], asked: Asked) -> str:
    if asked.wanted.encoding:
        return detect.known_encoding(asked.wanted.encoding)
    file.seek(0)

    def piece() -> bytes:
        asked.breathe()
        return file.read(PIECE)

    return detect.encoding_of(iter(piece, b""))


def _csv(file: IO[bytes], head: bytes, asked: Asked) -> tuple[Form, Begin]:
    encoding = _encoding(file, asked)
    if asked.wanted.delimiter:
        sign = detect.known_delimiter(asked.wanted.delimiter)
    else:
        sign = detect.delimiter_of(head.decode(encoding, "replace"))
    return Form(detect.CSV, encoding, sign), lambda width: _Cells(_text(file, encoding), sign).lines(width)


class _Cells:
    """Cells of a CSV. A quote that begins and does not end would take the rows below it: it costs its own row alone."""

    def __init__(self, text: io.TextIOWrapper, sign: str) -> None:
        self.text, self.sign = text, sign
        self.held: list[str] = []  # lines that are to be read again
        self.taken: list[str] = []  # lines of the row that is being read
        self.cut = False  # the line is longer than is read

    def __iter__(self) -> "_Cells":
        return self

    def __next__(self) -> str:
        if len(self.taken) > MOST_LINES:
            raise _OpenQuote
        line = self.held.pop() if self.held else self._line()
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    def _line(self) -> str:
        line = self.text.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            self.cut = True
            while (more := self.text.readline(LONGEST_LINE)) and more[-1] not in "\r\n":
                pass
        return line.replace("\x00", "") if "\x00" in line else line

    def lines(self, width: int) -> Iterator[Line]:
        """Row by row."""
        reader = csv.reader(self, delimiter=self.sign)
        while True:
            self.taken.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _OpenQuote):
                reader = csv.reader(self, delimiter=self.sign)
                yield self._alone()
                continue
            if self.cut:
                self.cut = False
                yield cells, ("too_large", {"limit": LARGEST_ITEM // 1024})
            elif len(self.taken) > 1 and self._swallowed(cells, width):
                yield self._alone()
            else:
                yield cells, None

    def _swallowed(self, cells: list[str], width: int) -> bool:
        """Whether a row of several lines is several rows, behind a quote that one of them opened."""
        if sum(line.count('"') for line in self.taken) % 2:
            return True
        if width < 3:
            return False
        if len(cells) != width:
            return True
        return any(len(next(csv.reader([line], delimiter=self.sign), ())) == width for line in self.taken[1:])

    def _alone(self) -> Line:
        """The first line as a row by itself, with its fault; the others are read again."""
        first, *rest = self.taken
        self.held.extend(reversed(rest))
        return first.rstrip("\r\n").split(self.sign), ("open_quote", {})


class _OpenQuote(Exception):
    """A cell spans more lines than one may."""


# ---- JSON lines -----------------------------------------------------------------------------------------

_OBJECT = msgspec.json.Decoder(dict[str, Any], float_hook=str)


def _json_lines(file: IO[bytes], asked: Asked) -> tuple[Form, Begin]:
    encoding = _encoding(file, asked)
    names: dict[str, None] = {}
    for line in islice(_text(file, encoding), SAMPLE):
        for name in _object(line) or ():
            if len(names) < KEYS:
                names.setdefault(name)
    columns = list(names)

    def lines(_width: int) -> Iterator[Line]:
        yield columns, None
        for line in _text(file, encoding):
            if not line.strip():
                yield [], None
                continue
            found = _object(line)
            if found is None:
                yield [line.strip()[:1_000]], ("row_no_json", {})
            else:
                yield [found.get(name, "") for name in columns], None

    return Form(detect.JSON_LINES, encoding), lines


def _object(line: str) -> dict[str, str] | None:
    """An object's values as texts, those of objects in it by `outer.inner`; None for what is no object."""
    try:
        said = _OBJECT.decode(line.encode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        return None
    found: dict[str, str] = {}
    for name, value in said.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": _plain(below) for inner, below in value.items()}
        else:
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return msgspec.json.encode(value).decode().replace("\\u0000", "")


# ---- workbooks --------------------------------------------------------------------------------------------

_LINE = msgspec.json.Decoder()


def _workbook(file: IO[bytes], path: str, asked: Asked, notes: list[Note]) -> tuple[Form, Begin]:
    unpacked.must_be_sound(file, asked.breathe)
    lines = _sheet(path, asked.wanted.sheet, asked.breathe)
    told: Any = next(lines)
    if told["sheets"]:
        notes.append(("other_sheets", {"sheet": told["sheet"], "sheets": told["sheets"]}))
    return Form(detect.XLSX, sheet=told["sheet"]), _once((cells, None) for cells in lines)


def _sheet(path: str, sheet: str, breathe: Callable[[], object]) -> Iterator[list[str]]:
    """What the process says that reads it: first of the sheets, then its rows."""
    command: Sequence[str] = (sys.executable, "-m", "channels.imports.workbook", path, sheet)
    reading = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(settings.BASE_DIR),
        preexec_fn=tied(signal.SIGKILL),
    )
    out: Any = reading.stdout
    try:
        while not select.select([out], [], [], WAIT_SECONDS)[0]:
            breathe()  # it has the sheet to read before it says a word
        for line in out:
            said = _LINE.decode(line)
            if isinstance(said, dict) and "error" in said:
                code = said.pop("error")
                raise Unusable(code, **said)
            yield said
        if reading.wait() != 0:
            raise Unusable("too_big")
    finally:
        reading.kill()
        reading.wait()
        out.close()
