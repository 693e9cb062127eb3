"""The door of platforms' hooks: which connector an address is, whether a delivery is the platform's, what is answered.

The request is kept as it came, its headers beside it, and worked later like any other; a handshake and a wrong
signature are answered at once and not kept. Not here: HTTP and the commit (receive.py), what a platform signs
(connectors/), reading what was kept (mapping/deliveries.py).
"""

import base64
from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID

from channels import connectors, sender
from channels.connect import connections
from channels.connect.connections import Kept
from channels.connectors.base import Delivery, Forged, Reply
from kernel.db import Connection, Statements, rows
from kernel.errors import Refused

sql = Statements(__file__)

DOOR: Final = "hook"
MOST_HEADERS: Final = 16 * 1024  # bytes of them that are kept
# Headers that say nothing of the delivery, or hold what must not lie in the inbox.
NOT_KEPT: Final = frozenset(
    (
        *("accept", "accept-encoding", "accept-language", "authorization", "cache-control", "connection"),
        *("content-length", "cookie", "expect", "forwarded", "host", "keep-alive", "origin", "pragma"),
        *("proxy-authorization", "referer", "te", "traceparent", "tracestate", "upgrade", "via"),
        *("x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-real-ip"),
    )
)
# What a text column or a group of bodies cannot hold.
ODD: Final = ("\x00", "\x1e")


class Hook(NamedTuple):
    """A connector that takes deliveries, by the uuid of its address."""

    connector: int
    workspace: int
    uuid: UUID
    enabled: bool
    rate_limit: int | None
    kept: Kept


class Judged(NamedTuple):
    """What becomes of a delivery. `text` None: nothing is kept. `forged`: why it is not the platform's."""

    reply: Reply
    text: str | None = None
    sender: str | None = None
    forged: str = ""


def find(db: Connection, address: str) -> Hook | None:
    """The hook of an address; None when there is none, or its connector takes no deliveries."""
    try:
        uuid = UUID(address)
    except ValueError:
        return None
    found = rows(db, sql["hook"], uuid=uuid)
    if not found:
        return None
    connector, workspace, enabled, limit, kind, settings, sealed, zone, currency, app = found[0]
    if kind not in connectors.KINDS or connectors.KINDS[kind].verify is None:
        return None
    kept = Kept(kind, str(uuid), settings, sealed, zone, currency, app)
    return Hook(connector, workspace, uuid, enabled, limit, kept)


def judge(hook: Hook, delivery: Delivery, now: float) -> Judged:
    """What is answered and what is kept. Never raises for what stands in a delivery; `now` in epoch seconds."""
    kind = connectors.KINDS[hook.kept.kind]
    try:
        connection = connections.opened(hook.kept)
        reply = kind.handshake(connection, delivery)
        if reply is not None:
            return Judged(reply)
        if kind.verify is None:
            raise Forged("no_signature", "This connector takes no deliveries.")
        kind.verify(connection, delivery, now)
        return _keeping(kind.accepted(connection), kind.withheld(connection.settings), delivery)
    except Forged as why:
        return Judged(kind.refused(why), forged=why.code)
    except Refused as why:  # a key on the connector's page that is none
        return Judged(kind.refused(why), forged=why.code)


def _keeping(reply: Reply, withheld: tuple[str, ...], delivery: Delivery) -> Judged:
    text, encoded = as_text(delivery.body)
    headers = _kept(delivery.headers, withheld)
    said = sender.of_hook(sender.Hooked(headers, delivery.query, encoded))
    return Judged(reply, text, said)


def as_text(body: bytes) -> tuple[str, bool]:
    """A body as text, and whether in base64: what is no text is kept byte for byte."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
    if any(sign in text for sign in ODD):
        return base64.b64encode(body).decode(), True
    return text, False


def _kept(headers: Mapping[str, str], withheld: tuple[str, ...]) -> dict[str, str]:
    found, size = {}, 0
    for name, value in headers.items():
        if name in NOT_KEPT or name in withheld:
            continue
        size += len(name) + len(value)
        if size > MOST_HEADERS:
            break
        found[name] = value.replace("\x00", "").replace("\x1e", "")
    return found


def plain(text: str, said: sender.Hooked) -> bytes:
    """The body again, out of what was kept of it."""
    return base64.b64decode(text) if said.encoded else text.encode()
