"""A request's items through its connector's mapping: payloads -> messages of ours, each cleaned by the rules.

A payload is all or nothing: where the mapping cannot read it, it is one reject, whole, and goes in whole when the
mapping is mended. What comes of a payload keeps its place by name: messages without a messageId get one of the
request's, the payload's and their own place. Not here: the language (channels/language/), which version (snapshot.py).
"""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any, Final, NamedTuple

import msgspec

from channels.language import errors
from channels.language.errors import Misread, TooMuch, Wrong
from channels.language.mapping import Mapping
from channels.language.rules import Did, Refused
from channels.language.runtime import STEPS, Context
from channels.mapping import decode
from channels.protocol import TYPES
from channels.reasons import (
    MAPPING_BROKEN,
    MAPPING_CENTS,
    MAPPING_FAILED,
    MAPPING_FUNCTION,
    MAPPING_JSON,
    MAPPING_LONG,
    MAPPING_NUMBER,
    MAPPING_TEXT,
    MAPPING_TIME,
    MAPPING_TOO_MUCH,
    MAPPING_ZONE,
    NO_RULE_MATCHES,
    NOT_AN_OBJECT,
    RULE_ALLOWED,
    RULE_MAX,
    RULE_MIN,
    RULE_PATTERN,
    RULE_REQUIRED,
    RULE_UNIT,
    Code,
    Rejection,
    quoted,
)
from kernel.vocabulary import RECORDS

PAYLOAD: Final = "payload:"  # before the name of a payload that could not be mapped: it is no message's
SKIPPED: Final = "skip"  # counted as a rule: what makes nothing on purpose

ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
WANTED: Final[dict[str, Code]] = {
    errors.TEXT: MAPPING_TEXT,
    errors.NUMBER: MAPPING_NUMBER,
    errors.CENTS: MAPPING_CENTS,
    errors.TIME: MAPPING_TIME,
    errors.ZONE: MAPPING_ZONE,
    errors.JSON: MAPPING_JSON,
    errors.LONG: MAPPING_LONG,
    errors.TAKES: MAPPING_FUNCTION,
    errors.FAILED: MAPPING_FAILED,
}
CODES: Final[dict[str, Code]] = {
    "required": RULE_REQUIRED,
    "allowed": RULE_ALLOWED,
    "pattern": RULE_PATTERN,
    "min": RULE_MIN,
    "max": RULE_MAX,
    "unit": RULE_UNIT,
}


class Source(NamedTuple):
    """A payload: its values, as it was sent, and what it is called by its sender. `ours`: it is one of our messages."""

    value: Any
    raw: bytes
    id: str = ""
    ours: bool = False
    record: bool = False


class Around(NamedTuple):
    """What is said of a request beside its payloads. `place`: of the one payload of a request that is sent again."""

    request: str
    context: Context
    place: str = ""

    def named(self, n: int) -> str:
        """What a payload is called that has no name of its own."""
        return self.place or f"{self.request}-{n}"


class Made(NamedTuple):
    """One outcome of a payload. `raw`: what a reject keeps, before the rules; `item`: what is read; none: dropped.

    `own`: it is a message that nothing matched, as it was sent. `name`: of a payload that is refused whole.
    """

    raw: bytes
    item: bytes | None
    source: int
    record: bool = False
    own: bool = False
    why: Rejection | None = None
    name: str | None = None
    did: tuple[Did, ...] = ()


def expanded(mapping: Mapping | Wrong, sources: Iterable[Source], around: Around) -> Iterator[Made]:
    """What comes of each payload, in their order. Never raises for what stands in one."""
    for n, source in enumerate(sources):
        around.context.left = STEPS
        name = PAYLOAD + (source.id or around.named(n))
        if source.ours and source.value is None:  # no JSON object: its reading says why
            yield Made(source.raw, source.raw, n, record=source.record, own=True)
            continue
        try:
            yield from list(_payload(_sound(mapping), source, n, around))
        except Rejection as why:
            yield Made(source.raw, source.raw, n, why=why, name=name)


def _sound(mapping: Mapping | Wrong) -> Mapping:
    if isinstance(mapping, Wrong):
        raise Rejection(MAPPING_BROKEN, "", what=quoted(mapping.text))
    return mapping


def _payload(mapping: Mapping, source: Source, n: int, around: Around) -> Iterator[Made]:
    try:
        found = mapping.messages(source.value, around.context)
        if found is None:
            yield _unmatched(mapping, source, n, around)
            return
        if not found:
            yield Made(source.raw, None, n, did=(Did("", SKIPPED),))
            return
        _name(found, source, n, around)
        for one in found:
            yield _ruled(mapping, one, ENCODER.encode(one), n, around)
    except (Misread, TooMuch) as why:
        raise rejection(why) from why
    except (RecursionError, ValueError, TypeError, msgspec.MsgspecError) as why:
        raise Rejection(MAPPING_FAILED) from why


def _unmatched(mapping: Mapping, source: Source, n: int, around: Around) -> Made:
    """What no rule matches goes on as it is where that is said, or where it is one of our messages."""
    passes = source.ours if mapping.passes is None else mapping.passes
    if not passes:
        raise Rejection(NO_RULE_MATCHES)
    if not isinstance(source.value, dict):
        raise Rejection(NOT_AN_OBJECT)
    if not source.ours:
        _name([source.value], source, n, around)
        return _ruled(mapping, source.value, ENCODER.encode(source.value), n, around)
    made = _ruled(mapping, source.value, source.raw, n, around)
    return made._replace(own=True, record=source.record)


def _name(found: list[dict[str, Any]], source: Source, n: int, around: Around) -> None:
    """A messageId for each that has none, or that has its payload's as an earlier one does already."""
    base = source.id or around.named(n)
    for k, message in enumerate(found):
        own = message.get("messageId")
        if own is None or own == "":
            message["messageId"] = base if source.id and not k else f"{base}.{k}"
        elif k and source.id and own == source.id:
            message["messageId"] = f"{source.id}.{k}"


def _ruled(mapping: Mapping, message: dict[str, Any], raw: bytes, n: int, around: Around) -> Made:
    """A message and what the cleaning rules make of it: on a copy, for what is kept of a reject is what was mapped."""
    record = is_record(message)
    if not mapping.rules:
        return Made(raw, raw, n, record)
    did: list[Did] = []
    copy = decode.record(raw)
    try:
        mapping.clean(copy, around.context, did)
    except Refused as why:
        return Made(raw, raw, n, record, why=_refused(why), did=tuple(did))
    changed = any(not one.refused for one in did)
    return Made(raw, ENCODER.encode(copy) if changed else raw, n, is_record(copy), did=tuple(did))


def ruled(mapping: Mapping | Wrong, raw: bytes, n: int, around: Around) -> Made:
    """A message that was mapped before and is sent again: only the rules. Never raises for what stands in it."""
    try:
        return _ruled(_sound(mapping), decode.record(raw), raw, n, around)
    except Rejection as why:
        return Made(raw, raw, n, why=why)
    except (Misread, TooMuch) as trouble:
        return Made(raw, raw, n, why=rejection(trouble))


def rejection(trouble: Misread | TooMuch) -> Rejection:
    """What a payload is refused with that the mapping cannot read."""
    if isinstance(trouble, TooMuch):
        return Rejection(MAPPING_TOO_MUCH, trouble.field)
    said = {"function": trouble.function} if trouble.function else {}
    if trouble.wanted not in (errors.LONG, errors.FAILED):
        said["found"] = _shown(trouble.value)
    why = WANTED[trouble.wanted]
    return Rejection(why, trouble.field, **said)


def _refused(refusal: Refused) -> Rejection:
    why = CODES[refusal.part]
    return Rejection(why, refusal.field, **({"wanted": quoted(refusal.says)} if refusal.says else {}))


def _shown(value: Any) -> str:
    """What stood there, as JSON has it; a text without its quotes."""
    return quoted(value if isinstance(value, str) else ENCODER.encode(value).decode())


def is_record(message: dict[str, Any]) -> bool:
    """Whether a message speaks of goods and money rather than of a person's doing."""
    kind = message.get("type")
    return isinstance(kind, str) and kind in RECORDS and kind not in TYPES


def of_items(items: Iterable[bytes], *, type_of: str | None, records: Iterable[bool]) -> Iterator[Source]:
    """A request's own items as payloads; one that is no JSON object is none, and its reading says why."""
    for raw, record in zip(items, records, strict=True):
        try:
            value = decode.record(raw)
        except Rejection:
            yield Source(None, raw, ours=True, record=record)
            continue
        if type_of is not None:
            value["type"] = type_of
        own = value.get("messageId")
        yield Source(value, raw, own if isinstance(own, str) else "", ours=True, record=record)


def context(zone: tzinfo, region: str, mapping: Mapping | Wrong | None) -> Context:
    """What expressions know beside the payload: times without an offset are of the mapping's zone or the channel's."""
    own = mapping.zone if isinstance(mapping, Mapping) else None
    return Context(zone=own or zone, region=region)
