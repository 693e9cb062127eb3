"""Which stretches of time and pages are asked for: nothing that a platform commits late, or moves, is missed.

A platform here is a list of rows with a time of modification and one of appearing; the walk is judged by it, slowly.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.connectors import pulled
from channels.connectors.base import Answer, Connection
from channels.connectors.pulled import LATE, SETTLED, Feed, Found, Stretch
from kernel.outside import Said

START = 1_772_000_000
HALF_AN_HOUR = 1_800
CONNECTION = Connection(None, {}, pulled.BEIJING, "CNY", "")


class Clock:
    """A way out that is never gone, for its time."""

    def __init__(self, now: float) -> None:
        self.now = now

    def call(self, method: str, url: str, **_rest: Any) -> Answer:
        raise AssertionError(f"{method} {url}")

    def remember(self, name: str, make: Any) -> str:
        raise AssertionError(name)


class Platform:
    """Rows (modified, appears): one is listed from when it appears on. Tells the number of pages, or not."""

    def __init__(
        self, rows: list[tuple[int, int]], size: int, counted: bool, longest: int = HALF_AN_HOUR
    ) -> None:
        self.rows, self.size, self.counted, self.longest = rows, size, counted, longest
        self.clock = Clock(START)
        self.seen: set[int] = set()
        self.asked: list[Stretch] = []

    def ask(self, connection: Connection, api: Any, stretch: Stretch) -> Found:
        assert 0 < stretch.until - stretch.since <= self.longest
        assert stretch.until <= self.clock.now - SETTLED
        self.asked.append(stretch)
        there = sorted(
            (modified, n)
            for n, (modified, appears) in enumerate(self.rows)
            if stretch.since <= modified <= stretch.until and appears <= self.clock.now
        )
        page = there[(stretch.page - 1) * self.size : stretch.page * self.size]
        self.seen |= {n for _modified, n in page}
        pages = max(1, -(-len(there) // self.size))
        more = stretch.page < pages
        return Found([{"n": n} for _modified, n in page], pages if self.counted else None, more)

    def run(self, cursor: Mapping[str, Any], now: int, back: int) -> dict[str, Any]:
        """A run: page after page until there is no more; each cursor through JSON."""
        self.clock.now = now
        place = dict(cursor)
        for _n in range(10_000):
            page = pulled.fetch(CONNECTION, self.clock, place, [Feed("orders", self.longest, self.ask)], back)
            done = page.cursor["done"].get("orders", 0)
            assert done >= place.get("done", {}).get("orders", 0), "a cursor never goes back"
            place = json.loads(json.dumps(page.cursor))
            if not page.more:
                return place
        raise AssertionError("there is no end to it")


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, LATE + SETTLED)), max_size=40),
    gaps=st.lists(st.integers(0, 9_000), min_size=1, max_size=6),
    size=st.integers(1, 5),
    counted=st.booleans(),
)
def test_whatever_is_committed_a_little_late_is_seen(
    rows: list[tuple[int, int]], gaps: list[int], size: int, counted: bool
) -> None:
    """Rows of the last hours before the first run and of the runs after it, each listed up to eight minutes late."""
    listed = [(START - 5_000 + moment, START - 5_000 + moment + late) for moment, late in rows]
    platform, cursor, now = Platform(listed, size, counted), dict[str, Any](), START
    for gap in gaps:
        now += gap
        cursor = platform.run(cursor, now, back=6_000 + gaps[0])
    due = {
        n
        for n, (modified, appears) in enumerate(listed)
        if modified <= cursor["done"]["orders"] - LATE and appears <= now
    }
    assert due <= platform.seen


def test_pages_go_down_from_the_last_and_the_first_is_asked_again() -> None:
    platform = Platform([(START - 500 - n, 0) for n in range(7)], size=2, counted=True)
    platform.run({}, START, back=1_000)
    assert [one.page for one in platform.asked] == [1, 4, 3, 2, 1]
    assert platform.seen == set(range(7))


def test_without_a_number_of_pages_they_go_up_to_the_last() -> None:
    platform = Platform([(START - 500 - n, 0) for n in range(7)], size=2, counted=False)
    platform.run({}, START, back=1_000)
    assert [one.page for one in platform.asked] == [1, 2, 3, 4]


def test_a_platform_that_says_there_are_ever_more_pages_is_left() -> None:
    def endless(connection: Connection, api: Any, stretch: Stretch) -> Found:
        return Found([{}], None, more=True)

    reading = {"topic": "a", "since": START - 500, "until": START - 200, "newest": START - 180}
    reading |= {"page": pulled.MOST_PAGES}
    with pytest.raises(Said) as trouble:
        pulled.fetch(CONNECTION, Clock(START), {"reading": reading}, [Feed("a", 600, endless)], 500)
    assert "5,001 pages" in trouble.value.words


def test_the_feed_that_is_farthest_behind_goes_first_and_one_switched_off_is_left_alone() -> None:
    platform = Platform([], size=2, counted=True)
    feeds = [Feed("orders", 1_800, platform.ask), Feed("refunds", 1_800, platform.ask)]
    place: dict[str, Any] = {"done": {"orders": START - 700, "refunds": START - 9_000}}
    page = pulled.fetch(CONNECTION, platform.clock, place, feeds, 500)
    assert (page.topic, page.more, page.cursor["done"]["orders"]) == ("refunds", True, START - 700)
    assert page.cursor["done"]["refunds"] == START - 9_000 + 1_800
    reading = {
        "topic": "refunds",
        "since": START - 900,
        "until": START - 400,
        "newest": START,
        "page": 3,
        "down": True,
    }
    page = pulled.fetch(CONNECTION, platform.clock, place | {"reading": reading}, feeds[:1], 500)
    assert page.topic == "orders"


def test_only_what_was_new_is_looked_at_again_and_pages_that_say_the_same_are_told_apart() -> None:
    """A stretch long ago is followed by the next without a gap; what lies on their border is in both, once each."""
    border = START - 4_000
    platform = Platform([(border, 0), (START - 400, 0)], size=9, counted=True)
    place: dict[str, Any] = {"done": {"orders": border - 1_800}}
    pages = []
    for _n in range(4):
        pages.append(
            pulled.fetch(CONNECTION, platform.clock, place, [Feed("orders", 1_800, platform.ask)], 500)
        )
        place = pages[-1].cursor
    assert [one.since for one in platform.asked] == [
        border - 1_800,
        border,
        border + 1_800,
        START - SETTLED - LATE,
    ]
    assert pages[0].body != pages[1].body
    assert place["done"] == {"orders": START - SETTLED}
    assert place["next"] == {"orders": START - SETTLED - LATE}
    platform.clock.now += 100
    newest = [
        pulled.fetch(CONNECTION, platform.clock, place, [Feed("orders", 1_800, platform.ask)], 500)
        for place in (place, place | {"next": {"orders": START - 900}})
    ]
    assert newest[0].body == newest[1].body == b'{"rows":[{"n":1}]}', "nothing is new: nothing is kept twice"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-03-05 10:00:00", "2026-03-05T10:00:00+08:00"),
        ("2026/03/05 10:00:00", "2026-03-05T10:00:00+08:00"),
        ("2026-03-05T10:00:00Z", "2026-03-05T10:00:00+00:00"),
        (1_772_000_000, 1_772_000_000),
        ("0001-01-01 00:00:00", None),
        ("0000-00-00 00:00:00", None),
        ("1970-01-01 08:00:00", None),
        (0, None),
        ("", None),
        ([], None),
        ("soon", "soon"),
    ],
    ids=str,
)
def test_times_are_beijings_where_they_say_nothing_else(said: Any, meant: Any) -> None:
    assert pulled.moment(said) == meant


def test_of_several_times_the_first_that_is_one() -> None:
    assert (
        pulled.moment(None, "", "0000-00-00 00:00:00", "2026-03-05 10:00:00") == "2026-03-05T10:00:00+08:00"
    )


@pytest.mark.parametrize(
    ("total", "pages"),
    [("0", 1), (0, 1), (100, 1), ("101", 2), (None, None), ("x", None), (-1, None), ("9" * 40, None)],
)
def test_pages_of_a_number_of_rows(total: Any, pages: int | None) -> None:
    assert pulled.pages_of(total, 100) == pages
