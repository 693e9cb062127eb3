"""One board: its tiles, each in the board's period, where they stand, and how they can be moved.

Not here: what a tile shows (tiles.py), what is done to a board (changes.py), the list of boards (boards.py).
"""

from dataclasses import dataclass
from typing import TypedDict

from django.http import HttpResponse
from django.utils.translation import gettext as _

from console import names
from console.board.tiles import Tile, tile
from kernel.errors import NotFound
from kernel.web import access, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.boards import analyses, boards
from metrics.boards.reader import Reader
from metrics.models import COLUMNS, MOST_TILES, ROWS, TALLEST, Analysis, Board

OFFERED = 100  # analyses that can be added, the newest


class Words(TypedDict):
    """What static/js/board.js says, `$name` and the like put in."""

    moved: str
    kept: str
    failed: str
    copied: str
    notCopied: str


@dataclass(frozen=True, slots=True)
class Offered:
    """An analysis that could be put on the board."""

    key: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """A board."""

    board: Board
    name: str
    tiles: list[Tile]
    offered: list[Offered]
    may_write: bool
    full: bool  # no more tiles fit
    columns: int
    rows: int
    tallest: int
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a tile shows."""

    tile: Tile


@access.require_role("viewer")
def show(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """The page."""
    reader = Reader.of(request.access, request.user)
    found, period = boards.one(reader, slug), shell.period_of(request)
    places = boards.places(found)
    kept = Analysis.objects.in_bulk([place.key for place in places])
    writes = reader.writes(found.author_id)
    page = Page(
        period=period,
        presets=shell.presets(request, period),
        neighbours=shell.neighbours(request, period),
        board=found,
        name=names.said(found.name),
        tiles=[tile(request, slug, kept[place.key], place, period, now=False) for place in places],
        offered=_offered(reader, set(kept)) if writes else [],
        may_write=writes,
        full=len(places) >= MOST_TILES,
        columns=COLUMNS,
        rows=ROWS,
        tallest=TALLEST,
        words=_words(),
    )
    return render(request, "board/board.html", page)


@access.require_role("viewer")
def one(request: WorkspaceRequest, slug: str, number: int) -> HttpResponse:
    """What a tile shows, for the board that is there already."""
    found = boards.one(Reader.of(request.access, request.user), slug)
    place = next((at for at in boards.places(found) if at.key == number), None)
    if place is None:
        raise NotFound(_("This analysis does not stand on the board any more."))
    analysis = Analysis.objects.get(pk=number)
    shown = tile(request, slug, analysis, place, shell.period_of(request), now=True)
    return render(request, "board/_tile_body.html", Body(tile=shown))


@access.require_role("viewer")
def layout(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Where its tiles stand, as a style sheet: the policy lets no page say so in its HTML."""
    places = boards.places(boards.one(Reader.of(request.access, request.user), slug))
    text = "".join(
        f"#tile-{at.key} {{ --x: {at.x + 1}; --y: {at.y + 1}; --w: {at.w}; --h: {at.h}; }}\n" for at in places
    )
    answer = HttpResponse(text, content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


def _offered(reader: Reader, there: set[int]) -> list[Offered]:
    found = analyses.readable(reader).exclude(pk__in=there).order_by("-created_at", "-pk")[:OFFERED]
    return [Offered(one.pk, names.said(one.name)) for one in found]


def _words() -> Words:
    return {
        "moved": _("$name: column $x, row $y, $w wide, $h high"),
        "kept": _("Saved"),
        "failed": _("Not saved: the board is as it was. Load the page again and try once more."),
        "copied": _("The picture is on the clipboard."),
        "notCopied": _("This browser lets no picture be copied: save it as PNG."),
    }
