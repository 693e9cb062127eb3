"""A batch of inbox rows -> what is understood of it and what is not. No clock of its own; only `snapshot` reads tables.

Not here: a row's items (opening.py), how a field is read (decode, clock, cleaning, meaning, records), writing anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

import msgspec

from channels import snapshot as settings_now
from channels.language.errors import Wrong
from channels.language.mapping import Mapping
from channels.mapping import cleaning, decode, left, meaning, opening, planned, records
from channels.mapping.decode import Item, Opened
from channels.mapping.mapped import Made
from channels.mapping.opening import Row
from channels.mapping.origin import Named, Origin
from channels.reasons import Code, Rejection
from channels.snapshot import Snapshot
from kernel import periods, values
from kernel.db import Connection
from kernel.event import Cleaned, Lookup, Prepared, RejectedMessage, event_id


def snapshot(db: Connection, workspace: int, blocked: Sequence[tuple[str, str]] = ()) -> Snapshot:
    """The settings to read a batch by. `blocked`: the workspace's own (kind, pattern) of values that are none."""
    return settings_now.of(db, workspace, blocked)


def prepare(rows: Iterable[Row], snapshot: Snapshot) -> Prepared:
    """Every item of the rows, once: cleaned, or a reject with its reason. Never raises for what stands in a body.

    In the order of their receipt; within a request as they stand there.
    """
    prepared = Prepared(snapshot.workspace, [], [], [])
    for row in sorted(rows, key=_receipt):
        opened, origin, why = opening.opened(row, snapshot)
        if why or opened.mixed is not None or opened.made is not None:
            prepared.lookups += _lookups(opened, origin)
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
    opened, origin, why = opening.opened(row, snapshot)
    named = [] if first else _lookups(opened, origin)
    if named and not opened.items:
        yield Prepared(snapshot.workspace, [], [], [], lookups=named)
    for position, raw in enumerate(opened.items[first:], first):
        prepared = Prepared(snapshot.workspace, [], [], [], lookups=[] if position else named)
        if apart and position == first:
            prepared.bads.append(set_apart(row, snapshot, position, apart))
        else:
            _put(raw, position, origin, prepared, opened, why)
        yield prepared


def _lookups(opened: Opened, origin: Origin) -> list[Lookup]:
    """What a delivery only names, each by its name for good."""
    connector = origin.connector
    return [
        Lookup(connector.id, event_id(connector.uuid, one.id), one.id, one.params) for one in opened.wanted
    ]


def of_opened(opened: Opened, origin: Origin) -> Prepared:
    """What is understood of items that lie in no inbox: for who tries something."""
    prepared = Prepared(origin.snapshot.workspace, [], [], [])
    for position, raw in enumerate(opened.items):
        _put(raw, position, origin, prepared, opened, None)
    return prepared


def remade(row: Row, snapshot: Snapshot, mapping: Mapping | Wrong) -> dict[str, bytes]:
    """The messages that a mapping makes of a request, by their names: as they are now, before the rules."""
    opened, origin, _why = opening.mapped_by(row, snapshot, mapping)
    found = {}
    for position, made in enumerate(opened.made or ()):
        if made.item is not None and made.name is None:
            found[_named(_own_id(made.raw), origin, position).message_id] = made.raw
    return found


def _own_id(raw: bytes) -> object:
    try:
        return decode.item(raw).message_id
    except Rejection:
        return None


def set_apart(row: Row, snapshot: Snapshot, position: int, why: Code) -> RejectedMessage:
    """The reject for the item that stops every worker that takes it up, or that takes too long."""
    opened, origin, _why = opening.opened(row, snapshot)
    raw = opened.items[position]
    return _bad(raw, _named(_own_id(raw), origin, position), origin, Rejection(why))


def _receipt(row: Row) -> tuple[datetime, int]:
    return row.received_at, row.request.int


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
        own = None if why else _own_id(raw)
        into.bads.append(_bad(raw, _named(own, origin, position), origin, known))
    elif opened.made is not None:
        _put_made(opened.made[position], position, origin, into)
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
    if item.erased is not None and origin.sender.erased:
        _put_left(item, raw, named, origin, into)
        return
    try:
        clean = cleaning.clean(item, raw, _about(item.channel, origin), named)
        if origin.plan is not None:
            planned.check(clean, origin.plan)
        into.cleans.append(clean)
    except Rejection as why:
        into.bads.append(_bad(raw, named, origin, why))


def _put_left(item: Item, raw: bytes, named: Named, origin: Origin, into: Prepared) -> None:
    """What an erasure left of a message: what it was counted by, or its place alone. No plan asks more of it."""
    found = left.read(item.erased)
    if found is None:
        return
    named = left.named(found, named)
    try:
        about = _about(item.channel, msgspec.structs.replace(origin, context=None, sent_at=None))
        into.cleans.append(left.settled(found, cleaning.clean(item, raw, about, named)))
    except Rejection as why:
        into.bads.append(_bad(raw, named, origin, why))


def _about(said: object, origin: Origin) -> Origin:
    """Whose a message is: its connector's channel's, or of the one that a second-hand source names."""
    if said is None or not origin.connector.second_hand:
        return origin
    channel = meaning.named_channel(said, origin, "channel")
    if channel is None or channel.id == origin.connector.channel.id:
        return origin
    connector = msgspec.structs.replace(origin.connector, channel=channel)
    return msgspec.structs.replace(origin, connector=connector, second_hand=True)


def _put_record(raw: bytes, position: int, origin: Origin, into: Prepared) -> None:
    own: object = None
    try:
        fields = decode.record(raw)
        own = fields.get("messageId")
        if origin.sender.erased and "erased" in fields:
            return
        into.records.append(records.clean(fields, raw, origin, _named(own, origin, position)))
    except Rejection as why:
        into.bads.append(_bad(raw, _named(own, origin, position), origin, why))


def _put_made(made: Made, position: int, origin: Origin, into: Prepared) -> None:
    """What a mapping made. A reject keeps the message as it was mapped, before the rules: they are applied anew."""
    for did in made.did:
        key = Cleaned(origin.connector.id, _day(origin), did.field, did.part)
        changed, refused = into.cleaned.get(key, (0, 0))
        into.cleaned[key] = (changed + (not did.refused), refused + did.refused)
    if made.item is None:
        return
    if made.why is not None:
        own = _named(_own_id(made.raw) if made.name is None else made.name, origin, position)
        into.bads.append(_bad(made.raw, own, origin, made.why))
        return
    if not made.own and origin.type is not None:
        origin = msgspec.structs.replace(origin, type=None)  # the mapping says it, not the door
    before = len(into.bads)
    (_put_record if made.record else _put_message)(made.item, position, origin, into)
    if len(into.bads) > before and made.item is not made.raw:
        into.bads[-1].raw = made.raw.decode("utf-8", "replace")


def _day(origin: Origin) -> date:
    return periods.day(origin.received_at, origin.snapshot.zone)


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
        planned=why.planned if isinstance(why, planned.AgainstPlan) else None,
    )
