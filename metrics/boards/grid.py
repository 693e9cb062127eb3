"""Where the tiles of a board stand: a grid of 12 columns, in which no two overlap. Plain numbers in and out."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from kernel.errors import BadRequest
from metrics.models import COLUMNS, MOST_TILES, ROWS, TALLEST

USUAL = (6, 4)  # columns and rows of a tile that nobody placed


class Place(NamedTuple):
    """What a tile covers: `x` columns from the left, `y` rows from the top, `w` columns wide, `h` rows high."""

    key: int  # of the analysis that stands there
    x: int
    y: int
    w: int
    h: int

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.y + self.h

    @property
    def inside(self) -> bool:
        """Whether all of it lies on the grid, and it is no higher than a tile may be."""
        return (
            self.x >= 0
            and self.y >= 0
            and self.w >= 1
            and 1 <= self.h <= TALLEST
            and self.x + self.w <= COLUMNS
            and self.bottom <= ROWS
        )


def overlap(one: Place, other: Place) -> bool:
    """Whether they share a cell."""
    return (
        one.x < other.x + other.w
        and other.x < one.x + one.w
        and one.y < other.bottom
        and other.y < one.bottom
    )


def check(places: Sequence[Place]) -> None:
    """A BadRequest for what no board can look like."""
    if len(places) > MOST_TILES:
        raise BadRequest(_("A board has at most %(n)s tiles.") % {"n": MOST_TILES}, "too_many_tiles")
    if len({one.key for one in places}) < len(places):
        raise BadRequest("An analysis stands on a board once.", "tile_twice")
    if wrong := next((one for one in places if not one.inside), None):
        said = {"tile": wrong.key, "columns": COLUMNS, "rows": ROWS, "tallest": TALLEST}
        raise BadRequest(
            _(
                "The tile of analysis %(tile)s does not fit: a board has %(columns)s columns and %(rows)s rows, "
                "a tile is 1 to %(tallest)s rows high."
            )
            % said,
            "bad_tile",
        )
    for i, one in enumerate(places):
        if other := next((each for each in places[:i] if overlap(one, each)), None):
            raise BadRequest(
                f"The tiles of analyses {other.key} and {one.key} overlap: move or narrow one of them.",
                "tiles_overlap",
            )


def moved(places: Iterable[Place], to: Place) -> list[Place]:
    """The board once a tile stands at a place: what is in its way goes down as far as it must, nothing goes up.

    While somebody drags, static/js/board.js does the same.
    """
    settled = [to]
    for one in sorted((one for one in places if one.key != to.key), key=reading):
        while below := [other.bottom for other in settled if overlap(one, other)]:
            one = one._replace(y=max(below))
        settled.append(one)
    return sorted(settled, key=reading)


def free(places: Sequence[Place], key: int, size: tuple[int, int] = USUAL) -> Place:
    """The first place that is free, from the top, then from the left."""
    width, height = size
    last = max((one.bottom for one in places), default=0)
    spots = (Place(key, x, y, width, height) for y in range(last + 1) for x in range(COLUMNS - width + 1))
    return next(spot for spot in spots if not any(overlap(spot, one) for one in places))


def reading(place: Place) -> tuple[int, int, int]:
    """The order in which a board is read."""
    return place.y, place.x, place.key
