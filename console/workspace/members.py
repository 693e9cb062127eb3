"""Who belongs to the workspace, and inviting somebody. Not here: one of them (member.py), the rules (kernel/people)."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from console.workspace import lately, once, role_words, tabs
from kernel import audit, models
from kernel.errors import BadRequest, Conflict
from kernel.models import Role
from kernel.people import members
from kernel.people.members import Link
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

LINK = "link"  # what is shown once


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member. `tone`, `state`: in, invited, or the invitation is over."""

    id: int
    name: str
    you: bool
    role: str
    role_words: Promise
    tone: str
    state: str
    joined: bool  # a password was set
    seen: str  # how long ago
    until: datetime | None  # of a link that is still good


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The list, and the form for another one."""

    tabs: list[tabs.Tab]
    people: list[Person]
    finding: str
    roles: list[role_words.Choice]
    once: once.Once | None
    typed: dict[str, str]
    problem: str


@never_cache
@access.require_role("admin")
def show(request: WorkspaceRequest) -> HttpResponse:
    """Everybody, admins first."""
    return _page(request, once.take(request, LINK))


def person(request: WorkspaceRequest, one: models.Member, now: datetime) -> Person:
    """A member as pages tell of them."""
    joined = one.user.has_usable_password()
    until = one.link_until if one.link_until and one.link_until > now else None
    if joined:
        tone, state = "good", _("active")
    elif until:
        tone, state = "note", _("invited until %(day)s") % {"day": format.day(until)}
    else:
        tone, state = "warn", _("invitation is over")
    return Person(
        id=one.pk,
        name=one.user.get_username(),
        you=one.user_id == request.user.pk,
        role=one.role,
        role_words=role_words.WORDS[one.role],
        tone=tone,
        state=state,
        joined=joined,
        seen=lately.ago(one.seen_at or one.user.last_login, now),
        until=until,
    )


def _page(
    request: WorkspaceRequest,
    shown: once.Once | None = None,
    typed: dict[str, str] | None = None,
    problem: str = "",
) -> HttpResponse:
    now = timezone.now()
    people = [person(request, one, now) for one in members.listed(request.workspace)]
    page = Page(
        tabs=tabs.of(request, "members"),
        people=people,
        finding=_finding(people),
        roles=role_words.up_to(request.access.role),
        once=shown,
        typed=typed or {"email": "", "role": Role.VIEWER},
        problem=problem,
    )
    return render(request, "workspace/members.html", page, 422 if problem else 200)


def _finding(people: list[Person]) -> str:
    """How many there are, and what waits for whom."""
    n, open_ones = len(people), [one.until for one in people if not one.joined and one.until]
    said = [ngettext("%(n)s person", "%(n)s people", n) % {"n": format.number(n)}]
    if open_ones:
        told = ngettext(
            "%(n)s invitation open until %(day)s",
            "%(n)s invitations open, the first until %(day)s",
            len(open_ones),
        )
        said.append(told % {"n": len(open_ones), "day": format.day(min(open_ones))})
    if over := sum(not one.joined and not one.until for one in people):
        said.append(ngettext("%(n)s invitation is over", "%(n)s invitations are over", over) % {"n": over})
    return _(", ").join(said) + _(".")


@require_POST
@access.require_role("admin")
def invite(request: WorkspaceRequest) -> HttpResponse:
    """A new member; the link by which they set a password is shown on the page that follows, this once."""
    typed = {name: request.POST.get(name, "").strip() for name in ("email", "role")}
    try:
        with transaction.atomic():
            made, link = members.invite(request.workspace, **typed)
            name = made.user.get_username()
            audit.by(request, "member.invite", name, role=made.role)
    except (BadRequest, Conflict) as wrong:
        return _page(request, None, typed, str(wrong))
    if link:
        hand_over(request, name, link)
    elif made.user.has_usable_password():
        messages.success(
            request,
            _("%(name)s has a password already and is in with it: no link is needed.") % {"name": name},
            extra_tags="good",
        )
    else:
        messages.warning(
            request,
            _(
                "%(name)s was invited to another workspace before and has set no password yet: "
                "the link from there lets them in here too."
            )
            % {"name": name},
            extra_tags="warn",
        )
    return redirect("members")


def hand_over(request: WorkspaceRequest, name: str, link: Link) -> None:
    """A link for the page that comes next."""
    address = request.build_absolute_uri(link.path)
    once.keep(request, once.Once(kind=LINK, text=address, about=name, until=link.until))
