"""The boards there are, and the analyses that are kept. Not here: one board (board.py), what is done (changes.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from console import names
from console.board import tiles
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.boards import analyses, boards, kinds
from metrics.boards.reader import Reader
from metrics.models import Analysis, Board

SHOWN = 200  # analyses listed, the newest


@dataclass(frozen=True, slots=True)
class Line:
    """A board in the list."""

    slug: str
    name: str
    tiles: int
    shared: bool
    author: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """An analysis in the list."""

    key: int
    name: str
    kind: Any
    address: str
    author: str
    boards: list[Board]
    may_write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The list."""

    boards: list[Line]
    kept: list[Kept]
    may_make: bool
    typed: Mapping[str, str]  # what could not be made, with what was wrong


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The list."""
    return page(request, {})


def page(request: WorkspaceRequest, typed: Mapping[str, str]) -> HttpResponse:
    """The list; `typed`: a name that no board can have."""
    reader = Reader.of(request.access, request.user)
    found = Page(
        boards=[_line(one) for one in boards.readable(reader).order_by("-updated_at", "-pk")],
        kept=[_kept(request, reader, one) for one in _newest(reader)],
        may_make=request.access.reaches("analyst"),
        typed=typed,
    )
    return render(request, "board/boards.html", found, status=400 if typed else 200)


def _newest(reader: Reader) -> list[Analysis]:
    found = analyses.readable(reader).select_related("author").prefetch_related("tiles__board")
    return list(found.order_by("-created_at", "-pk")[:SHOWN])


def _line(board: Board) -> Line:
    return Line(
        slug=board.slug,
        name=names.said(board.name),
        tiles=len(board.tiles.all()),
        shared=board.shared,
        author=board.author.get_username() if board.author else "",
        changed_at=board.updated_at,
    )


def _kept(request: WorkspaceRequest, reader: Reader, one: Analysis) -> Kept:
    seen = [tile.board for tile in one.tiles.all() if reader.reads(tile.board)]
    for board in seen:
        board.name = names.said(board.name)
    return Kept(
        key=one.pk,
        name=names.said(one.name),
        kind=kinds.named(one.kind).label,
        address=tiles.page_of(one, {}),
        author=one.author.get_username() if one.author else "",
        boards=seen,
        may_write=reader.writes(one.author_id),
    )
