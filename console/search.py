"""The one search box of every page. Not here: how customers are found (profiles/queries.py)."""

from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kernel.web import access
from kernel.web.access import WorkspaceRequest
from profiles import queries


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """Straight to the customer when there is only one, else to the list."""
    text = request.GET.get("q", "").strip()
    if text:
        masked = request.access.masked
        found = queries.find(connection, request.workspace, {"search": text}, None, 2, masked=masked)
        if len(found.items) == 1:
            return redirect("customer", key=found.items[0]["id"])
    return redirect(reverse("customers") + ("?" + urlencode({"search": text}) if text else ""))
