"""Where an item comes from and what it is called: what every reader of it needs. Not here: reading it."""

from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

import msgspec

from channels.plan.checker import Checker
from channels.sender import NOBODY, Sender
from channels.snapshot import ConnectorSettings, Snapshot


class Origin(msgspec.Struct, frozen=True):
    """Where a message comes from: its request and the settings it is read by."""

    snapshot: Snapshot
    connector: ConnectorSettings
    request: UUID
    received_at: datetime
    zone: tzinfo  # of times without an offset
    type: str | None  # the door's; it overrides the item's own
    context: dict[str, Any] | None  # the request's, under each item's
    sent_at: Any
    sender: Sender = NOBODY
    second_hand: bool = False  # it is about a channel whose own connectors are believed before it
    plan: Checker | None = None  # that its messages are checked by


class Named(msgspec.Struct, frozen=True):
    """An item's own name and place."""

    id: UUID
    message_id: str
    position: int
