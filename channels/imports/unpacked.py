"""Whether a workbook can be unpacked: how large it is then, counted and not believed, and how far it reaches.

Not here: reading it (workbook.py).
"""

import re
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Any, Final

from channels.imports.words import Unusable

MB: Final = 1024 * 1024
LARGEST: Final = 768 * MB  # of all parts together, unpacked
MOST_PARTS: Final = 10_000
PIECE: Final = 256 * 1024
MOST_CELLS: Final = (
    25_000_000  # of the square that a sheet's farthest cells span: memory is taken for all of it
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml\Z", re.IGNORECASE)
_PLACE = re.compile(rb'<(?:\w+:)?c [^<>]{0,60}?\br="([A-Z]{1,3})(\d{1,7})"')
_LOCAL: Final = 30  # bytes of a part's own head, before its name
_LONGEST_TAG: Final = 200


def must_be_sound(file: IO[bytes], breathe: Callable[[], object] = int) -> None:
    """Raises Unusable for a workbook that is none, is locked, or is a bomb. `breathe` is called now and then."""
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Unusable("broken_workbook") from None
    names = {part.filename for part in parts}
    if not any(_SHEET.match(name) for name in names):
        if "mimetype" in names or "content.xml" in names:
            raise Unusable("other_format", format="OpenDocument")
        if any(name.endswith(".bin") and name.startswith("xl/") for name in names):
            raise Unusable("other_format", format="XLSB")
        raise Unusable("other_format", format="ZIP")
    if any(part.flag_bits & 1 for part in parts):
        raise Unusable("locked")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
        raise Unusable("bomb", limit=LARGEST // MB)
    left = LARGEST
    for part in parts:
        left -= _size(file, part, left, breathe)


def _size(file: IO[bytes], part: zipfile.ZipInfo, left: int, breathe: Callable[[], object]) -> int:
    """How much a part really is; what it says of itself may be wrong. Of a sheet: also how far it reaches."""
    reach = _Reach() if _SHEET.match(part.filename) else None
    file.seek(part.header_offset)
    head = file.read(_LOCAL)
    if len(head) < _LOCAL or head[:4] != b"PK\x03\x04":
        raise Unusable("broken_workbook")
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    if part.compress_type == zipfile.ZIP_STORED:
        if part.compress_size > left:
            raise Unusable("bomb", limit=LARGEST // MB)
        return part.compress_size
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Unusable("broken_workbook")
    return _inflated(file, left, reach, breathe)


def _inflated(file: IO[bytes], left: int, reach: "_Reach | None", breathe: Callable[[], object]) -> int:
    inflate: Any = zlib.decompressobj(-zlib.MAX_WBITS)
    size, held = 0, b""
    try:
        while not inflate.eof:
            held = inflate.unconsumed_tail or file.read(PIECE)
            if not held:
                raise Unusable("broken_workbook")
            piece = inflate.decompress(held, 4 * PIECE)
            size += len(piece)
            breathe()
            if size > left:
                raise Unusable("bomb", limit=LARGEST // MB)
            if reach:
                reach.look(piece)
    except zlib.error:
        raise Unusable("broken_workbook") from None
    return size


class _Reach:
    """The farthest row and column of a sheet, from its cells' own places."""

    def __init__(self) -> None:
        self.rows = self.columns = self.least_row = self.least_column = 0
        self.tail = b""
        self.known: dict[bytes, int] = {}

    def look(self, piece: bytes) -> None:
        text = self.tail + piece
        self.tail = text[-_LONGEST_TAG:]
        for letters, digits in _PLACE.findall(text):
            column = self.known.get(letters)
            if column is None:
                column = self.known[letters] = _column(letters)
                self.columns = max(self.columns, column)
            row = int(digits)
            if row > self.rows:
                self.rows = row
        if self.rows * self.columns > MOST_CELLS:
            raise Unusable("sparse", rows=self.rows, columns=self.columns)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
