"""CSV in pieces, for spreadsheets: UTF-8 with its mark for Excel, raw numbers, ISO dates, no formulas.

Not here: what is in a file, and how it is answered.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

BOM = "\ufeff"
NUMBER = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
# What a spreadsheet would take for a formula; a quote before it keeps it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ROWS_A_PIECE = 200


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def safe(value: Any) -> str:
    """A cell as text that no spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = ", ".join(str(item) for item in value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) and not NUMBER.match(text) else text


def lines(head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The text of the file, piece by piece."""
    writer = csv.writer(_Echo())
    held = [BOM + str(writer.writerow([safe(cell) for cell in head]))]
    for row in rows:
        held.append(str(writer.writerow([safe(cell) for cell in row])))
        if len(held) >= ROWS_A_PIECE:
            yield "".join(held)
            held = []
    yield "".join(held)
