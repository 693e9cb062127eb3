"""Lists as a person wants to see them again: saved under a name, opened, dropped. Each person has their own.

Not here: what the lists show.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kernel.errors import BadRequest
from kernel.models import SavedView
from kernel.web import access
from kernel.web.access import WorkspaceRequest

PAGE = "customers"  # the route of the page that lists them all
# Routes of lists of customers that a figure leads to: kept by their question, asked anew when opened.
LISTS = (
    "journeys-people",
    "journey-funnel-people",
    "journey-retention-people",
    "journey-switching-people",
    "journey-touchpoints-people",
    "membership-people",
    "membership-joining-people",
    "campaigns-people",
    "parity-people",
)
PAGES = (PAGE, *LISTS)  # the routes whose views can be saved
MOST = 50  # of one person, page and workspace
NAME_LENGTH, QUERY_LENGTH = 80, 2000
PASSING = ("cursor", "csrfmiddlewaretoken")  # of an address, what is no part of a view


@dataclass(frozen=True, slots=True)
class View:
    """A saved list."""

    id: int
    page: str
    name: str
    address: str
    current: bool


def listed(request: WorkspaceRequest, here: str) -> list[View]:
    """The person's views, those of customers first; the one that is open on page `here` is marked."""
    asked = _question(request.GET.urlencode())
    own = [view for page in PAGES for view in _own(request, page).order_by("name")]
    return [
        View(
            view.pk,
            view.page,
            view.name,
            _address(view.page, view.query),
            (view.page, view.query) == (here, asked),
        )
        for view in own
    ]


def _address(page: str, query: str) -> str:
    return reverse(page) + (f"?{query}" if query else "")


def question(request: WorkspaceRequest) -> str:
    """The address's question, to be saved."""
    return _question(request.GET.urlencode())


@require_POST
@access.require_role("viewer")
def keep(request: WorkspaceRequest, page: str) -> HttpResponse:
    """Saves the question under a name; the name again replaces it."""
    name = request.POST.get("name", "").strip()[:NAME_LENGTH]
    query = _question("&".join(request.POST.getlist("query")))
    if page not in PAGES or not name or "\x00" in name:
        raise BadRequest(_("A view needs a name."))
    if len(query) > QUERY_LENGTH:
        raise BadRequest(_("This view has too many conditions to be saved."))
    known = _own(request, page)
    if not known.filter(name=name).exists() and known.count() >= MOST:
        raise BadRequest(_("You have %(n)s saved views here: delete one first.") % {"n": MOST})
    SavedView.objects.update_or_create(
        workspace=request.workspace,
        user_id=request.user.pk,
        page=page,
        name=name,
        defaults={"query": query},
    )
    said = _("The view “%(name)s” is saved.") if page == PAGE else _("The list “%(name)s” is saved.")
    messages.info(request, said % {"name": name})
    return redirect(_address(page, query))


@require_POST
@access.require_role("viewer")
def drop(request: WorkspaceRequest, page: str, number: int) -> HttpResponse:
    """Takes a view away; the list itself loses nothing."""
    view = get_object_or_404(_own(request, page), pk=number)
    view.delete()
    messages.info(request, _("View “%(name)s” deleted; customers are not affected.") % {"name": view.name})
    return redirect(PAGE)


def _own(request: WorkspaceRequest, page: str) -> QuerySet[SavedView]:
    return SavedView.objects.filter(
        workspace=request.workspace,
        user_id=request.user.pk,
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
