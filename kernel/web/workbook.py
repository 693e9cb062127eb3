"""Workbooks (.xlsx): sheets of rows, the first of them a header. Numbers are numbers, all else is text.

Not here: what is in them, reading others' (channels/imports/workbook.py), CSV (spreadsheet.py).
"""

import io
import re
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH: Final = 18  # of a column, in characters
LONGEST_NAME: Final = 31  # characters of a sheet's
# Cell formats: 0 plain, 1 the header, 2 text: a column of numbers that are names keeps all their digits.
HEADER, TEXT = 1, 2
MOST_DIGITS: Final = 15  # that a spreadsheet keeps of a number
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)  # the same rows are the same file
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NEVER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what no XML can hold
_NAME: Final = re.compile(r"[\[\]:*?/\\]")
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


class Sheet(NamedTuple):
    """Rows under a name. `texts`: places of columns whose cells, those to come too, are text."""

    name: str
    rows: Sequence[Sequence[Any]]
    texts: Sequence[int] = ()


def made(sheets: Sequence[Sheet]) -> bytes:
    """The file."""
    numbered = list(enumerate(sheets, 1))
    listed = "".join(
        f'<sheet name="{escape(_named(one.name), {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
        for n, one in numbered
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _one in numbered
    )
    last = len(sheets) + 1
    related += f'<Relationship Id="rId{last}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n, _one in numbered
    )
    parts = {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{typed}</Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{related}</Relationships>",
        "xl/styles.xml": _XML + _STYLES,
    } | {f"xl/worksheets/sheet{n}.xml": _sheet(one) for n, one in numbered}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, xml in parts.items():
            packed.writestr(zipfile.ZipInfo(name, _MOMENT), xml)
    return out.getvalue()


def _named(name: str) -> str:
    """A name that a spreadsheet takes."""
    return (_NAME.sub(" ", name).strip("' ") or "1")[:LONGEST_NAME]


def _sheet(one: Sheet) -> str:
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{WIDTH}" customWidth="1"'
        f"{f' style={chr(34)}{TEXT}{chr(34)}' if place - 1 in one.texts else ''}/>"
        for place in range(1, len(one.rows[0]) + 1)
    )
    lines = "".join(
        f'<row r="{number}">' + "".join(_cell(cell, header=number == 1) for cell in row) + "</row>"
        for number, row in enumerate(one.rows, 1)
    )
    return f'{_XML}<worksheet xmlns="{_MAIN}"><cols>{widths}</cols><sheetData>{lines}</sheetData></worksheet>'


def _cell(value: Any, *, header: bool) -> str:
    """Text stands as text: no spreadsheet runs it. A number of more digits than one keeps is text too."""
    style = f' s="{HEADER}"' if header else ""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        digits = f"{value:f}"
        if len(digits.lstrip("-0").replace(".", "")) <= MOST_DIGITS:
            return f"<c{style}><v>{digits}</v></c>"
    text = _NEVER.sub("", "" if value is None else str(value))
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{escape(text)}</t></is></c>'
