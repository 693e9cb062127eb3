"""The part of the frame that renews itself: freshness and alarms. Not here: navigation (navigation.py), work.py."""

from django.http import HttpResponse

from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render


@access.require_role("viewer", of_channel=True)
def freshness(request: WorkspaceRequest) -> HttpResponse:
    """Current to when, and how much waits."""
    return render(request, "_fresh.html")
