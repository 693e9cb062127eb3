"""Fixing and replaying rejects, the worker woken at once; many as a job. Pages: rejects.py, opened.py, fixing.py."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.pipeline import replays, wake
from cdp.pipeline.replays import Group
from channels import answers, api
from channels.inbox import rejects
from channels.inbox.rejects import Act
from console.quality import opened
from console.quality.reject_rows import connector
from kernel import audit
from kernel.errors import BadRequest
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest


@require_POST
@access.require_role("analyst")
def replay(request: WorkspaceRequest) -> HttpResponseBase:
    """One, all that are alike, or all; more than a few hundred run in the background. Twice changes nothing."""
    act = Act(request.user.get_username())
    if ids := [_uuid(one) for one in request.POST.getlist("ids")]:
        said = _done(request, act, ids=[str(one) for one in ids])
        if shell.fragment(request):
            return opened.shown(request, opened.of(request, ids[0], done=opened.told(said)))
        messages.info(request, opened.told(said).words)
        return redirect("rejects")
    return many(request, act, group_of(request, request.POST))


def group_of(request: WorkspaceRequest, said: Any) -> Group:
    """The rejects that a form or an address names."""
    source = said.get("connector")
    return Group(
        said.get("reason") or None,
        said.get("field") or None,
        connector(request.workspace.pk, source) if source else None,
    )


def many(request: WorkspaceRequest, act: Act, group: Group) -> HttpResponse:
    """Does it to all of a group, at once or as a job, and says so on the page of rejects."""
    total = rejects.waiting(connection, request.workspace.pk, **group._asdict())
    if total <= replays.MANY:
        messages.info(request, opened.told(_done(request, act, **group._asdict())).words)
        return redirect("rejects")
    job = replays.start(request.workspace, act, group, total)
    _note(request, act, group._asdict(), job=job.pk, total=total)
    wake.notify()
    said = _("%(n)s messages are being replayed; progress is shown above.") % {"n": format.number(total)}
    messages.info(request, said)
    return redirect("rejects")


def _done(request: WorkspaceRequest, act: Act, **which: Any) -> dict[str, int]:
    with transaction.atomic():
        said = rejects.replay(connection, request.workspace.pk, act, **which)
        _note(request, act, which, **said)
    wake.notify()
    return said


def _note(request: WorkspaceRequest, act: Act, which: dict[str, Any], **said: Any) -> None:
    """Who did it, to which, with what came of it."""
    named = {name: value for name, value in which.items() if value}
    target = which.get("reason") or ", ".join(which.get("ids") or ["all"])
    more = {"fix": act.data} if act.fix else {}
    audit.by(request, "reject.fix" if act.fix else "reject.replay", target, which=named, **more, **said)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest(_("There is no such reject.")) from None


@require_POST
@access.require_role("analyst")
def fix(request: WorkspaceRequest, key: UUID) -> HttpResponseBase:
    """The message put right by hand, replayed, and worked at once."""
    answer = opened.fix(request, key)
    wake.notify()
    return answer


class Replay(api.Replay):
    """Rejects into the line again, and the worker woken."""

    @extend_schema(request=answers.ReplayAsked, responses=answers.Replayed)
    def post(self, request: Request) -> Response:
        """`{"ids": […]}`, `{"reason": …}` or `{"all": true}`, with "connector" to narrow it; twice changes nothing."""
        answer = super().post(request)
        wake.notify()
        return answer
