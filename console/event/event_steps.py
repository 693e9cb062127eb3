"""What mapping and cleaning made of a message, said step by step: its time, its identifiers, its name, what was marked.

Read off the message as received and the event as stored, so it says what happened, not what should have. Not here: the
cleaning itself (channels/mapping), the rest of an event's life (event_trace.py).
"""

from collections.abc import Iterator
from typing import Any, TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.models import Channel
from console.event import event_labels
from kernel import contacts, vocabulary
from kernel.web import format

# What was made of a part of a message, and why. `field`: `what` is the name of a field, not a word of ours.
Step = TypedDict("Step", {"what": str, "from": str, "to": str, "why": str, "field": bool})
Event = dict[str, Any]  # as received, or as the read API shows it

TIMES = ("timestamp", "originalTimestamp")
DIRECT = {"userId": "user_id", "anonymousId": "anonymous_id", "previousId": "anonymous_id"}
PLACES = ("traits", "properties", "context.traits")  # where identifiers stand by their names
LISTS = (("identifiers", "kind", "value"), ("context.externalIds", "type", "id"))
MONEY = ("total", "amount", "tax", "shipping", "discount", *vocabulary.PLATFORM)
MARKS = {
    "clock_suspect": gettext_noop("The sender's clock cannot be trusted: the time was left as it was sent."),
    "clock_corrected": gettext_noop("The sender's clock was off: the time was moved by as much."),
    "future_time": gettext_noop("The time lay over a day ahead: it was set to the time of receipt."),
    "bot": gettext_noop("A known crawler sent it: it is kept and shown, and counts as no customer's."),
    "large": gettext_noop("It is larger than 32 KB; it is kept whole."),
    "name_cut": gettext_noop("The event's name was too long: the end was cut off."),
    "too_many_identifiers": gettext_noop(
        "It names more identifiers than one message may: the rest was left out."
    ),
    "bad_context": gettext_noop("Its context is not an object: it was left out."),
    "amount_rounded": gettext_noop("An amount had more decimals than its currency: it was rounded."),
    "line_without_sku": gettext_noop("A line without a SKU was left out of the goods."),
    "excess": gettext_noop("More was refunded than remained of the order."),
    "sign_dropped": gettext_noop("An amount was negative: its sign was removed."),
    "paid_after_cancel": gettext_noop("Paid after its order was cancelled: needs attention."),
}
NOT_ONE, LEFT_OUT = "not_an_identifier:", "left_out:"


def of(raw: Any, mapped: Event, channels: dict[str, Channel]) -> list[Step]:
    """Each: what, as it came, as it became, why. Nothing where the message as received is gone."""
    if not isinstance(raw, dict):
        return []
    return [
        *_time(raw, mapped),
        *_name(raw, mapped),
        *_identifiers(raw, mapped, channels),
        *_amounts(raw, mapped),
    ]


def marks(mapped: Event) -> list[str]:
    """What was marked, as sentences; a mark nobody knows stays as it is."""
    said = []
    for mark in mapped.get("marks", ()):
        if mark.startswith(NOT_ONE):
            kind = event_labels.kind(mark.removeprefix(NOT_ONE))
            said.append(
                _("What was sent as “%(kind)s” is not an identifier: it stays in the event only.")
                % {"kind": kind}
            )
        elif mark.startswith(LEFT_OUT):
            field = mark.removeprefix(LEFT_OUT)
            said.append(_("What was sent as “%(field)s” cannot be used: it was left out.") % {"field": field})
        else:
            said.append(_(MARKS[mark]) if mark in MARKS else mark)
    return said


def _step(what: str, came: Any, became: Any, why: str, *, field: bool = True) -> Step:
    return {"what": what, "from": str(came), "to": str(became), "why": why, "field": field}


def _time(raw: Event, mapped: Event) -> Iterator[Step]:
    """Which time was taken, and what became of it."""
    field = next((name for name in TIMES if str(raw.get(name) or "").strip()), "")
    marked = mapped.get("marks", ())
    if not field:
        why = _("no time was sent: it is the time of receipt")
    elif "clock_corrected" in marked:
        why = _("moved by the difference of sentAt and receipt")
    elif "future_time" in marked:
        why = _("too far ahead: the time of receipt")
    elif "clock_suspect" in marked:
        why = _("sentAt does not say when it was sent: left as it is")
    else:
        why = _("the same moment, written in UTC")
    yield _step(
        field or _("time"), raw.get(field, format.NOTHING), mapped["occurred_at"], why, field=bool(field)
    )


def _name(raw: Event, mapped: Event) -> Iterator[Step]:
    """What kind of contact the event's name makes it."""
    if mapped["type"] in contacts.CONTACTS:
        came = raw.get("event") or raw.get("name") or mapped["type"]
        became = mapped["name"] or mapped["type"]
        if mapped["type"] == "track":
            became = vocabulary.called(mapped["name"])
        yield _step(
            _("event"), came, became, _("touchpoint: %(touch)s") % {"touch": event_labels.touch(mapped)}
        )


def _sent(raw: Event) -> Iterator[tuple[str, str, Any]]:
    """The identifiers as they stand in a message: where, of what kind, the value."""
    found = [(name, kind, raw.get(name)) for name, kind in DIRECT.items()]
    for place in PLACES:
        inside = _at(raw, place)
        if isinstance(inside, dict):
            found += [(f"{place}.{kind}", kind, inside.get(kind)) for kind in event_labels.KINDS]
    for place, named, valued in LISTS:
        listed = _at(raw, place)
        entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
        found += [(place, str(entry.get(named, "")), entry.get(valued)) for entry in entries]
    found.append(("context.device.id", "device_id", _at(raw, "context.device.id")))
    return (one for one in found if one[2] not in (None, ""))


def _at(raw: Any, path: str) -> Any:
    for name in path.split("."):
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw


def _identifiers(raw: Event, mapped: Event, channels: dict[str, Channel]) -> Iterator[Step]:
    """Each identifier as sent, and the one it became."""
    waiting = [dict(one) for one in mapped.get("identifiers", ())]
    for place, kind, value in _sent(raw):
        found = next((one for one in waiting if one["kind"] == kind.lower()), None)
        if found is None:
            known = any(one["kind"] == kind.lower() for one in mapped.get("identifiers", ()))
            yield _step(place, value, format.NOTHING, _("sent twice") if known else _("not an identifier"))
            continue
        waiting.remove(found)
        why = _("identifier: %(kind)s") % {"kind": event_labels.identifier(found, channels)}
        yield _step(place, value, found["value"], why)


def _amounts(raw: Event, mapped: Event) -> Iterator[Step]:
    """Amounts and their currency."""
    came, became = raw.get("properties"), mapped.get("properties") or {}
    if not isinstance(came, dict):
        return
    for name in MONEY:
        if name in came and name in became and isinstance(came[name], str | int | float):
            said = mapped.get("currency") or became.get("currency") or ""
            makes = vocabulary.event(mapped["name"]).kind == "order_completed"
            why = str(said).upper() or (_("currency of the channel") if makes else _("currency of the order"))
            yield _step(f"properties.{name}", came[name], became[name], why)
