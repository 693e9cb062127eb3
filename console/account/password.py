"""Another password of one's own. Not here: setting the first one (invitation.py), the rules (kernel/people)."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from console.workspace import tabs
from kernel import audit
from kernel.errors import BadRequest
from kernel.people import members
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The form. `wrong`: the field that a problem is about."""

    tabs: list[tabs.Tab]
    problem: str = ""
    wrong: str = ""


@never_cache
@sensitive_post_parameters("old", "password", "again")
@access.require_role("viewer", of_channel=True)
def show(request: WorkspaceRequest) -> HttpResponse:
    """The form; a password that can be used is kept, and signs out everywhere else."""
    around = tabs.of(request, "password")
    if request.method != "POST":
        return render(request, "account/password.html", Page(tabs=around))
    word = request.POST.get("password", "")
    if word != request.POST.get("again", ""):
        page = Page(tabs=around, problem=_("The two passwords differ."), wrong="again")
        return render(request, "account/password.html", page, 422)
    try:
        with transaction.atomic():
            members.change_word(request.user, request.POST.get("old", ""), word)
            audit.by(request, "password.change", request.user.get_username())
    except BadRequest as wrong:
        field = "old" if wrong.code == "wrong_password" else "password"
        return render(
            request, "account/password.html", Page(tabs=around, problem=str(wrong), wrong=field), 422
        )
    update_session_auth_hash(request, request.user)
    messages.success(
        request, _("Your password is changed. Everywhere else you are signed out."), extra_tags="good"
    )
    return redirect("password")
