"""Rows of a file -> messages of ours: orders, customers, goods, spend, visits.

Not here: which column is which field (columns.py), how a cell is written (cells.py), reading a file (imports/).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from channels.reasons import (
    BAD_AMOUNT,
    BROKEN_TEXT,
    OPEN_QUOTE,
    ROW_NO_JSON,
    TOO_LARGE,
    TOO_MANY_CELLS,
    Rejection,
)
from channels.tables import cells, chunk
from channels.tables.chunk import Chunk, Fault, digest
from channels.tables.columns import NONE, OWN, folded
from channels.tables.fields import ID, TABLES, TEXT, TIME
from kernel import money, normalise

Message = dict[str, Any]

IDENTIFIERS: Final = ("member_no", "phone", "email", "unionid", "openid")
LOST: Final = (
    "lost_digits"  # beside a message's fields: ids of which a spreadsheet kept only the first digits
)
CANCELLED: Final = frozenset(
    map(
        folded,
        (
            *("已取消", "取消", "交易取消", "交易关闭", "已关闭", "关闭", "已作废", "作废"),
            *("cancelled", "canceled", "closed", "void", "voided"),
        ),
    )
)
REFUNDED: Final = frozenset(map(folded, ("已退款", "全额退款", "退款成功", "refunded")))
OF_AN_ORDER: Final = (
    "currency",
    "tax",
    "shipping",
    "discount",
    "coupon",
    "store",
    "payment_method",
    "status",
)
OF_A_LINE: Final = {
    "sku": "sku",
    "product_name": "name",
    "category": "category",
    "brand": "brand",
    "quantity": "quantity",
    "price": "price",
    "line_discount": "discount",
    "cost": "cost",
}
RECORDS: Final = {
    "products": "product",
    "stock": "stock",
    "prices": "price",
    "costs": "cost",
    "spend": "spend",
    "payouts": "payout",
}
OF_A_RECORD: Final = {"product_name": "name"}  # fields that a record calls otherwise


class Style(NamedTuple):
    """How a connector's files are written, beside what stands in them."""

    columns: Mapping[str, str]  # header -> field, as an admin said
    dates: str  # of cells.ORDERS
    zone: tzinfo | None  # of times that say none; None: the channel's
    currency: str  # of amounts that say none; "": the channel's


FAULTS: Final = {  # what is wrong with a row as it stands in its file
    why.name: why for why in (TOO_MANY_CELLS, OPEN_QUOTE, BROKEN_TEXT, ROW_NO_JSON, TOO_LARGE)
}
PLAIN: Final = Style({}, "ymd", None, "")


class Said(NamedTuple):
    """A message, which group of the chunk it is of, and why it cannot be used where that is known already."""

    group: int
    message: Message
    why: Rejection | None = None


class Row:
    """A row's values by field. `why`: the first thing that makes it unusable; `lost`: ids that lost digits."""

    __slots__ = ("lost", "values", "why")

    def __init__(self, values: dict[str, str], lost: dict[str, str], why: Rejection | None) -> None:
        self.values, self.lost, self.why = values, lost, why


def said(held: Chunk, style: Style) -> Iterator[Said]:
    """All messages of a chunk, in order; a group may say two things."""
    table, read = TABLES.get(held.rows), READERS.get(held.rows)
    if table is None or read is None:
        raise KeyError(held.rows)
    rows = _rows(held, style)
    for group, (first, after) in enumerate(held.spans()):
        mine = rows[first:after]
        name = held.groups[group].id if held.groups is not None else _identity(held, first)
        why = next((row.why for row in mine if row.why), None)
        for message in read(held.rows, mine, style, name):
            yield Said(group, message, why or _uncounted(held.rows, mine, message))


def _uncounted(table: str, rows: Sequence[Row], message: Message) -> Rejection | None:
    """Why an order has no total: the number of a line that is none, rather than the total that nobody sent."""
    if table not in KEYED or "total" in message["properties"] or message["event"] != "Order Completed":
        return None
    for name in ("line_total", "price", "quantity", "line_discount", "shipping"):
        if any(row.values.get(name) and _number(row.values[name]) is None for row in rows):
            return Rejection(BAD_AMOUNT, f"properties.products.{OF_A_LINE.get(name, name)}")
    return None


def _identity(held: Chunk, place: int) -> str:
    """A row's messageId: what it says, where its time or person stands in it, else its file and row."""
    timed = any(field in TIMED.get(held.rows, ()) and cell for field, cell in _pairs(held, place))
    if timed or held.rows in ALWAYS_BY_CONTENT:
        return f"{held.rows}:{digest(held.columns, held.cells[place])}"
    return f"{held.rows}:{held.file}:{held.numbers[place]}"


def _pairs(held: Chunk, place: int) -> Iterator[tuple[str, str]]:
    return zip(held.fields, held.cells[place], strict=False)


# A level without a time is one at its receipt: that it is the same as last week's says something.
TIMED: Final = {
    "stock": ("at",),
    "prices": ("at",),
    "costs": ("at",),
    "store_visits": ("visited_at",),
}
ALWAYS_BY_CONTENT: Final = frozenset(("customers", "spend", "payouts"))


# ---- a row's cells -----------------------------------------------------------------------------------


def _rows(held: Chunk, style: Style) -> list[Row]:
    types = {field.name: field.type for field in TABLES[held.rows].fields}
    wanted = {folded(header): field for header, field in style.columns.items()}
    plan = []
    for place, (column, field) in enumerate(zip(held.columns, held.fields, strict=True)):
        name = wanted.get(folded(column), field) if wanted else field
        if name and name != NONE and (name in types or name.startswith(OWN)):
            path = f"properties.{name}" if held.rows in KEYED else name
            plan.append((place, name, types.get(name, TEXT), path))
    faults = {fault.place: fault for fault in held.faults}
    needed = {name for need in TABLES[held.rows].needs if len(need) == 1 for name in need}
    return [_row(line, plan, style, needed, faults.get(place)) for place, line in enumerate(held.cells)]


def _row(
    line: Sequence[str],
    plan: list[tuple[int, str, str, str]],
    style: Style,
    needed: set[str],
    fault: Fault | None,
) -> Row:
    values: dict[str, str] = {}
    lost: dict[str, str] = {}
    why = _refusal(fault)
    width = len(line)
    for place, name, kind, path in plan:
        cell = line[place] if place < width else ""
        if not cell or name in values:
            continue
        try:
            value = cells.text(cell) if kind == TEXT else cells.read(kind, cell, style.dates, path)
        except Rejection as found:
            lost[name] = cell.strip()
            if name in needed:
                values[name] = lost.pop(name)
                why = why or found
            continue
        if value:
            values[name] = _moment(value, style) if kind == TIME and style.zone else value
    return Row(values, lost, why)


def _refusal(fault: Fault | None) -> Rejection | None:
    why = FAULTS.get(fault.code) if fault else None
    return Rejection(why, "", **fault.params) if why and fault else None


def _moment(value: str, style: Style) -> str:
    """A time in the connector's own zone; a date alone stays a date."""
    found = normalise.moment(value, style.zone) if style.zone and len(value) > len("2026-03-01") else None
    return found.isoformat() if found else value


# ---- what they say ------------------------------------------------------------------------------------


def _person(rows: Sequence[Row], into: Message, below: dict[str, Any]) -> None:
    """Who it is about: the first of the rows that says it."""
    user = _first(rows, "user_id")
    if user:
        into["userId"] = user
    for name in IDENTIFIERS:
        value = _first(rows, name)
        if value:
            below[name] = value


def _first(rows: Sequence[Row], name: str) -> str:
    for row in rows:
        value = row.values.get(name)
        if value:
            return value
    return ""


def _own(rows: Sequence[Row], start: str, into: dict[str, Any]) -> None:
    """Columns that a setting sends to a property or trait of its own."""
    for row in rows:
        for name, value in row.values.items():
            if name.startswith(start):
                into.setdefault(name[len(start) :], value)


def _lost(rows: Sequence[Row], into: dict[str, Any]) -> None:
    found = {name: value for row in rows for name, value in row.lost.items()}
    if found:
        into[LOST] = found


def _order(_table: str, rows: Sequence[Row], style: Style, name: str) -> Iterator[Message]:
    """Order Completed, with a line for each row; and that it was cancelled or refunded, where its status says so."""
    properties: dict[str, Any] = {"order_id": _first(rows, "order_id")}
    for field in OF_AN_ORDER:
        value = _first(rows, field)
        if value:
            properties[field] = value
    if style.currency:
        properties.setdefault("currency", style.currency)
    lines = [line for line in map(_line, rows) if line]
    total = _first(rows, "total") or _sum(rows, lines, properties.get("shipping", ""))
    if total:
        properties["total"] = total
    if lines:
        properties["products"] = lines
    message: Message = {
        "type": "track",
        "event": "Order Completed",
        "messageId": name,
        "properties": properties,
    }
    _person(rows, message, properties)
    _own(rows, OWN[0], properties)
    _lost(rows, properties)
    at = _first(rows, "ordered_at")
    if at:
        message["timestamp"] = at
    yield message
    yield from _undone(rows, message, name, at)


def _undone(rows: Sequence[Row], order: Message, name: str, at: str) -> Iterator[Message]:
    said_status = _first(rows, "status")
    status = folded(said_status) if said_status else ""
    if status not in CANCELLED and status not in REFUNDED:
        return
    event = "Order Cancelled" if status in CANCELLED else "Order Refunded"
    number = order["properties"]["order_id"]
    said: dict[str, Any] = {"order_id": number}
    if status in REFUNDED:
        said["refund_id"] = f"{number}:refund"
    message: Message = {"type": "track", "event": event, "messageId": f"{name}:{status}", "properties": said}
    _person(rows, message, said)
    when = _first(rows, "cancelled_at") or _first(rows, "updated_at") or at
    if when:
        message["timestamp"] = when
    yield message


def _line(row: Row) -> dict[str, str]:
    line = {name: row.values[field] for field, name in OF_A_LINE.items() if field in row.values}
    if not line:
        return line
    if "price" not in line and (whole := _number(row.values.get("line_total", ""))) is not None:
        quantity = _number(line.get("quantity", "1"))
        if quantity:
            line["price"] = format((whole / quantity).normalize(), "f")
    return line


def _sum(rows: Sequence[Row], lines: Sequence[Mapping[str, str]], shipping: str) -> str:
    """What the lines come to, with the shipping; "" where a number is none: then the total is missing, and said."""
    total = _number(shipping) or Decimal(0)
    for row in rows:
        whole = _number(row.values.get("line_total", ""))
        if whole is None:
            price = _number(row.values.get("price", ""))
            quantity = _number(row.values.get("quantity", "1"))
            if price is None or quantity is None:
                return ""
            whole = price * quantity - abs(_number(row.values.get("line_discount", "0")) or Decimal(0))
        total += whole
    return format(total, "f") if lines else ""


@lru_cache(maxsize=20_000)
def _number(text: str) -> Decimal | None:
    try:
        return money.number(text)
    except InvalidOperation:
        return None


def _customer(_table: str, rows: Sequence[Row], _style: Style, name: str) -> Iterator[Message]:
    """identify, and Membership Joined where the file says when that was."""
    values = rows[0].values
    traits: dict[str, Any] = {
        field: value
        for field, value in values.items()
        if field not in ("user_id", "updated_at") and not field.startswith(OWN)
    }
    message: Message = {"type": "identify", "messageId": name, "traits": traits}
    _person(rows, message, traits)
    _own(rows, OWN[1], traits)
    _lost(rows, traits)
    if "updated_at" in values:
        message["timestamp"] = values["updated_at"]
    yield message
    number, joined = values.get("member_no"), values.get("joined_at")
    if not (number and joined):
        return
    properties: dict[str, Any] = {"member_no": number}
    if "tier" in values:
        properties["tier"] = values["tier"]
    member: Message = {
        "type": "track",
        "event": "Membership Joined",
        "messageId": f"joined:{number}",  # once, however often the customer's row changes
        "timestamp": joined,
        "properties": properties,
    }
    if "user_id" in values:
        member["userId"] = values["user_id"]
    yield member


def _visit(_table: str, rows: Sequence[Row], _style: Style, name: str) -> Iterator[Message]:
    values = rows[0].values
    properties: dict[str, Any] = {field: values[field] for field in ("store", "staff") if field in values}
    message: Message = {
        "type": "track",
        "event": "Store Visited",
        "messageId": name,
        "properties": properties,
    }
    _person(rows, message, properties)
    _own(rows, OWN[0], properties)
    _lost(rows, properties)
    if "visited_at" in values:
        message["timestamp"] = values["visited_at"]
    yield message


def _record(table: str, rows: Sequence[Row], style: Style, name: str) -> Iterator[Message]:
    """A record of goods or money."""
    values = rows[0].values
    record: Message = {"type": RECORDS[table], "messageId": name}
    for field, value in values.items():
        if not field.startswith(OWN):
            record[OF_A_RECORD.get(field, field)] = value
    if "tags" in record:
        record["tags"] = [
            tag for tag in record["tags"].replace("，", ",").replace("、", ",").split(",") if tag.strip()
        ]
    if style.currency and table in ("prices", "costs", "spend", "payouts"):
        record.setdefault("currency", style.currency)
    if table == "payouts":
        _settle_bill(record, name)
    yield record


def _settle_bill(record: Message, name: str) -> None:
    """A line of a bill without a number of its own is known by what it says: an order may have several. What the
    platform kept stands in bills as a deduction, below 0; fees are amounts."""
    record.setdefault("id", name)
    if "fees" in record:
        record["fees"] = [{"kind": "fees", "amount": record["fees"].removeprefix("-")}]


READERS: Final[Mapping[str, Callable[[str, Sequence[Row], Style, str], Iterator[Message]]]] = {
    "orders": _order,
    "order_lines": _order,
    "customers": _customer,
    "store_visits": _visit,
    **dict.fromkeys(RECORDS, _record),
}
KEYED: Final = frozenset(("orders", "order_lines"))  # rows that are gathered by the order they are of


def key(cell: str) -> str:
    """The order that a row is of, by its cell; "" where it says none, or its number has lost digits."""
    try:
        return cells.read(ID, cell)
    except Rejection:
        return ""


def rows_of(body: str, position: int) -> str | None:
    """The rows of a file that a message was made of, as JSON: each with its number and its cells by column."""
    try:
        held = chunk.read(body)
        groups = [one.group for one in said(held, PLAIN)]
        first, after = list(held.spans())[groups[position]]
    except (msgspec.MsgspecError, KeyError, IndexError, ValueError):
        return None
    found = [
        {"row": held.numbers[place] or None}
        | {column: cell for column, cell in zip(held.columns, held.cells[place], strict=False) if cell}
        for place in range(first, after)
    ]
    return msgspec.json.encode(found).decode()
