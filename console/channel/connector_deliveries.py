"""What a connector brought last, delivery by delivery, and what became of it. Not here: reading the inbox
(channels/inbox/live.py), message by message (console/event/live.py).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from channels.inbox import live
from channels.models import Connector
from console.event import event
from console.event import live as messages
from kernel.web import access

SHOWN: Final = 10
# What became of a message, in the order in which it is told: what needs somebody first.
ORDER: Final = (live.REJECTED, live.WAITING, live.STORED, live.REPEAT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many messages of a delivery became the same."""

    tone: str
    word: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A delivery."""

    at: datetime
    said: str  # its first message; empty: it brought none
    name: str  # the same as it was sent
    more: int  # messages beside the first
    address: str  # of what became of the first; empty: nowhere yet
    why: str
    outcomes: list[Outcome]


def rows(connector: Connector, *, masked: bool) -> list[Row]:
    """The last ones, the newest first."""
    found = live.deliveries(connection, connector.workspace_id, connector.pk, SHOWN)
    return [_row(one, connector, masked=masked) for one in found]


def _row(one: live.Delivery, connector: Connector, *, masked: bool) -> Row:
    counted = Counter(item.state for item in one.items)
    worst = min(one.items, key=lambda item: ORDER.index(item.state), default=None)
    shown = messages.row(worst, connector, masked) if worst else None
    outcomes = [Outcome(*messages.state(name), counted[name]) for name in ORDER if counted[name]]
    return Row(
        at=one.received_at,
        said=shown.said if shown else "",
        name=shown.name if shown else "",
        more=max(0, len(one.items) - 1),
        address=_address(worst, connector, masked=masked) if worst else "",
        why=shown.why if shown else "",
        outcomes=outcomes or [Outcome("line", _("nothing to keep"), 1)],
    )


def _address(item: live.Live, connector: Connector, *, masked: bool) -> str:
    """Where it is told what became of a message."""
    if item.state == live.REJECTED:
        asked = {"connector": str(connector.uuid), "open": str(item.id)}
        return reverse("rejects") + "?" + urlencode(asked)
    if item.state == live.WAITING:
        return ""
    name = access.scrub(item.message_id) if masked else item.message_id
    return event.address(name, connector.uuid)
