"""Tickets of after-sales: opened, first answered, resolved. Not here: returns and refunds (the ledger)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
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
    )


def _first(messages: list[Message], kind: str) -> datetime | None:
    return next((message.occurred_at for message in messages if message.kind == kind), None)
