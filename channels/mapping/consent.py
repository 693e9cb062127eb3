"""What a message says of consent: by its own event, a consent banner's categories, a browser's Global Privacy Control.

What cannot be read of the event is a reject: a channel that is left out would speak of all. What cannot be read of a
context is marked, for the event beside it is good. Not here: what holds of a person now (profiles/privacy/consents.py).
"""

import json
from typing import Any, Final

from channels.mapping import clock, meaning
from channels.reasons import BAD_CONSENT, Rejection
from kernel import contacts, placeholders, values, vocabulary
from kernel.event import SOLD, ConsentWord

WORDS: Final = {"consent_given": True, "consent_withdrawn": False}
PREFERENCES, CATEGORIES, GPC = "consent", "categoryPreferences", "gpc"
LONGEST: Final = 100  # characters of a purpose, a channel, a version of a text
LONGEST_PROOF: Final = 2_000
MOST: Final = 100  # categories of one message


def said(
    row: vocabulary.Event | None, properties: dict[str, Any], context: dict[str, Any], marks: list[str]
) -> tuple[ConsentWord, ...]:
    """All that it says. Raises Rejection where its own event cannot be read. A crawler speaks for nobody."""
    words: list[ConsentWord] = []
    if row is not None and row.kind in WORDS:
        words.append(_of_event(row, properties, marks))
    if context and (PREFERENCES in context or GPC in context):
        words += _of_context(context, marks)
    return () if contacts.BOT in marks else tuple(words)


def _of_event(row: vocabulary.Event, properties: dict[str, Any], marks: list[str]) -> ConsentWord:
    purpose = _named(row, properties, "purpose")
    channel = "" if clock.blank(properties.get("channel")) else _named(row, properties, "channel").lower()
    return ConsentWord(
        purpose=purpose.lower(),
        name=purpose,
        channel=channel,
        given=WORDS[row.kind],
        source="event",
        proof=_kept(properties, "proof", LONGEST_PROOF, marks),
        text_version=_kept(properties, "text_version", LONGEST, marks),
    )


def _named(row: vocabulary.Event, properties: dict[str, Any], name: str) -> str:
    text = _name(properties.get(name))
    if text is None:
        raise Rejection(BAD_CONSENT, f"properties.{name}", event=row.name, limit=LONGEST)
    return text


def _name(value: Any) -> str | None:
    """What a purpose or a channel is called; None where it names nothing."""
    text = values.text(value)
    text = " ".join(text.split()) if text else ""
    if not 0 < len(text) <= LONGEST:
        return None
    tidy = placeholders.folded(text)
    return None if placeholders.empty(tidy, placeholders.words(tidy)) else text


def _kept(properties: dict[str, Any], name: str, limit: int, marks: list[str]) -> str | None:
    """A text, or what else stands there as JSON; cut, and marked, where it is too long."""
    value = properties.get(name)
    if clock.blank(value):
        return None
    text = values.text(value)
    if text is None:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if len(text) > limit:
        marks.append(meaning.LEFT_OUT + name)
    return text[:limit]


def _of_context(context: dict[str, Any], marks: list[str]) -> list[ConsentWord]:
    words = [ConsentWord(one, one, "", given=False, source="gpc") for one in SOLD if _wished(context)]
    preferences = context.get(PREFERENCES)
    categories = preferences.get(CATEGORIES) if isinstance(preferences, dict) else None
    if categories is None:
        return words
    entries = list(categories.items()) if isinstance(categories, dict) else []
    found: dict[str, ConsentWord] = {}
    for category, given in entries[:MOST]:
        name = _name(category)
        if name is not None and isinstance(given, bool):
            before = found.get(name.lower())
            agreed = given and (before is None or before.given)  # of two spellings a withdrawal wins
            found[name.lower()] = ConsentWord(name.lower(), name, "", given=agreed, source="preferences")
    if len(found) < len(entries) or not isinstance(categories, dict):
        marks.append(f"{meaning.LEFT_OUT}{PREFERENCES}.{CATEGORIES}")
    return words + list(found.values())


def _wished(context: dict[str, Any]) -> bool:
    """Whether Global Privacy Control is on. Off or not there says nothing: it is no consent."""
    value = context.get(GPC)
    return value is True or (not isinstance(value, bool) and value in (1, "1", "true"))
