"""The parts of the frame that renew themselves: freshness, running work. Not here: navigation (cdp/navigation.py)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from cdp.kernel import access
from cdp.kernel.models import Job

STOP_POLLING = 286  # htmx's own status for "no more"


@access.needs("viewer")
def freshness(request: HttpRequest) -> HttpResponse:
    """Current to when, and how much waits."""
    return render(request, "_fresh.html")


@access.needs("viewer")
def job(request: HttpRequest, number: int) -> HttpResponse:
    """How far a long piece of work is; polling ends with it."""
    found = get_object_or_404(Job, id=number, workspace=request.workspace)  # type: ignore[attr-defined]
    running = found.state in {"waiting", "running"}
    return render(request, "_job.html", {"job": found}, status=200 if running else STOP_POLLING)
