"""Who is found among people of whom we know it: precision, recall, and the same answer twice."""

import itertools
from collections import defaultdict

import pytest

from profiles.suggestions import features, linking
from profiles.suggestions.linking import Size
from tests.profiles.suggestions import people

PERSONS, TWICE, SEED = 600, 150, 7
SIZE = Size(memory_mb=400, threads=2)


def compared(records: list[tuple[int, people.Traits]]) -> list[tuple[int, int, float]]:
    rows = [features.of(n, traits) for n, (_person, traits) in enumerate(records)]
    pages = iter([rows[:300], rows[300:]])
    return [
        (pair.a, pair.b, pair.score)
        for some in linking.pairs(pages, SIZE, lambda _stage: None)
        for pair in some
    ]


def same(records: list[tuple[int, people.Traits]]) -> set[tuple[int, int]]:
    """The pairs of records of one person."""
    of: dict[int, list[int]] = defaultdict(list)
    for n, (person, _traits) in enumerate(records):
        of[person].append(n)
    return {pair for ones in of.values() for pair in itertools.combinations(ones, 2)}


def test_people_with_errors_in_two_scripts_are_found_and_strangers_are_not() -> None:
    records = people.crowd(PERSONS, TWICE, SEED)
    found, truth = compared(records), same(records)
    pairs = {(a, b) for a, b, _score in found}
    right = len(pairs & truth)
    assert right / len(pairs) >= 0.98
    assert right / len(truth) >= 0.95
    assert [score for _a, _b, score in found] == sorted((score for _a, _b, score in found), reverse=True)
    assert compared(records) == found


def test_nobody_is_compared_with_nobody() -> None:
    assert compared([]) == []
    assert compared([(1, {"name": "王伟"})]) == []


def test_a_value_that_many_have_is_no_evidence() -> None:
    hall = [(n, {"name": name, "phone": "+8613700000001"}) for n, name in enumerate(named(30))]
    assert compared(hall) == []


def named(n: int) -> list[str]:
    return [people.FAMILIES[k % 50] + people.SIGNS[k * 7 % 40] + people.SIGNS[k * 3 % 40] for k in range(n)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("林小明", "Lin Xiaoming"),
        ("林小明", "Xiaoming Lin"),
        ("林小明", "林 Xiaoming"),
        ("林小明", "Lin Xiao-Ming"),
        ("欧阳修文", "Ouyang Xiuwen"),
        ("单小明", "Shan Xiaoming"),
        ("John Smith", "Smith, John"),
        ("José García", "jose garcia"),
        ("林小明先生", "林小明"),
    ],
)
def test_a_name_is_read_whatever_its_script_and_order(one: str, other: str) -> None:
    assert features.of(1, {"name": one}).name_key == features.of(2, {"name": other}).name_key


def test_parts_of_a_name_know_their_order() -> None:
    row = features.of(1, {"first_name": "Li", "last_name": "Wang"})
    assert (row.family, row.given) == ("wang", "li")


def test_what_says_nothing_is_nothing() -> None:
    row = features.of(
        1,
        {
            "name": "匿名用户",
            "email": "null",
            "birthday": "未知",
            "address": {"city": "N/A"},
            "gender": "secret",
        },
    )
    assert row == features.Features(1, *[None] * (len(row) - 1))


@pytest.mark.parametrize(
    "text", ["1988-04-17", "1988/4/17", "19880417", "1988年4月17日", "1988-04-17T00:00:00Z"]
)
def test_a_day_is_one_day_however_it_is_written(text: str) -> None:
    assert features.of(1, {"birthday": text}).birthday == "19880417"
