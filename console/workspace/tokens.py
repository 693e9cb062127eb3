"""Tokens for the API: one's own; an admin sees everybody's. Not here: the rules (kernel/people/tokens.py)."""

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
from kernel import audit, models, normalise
from kernel.errors import BadRequest
from kernel.models import Role
from kernel.people import tokens
from kernel.periods import utc_text
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

TOKEN = "token"  # noqa: S105 (the kind of what is shown once)
LASTS = (30, 90, 365)  # days offered
USUAL = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A token that works."""

    id: int
    name: str
    prefix: str
    role_words: Promise
    owner: str
    own: bool
    used: str  # how long ago
    made: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The list, and the form for another one. `all_of_them`: not only one's own."""

    tabs: list[tabs.Tab]
    keys: list[Key]
    all_of_them: bool
    finding: str
    roles: list[role_words.Choice]
    lasts: list[tuple[str, str]]
    once: once.Once | None
    typed: dict[str, str]
    problem: str


@never_cache
@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """Those that work, newest first."""
    return _page(request, once.take(request, TOKEN))


def _page(
    request: WorkspaceRequest,
    shown: once.Once | None = None,
    typed: dict[str, str] | None = None,
    problem: str = "",
) -> HttpResponse:
    everybody = request.access.reaches(Role.ADMIN)
    found = tokens.listed(request.workspace, None if everybody else request.user)
    keys = [_key(request, one) for one in found]
    page = Page(
        tabs=tabs.of(request, "tokens"),
        keys=keys,
        all_of_them=everybody,
        finding=_finding(keys, everybody=everybody),
        roles=role_words.up_to(request.access.role),
        lasts=_lasts(),
        once=shown,
        typed=typed or {"name": "", "role": Role.VIEWER, "days": str(USUAL)},
        problem=problem,
    )
    return render(request, "workspace/tokens.html", page, 422 if problem else 200)


def _key(request: WorkspaceRequest, one: models.ApiToken) -> Key:
    return Key(
        id=one.pk,
        name=one.name or one.prefix,
        prefix=one.prefix,
        role_words=role_words.WORDS[one.role],
        owner=one.user.get_username(),
        own=one.user_id == request.user.pk,
        used=lately.ago(one.used_at, timezone.now()),
        made=one.created_at,
        until=one.expires_at,
    )


def _finding(keys: list[Key], *, everybody: bool) -> str:
    """How many there are, of how many people, and how many nobody ever used."""
    if not keys:
        return _("No token yet: programs that read the API sign in with one.")
    n, owners = len(keys), len({one.owner for one in keys})
    said = ngettext("%(n)s token works", "%(n)s tokens work", n) % {"n": format.number(n)}
    if everybody:
        said += ngettext(", of %(n)s person", ", of %(n)s people", owners) % {"n": format.number(owners)}
    if unused := sum(not one.used for one in keys):
        said += ngettext("; %(n)s was never used", "; %(n)s were never used", unused) % {
            "n": format.number(unused)
        }
    return said + _(".")


def _lasts() -> list[tuple[str, str]]:
    lasts = [(str(n), ngettext("%(n)s day", "%(n)s days", n) % {"n": format.number(n)}) for n in LASTS]
    return [*lasts, ("", _("no end"))]


@require_POST
@access.require_role("viewer")
def make(request: WorkspaceRequest) -> HttpResponse:
    """A new one of one's own; shown on the page that follows, this once."""
    typed = {name: request.POST.get(name, "").strip() for name in ("name", "role", "days")}
    days = normalise.whole(typed["days"], 1, tokens.MOST_DAYS) if typed["days"] else None
    try:
        if typed["days"] and days is None:
            raise BadRequest(
                _("A token lasts 1 to %(most)s days.") % {"most": format.number(tokens.MOST_DAYS)}, "bad_days"
            )
        with transaction.atomic():
            made, text = tokens.make(request.workspace, request.user, typed["name"], typed["role"], days)
            audit.by(request, "token.make", made.prefix, name=made.name, role=made.role)
    except BadRequest as wrong:
        return _page(request, None, typed, str(wrong))
    until = utc_text(made.expires_at) or ""
    once.keep(request, once.Once(kind=TOKEN, text=text, about=made.name, until=until))
    return redirect("tokens")


@require_POST
@access.require_role("viewer")
def revoke(request: WorkspaceRequest, number: int) -> HttpResponse:
    """It stops working at once."""
    whose = None if request.access.reaches(Role.ADMIN) else request.user
    with transaction.atomic():
        gone = tokens.revoke(request.workspace, whose, number)
        audit.by(request, "token.revoke", gone.prefix, name=gone.name)
    messages.success(
        request,
        _("The token “%(name)s” works no longer.") % {"name": gone.name or gone.prefix},
        extra_tags="good",
    )
    return redirect("tokens")
