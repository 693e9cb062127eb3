"""Signing in and out. Not here: who may do what (kernel/web/access.py), counting wrong passwords (django-axes)."""

from dataclasses import dataclass

from django.contrib.auth import authenticate, login, logout
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kernel.models import Member
from kernel.web import access
from kernel.web.page import render
from profiles import queries

TEMPLATE = "account/signin.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form, with what was typed and what is wrong."""

    next: str  # where one goes afterwards
    username: str = ""
    problem: str = ""


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: an address of ours, else the overview."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    inside = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if inside and wanted.startswith("/") else "/"


@never_cache
@sensitive_post_parameters("password")
def show(request: HttpRequest) -> HttpResponse:
    """The form; right names and passwords go on to where they wanted."""
    if request.method != "POST":
        if access.by_member(request):
            return redirect(safe_next(request))
        return render(request, TEMPLATE, Form(next=safe_next(request)))
    username = request.POST.get("username", "").strip()
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if user is None:
        return _again(request, username, _("User name and password do not match."))
    login(request, user)
    _choose(request)
    return redirect(safe_next(request))


def _choose(request: HttpRequest) -> None:
    """Who has chosen no workspace begins in their first one that knows anybody."""
    members = Member.objects.filter(user_id=request.user.pk or 0).order_by("workspace_id")
    mine = list(members.values_list("workspace_id", "workspace__slug"))
    if request.session.get(access.SESSION_KEY) or len(mine) < 2:
        return
    full = queries.inhabited(connection, [key for key, _slug in mine])
    found = next((slug for key, slug in mine if key in full), None)
    if found:
        request.session[access.SESSION_KEY] = found


def _again(request: HttpRequest, username: str, problem: str, status: int = 200) -> HttpResponse:
    """The form once more, with what was typed and what is wrong."""
    form = Form(next=safe_next(request), username=username, problem=problem)
    return render(request, TEMPLATE, form, status)


def locked(request: HttpRequest, credentials: dict[str, str] | None = None, *_args: object) -> HttpResponse:
    """What django-axes answers after too many wrong passwords (AXES_LOCKOUT_CALLABLE)."""
    username = (credentials or {}).get("username", "")
    return _again(request, username, _("Too many wrong passwords. Try again in 15 minutes."), 429)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Out."""
    logout(request)
    return redirect("signin")
