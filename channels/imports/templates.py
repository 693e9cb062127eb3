"""Templates for files, made of the fields there are: a header alone, for no example can be imported by mistake.

A workbook's second sheet says what each column is and by which other names it is known; only the first one is read.
Not here: the fields (channels/tables/fields.py), reading workbooks (workbook.py), writing any (kernel/web/workbook.py).
"""

from django.utils.translation import gettext as _
from django.utils.translation import override

from channels.tables import columns
from channels.tables.fields import ID, Table
from channels.tables.labels import CELLS, ROWS
from kernel.web import spreadsheet, workbook
from kernel.web.workbook import Sheet


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
    return workbook.made([Sheet(title, [columns.titles(table, chinese)], texts), Sheet(about, told)])


def _about(table: Table, place: int, chinese: bool) -> list[str]:
    field = table.fields[place]
    needs = next((need for need in table.needs if field.name in need), ())
    needed = "" if not needs else _("yes") if len(needs) == 1 else _("one of these")
    others = [field.english if chinese else field.chinese, *field.headers.split()]
    title = field.chinese if chinese else field.english
    return [title, needed, str(CELLS[field.type]), ", ".join(others)]
