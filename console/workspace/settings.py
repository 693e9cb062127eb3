"""What the workspace is called, what its days, money and pages are in. Not here: the rules (channels/workspaces)."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels import workspaces
from console.channel.channel import ZONES
from console.navigation import LANGUAGES
from console.workspace import tabs
from kernel import audit
from kernel.errors import BadRequest, Conflict
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The form. `fixed`: the fields that can no longer be changed, each with why."""

    tabs: list[tabs.Tab]
    form: dict[str, str]
    fixed: dict[str, str]
    finding: str
    zones: tuple[str, ...]
    speaks: tuple[tuple[str, str], ...]
    problem: str


@access.require_role("admin")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The form."""
    return _page(request, workspaces.shown(request.workspace))


def _page(request: WorkspaceRequest, form: dict[str, str], problem: str = "") -> HttpResponse:
    fixed = workspaces.fixed(request.workspace)
    page = Page(
        tabs=tabs.of(request, "workspace-settings"),
        form=form,
        fixed={name: str(why) for name, why in workspaces.WHY_FIXED.items()} if fixed else {},
        finding=_("Events have arrived: time zone and currency are fixed.")
        if fixed
        else _("Nothing has arrived yet: everything can still be changed."),
        zones=ZONES,
        speaks=LANGUAGES,
        problem=problem,
    )
    return render(request, "workspace/settings.html", page, 422 if problem else 200)


@require_POST
@access.require_role("admin")
def change(request: WorkspaceRequest) -> HttpResponse:
    """What is sent; a fixed field is not sent by the form, and refused where it is different."""
    given = {name: request.POST[name].strip() for name in workspaces.FIELDS if name in request.POST}
    place = request.workspace
    try:
        with transaction.atomic():
            if changed := workspaces.change(place, given):
                audit.by(request, "workspace.change", place.slug, **changed)
    except (BadRequest, Conflict) as wrong:
        return _page(request, workspaces.shown(place) | given, str(wrong))
    messages.info(request, _("Saved.") if changed else _("Nothing was different."))
    return redirect("workspace-settings")
