"""How a file is read, as a form: encoding, delimiter, sheet, header's row, a field for each column; what was chosen is
remembered in the connector's columns. Not here: how columns are matched (channels/tables/columns.py), the page
(one.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from channels.connect import setup as connecting
from channels.imports import detect, start
from channels.models import Connector, Import
from channels.tables import columns
from channels.tables.fields import TABLES
from console.imports import words
from kernel.web import format

SAMPLES: Final = 3  # first values of a column
LONGEST: Final = 40  # characters of one
FIELD: Final = "column-"  # a column's field in the form, with its place


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen."""

    value: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the file, its first values, the fields it may go to."""

    name: str  # of its field in the form
    column: str
    samples: list[str]
    choices: list[Choice]
    found: bool  # it says something we know


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The form; lists are empty where a file has no such thing."""

    encodings: list[Choice]
    delimiters: list[Choice]
    sheets: list[Choice]
    headers: list[Choice]
    columns: list[Column]
    left_out: int  # columns that say nothing


def of(found: Import, table: str) -> Reading:
    """As the file was read."""
    form = found.form
    made = [_column(found, table, place) for place in range(len(found.columns))]
    return Reading(
        encodings=_choices(words.ENCODINGS, form.get("encoding", "")),
        delimiters=_choices(words.DELIMITERS, form.get("delimiter", "")),
        sheets=_sheets(found),
        headers=[
            Choice(str(n), _("row %(n)s") % {"n": n}, n == form["header"])
            for n in range(1, detect.HEAD_ROWS + 1)
            if form.get("header")
        ],
        columns=made,
        left_out=sum(1 for one in made if not one.found),
    )


def _choices(known: Mapping[str, Any], current: str) -> list[Choice]:
    """Those there usually are, and the one that was found; none where the file has no such thing."""
    if not current:
        return []
    every = dict(known) if current in known else {current: current, **known}
    return [Choice(value, str(label), value == current) for value, label in every.items()]


def _sheets(found: Import) -> list[Choice]:
    own, others = found.form.get("sheet", ""), words.sheets(found.notes)
    names = [*([own] if own else []), *(name for name in others if name != own)]
    return (
        [Choice(name, name, name == own) for name in names] if len(names) > 1 or (names and not own) else []
    )


def _column(found: Import, table: str, place: int) -> Column:
    column, own = found.columns[place]
    values = dict.fromkeys(
        cells[place][:LONGEST]
        for one in found.preview
        for cells in one.get("cells", ())
        if place < len(cells) and cells[place].strip()
    )
    choices = [Choice(columns.NONE, _("– left out –"), not own)]
    for one in TABLES[table].fields:
        label = one.chinese if format.chinese() else one.english
        choices.append(Choice(one.name, label, one.name == own))
    if own.startswith(columns.OWN):
        choices.append(Choice(own, own, current=True))
    return Column(
        name=f"{FIELD}{place}",
        column=column,
        samples=list(values)[:SAMPLES],
        choices=choices,
        found=bool(own),
    )


# ---- what was chosen -------------------------------------------------------------------------------------


def wanted(found: Import, post: Mapping[str, str]) -> dict[str, str]:
    """How the file is to be read. What the form does not say stays as it was asked for; what it leaves as it was found
    is found again."""
    said = {}
    for name in start.WANTED:
        before, shown = found.wanted.get(name, ""), str(found.form.get(name) or "")
        given = post.get(name, shown)
        said[name] = before if given == shown else given
    return said


def chosen(found: Import, connector: Connector, post: Mapping[str, str], table: str) -> dict[str, str]:
    """The connector's columns with what was chosen for this file's: only where that is not what the names say."""
    own = connecting.opened(connector).settings
    kept: dict[str, str] = dict(own.columns)
    names = [column for column, _field in found.columns]
    alone = columns.match(table, names, {}).fields
    ours = {columns.folded(column) for column in names}
    picks = [
        post.get(f"{FIELD}{place}", now or columns.NONE) for place, (_c, now) in enumerate(found.columns)
    ]
    kept = {header: to for header, to in kept.items() if columns.folded(header) not in ours}
    for column, pick, by_name in zip(names, picks, alone, strict=True):
        if pick == (by_name or columns.NONE):
            continue
        if pick == columns.NONE or columns.is_field(table, pick):
            kept[column] = pick
    return kept
