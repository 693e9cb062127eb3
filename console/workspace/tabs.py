"""The pages of a workspace, as each of them shows the way to the others. Not here: what they show."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.models import Role
from kernel.web.access import WorkspaceRequest

PAGES = (  # route, words, least role
    ("members", _("Workspace members"), Role.ADMIN),
    ("tokens", _("Tokens"), Role.VIEWER),
    ("audit", _("Audit log"), Role.ADMIN),
    ("workspace-settings", _("Settings"), Role.ADMIN),
    ("password", _("Your password"), Role.VIEWER),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to one of them."""

    words: Promise
    address: str
    current: bool


def of(request: WorkspaceRequest, here: str) -> list[Tab]:
    """Those that this person may open, the current one marked."""
    return [
        Tab(words, reverse(route), route == here)
        for route, words, role in PAGES
        if request.access.reaches(role)
    ]
