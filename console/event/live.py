"""What arrived just now, and what became of it, with whose it is. Not here: the inbox (channels/inbox/live.py)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels import health, queries, reasons
from channels.inbox import live, rejects
from channels.mapping import cleaning
from channels.models import Channel, Connector
from console.event import event_labels
from console.event.event import address
from kernel.errors import BadRequest, NotFound
from kernel.models import Workspace
from kernel.web import access, format, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render, shown
from profiles import timeline

SHOWN = 40  # messages of the stream
NARROWING = ("channel", "connector", "state", "type", "text")
LOOKED_AT = 200  # messages looked at when a filter leaves some out
RECORDS = "records"  # in the address: all types of them
UNDERSTOOD = (
    "type",
    "name",
    "means",
    "occurred_at",
    "touchpoint",
    "identifiers",
    "traits",
    "properties",
    "context",
    "marks",
)


Found = dict[str, Any]  # an event or a reject as the read API shows it


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One message of the stream."""

    at: datetime
    channel: Channel | None
    name: str  # as it was sent
    said: str  # what happened, in the reader's language
    kind: str  # of the identifier that says who
    who: str
    tone: str
    word: str
    why: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The newest messages that pass the filters."""

    rows: list[Row]
    shown: str
    chosen: str  # the channel
    connector: Connector | None  # the only one
    state: str
    type: str
    text: str
    filtered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Stream):
    """The stream and what it can be narrowed to."""

    channels: list[Channel]
    states: list[tuple[str, str]]
    types: list[str]
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """The event that a message became, or the reject; nothing while it waits."""

    event: Found | None = None
    understood: Found | None = None
    reject: Found | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Became):
    """One message as it was received and as it was understood."""

    raw: str
    name: str
    record: bool  # stored, and no event: a price, stock, a cost …
    life: str  # its address


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page; its stream renews itself."""
    page = Page(
        **shown(_stream(request)),
        channels=list(queries.channels_of(request.workspace.pk).values()),
        states=[(name, state(name)[1]) for name in TONES],
        types=[*sorted(cleaning.TYPES), RECORDS],
        finding=_finding(request),
    )
    looks.page(request, "live")
    return render(request, "event/live.html", page)


@access.require_role("viewer")
def stream(request: WorkspaceRequest) -> HttpResponse:
    """The stream alone; a piece."""
    piece = _stream(request)
    looks.page(request, "live")
    return render(request, "event/_stream.html", piece)


@access.require_role("viewer")
def opened(request: WorkspaceRequest, key: UUID, position: int) -> HttpResponse:
    """One message as it was received and as it was understood, side by side; a piece."""
    workspace, masked = request.workspace, request.access.masked
    try:
        at = datetime.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        raise BadRequest(
            _("The address lacks the time of receipt: open the event from the stream.")
        ) from None
    raw = queries.received(workspace.pk, at, key, position)
    if raw is None:
        raise NotFound(_("This message is no longer in the inbox."))
    name, became = request.GET.get("name", ""), _became(workspace, request.GET.get("id", ""), masked)
    known = became.event or became.reject
    piece = Opened(
        **shown(became),
        raw=format.readable(rejects.scrubbed(raw) if masked else raw),
        name=access.scrub(name) if masked else name,
        record=not known and request.GET.get("state") == live.STORED,
        life=address(known["message_id"], known["connector"] or "") if known else "",
    )
    looks.page(request, known["message_id"] if known else str(key))
    return render(request, "event/_live_event.html", piece)


def _became(workspace: Workspace, text: str, masked: bool) -> Became:
    """By the id as it stands in the address."""
    try:
        key = UUID(text)
    except ValueError:
        return Became()
    if found := timeline.one(connection, workspace, key, masked):
        return Became(event=found, understood=_understood(found))
    try:
        item = rejects.one(connection, workspace.pk, key, masked=masked, words=reasons.translated)
    except NotFound:
        return Became()
    more = {"label": reasons.of(item["reason"]).label}
    return Became(reject=item | more)


def _understood(event: Found) -> Found:
    """What was made of the message, without what is empty and without the ids of rows."""
    said = {name: event[name] for name in UNDERSTOOD if event.get(name)}
    if said.get("identifiers"):
        said["identifiers"] = [f"{one['kind']}: {one['value']}" for one in said["identifiers"]]
    return said


# ---- the stream ------------------------------------------------------------------------------------

TONES = {live.STORED: "good", live.REJECTED: "bad", live.REPEAT: "line", live.WAITING: "note"}


def state(name: str) -> tuple[str, str]:
    """The tone of what became of a message, and the word."""
    said = {
        live.STORED: _("stored"),
        live.REJECTED: _("rejected"),
        live.REPEAT: _("repeat"),
        live.WAITING: _("waiting"),
    }
    return TONES[name], said[name]


def _stream(request: WorkspaceRequest) -> Stream:
    workspace = request.workspace
    asked = {name: request.GET.get(name, "").strip() for name in NARROWING}
    masked = request.access.masked
    sources = {
        one.pk: one
        for one in Connector.objects.filter(workspace=workspace).select_related("channel").order_by("id")
    }
    place = next((one.channel for one in sources.values() if one.channel.slug == asked["channel"]), None)
    only = next((one for one in sources.values() if str(one.uuid) == asked["connector"]), None)
    found = live.recent(
        connection,
        workspace.pk,
        LOOKED_AT if any(asked.values()) else SHOWN,
        connector=only.pk if only else None,
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
    return Stream(
        rows=[row(item, sources.get(item.connector), masked) for item in passed],
        shown=said % {"n": format.number(len(passed)), "all": format.number(len(found))},
        chosen=place.slug if place else "",
        connector=only,
        state=asked["state"],
        type=asked["type"],
        text=asked["text"],
        filtered=any(asked.values()),
    )


def _kind(item: live.Live) -> str:
    """The type of a message; records are one kind."""
    return item.type if item.type in cleaning.TYPES or not item.type else RECORDS


def _says(item: live.Live, text: str, masked: bool) -> bool:
    """Whether a text stands in what the row is called by, as the person who asks may see it."""
    said = (item.name, item.type, item.message_id)
    return any(text in (access.scrub(one) if masked else one).casefold() for one in said)


def row(item: live.Live, source: Connector | None, masked: bool) -> Row:
    """A message as somebody may see it."""
    tone, word = state(item.state)
    name = item.name or item.type or item.message_id[:24]
    if masked:  # in the address too
        name = access.scrub(name)
    who = item.identifiers[0] if item.identifiers else None
    why = f"{reasons.of(item.why.reason).label}: {reasons.translated(item.why)}" if item.why else ""
    if item.state == live.REPEAT:
        why = _("a good copy of it is stored") if item.why else _("this messageId is stored already")
    query = urlencode(
        {"at": item.received_at.isoformat(), "id": str(item.id), "name": name, "state": item.state}
    )
    who_is = (access.mask(who.kind, who.value) if masked else who.value) if who else ""
    return Row(
        at=item.received_at,
        channel=source.channel if source else None,
        name=name,
        said=event_labels.sentence({"name": name if item.name else "", "type": item.type}) or name,
        kind=event_labels.kind(who.kind) if who else "",
        who=who_is,
        tone=tone,
        word=word,
        why=access.scrub(why) if masked else why,
        address=reverse("live-event", args=[item.request, item.position]) + f"?{query}",
    )


def _finding(request: WorkspaceRequest) -> str:
    """The sentence under the title."""
    counts = health.together(health.of_channels(request.workspace.pk).values())
    if not counts.received:
        return _("Nothing arrived in the last 24 hours.")
    said = ngettext(
        "%(n)s message in the last 24 hours: %(stored)s stored, %(bad)s rejected.",
        "%(n)s messages in the last 24 hours: %(stored)s stored, %(bad)s rejected.",
        counts.received,
    )
    return said % {
        "n": format.number(counts.received),
        "stored": format.number(counts.stored),
        "bad": format.number(counts.rejected),
    }
