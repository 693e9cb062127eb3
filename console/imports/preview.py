"""The first rows of a file as they will be: a column for each field that any of them says, what is refused in place.

Not here: how they were read (channels/imports/work.py), the page (one.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from channels import reasons
from channels.imports import outcome
from channels.models import Import
from channels.tables import rows as reading
from channels.tables.columns import OWN
from channels.tables.fields import NUMBER, TABLES
from kernel.web import format

GOODS: Final = "goods"  # the column of an order's lines
OF_LINES: Final = frozenset(reading.OF_A_LINE)
TIMES: Final = {"orders": "ordered_at", "order_lines": "ordered_at", "store_visits": "visited_at"}
CALLED: Final = {own: name for name, own in reading.OF_A_RECORD.items()}  # what a record calls otherwise


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its words; `css`: how its cells stand."""

    name: str
    label: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value. `wrong`: for it the row is refused."""

    text: str
    css: str
    wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One message: the rows of the file it is made of, its values, why it is refused."""

    numbers: str
    cells: list[Cell]
    why: str = ""
    also: list[str] = field(default_factory=list)  # what else the same rows say


@dataclass(frozen=True, slots=True)
class Preview:
    """The table. `raw`: the file's own columns, where nothing could be made of them."""

    heads: list[Head]
    rows: list[Row]
    raw: bool = False


def of(found: Import, table: str) -> Preview:
    """Of a dry run."""
    if not any(one["messages"] for one in found.preview):
        return _raw(found)
    fields = dict(found.columns)
    said = [_values(table, one["messages"]) for one in found.preview]
    wrong = [_wrong(fields, one) for one in found.preview]
    heads = _heads(table, [*(name for values in said for name in values), *filter(None, wrong)])
    made = [
        _row(found, one, values, heads, bad)
        for one, values, bad in zip(found.preview, said, wrong, strict=True)
    ]
    return Preview(heads, made)


def _wrong(fields: Mapping[str, str], one: Mapping[str, Any]) -> str:
    """The field for which rows are refused; of one that no column says, such as a missing total, its own name."""
    if not one.get("reason"):
        return ""
    said = one.get("field") or ""
    return fields.get(said, said.rpartition(".")[2])


def refused(found: Import, problems: Iterable[tuple[list[str], Mapping[str, Any]]]) -> Preview:
    """Rows that were refused, as they stand in the file; of every problem its first row."""
    heads, rows = [Head(str(place), column) for place, (column, _f) in enumerate(found.columns)], []
    for columns, one in problems:
        cells = list(one["cells"][0]) if one["cells"] else []
        shown = [
            Cell(cells[place] if place < len(cells) else "", "", column == one["field"])
            for place, (column, _field) in enumerate(found.columns)
        ]
        why = outcome.sentence(columns, cells, one, reasons.translated)
        rows.append(Row(numbers=_numbers(one["rows"]), cells=shown, why=why))
    return Preview(heads, rows, raw=True)


def _raw(found: Import) -> Preview:
    heads = [Head(str(place), column) for place, (column, _f) in enumerate(found.columns)]
    rows = [
        Row(numbers=_numbers(one["rows"]), cells=[Cell(text, "") for text in cells[: len(heads)]])
        for one in found.preview
        for cells in one.get("cells", ())
    ]
    return Preview(heads, rows, raw=True)


def _heads(table: str, names: Iterable[str]) -> list[Head]:
    """In the order of the kind's fields; what they do not know stands last."""
    wanted = dict.fromkeys(names)
    heads = []
    for one in TABLES[table].fields:
        if one.name in wanted and not (one.name in OF_LINES and GOODS in wanted and table in reading.KEYED):
            label = one.chinese if format.chinese() else one.english
            heads.append(Head(one.name, label, "n" if one.type == NUMBER else "nowrap"))
    known = {head.name for head in heads} | {one.name for one in TABLES[table].fields}
    if GOODS in wanted:
        heads.append(Head(GOODS, _("Goods"), "goods"))
    return heads + [
        Head(name, name.partition(".")[2] or name) for name in wanted if name not in known | {GOODS}
    ]


def _row(
    found: Import, one: Mapping[str, Any], values: Mapping[str, str], heads: list[Head], bad: str
) -> Row:
    lines = bad in OF_LINES and not any(head.name == bad for head in heads)
    cells = [
        Cell(
            values.get(head.name, ""),
            head.css,
            bool(bad) and (head.name == bad or (lines and head.name == GOODS)),
        )
        for head in heads
    ]
    why = ""
    if one.get("reason"):
        names = [column for column, _field in found.columns]
        first = one["cells"][0] if one.get("cells") else []
        why = outcome.sentence(names, first, one, reasons.translated)
    also = [str(message.get("event") or "") for message in one["messages"][1:]]
    return Row(numbers=_numbers(one["rows"]), cells=cells, why=why, also=[name for name in also if name])


def _numbers(numbers: Sequence[int]) -> str:
    """`3`, `3–5`, `3, 9`: which rows of the file."""
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}–{numbers[-1]}"
    return ", ".join(map(str, numbers[:3])) + (" …" if len(numbers) > 3 else "")


# ---- a message's values by field -----------------------------------------------------------------------


def _values(table: str, messages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    if not messages:
        return {}
    message = messages[0]
    if message["type"] not in ("track", "identify"):
        return {
            CALLED.get(name, name): _text(value)
            for name, value in message.items()
            if name not in ("type", "messageId", reading.LOST)
        }
    found: dict[str, str] = {}
    if message.get("userId"):
        found["user_id"] = str(message["userId"])
    if message.get("timestamp"):
        found[TIMES.get(table, "updated_at")] = str(message["timestamp"])
    own = OWN[0] if message["type"] == "track" else OWN[1]
    known = {one.name for one in TABLES[table].fields}
    for name, value in (message.get("properties") or message.get("traits") or {}).items():
        if name == "products":
            found[GOODS] = _("; ").join(map(_line, value))
        elif name != reading.LOST:
            found[name if name in known else f"{own}{name}"] = _text(value)
    return found


def _line(line: Mapping[str, str]) -> str:
    """`Cedar candle × 2 at 128`: a line of an order."""
    name = line.get("name") or line.get("sku") or _("goods")
    quantity, price = line.get("quantity"), line.get("price")
    text = f"{name} × {quantity}" if quantity else str(name)
    return _("%(line)s at %(price)s") % {"line": text, "price": price} if price else text


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one["amount"]) if isinstance(one, dict) else str(one) for one in value)
    return str(value)
