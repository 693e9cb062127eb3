"""The funnel is what the judge says of random people, and what one sees by eye of hand-made ones."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.journeys import funnel, steps
from metrics.journeys.base import MOST_VALUES
from tests.metrics.journeys.people import CHANNELS, DAYS, HOUR, asked_of, at, histories, mirror_of
from tests.reference import journeys_funnel as judge
from tests.reference.journeys_funnel import Touch

STEPS = ("A", "B", "C", "channel:web", "channel:tmall")


def asked_and_judged(text: str, window: timedelta, **more: Any) -> tuple[funnel.Question, judge.Ask]:
    """The same question in both forms."""

    def plain(step: str) -> judge.Step:
        return ("channel", step.removeprefix("channel:")) if ":" in step else ("name", step)

    exclude = more.pop("exclude", None)
    ours = funnel.Question(
        steps.listed(text, CHANNELS),
        window,
        exclude=steps.one(exclude, CHANNELS) if exclude else None,
        **more,
    )
    theirs = judge.Ask(
        [plain(step) for step in text.split(",")],
        at(0),
        at(24 * DAYS.length),
        window,
        exclude=plain(exclude) if exclude else None,
        **more,
    )
    return ours, theirs


def figures(line: list[funnel.Reached]) -> list[tuple]:
    return [(one.customers, one.median, one.p90) for one in line]


def close(lines: list[tuple]) -> list[Any]:
    return [pytest.approx(line, abs=1e-3) for line in lines]


@settings(max_examples=60, deadline=None)
@given(
    histories(),
    st.lists(st.sampled_from(STEPS), min_size=1, max_size=4),
    st.sampled_from((1, 2, 24, 72)),
    st.booleans(),
    st.sampled_from((None, None, "D", "B", "channel:store", "channel:web")),
    st.sampled_from(("", "channel", "campaign")),
)
def test_it_is_what_the_judge_says(touches, wanted, hours, strict, exclude, by) -> None:
    ours, theirs = asked_and_judged(",".join(wanted), hours * HOUR, strict=strict, exclude=exclude, by=by)
    asked = asked_of(mirror_of(touches))
    found, ways = funnel.ask(asked, ours), judge.ways(touches, theirs)
    assert figures(found.steps) == close(judge.answer(list(ways.values()), theirs))
    parts = judge.split(ways, MOST_VALUES) if by else {}
    assert {value: figures(line) for value, line in (found.by or {}).items()} == {
        value: close(judge.answer(some, theirs)) for value, some in parts.items()
    }
    for place in range(1, len(wanted) + 1):
        reached = sorted(profile for profile, way in ways.items() if way.depth >= place)
        dropped = sorted(profile for profile, way in ways.items() if way.depth == place - 1)
        assert sorted(funnel.people(asked, ours, place, "reached")) == reached
        assert sorted(funnel.people(asked, ours, place, "dropped")) == dropped
        for value, some in parts.items():
            named = funnel.people(asked, ours, place, "reached", value)
            assert len(named) == sum(way.depth >= place for way in some)


def ask(touches: list[Touch], text: str, window: timedelta = timedelta(days=7), **more: Any) -> list[int]:
    """How many reach each step."""
    ours, _theirs = asked_and_judged(text, window, **more)
    return [one.customers for one in funnel.ask(asked_of(mirror_of(touches)), ours).steps]


def person(profile: int, *met: tuple[float, str], channel: str = "web") -> list[Touch]:
    return [
        Touch(profile, at(hours), 100 * profile + n, channel, name) for n, (hours, name) in enumerate(met)
    ]


def test_steps_count_in_their_order_and_within_the_window_of_the_first() -> None:
    touches = [
        *person(1, (0, "A"), (1, "B"), (2, "C")),
        *person(2, (0, "B"), (1, "A"), (2, "C")),
        *person(3, (0, "A"), (20, "B"), (25, "C")),
        *person(4, (0, "A"), (12, "B"), (24, "C")),
    ]
    assert ask(touches, "A,B,C", 24 * HOUR) == [4, 3, 2]


def test_a_start_lies_in_the_period_later_steps_may_lie_after_it() -> None:
    touches = [
        *person(1, (-0.001, "A"), (1, "B")),
        *person(2, (0, "A"), (1, "B")),
        *person(3, (71.9, "A"), (80, "B")),
        *person(4, (72, "A"), (73, "B")),
    ]
    assert ask(touches, "A,B") == [2, 2]


def test_days_are_the_workspaces_also_when_clocks_change() -> None:
    # In New York 2026-03-08 has 23 hours, from 05:00 UTC to 04:00 UTC.
    moments = [at(24 * 7 + hours) for hours in (4.99, 5, 27.99, 28)]
    touches = [Touch(n, moment, n, "web", "A") for n, moment in enumerate(moments, 1)]
    day = DAYS._replace(first=at(24 * 7).date(), last=at(24 * 7).date())
    asked = asked_of(mirror_of(touches), day, "America/New_York")
    question = funnel.Question(steps.listed("A", CHANNELS), HOUR)
    assert sorted(funnel.people(asked, question, 1, "reached")) == [2, 3]


def test_the_farthest_start_counts_among_equals_the_quickest() -> None:
    touches = person(1, (0, "A"), (1, "A"), (2, "B"), (5, "A"), (5.5, "B"), (6, "B"))
    ours, _theirs = asked_and_judged("A,B", 24 * HOUR)
    second = funnel.ask(asked_of(mirror_of(touches)), ours).steps[1]
    assert (second.customers, second.median, second.p90) == (1, 1800.0, 1800.0)
    touches += person(1, (40, "A"), (60, "B"), (61, "C"))
    ours, _theirs = asked_and_judged("A,B,C", 24 * HOUR)
    found = funnel.ask(asked_of(mirror_of(touches)), ours).steps
    assert [one.median for one in found] == [0.0, 20 * 3600.0, 21 * 3600.0]


def test_two_of_one_instant_are_in_order_unless_they_may_be_one_event() -> None:
    both = person(1, (0, "A"), (0, "B"))
    assert ask(both, "A,B") == ask(both, "B,A") == [1, 1]
    assert ask(person(1, (0, "A")), "A,A") == [1, 0]
    assert ask(person(1, (0, "A")), "A,channel:web") == [1, 0]
    assert ask(person(1, (0, "A"), (1, "A")), "A,channel:web") == [1, 1]
    assert ask(both, "A,B,A") == [1, 1, 0]


def test_strict_lets_nothing_but_repeats_of_the_step_before_lie_between() -> None:
    touches = [
        *person(1, (0, "A"), (1, "A"), (2, "B"), (3, "B"), (4, "C")),
        *person(2, (0, "A"), (1, "D"), (2, "B"), (3, "C")),
        *person(3, (0, "A"), (1, "B"), (2, "A"), (3, "C")),
        *person(4, (0, "A"), (1, "D"), (2, "A"), (3, "B"), (4, "C")),
    ]
    assert ask(touches, "A,B,C") == [4, 4, 4]
    assert ask(touches, "A,B,C", strict=True) == [4, 3, 2]


def test_from_an_excluded_event_on_a_start_is_lost_a_later_one_is_not() -> None:
    touches = [
        *person(1, (0, "A"), (1, "D"), (2, "B")),
        *person(2, (0, "A"), (1, "D"), (2, "A"), (3, "B"), (4, "D"), (5, "C")),
        *person(3, (0, "A"), (1, "B"), (2, "C"), (3, "D")),
    ]
    assert ask(touches, "A,B,C", exclude="D") == [3, 2, 1]


def test_the_value_is_that_of_the_counting_start_and_many_values_end_in_other() -> None:
    touches = [
        *person(1, (0, "A"), channel="tmall"),
        *person(1, (1, "A"), (2, "B"), channel="web"),
        *person(2, (0, "A"), channel="tmall"),
    ]
    ours, _theirs = asked_and_judged("A,B", 24 * HOUR, by="channel")
    by = funnel.ask(asked_of(mirror_of(touches)), ours).by
    assert {value: [one.customers for one in line] for value, line in by.items()} == {
        "web": [1, 1],
        "tmall": [1, 0],
    }
    many = [Touch(n, at(n / 60), n, "web", "A", f"c{n:02}") for n in range(1, MOST_VALUES + 4)]
    many += [Touch(900 + n, at(1), 900 + n, "web", "A", "c09") for n in range(2)]
    many.append(Touch(999, at(1), 999, "web", "A"))
    ours, _theirs = asked_and_judged("A", HOUR, by="campaign")
    by = funnel.ask(asked_of(mirror_of(many)), ours).by
    assert next(iter(by)) == "c09"
    assert list(by)[-2:] == ["other", "null"]
    assert len(by) == MOST_VALUES + 2
    assert [line[0].customers for line in by.values()][-3:] == [1, 3, 1]


def test_whom_the_mirror_does_not_know_is_not_counted() -> None:
    mirror = mirror_of(person(1, (0, "A")))
    mirror.put(
        "touches", [{"occurred_at": at(1).replace(tzinfo=None), "tie": 9, "sighting": 777, "name": "A"}]
    )
    ours, _theirs = asked_and_judged("A", HOUR)
    assert funnel.ask(asked_of(mirror), ours).steps[0].customers == 1


def test_a_name_nobody_sent_and_an_empty_mirror_are_empty_steps() -> None:
    assert ask(person(1, (0, "A")), "A,B,C") == [1, 0, 0]
    ours, _theirs = asked_and_judged("A,B", HOUR, by="channel")
    found = funnel.ask(asked_of(mirror_of([])), ours)
    assert [one.json() for one in found.steps] == [
        {"name": name, "customers": 0, "share": None, "median_seconds": None, "p90_seconds": None}
        for name in "AB"
    ]
    assert found.by == {}


def test_the_times_to_a_step_stand_in_classes_that_end_with_the_window() -> None:
    touches = [
        *person(1, (0, "A"), (0, "B")),
        *person(2, (0, "A"), (1, "B")),
        *person(3, (0, "A"), (1.01, "B")),
        *person(4, (0, "A"), (3, "B")),
    ]
    ours, _theirs = asked_and_judged("A,B", 3 * HOUR)
    found = funnel.times(asked_of(mirror_of(touches)), ours, 2)
    assert [(slot.upto, slot.customers) for slot in found if slot.customers] == [
        (60, 1),
        (3600, 1),
        (7200, 1),
        (10800, 1),
    ]
    assert found[-1].upto == 3 * 3600
