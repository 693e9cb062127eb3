"""For the tests of mapping: a workspace's settings as plain values, and bodies to be understood by them."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from channels import protocol
from channels.connect.connections import Kept
from channels.inbox.log import Received
from channels.mapping.apply import prepare
from channels.snapshot import ChannelSettings, ConnectorSettings, Snapshot
from kernel.event import Clean, Prepared, Record, RejectedMessage

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEB = ChannelSettings(1, "web", "CNY", SHANGHAI, "CN")
TOKYO = ChannelSettings(2, "tokyo", "JPY", ZoneInfo("Asia/Tokyo"), "JP")
HTTP = Kept("http", str(UUID(int=1)), "{}", "", "Asia/Shanghai", "CNY", "web")
PLAIN = ConnectorSettings(1, UUID(int=1), WEB, "web", previous_is_user=False, kept=HTTP)
APP = ConnectorSettings(2, UUID(int=2), WEB, "wx-app", previous_is_user=True, kept=HTTP)
JAPAN = ConnectorSettings(3, UUID(int=3), TOKYO, "tokyo", previous_is_user=False, kept=HTTP)
SETTINGS = Snapshot(
    workspace=1,
    zone=SHANGHAI,
    currency="CNY",
    secret=b"tests",
    connectors={one.id: one for one in (PLAIN, APP, JAPAN)},
    channels={"web": WEB, "tokyo": TOKYO},
)


def received(body: Any, door: str = "batch", connector: int = 1, sender: str | None = None) -> Received:
    """A request as it lies in the inbox."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Received(uuid4(), NOON, connector, door, 1, text, 1, sender)


def understood(
    *items: Any,
    door: str = "batch",
    connector: int = 1,
    settings: Snapshot = SETTINGS,
    sender: str | None = None,
    **around: Any,
) -> Prepared:
    """The items, sent as one request (through a door of one type: one request each)."""
    if not protocol.door(door).items:
        rows = [received(item, door, connector, sender) for item in items]
    else:
        listed = {"records" if door == "records" else "batch": list(items), **around}
        rows = [received(listed, door, connector, sender)]
    return prepare(rows, settings)


def clean(item: Any, **how: Any) -> Clean:
    """The one message, which must be good."""
    prepared = understood(item, **how)
    assert not prepared.bads, prepared.bads
    return prepared.cleans[0]


def bad(item: Any, **how: Any) -> RejectedMessage:
    """The one item, which must be bad."""
    prepared = understood(item, **how)
    assert not prepared.cleans
    assert not prepared.records
    return prepared.bads[0]


def record(item: Any, **how: Any) -> Record:
    """The one record, which must be good."""
    prepared = understood(item, door="records", **how)
    assert not prepared.bads, prepared.bads
    return prepared.records[0]


def seen(**more: Any) -> dict[str, Any]:
    """A track of a person who looked at something."""
    return {"type": "track", "event": "Product Viewed", "userId": "u-1", **more}


def ids(message: Clean) -> set[tuple[str, str, str]]:
    """Its identifiers, plainly."""
    return {(one.kind, one.namespace, one.value) for one in message.identifiers}
