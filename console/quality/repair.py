"""Mending and replaying rejects, the worker woken at once; many become a job. The pages: console/quality/rejects.py."""

from uuid import UUID

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.pipeline import replays, wake
from channels import answers, api
from channels.inbox import rejects as kept
from console.quality import rejects
from kernel import audit
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest


@require_POST
@access.require_role("analyst")
def replay(request: WorkspaceRequest) -> HttpResponseBase:
    """One, all of a reason and connector, or all; more than a few hundred run in the background."""
    workspace, post = request.workspace, request.POST
    if not post.getlist("ids"):
        reason = post.get("reason") or None
        connector = rejects.connector(workspace.pk, post["connector"]) if post.get("connector") else None
        total = kept.waiting(connection, workspace.pk, reason=reason, connector=connector)
        if total > replays.MANY:
            return _many(request, reason, connector, total)
    answer = rejects.replay(request)
    wake.notify()
    return answer


def _many(request: WorkspaceRequest, reason: str | None, connector: int | None, total: int) -> HttpResponse:
    job = replays.start(request.workspace, reason, connector, total)
    audit.by(request, "reject.replay", reason or "all", job=job.pk, total=total)
    wake.notify()
    said = _("%(n)s messages are being replayed; how far it is stands above.") % {"n": format.number(total)}
    messages.info(request, said)
    return redirect("rejects")


@require_POST
@access.require_role("analyst")
def mend(request: WorkspaceRequest, key: UUID) -> HttpResponseBase:
    """The message put right by hand, replayed, and worked at once."""
    answer = rejects.mend(request, key)
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
