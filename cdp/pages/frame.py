"""The part of the frame that renews itself: freshness and alarms. Not here: navigation (cdp/navigation.py), long work
(work.py)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cdp.kernel import access


@access.needs("viewer")
def freshness(request: HttpRequest) -> HttpResponse:
    """Current to when, and how much waits."""
    return render(request, "_fresh.html")
