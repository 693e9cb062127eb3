"""Tiles never overlap: what is refused, what makes room, where the first free place is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import BadRequest
from metrics.boards import grid
from metrics.boards.grid import MOST_TILES, Place
from metrics.models import COLUMNS, ROWS, TALLEST


@st.composite
def tiles(draw: st.DrawFn, key: int = 0) -> Place:
    """One that lies on the grid."""
    w, h = draw(st.integers(1, COLUMNS)), draw(st.integers(1, TALLEST))
    return Place(key, draw(st.integers(0, COLUMNS - w)), draw(st.integers(0, 30)), w, h)


def cells(place: Place) -> set[tuple[int, int]]:
    """All that it covers, one by one: the plain way to ask whether two overlap."""
    return {(x, y) for x in range(place.x, place.x + place.w) for y in range(place.y, place.y + place.h)}


@st.composite
def boards(draw: st.DrawFn) -> list[Place]:
    """A board as it may stand: those of some tiles that lie apart."""
    found: list[Place] = []
    for key, tile in enumerate(draw(st.lists(tiles(), max_size=10)), start=1):
        if not any(cells(tile) & cells(one) for one in found):
            found.append(tile._replace(key=key))
    return found


@given(tiles(), tiles(1))
def test_two_overlap_when_they_share_a_cell(one: Place, other: Place) -> None:
    assert grid.overlap(one, other) == grid.overlap(other, one) == bool(cells(one) & cells(other))


@given(boards(), st.data())
def test_a_tile_that_is_moved_gets_its_place_and_nothing_overlaps(
    board: list[Place], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from([one.key for one in board] or [99]))
    to = data.draw(tiles(key))
    after = grid.moved(board, to)
    grid.check(after)
    assert to in after
    assert {one.key for one in after} == {one.key for one in board} | {key}
    before = {one.key: one for one in board}
    for one in after:
        if one.key != key:
            was = before[one.key]
            assert (one.x, one.w, one.h) == (was.x, was.w, was.h)
            assert one.y >= was.y


@given(boards(), st.data())
def test_what_is_in_nobody_s_way_stays(board: list[Place], data: st.DataObject) -> None:
    to = data.draw(tiles(99))
    if not any(cells(to) & cells(one) for one in board):
        assert sorted(grid.moved(board, to)) == sorted([*board, to])


@given(boards(), st.tuples(st.integers(1, COLUMNS), st.integers(1, TALLEST)))
def test_the_first_free_place_is_free_and_none_is_before_it(
    board: list[Place], size: tuple[int, int]
) -> None:
    found = grid.free(board, 99, size)
    grid.check([*board, found])
    taken = set().union(*map(cells, board)) if board else set()
    for y in range(found.y + 1):
        for x in range(COLUMNS - size[0] + 1):
            if (y, x) < (found.y, found.x):
                assert cells(Place(99, x, y, *size)) & taken


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ([Place(1, 0, 0, 6, 4), Place(2, 5, 3, 6, 4)], "tiles_overlap"),
        ([Place(1, 0, 0, 6, 4), Place(1, 6, 0, 6, 4)], "tile_twice"),
        ([Place(1, 7, 0, 6, 4)], "bad_tile"),
        ([Place(1, 0, 0, 0, 4)], "bad_tile"),
        ([Place(1, 0, 0, 6, TALLEST + 1)], "bad_tile"),
        ([Place(1, 0, ROWS - 3, 6, 4)], "bad_tile"),
        ([Place(n, n % COLUMNS, n // COLUMNS, 1, 1) for n in range(MOST_TILES + 1)], "too_many_tiles"),
    ],
)
def test_what_no_board_can_look_like_is_refused(places: list[Place], code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        grid.check(places)
    assert refused.value.code == code


def test_tiles_side_by_side_and_up_to_the_edges_are_a_board() -> None:
    grid.check(
        [Place(1, 0, 0, 6, 4), Place(2, 6, 0, 6, 4), Place(3, 0, 4, 12, 1), Place(4, 0, ROWS - 1, 1, 1)]
    )
