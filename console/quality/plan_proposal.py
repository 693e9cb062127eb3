"""A tracking plan proposed out of what came: looked at, chosen from, saved. Not here: making it (plan_api.py)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.plan import api, form, versions
from channels.plan.form import Event, Plan
from console.quality import plan, plan_api, plan_words
from console.quality.plan_api import Proposal
from kernel.errors import BadRequest
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

SPANS = (7, 30, 90)  # days
LOOKED_AT = timedelta(days=1)  # a proposal is saved as it was seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A property as it is proposed."""

    name: str
    kind: str
    required: bool
    limits: str
    share: str  # of the events that have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """An event as it is proposed."""

    name: str
    seen: int
    lines: list[Line]
    required: int
    known: bool  # the plan has it: what it says there stays unless it is chosen
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The proposal."""

    spans: tuple[int, ...]
    days: int
    looked_at: int
    events: list[Proposed]
    modes: list[plan.Mode]
    based_on: int  # the version that a change is made from
    until: str  # what is saved is made of the same events as what was looked at
    finding: str


@access.require_role("analyst")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The proposal; an admin's POST saves what is chosen of it."""
    days = _span(request.POST.get("days") or request.GET.get("days", ""))
    kept = versions.kept(connection, request.workspace.pk)
    until = _until(request.POST.get("until", ""), timezone.now())
    found = plan_api.propose(request.workspace.pk, days, until)
    if request.method == "POST" and request.access.reaches("admin"):
        return _save(request, kept, found)
    events = _events(found, kept.plan)
    page = Page(
        spans=SPANS,
        days=days,
        looked_at=found.looked_at,
        events=events,
        modes=plan.modes(),
        based_on=kept.version,
        until=until.isoformat(),
        finding=_finding(events, found.looked_at, days),
    )
    return render(request, "quality/plan_proposal.html", page)


def _span(given: str) -> int:
    return int(given) if given in {str(one) for one in SPANS} else plan.DAYS


def _until(given: str, now: datetime) -> datetime:
    """Up to when the events were that somebody looked at, where that was a moment ago."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return now
    return found if found.tzinfo is not None and timedelta() <= now - found < LOOKED_AT else now


def _save(request: WorkspaceRequest, kept: versions.Kept, found: Proposal) -> HttpResponse:
    """The chosen events into the plan, in one mode; the others stay as they are."""
    chosen, mode = request.POST.getlist("event"), request.POST.get("mode", form.OPEN)
    if mode not in form.MODES:
        raise BadRequest(_("Choose one of the modes."))
    taken = {
        name: Event(mode, found.plan.events[name].properties) for name in chosen if name in found.plan.events
    }
    if taken:
        whole = form.bounded(Plan(kept.plan.events | taken))
        why = _("Proposed from traffic")
        based_on = request.POST.get("version", "")
        number = int(based_on) if based_on.isdecimal() and len(based_on) < 9 else kept.version
        api.save(request.workspace, request.user.get_username(), whole, why, number)
    return redirect(reverse("plan"))


def _events(found: Proposal, now: Plan) -> list[Proposed]:
    """Event by event, the most frequent first."""
    shares: dict[tuple[str, str], Any] = {(one.event, one.property): one for one in found.seen}
    order = dict.fromkeys(one.event for one in found.seen)
    return [
        Proposed(
            name=name,
            seen=next(one.events for one in found.seen if one.event == name),
            lines=[
                Line(
                    name=each,
                    kind=plan_words.kind(said.type),
                    required=said.required,
                    limits=plan_words.limits(said),
                    share=plan_words.percent(shares[name, each].there, shares[name, each].of),
                )
                for each, said in sorted(found.plan.events[name].properties.items())
            ],
            required=sum(1 for said in found.plan.events[name].properties.values() if said.required),
            known=name in now.events,
            same=name in now.events and now.events[name].properties == found.plan.events[name].properties,
        )
        for name in order
        if name in found.plan.events
    ]


def _finding(events: list[Proposed], looked_at: int, days: int) -> str:
    if not events:
        return _("No track event came in the last %(days)s days.") % {"days": days}
    new = sum(1 for one in events if not one.known)
    return ngettext(
        "%(n)s event of the last %(days)s days, %(new)s of them not in the plan, out of %(seen)s messages.",
        "%(n)s events of the last %(days)s days, %(new)s of them not in the plan, out of %(seen)s messages.",
        len(events),
    ) % {
        "n": format.number(len(events)),
        "new": format.number(new),
        "days": days,
        "seen": format.number(looked_at),
    }
