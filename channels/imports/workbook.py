"""A sheet of a workbook as JSON lines, by a process of its own: `python -m channels.imports.workbook PATH [SHEET]`.

Reading a workbook needs its whole sheet in memory, and its reader is no code of ours: here it may take so much and no
more, and what ends it ends nothing else. First line: {"sheet", "sheets"} or {"error", …}; then a list of cells for each
row. Not here: what is unpacked first, and counted (unpacked.py); whoever starts this (formats.py).
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any, Final

MEMORY: Final = 2 * 1024**3  # bytes of address space, the interpreter's own included
EXACT: Final = 10**15  # a spreadsheet's numbers have 15 digits: from here on the last ones are made up


def main(path: str, wanted: str = "") -> int:
    """Writes the sheet to stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        book = CalamineWorkbook.from_path(path)
        sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        shown = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible] or [
            one.name for one in sheets
        ]
        if wanted and wanted not in [one.name for one in sheets]:
            return _say({"error": "no_sheet", "sheet": wanted, "sheets": shown})
        sheet = _chosen(book, [wanted] if wanted else shown)
        _say({"sheet": sheet.name, "sheets": [one for one in shown if one != sheet.name]})
        for _ in range(sheet.start[0] if sheet.start else 0):
            _say([])  # so that a row's number is the spreadsheet's
        for row in sheet.iter_rows():
            _say([_text(cell) for cell in row])
    except PasswordError:
        return _say({"error": "locked"})
    except (CalamineError, ValueError, OSError):
        return _say({"error": "broken_workbook"})
    return 0


def _chosen(book: Any, names: list[str]) -> Any:
    """The first sheet with more than a row, else the first. Each is read whole to know that."""
    first = None
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height > 1:
            return sheet
        first = first or sheet
    if first is None:
        raise ValueError("the workbook has no sheet")
    return first


def _say(value: Any) -> int:
    sys.stdout.write(json.dumps(value, ensure_ascii=False))
    sys.stdout.write("\n")
    return 0


def _text(cell: object) -> str:
    """A cell as a CSV would have it. A number with more digits than a spreadsheet keeps shows that."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, datetime):
        bare = cell.time() == time()
        return cell.date().isoformat() if bare else cell.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time | timedelta):
        return str(cell)
    return ""


def _number(cell: float) -> str:
    if abs(cell) >= EXACT:
        return f"{cell:.14E}"
    if float(cell).is_integer():
        return str(int(cell))
    short = f"{cell:.15g}"
    return short if "e" not in short else repr(cell)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
