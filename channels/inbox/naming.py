"""Rejects that name somebody: messages that could not be used have no person, but what they say may.

Narrowed by text in the database, then read as a message would be: each field as the kind of identifier that it carries.
Not here: lists of rejects (rejects.py), who a person is.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from kernel import values
from kernel.db import Connection, Statements, rows
from kernel.periods import utc_text

sql = Statements(__file__)

FIELDS: Final = {  # fields whose name says another kind than it is called by
    "userid": ("user_id",),
    "anonymousid": ("anonymous_id",),
    "previousid": ("user_id", "anonymous_id"),
    "deviceid": ("device_id",),
    "mobile": ("phone",),
    "mail": ("email",),
}
ANYWHERE: Final = (
    "phone",
    "email",
)  # kinds whose values are told by their look, whatever their field is called
LISTED: Final = (("kind", "value"), ("type", "id"))  # entries of `identifiers` and of `context.externalIds`
PHONE_END: Final = 4  # digits of a phone that stand together however it is written
MOST: Final = 10_000
DEEPEST: Final = 100

Named = tuple[str, str]  # kind and normalised value


def of(
    db: Connection, workspace: int, people: Collection[Named], region: str = "CN"
) -> Iterator[dict[str, Any]]:
    """The rejects that name one of these, newest first, as they were received: at most MOST are looked at."""
    wanted = set(people)
    if not wanted:
        return
    fragments = sorted({_fragment(kind, value) for kind, value in wanted})
    any_of = "|".join(re.escape(one) for one in fragments)  # once over each text, however many there are
    found = rows(db, sql["holding"], workspace=workspace, fragments=any_of, limit=MOST)
    for key, message_id, at, reason, field, state, raw in found:
        if names(raw, wanted, region):
            yield {
                "id": str(key),
                "message_id": message_id,
                "received_at": utc_text(at),
                "reason": reason,
                "field": field,
                "state": state,
                "raw": raw,
            }


def _fragment(kind: str, value: str) -> str:
    """What stands in any text that names it."""
    if kind == "phone":
        return value[-PHONE_END:]
    return value.partition("@")[0].lower() if kind == "email" else value.lower()


def names(raw: str, wanted: Collection[Named], region: str = "CN") -> bool:
    """Whether a message names one of these; of what is no JSON whether it holds a value as it is."""
    try:
        item = json.loads(raw)
    except (ValueError, RecursionError):
        return any(value.lower() in raw.lower() for _kind, value in wanted)
    return any(
        (kind, found) in wanted
        for name, value in _told(item)
        for kind in _kinds(name, wanted)
        if (text := values.own_id(value)) is not None
        and (found := values.identifier(kind, text, region if kind == "phone" else "")) is not None
    )


def _told(item: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every field with its value; the value of an entry that says its kind by that kind."""
    if depth > DEEPEST:
        return
    if isinstance(item, list):
        for one in item:
            yield from _told(one, depth + 1) if isinstance(one, list | dict) else [("", one)]
    elif isinstance(item, dict):
        for kind, value in LISTED:
            if isinstance(item.get(kind), str):
                yield item[kind], item.get(value)
        for name, one in item.items():
            yield from _told(one, depth + 1) if isinstance(one, list | dict) else [(name, one)]


def _kinds(name: str, wanted: Collection[Named]) -> set[str]:
    """The kinds of identifiers that a field of this name may carry."""
    plain = name.strip().lower()
    said = set(FIELDS.get(plain.replace("_", ""), (plain,)))
    return {kind for kind, _value in wanted if kind in said or kind in ANYWHERE}
