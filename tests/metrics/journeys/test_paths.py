"""Paths are what the judge says of random people, and what one sees by eye of hand-made ones."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import BadRequest
from metrics.journeys import paths, steps
from metrics.journeys.base import MOST_VALUES
from tests.metrics.journeys.people import CHANNELS, DAYS, HOUR, asked_of, at, histories, mirror_of
from tests.reference import journeys_paths as judge
from tests.reference.journeys_funnel import Step, Touch

MONTH = timedelta(days=30)
FIELDS = {"channel": "channel", "event": "name"}


def plain(step: str | None) -> Step | None:
    if step is None:
        return None
    return ("channel", step.removeprefix("channel:")) if ":" in step else ("name", step)


def asked_and_judged(
    level: str = "channel",
    visits: int = 5,
    session: timedelta = MONTH,
    start: str | None = None,
    end: str | None = None,
) -> tuple[paths.Question, judge.Ask]:
    """The same question in both forms."""
    met = [steps.one(step, CHANNELS) if step else None for step in (start, end)]
    ours = paths.Question(level, visits, session, *met)
    last = at(24 * DAYS.length)
    return ours, judge.Ask(FIELDS[level], visits, session, at(0), last, plain(start), plain(end))


def picture(touches: list[Touch], **more: Any) -> tuple[dict, dict]:
    """Nodes with customers and paths, links with their values."""
    ours, _theirs = asked_and_judged(**more)
    found = paths.drawn(asked_of(mirror_of(touches)), ours)
    return {n.id: (n.customers, n.paths) for n in found.nodes}, {(a, b): n for a, b, n in found.links}


STEP = st.sampled_from((None, "A", "B", "channel:web"))


@settings(max_examples=80, deadline=None)
@given(
    histories(most=12),
    st.sampled_from(sorted(FIELDS)),
    st.integers(1, 4),
    st.sampled_from((1, 2, 23, 1000)),
    st.one_of(st.tuples(STEP, st.none()), st.tuples(st.none(), STEP)),
)
def test_they_are_what_the_judge_says(touches, level, visits, hours, cut) -> None:
    ours, theirs = asked_and_judged(level, visits, hours * HOUR, *cut)
    asked = asked_of(mirror_of(touches))
    found, true = paths.drawn(asked, ours), judge.paths(touches, theirs)
    assert {(n.step, n.name): (n.customers, n.paths) for n in found.nodes} == judge.nodes(true)
    assert {(link.source, link.target): link.value for link in found.links} == judge.links(true)
    ways = defaultdict(list)
    for path in true:
        ways[path.nodes].append(path)
    top = paths.frequent(asked, ours, 100)
    assert {tuple(one.nodes): (one.customers, one.paths) for one in top} == {
        nodes: (len({path.profile for path in same}), len(same)) for nodes, same in ways.items()
    }
    for nodes, same in ways.items():
        (one,) = [one for one in top if tuple(one.nodes) == nodes]
        took = sorted((path.last - path.first).total_seconds() for path in same)
        assert one.median == pytest.approx((took[(len(took) - 1) // 2] + took[len(took) // 2]) / 2)
        chain = paths.chain_of(nodes)
        who = {path.profile for path in same}
        assert set(paths.people(asked, ours, chain, whole=True)) == who
        assert who <= set(paths.people(asked, ours, chain))
    for link in found.links:
        behind = [p for p in true if (link.source, link.target) in judge.links([p])]
        named = paths.people(asked, ours, f"{link.source}>{link.target}")
        assert sorted(named) == sorted({path.profile for path in behind})


def person(profile: int, *met: tuple[float, str, str]) -> list[Touch]:
    return [
        Touch(profile, at(hours), 100 * profile + n, channel, name)
        for n, (hours, channel, name) in enumerate(met)
    ]


WALK = person(
    1,
    (0, "web", "A"),
    (1, "web", "B"),
    (2, "store", "A"),
    (3, "web", "A"),
    (4, "tmall", "C"),
    (5, "web", "D"),
)


def test_a_stay_on_the_same_node_is_one_visit() -> None:
    nodes, links = picture(WALK)
    assert list(nodes) == ["1:web", "2:store", "3:web", "4:tmall", "5:web"]
    assert links == {
        ("1:web", "2:store"): 1,
        ("2:store", "3:web"): 1,
        ("3:web", "4:tmall"): 1,
        ("4:tmall", "5:web"): 1,
    }
    assert list(picture(WALK, level="event", visits=9)[0]) == ["1:A", "2:B", "3:A", "4:C", "5:D"]


def test_only_the_first_visits_are_drawn_with_an_end_the_last() -> None:
    assert list(picture(WALK, visits=2)[0]) == ["1:web", "2:store"]
    assert list(picture(WALK, visits=2, end="C")[0]) == ["1:web", "2:tmall"]
    assert picture(WALK, visits=1) == ({"1:web": (1, 1)}, {})


def test_a_start_cuts_what_lies_before_its_first_meeting_an_end_what_lies_after_its_last() -> None:
    assert list(picture(WALK, start="B")[0])[:2] == ["1:web", "2:store"]
    assert list(picture(WALK, start="channel:store")[0]) == ["1:store", "2:web", "3:tmall", "4:web"]
    assert list(picture(WALK, end="A")[0]) == ["1:web", "2:store", "3:web"]
    assert picture(WALK, start="Nobody Sent This") == ({}, {})


def test_a_pause_longer_than_the_session_begins_a_new_path() -> None:
    touches = person(1, (0, "web", "A"), (24, "store", "A"), (48.5, "web", "A"))
    assert picture(touches, session=24 * HOUR) == (
        {"1:web": (1, 2), "2:store": (1, 1)},
        {("1:web", "2:store"): 1},
    )
    assert list(picture(touches, session=25 * HOUR)[0]) == ["1:web", "2:store", "3:web"]
    same = person(1, (0, "web", "A"), (30, "web", "A"))
    assert picture(same, session=24 * HOUR)[0] == {"1:web": (1, 2)}


def test_flows_add_up_when_a_person_goes_two_ways() -> None:
    touches = person(1, (0, "web", "A"), (1, "store", "A"), (30, "web", "A"), (31, "tmall", "A"))
    nodes, links = picture(touches, session=24 * HOUR)
    assert nodes == {"1:web": (1, 2), "2:store": (1, 1), "2:tmall": (1, 1)}
    assert sum(links.values()) == nodes["1:web"][1]


def test_only_the_period_is_drawn() -> None:
    touches = person(1, (-1, "store", "A"), (0, "web", "A"), (71, "tmall", "A"), (72, "store", "A"))
    assert list(picture(touches)[0]) == ["1:web", "2:tmall"]


def test_at_most_so_many_nodes_a_step_the_rest_is_one() -> None:
    touches = [Touch(n, at(n / 60), n, "web", f"E{n:02}") for n in range(MOST_VALUES + 3)]
    touches.append(Touch(999, at(1), 999, "web", f"E{MOST_VALUES + 2:02}"))
    nodes, _links = picture(touches, level="event")
    assert len(nodes) == MOST_VALUES + 1
    assert next(iter(nodes)) == f"1:E{MOST_VALUES + 2:02}"
    assert list(nodes.items())[-1] == ("1:other", (3, 3))
    ours, theirs = asked_and_judged("event")
    assert sorted(paths.people(asked_of(mirror_of(touches)), ours, "1:other")) == [49, 50, 51]
    assert nodes == {
        f"{step}:{name}": found
        for (step, name), found in judge.nodes(
            judge.listed(judge.paths(touches, theirs), MOST_VALUES)
        ).items()
    }


def order(
    profile: int, hours: float, number: str, total: str, refunded: str = "0", currency: str = "CNY"
) -> dict:
    moment = at(hours).replace(tzinfo=None)
    return {
        "order_id": number,
        "channel": 1,
        "occurred_at": moment,
        "day": moment.date(),
        "sighting": 10 * profile,
        "currency": currency,
        "total": Decimal(total),
        "refunded": Decimal(refunded),
    }


@pytest.mark.django_db
def test_a_frequent_path_says_who_ordered_on_it_and_what() -> None:
    mirror = mirror_of(
        [
            *person(1, (0, "web", "A"), (2, "store", "C"), (40, "web", "A"), (41, "store", "A")),
            *person(2, (0, "web", "A"), (4, "store", "A")),
            *person(3, (0, "tmall", "C")),
        ]
    )
    mirror.put(
        "orders",
        [
            order(1, 2, "o1", "100.10", "0.10"),
            order(1, 2, "o2", "50"),
            order(1, 20, "between two paths", "7"),
            order(1, 41, "o3", "9", currency="USD"),
            order(3, 0, "o4", "1"),
        ],
    )
    ours, _theirs = asked_and_judged(session=24 * HOUR)
    first, second = paths.frequent(asked_of(mirror), ours, 20)
    assert first.json() == {
        "nodes": ["web", "store"],
        "customers": 2,
        "paths": 3,
        "converted": 1,
        "orders": 3,
        "revenue": "150.0000",
        "unconverted": [{"currency": "USD", "value": "9.0000"}],
        "median_seconds": 2 * 3600.0,
    }
    assert (second.nodes, second.orders, second.revenue) == (["tmall"], 1, 1)
    assert [one.nodes for one in paths.frequent(asked_of(mirror), ours, 1)] == [["web", "store"]]


@pytest.mark.parametrize("chain", ["web", "0:web", "6:web", "x:web", ":web", "5:a>6:b"])
def test_what_is_no_node_is_refused(chain: str) -> None:
    with pytest.raises(BadRequest, match=r"no node|not drawn"):
        paths.read(chain, 5)


def test_a_name_may_have_the_signs_of_a_chain_in_it() -> None:
    assert paths.read("1:a>b:c>2:d>4:e", 5) == [(1, "a>b:c"), (2, "d>4:e")]


def test_days_are_the_workspaces() -> None:
    touches = person(1, (-8, "web", "A"), (15.9, "store", "A"), (16, "tmall", "A"))
    day = DAYS._replace(first=date(2026, 3, 1), last=date(2026, 3, 1))
    ours, _theirs = asked_and_judged()
    found = paths.drawn(asked_of(mirror_of(touches), day, "Asia/Shanghai"), ours)
    assert [node.id for node in found.nodes] == ["1:web", "2:store"]
