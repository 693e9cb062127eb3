"""Suggested matches on Data quality: both customers side by side, what speaks for one person, and how each ends.

Not here: how they are found (cdp/pipeline/suggesting.py), the words of fields and degrees (match_words.py), the API.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cdp.pipeline import suggesting
from console.quality import match_words, suggestions_api
from kernel import audit, cursor
from kernel.errors import BadRequest, Refused
from kernel.web import access, format, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.api import uuid_of
from kernel.web.page import render
from profiles import queries as people
from profiles.suggestions import kept, listing

PER_PAGE: Final = 10
SURE: Final = (0.999, 0.99, 0.95)  # scores from which many may be accepted at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A field of both. `tone`: good, bad or nothing."""

    field: str
    a: str
    b: str
    level: str
    weight: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A customer of a pair."""

    id: str
    called: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two customers that may be one."""

    id: str
    a: Side
    b: Side
    score: float
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class State:
    """One of the lists."""

    name: str
    words: str
    current: bool


@dataclass(frozen=True, slots=True)
class Sure:
    """Those above a score."""

    score: float
    words: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The list in one state."""

    finding: str
    states: list[State]
    state: str
    waits: bool  # for a decision
    rows: list[Match]
    page: cursor.Page
    sure: list[Sure]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """A page of the pairs in a state, the likeliest first."""
    workspace, masked = request.workspace.pk, request.access.masked
    state = request.GET.get("state", "open")
    at = request.GET.get("at") or None
    found = listing.page(connection, workspace, state, timezone.now(), masked, at, PER_PAGE)
    page = Page(
        finding=_finding(workspace) if state == "open" else "",
        states=[State(name, match_words.state(name), name == state) for name in kept.STATES],
        state=state,
        waits=state in kept.WAITS,
        rows=_rows(workspace, found.items, masked),
        page=found,
        sure=_sure(workspace) if state == "open" else [],
    )
    looks.listed(request, "matches", len(page.rows))
    return render(request, "quality/matches.html", page)


def _finding(workspace: int) -> str:
    """How many pairs wait, and how many of them are likely one customer."""
    waits, sure = (kept.count_above(connection, workspace, score) for score in (0.0, SURE[-1]))
    if not waits:
        return ""
    said = ngettext("%(n)s pair waits for your word", "%(n)s pairs wait for your word", waits) % {
        "n": format.number(waits)
    }
    likely = _("%(n)s of them %(score)s likely one customer, or more.") % {
        "n": format.number(sure),
        "score": format.percent(SURE[-1], 0),
    }
    return f"{said}{_(', ')}{likely}"


def _sure(workspace: int) -> list[Sure]:
    counted = [(score, kept.count_above(connection, workspace, score)) for score in SURE]
    return [Sure(score, format.percent(score), n) for score, n in counted if n]


def _rows(workspace: int, items: list[dict[str, Any]], masked: bool) -> list[Match]:
    names = people.names_of(
        connection, workspace, {key for one in items for key in one["profiles"]}, masked=masked
    )
    return [
        Match(
            id=one["id"],
            a=Side(id=one["profiles"][0], called=names.get(one["profiles"][0], "")),
            b=Side(id=one["profiles"][1], called=names.get(one["profiles"][1], "")),
            score=one["score"],
            rows=[_row(row) for row in one["evidence"]],
        )
        for one in items
    ]


def _row(one: dict[str, Any]) -> Row:
    weight = one["weight"]
    return Row(
        field=match_words.field(one["field"]),
        a=one["a"] or format.NOTHING,
        b=one["b"] or format.NOTHING,
        level=match_words.level(one["level"]),
        weight=_signed(weight),
        tone="good" if weight > 0 else "bad" if weight < 0 else "",
    )


def _signed(weight: float) -> str:
    text = format.number(abs(weight), 1)
    return (
        f"{format.MINUS if weight < 0 else '+'}{text}" if any(sign in text for sign in "123456789") else "0"
    )


@require_POST
@access.require_role("analyst")
def decide(request: WorkspaceRequest) -> HttpResponse:
    """One customer, two customers, or later."""
    number = uuid_of(request.POST.get("number", ""))
    if number is None:
        raise BadRequest(_("The suggestion is missing."))
    try:
        said = _done(request, str(number), request.POST.get("decision", ""))
    except Refused as wrong:
        messages.warning(request, str(wrong), extra_tags="warn")
    else:
        messages.success(request, said, extra_tags="good")
    return redirect("matches")


def _done(request: WorkspaceRequest, text: str, decision: str) -> str:
    """Does it, and says so."""
    workspace, actor, number = (
        request.workspace.pk,
        request.user.get_username(),
        suggestions_api.number_of(text),
    )
    if decision == "accept":
        suggestions_api.accept(workspace, number, _("Suggested match"), actor)
        return _("They are one customer now. It can be undone on the customer's page.")
    if decision == "refuse":
        suggestions_api.refuse(workspace, number, _("Suggested match"), actor)
        return _("They are two customers: neither an event nor a suggestion joins them.")
    if decision == "later":
        suggestions_api.leave(workspace, number, actor)
        return _("Left for later: it comes back in 30 days.")
    raise BadRequest(_("A suggestion ends as one customer, two customers or later."))


@require_POST
@access.require_role("analyst")
def accept_many(request: WorkspaceRequest) -> HttpResponse:
    """All above a score."""
    score = next((one for one in SURE if str(one) == request.POST.get("score")), None)
    if score is None:
        raise BadRequest(_("The score is missing."))
    actor = request.user.get_username()
    done = suggestions_api.accept_above(request.workspace.pk, score, _("Suggested match"), actor)
    said = ngettext(
        "%(n)s pair is one customer now.", "%(n)s pairs are one customer each now.", done.accepted
    )
    messages.success(request, said % {"n": format.number(done.accepted)}, extra_tags="good")
    return redirect("matches")


@require_POST
@access.require_role("analyst")
def find(request: WorkspaceRequest) -> HttpResponse:
    """Looks for pairs anew, beside the line; its progress stands on every page."""
    job = suggesting.ask(request.workspace)
    audit.by(request, "suggestions.run", str(job.pk))
    return redirect(reverse("matches"))
