"""A mapping tried on payloads, given or the last that came: what it makes of each, beside what the one in use makes.

Everything goes the way that messages go, up to what would be stored; nothing is written.
Not here: how a payload is read (channels/mapping/), saving (versions.py).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import uuid4

import msgspec
from django.utils.translation import gettext as _

from channels import connectors, hooks, reasons, sender
from channels.inbox import log, recent
from channels.language import expressions
from channels.language.errors import Wrong
from channels.language.mapping import Mapping
from channels.mapping import apply, decode, deliveries, mapped, opening
from channels.mapping.decode import Opened
from channels.mapping.mapped import Source
from channels.mapping.origin import Origin
from channels.models import Connector
from channels.protocol import BATCH
from channels.reasons import Rejection
from channels.snapshot import Snapshot
from kernel import vocabulary
from kernel.db import Connection
from kernel.event import Clean, Prepared, Record, RejectedMessage
from kernel.periods import utc_text

MOST: Final = 100  # payloads of one try
OF_RECORDS: Final[tuple[str, ...]] = ("price", "list_price", "amount", "unit_cost")
LEFT_OUT: Final = "left_out:"

PLAIN: Final = msgspec.json.Decoder()
ENCODER: Final = msgspec.json.Encoder(decimal_format="string")


class Payload(NamedTuple):
    """Something that came or might: its values, and the request around it."""

    source: Source
    row: log.Received
    around: Opened  # what the request says beside its items


class Outcome(NamedTuple):
    """What a mapping makes of a payload: messages as it makes them, and what becomes of each."""

    messages: list[Any]
    prepared: Prepared


class Tried(NamedTuple):
    """One payload by the mapping in use and by the one that is tried."""

    payload: Payload
    before: Outcome
    after: Outcome


def given(connector: Connector, values: Sequence[Any]) -> list[Payload]:
    """Payloads that somebody wrote."""
    kind = connectors.KINDS.get(connector.kind)
    hooked = kind is not None and kind.verify is not None
    door = hooks.DOOR if hooked else BATCH
    said = sender.of_hook(sender.Hooked()) if hooked else None
    found = []
    for value in values[:MOST]:
        exact = expressions.exact(value)
        row = log.Received(uuid4(), datetime.now(UTC), connector.pk, door, 1, "", 0, said)
        found.append(Payload(_source(exact, ours=not deliveries.speaks(connector.kind)), row, Opened([])))
    return found


def _source(value: Any, *, ours: bool) -> Source:
    own = value.get("messageId") if isinstance(value, dict) else None
    record = isinstance(value, dict) and mapped.is_record(value)
    raw = mapped.ENCODER.encode(value)
    return Source(value, raw, own if ours and isinstance(own, str) else "", ours=ours, record=record)


def newest(db: Connection, connector: Connector, snapshot: Snapshot, count: int) -> list[Payload]:
    """The last payloads that came, the newest first."""
    found: list[Payload] = []
    count = min(count, MOST)
    for row in recent.rows_of(db, connector.workspace_id, connector.pk, count):
        found.extend(reversed(list(_of_row(row, snapshot))[-count:]))
        if len(found) >= count:
            break
    return found[:count]


def _of_row(row: log.Received, snapshot: Snapshot) -> Iterator[Payload]:
    said = sender.read(row.sender)
    if said.hook is not None:
        try:
            connector = snapshot.connectors[row.connector_id]
            sources: Iterable[Source] = deliveries.sources(
                connector, row.body, said.hook, row.received_at, []
            )
        except Rejection:
            return
        around = Opened([])
    elif said.mapped:  # sent again as it was mapped: no payload
        return
    else:
        around = decode.opened(row.door, row.body)
        sources = opening.sources_of(row.door, around)
    for source in sources:
        yield Payload(source, row, around)


def tried(
    payloads: Sequence[Payload], now: Mapping | Wrong | None, draft: Mapping, snapshot: Snapshot
) -> list[Tried]:
    """Each by the mapping in use (None: there is none) and by a draft."""
    return [
        Tried(one, _outcome(one, now, snapshot, place), _outcome(one, draft, snapshot, place))
        for place, one in enumerate(payloads)
    ]


def _outcome(payload: Payload, mapping: Mapping | Wrong | None, snapshot: Snapshot, place: int) -> Outcome:
    row, source = payload.row, payload.source
    found = Opened([], context=payload.around.context, sent_at=payload.around.sent_at)
    if mapping is None:
        found.items = [source.raw if source.ours else mapped.ENCODER.encode(source.value)]
        found.mixed = [isinstance(source.value, dict) and mapped.is_record(source.value)]
        messages = [source.value]
    else:
        said = sender.read(row.sender)
        connector = snapshot.connectors[row.connector_id]
        around = opening.around_of(f"{row.request}-{place}", row.received_at, connector, mapping)
        around.context.headers = said.hook.headers if said.hook else {}
        made = list(mapped.expanded(mapping, [source], around))
        opening.into(found, made)
        messages = [PLAIN.decode(one.item) for one in made if one.item is not None and one.name is None]
    origin: Origin = opening.origin_of(row, snapshot, found, sender.read(row.sender))
    return Outcome(messages, apply.of_opened(found, origin))


# ---- as it is answered --------------------------------------------------------------------------


def shown(one: Tried) -> dict[str, Any]:
    """`payload` as it came; `before` and `after`: what becomes of it; `messages` as the draft makes them."""
    return {
        "payload": PLAIN.decode(mapped.ENCODER.encode(one.payload.source.value)),
        "before": _states(one.before.prepared),
        "after": _states(one.after.prepared),
        "messages": one.after.messages,
        "problems": [*_problems(one.after.prepared), *_doubles(one.after.messages)],
    }


def _states(prepared: Prepared) -> list[dict[str, Any]]:
    every: list[Clean | Record | RejectedMessage] = [*prepared.cleans, *prepared.records, *prepared.bads]
    every.sort(key=lambda one: one.position)
    return [_state(one) for one in every]


def _state(one: Clean | Record | RejectedMessage) -> dict[str, Any]:
    if isinstance(one, RejectedMessage):
        return {"state": "rejected", "message_id": one.message_id, **_why(one)}
    if isinstance(one, Record):
        fields = _plain(one.fields)
        at = utc_text(one.at)
        return {"state": "stored", "message_id": one.message_id, "type": one.type, "at": at, "fields": fields}
    return {
        "state": "stored",
        "message_id": one.message_id,
        "type": one.type,
        "name": one.name,
        "at": utc_text(one.occurred_at),
        "touchpoint": one.touchpoint,
        "identifiers": [{"kind": each.kind, "value": each.value} for each in one.identifiers],
        "fields": _plain(one.meaning.fields if one.meaning else {}),
        "marks": list(one.marks),
    }


def _plain(fields: dict[str, Any]) -> Any:
    return PLAIN.decode(ENCODER.encode(fields))


def _why(bad: RejectedMessage) -> dict[str, str]:
    said = reasons.Why(bad.reason, bad.field, bad.code, bad.params)
    return {"reason": bad.reason, "field": bad.field, "hint": reasons.translated(said)}


def _problems(prepared: Prepared) -> Iterator[dict[str, str]]:
    for bad in prepared.bads:
        why = _why(bad)
        yield {"field": why["field"], "message": why["hint"]}
    for clean in prepared.cleans:
        for mark in clean.marks:
            if mark.startswith(LEFT_OUT):
                field = f"properties.{mark.removeprefix(LEFT_OUT)}"
                yield {
                    "field": field,
                    "message": _("This value cannot be used: the event is stored without it."),
                }


def _doubles(messages: Sequence[Any]) -> Iterator[dict[str, str]]:
    """Of two messages with one id the first would be stored, the other never."""
    named = [one.get("messageId") for one in messages if isinstance(one, dict)]
    ids = Counter(str(name) for name in named if name is not None)
    for name, count in ids.items():
        if count > 1:
            said = _("%(n)s messages have the messageId “%(id)s”: only one of them would be stored.")
            yield {"field": "messageId", "message": said % {"n": count, "id": name[:60]}}


def totals(tried: Sequence[Tried], snapshot: Snapshot, *, after: bool) -> dict[str, Any]:
    """Of all payloads: events by name, rejects, of each amount sum and largest: yuan read as cents stand out here."""
    events, amounts, rejected = Counter[str](), dict[tuple[str, str, str], list[Decimal]](), 0
    for one in tried:
        prepared = (one.after if after else one.before).prepared
        rejected += len(prepared.bads)
        for name, currency, fields in _amounts(prepared, snapshot):
            events[name] += 1
            for field, value in fields.items():
                amounts.setdefault((name, field, currency), []).append(value)
    return {
        "events": dict(events.most_common()),
        "rejected": rejected,
        "amounts": [
            {
                "event": name,
                "field": field,
                "currency": currency,
                "count": len(values),
                "sum": str(sum(values, Decimal(0))),
                "largest": str(max(values)),
            }
            for (name, field, currency), values in sorted(amounts.items())
        ],
    }


def _amounts(prepared: Prepared, snapshot: Snapshot) -> Iterator[tuple[str, str, dict[str, Decimal]]]:
    """Name, currency and amounts of each message that would be stored."""
    channels = {one.id: one for one in snapshot.channels.values()}
    for clean in prepared.cleans:
        fields = clean.meaning.fields if clean.meaning else {}
        amounts = {name: fields[name] for name in vocabulary.AMOUNTS if isinstance(fields.get(name), Decimal)}
        yield clean.name or clean.type, fields.get("currency") or channels[clean.channel].currency, amounts
    for record in prepared.records:
        found: dict[str, Decimal] = {
            name: record.fields[name] for name in OF_RECORDS if name in record.fields
        }
        yield record.type, record.fields.get("currency") or snapshot.currency, found
