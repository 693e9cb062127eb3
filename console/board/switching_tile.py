"""Channel switching as a tile: the matrix of the largest channels. Not here: its page (console/journey)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise

from channels.models import Channel
from channels.queries import channels_of
from console.board.content import Asked, Content
from console.board.journey_tile import Told, answered
from console.journey import switching
from console.journey.figures import chosen, heat
from kernel.web import format
from metrics.journeys.switching import ON, Cell
from metrics.journeys.switching import switching as counted

LARGEST = 6  # channels by name; all others are one
REST = ""  # instead of a slug: all others


class Square(NamedTuple):
    """A cell of the matrix. `href` "": of several channels, or of nobody."""

    text: str
    tip: str
    heat: int
    href: str


class Line(NamedTuple):
    """What was before, and what came. `channel` None: all other channels."""

    channel: Channel | None
    squares: list[Square]


class Listed(NamedTuple):
    """A line of the table. `source` None: nothing was before."""

    source: Channel | None
    target: Channel
    steps: str
    href: str
    customers: str
    days: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Told):
    """The tile; without lines where nobody came back."""

    columns: list[Channel | None]
    lines: list[Line]
    rows: list[Listed]
    unit: Promise


def draw(asked: Asked) -> Content:
    """The tile. Raises Trouble for what cannot be answered now."""
    here = asked.here
    on = chosen(here.given, "on", ON)
    flows, as_of = answered(here, lambda asked, _given: counted(asked, on))
    channels, moved = channels_of(asked.request.workspace.pk), switching.moved_of(flows)
    address = switching.leading(here, on)
    slugs = _largest(moved, flows.channels)
    shown = Shown(
        finding=switching.finding(moved, channels, on),
        note="",
        as_of=as_of,
        columns=[channels.get(slug) for slug in slugs],
        lines=_lines(moved, slugs, channels, address) if moved else [],
        rows=[
            Listed(
                channels[cell.origin] if cell.origin else None,
                channels[cell.to],
                format.number(cell.steps),
                address(cell),
                format.number(cell.customers),
                format.number(cell.median_days, 1) if cell.median_days is not None else format.NOTHING,
            )
            for cell in sorted(flows.cells, key=lambda cell: -cell.steps)
        ],
        unit=switching.WORDS[on],
    )
    return Content(template="board/_switching.html", shows=shown)


def _largest(moved: Iterable[Cell], order: Sequence[str]) -> list[str]:
    """The channels of most moves, in the workspace's order; REST at the end where there are more."""
    sizes: dict[str, int] = defaultdict(int)
    for cell in moved:
        for slug in {cell.origin or "", cell.to}:
            sizes[slug] += cell.steps
    if len(sizes) <= LARGEST + 1:  # one alone is named rather than called the others
        return [slug for slug in order if slug in sizes]
    largest = sorted(sizes, key=lambda slug: -sizes[slug])[:LARGEST]
    return [*(slug for slug in order if slug in largest), REST]


def _lines(
    moved: Iterable[Cell],
    slugs: Sequence[str],
    channels: dict[str, Channel],
    address: Callable[[Cell], str],
) -> list[Line]:
    """A line for each of them."""
    summed: dict[tuple[str, str], int] = defaultdict(int)
    single: dict[tuple[str, str], Cell] = {}
    for cell in moved:
        way = (cell.origin if cell.origin in slugs else REST, cell.to if cell.to in slugs else REST)
        summed[way[0] or REST, way[1]] += cell.steps
        if REST not in way:
            single[way[0] or REST, way[1]] = cell
    totals: dict[str, int] = defaultdict(int)
    for (origin, _to), steps in summed.items():
        totals[origin] += steps
    most = max(summed.values(), default=0)

    def square(origin: str, to: str) -> Square:
        steps, cell = summed.get((origin, to), 0), single.get((origin, to))
        tip = format.base(steps, totals[origin]) if steps else ""
        return Square(format.number(steps), tip, heat(steps, most), address(cell) if cell else "")

    return [Line(channels.get(origin), [square(origin, to) for to in slugs]) for origin in slugs]
