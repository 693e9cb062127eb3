"""Keeping what a page shows as an analysis, on a board if one likes: for the page of any kind.

A page puts `offer(request, kind, name, …)` into what it hands its template, which includes `board/_save.html`.
Not here: which kinds and parameters there are (metrics/boards/kinds.py), boards (console/board).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kernel.errors import BadRequest
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from metrics.boards import analyses, boards, kinds
from metrics.boards.reader import Reader
from metrics.models import Board

NEW = "+"  # instead of a board's slug: another one, by its name
QUERY_LENGTH = 8_000  # characters of the parameters as a form sends them


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be kept along: `query` joins the parameters where it is ticked."""

    query: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the form for keeping a page's question shows."""

    kind: str
    query: str
    name: str
    choices: list[Choice]
    boards: list[Board]
    back: str


def offer(
    request: WorkspaceRequest,
    kind: str,
    name: str,
    params: Iterable[tuple[str, str]],
    choices: Iterable[tuple[Iterable[tuple[str, str]], str]] = (),
) -> Offer | None:
    """The form's inputs; None for who may keep nothing. `choices`: parameters kept only if wanted, in words."""
    if not request.access.reaches("analyst"):
        return None
    reader = Reader.of(request.access, request.user)
    return Offer(
        kind=kind,
        query=urlencode(list(params)),
        name=name,
        choices=[Choice(urlencode(list(pairs)), words) for pairs, words in choices],
        boards=[one for one in boards.readable(reader).order_by("name") if reader.writes(one.author_id)],
        back=request.get_full_path(),
    )


@require_POST
@access.require_role("analyst")
def keep(request: WorkspaceRequest) -> HttpResponse:
    """Keeps it under its name, on the board that was chosen or a new one; back to the page, or on to the board."""
    reader, chosen = Reader.of(request.access, request.user), request.POST.get("board", "")
    query = "&".join(request.POST.getlist("query"))
    if len(query) > QUERY_LENGTH:
        raise BadRequest(_("This analysis has too many conditions to be saved."))
    kind = kinds.named(request.POST.get("kind", ""))
    with transaction.atomic():
        if chosen == NEW:
            chosen = boards.add(reader, {"name": request.POST.get("new_board", "")}).slug
        asked = {"name": request.POST.get("name", ""), "kind": kind.name, "params": _params(kind, query)}
        made = analyses.add(reader, asked | ({"board": chosen} if chosen else {}))
    if chosen:
        response = redirect("board", chosen)
        response["Location"] += f"#tile-{made.pk}"
        return response
    messages.success(request, _("The analysis “%(name)s” is saved.") % {"name": made.name})
    return redirect(_inside(request, request.POST.get("back", "")))


def _params(kind: kinds.Kind, query: str) -> dict[str, str | list[str]]:
    """Parameters of an address as an analysis keeps them; empty ones say nothing."""
    given = {name: [one for one in values if one] for name, values in QueryDict(query).lists()}
    return {name: values if name in kind.many else values[-1] for name, values in given.items() if values}


def _inside(request: WorkspaceRequest, back: str) -> str:
    """A page of ours; anything else is the list of boards."""
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return back if safe else "boards"
