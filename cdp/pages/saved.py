"""Lists as a person wants to see them again: saved under a name, opened, dropped. Each person has their own.

Not here: what the lists show.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cdp.kernel import access
from cdp.kernel.errors import BadRequest
from cdp.kernel.models import SavedView

PAGES = ("customers",)  # the routes whose views can be saved
MOST = 50  # of one person, page and workspace
NAME_LENGTH, QUERY_LENGTH = 80, 2000
PASSING = ("cursor", "csrfmiddlewaretoken")  # of an address, what is no part of a view


def listed(request: HttpRequest, page: str) -> list[dict[str, Any]]:
    """The person's views of a page, the one that is open marked."""
    here = _question(request.GET.urlencode())
    return [
        {"id": view.pk, "name": view.name, "query": view.query, "current": view.query == here}
        for view in _own(request, page).order_by("name")
    ]


def question(request: HttpRequest) -> str:
    """The address's question, to be saved."""
    return _question(request.GET.urlencode())


@require_POST
@access.needs("viewer")
def keep(request: HttpRequest, page: str) -> HttpResponse:
    """Saves the question under a name; the name again replaces it."""
    name = request.POST.get("name", "").strip()[:NAME_LENGTH]
    query = _question(request.POST.get("query", ""))
    if page not in PAGES or not name or "\x00" in name:
        raise BadRequest(_("A view needs a name."))
    if len(query) > QUERY_LENGTH:
        raise BadRequest(_("This view has too many conditions to be saved."))
    known = _own(request, page)
    if not known.filter(name=name).exists() and known.count() >= MOST:
        raise BadRequest(_("You have %(n)s saved views here: drop one first.") % {"n": MOST})
    SavedView.objects.update_or_create(
        workspace=request.workspace,  # type: ignore[attr-defined]
        user_id=request.user.pk or 0,
        page=page,
        name=name,
        defaults={"query": query},
    )
    messages.info(request, _("The view “%(name)s” is saved.") % {"name": name})
    response = redirect(page)
    response["Location"] += f"?{query}" if query else ""
    return response


@require_POST
@access.needs("viewer")
def drop(request: HttpRequest, page: str, number: int) -> HttpResponse:
    """Takes a view away; the list itself loses nothing."""
    view = get_object_or_404(_own(request, page), pk=number)
    view.delete()
    messages.info(request, _("The view “%(name)s” is gone; no customer is.") % {"name": view.name})
    return redirect(page)


def _own(request: HttpRequest, page: str) -> Any:
    return SavedView.objects.filter(
        workspace=request.workspace,  # type: ignore[attr-defined]
        user_id=request.user.pk or 0,
        page=page,
    )


def _question(text: str) -> str:
    """A question without what passes, in one order, so that the same view is the same text."""
    given = QueryDict(text, mutable=True)
    for name in PASSING:
        given.pop(name, None)
    found = QueryDict(mutable=True)
    for name in sorted(given):
        found.setlist(name, [value for value in given.getlist(name) if value])
    return found.urlencode()
