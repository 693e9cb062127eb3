"""The one search box of every page. Not here: how customers are found (profiles/queries.py)."""

from urllib.parse import urlencode

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cdp.kernel import access
from cdp.kernel.models import Role
from profiles import queries


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """Straight to the customer when there is only one, else to the list."""
    text = request.GET.get("q", "").strip()
    if text:
        masked = request.role == Role.VIEWER  # type: ignore[attr-defined]
        found = queries.find(connection, request.workspace, {"search": text}, None, 2, masked=masked)  # type: ignore[attr-defined]
        if len(found.items) == 1:
            return redirect("customer", key=found.items[0]["id"])
    return redirect(reverse("customers") + ("?" + urlencode({"search": text}) if text else ""))
