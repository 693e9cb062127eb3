"""What is done to boards and analyses on their pages: plain forms; static/js/board.js sends those of tiles by itself.

Not here: who may, and what fits (metrics/boards).
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console import names
from console.board import boards as pages
from kernel import normalise
from kernel.errors import BadRequest
from kernel.web import access, shell
from kernel.web.access import WorkspaceRequest
from metrics.boards import analyses, boards
from metrics.boards.grid import Place
from metrics.boards.reader import Reader
from metrics.models import COLUMNS, ROWS, TALLEST

SIDES = {"column": COLUMNS, "row": ROWS, "width": COLUMNS, "height": TALLEST}  # of the form, from 1 on


@require_POST
@access.require_role("analyst")
def add(request: WorkspaceRequest) -> HttpResponse:
    """A new board by its name."""
    typed = {"name": request.POST.get("name", ""), "shared": request.POST.get("shared", "")}
    try:
        made = boards.add(_reader(request), {"name": typed["name"], "shared": bool(typed["shared"])})
    except BadRequest as wrong:
        return pages.page(request, typed | {"wrong": str(wrong)})
    messages.success(request, _("The board “%(name)s” is made.") % {"name": made.name})
    return redirect("board", made.slug)


@require_POST
@access.require_role("analyst")
def change(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Another name, shared or not."""
    reader = _reader(request)
    before, name = boards.one(reader, slug), request.POST.get("name", "")
    if name == names.said(before.name):  # as it is shown, in whatever language
        name = before.name
    boards.change(reader, slug, {"name": name, "shared": bool(request.POST.get("shared"))})
    messages.success(request, _("The board is saved."))
    return redirect(shell.in_period(request, "board", slug))


@require_POST
@access.require_role("analyst")
def remove(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Takes the board away."""
    gone = boards.remove(_reader(request), slug)
    said = _("Board “%(name)s” deleted; its analyses are still there.")
    messages.info(request, said % {"name": names.said(gone.name)})
    return redirect("boards")


@require_POST
@access.require_role("analyst")
def put(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """An analysis that is there, onto the board."""
    reader, number = _reader(request), normalise.whole(request.POST.get("analysis", ""), 1, 2**63 - 1)
    if number is None:
        raise BadRequest(_("Choose what to add."))
    boards.put(reader, slug, analyses.one(reader, number))
    return redirect(f"{shell.in_period(request, 'board', slug)}#tile-{number}")


@require_POST
@access.require_role("analyst")
def move(request: WorkspaceRequest, slug: str, number: int) -> HttpResponse:
    """A tile to another place or size; what is in its way goes down. To a program: where all stand now."""
    asked = [normalise.whole(request.POST.get(name, ""), 1, most) for name, most in SIDES.items()]
    column, row, width, height = asked
    if column is None or row is None or width is None or height is None:
        raise BadRequest(_("Column, row, width and height are whole numbers from 1 on."), "bad_tile")
    places = boards.move(_reader(request), slug, Place(number, column - 1, row - 1, width, height))
    if not _by_script(request):
        return redirect(f"{shell.in_period(request, 'board', slug)}#tile-{number}")
    return JsonResponse({"tiles": [place._asdict() for place in places]})


@require_POST
@access.require_role("analyst")
def take(request: WorkspaceRequest, slug: str, number: int) -> HttpResponse:
    """A tile off the board."""
    boards.take(_reader(request), slug, number)
    messages.info(request, _("Taken off the board; the analysis is still there."))
    return redirect(shell.in_period(request, "board", slug))


@require_POST
@access.require_role("analyst")
def drop(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Deletes an analysis, with its tiles."""
    gone = analyses.remove(_reader(request), number)
    messages.info(request, _("Analysis “%(name)s” deleted.") % {"name": names.said(gone.name)})
    return redirect("boards")


def _reader(request: WorkspaceRequest) -> Reader:
    return Reader.of(request.access, request.user)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"
