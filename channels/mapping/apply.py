"""A batch of inbox rows -> what is understood of it and what is not. No clock of its own; only `snapshot` reads tables.

Not here: how a field is read (decode, clock, cleaning, meaning, records), writing anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from cdp.kernel import normalise
from cdp.kernel.db import Connection
from cdp.kernel.event import Bad, Prepared, event_id
from channels import snapshot as settings_now
from channels.mapping import cleaning, decode, records
from channels.mapping.decode import Item, Opened, Unfit
from channels.mapping.origin import Named, Origin
from channels.snapshot import Snapshot

RECORDS = "records"
# Doors of the tracking protocol, where a time without an offset is UTC; through others it is the channel's.
OURS = cleaning.TYPES | {"batch", "item", "merge", "pixel", RECORDS}
# Doors whose body is one message, whatever else stands in it. A type's own door says the type.
SINGLE = cleaning.TYPES | {"item", "merge", "pixel", "webhook"}
TYPED = cleaning.TYPES | {"merge"}
STOPS_THE_WORKER = "stops_worker"


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


def snapshot(db: Connection, workspace: int, blocked: Sequence[tuple[str, str]] = ()) -> Snapshot:
    """The settings to read a batch by. `blocked`: the workspace's own (kind, pattern) of values that are none."""
    return settings_now.of(db, workspace, blocked)


def prepare(rows: Iterable[Row], snapshot: Snapshot) -> Prepared:
    """Every item of the rows, once: cleaned, or a reject with its reason. Never raises for what stands in a body.

    In the order of their receipt; within a request as they stand there.
    """
    prepared = Prepared(snapshot.workspace, [], [], [])
    for row in sorted(rows, key=_receipt):
        opened, origin = _open(row, snapshot)
        if opened.records:
            for position, raw in enumerate(opened.items):
                _put_record(raw, position, origin, prepared)
        else:
            for position, raw in enumerate(opened.items):
                _put_message(raw, position, origin, prepared)
    return prepared


def messages(row: Row, snapshot: Snapshot, first: int = 0, apart: int | None = None) -> Iterator[Prepared]:
    """The same, item by item from the first on: for a request that stopped its worker. `apart`: the one that did."""
    opened, origin = _open(row, snapshot)
    put = _put_record if opened.records else _put_message
    for position, raw in enumerate(opened.items[first:], first):
        prepared = Prepared(snapshot.workspace, [], [], [])
        if position == apart:
            prepared.bads.append(set_apart(row, snapshot, position))
        else:
            put(raw, position, origin, prepared)
        yield prepared


def set_apart(row: Row, snapshot: Snapshot, position: int) -> Bad:
    """The reject for the item that stops every worker that takes it up."""
    opened, origin = _open(row, snapshot)
    raw = opened.items[position]
    try:
        own = decode.item(raw).message_id
    except Unfit:
        own = None
    why = Unfit(
        STOPS_THE_WORKER, "", "This message ended the process that worked on it, time and again: report it."
    )
    return _bad(raw, _named(own, origin, position), origin, why)


def _receipt(row: Row) -> tuple[datetime, int]:
    return row.received_at, row.request.int


def _open(row: Row, snapshot: Snapshot) -> tuple[Opened, Origin]:
    opened = decode.opened(row.body, single=row.door in SINGLE, records=row.door == RECORDS)
    connector = snapshot.connectors[row.connector_id]
    origin = Origin(
        snapshot=snapshot,
        connector=connector,
        request=row.request,
        received_at=row.received_at,
        zone=UTC if row.door in OURS else connector.channel.zone,
        type=row.door if row.door in TYPED else None,
        context=opened.context,
        sent_at=opened.sent_at,
    )
    return opened, origin


def _named(own: object, origin: Origin, position: int) -> Named:
    """Its messageId, else one made of its place: the same however often the row is worked."""
    message_id = own.strip() if type(own) is str and "\x00" not in own else normalise.text(own)
    message_id = message_id or f"{origin.request}-{position}"
    return Named(event_id(origin.connector.uuid, message_id), message_id, position)


def _put_message(raw: bytes, position: int, origin: Origin, into: Prepared) -> None:
    item = Item()
    try:
        item = decode.item(raw)
    except Unfit as why:
        into.bads.append(_bad(raw, _named(None, origin, position), origin, why))
        return
    named = _named(item.message_id, origin, position)
    try:
        into.cleans.append(cleaning.clean(item, raw, origin, named))
    except Unfit as why:
        into.bads.append(_bad(raw, named, origin, why))


def _put_record(raw: bytes, position: int, origin: Origin, into: Prepared) -> None:
    own: object = None
    try:
        values = decode.record(raw)
        own = values.get("messageId")
        into.records.append(records.clean(values, raw, origin, _named(own, origin, position)))
    except Unfit as why:
        into.bads.append(_bad(raw, _named(own, origin, position), origin, why))


def _bad(raw: bytes, named: Named, origin: Origin, why: Unfit) -> Bad:
    return Bad(
        id=named.id,
        message_id=named.message_id,
        connector=origin.connector.id,
        request=origin.request,
        position=named.position,
        received_at=origin.received_at,
        reason=why.reason,
        field=why.field,
        hint=why.hint,
        raw=raw.decode("utf-8", "replace"),
    )
