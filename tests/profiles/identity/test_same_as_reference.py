"""Whatever comes in whatever order and batches, resolve gives the reference's answer."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.profiles.identity.people import expected, ident, seen, send, state
from tests.profiles.identity.wiping import wiped

POOL = [
    *[ident("user_id", f"u{n}") for n in range(6)],
    *[ident("member_no", f"m{n}") for n in range(3)],
    *[ident("openid", f"o{n}", namespace) for n in range(3) for namespace in ("app", "shop")],
    *[ident("marketplace_uid", f"b{n}", namespace) for n in range(3) for namespace in ("x", "y")],
    *[ident("phone", f"+861380000000{n}") for n in range(5)],
    *[ident("email", f"e{n}@example.com") for n in range(3)],
    *[ident("device_id", f"d{n}") for n in range(3)],
    *[ident("anonymous_id", f"a{n}") for n in range(6)],
    *[ident("card", f"c{n}") for n in range(7)],
]


CROWD = [
    *[ident("user_id", f"u{n}") for n in range(6)],
    *[ident("phone", f"+861380000000{n}") for n in range(2)],
    ident("email", "office@example.com"),
    *[ident("anonymous_id", f"a{n}") for n in range(3)],
    *[ident("device_id", f"d{n}") for n in range(2)],
]


def pools():
    """Few identifiers at a time, so that they meet often; or a crowd that shares its phones and devices."""
    few = st.lists(st.sampled_from(POOL), min_size=3, max_size=14, unique=True)
    return st.one_of(few, st.just(CROWD))


@st.composite
def histories(draw, most=40):
    pool = draw(pools())
    events = []
    for n in range(draw(st.integers(2, most))):
        sizes = st.sampled_from([1, 2, 2, 3, 4])
        size = min(draw(sizes), len(pool))
        members = draw(st.lists(st.sampled_from(pool), min_size=size, max_size=size, unique=True))
        manual = None
        users = [one for one in members if one.kind == "user_id"]
        if len(users) == 2 and draw(st.booleans()):
            manual = (users[0], users[1])
        events.append(seen(*members, at=draw(st.integers(0, 12)), message=f"e{n}", manual=manual))
    return events


def batches(events, rnd):
    left = list(events)
    while left:
        n = rnd.choice([1, 2, 5, 40])
        yield left[:n]
        left = left[n:]


@pytest.mark.usefixtures("db")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)
@given(histories(), st.randoms(use_true_random=False))
def test_any_order_and_any_batches_give_the_answer_of_the_set(events, rnd):
    answer = expected(events)
    for _ in range(2):
        with wiped():
            rnd.shuffle(events)
            for batch in batches(events, rnd):
                send(*batch)
            assert state() == answer


@pytest.mark.long
@pytest.mark.usefixtures("db")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=1500)
@given(histories(90), st.randoms(use_true_random=False))
def test_the_same_at_full_size(events, rnd):
    answer = expected(events)
    with wiped():
        rnd.shuffle(events)
        for batch in batches(events, rnd):
            send(*batch)
        assert state() == answer


def crowded(rnd, n):
    """Users at shared phones and devices, among sightings without any user: values become shared at any time."""
    events = []
    for k in range(n):
        members = rnd.sample(CROWD, rnd.choice([1, 2, 2, 3, 4]))
        events.append(seen(*members, at=rnd.randrange(30), message=f"e{k}"))
    return events


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_values_that_become_shared_free_what_they_joined(seed):
    check_crowd(seed)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(100, 300))
def test_values_that_become_shared_in_many_sets(seed):
    check_crowd(seed)


def check_crowd(seed):
    rnd = random.Random(seed)
    events = crowded(rnd, 50)
    for batch in batches(events, rnd):
        send(*batch)
    assert state() == expected(events)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_hubs_and_households(seed):
    rnd = random.Random(seed)
    events = []
    for n in range(160):
        user = ident("user_id", f"u{rnd.randrange(30)}")
        cookie = ident("anonymous_id", f"a{rnd.randrange(40)}")
        home = ident("phone", f"+86138000000{int(user.value[1:]) // 3:02}")
        members = [user, cookie] if rnd.random() < 0.5 else [rnd.choice([user, cookie]), home]
        events.append(seen(*members, at=rnd.randrange(100), message=f"e{n}"))
    for batch in batches(events, rnd):
        send(*batch)
    assert state() == expected(events)
