"""Undoing a join and merging two customers, each with what would move first.

Not here: why they are one (evidence.py), how an edit is done (console/api.py: merge, split).
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from cdp.pipeline import patience
from channels.models import Channel
from channels.queries import channels_of
from console import api
from console.customer import evidence
from console.event import event_labels
from kernel.errors import BadRequest, NotFound, Refused
from kernel.models import Workspace
from kernel.web import access, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from profiles import queries

CANDIDATES = 10  # customers that a search for the other one shows


# ---- what would move -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """One customer as it stands, or as it would."""

    key: str
    name: str
    identifiers: list[evidence.End]
    events: int
    orders: int
    revenue: str
    channels: list[str]


def side(workspace: Workspace, key: UUID | str, masked: bool) -> Side:
    """A customer's sums."""
    profile = queries.profile(connection, workspace, key, masked)
    summary = profile["summary"]
    channels = channels_of(workspace.pk)
    held = [
        evidence.End("", event_labels.identifier(one, channels), one["value"], profile["id"])
        for one in profile["identifiers"]
    ]
    return Side(
        profile["id"],
        profile["called"],
        held,
        summary["events"],
        summary["orders"],
        summary["revenue"],
        summary["channels"],
    )


def tried(change: Callable[[], None], workspace: Workspace, keys: list[UUID], masked: bool) -> list[Side]:
    """The customers these identifiers would belong to after a change; the change itself is taken back."""
    with patience.worker_lock(connection, alone=False), transaction.atomic():
        change()
        after = {queries.resolve(connection, workspace.pk, key)[1] for key in keys}
        sides = [side(workspace, key, masked) for key in sorted(after, key=str)]
        transaction.set_rollback(True)
    return sides


def _customer(request: WorkspaceRequest, key: UUID) -> tuple[int, UUID]:
    """The customer's serial and public id."""
    return queries.resolve(connection, request.workspace.pk, key)


def _actor(request: WorkspaceRequest) -> str:
    return request.user.get_username()


# ---- undoing a join ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What undoing a join would move."""

    now: Side
    sides: list[Side]
    nobodys: bool  # what is parted has no event of its own
    ends: list[evidence.Held]
    given: QueryDict
    problem: str


@access.require_role("analyst")
def split(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """GET: both sides as they would be. POST: done, with its reason."""
    workspace, masked = request.workspace, request.access.masked
    serial, public = _customer(request, key)
    given = request.POST if request.method == "POST" else request.GET
    held = {one.key: one for one in evidence.held(workspace, serial, masked, channels_of(workspace.pk))}
    first, other = (held.get(given.get(name, "")) for name in ("a", "b"))
    if first is None or other is None or first is other:
        raise NotFound(_("This customer has no such pair of identifiers: it may have been undone already."))
    a, b = UUID(first.key), UUID(other.key)
    problem = ""
    if request.method == "POST":
        try:
            api.split(workspace.pk, a, b, _reason(given.get("reason", "")), _actor(request))
        except BadRequest as wrong:
            problem = str(wrong)
        else:
            return redirect(_parted(workspace, public, a, b))
    sides = tried(
        lambda: api.split(workspace.pk, a, b, "?", _actor(request)),
        workspace,
        [UUID(one) for one in held],
        masked,
    )
    shown = Split(
        now=side(workspace, public, masked),
        sides=_ordered(sides, str(public)),
        nobodys=len(sides) > 1 and sum(one.events > 0 for one in sides) == 1,
        ends=[first, other],
        given=given,
        problem=problem,
    )
    looks.page(request, str(public))
    return render(request, "customer/split.html", shown, status=422 if problem else 200)


def _parted(workspace: Workspace, public: UUID, a: UUID, b: UUID) -> str:
    """The customer one came from, who says whom he was parted from."""
    here, *ends = (queries.resolve(connection, workspace.pk, key)[1] for key in (public, a, b))
    other = next((one for one in ends if one != here), here)
    return reverse("customer", args=[here]) + f"?parted={other}"


def _reason(text: str) -> str:
    if not text.strip():
        raise BadRequest(_("Give a reason: it is kept with the change."), "no_reason")
    return text.strip()[: api.REASON_LENGTH]


def _ordered(sides: list[Side], stays: str) -> list[Side]:
    """The customer one came from first, then the larger ones."""
    return sorted(sides, key=lambda one: (one.key != stays, -one.events, one.key))


# ---- merging -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that a search finds."""

    id: str
    name: str
    channels: list[Channel]
    orders: int
    revenue: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Looking for the other one."""

    now: Side
    q: str
    found: list[Candidate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What joining two customers would make. `sides`: none where it is `impossible`."""

    now: Side
    other: Side
    sides: list[Side]
    impossible: bool
    given: QueryDict
    problem: str


@access.require_role("analyst")
def merge(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """GET: find the other one, then the customer both would be. POST: done, with its reason."""
    workspace, masked = request.workspace, request.access.masked
    public = _customer(request, key)[1]
    given = request.POST if request.method == "POST" else request.GET
    if not given.get("other"):
        text = given.get("q", "").strip()
        found = _candidates(workspace, public, text, masked=masked)
        finding = Finding(now=side(workspace, public, masked), q=text, found=found)
        looks.page(request, str(public))
        looks.listed(request, "customer-merge", len(found))
        return render(request, "customer/merge.html", finding)
    other = queries.resolve(connection, workspace.pk, given["other"])[1]
    problem, impossible = "", False
    if request.method == "POST":
        try:
            reason = _reason(given.get("reason", ""))
            api.merge(workspace.pk, str(public), str(other), reason, _actor(request))
        except Refused as wrong:
            problem = str(wrong)
        else:
            return _merged(request, public)
    status = 422 if problem else 200  # that it cannot be done is no fault of who only looks
    now, that = side(workspace, public, masked), side(workspace, other, masked)
    sides: list[Side] = []
    try:
        sides = tried(
            lambda: api.merge(workspace.pk, str(public), str(other), "?", _actor(request)),
            workspace,
            [public, other],
            masked,
        )
    except Refused as wrong:
        problem, impossible = str(wrong), True
    shown = Merge(now=now, other=that, sides=sides, impossible=impossible, given=given, problem=problem)
    for one in (public, other):
        looks.page(request, str(one))
    return render(request, "customer/merge.html", shown, status)


def _merged(request: WorkspaceRequest, public: UUID) -> HttpResponse:
    """Where one came from: the list of conflicts, or the customer."""
    if request.POST.get("back") == "quality":
        where = reverse("customer", args=[_customer(request, public)[1]])
        said = _("Merged: they are one customer now.")
        link = format_html('{} <a href="{}">{}</a>', said, where, _("Open the customer"))
        messages.success(request, link, extra_tags="good")
        return redirect(reverse("quality") + "#conflicts")
    said = _("Merged: they are one customer now. Undo it at its join below.")
    messages.success(request, said, extra_tags="good")
    return redirect("customer", key=public)


def _candidates(workspace: Workspace, public: UUID, text: str, *, masked: bool) -> list[Candidate]:
    """Customers that a search finds, without the one we are at."""
    if not text:
        return []
    channels = channels_of(workspace.pk)
    found = queries.find(connection, workspace, {"search": text}, None, CANDIDATES + 1, masked=masked).items
    return [
        Candidate(
            one["id"],
            one["called"],
            [channels[slug] for slug in one["channels"] if slug in channels],
            one["orders"],
            one["revenue"],
            one["currency"],
        )
        for one in found
        if one["id"] != str(public)
    ][:CANDIDATES]
