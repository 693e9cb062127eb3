"""What arrived just now, and what became of it, with whose it is. Not here: the inbox (channels/inbox/live.py)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cdp.kernel import access, speech
from cdp.kernel.errors import BadRequest, NotFound
from cdp.kernel.models import Role
from cdp.pages import words
from cdp.pages.event import address
from channels import hints, queries
from channels.inbox import live, rejects
from channels.mapping import cleaning
from channels.models import Channel, Connector
from profiles import timeline

SHOWN = 40  # messages of the stream
LOOKED_AT = 200  # messages looked at when a filter leaves some out
RECORDS = "records"  # in the address: all types of them
UNDERSTOOD = (
    "type",
    "name",
    "occurred_at",
    "touchpoint",
    "identifiers",
    "traits",
    "properties",
    "context",
    "marks",
)


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """The page; its stream renews itself."""
    values = _values(request)
    channels = Channel.objects.filter(workspace=request.workspace).order_by("id")  # type: ignore[attr-defined]
    more = {
        "channels": channels,
        "states": [(name, _state(name)[1]) for name in TONES],
        "types": [*sorted(cleaning.TYPES), RECORDS],
        "finding": _finding(request),
    }
    return render(request, "cdp/live.html", values | more)


@access.needs("viewer")
def stream(request: HttpRequest) -> HttpResponse:
    """The stream alone; a piece."""
    return render(request, "cdp/_stream.html", _values(request))


@access.needs("viewer")
def opened(request: HttpRequest, key: UUID, position: int) -> HttpResponse:
    """One message as it was received and as it was understood, side by side; a piece."""
    workspace, masked = request.workspace, request.role == Role.VIEWER  # type: ignore[attr-defined]
    try:
        at = datetime.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        raise BadRequest(
            _("The address lacks the time of receipt: open the event from the stream.")
        ) from None
    raw = queries.received(workspace.pk, at, key, position)
    if raw is None:
        raise NotFound(_("This message is no longer in the inbox."))
    text = speech.readable(rejects.scrubbed(raw) if masked else raw)
    name = request.GET.get("name", "")
    values: dict[str, Any] = {"raw": text, "name": access.scrub(name) if masked else name}
    values |= _became(workspace, request.GET, masked)
    known = values.get("event") or values.get("reject")
    # What was stored and is neither event nor reject is a record: a price, stock, a cost …
    values["record"] = not known and request.GET.get("state") == live.STORED
    values["life"] = address(known["message_id"], known["connector"] or "") if known else ""
    return render(request, "cdp/_live_event.html", values)


def _became(workspace: Any, asked: Any, masked: bool) -> dict[str, Any]:
    """The event as it was stored, or the reject it became; nothing while it waits."""
    try:
        key = UUID(asked.get("id", ""))
    except ValueError:
        return {}
    if found := timeline.one(connection, workspace, key, masked):
        return {"event": found, "understood": _understood(found)}
    try:
        item = rejects.one(connection, workspace.pk, key, masked=masked)
    except NotFound:
        return {}
    more = {"label": rejects.REASONS[item["reason"]].label, "hint": hints.told(item["hint"])}
    return {"reject": item | more}


def _understood(event: dict[str, Any]) -> dict[str, Any]:
    """What was made of the message, without what is empty and without the ids of rows."""
    said = {name: event[name] for name in UNDERSTOOD if event.get(name)}
    if said.get("identifiers"):
        said["identifiers"] = [f"{one['kind']}: {one['value']}" for one in said["identifiers"]]
    return said


# ---- the stream ------------------------------------------------------------------------------------

TONES = {live.STORED: "good", live.REJECTED: "bad", live.REPEAT: "line", live.WAITING: "note"}


def _state(name: str) -> tuple[str, str]:
    said = {
        live.STORED: _("stored"),
        live.REJECTED: _("rejected"),
        live.REPEAT: _("repeat"),
        live.WAITING: _("waiting"),
    }
    return TONES[name], said[name]


def _values(request: HttpRequest) -> dict[str, Any]:
    """The newest messages that pass the filters."""
    workspace = request.workspace  # type: ignore[attr-defined]
    asked = {name: request.GET.get(name, "").strip() for name in ("channel", "state", "type", "text")}
    masked = request.role == Role.VIEWER  # type: ignore[attr-defined]
    sources = {
        one.pk: one
        for one in Connector.objects.filter(workspace=workspace).select_related("channel").order_by("id")
    }
    place = next((one.channel for one in sources.values() if one.channel.slug == asked["channel"]), None)
    found = live.recent(
        connection,
        workspace.pk,
        LOOKED_AT if any(asked.values()) else SHOWN,
        channel=place.pk if place else None,
    )
    passed = [
        item
        for item in found
        if (not asked["state"] or item.state == asked["state"])
        and (not asked["type"] or _kind(item) == asked["type"])
        and (not asked["text"] or _says(item, asked["text"].casefold(), masked))
    ][:SHOWN]
    said = ngettext(
        "shown: %(n)s of the last %(all)s message", "shown: %(n)s of the last %(all)s messages", len(found)
    )
    return {
        "rows": [_row(item, sources.get(item.connector), masked) for item in passed],
        "shown": said % {"n": speech.number(len(passed)), "all": speech.number(len(found))},
        "chosen": place.slug if place else "",
        "state": asked["state"],
        "type": asked["type"],
        "text": asked["text"],
        "filtered": any(asked.values()),
    }


def _kind(item: live.Live) -> str:
    """The type of a message; records are one kind."""
    return item.type if item.type in cleaning.TYPES or not item.type else RECORDS


def _says(item: live.Live, text: str, masked: bool) -> bool:
    """Whether a text stands in what the row is called by, as the person who asks may see it."""
    said = (item.name, item.type, item.message_id)
    return any(text in (access.scrub(one) if masked else one).casefold() for one in said)


def _row(item: live.Live, source: Connector | None, masked: bool) -> dict[str, Any]:
    """One message of the stream."""
    tone, word = _state(item.state)
    name = item.name or item.type or item.message_id[:24]
    if masked:  # in the address too
        name = access.scrub(name)
    who = item.identifiers[0] if item.identifiers else None
    why = f"{rejects.REASONS[item.reason].label}: {hints.told(item.hint)}" if item.reason else ""
    if item.state == live.REPEAT:
        why = _("a good copy of it is stored") if item.reason else _("this messageId is stored already")
    query = urlencode(
        {"at": item.received_at.isoformat(), "id": str(item.id), "name": name, "state": item.state}
    )
    return {
        "at": item.received_at,
        "channel": source.channel if source else None,
        "name": name,
        "kind": words.kind(who.kind) if who else "",
        "who": (access.mask(who.kind, who.value) if masked else who.value) if who else "",
        "tone": tone,
        "word": word,
        "why": access.scrub(why) if masked else why,
        "address": reverse("live-event", args=[item.request, item.position]) + f"?{query}",
    }


def _finding(request: HttpRequest) -> str:
    """The sentence under the title."""
    flows = queries.flows(request.workspace.pk).values()  # type: ignore[attr-defined]
    received = sum(flow.received for flow in flows)
    if not received:
        return _("Nothing arrived in the last 24 hours.")
    said = ngettext(
        "%(n)s message in the last 24 hours, %(bad)s of them rejected.",
        "%(n)s messages in the last 24 hours, %(bad)s of them rejected.",
        received,
    )
    return said % {"n": speech.number(received), "bad": speech.number(sum(flow.rejected for flow in flows))}
