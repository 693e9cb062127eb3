"""Conflicts on Data quality, and how each ends: two people, one person, later. Not here: what one is (profiles)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console import api
from console.customer import decisions, evidence
from console.event.event import address
from kernel.errors import BadRequest, Refused
from kernel.models import Workspace
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.api import uuid_of
from profiles import queries as people
from profiles import reasons
from profiles.identity import history, later, listing

LATELY = 10  # decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Seen together and yet two customers: the evidence, and the reason."""

    a: evidence.End
    b: evidence.End
    left: str
    right: str
    sides: list[tuple[evidence.End, str]]  # with what the customer is called
    at: str
    why: str
    message_id: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A conflict somebody left for later."""

    a: evidence.End
    b: evidence.End
    actor: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided last, and what is left for later."""

    left: list[Left]
    made: list[decisions.Decision]


def listed(workspace: int, found: list[dict[str, Any]], masked: bool) -> list[Conflict]:
    """With what both are called, asked for at once."""
    keys = {one[side]["profile"] for one in found for side in ("a", "b")}
    names = people.names_of(connection, workspace, keys, masked=masked)
    return [_conflict(one, names) for one in found]


def _conflict(one: dict[str, Any], names: dict[str, str]) -> Conflict:
    a, b = (end(one[side]) for side in ("a", "b"))
    return Conflict(
        a=a,
        b=b,
        left=a.words,
        right=b.words,
        sides=[(side, names[side.profile]) for side in (a, b)],
        at=one["at"],
        why=evidence.why(one),
        message_id=one["message_id"],
        address=address(one["message_id"]) if one["event"] else "",
    )


def end(one: dict[str, Any]) -> evidence.End:
    """An identifier by its kind alone, whatever channel it is of."""
    return evidence.end(one, {})


def decided(workspace: Workspace, now: datetime, masked: bool) -> Decided:
    """What came of conflicts and joins lately."""
    made = [reasons.decided(one, masked) for one in history.latest(connection, workspace.pk, LATELY)]
    return Decided(_left(workspace.pk, now, masked), decisions.told(workspace.pk, made, masked))


def _left(workspace: int, now: datetime, masked: bool) -> list[Left]:
    left = later.of(connection, workspace, now)[:LATELY]
    names = listing.named(connection, workspace, _ends(left))
    ends = {id_: end(reasons.identifier(one, masked)) for id_, one in names.items()}
    return [Left(a=ends[one.a], b=ends[one.b], actor=one.actor, at=one.at, until=one.until) for one in left]


def _ends(left: Iterable[later.Left]) -> set[int]:
    return {id_ for one in left for id_ in (one.a, one.b)}


@require_POST
@access.require_role("analyst")
def decide(request: WorkspaceRequest) -> HttpResponse:
    """Two people, later, or shown again."""
    workspace, actor, post = request.workspace.pk, request.user.get_username(), request.POST
    a, b = (uuid_of(post.get(name, "")) for name in ("a", "b"))
    if a is None or b is None:
        raise BadRequest(_("The two identifiers of the conflict are missing."))
    try:
        said = _done(workspace, a, b, actor, post.get("decision", ""))
    except Refused as wrong:
        messages.warning(request, str(wrong), extra_tags="warn")
    else:
        messages.success(request, said, extra_tags="good")
    return redirect(reverse("quality") + "#conflicts")


def _done(workspace: int, a: UUID, b: UUID, actor: str, decision: str) -> str:
    """Does it, and says so."""
    if decision == "two_people":
        api.keep_apart(workspace, a, b, evidence.TWO_PEOPLE, actor)
        where = reverse("customer", args=[people.resolve(connection, workspace, a)[1]]) + "#decided"
        said = _("They are two people: no event joins them.")
        return format_html('{} <a href="{}">{}</a>', said, where, _("See or take back"))
    if decision == "later":
        until = api.leave(workspace, a, b, actor)
        day = format.day(until)
        return _("Left for later: it comes back with new evidence, else on %(day)s.") % {"day": day}
    if decision == "open":
        api.show_again(workspace, a, b, actor)
        return _("It stands in the list again.")
    raise BadRequest(_("A conflict ends as two people, one person or later."))
