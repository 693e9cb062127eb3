"""What a tile shows, by the kind of its analysis: a list, to which a kind adds its line.

A kind gives a draw function: what is asked -> a Content, a template and what it shows. A kind without one is shown by
its name and a way to its page. Not here: where tiles stand (metrics/boards/grid.py), the page (board.py).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from console import names
from console.board import metric_tile
from console.board.content import Asked, Content
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
    path: tuple[tuple[str, ...], ...] = ()  # for each part, the names of the parameter it may stand under
    draw: Callable[[Asked], Content] | None = None


TILES: Mapping[str, Renderer] = {
    "metric": Renderer("kpi", (("name", "metric"),), metric_tile.draw),
    "funnel": Renderer("journey-funnel"),
    "retention": Renderer("journey-retention"),
    "paths": Renderer("journeys"),
    "switching": Renderer("journey-switching"),
    "touchpoints": Renderer("journey-touchpoints"),
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
    days: str  # its own period, where it is not the board's
    content: Content | None  # None: nothing draws this kind yet, or `trouble` says why not
    trouble: str


def tile(request: WorkspaceRequest, analysis: Analysis, place: Place, period: shell.Period) -> Tile:
    """A tile with what it shows in the board's period; what cannot be shown is said on it, the others stand."""
    renderer, kind = TILES[analysis.kind], kinds.named(analysis.kind)
    asked = Asked.of(request, analysis, period)
    content, trouble = None, ""
    try:
        content = renderer.draw(asked) if renderer.draw else None
    except Trouble as wrong:
        trouble = str(wrong)
    return Tile(
        key=analysis.pk,
        name=names.said(analysis.name),
        kind=kind.label,
        place=place,
        wide=place.w >= WIDE,
        address=page_of(request, analysis, asked.days),
        days="" if asked.period == period else asked.period.label,
        content=content,
        trouble=trouble,
    )


def page_of(request: HttpRequest, analysis: Analysis, days: Mapping[str, str]) -> str:
    """The address of an analysis's own page with its parameters, and those `days` instead of its own."""
    renderer, params = TILES[analysis.kind], dict(analysis.params)
    parts = [_taken(params, words) for words in renderer.path]
    try:
        path = reverse(renderer.page, args=parts)
    except NoReverseMatch:
        return ""
    kept = [(name, value) for name, value in kinds.pairs(params) if name not in days]
    pairs: Iterable[tuple[str, str]] = [*kept, *((name, value) for name, value in days.items() if value)]
    return path + (f"?{query}" if (query := urlencode(list(pairs))) else "")


def _taken(params: dict[str, Any], words: Iterable[str]) -> str:
    """The one that is given of these, taken out."""
    return "".join(str(params.pop(word)) for word in words if params.get(word))
