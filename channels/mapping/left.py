"""What an erasure leaves of a message, and how that is read again: its name, time, goods and money, and tokens.

A message of the person becomes one of ours with `erased` beside its fields: the marks it had, and its id where its
messageId held a value. Of what is not counted only the place stays, so that those after it keep theirs. Read so only
out of requests that an erasure wrote (channels/sender.py). Not here: which messages those are (channels/erase.py).
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import msgspec

from channels.mapping import decode, mapped
from channels.mapping.origin import Named
from kernel import contacts, vocabulary
from kernel.erased import Person
from kernel.event import Clean, Identifier

GONE: Final = b'{"erased":{"gone":true}}'
# What facts, roll-ups and break-downs are made of. What people wrote (text), and numbers that are theirs, are not.
COUNTED: Final = (
    frozenset(name for row in vocabulary.EVENTS for name in row.fields)
    | {"refund_id", "return_id", "payment_id", "shipment_id", "feedback_id", "order_channel"}
    | {"sku", "product_id", "price", "quantity", "category", "brand", "campaign", "source", "medium"}
) - {"text", "member_no", "proof"}
OF_A_LINE: Final = frozenset(
    ("sku", "product_id", *("quantity", "price", "name", "category", "brand", "cost", "discount"))
)
OF_A_FEE: Final = frozenset(("kind", "amount"))
OF_A_CAMPAIGN: Final = frozenset(("name", "source", "medium"))
LISTS: Final = {vocabulary.LINES: OF_A_LINE, vocabulary.FEES: OF_A_FEE}
MEMBER: Final = "member_no"


class Left(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands beside the fields of such a message."""

    gone: bool = False
    marks: tuple[str, ...] = ()
    id: UUID | None = None  # where its messageId held a value
    manual: tuple[int, int] | None = None  # places in its identifiers of the pair that an alias joins


def read(said: Any) -> Left | None:
    """What is said; None: nothing but the place is left."""
    try:
        found = msgspec.convert(said, Left)
    except msgspec.ValidationError:
        return None
    return None if found.gone else found


def named(found: Left, name: Named) -> Named:
    """Its name, by the id that it had."""
    return name if found.id is None else msgspec.structs.replace(name, id=found.id)


def settled(found: Left, clean: Clean) -> Clean:
    """The message with what it was counted by before."""
    clean.marks = found.marks
    if contacts.BOT in found.marks:
        clean.active = False
    if found.manual is not None and max(found.manual) < len(clean.identifiers):
        a, b = found.manual
        clean.manual = (clean.identifiers[a], clean.identifiers[b])
    return clean


# ---- making -------------------------------------------------------------------------------------


def of(clean: Clean, raw: bytes, person: Person) -> bytes:
    """What is left of a message of the person."""
    tokens = person.tokens
    listed = [
        {"kind": one.kind, "namespace": one.namespace, "value": tokens.get(one.key, one.value)}
        for one in clean.identifiers
    ]
    return _written(clean, raw, person, listed)


def without_person(clean: Clean, raw: bytes, person: Person) -> bytes:
    """The same as a fact without anybody; nothing but its place where it is none."""
    row = vocabulary.BY_KIND.get(clean.meaning.kind) if clean.meaning is not None else None
    if row is None or row.person:
        return GONE
    return _written(clean, raw, person, [])


def _written(clean: Clean, raw: bytes, person: Person, listed: list[dict[str, str]]) -> bytes:
    said = decode.item(raw)
    message_id = person.without(clean.message_id, own=True)
    about = Left(
        marks=clean.marks,
        id=None if message_id == clean.message_id else clean.id,
        manual=_places(clean.manual, clean.identifiers) if listed else None,
    )
    message: dict[str, Any] = {
        "type": clean.type,
        "messageId": message_id,
        "timestamp": clean.occurred_at.isoformat(),
        "erased": about,
    }
    if clean.type == "track":
        message["event"] = person.without(clean.beside.get("name", clean.name), own=True)
    elif clean.name:
        message["name"] = person.without(clean.name, own=True)
    if isinstance(said.channel, str):
        message["channel"] = said.channel
    if listed:
        message["identifiers"] = listed
    properties = _counted(decode.exact_properties(raw), person) if clean.type != "identify" else {}
    if listed and clean.type == "track" and (number := _member(listed)):
        properties[MEMBER] = number
    if properties:
        message["properties"] = properties
    if campaign := _campaign(clean.context.get("campaign"), person):
        message["context"] = {"campaign": campaign}
    return mapped.ENCODER.encode(message)


def _places(
    pair: tuple[Identifier, Identifier] | None, identifiers: tuple[Identifier, ...]
) -> tuple[int, int] | None:
    return None if pair is None else (identifiers.index(pair[0]), identifiers.index(pair[1]))


def _member(listed: Iterable[dict[str, str]]) -> str | None:
    return next((one["value"] for one in listed if one["kind"] == MEMBER), None)


def _counted(properties: dict[str, Any], person: Person) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in properties.items():
        if name in LISTS:
            found[name] = _entries(value, LISTS[name], person)
        elif name in COUNTED and not isinstance(value, dict | list):
            found[name] = person.without(value, own=True)
    return found


def _entries(value: Any, names: frozenset[str], person: Person) -> Any:
    """A list of lines or fees, in whatever form it was sent."""
    if isinstance(value, list):
        return [_entries(one, names, person) if isinstance(one, dict) else None for one in value]
    if not isinstance(value, dict):
        return None if isinstance(value, str) and value else value
    if any(isinstance(one, dict) for one in value.values()):  # PHP's list: {"0": …}
        return {name: _entries(one, names, person) for name, one in value.items() if isinstance(one, dict)}
    return {
        name: person.without(one, own=True)
        for name, one in value.items()
        if name in names and not isinstance(one, dict | list)
    }


def _campaign(said: Any, person: Person) -> Any:
    if isinstance(said, str):
        return person.without(said, own=True)
    if not isinstance(said, dict):
        return None
    return {
        name: person.without(value, own=True)
        for name, value in said.items()
        if name in OF_A_CAMPAIGN and isinstance(value, str)
    }
