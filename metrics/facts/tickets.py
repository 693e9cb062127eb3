"""Tickets of after-sales: opened, first answered, resolved, opened again.

A ticket is opened again by a Ticket Opened that follows a Ticket Resolved, later than it: one that is sent twice before
anybody has resolved it is the same opening. Not here: returns and refunds (the ledger).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection
from kernel.event import Clean
from metrics.facts.base import WorkspaceSettings
from metrics.facts.messages import OPENED, RESOLVED, Fact, Message, append_facts, of_facts, said
from metrics.facts.tables import Key, Table, load, write


class Ticket(NamedTuple):
    """A ticket. Its time and person are those of its earliest message."""

    channel_id: int
    key: str
    id: UUID
    sighting_id: int | None
    occurred_at: datetime
    day: date
    opened_at: datetime | None
    resolved_at: datetime | None
    first_response_at: datetime | None
    topic: str | None
    order_id: str | None
    reopened: int = 0  # how often it was opened again
    closed_at: datetime | None = None  # the resolution that stands; None: it is open


TICKETS = Table(
    "metrics_ticket",
    Ticket,
    ("channel_id", "key"),
    {
        "channel_id": "int",
        "key": "text",
        "id": "uuid",
        "sighting_id": "bigint",
        "occurred_at": "timestamptz",
        "day": "date",
        "opened_at": "timestamptz",
        "resolved_at": "timestamptz",
        "first_response_at": "timestamptz",
        "topic": "text",
        "order_id": "text",
        "reopened": "int",
        "closed_at": "timestamptz",
    },
)


class Remade(NamedTuple):
    """Tickets as they were and as they are, by key."""

    before: Mapping[Key, Ticket]
    after: Mapping[Key, Ticket]


def apply(db: Connection, settings: WorkspaceSettings, fresh: Iterable[Clean]) -> Remade:
    """Keeps the batch's messages and makes the tickets they speak of anew."""
    facts = append_facts(db, settings.workspace, fresh, "ticket")
    if not facts:
        return Remade({}, {})
    told = of_facts(db, settings.workspace, "ticket", facts)
    after = TICKETS.keyed(_ticket(settings, fact, messages) for fact, messages in told.items())
    before = load(db, settings.workspace, TICKETS, TICKETS.keys, list(facts))
    write(db, settings.workspace, TICKETS, before, after)
    return Remade(before, after)


def _ticket(settings: WorkspaceSettings, fact: Fact, messages: list[Message]) -> Ticket:
    first = messages[0]
    return Ticket(
        channel_id=fact[0],
        key=fact[1],
        id=first.id,
        sighting_id=first.sighting,
        occurred_at=first.occurred_at,
        day=settings.day(first.occurred_at),
        opened_at=_first(messages, OPENED),
        resolved_at=_first(messages, RESOLVED),
        first_response_at=said(messages, "first_response_at"),
        topic=said(messages, "topic"),
        order_id=said(messages, "order_id"),
        reopened=sum(_again(before, after) for before, after in pairwise(messages)),
        closed_at=_closed(messages),
    )


def _again(before: Message, after: Message) -> bool:
    """Whether a message opens again what the one before it resolved."""
    return (before.kind, after.kind) == (RESOLVED, OPENED) and after.occurred_at > before.occurred_at


def _closed(messages: list[Message]) -> datetime | None:
    """When it was resolved for the last time, unless it was opened again since."""
    resolved = [place for place, message in enumerate(messages) if message.kind == RESOLVED]
    if not resolved:
        return None
    last = messages[resolved[-1] :]
    return None if len(last) > 1 and _again(last[0], last[1]) else last[0].occurred_at


def _first(messages: list[Message], kind: str) -> datetime | None:
    return next((message.occurred_at for message in messages if message.kind == kind), None)
