"""What is said of an import, as codes and parameters; words are made of them when somebody reads it.

A new one: a line in SAID, in English; its Chinese in locale/. Not here: why a row was refused (channels/reasons.py).
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from kernel.errors import Refused

MB: Final = 1024 * 1024
MOST_NAMES: Final = 30  # of columns and the like in a sentence
Note = tuple[str, dict[str, Any]]

SAID: Final[Mapping[str, str]] = MappingProxyType(
    {
        # why nothing could be taken
        "empty": gettext_noop("The file is empty."),
        "no_header": gettext_noop(
            "No header was found: a row above the data names the columns, such as %(expected)s. The file begins with: "
            "%(seen)s."
        ),
        "lacking": gettext_noop(
            "No column says %(expected)s. Columns of the file: %(columns)s. Name it in the connector's columns, or in "
            "the file."
        ),
        "bad_header": gettext_noop("The header's row is a number from 1 to %(limit)s."),
        "no_sheet": gettext_noop("There is no sheet %(sheet)s; the file has %(sheets)s."),
        "locked": gettext_noop("The file is protected by a password: save it without one."),
        "old_excel": gettext_noop("This is an old .xls workbook: save it as .xlsx or as CSV."),
        "other_format": gettext_noop("This is no CSV, TSV, JSON lines or XLSX, but %(format)s."),
        "json_list": gettext_noop("This is one JSON document: send JSON lines, an object on each line."),
        "bomb": gettext_noop(
            "The workbook has over %(limit)s MB when it is unpacked: send it in parts, or as CSV."
        ),
        "too_wide": gettext_noop("The header has %(columns)s columns; at most %(limit)s are read."),
        "sparse": gettext_noop(
            "The sheet reaches to row %(rows)s and column %(columns)s, most of it empty: delete what is empty, or send "
            "it as CSV."
        ),
        "too_big": gettext_noop(
            "The workbook needs more memory than it is given: send it in parts, or as CSV."
        ),
        "broken_workbook": gettext_noop("The workbook is damaged: open it and save it again."),
        "unknown_encoding": gettext_noop("There is no encoding %(encoding)s: utf-8, utf-16, gb18030 …"),
        "bad_delimiter": gettext_noop("The delimiter is one sign: a comma, a semicolon, a tab or a bar."),
        "gone": gettext_noop("The connector is gone, or no longer one for files."),
        "failed": gettext_noop(
            "The file could not be read to its end; it is in the log. What was read is kept."
        ),
        # what was noticed
        "no_rows": gettext_noop("The file has a header and no rows."),
        "unmatched": gettext_noop("Columns that say nothing we know, and were left out: %(columns)s."),
        "doubled": gettext_noop("Headers that are there twice, of which the first was taken: %(columns)s."),
        "other_sheets": gettext_noop("Read was the sheet %(sheet)s; the file also has %(sheets)s."),
        "skipped": gettext_noop("Rows above the header that were left out: %(rows)s."),
    }
)


class Unusable(Exception):
    """A file of which nothing can be taken. `code`: of SAID; `seen`: how far it could be read (formats.py:Seen)."""

    seen: Any = None

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class TooLarge(Refused):
    """A file of more bytes than are taken."""

    code, status = "too_large", 413

    def __init__(self, size: int) -> None:
        said = {"size": f"{size / MB:,.0f}", "limit": f"{settings.IMPORT_MB:,}"}
        super().__init__(
            gettext(
                "The file has %(size)s MB; at most %(limit)s MB are taken: send it in parts, each with its header."
            )
            % said
        )


def text(notes: Iterable[Any], translation: Callable[[str], str] = gettext) -> str:
    """All that is said, in sentences."""
    found = []
    for code, params in notes:
        sentence = SAID.get(code)
        if sentence is not None:
            shown = {name: _shown(value) for name, value in params.items()}
            found.append(translation(sentence) % shown)
    return " ".join(found)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value[:MOST_NAMES]) + (" …" if len(value) > MOST_NAMES else "")
    return f"{value:,}" if type(value) is int else str(value)
