"""What a tile shows, by the kind of its analysis: a list, to which a kind adds its line.

A kind gives a draw function: what is asked -> a Content, a template and what it shows. What is read from the mirror may
take long: its tile is loaded by itself, after the board. Not here: where tiles stand (metrics/boards/grid.py), the page
(board.py).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from console import names
from console.board import (
    funnel_tile,
    metric_tile,
    paths_tile,
    retention_tile,
    switching_tile,
    touchpoints_tile,
)
from console.board.content import Asked, Content
from console.journey.base import FILES
from kernel.errors import Trouble
from kernel.web import shell
from kernel.web.access import WorkspaceRequest
from metrics.boards import kinds
from metrics.boards.grid import Place
from metrics.models import Analysis

WIDE = 7  # columns from which a tile takes a tablet's whole width


class Renderer(NamedTuple):
    """How a kind is shown: `page` is the route of its own page, whose path parts are `path` of its parameters."""

    page: str
    draw: Callable[[Asked], Content]
    file: str  # the route of its numbers as a file; its path parts are the same
    path: tuple[tuple[str, ...], ...] = ()  # for each part, the names of the parameter it may stand under
    later: Callable[[Asked], bool] = lambda _asked: True  # whether it is loaded after the board


TILES: Mapping[str, Renderer] = {
    "metric": Renderer("kpi", metric_tile.draw, "kpi-export", (("name", "metric"),), metric_tile.mirrored),
    "funnel": Renderer("journey-funnel", funnel_tile.draw, FILES["funnel"]),
    "retention": Renderer("journey-retention", retention_tile.draw, FILES["retention"]),
    "paths": Renderer("journeys", paths_tile.draw, FILES["paths"]),
    "switching": Renderer("journey-switching", switching_tile.draw, FILES["switching"]),
    "touchpoints": Renderer("journey-touchpoints", touchpoints_tile.draw, FILES["touchpoints"]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """An analysis on a board."""

    key: int  # of the analysis
    name: str
    kind: Any
    place: Place
    wide: bool
    address: str  # of its own page; "": there is none yet
    csv: str
    days: str  # its own period, where it is not the board's
    loads: str  # where what it shows is loaded from; "": it comes along
    content: Content | None  # None: it is not here yet, or `trouble` says why not
    trouble: str


def tile(
    request: WorkspaceRequest,
    board: str,
    analysis: Analysis,
    place: Place,
    period: shell.Period,
    *,
    now: bool,
) -> Tile:
    """A tile in its board's period; what cannot be shown is said on it, the others stand.

    `now`: what it shows comes along, however long that takes.
    """
    renderer, kind = TILES[analysis.kind], kinds.named(analysis.kind)
    asked = Asked.of(request, analysis, period)
    content, trouble, later = None, "", renderer.later(asked)
    if now or not later:
        try:
            content = renderer.draw(asked)
        except Trouble as wrong:
            trouble = str(wrong)
    return Tile(
        key=analysis.pk,
        name=names.said(analysis.name),
        kind=kind.label,
        place=place,
        wide=place.w >= WIDE,
        address=page_of(analysis, asked.days),
        csv=page_of(analysis, asked.days, file=True),
        days=""
        if (asked.period.first, asked.period.last) == (period.first, period.last)
        else asked.period.label,
        loads=shell.in_period(request, "board-tile", board, analysis.pk) if later else "",
        content=content,
        trouble=trouble,
    )


def page_of(analysis: Analysis, days: Mapping[str, str], *, file: bool = False) -> str:
    """The address of an analysis's own page with its parameters, and those `days` instead of its own; or its file's."""
    renderer, params = TILES[analysis.kind], dict(analysis.params)
    parts = [_taken(params, words) for words in renderer.path]
    try:
        path = reverse(renderer.file if file else renderer.page, args=parts)
    except NoReverseMatch:
        return ""
    kept = [(name, value) for name, value in kinds.pairs(params) if name not in days]
    pairs: Iterable[tuple[str, str]] = [*kept, *((name, value) for name, value in days.items() if value)]
    return path + (f"?{query}" if (query := urlencode(list(pairs))) else "")


def _taken(params: dict[str, Any], words: Iterable[str]) -> str:
    """The one that is given of these, taken out."""
    return "".join(str(params.pop(word)) for word in words if params.get(word))
