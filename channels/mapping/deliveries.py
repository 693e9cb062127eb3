"""A platform's delivery out of the inbox -> messages of ours, by its connector's kind. Not here: the door (hooks.py),
what a platform's fields mean (connectors/).

Read anew on every rebuild, by today's code and settings. What a kind does not understand is a reject with the body as
it came; it never stops the batch.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from channels import connectors, hooks
from channels.connect import connections
from channels.connectors.base import Connection, ConnectorKind, Delivery, Message, Payload, Unusable, Wanted
from channels.mapping import decode, mapped
from channels.mapping.decode import Opened
from channels.mapping.mapped import Source, is_record
from channels.reasons import NOT_TAKEN_HERE, NOT_UNDERSTOOD, Rejection
from channels.sender import Hooked
from channels.snapshot import ConnectorSettings

T = TypeVar("T")

logger = logging.getLogger("huiliu.deliveries")

POST = "POST"
ENCODER = msgspec.json.Encoder(decimal_format="string")


def opened(connector: ConnectorSettings, body: str, said: Hooked, received_at: datetime) -> Opened:
    """The messages of a delivery; raises Rejection for one that cannot be read."""

    def read(kind: ConnectorKind, connection: Connection, delivery: Delivery) -> Opened:
        if said.parsed:
            return Opened([body.encode()], mixed=[is_record(decode.record(body.encode()))])
        wanted: list[Wanted] = []
        given = list(_said(kind, connection, delivery, received_at, wanted))
        found = [one.message if isinstance(one, Unusable) else one for one in given]
        whys = {place: one.why for place, one in enumerate(given) if isinstance(one, Unusable)}
        items = [ENCODER.encode(one) for one in found]
        return Opened(items, mixed=[is_record(one) for one in found], whys=whys, wanted=wanted)

    return _read(connector, body, said, read)


def sources(
    connector: ConnectorSettings, body: str, said: Hooked, received_at: datetime, wanted: list[Wanted]
) -> list[Source]:
    """What a mapping reads of a delivery: its payloads, or the messages of a kind that reads them itself. What it only
    names comes to `wanted`.
    """

    def read(kind: ConnectorKind, connection: Connection, delivery: Delivery) -> list[Source]:
        if said.parsed:
            return [Source(decode.record(body.encode()), body.encode())]
        if kind.payloads is None:
            return [_ours(one) for one in _said(kind, connection, delivery, received_at, wanted)]
        found = list(kind.payloads(connection, delivery))
        whole = (
            [shown(body, said).encode()]
            if len(found) == 1 and not found[0].part
            else map(mapped.ENCODER.encode, _values(found))
        )
        return [Source(one.value, raw, one.id) for one, raw in zip(found, whole, strict=True)]

    return _read(connector, body, said, read)


def speaks(kind: str) -> bool:
    """Whether a mapping reads the payloads of a kind as they are; else the messages that it makes of them."""
    found = connectors.KINDS.get(kind)
    return found is not None and found.payloads is not None


def _said(
    kind: ConnectorKind,
    connection: Connection,
    delivery: Delivery,
    received_at: datetime,
    wanted: list[Wanted],
) -> Iterator[Message | Unusable]:
    """A delivery's messages; what it only names says nothing yet, and comes to `wanted`."""
    if kind.messages is None:
        raise Rejection(NOT_TAKEN_HERE, kind=kind.name)
    for one in kind.messages(connection, delivery, received_at):
        if isinstance(one, Wanted):
            wanted.append(one)
        else:
            yield one


def _ours(given: Message | Unusable) -> Source:
    """A message as a mapping reads it. Of one that cannot be used only what it is: what it lacks refuses it."""
    message = _bare(given.message) if isinstance(given, Unusable) else given
    own = message.get("messageId")
    raw = mapped.ENCODER.encode(message)
    return Source(message, raw, own if isinstance(own, str) else "", ours=True, record=is_record(message))


def _bare(message: Message) -> Message:
    return {name: message[name] for name in ("type", "event", "messageId") if name in message}


def _values(found: Iterable[Payload]) -> Iterable[Any]:
    return (one.value for one in found)


def _read(
    connector: ConnectorSettings,
    body: str,
    said: Hooked,
    read: Callable[[ConnectorKind, Connection, Delivery], T],
) -> T:
    """What `read` makes of a delivery; a kind that fails at one is no reason to stop."""
    kind = connectors.KINDS.get(connector.kind)
    if kind is None:
        raise Rejection(NOT_TAKEN_HERE, kind=connector.kind)
    try:
        delivery = Delivery(POST, said.headers, said.query, hooks.plain(body, said))
        return read(kind, connections.opened(connector.kept), delivery)
    except Rejection:
        raise
    except Exception as why:
        logger.exception("a delivery of %s was not understood", connector.uuid)
        raise Rejection(NOT_UNDERSTOOD, kind=str(kind.name)) from why


def shown(body: str, said: Hooked) -> str:
    """A delivery's body for people: as text, whatever it was kept as."""
    return hooks.plain(body, said).decode("utf-8", "replace").replace("\x00", "") if said.encoded else body
