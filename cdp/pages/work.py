"""Long work: the list of it, one as a piece that renews itself, and its end before the time. Its words: cdp/jobs.py."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cdp import exports, jobs
from cdp.kernel import access
from cdp.kernel.errors import NotAllowed, NotFound
from cdp.kernel.models import FilePart, Job, Member

STOP_POLLING = 286  # htmx's own status for "no more"
SHOWN = 50


def _roles(request: HttpRequest) -> dict[int, str]:
    """The workspaces of this person, and the role in each."""
    return dict(Member.objects.filter(user_id=request.user.pk or 0).values_list("workspace", "role"))


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """The last pieces of work of this workspace and of all; what runs now stands above, as on every page."""
    here = request.workspace  # type: ignore[attr-defined]
    roles = _roles(request)
    above = [job.pk for job in jobs.current(list(roles))]
    me = request.user.pk
    found = [jobs.shown(job, here, roles, me) for job in jobs.of([here.pk]).exclude(pk__in=above)[:SHOWN]]
    return render(request, "cdp/work.html", {"rows": found, "above": above})


def _shown(request: HttpRequest, job: Job) -> jobs.Shown:
    return jobs.shown(job, request.workspace, _roles(request), request.user.pk)  # type: ignore[attr-defined]


def _piece(request: HttpRequest, job: Job) -> HttpResponse:
    return render(request, "_job.html", {"one": _shown(request, job)})


@access.needs("viewer")
def one(request: HttpRequest, number: int) -> HttpResponse:
    """How far a piece of work is; polling ends with it."""
    job = get_object_or_404(jobs.of(list(_roles(request))), id=number)
    answer = _piece(request, job)
    if job.state not in jobs.OPEN:
        answer.status_code = STOP_POLLING
    return answer


@access.needs("viewer")
def file(request: HttpRequest, number: int) -> HttpResponseBase:
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
@access.needs("viewer")
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """No further step of it. What was done stays."""
    job = get_object_or_404(jobs.of(list(_roles(request))), id=number)
    if job.state in jobs.OPEN:
        if not _shown(request, job).cancels:
            raise NotAllowed(_("This work cannot be cancelled with your role."))
        jobs.cancel(job)
        job.refresh_from_db()
    return _piece(request, job)
