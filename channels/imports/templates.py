"""Templates for files, made of the fields there are: a header alone, for no example can be imported by mistake.

A workbook's second sheet says what each column is and by which other names it is known; only the first one is read.
Not here: the fields (channels/tables/fields.py), reading workbooks (workbook.py).
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from django.utils.translation import override

from channels.tables import columns
from channels.tables.fields import ID, Table
from channels.tables.labels import CELLS, ROWS
from kernel.web import spreadsheet

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH: Final = 18  # of a column, in characters
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)  # the same columns are the same file
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Cell formats: 0 plain, 1 the header, 2 text: a column of numbers that are names keeps all their digits.
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


def as_csv(table: Table, chinese: bool) -> str:
    """A header, with the mark by which Excel knows UTF-8."""
    return "".join(spreadsheet.lines(columns.titles(table, chinese), []))


def as_xlsx(table: Table, chinese: bool) -> bytes:
    """A workbook: a sheet to fill, and one to read."""
    with override("zh-hans" if chinese else "en"):
        title, about = str(ROWS[table.name]), _("About the columns")
        told = [
            [_("Column"), _("Needed"), _("What stands in it"), _("Also known as")],
            *(_about(table, place, chinese) for place in range(len(table.fields))),
        ]
    texts = [place for place, field in enumerate(table.fields) if field.type == ID]
    sheets = [
        (title, _sheet([columns.titles(table, chinese)], texts)),
        (about, _sheet(told, [])),
    ]
    return _packed(sheets)


def _about(table: Table, place: int, chinese: bool) -> list[str]:
    field = table.fields[place]
    needs = next((need for need in table.needs if field.name in need), ())
    needed = "" if not needs else _("yes") if len(needs) == 1 else _("one of these")
    others = [field.english if chinese else field.chinese, *field.headers.split()]
    title = field.chinese if chinese else field.english
    return [title, needed, str(CELLS[field.type]), ", ".join(others)]


def _sheet(rows: Sequence[Sequence[str]], texts: Sequence[int]) -> str:
    """`texts`: the columns whose cells are text."""
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{WIDTH}" customWidth="1"'
        f"{' style=' + chr(34) + '2' + chr(34) if place - 1 in texts else ''}/>"
        for place in range(1, len(rows[0]) + 1)
    )
    lines = "".join(
        f'<row r="{number}">' + "".join(_cell(cell, header=number == 1) for cell in row) + "</row>"
        for number, row in enumerate(rows, 1)
    )
    return f'{_XML}<worksheet xmlns="{_MAIN}"><cols>{widths}</cols><sheetData>{lines}</sheetData></worksheet>'


def _cell(text: str, *, header: bool) -> str:
    style = ' s="1"' if header else ""
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _packed(sheets: Sequence[tuple[str, str]]) -> bytes:
    numbered = list(enumerate(sheets, 1))
    listed = "".join(
        f'<sheet name="{escape(name[:31])}" sheetId="{n}" r:id="rId{n}"/>' for n, (name, _xml) in numbered
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
    } | {f"xl/worksheets/sheet{n}.xml": xml for n, (_name, xml) in numbered}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, xml in parts.items():
            packed.writestr(zipfile.ZipInfo(name, _MOMENT), xml)
    return out.getvalue()
