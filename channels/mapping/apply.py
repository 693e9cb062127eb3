"""A batch of inbox rows -> what is understood of it and what is not. No clock of its own; only `snapshot` reads tables.

Not here: how a field is read (decode, clock, cleaning, meaning, records), writing anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from channels import protocol, sender
from channels import snapshot as settings_now
from channels.mapping import cleaning, decode, deliveries, records
from channels.mapping.decode import Opened
from channels.mapping.origin import Named, Origin
from channels.reasons import Code, Rejection
from channels.snapshot import Snapshot
from kernel import values
from kernel.db import Connection
from kernel.event import Prepared, RejectedMessage, event_id


class Row(Protocol):
    """A request as it lies in the inbox."""

    @property
    def request(self) -> UUID:
        """Made by the front door before its first attempt to write."""

    @property
    def received_at(self) -> datetime:
        """Our clock."""

    @property
    def connector_id(self) -> int:
        """Whose key it came with."""

    @property
    def door(self) -> str:
        """What the path said."""

    @property
    def body(self) -> str:
        """As received."""

    @property
    def sender(self) -> str | None:
        """What is kept of its headers (channels/sender.py)."""


def snapshot(db: Connection, workspace: int, blocked: Sequence[tuple[str, str]] = ()) -> Snapshot:
    """The settings to read a batch by. `blocked`: the workspace's own (kind, pattern) of values that are none."""
    return settings_now.of(db, workspace, blocked)


def prepare(rows: Iterable[Row], snapshot: Snapshot) -> Prepared:
    """Every item of the rows, once: cleaned, or a reject with its reason. Never raises for what stands in a body.

    In the order of their receipt; within a request as they stand there.
    """
    prepared = Prepared(snapshot.workspace, [], [], [])
    for row in sorted(rows, key=_receipt):
        opened, origin, why = _open(row, snapshot)
        if why or opened.mixed is not None:
            for position, raw in enumerate(opened.items):
                _put(raw, position, origin, prepared, opened, why)
        elif opened.records:
            for position, raw in enumerate(opened.items):
                _put_record(raw, position, origin, prepared)
        else:
            for position, raw in enumerate(opened.items):
                _put_message(raw, position, origin, prepared)
    return prepared


def messages(row: Row, snapshot: Snapshot, first: int = 0, apart: Code | None = None) -> Iterator[Prepared]:
    """The same, item by item from the first on: for a request that held up its worker. `apart`: why the first did."""
    opened, origin, why = _open(row, snapshot)
    for position, raw in enumerate(opened.items[first:], first):
        prepared = Prepared(snapshot.workspace, [], [], [])
        if apart and position == first:
            prepared.bads.append(set_apart(row, snapshot, position, apart))
        else:
            _put(raw, position, origin, prepared, opened, why)
        yield prepared


def set_apart(row: Row, snapshot: Snapshot, position: int, why: Code) -> RejectedMessage:
    """The reject for the item that stops every worker that takes it up, or that takes too long."""
    opened, origin, _why = _open(row, snapshot)
    raw = opened.items[position]
    return _bad(raw, _named(decode.own_id(raw), origin, position), origin, Rejection(why))


def _receipt(row: Row) -> tuple[datetime, int]:
    return row.received_at, row.request.int


def _open(row: Row, snapshot: Snapshot) -> tuple[Opened, Origin, Rejection | None]:
    """A request's items; of a delivery that cannot be read the body alone, and why."""
    door, connector, why = protocol.door(row.door), snapshot.connectors[row.connector_id], None
    said = sender.read(row.sender)
    if said.hook is None:
        opened = decode.opened(row.door, row.body)
    else:
        try:
            opened = deliveries.opened(connector, row.body, said.hook, row.received_at)
        except Rejection as found:
            opened, why = Opened([deliveries.shown(row.body, said.hook).encode()]), found
    origin = Origin(
        snapshot=snapshot,
        connector=connector,
        request=row.request,
        received_at=row.received_at,
        zone=UTC if door.utc else connector.channel.zone,
        type=row.door if door.typed else None,
        context=opened.context,
        sent_at=opened.sent_at,
        sender=said,
    )
    return opened, origin, why


def _named(own: object, origin: Origin, position: int) -> Named:
    """Its messageId, else one made of its place: the same however often the row is worked."""
    message_id = own.strip() if type(own) is str and "\x00" not in own else values.text(own)
    message_id = message_id or f"{origin.request}-{position}"
    return Named(event_id(origin.connector.uuid, message_id), message_id, position)


def _put(
    raw: bytes, position: int, origin: Origin, into: Prepared, opened: Opened, why: Rejection | None
) -> None:
    known = why or opened.whys.get(position)
    if known:
        own = None if why else decode.own_id(raw)
        into.bads.append(_bad(raw, _named(own, origin, position), origin, known))
    elif opened.is_record(position):
        _put_record(raw, position, origin, into)
    else:
        _put_message(raw, position, origin, into)


def _put_message(raw: bytes, position: int, origin: Origin, into: Prepared) -> None:
    try:
        item = decode.item(raw)
    except Rejection as why:
        into.bads.append(_bad(raw, _named(None, origin, position), origin, why))
        return
    named = _named(item.message_id, origin, position)
    try:
        into.cleans.append(cleaning.clean(item, raw, origin, named))
    except Rejection as why:
        into.bads.append(_bad(raw, named, origin, why))


def _put_record(raw: bytes, position: int, origin: Origin, into: Prepared) -> None:
    own: object = None
    try:
        fields = decode.record(raw)
        own = fields.get("messageId")
        into.records.append(records.clean(fields, raw, origin, _named(own, origin, position)))
    except Rejection as why:
        into.bads.append(_bad(raw, _named(own, origin, position), origin, why))


def _bad(raw: bytes, named: Named, origin: Origin, why: Rejection) -> RejectedMessage:
    return RejectedMessage(
        id=named.id,
        message_id=named.message_id,
        connector=origin.connector.id,
        request=origin.request,
        position=named.position,
        received_at=origin.received_at,
        reason=why.code.reason.name,
        code=why.code.name,
        field=why.field,
        params=why.params,
        raw=raw.decode("utf-8", "replace"),
    )
