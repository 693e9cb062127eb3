"""One member: another role, a link to set a password, out. Not here: all (members.py), the rules (kernel/people)."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from channels.models import Channel
from channels.queries import channels_of
from console.workspace import members as everybody
from console.workspace import once, role_words, tabs
from kernel import audit, models
from kernel.errors import BadRequest, Conflict
from kernel.people import members, tokens
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The member. `alone`: nobody else could let people in. `elsewhere`: an admin here makes no link for them."""

    tabs: list[tabs.Tab]
    person: everybody.Person
    roles: list[role_words.Choice]
    alone: bool
    elsewhere: bool
    tokens: int
    once: once.Once | None
    problem: str
    channels: list[Channel]
    own: list[int]  # the channels whose people they are


@never_cache
@access.require_role("admin")
def show(request: WorkspaceRequest, number: int) -> HttpResponse:
    """What they may do here, and what can be done about it."""
    return page(request, members.one(request.workspace, number), once.take(request, everybody.LINK))


def page(
    request: WorkspaceRequest, one: models.Member, shown: once.Once | None = None, problem: str = ""
) -> HttpResponse:
    """The member, with what went wrong."""
    made = Page(
        tabs=tabs.of(request, "members"),
        person=everybody.person(request, one, timezone.now()),
        roles=list(role_words.CHOICES),
        alone=members.irreplaceable(one),
        elsewhere=members.elsewhere(one),
        tokens=len(tokens.listed(request.workspace, one.user)),
        once=shown,
        problem=problem,
        channels=list(channels_of(request.workspace.pk).values()),
        own=one.channels,
    )
    return render(request, "workspace/member.html", made, 422 if problem else 200)


@require_POST
@access.require_role("admin")
def change_role(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Another role, and tokens that reach no further."""
    found = members.one(request.workspace, number)
    before, name = found.role, found.user.get_username()
    try:
        with transaction.atomic():
            members.change_role(found, request.POST.get("role", ""))
            if found.role != before:
                audit.by(request, "member.role", name, before=before, after=found.role)
    except (BadRequest, Conflict) as wrong:
        return page(request, members.one(request.workspace, number), problem=str(wrong))
    said = _("%(name)s is %(role)s now.") if found.role != before else _("Nothing was different.")
    messages.info(request, said % {"name": name, "role": role_words.WORDS[found.role]})
    return redirect("members") if found.user_id != request.user.pk else redirect("/")


@require_POST
@access.require_role("admin")
def renew(request: WorkspaceRequest, number: int) -> HttpResponse:
    """A new link to set a password; earlier ones are over with it."""
    found = members.one(request.workspace, number)
    try:
        with transaction.atomic():
            link = members.link(found)
            audit.by(request, "member.link", found.user.get_username())
    except Conflict as wrong:
        return page(request, found, problem=str(wrong))
    everybody.hand_over(request, found.user.get_username(), link)
    return redirect("member", number=number)


@require_POST
@access.require_role("admin")
def remove(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Out of the workspace, their tokens with them."""
    found = members.one(request.workspace, number)
    name, own = found.user.get_username(), found.user_id == request.user.pk
    try:
        with transaction.atomic():
            members.let_go(found)
            audit.by(request, "member.remove", name, role=found.role)
    except Conflict as wrong:
        return page(request, members.one(request.workspace, number), problem=str(wrong))
    messages.success(request, _("%(name)s is out of the workspace.") % {"name": name}, extra_tags="good")
    return redirect("/" if own else "members")
