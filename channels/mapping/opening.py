"""A row of the inbox -> its items and where they come from: a client's own, a platform's delivery, or what a mapping
makes of either. Not here: reading an item (apply.py and what it calls).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from channels import protocol, sender
from channels.language.errors import Wrong
from channels.language.mapping import Mapping
from channels.mapping import decode, deliveries, mapped
from channels.mapping.decode import Opened
from channels.mapping.mapped import Around, Made, Source
from channels.mapping.origin import Origin
from channels.reasons import Rejection
from channels.sender import Hooked, Sender
from channels.snapshot import ConnectorSettings, Snapshot

Found = tuple[Opened, Origin, Rejection | None]


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


def opened(row: Row, snapshot: Snapshot) -> Found:
    """A request's items; of a delivery that cannot be read the body alone, and why."""
    if row.sender and (left := sender.read(row.sender)).erased:
        return _left(row, snapshot, left)
    if snapshot.mappings and row.connector_id in snapshot.mappings:
        mapping = snapshot.mappings[row.connector_id].at(row.received_at)
        if mapping is not None:
            return mapped_by(row, snapshot, mapping)
    said, why = sender.read(row.sender), None
    if said.hook is None:
        found = decode.opened(row.door, row.body)
    else:
        try:
            connector = snapshot.connectors[row.connector_id]
            found = deliveries.opened(connector, row.body, said.hook, row.received_at)
        except Rejection as trouble:
            found, why = _unread(row, said.hook), trouble
    return found, origin_of(row, snapshot, found, said), why


def _left(row: Row, snapshot: Snapshot, said: Sender) -> Found:
    """What an erasure left: messages of ours, cleaned, whatever they were made of."""
    found = decode.opened(row.door, row.body)
    if row.door == protocol.KEPT:
        found.mixed = [mapped.is_record(decode.record(item)) for item in found.items]
    return found, origin_of(row, snapshot, found, said), None


def _unread(row: Row, said: Hooked) -> Opened:
    return Opened([deliveries.shown(row.body, said).encode()])


def origin_of(row: Row, snapshot: Snapshot, found: Opened, said: Sender) -> Origin:
    """Where the items of a request come from."""
    door, connector = protocol.door(row.door), snapshot.connectors[row.connector_id]
    return Origin(
        snapshot=snapshot,
        connector=connector,
        request=row.request,
        received_at=row.received_at,
        zone=UTC if door.utc else connector.channel.zone,
        type=row.door if door.typed else None,
        context=found.context,
        sent_at=found.sent_at,
        sender=said,
        plan=snapshot.plans.at(row.received_at) if snapshot.plans is not None else None,
    )


# ---- with a mapping -----------------------------------------------------------------------------


def mapped_by(row: Row, snapshot: Snapshot, mapping: Mapping | Wrong) -> Found:
    """The same by a mapping: what it makes stands in place of the items. Times without an offset are the channel's."""
    connector, said = snapshot.connectors[row.connector_id], sender.read(row.sender)
    around = around_of(str(row.request), row.received_at, connector, mapping)._replace(place=said.place)
    if said.hook is None:
        found = decode.opened(row.door, row.body)
        made = _items(row, found, said, mapping, around)
    else:
        around.context.headers = said.hook.headers
        found = Opened([])
        try:
            sources = deliveries.sources(connector, row.body, said.hook, row.received_at, found.wanted)
        except Rejection as why:
            unread = _unread(row, said.hook)
            return unread, origin_of(row, snapshot, unread, said), why
        made = mapped.expanded(mapping, _called(sources, said), around)
    return into(found, made), origin_of(row, snapshot, found, said), None


def around_of(
    request: str, received_at: datetime, connector: ConnectorSettings, mapping: Mapping | Wrong | None
) -> Around:
    """What is known of a request beside its payloads."""
    context = mapped.context(connector.channel.zone, connector.channel.region, mapping)
    context.received_at = received_at
    return Around(request, context)


def into(found: Opened, made: Iterable[Made]) -> Opened:
    """What was made in place of the items."""
    found.made = list(made)
    found.items = [one.raw for one in found.made]
    return found


def _items(row: Row, found: Opened, said: Sender, mapping: Mapping | Wrong, around: Around) -> Iterable[Made]:
    if said.mapped:
        return [mapped.ruled(mapping, raw, n, around) for n, raw in enumerate(found.items)]
    return mapped.expanded(mapping, _called(sources_of(row.door, found), said), around)


def _called(sources: Iterable[Source], said: Sender) -> Iterable[Source]:
    """The payload of a request that is sent again keeps the name that its sender gave it."""
    return (one._replace(id=said.called) for one in sources) if said.called else sources


def sources_of(door: str, found: Opened) -> Iterable[Source]:
    """A request's own items as payloads."""
    records = [found.is_record(n) for n in range(len(found.items))]
    return mapped.of_items(found.items, type_of=door if protocol.door(door).typed else None, records=records)


def received(row: Row, snapshot: Snapshot, position: int) -> bytes | None:
    """The item of a request, as it was received, that became the message of a position; of a delivery its body."""
    found, _origin, _why = opened(row, snapshot)
    if not 0 <= position < len(found.items):
        return None
    if found.made is None or sender.read(row.sender).hook is not None:
        return found.items[position]
    made: Made = found.made[position]
    return decode.opened(row.door, row.body).items[made.source]
