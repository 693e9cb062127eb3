"""Answers of customers: score, scale and whether they were satisfied. Not here: who counts (customer_spans.py)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection
from kernel.event import Clean
from metrics.facts.base import WorkspaceSettings
from metrics.facts.messages import Fact, Message, append_facts, of_facts, said
from metrics.facts.tables import Key, Table, load, write

SCALE = Decimal(5)  # the best score there is, where nothing else is said
SATISFIED = Decimal("0.8")  # share of the scale from which on an answer is a satisfied one
PROMOTER, DETRACTOR, TENTHS = (
    9,
    6,
    10,
)  # of a scale of ten: from here on who answers would recommend us, up to here not


class Answer(NamedTuple):
    """What a customer answered. Its time and person are those of its earliest message."""

    channel_id: int
    key: str
    id: UUID
    message_id: str
    sighting_id: int | None
    occurred_at: datetime
    day: date
    satisfied: bool
    score: Decimal
    scale: Decimal
    about: str | None
    text: str | None
    order_id: str | None


ANSWERS = Table(
    "metrics_answer",
    Answer,
    ("channel_id", "key"),
    {
        "channel_id": "int",
        "key": "text",
        "id": "uuid",
        "message_id": "text",
        "sighting_id": "bigint",
        "occurred_at": "timestamptz",
        "day": "date",
        "satisfied": "boolean",
        "score": "numeric",
        "scale": "numeric",
        "about": "text",
        "text": "text",
        "order_id": "text",
    },
)


def promotes(score: Decimal, scale: Decimal) -> int:
    """1: would recommend us; -1: would not; 0: neither. Any scale counts as one of ten."""
    if score * TENTHS >= scale * PROMOTER:
        return 1
    return -1 if score * TENTHS <= scale * DETRACTOR else 0


class Answered(NamedTuple):
    """Answers as they were and as they are, by key."""

    before: Mapping[Key, Answer]
    after: Mapping[Key, Answer]


def apply(db: Connection, settings: WorkspaceSettings, fresh: Iterable[Clean]) -> Answered:
    """Keeps the batch's messages and makes the answers they speak of anew."""
    facts = append_facts(db, settings.workspace, fresh, "answer")
    if not facts:
        return Answered({}, {})
    told = of_facts(db, settings.workspace, "answer", facts)
    after = ANSWERS.keyed(_answer(settings, fact, messages) for fact, messages in told.items())
    before = load(db, settings.workspace, ANSWERS, ANSWERS.keys, list(facts))
    write(db, settings.workspace, ANSWERS, before, after)
    return Answered(before, after)


def _answer(settings: WorkspaceSettings, fact: Fact, messages: list[Message]) -> Answer:
    first = messages[0]
    score, scale = said(messages, "score") or Decimal(0), said(messages, "scale") or SCALE
    return Answer(
        channel_id=fact[0],
        key=fact[1],
        id=first.id,
        message_id=first.message_id,
        sighting_id=first.sighting,
        occurred_at=first.occurred_at,
        day=settings.day(first.occurred_at),
        satisfied=score >= SATISFIED * scale,
        score=score,
        scale=scale,
        about=said(messages, "about"),
        text=said(messages, "text"),
        order_id=said(messages, "order_id"),
    )
