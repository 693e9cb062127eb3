"""The left navigation and what the frame of every page shows.

A new page: its line in PAGES (only pages that exist), its route in its part's `urls.py`.
Not here: what a page shows.
"""

from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cdp import alerts, jobs
from cdp.kernel import access
from cdp.kernel.models import Member
from channels import queries as channels

LATE_SECONDS = 60  # from here on freshness is amber


class Page(NamedTuple):
    """One line of the navigation."""

    name: str  # of its route
    label: Any
    icon: str
    key: str  # pressed after `g`
    role: str = "viewer"
    under: str = ""  # the page it stands below


PAGES = (
    Page("overview", _("Overview"), "layout-dashboard", "o"),
    Page("customers", _("Customers"), "users", "c"),
    Page("channels", _("Channels"), "affiliate", "h"),
    Page("live", _("Live events"), "activity", "l", under="channels"),
    Page("quality", _("Data quality"), "shield-check", "q"),
    Page("rejects", _("Rejects"), "shield-check", "r", under="quality"),
    Page("work", _("Long work"), "loader-2", "w", under="quality"),
)
# Pages that are not in the navigation themselves, and the line they belong to.
BELOW = {
    "kpi": "overview",
    "kpi-rows": "overview",
    "customer": "customers",
    "customer-split": "customers",
    "customer-merge": "customers",
    "channel": "channels",
    "event": "live",
    "events": "live",
}
LANGUAGES = (("en", "English"), ("zh-hans", "中文"))


def _entries(request: HttpRequest) -> list[dict[str, Any]]:
    """The lines this person may follow, the current one marked."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    current = BELOW.get(here, here)
    role = getattr(request, "role", None) or ""
    return [
        {"page": page, "address": reverse(page.name), "current": page.name == current}
        for page in PAGES
        if access.reaches(role, page.role)
    ]


def frame(request: HttpRequest) -> dict[str, Any]:
    """A context processor: navigation, freshness, languages, workspaces. Nothing for who is not signed in."""
    theme = request.COOKIES.get("theme", "")
    found: dict[str, Any] = {"theme": theme if theme in {"light", "dark"} else "", "languages": LANGUAGES}
    workspace = getattr(request, "workspace", None)
    if workspace is None:
        return found
    members = (
        Member.objects.filter(user_id=request.user.pk or 0)
        .select_related("workspace")
        .order_by("workspace__name")
    )
    roles = {member.workspace_id: member.role for member in members}
    fresh = channels.freshness(workspace.id)
    return found | {
        "navigation": _entries(request),
        "workspace": workspace,
        "role": request.role,  # type: ignore[attr-defined]
        "workspaces": [member.workspace for member in members],
        "fresh": fresh,
        "late": fresh.behind_seconds > LATE_SECONDS,
        "alarms": alerts.shown(connection, workspace.id),
        "open_rejects": channels.open_rejects(workspace.id),
        "running": [jobs.shown(job, workspace, roles, request.user.pk) for job in jobs.current(list(roles))],
        "may_edit": access.reaches(request.role or "", "analyst"),  # type: ignore[attr-defined]
        "may_admin": access.reaches(request.role or "", "admin"),  # type: ignore[attr-defined]
    }
