"""What could not be used, why, and the way to mend and replay it. Not here: the reasons (inbox/rejects.py)."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cdp.kernel import access, speech, web
from cdp.kernel.errors import BadRequest
from cdp.kernel.models import Audit, Role
from channels import hints, queries
from channels.inbox import rejects
from channels.models import Channel, Connector

PER_PAGE = 25
STATES = ("open", "replayed", "closed")


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """The groups, and the rejects of the one chosen."""
    workspace = request.workspace  # type: ignore[attr-defined]
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    given = {name: request.GET.get(name, "") for name in ("reason", "connector", "channel")}
    filters = {name: value for name, value in given.items() if value}
    page, problem = _page(request, filters | {"state": state})
    if problem:
        given, filters = dict.fromkeys(given, ""), {}
    groups = [
        group
        for group in queries.reject_groups(workspace.pk, state)
        if not given["channel"] or group["channel"].slug == given["channel"]
    ]
    for group in groups:
        reason = rejects.REASONS.get(group["reason"])
        group["label"], group["cure"] = _label(group["reason"]), reason.cure if reason else group["hint"]
        group["current"] = (
            group["reason"] == given["reason"] and str(group["connector"]) == given["connector"]
        )
    values = {
        "groups": groups,
        "total": sum(group["count"] for group in groups),
        "rows": _rows(workspace.pk, page.items),
        "page": page,
        "filtered": bool(filters),
        "of_channel": Channel.objects.filter(workspace=workspace, slug=given["channel"]).first(),
        "state": state,
        "states": [(name, _state(name)) for name in STATES],
        "chosen": next((group for group in groups if group["current"]), None),
        "problem": problem,
        "finding": _finding(groups, state),
    }
    return render(request, "channels/rejects.html", values)


@access.needs("viewer")
def opened(request: HttpRequest, key: UUID) -> HttpResponse:
    """One reject with its raw text; a piece."""
    return _opened(request, key)


@require_POST
@access.needs("analyst")
def mend(request: HttpRequest, key: UUID) -> HttpResponse:
    """The message put right by hand, then replayed under its own messageId."""
    workspace, raw = request.workspace, request.POST.get("raw", "")  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            said = rejects.mend(connection, workspace.pk, key, raw)
            _note(request, "reject.mend", str(key), {})
    except BadRequest as wrong:
        return _opened(request, key, raw, str(wrong))
    return _opened(request, key, raw, done=_said(said))


@require_POST
@access.needs("analyst")
def replay(request: HttpRequest) -> HttpResponse:
    """One, all of a reason and connector, or all. Replaying twice changes nothing."""
    workspace, post = request.workspace, request.POST  # type: ignore[attr-defined]
    what: dict[str, Any] = {}
    if ids := post.getlist("ids"):
        what["ids"] = [str(_uuid(one)) for one in ids]
    elif post.get("reason"):
        what["reason"] = post["reason"]
    if post.get("connector"):
        what["connector"] = connector(workspace.pk, post["connector"])
    with transaction.atomic():
        said = rejects.replay(connection, workspace.pk, **what)
        _note(request, "reject.replay", post.get("reason") or "all", said)
    if web.fragment(request) and ids:
        return _opened(request, _uuid(ids[0]), done=_said(said))
    messages.info(request, _said(said))
    return redirect(reverse("rejects"))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest(_("There is no such reject.")) from None


def _note(request: HttpRequest, action: str, target: str, detail: dict[str, Any]) -> None:
    Audit.objects.create(
        workspace=request.workspace,  # type: ignore[attr-defined]
        actor=request.user.get_username(),
        action=action,
        target=target,
        detail=detail,
    )


def _said(said: dict[str, int]) -> str:
    """What a replay did, with its numbers."""
    sent = ngettext("%(n)s message replayed", "%(n)s messages replayed", said["replayed"]) % {
        "n": speech.number(said["replayed"])
    }
    if not said["still_bad"]:
        return sent
    left = ngettext("%(n)s still not usable", "%(n)s still not usable", said["still_bad"])
    return f"{sent}, {left % {'n': speech.number(said['still_bad'])}}"


def _page(request: HttpRequest, filters: dict[str, str]) -> tuple[Any, str]:
    """The rejects that the address asks for; a wrong address gets a sentence and all of them."""
    workspace, at = request.workspace, request.GET.get("cursor") or None  # type: ignore[attr-defined]
    try:
        found = rejects.page(
            connection,
            workspace.pk,
            masked=_masked(request),
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
            connection, workspace.pk, masked=_masked(request), state=filters["state"], limit=PER_PAGE
        )
        return page, str(wrong)


def _channel(workspace: int, slug: str) -> int:
    found = Channel.objects.filter(workspace_id=workspace, slug=slug).first()
    if found is None:
        raise BadRequest(_("The channel in the address is not one of this workspace: all are shown."))
    return found.pk


def _masked(request: HttpRequest) -> bool:
    return request.role == Role.VIEWER  # type: ignore[attr-defined]


def connector(workspace: int, text: str) -> int:
    """A connector's serial id by its uuid."""
    try:
        found = Connector.objects.filter(workspace_id=workspace, uuid=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise BadRequest(_("The connector in the address is not one of this workspace: all are shown."))
    return found.pk


def _rows(workspace: int, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rejects as the page shows them."""
    wanted = {item["connector"] for item in items}
    found = Connector.objects.filter(workspace_id=workspace, uuid__in=wanted).select_related("channel")
    places = {str(one.uuid): one.channel for one in found}
    return [_row(item, places.get(item["connector"])) for item in items]


def _row(item: dict[str, Any], place: Channel | None) -> dict[str, Any]:
    reason = rejects.REASONS.get(item["reason"])
    return item | {
        "channel": place,
        "label": _label(item["reason"]),
        "hint": hints.told(item["hint"]),
        "cure": str(reason.cure) if reason else "",
    }


def _opened(
    request: HttpRequest, key: UUID, raw: str | None = None, problem: str = "", done: str = ""
) -> HttpResponse:
    workspace = request.workspace  # type: ignore[attr-defined]
    (item,) = _rows(workspace.pk, [rejects.one(connection, workspace.pk, key, masked=_masked(request))])
    values = {"item": item, "raw": item["raw"] if raw is None else raw, "problem": problem, "done": done}
    if access.DOTS not in item["message_id"]:  # a masked id leads nowhere
        query = urlencode({"message": item["message_id"], "connector": item["connector"]})
        values["life"] = f"{reverse('events')}?{query}"
    if done:
        values["next"] = _next(request, item)
    return render(request, "channels/_reject.html", values)


def _next(request: HttpRequest, item: dict[str, Any]) -> str:
    """The newest other one that waits for the same reason and connector."""
    workspace = request.workspace  # type: ignore[attr-defined]
    page = rejects.page(
        connection,
        workspace.pk,
        masked=True,
        reason=item["reason"],
        connector=connector(workspace.pk, item["connector"]),
        state="open",
        limit=2,
    )
    return next((one["id"] for one in page.items if one["id"] != item["id"]), "")


def _label(reason: str) -> str:
    """A reason in words."""
    found = rejects.REASONS.get(reason)
    return str(found.label) if found else reason


def _state(name: str) -> str:
    return {"open": _("open"), "replayed": _("replayed"), "closed": _("closed")}[name]


def _finding(groups: list[dict[str, Any]], state: str) -> str:
    """The sentence under the title."""
    total = sum(group["count"] for group in groups)
    if not total:
        return _("Every message that arrived could be used.") if state == "open" else _("None in this state.")
    first = groups[0]
    waiting = ngettext("%(n)s message waits for a repair", "%(n)s messages wait for a repair", total)
    if state != "open":
        waiting = ngettext("%(n)s message in this state", "%(n)s messages in this state", total)
    share = _("; “%(reason)s” of %(channel)s makes %(share)s of them.") % {
        "reason": first["label"],
        "channel": web.channel_name(first["channel"]),
        "share": speech.percent(first["count"] / total, 0),
    }
    return waiting % {"n": speech.number(total)} + share
