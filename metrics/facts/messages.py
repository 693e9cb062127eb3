"""The messages facts are made from, as they are kept: whole, so that any fact can be made anew. Not here: the facts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from kernel.db import Connection, Statements, array, copy, rows
from kernel.event import Clean, Fee, Line, Meaning
from metrics.facts.base import short
from metrics.facts.campaigns import campaign

SQL = Statements(__file__)

COMPLETED, UPDATED, CANCELLED = "order_completed", "order_updated", "order_cancelled"
REFUNDED = "order_refunded"
REQUESTED, RECEIVED = "return_requested", "return_received"
PAY_STARTED, PAY_SUCCEEDED, PAY_FAILED = "payment_started", "payment_succeeded", "payment_failed"
SHIPPED, DELIVERED = "order_shipped", "order_delivered"
FAMILY = {  # what an event about an order is a message of; the key of a fact is only unique in its family
    COMPLETED: "order",
    UPDATED: "order",
    CANCELLED: "order",
    REFUNDED: "refund",
    REQUESTED: "return",
    RECEIVED: "return",
    PAY_STARTED: "payment",
    PAY_SUCCEEDED: "payment",
    PAY_FAILED: "payment",
    SHIPPED: "shipment",
    DELIVERED: "shipment",
}
FEEDBACK, OPENED, RESOLVED = "feedback_given", "ticket_opened", "ticket_resolved"
REPEATED = {FEEDBACK: "answer", OPENED: "ticket", RESOLVED: "ticket"}


class Data(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a message said. None: it did not say."""

    total: Decimal | None = None
    amount: Decimal | None = None
    tax: Decimal | None = None
    shipping: Decimal | None = None
    discount: Decimal | None = None
    currency: str | None = None
    lines: tuple[Line, ...] | None = None
    coupon: str | None = None
    store: str | None = None
    reason: str | None = None
    method: str | None = None
    carrier: str | None = None
    promised_at: datetime | None = None
    first_response_at: datetime | None = None
    topic: str | None = None
    score: Decimal | None = None
    scale: Decimal | None = None
    about: str | None = None
    text: str | None = None
    order_id: str | None = None  # of tickets and answers
    campaign: str | None = None  # that led there, as the message's context says
    source: str | None = None
    paid: Decimal | None = None  # of an order, as its platform settles it
    merchant_discount: Decimal | None = None
    platform_discount: Decimal | None = None
    fees: tuple[Fee, ...] | None = None
    payout: Decimal | None = None
    second_hand: bool | None = None  # an ERP's, of a shop whose own messages hold before it

    @property
    def settles(self) -> bool:
        """Whether it says anything of what the platform makes of the order's money."""
        return not (
            self.fees is None
            and self.payout is None
            and self.paid is None
            and self.merchant_discount is None
            and self.platform_discount is None
        )


FIELDS = Data.__struct_fields__
ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Data)


class Message(NamedTuple):
    """One message about a fact."""

    id: UUID
    message_id: str
    occurred_at: datetime
    kind: str
    key: str
    channel: int
    order_channel: int | None
    sighting: int | None
    data: Data


Moment = tuple[datetime, str, UUID]
Fact = tuple[int, str]  # channel, key


def moment(message: Message) -> Moment:
    """Where a message stands in the order of things: by time, ties by messageId (two connectors': by event)."""
    return message.occurred_at, message.message_id, message.id


def latest(messages: Iterable[Message], field: str) -> Message | None:
    """The latest of messages (in order) that carries a field; what is second-hand, only where no other does."""
    found = None
    for message in messages:
        said_here = getattr(message.data, field) is not None
        if said_here and (found is None or found.data.second_hand or not message.data.second_hand):
            found = message
    return found


def first_hand(messages: list[Message]) -> list[Message]:
    """Those that are not second-hand, where there are any; else all."""
    return [message for message in messages if not message.data.second_hand] or messages


def said(messages: Iterable[Message], field: str) -> Any:
    """The latest value of a field."""
    message = latest(messages, field)
    return getattr(message.data, field) if message else None


def meant(fresh: Iterable[Clean], kinds: Mapping[str, str]) -> list[tuple[Clean, Meaning]]:
    """The events whose meaning is one of these."""
    return [
        (clean, clean.meaning) for clean in fresh if clean.meaning is not None and clean.meaning.kind in kinds
    ]


def append_orders(db: Connection, workspace: int, fresh: Iterable[Clean]) -> set[str]:
    """Keeps the messages about orders; the order numbers they name."""
    lines = [
        (
            workspace,
            meaning.order_id or "",
            clean.id,
            clean.occurred_at,
            clean.message_id,
            meaning.kind,
            short(meaning.key),
            clean.channel,
            meaning.order_channel,
            clean.connector,
            clean.sighting,
            data(meaning, clean),
        )
        for clean, meaning in meant(fresh, FAMILY)
    ]
    lines.sort(key=lambda line: (line[1], line[2]))
    copy(
        db,
        "metrics_order_message",
        [
            "workspace_id",
            "order_id",
            "id",
            "occurred_at",
            "message_id",
            "kind",
            "key",
            "channel_id",
            "order_channel_id",
            "connector_id",
            "sighting_id",
            "data",
        ],
        lines,
    )
    return {line[1] for line in lines}


def of_orders(db: Connection, workspace: int, orders: Iterable[str]) -> dict[str, list[Message]]:
    """All messages about these orders."""
    found: dict[str, list[Message]] = defaultdict(list)
    for order, *rest in rows(db, SQL["of_orders"], workspace=workspace, orders=array(orders)):
        found[order].append(_message(rest))
    return found


def append_facts(db: Connection, workspace: int, fresh: Iterable[Clean], kind: str) -> set[Fact]:
    """Keeps the messages of one kind of repeatable fact; the facts they speak of."""
    kinds = {event: of for event, of in REPEATED.items() if of == kind}
    lines = [
        (
            workspace,
            kind,
            clean.channel,
            short(meaning.key),
            clean.id,
            clean.occurred_at,
            clean.message_id,
            meaning.kind,
            clean.sighting,
            data(meaning),
        )
        for clean, meaning in meant(fresh, kinds)
    ]
    lines.sort(key=lambda line: line[2:5])
    copy(
        db,
        "metrics_fact_message",
        [
            "workspace_id",
            "kind",
            "channel_id",
            "key",
            "id",
            "occurred_at",
            "message_id",
            "event_kind",
            "sighting_id",
            "data",
        ],
        lines,
    )
    return {(line[2], line[3]) for line in lines}


def of_facts(db: Connection, workspace: int, kind: str, facts: Iterable[Fact]) -> dict[Fact, list[Message]]:
    """All messages of these facts, in order."""
    wanted = sorted(facts)
    found: dict[Fact, list[Message]] = defaultdict(list)
    channels, keys = array([channel for channel, _ in wanted]), array([key for _, key in wanted])
    for channel, key, *rest in rows(
        db, SQL["of_facts"], workspace=workspace, kind=kind, channels=channels, keys=keys
    ):
        found[channel, key].append(_message(rest))
    for messages in found.values():
        messages.sort(key=moment)
    return found


def _message(row: list[Any]) -> Message:
    return Message._make([*row[:-1], DECODER.decode(row[-1])])


def data(meaning: Meaning, clean: Clean | None = None) -> str:
    """The fields of a meaning as JSON; amounts stay exact as strings. `clean`: an order's, for what led there."""
    said_fields = {name: value for name, value in meaning.fields.items() if name in FIELDS}
    if meaning.kind in REPEATED and meaning.order_id is not None:
        said_fields["order_id"] = meaning.order_id
    if clean is not None and meaning.kind in {COMPLETED, UPDATED}:
        name, source = campaign(clean)
        said_fields.update(campaign=name, source=source)
    return ENCODER.encode(Data(**said_fields)).decode()
