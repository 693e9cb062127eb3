"""What could not be used, why, and the way to mend and replay it. Not here: the reasons (channels/reasons.py)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from channels import queries, reasons
from channels.inbox import rejects
from channels.models import Channel, Connector
from kernel import audit, cursor
from kernel.errors import BadRequest
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

PER_PAGE = 25
STATES = ("open", "replayed", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rejects of a reason and connector, with what to do."""

    reason: str
    label: str
    remedy: Promise | str
    field: str
    channel: Channel
    connector: UUID
    connector_name: str
    count: int
    since: datetime
    current: bool  # the one that is looked into


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A reject."""

    id: str
    channel: Channel | None
    connector: str
    reason: str
    label: str
    field: str
    hint: str
    remedy: str
    as_it_is: bool  # replaying it unchanged may help
    message_id: str
    received_at: str
    state: str
    copies: int
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The groups, and the rejects of the one chosen."""

    groups: list[Group]
    total: int
    rows: list[Row]
    page: cursor.Page
    filtered: bool
    of_channel: Channel | None
    state: str
    states: list[tuple[str, str]]
    chosen: Group | None
    problem: str
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One reject with its raw text, and what was done with it."""

    item: Row
    raw: str
    problem: str
    done: str
    life: str  # its address; "" where the id is masked
    next: str  # another one of its kind, after it is done


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The groups, and the rejects of the one chosen."""
    workspace = request.workspace
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    given = {name: request.GET.get(name, "") for name in ("reason", "connector", "channel")}
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
        rows=_rows(workspace.pk, page.items),
        page=page,
        filtered=bool(filters),
        of_channel=queries.channels_of(workspace.pk).get(given["channel"]),
        state=state,
        states=[(name, _state(name)) for name in STATES],
        chosen=next((group for group in groups if group.current), None),
        problem=problem,
        finding=_finding(groups, state),
    )
    return render(request, "quality/rejects.html", shown)


def told(group: queries.RejectGroup, given: dict[str, str] | None = None) -> Group:
    """A group in words. `given`: the reason and connector that are looked into."""
    reason, asked = reasons.of(group.reason), given or {}
    return Group(
        reason=group.reason,
        label=str(reason.label),
        remedy=str(reason.remedy),
        field=group.field,
        channel=group.channel,
        connector=group.connector,
        connector_name=group.connector_name,
        count=group.count,
        since=group.since,
        current=(group.reason, str(group.connector)) == (asked.get("reason"), asked.get("connector")),
    )


@access.require_role("viewer")
def opened(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """One reject with its raw text; a piece."""
    return _opened(request, key)


@require_POST
@access.require_role("analyst")
def mend(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """The message put right by hand, then replayed under its own messageId."""
    workspace, raw = request.workspace, request.POST.get("raw", "")
    try:
        with transaction.atomic():
            said = rejects.mend(connection, workspace.pk, key, raw)
            audit.by(request, "reject.mend", str(key))
    except BadRequest as wrong:
        return _opened(request, key, raw, str(wrong))
    return _opened(request, key, raw, done=_said(said))


@require_POST
@access.require_role("analyst")
def replay(request: WorkspaceRequest) -> HttpResponse:
    """One, all of a reason and connector, or all. Replaying twice changes nothing."""
    workspace, post = request.workspace, request.POST
    what: dict[str, Any] = {}
    if ids := post.getlist("ids"):
        what["ids"] = [str(_uuid(one)) for one in ids]
    elif post.get("reason"):
        what["reason"] = post["reason"]
    if post.get("connector"):
        what["connector"] = connector(workspace.pk, post["connector"])
    with transaction.atomic():
        said = rejects.replay(connection, workspace.pk, **what)
        audit.by(request, "reject.replay", post.get("reason") or "all", **said)
    if shell.fragment(request) and ids:
        return _opened(request, _uuid(ids[0]), done=_said(said))
    messages.info(request, _said(said))
    return redirect(reverse("rejects"))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest(_("There is no such reject.")) from None


def _said(said: dict[str, int]) -> str:
    """What a replay did, with its numbers."""
    sent = ngettext("%(n)s message replayed", "%(n)s messages replayed", said["replayed"]) % {
        "n": format.number(said["replayed"])
    }
    if not said["still_bad"]:
        return sent
    left = ngettext("%(n)s still not usable", "%(n)s still not usable", said["still_bad"])
    return f"{sent}, {left % {'n': format.number(said['still_bad'])}}"


def _page(request: WorkspaceRequest, filters: dict[str, str]) -> tuple[cursor.Page, str]:
    """The rejects that the address asks for; a wrong address gets a sentence and all of them."""
    workspace, at = request.workspace, request.GET.get("cursor") or None
    try:
        found = rejects.page(
            connection,
            workspace.pk,
            masked=request.access.masked,
            reason=filters.get("reason"),
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


def _channel(workspace: int, slug: str) -> int:
    found = queries.channels_of(workspace).get(slug)
    if found is None:
        raise BadRequest(_("The channel in the address is not one of this workspace: all are shown."))
    return found.pk


def connector(workspace: int, text: str) -> int:
    """A connector's serial id by its uuid."""
    try:
        found = Connector.objects.filter(workspace_id=workspace, uuid=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise BadRequest(_("The connector in the address is not one of this workspace: all are shown."))
    return found.pk


def _rows(workspace: int, items: list[dict[str, Any]]) -> list[Row]:
    """Rejects as the page shows them."""
    wanted = {item["connector"] for item in items}
    found = Connector.objects.filter(workspace_id=workspace, uuid__in=wanted).select_related("channel")
    places = {str(one.uuid): one.channel for one in found}
    return [_row(item, places.get(item["connector"])) for item in items]


def _row(item: dict[str, Any], place: Channel | None) -> Row:
    reason = reasons.of(item["reason"])
    return Row(
        id=item["id"],
        channel=place,
        connector=item["connector"],
        reason=item["reason"],
        label=str(reason.label),
        field=item["field"],
        hint=item["hint"],
        remedy=str(reason.remedy),
        as_it_is=reason.replay,
        message_id=item["message_id"],
        received_at=item["received_at"],
        state=item["state"],
        copies=item["copies"],
        raw=item["raw"],
    )


def _opened(
    request: WorkspaceRequest, key: UUID, raw: str | None = None, problem: str = "", done: str = ""
) -> HttpResponse:
    workspace, masked = request.workspace, request.access.masked
    (item,) = _rows(
        workspace.pk, [rejects.one(connection, workspace.pk, key, masked=masked, words=reasons.translated)]
    )
    life = ""
    if access.DOTS not in item.message_id:  # a masked id leads nowhere
        life = f"{reverse('events')}?{urlencode({'message': item.message_id, 'connector': item.connector})}"
    shown = Opened(
        item=item,
        raw=item.raw if raw is None else raw,
        problem=problem,
        done=done,
        life=life,
        next=_next(workspace.pk, item) if done else "",
    )
    return render(request, "quality/_reject.html", shown)


def _next(workspace: int, item: Row) -> str:
    """The newest other one that waits for the same reason and connector."""
    page = rejects.page(
        connection,
        workspace,
        masked=True,
        reason=item.reason,
        connector=connector(workspace, item.connector),
        state="open",
        limit=2,
    )
    return next((one["id"] for one in page.items if one["id"] != item.id), "")


def _state(name: str) -> str:
    return {"open": _("open"), "replayed": _("replayed"), "closed": _("closed")}[name]


def _finding(groups: list[Group], state: str) -> str:
    """The sentence under the title."""
    total = sum(group.count for group in groups)
    if not total:
        return _("Every message that arrived could be used.") if state == "open" else _("None in this state.")
    first = groups[0]
    waiting = ngettext("%(n)s message waits for a repair", "%(n)s messages wait for a repair", total)
    if state != "open":
        waiting = ngettext("%(n)s message in this state", "%(n)s messages in this state", total)
    share = _("; “%(reason)s” of %(channel)s makes %(share)s of them.") % {
        "reason": first.label,
        "channel": shell.channel_name(first.channel),
        "share": format.percent(first.count / total, 0),
    }
    return waiting % {"n": format.number(total)} + share
