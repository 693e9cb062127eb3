"""A reject as a request of the same connector once more: same messageId, same time. Not here: which ones (rejects.py).

What the first request said for all its messages (door, context, sentAt) is written into the item, and so is the time
that its clock gave, for the new receipt says nothing about it. What is kept of its headers stays beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from channels import protocol, sender
from channels.inbox.log import Received
from channels.mapping import clock, decode, deliveries, mapped
from channels.mapping.cleaning import TYPES
from channels.protocol import BATCH, DELIVERED, PULL
from channels.reasons import Rejection
from channels.snapshot import Snapshot

MOST_ITEMS = 100  # of one new request


class Kept(NamedTuple):
    """A reject as it lies in its table."""

    id: UUID
    connector: int
    message_id: str
    request: UUID
    received_at: datetime
    raw: str
    edited: bool = False  # by a person: it is no longer what came


class First(NamedTuple):
    """A request in which a message came first."""

    door: str
    body: str
    sender: str | None = None


GONE = First(BATCH, "{}")


class Resent(NamedTuple):
    """A new request and the rejects it is made of, in the order of its items."""

    row: Received
    kept: list[Kept]
    items: list[msgspec.Raw]
    whole: bool = False  # a payload: any number of messages may come of it


def requests(
    rejects: Sequence[Kept], first: Mapping[UUID, First], snapshot: Snapshot, now: datetime
) -> list[Resent]:
    """New requests for the rejects. `first`: the requests in which they came, where these are left."""
    groups: dict[tuple[int, str, str | None, UUID | None], list[tuple[Kept, msgspec.Raw]]] = {}
    opened: dict[UUID, decode.Opened] = {}
    for kept in rejects:
        came = first.get(kept.request, GONE)
        door = came.door
        if kept.request not in opened:
            opened[kept.request] = _around(door, came.body)
        if door in DELIVERED:
            came = _delivered(kept, came, snapshot)
        if is_mapped(kept, snapshot):
            came = came._replace(sender=sender.mapped(came.sender))
        elif is_payload(kept, snapshot):
            name = kept.message_id.removeprefix(mapped.PAYLOAD)
            came = came._replace(sender=sender.again(came.sender, name, str(kept.request)))
        again = _again(came.door)
        item = _item(kept, came, opened[kept.request], snapshot)
        alone = None if protocol.door(again).items and not is_payload(kept, snapshot) else kept.id
        groups.setdefault((kept.connector, again, came.sender, alone), []).append((kept, item))
    found = []
    for (connector, door, said, _alone), members in groups.items():
        for start in range(0, len(members), MOST_ITEMS):
            part = members[start : start + MOST_ITEMS]
            row = Received(uuid4(), now, connector, door, len(part), "", 0, said)
            whole = door in DELIVERED or is_payload(part[0][0], snapshot)
            resent = Resent(row, [kept for kept, _ in part], [item for _, item in part], whole)
            found.append(only(resent, range(len(part))))
    return found


def is_payload(kept: Kept, snapshot: Snapshot) -> bool:
    """Whether its text is what a mapping reads: it could not, or there was none yet."""
    versions = snapshot.mappings.get(kept.connector)
    if versions is None:
        return False
    return kept.message_id.startswith(mapped.PAYLOAD) or versions.at(kept.received_at) is None


def is_mapped(kept: Kept, snapshot: Snapshot) -> bool:
    """Whether its text is a message that a mapping made."""
    return kept.connector in snapshot.mappings and not is_payload(kept, snapshot)


def _again(door: str) -> str:
    """The door that reads a message as the one did through which it came."""
    return BATCH if protocol.door(door).utc and door != protocol.RECORDS else door


def _delivered(kept: Kept, came: First, snapshot: Snapshot) -> First:
    """Of a platform's delivery: it whole where it could not be read, else the message of ours that was made of it."""
    said = sender.read(came.sender).hook or sender.Hooked()
    speaks = deliveries.speaks(snapshot.connectors[kept.connector].kind)
    payload = kept.message_id.startswith(mapped.PAYLOAD)
    if speaks if payload else _first_of_it(kept) or (speaks and is_payload(kept, snapshot)):
        part = came.door == PULL if payload else kept.raw != deliveries.shown(came.body, said)
        parsed = speaks and part  # an item of a page is no page
        return came._replace(sender=sender.of_hook(replace(said, encoded=False, parsed=parsed)))
    try:
        found = msgspec.json.decode(decode.mended(kept.raw))
    except (msgspec.MsgspecError, RecursionError):
        found = {}
    record = isinstance(found, dict) and mapped.is_record(found)
    return First(protocol.RECORDS if record else "webhook", "{}")


def _first_of_it(kept: Kept) -> bool:
    """Whether it is what a delivery's first message is called that has no name: so is one that cannot be read."""
    return kept.message_id == f"{kept.request}-0"


def only(resent: Resent, positions: Sequence[int]) -> Resent:
    """The same request with these of its items."""
    items = [resent.items[position] for position in positions]
    door = resent.row.door
    field = protocol.door(door).items
    whole = {field or BATCH: items} if field or not items else items[0]
    body = msgspec.json.encode(whole).decode() if door not in DELIVERED else bytes(items[0]).decode()
    row = resent.row._replace(n=len(items), body=body)
    return Resent(row, [resent.kept[position] for position in positions], items, resent.whole)


def _around(door: str, body: str) -> decode.Opened:
    """What the request said beside its items."""
    return decode.opened(door, body) if protocol.door(door).items else decode.Opened([])


def _item(kept: Kept, came: First, around: decode.Opened, snapshot: Snapshot) -> msgspec.Raw:
    """The item with everything that its first request added to it; what is no object stays as it is."""
    door, raw = came.door, decode.mended(kept.raw)
    if door in DELIVERED:
        return msgspec.Raw(kept.raw.encode("utf-8", "replace"))
    if is_payload(kept, snapshot):
        return msgspec.Raw(_valid(raw))
    try:
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError):
        return msgspec.Raw(_valid(raw))
    added: dict[str, Any] = {"messageId": kept.message_id}
    if door == protocol.RECORDS:
        if not _given(fields, "at"):
            added["at"] = kept.received_at.isoformat()
    else:
        if door in TYPES:
            added["type"] = door
        if around.context:
            added["context"] = {**around.context, **_object(fields.get("context"))}
        context = added.get("context") or _object(fields.get("context"))
        sending = clock.sending(sender.read(came.sender), context)
        added |= _times(fields, kept, around, (_zone(door, kept, snapshot), sending))
    return msgspec.Raw(msgspec.json.encode({**fields, **added}))


def _valid(raw: str) -> str:
    """A text that is no JSON object, as JSON: a list may hold it."""
    try:
        msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return msgspec.json.encode(raw).decode()
    return raw


def _zone(door: str, kept: Kept, snapshot: Snapshot) -> Any:
    return UTC if protocol.door(door).utc else snapshot.connectors[kept.connector].channel.zone


def _times(
    fields: dict[str, Any], kept: Kept, around: decode.Opened, clocks: tuple[Any, clock.Sending]
) -> dict[str, Any]:
    """The time as its first receipt gave it, said so that nothing corrects it again."""
    sent = _plain(fields.get("sentAt"))
    given = (
        _plain(fields.get("timestamp")),
        _plain(fields.get("originalTimestamp")),
        around.sent_at if clock.blank(sent) else sent,
    )
    try:
        at = clock.settle(given, kept.received_at, *clocks).at.isoformat()
    except Rejection:
        return {}
    return {"timestamp": at, "originalTimestamp": at}


def _plain(value: msgspec.Raw | None) -> Any:
    if value is None:
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError):
        return bytes(value).decode("utf-8", "replace")


def _given(fields: dict[str, Any], name: str) -> bool:
    return not clock.blank(_plain(fields.get(name)))


def _object(value: msgspec.Raw | None) -> dict[str, Any]:
    found = _plain(value)
    return found if isinstance(found, dict) else {}
