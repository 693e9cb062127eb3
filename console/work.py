"""Long work: the list of it, one piece that renews itself, its end before the time. Words: cdp/pipeline/jobs.py."""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cdp.pipeline import exports, jobs
from kernel.errors import NotAllowed, NotFound
from kernel.models import FilePart, Job, Member
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

STOP_POLLING = 286  # htmx's own status for "no more"
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Page:
    """The last pieces of work; those that stand `above`, as on every page, by their id."""

    rows: list[jobs.Shown]
    above: list[int]


@dataclass(frozen=True, slots=True)
class Piece:
    """One of them."""

    one: jobs.Shown


def _roles(request: WorkspaceRequest) -> dict[int, str]:
    """The workspaces of this person, and the role in each."""
    return dict(Member.objects.filter(user_id=request.user.pk).values_list("workspace", "role"))


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The last pieces of work of this workspace and of all; what runs now stands above, as on every page."""
    here = request.workspace
    roles = _roles(request)
    above = [job.pk for job in jobs.current(list(roles))]
    me = request.user.pk
    found = [jobs.shown(job, here, roles, me) for job in jobs.of([here.pk]).exclude(pk__in=above)[:SHOWN]]
    return render(request, "work.html", Page(found, above))


def _shown(request: WorkspaceRequest, job: Job) -> jobs.Shown:
    return jobs.shown(job, request.workspace, _roles(request), request.user.pk)


def _piece(request: WorkspaceRequest, job: Job) -> HttpResponse:
    return render(request, "_job.html", Piece(_shown(request, job)))


@access.require_role("viewer")
def one(request: WorkspaceRequest, number: int) -> HttpResponse:
    """How far a piece of work is; polling ends with it."""
    job = get_object_or_404(jobs.of(list(_roles(request))), id=number)
    answer = _piece(request, job)
    if job.state not in jobs.OPEN:
        answer.status_code = STOP_POLLING
    return answer


@access.require_role("viewer")
def file(request: WorkspaceRequest, number: int) -> HttpResponseBase:
    """The file that a job made, for who asked for it, while the role is still enough."""
    wanted = jobs.of(list(_roles(request))).filter(kind=exports.KIND, state="done")
    job = get_object_or_404(wanted, id=number, detail__user=request.user.pk)
    if not access.reaches(_roles(request).get(job.workspace_id or 0, ""), job.detail["role"]):
        raise NotAllowed(_("Your role is lower than when this file was made: make it again."))
    if not FilePart.objects.filter(job=job).exists():
        raise NotFound(_("This file was kept for a day and is gone: make it again."))
    found = StreamingHttpResponse(exports.file(job), content_type="text/csv; charset=utf-8")
    found["Content-Disposition"] = f'attachment; filename="{job.detail["name"]}.csv"'
    found["Cache-Control"] = "no-store"
    return found


@require_POST
@access.require_role("viewer")
def cancel(request: WorkspaceRequest, number: int) -> HttpResponse:
    """No further step of it. What was done stays."""
    job = get_object_or_404(jobs.of(list(_roles(request))), id=number)
    if job.state in jobs.OPEN:
        if not _shown(request, job).cancels:
            raise NotAllowed(_("Your role cannot cancel this job."))
        jobs.cancel(job)
        job.refresh_from_db()
    return _piece(request, job)
