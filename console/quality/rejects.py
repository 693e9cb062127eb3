"""What could not be used and why: groups, and the rejects of the one chosen. Not here: one of them (opened.py), fixing
all alike (fixing.py), replaying (repair.py), the reasons (channels/reasons.py).
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels import queries
from channels.inbox import rejects
from channels.models import Channel
from console.quality import opened, reject_rows
from console.quality.opened import Opened
from console.quality.reject_rows import Group, Row, connector, told
from kernel import cursor
from kernel.errors import BadRequest, NotFound
from kernel.web import access, format, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

PER_PAGE = 25
STATES = ("open", "replayed", "closed")
NARROWING = ("reason", "field", "connector", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The groups, and the rejects of the one chosen."""

    groups: list[Group]
    total: int
    rows: list[Row]
    page: cursor.Page
    at: str  # the cursor of this page of them
    filtered: bool
    of_channel: Channel | None
    state: str
    states: list[tuple[str, str]]
    chosen: Group | None
    panel: Opened | None  # the reject that stands open
    problem: str
    finding: str


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The groups, and the rejects of the one chosen."""
    workspace = request.workspace
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    given = {name: request.GET.get(name, "") for name in NARROWING}
    filters = {name: value for name, value in given.items() if value}
    page, problem = _page(request, filters | {"state": state})
    if problem:
        given, filters = dict.fromkeys(given, ""), {}
    groups = [
        told(group, given)
        for group in queries.reject_groups(workspace.pk, state)
        if not given["channel"] or group.channel.slug == given["channel"]
    ]
    shown = Page(
        groups=groups,
        total=sum(group.count for group in groups),
        rows=reject_rows.rows(workspace.pk, page.items),
        page=page,
        at=request.GET.get("cursor", ""),
        filtered=bool(filters),
        of_channel=queries.channels_of(workspace.pk).get(given["channel"]),
        state=state,
        states=[(name, _state(name)) for name in STATES],
        chosen=next((group for group in groups if group.current), None),
        panel=_panel(request, page, bool(filters)),
        problem=problem,
        finding=_finding(groups, state),
    )
    looks.listed(request, "rejects", len(page.items))
    return render(request, "quality/rejects.html", shown)


def _page(request: WorkspaceRequest, filters: dict[str, str]) -> tuple[cursor.Page, str]:
    """The rejects that the address asks for; a wrong address gets a sentence and all of them."""
    workspace, at = request.workspace, request.GET.get("cursor") or None
    try:
        found = rejects.page(
            connection,
            workspace.pk,
            masked=request.access.masked,
            reason=filters.get("reason"),
            field=filters.get("field"),
            connector=connector(workspace.pk, filters["connector"]) if filters.get("connector") else None,
            channel=_channel(workspace.pk, filters["channel"]) if filters.get("channel") else None,
            state=filters["state"],
            at=at,
            limit=PER_PAGE,
        )
        return found, ""
    except BadRequest as wrong:
        page = rejects.page(
            connection, workspace.pk, masked=request.access.masked, state=filters["state"], limit=PER_PAGE
        )
        return page, str(wrong)


def _panel(request: WorkspaceRequest, page: cursor.Page, filtered: bool) -> Opened | None:
    """The one that the address opens; of a group that is looked into the first."""
    asked = request.GET.get("open", "") or (page.items[0]["id"] if filtered and page.items else "")
    try:
        return opened.of(request, UUID(asked)) if asked else None
    except (ValueError, NotFound):
        return None


def _channel(workspace: int, slug: str) -> int:
    found = queries.channels_of(workspace).get(slug)
    if found is None:
        raise BadRequest(_("The channel in the address is not one of this workspace: all are shown."))
    return found.pk


def _state(name: str) -> str:
    return {"open": _("open"), "replayed": _("replayed"), "closed": _("closed")}[name]


def _finding(groups: list[Group], state: str) -> str:
    """The sentence under the title."""
    total = sum(group.count for group in groups)
    if not total:
        return _("Every message that arrived was usable.") if state == "open" else _("None in this state.")
    first = max(groups, key=lambda group: group.count)
    waiting = ngettext("%(n)s message needs fixing", "%(n)s messages need fixing", total)
    if state != "open":
        waiting = ngettext("%(n)s message in this state", "%(n)s messages in this state", total)
    share = _("; “%(reason)s” of %(channel)s makes %(share)s of them.") % {
        "reason": first.label,
        "channel": shell.channel_name(first.channel),
        "share": format.percent(first.count / total, 0),
    }
    return waiting % {"n": format.number(total)} + share
