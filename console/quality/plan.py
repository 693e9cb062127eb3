"""The tracking plan: what breaks it and since when, what to send to the developer, its events and how strict each is.

Not here: one event (plan_event.py), a proposal (plan_proposal.py), words (plan_words.py).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels.models import Connector
from channels.plan import api, form, versions, violations
from channels.plan.form import Event, Plan
from channels.plan.versions import Kept
from channels.plan.violations import Example, Together
from console.quality import plan_words
from kernel.errors import BadRequest, NotFound
from kernel.web import access, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

DAYS = 30  # that the page looks back
MOST_ROWS = 50  # of what breaks the plan

Ways = list[tuple[Together, Connector]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """A mode that an event can have."""

    name: str
    words: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One way in which an event breaks the plan."""

    event: str
    address: str  # of the event's page
    property: str
    wrong: str
    connector: Connector
    count: int
    refused: int
    checked: int
    share: str
    since: date
    example: Example
    query: str  # that opens it
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event of the plan, and how it kept to it."""

    name: str
    address: str
    mode: str
    words: str
    properties: int
    required: int
    checked: int
    broken: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The plan as a whole."""

    saved: versions.Version | None  # the newest version
    broken: list[Broken]
    more: int  # ways that are not shown
    opened: Broken | None
    rows: list[Row]
    modes: list[Mode]
    days: int
    finding: str


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """What breaks the plan in the last days, and its events."""
    workspace = request.workspace
    first, last = period(request)
    kept = versions.kept(connection, workspace.pk)
    ways = known(workspace.pk, violations.together(connection, workspace.pk, first, last))
    broken = [
        told(one, connector, kept.plan, last, masked=request.access.masked)
        for one, connector in ways[:MOST_ROWS]
    ]
    opened = _opened(broken, request.GET.get("open", ""))
    counts = _counts(workspace.pk, first, last)
    checked = sum(1 for event in kept.plan.events.values() if event.mode != form.OPEN)
    page = Page(
        saved=next(iter(versions.all_of(connection, workspace.pk)), None),
        broken=broken,
        more=max(0, len(ways) - MOST_ROWS),
        opened=opened,
        rows=sorted(
            (_row(name, event, counts.get(name, (0, 0, 0))) for name, event in kept.plan.events.items()),
            key=lambda row: (-row.broken, -row.checked, row.name),
        ),
        modes=modes(),
        days=DAYS,
        finding=plan_words.finding(ways, checked, sum(one[0] for one in counts.values())),
    )
    looks.listed(request, "plan", len(broken))  # each with an example of what stood there
    return render(request, "quality/plan.html", page)


@access.require_role("admin")
@require_POST
def set_mode(request: WorkspaceRequest) -> HttpResponse:
    """How strict an event is from now on."""
    name, wanted = request.POST.get("event", ""), request.POST.get("mode", "")
    kept = versions.kept(connection, request.workspace.pk)
    event = found(kept, name)
    if wanted not in form.MODES:
        raise BadRequest(_("Choose one of the modes."))
    events = kept.plan.events | {name: Event(wanted, event.properties)}
    why = f"{name}: {wanted}"
    api.save(request.workspace, request.user.get_username(), Plan(events), why, kept.version)
    return redirect(event_address(name) if request.POST.get("back") == "event" else reverse("plan"))


# ---- what the pages of the plan share ---------------------------------------------------------------


def period(request: WorkspaceRequest) -> tuple[date, date]:
    """The last days, in the workspace's zone."""
    last = shell.today(request.workspace)
    return last - timedelta(days=DAYS - 1), last


def found(kept: Kept, name: str) -> Event:
    """An event of the plan."""
    event = kept.plan.events.get(name)
    if event is None:
        raise NotFound(_("There is no such event in the plan."))
    return event


def event_address(name: str) -> str:
    """An event's page."""
    return f"{reverse('plan-event')}?{urlencode({'name': name})}"


def modes() -> list[Mode]:
    """All of them, in words."""
    return [
        Mode(name=name, words=plan_words.mode(name), meaning=plan_words.meaning(name)) for name in form.MODES
    ]


def known(workspace: int, ways: list[Together]) -> Ways:
    """Each with its connector."""
    every = Connector.objects.filter(workspace_id=workspace).select_related("channel")
    by_id = {one.pk: one for one in every}
    return [(one, by_id[one.connector]) for one in ways if one.connector in by_id]


def told(one: Together, connector: Connector, plan: Plan, last: date, *, masked: bool) -> Broken:
    """A way in which the plan is broken, in words."""
    example = violations.shown(one.property, one.example, masked=masked)
    event = plan.events.get(one.event, Event())
    place = {
        "event": one.event,
        "property": one.property,
        "code": one.code,
        "connector": str(connector.uuid),
    }
    return Broken(
        event=one.event,
        address=event_address(one.event) if one.event in plan.events else "",
        property=one.property,
        wrong=plan_words.wrong(one.code, one.wanted),
        connector=connector,
        count=one.count,
        refused=one.refused,
        checked=one.checked,
        share=plan_words.percent(one.count, one.checked),
        since=one.since,
        example=example,
        query="|".join(place.values()),
        snippet=plan_words.snippet(one, connector, event.properties.get(one.property), example, last),
    )


def _opened(broken: list[Broken], asked: str) -> Broken | None:
    """The one that the address opens, else the first."""
    return next((one for one in broken if one.query == asked), broken[0] if broken else None)


def _counts(workspace: int, first: date, last: date) -> dict[str, tuple[int, int, int]]:
    """By event: checked, broken, refused."""
    sums: dict[str, tuple[int, int, int]] = {}
    for one in violations.checked(connection, workspace, first, last):
        before = sums.get(one.event, (0, 0, 0))
        sums[one.event] = (before[0] + one.checked, before[1] + one.broken, before[2] + one.refused)
    return sums


def _row(name: str, event: Event, counts: tuple[int, int, int]) -> Row:
    values: Any = event.properties.values()
    return Row(
        name=name,
        address=event_address(name),
        mode=event.mode,
        words=plan_words.mode(event.mode),
        properties=len(event.properties),
        required=sum(1 for said in values if said.required),
        checked=counts[0],
        broken=counts[1],
        refused=counts[2],
    )
