"""The rules as a form that reads like the agreement; what is wrong is said while one types; the versions there were.

Not here: reading the form (draft.py), trying rules (simulation.py).
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.allocation import asked, base, draft, words
from console.allocation.asked import Asked
from console.allocation.draft import Draft
from kernel import audit
from kernel.errors import BadRequest, Conflict
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.allocation import rules, versions
from metrics.allocation.rules import Fault, Rules
from metrics.allocation.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the form says: as sentences, or what is wrong with it."""

    sentences: list[str]
    faults: list[Fault]


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """A version that was in force."""

    version: int
    sentences: list[str]
    reason: str
    author: str
    at: datetime
    address: str  # of the form with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    tabs: list[base.ShownTab]
    title: str
    problem: str
    draft: Draft
    reading: Reading
    seen: int  # the version in force as this page was made; `version` is the product's, in the frame
    reason: str
    versions: list[Old]
    may_change: bool
    may_try: bool
    faults: list[Fault]
    sentences: list[str]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The rules in force, or those of the address."""
    given = asked.of(request)
    current = versions.in_force(connection, given.settings.workspace)
    slugs = list(given.channels)
    form = draft.given(request.GET.dict(), slugs)
    if draft.MARK not in form:
        form = draft.typed(current.rules if current else Rules(), slugs)
    return _page(request, given, form)


@require_POST
@access.require_role("viewer")
def check(request: WorkspaceRequest) -> HttpResponse:
    """What the form says so far: a piece of the page, asked for while somebody types."""
    given = asked.of(request)
    form = draft.given(request.POST.dict(), list(given.channels))
    return render(request, "allocation/_reading.html", read(given, form))


@require_POST
@access.require_role("admin")
def put(request: WorkspaceRequest) -> HttpResponse:
    """The form's rules into force."""
    given = asked.of(request)
    slugs = list(given.channels)
    form = draft.given(request.POST.dict(), slugs)
    seen = request.POST.get("version", "")
    try:
        with transaction.atomic():
            made = versions.put(
                connection,
                given.settings,
                draft.rules_of(form, slugs),
                request.POST.get("reason", ""),
                given.actor.name,
                timezone.now(),
                int(seen[:9]) if seen[:9].isdecimal() else None,
            )
            audit.by(request, "allocation.rules", f"v{made.version}", reason=made.reason)
    except (BadRequest, Conflict) as wrong:
        return _page(request, given, form, str(wrong))
    said = _("Version %(version)s is in force: the next statement is computed by it.")
    messages.success(request, said % {"version": made.version}, extra_tags="good")
    return redirect("allocation-rules")


def read(given: Asked, form: dict[str, str]) -> Reading:
    """A form as it is read."""
    slugs = list(given.channels)
    pot = versions.last_pot(connection, given.settings)
    found = rules.read(draft.rules_of(form, slugs), slugs, given.settings.currency, pot)
    told = [] if found.faults else words.sentences(found.rules, given.channels, given.settings.currency)
    return Reading(sentences=told, faults=found.faults)


def _page(request: WorkspaceRequest, given: Asked, form: dict[str, str], problem: str = "") -> HttpResponse:
    every = versions.all_of(connection, given.settings.workspace)
    reading = read(given, form)
    page = Page(
        tabs=base.tabs(request),
        title=_("Rules, version %(version)s") % {"version": every[0].version}
        if every
        else _("No rules are in force yet"),
        problem=problem,
        draft=draft.draft(form, list(given.channels.values())),
        reading=reading,
        seen=every[0].version if every else 0,
        reason=request.POST.get("reason", ""),
        versions=[_old(given, one) for one in every],
        may_change=given.actor.admin,
        may_try=given.access.reaches("analyst"),
        faults=reading.faults,
        sentences=reading.sentences,
    )
    return render(request, "allocation/rules.html", page, 422 if problem else 200)


def _old(given: Asked, one: Version) -> Old:
    return Old(
        version=one.version,
        sentences=words.sentences(one.rules, given.channels, given.settings.currency),
        reason=one.reason,
        author=one.author,
        at=one.at,
        address="?" + urlencode(draft.typed(one.rules, list(given.channels))),
    )
