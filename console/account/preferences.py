"""What a person sets for themselves: language, theme, the workspace looked at. Not here: workspace settings."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from console.account.signin import safe_next
from console.navigation import LANGUAGES
from kernel.errors import NotFound
from kernel.models import Member
from kernel.web import access
from kernel.web.access import WorkspaceRequest

YEAR = 365 * 86400  # seconds a choice is kept
THEMES = ("light", "dark")


def _keep(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(
        name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
    )
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language, kept in a cookie; one we do not speak changes nothing."""
    response = redirect(safe_next(request))
    wanted = request.POST.get("language", "")
    return _keep(response, settings.LANGUAGE_COOKIE_NAME, wanted) if wanted in dict(LANGUAGES) else response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark, kept in a cookie; without one the system decides."""
    response = redirect(safe_next(request))
    wanted = request.POST.get("theme", "")
    return _keep(response, "theme", wanted) if wanted in THEMES else response


@require_POST
@access.require_role("viewer", of_channel=True)
def workspace(request: WorkspaceRequest) -> HttpResponse:
    """Another workspace of this person. Forms of pages that are still open elsewhere are refused from now on: they
    were made of the workspace before."""
    slug = request.POST.get("workspace", "")
    if not Member.objects.filter(user_id=request.user.pk, workspace__slug=slug).exists():
        raise NotFound(f"You belong to no workspace {slug!r}.")
    request.session[access.SESSION_KEY] = slug
    rotate_token(request)
    return redirect("overview")
