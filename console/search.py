"""The one search box of every page, and what it suggests as one types. Not here: how customers are found (profiles)."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from console.event import event_labels, event_trace
from console.event.event import address
from kernel.web import access, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from profiles import queries, suggest
from profiles.suggest import Hit

MOST = 8  # suggestions
MOST_EVENTS = 2  # of them; a messageId may have come from several connectors
LONGEST = 200  # characters of what is asked
EVENT = "event"  # the kind of what a messageId finds


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """Straight to the customer when there is only one, to an event's trace by its messageId, else to the list."""
    text = _asked(request)
    if text:
        masked = request.access.masked
        found = queries.find(connection, request.workspace, {"search": text}, None, 2, masked=masked)
        if len(found.items) == 1:
            return redirect("customer", key=found.items[0]["id"])
        if not found.items and event_trace.copies(request.workspace.pk, text):
            return redirect(address(text))
    return redirect(_all(text))


def _asked(request: WorkspaceRequest) -> str:
    return request.GET.get("q", "").strip()[:LONGEST]


def _all(text: str) -> str:
    """The list of all that a text finds."""
    return reverse("customers") + ("?" + urlencode({"search": text}) if text else "")


# ---- as one types ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where it leads, what it is called, and why it is suggested."""

    n: int  # from 1, over all groups
    address: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found by the same kind of thing."""

    n: int  # from 1
    kind: str
    words: str
    suggestions: list[Suggestion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """The list below the box."""

    text: str
    groups: list[Group]
    count: int
    every: str  # the address of all customers, where there are any


@access.require_role("viewer")
def offer(request: WorkspaceRequest) -> HttpResponse:
    """What the text in the box may mean, by kind; a piece."""
    text = _asked(request)
    groups = list(_groups(_found(request, text))) if text else []
    count = sum(len(group.suggestions) for group in groups)
    customers = any(group.kind != EVENT for group in groups)
    looks.listed(request, "search", sum(len(group.suggestions) for group in groups if group.kind != EVENT))
    piece = Suggestions(text=text, groups=groups, count=count, every=_all(text) if customers else "")
    return render(request, "_suggestions.html", piece)


Found = tuple[str, str, str, str]  # kind, address, name, why


def _found(request: WorkspaceRequest, text: str) -> list[Found]:
    """Customers, then events, in the order in which they are shown: kinds stand together."""
    events = list(_events(request.workspace.pk, text))
    hits = suggest.hits(connection, request.workspace, text, MOST - len(events), masked=request.access.masked)
    found = [(hit.kind, reverse("customer", args=[hit.id]), hit.called, _why(hit)) for hit in hits]
    named = [one for one in found if one[0] == "name"]
    return [*(one for one in found if one[0] != "name"), *events, *named]


def _events(workspace: int, text: str) -> Iterator[Found]:
    copies = event_trace.copies(workspace, text)[:MOST_EVENTS]
    for connector, _event in copies:
        channel = shell.channel_name(connector.channel)
        where = address(text, connector.uuid if len(copies) > 1 else "")
        if where:
            yield EVENT, where, text, _("messageId, from %(channel)s") % {"channel": channel}


def _why(hit: Hit) -> str:
    said = {"kind": event_labels.kind(hit.kind), "value": hit.value}
    if hit.kind == "number":
        return _("order number %(value)s") % said
    told = {
        "whole": _("%(kind)s %(value)s"),
        "tail": _("%(kind)s %(value)s ends in these digits"),
        "mask": _("%(kind)s %(value)s, by its masked form"),
        "id": _("id begins with %(value)s"),
        "name": _("name contains “%(value)s”"),
    }
    return told[hit.how] % said


def _groups(found: list[Found]) -> Iterator[Group]:
    """By kind, in the order in which the first of each was found."""
    by_kind: dict[str, list[Suggestion]] = {}
    for n, (kind, where, name, why) in enumerate(found, 1):
        by_kind.setdefault(kind, []).append(Suggestion(n, where, name, why))
    for n, (kind, suggestions) in enumerate(by_kind.items(), 1):
        yield Group(n, kind, _heading(kind), suggestions)


def _heading(kind: str) -> str:
    said = {
        "number": _("Order number"),
        EVENT: _("Event trace"),
        "name": _("Full name"),
        "id": _("Id"),
    }
    words = said.get(kind) or event_labels.kind(kind)
    return words[:1].upper() + words[1:]
