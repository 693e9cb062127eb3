"""One event of the tracking plan: its properties, what breaks each, day by day; changed as JSON.

Not here: all of them (plan.py).
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from channels.plan import api, form, versions, violations
from channels.plan.form import BadPlan, Event, Plan
from channels.plan.violations import OnDay
from console.quality import plan, plan_words
from console.quality.plan import Broken, Mode
from kernel.errors import Conflict
from kernel.web import access, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

SHOWN_DAYS = 14  # of the table of days


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A property of the event."""

    name: str
    kind: str
    required: bool
    limits: str
    count: int  # messages in which it breaks the plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The event."""

    name: str
    mode: str
    modes: list[Mode]
    rows: list[Row]
    broken: list[Broken]
    days: list[OnDay]
    most: int  # checked on the busiest of the days
    checked: int
    wrong: int
    text: str
    based_on: int  # the version that a change is made from
    problem: str = ""
    span: int = plan.DAYS


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """Its properties and what breaks them; an admin's POST changes them."""
    name = request.GET.get("name", "")
    kept = versions.kept(connection, request.workspace.pk)
    event = plan.found(kept, name)
    if request.method == "POST" and request.access.reaches("admin"):
        return _change(request, name, kept)
    return render(request, "quality/plan_event.html", _page(request, name, event, kept.version))


def _change(request: WorkspaceRequest, name: str, kept: versions.Kept) -> HttpResponse:
    """The event as its text has it now; a text that cannot be read comes back with a sentence."""
    text = request.POST.get("text", "")
    try:
        given = json.loads(text)
        if not isinstance(given, dict):
            raise BadPlan(_("This is to be an object."))
        read = form.read({name: {"mode": kept.plan.events[name].mode, "properties": given}})
        based_on = int(request.POST.get("version", "0") or 0)
        events = kept.plan.events | read.events
        api.save(request.workspace, request.user.get_username(), form.bounded(Plan(events)), name, based_on)
    except (BadPlan, Conflict, ValueError, RecursionError) as why:
        said = _("This is no JSON: %(what)s.") % {"what": str(why)[:200]}
        problem = str(why) if isinstance(why, BadPlan | Conflict) else said
        page = _page(request, name, kept.plan.events[name], kept.version, text, problem)
        return render(request, "quality/plan_event.html", page)
    return redirect(plan.event_address(name))


def _page(
    request: WorkspaceRequest, name: str, event: Event, version: int, text: str = "", problem: str = ""
) -> Page:
    workspace = request.workspace.pk
    first, last = plan.period(request)
    ways = plan.known(workspace, violations.together(connection, workspace, first, last, event=name))
    whole = Plan({name: event})
    days = _days(violations.on_days(connection, workspace, name, first, last), last)
    counts: dict[str, int] = {}
    for one, _connector in ways:
        counts[one.property] = counts.get(one.property, 0) + one.count
    looks.listed(request, f"plan {name}", len(ways))
    return Page(
        name=name,
        mode=event.mode,
        modes=plan.modes(),
        rows=[_row(each, event, counts) for each in event.properties],
        broken=[
            plan.told(one, connector, whole, last, masked=request.access.masked) for one, connector in ways
        ],
        days=days,
        most=max((day.checked for day in days), default=0),
        checked=sum(day.checked for day in days),
        wrong=sum(day.broken for day in days),
        text=text or _text(event),
        based_on=version,
        problem=problem,
    )


def _row(name: str, event: Event, counts: dict[str, int]) -> Row:
    said = event.properties[name]
    return Row(
        name=name,
        kind=plan_words.kind(said.type),
        required=said.required,
        limits=plan_words.limits(said),
        count=counts.get(name, 0),
    )


def _days(found: list[OnDay], last: date) -> list[OnDay]:
    """The last days, those without an event as well, the newest first."""
    by_day = {one.day: one for one in found}
    wanted = [last - timedelta(days=n) for n in range(SHOWN_DAYS)]
    return [by_day.get(day, OnDay(day, 0, 0, 0)) for day in wanted]


def _text(event: Event) -> str:
    """The properties as JSON, one a line."""
    lines = []
    for name, said in form.shown(Plan({"": event}))[""]["properties"].items():
        told: dict[str, Any] = {
            key: value for key, value in said.items() if value is not None and value is not False
        }
        lines.append(f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(told, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}" if lines else "{}"
