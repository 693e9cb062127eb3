"""Customers counted by difference are the customers there are, whatever comes in whatever order."""

import random
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import connection

from metrics import customer_spans
from metrics.distinct_windows import add_activity, add_answers, neighbourhood
from tests.metrics.world import BEGIN, DAY, WORKSPACE, Batch, Ground, answer, order
from tests.reference.metrics import COUNTS, customers

LENGTH = 14  # days of the random worlds
CHANNELS = 3
PERIODS = [(a, b) for a in range(LENGTH) for b in range(a, LENGTH)]
COUNT = """select coalesce(sum(n), 0) from metrics_span where workspace_id = %s and measure = %s and channel_id = %s
    and first >= %s and last <= %s"""

pytestmark = pytest.mark.django_db


def counted(measure: str, channel: int, first, last) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [WORKSPACE, measure, channel, first, last])
        return int(cursor.fetchone()[0])


def random_batch(dice: random.Random, ground: Ground, late: bool) -> Batch:
    """New sightings, joins, splits, activity, orders and answers that change customer, time and mind."""
    low = 0 if late else min(len(ground.active) // 6, LENGTH - 2)
    profiles = dict(ground.profiles)
    changes = {s: dice.randint(1, 5) for s in range(1, 9) if s not in profiles and dice.random() < 0.4}
    changes |= {s: dice.randint(1, 5) for s in profiles if dice.random() < 0.15}
    known = sorted(profiles | changes)

    def day():
        return BEGIN + DAY * dice.randint(low, LENGTH - 1)

    active = [
        (dice.choice(known), day(), dice.randint(1, CHANNELS)) for _ in range(dice.randint(0, 8)) if known
    ]
    someone = [None, *known]
    orders = [
        order(
            dice.choice(someone),
            day(),
            dice.randint(1, CHANNELS),
            f"o{dice.randint(1, 9)}",
            dice.randint(0, 1),
        )
        for _ in range(dice.randint(0, 3))
    ]
    answers = [
        answer(
            dice.choice(someone),
            day(),
            dice.randint(1, CHANNELS),
            f"a{dice.randint(1, 9)}",
            dice.random() < 0.5,
        )
        for _ in range(dice.randint(0, 3))
    ]
    return Batch(active, orders, answers, changes)


@pytest.mark.parametrize(
    "seed", [*range(24), *(pytest.param(n, marks=pytest.mark.long) for n in range(24, 600))]
)
def test_a_random_world_is_counted_as_by_hand(seed: int) -> None:
    dice = random.Random(seed)
    ground = Ground(connection, most=1 + seed % 4)
    for _ in range(dice.randint(1, 9)):
        ground.take(random_batch(dice, ground, late=seed % 2 == 0))
    world = ground.world()
    for first, last in dice.sample(PERIODS, 12):
        period = BEGIN + DAY * first, BEGIN + DAY * last
        for measure in COUNTS:
            for channel in range(CHANNELS + 1):
                found = counted(measure, channel, *period)
                assert found == customers(world, measure, channel, *period), (measure, channel, *period)
    assert all(n for *_, n in ground.spans())
    assert ground.spans() == ground.rebuilt()


@pytest.mark.parametrize("seed", range(10))
def test_the_plain_case_comes_to_the_same_as_the_whole_history(seed: int) -> None:
    kept = []
    for recent in (1, 2, 8, 10_000):
        dice = random.Random(1000 + seed)
        ground = Ground(connection, recent)
        for day in range(LENGTH):
            active = [
                (dice.randint(1, 6), BEGIN + DAY * (day - (dice.random() < 0.1)), 1 + (dice.random() < 0.2))
                for _ in range(3)
            ]
            ground.take(Batch(active, [], [], {s: s for s, _, _ in active}))
        kept.append(ground.spans())
        with connection.cursor() as cursor:
            cursor.execute("delete from metrics_span; delete from profiles_activity")
    assert all(found == kept[-1] for found in kept)


def test_the_plain_case_reads_no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    ground = Ground(connection)
    ground.take(Batch([(1, BEGIN, 1)], [], [], {1: 1}))
    for day in range(1, 20):
        ground.take(Batch([(1, BEGIN + DAY * day, 1 + day % 2)], [], [], {1: 1}))
    monkeypatch.delattr(customer_spans, "_read_active")
    ground.take(Batch([(1, BEGIN + DAY * 30, 1), (1, BEGIN + DAY * 50, 2)], [], [], {1: 1}))
    assert counted("cross", 0, BEGIN, BEGIN + DAY * 50) == 1


def test_a_customer_who_returns_is_one_customer() -> None:
    ground = Ground(connection)
    for day in (0, 3, 5):
        ground.take(Batch([(1, BEGIN + DAY * day, 1)], [], [], {1: 1}))
    assert counted("active", 0, BEGIN, BEGIN + DAY * 9) == 1
    assert counted("active", 0, BEGIN + DAY, BEGIN + DAY * 2) == 0
    assert counted("cross", 0, BEGIN, BEGIN + DAY * 9) == 0


def test_a_join_makes_one_of_two_and_a_split_two_of_one() -> None:
    ground = Ground(connection)
    ground.take(Batch([(1, BEGIN, 1), (2, BEGIN + DAY, 2)], [], [], {1: 1, 2: 2}))
    ground.take(Batch([], [], [], {2: 1}))
    assert counted("active", 0, BEGIN, BEGIN + DAY) == 1
    assert counted("cross", 0, BEGIN, BEGIN + DAY) == 1
    ground.take(Batch([], [], [], {2: 9}))
    assert counted("active", 0, BEGIN, BEGIN + DAY) == 2
    assert counted("cross", 0, BEGIN, BEGIN + DAY) == 0


def test_an_order_that_gets_its_customer_late_moves_to_it() -> None:
    ground = Ground(connection)
    ground.take(Batch([], [order(None, BEGIN, 1, "o1")], [], {1: 1}))
    assert counted("buyers", 0, BEGIN, BEGIN) == 0
    ground.take(Batch([], [order(1, BEGIN, 1, "o1")], [], {1: 1}))
    assert (counted("buyers", 0, BEGIN, BEGIN), counted("new", 1, BEGIN, BEGIN)) == (1, 1)


def test_orders_at_the_same_moment_are_told_apart_by_their_message() -> None:
    ground = Ground(connection)
    ground.take(Batch([], [order(1, BEGIN, 2, "b"), order(1, BEGIN, 1, "a")], [], {1: 1}))
    assert (counted("new", 1, BEGIN, BEGIN), counted("new", 2, BEGIN, BEGIN)) == (1, 0)


def test_answers_without_a_person_are_customers_of_their_own() -> None:
    ground = Ground(connection)
    ground.take(Batch([], [], [answer(None, BEGIN, 1, "a", True), answer(None, BEGIN, 1, "b", False)], {}))
    assert (counted("answered", 1, BEGIN, BEGIN), counted("satisfied", 0, BEGIN, BEGIN)) == (2, 1)


def test_the_latest_answer_of_the_period_decides() -> None:
    share = defaultdict(int)
    add_answers(share, [answer(1, BEGIN, 1, "a", True), answer(1, BEGIN + DAY, 1, "b", False)], 1)
    assert share["satisfied", 0, BEGIN, BEGIN] == 1
    assert share["satisfied", 0, BEGIN, BEGIN + timedelta(days=1)] == -1


@pytest.mark.parametrize("seed", range(4))
def test_the_neighbourhood_differs_as_the_whole_history_does(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(1500):
        channels = [1] * dice.randint(1, 6) + list(range(1, dice.randint(2, 5)))
        length = dice.randint(3, 25)

        def cells(most: int, low: int, high: int, of: list[int] = channels) -> set:
            return {
                (BEGIN + DAY * dice.randint(low, high), dice.choice(of)) for _ in range(dice.randint(1, most))
            }

        before = cells(20, 0, length) if dice.random() < 0.95 else set()
        new = cells(3, dice.choice([0, length // 2, length]), length + 2)
        if new <= before:
            continue
        new -= before
        part = neighbourhood(before, new)
        shares = [defaultdict(int), defaultdict(int)]
        for share, known in zip(shares, (before, part), strict=True):
            add_activity(share, known, -1)
            add_activity(share, known | new, 1)
        whole, local = ({key: n for key, n in share.items() if n} for share in shares)
        assert whole == local, (before, new, part)


def test_the_neighbourhood_of_a_long_history_is_short() -> None:
    before = {(BEGIN + DAY * day, 1 + day % 2) for day in range(300)}
    assert len(neighbourhood(before, {(BEGIN + DAY * 301, 2)})) <= 3


def test_what_is_taken_back_leaves_nothing() -> None:
    share = defaultdict(int)
    cells = {(BEGIN + DAY * day, channel) for day in (0, 1, 4) for channel in (1, 2)}
    add_activity(share, cells, 1)
    add_activity(share, cells, -1)
    assert not any(share.values())
