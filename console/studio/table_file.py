"""A table that somebody uploads: a code and what it stands for. Not here: larger files (channels/imports/)."""

import csv
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from channels.language import text
from kernel.errors import BadRequest

LARGEST: Final = 1024 * 1024  # bytes; a mapping's text has 100 KB at most
ENCODINGS: Final = ("utf-8-sig", "gb18030")
SIGNS: Final = "\t;,"


def read(given: UploadedFile | None) -> dict[str, Any]:
    """Code -> value; BadRequest with a sentence for what is no such table. The first row is one of the table."""
    if given is None:
        raise BadRequest(_("Choose a file: two columns, a code and what it stands for."))
    if given.size is None or given.size > LARGEST:
        raise BadRequest(_("A table's file has at most 1 MB."))
    found = _rows(_text(given.read()))
    if not found:
        raise BadRequest(_("The file holds no rows."))
    if len(found) > text.MOST_ENTRIES:
        raise BadRequest(_("All tables together have at most %(most)s rows.") % {"most": text.MOST_ENTRIES})
    return found


def _rows(said: str) -> dict[str, Any]:
    first = said.partition("\n")[0]
    sign = next((one for one in SIGNS if one in first), ",")
    found: dict[str, Any] = {}
    for n, row in enumerate(csv.reader(said.splitlines(), delimiter=sign), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) < 2 or not cells[0]:
            raise BadRequest(_("Row %(n)s has no two columns: a code and what it stands for.") % {"n": n})
        if found.setdefault(cells[0], cells[1]) != cells[1]:
            raise BadRequest(
                _("Row %(n)s: “%(code)s” stands there already with another value.")
                % {"n": n, "code": cells[0][:60]}
            )
    return found


def _text(body: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            found = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in found:
            return found
    raise BadRequest(_("The file is no text: save the sheet as CSV."))
