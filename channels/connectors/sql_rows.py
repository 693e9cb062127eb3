"""A page of a database's rows, as it is kept -> payloads for a mapping, or messages by what the rows are.

Not here: asking for a page (sql_pages.py), what a column means (channels/tables/).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from channels.connectors import payloads, sql_values
from channels.connectors.base import Connection, Delivery, Message, Payload, Unusable
from channels.connectors.sql_pages import ANY, LINES, Settings
from channels.reasons import NOT_AN_OBJECT, Rejection
from channels.tables import columns, rows
from channels.tables.chunk import Chunk, Group, digest
from channels.tables.rows import KEYED, Style
from kernel import money


class Read(msgspec.Struct):
    """A page as it is kept."""

    column: str
    key: str
    rows: list[dict[str, Any]]


def _read(body: bytes, exact: bool) -> Read:
    found = payloads.exact_json_of(body) if exact else payloads.json_of(body)
    try:
        return msgspec.convert(found, Read)
    except msgspec.ValidationError:
        raise Rejection(NOT_AN_OBJECT) from None


def payload(connection: Connection, delivery: Delivery) -> Iterable[Payload]:
    """Each row, for a mapping. Its name: its key, its value, what it says."""
    page = _read(delivery.body, exact=True)
    for row in page.rows:
        yield Payload(row, _name(page, row))


def _name(page: Read, row: Mapping[str, Any]) -> str:
    said = sql_values.mark(list(map(_cell, row.values())))
    key = _cell(row.get(page.key)) if page.key else ""
    return "~".join(filter(None, (key, sql_values.rank(row.get(page.column)), said)))


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterable[Message | Unusable]:
    """The rows as what they are; of any rows what stands in them, as if it were a message of ours."""
    own, page = connection.settings, _read(delivery.body, exact=False)
    if own.rows == ANY:
        for row in page.rows:
            yield row if row.get("messageId") else {**row, "messageId": _name(page, row)}
        return
    style = Style(own.columns, "ymd", None, money.currency(own.currency) or "")
    for one in rows.said(_chunk(own, page), style):
        yield Unusable(one.message, one.why) if one.why else one.message


def _chunk(own: Settings, page: Read) -> Chunk:
    """A page as rows of a file, each message under its name."""
    names = list(page.rows[0]) if page.rows else []
    fields = columns.match(own.rows, names, own.columns).fields
    cells = [[_cell(row.get(name)) for name in names] for row in page.rows]
    order = fields.index("order_id") if own.rows in KEYED and "order_id" in fields else -1
    keys = [rows.key(line[order]) if order >= 0 else "" for line in cells]
    groups, places = [], list[int]()
    for members in _together(keys, own.rows == LINES):
        said = digest(names, [cell for one in members for cell in cells[one]]) if len(members) > 1 else ""
        said = said or digest(names, cells[members[0]])
        newest = max(sql_values.rank(page.rows[one].get(page.column)) for one in members)
        named = f"order:{keys[members[0]]}~{newest}~{said}" if keys[members[0]] else f"{own.rows}:{said}"
        groups.append(Group(len(members), named))
        places += members
    return Chunk(
        rows=own.rows,
        file="",
        columns=names,
        fields=fields,
        cells=[cells[one] for one in places],
        numbers=[one + 1 for one in places],
        groups=groups,
    )


def _together(keys: Sequence[str], lines: bool) -> Iterator[list[int]]:
    """The places of rows that are one message: each by itself, lines by their order."""
    found: dict[object, list[int]] = {}
    for one, key in enumerate(keys):
        found.setdefault(key if lines and key else one, []).append(one)
    yield from found.values()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return msgspec.json.encode(value).decode()
