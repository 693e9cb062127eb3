"""What reached beyond its batch is worked at a drain's end: customers, money and counts follow, whatever is killed."""

import random
import threading
from itertools import pairwise

import pytest
from django.db import connection, connections

from cdp.pipeline import background, batches, rebuild, store
from kernel.db import rows
from profiles.identity import replay, waiting
from tests.cdp.test_rebuild import story
from tests.dump import differences, dump
from tests.shop import later, order, track


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """Bounds that nearly every replay passes, and steps of one group each."""
    monkeypatch.setattr(replay, "MOST_EDGES", 3)
    monkeypatch.setattr(replay, "MOST_RINGS", 0)
    monkeypatch.setattr(waiting, "STEP_PROFILES", 1)


def member(number: str) -> list[dict[str, str]]:
    return [{"kind": "member_no", "value": number}]


def domino(of: str, n: int = 12) -> list[dict]:
    """Users and member numbers in a chain, each pair with an order: each may have one of the other."""
    ends = [("user", f"{of}{k}") if k % 2 == 0 else ("member", f"{of}{k}") for k in range(n)]
    made = []
    for k, pair in enumerate(pairwise(ends)):
        said = dict(pair)
        made.append(
            order(f"{of}-{k}", 10 + k, said["user"], later(hours=k), identifiers=member(said["member"]))
        )
    return made


def older(of: str) -> dict:
    """Before all of the chain: it turns over, link by link."""
    return track("Looked", f"{of}0", later(hours=-5), identifiers=member(f"{of}-other"))


def chains(shop, n: int = 3) -> None:
    """Chains that wait to be turned over."""
    for k in range(n):
        shop.sends(*domino(f"c{k}-"))
    for k in range(n):
        shop.sends(older(f"c{k}-"), drain=False)
    while batches.step(connection, store.StageTimer()) is not None:
        pass


def marks() -> int:
    return sum(one.n for one in waiting.all_of(connection))


def same_as_a_rebuild(shop) -> None:
    before = dump(shop.workspace.pk)
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}


def test_a_drain_settles_what_waits_and_the_numbers_follow(shop):
    chains(shop)
    assert marks() == 3
    alone = shop.api().get("/api/profiles/", {"identifier": "member_no:c0--other"}).json()
    assert alone["results"] == []  # undecided, and so of nobody's event: no customer yet
    bought = shop.profile("user_id:c0-0")["summary"]["orders"]
    batches.drain()
    assert marks() == 0
    assert shop.profile("user_id:c0-0")["id"] == shop.profile("member_no:c0--other")["id"]
    assert bought == 1
    assert shop.profile("user_id:c0-2")["summary"]["orders"] == 2
    same_as_a_rebuild(shop)


@pytest.mark.parametrize("seed", range(3))
def test_a_whole_story_comes_out_the_same_with_hardly_any_bounds(shop, seed):
    rng = random.Random(seed)
    requests = [*story(seed), *(("web-shop", "batch", [one]) for k in range(3) for one in domino(f"c{k}-"))]
    requests += [("web-shop", "batch", [older(f"c{k}-")]) for k in range(3)]
    for place, (_channel, _door, messages) in enumerate(requests):
        for n, one in enumerate(messages):
            one.setdefault("messageId", f"w{seed}-{place}-{n}")
    rng.shuffle(requests)
    for channel, door, messages in requests:
        shop.sends(*messages, to=channel, door=door, drain=rng.random() < 0.2)
    batches.drain()
    assert marks() == 0
    same_as_a_rebuild(shop)


def test_killed_between_its_steps_nothing_is_lost(shop, monkeypatch):
    chains(shop)
    settled, done = background._settled, []

    def killed(db, workspace, step):
        if done:
            raise KeyboardInterrupt
        done.append(step)
        settled(db, workspace, step)

    monkeypatch.setattr(background, "_settled", killed)
    with pytest.raises(KeyboardInterrupt):
        batches.drain()
    assert marks() == 2
    monkeypatch.setattr(background, "_settled", settled)
    batches.drain()
    assert marks() == 0
    same_as_a_rebuild(shop)


def test_killed_within_a_step_it_is_as_if_it_had_not_begun(lasting, monkeypatch):
    chains(lasting, 1)
    before = dump(lasting.workspace.pk)

    def killed(*_given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store.customer_spans, "apply", killed)
        with pytest.raises(KeyboardInterrupt):
            batches.drain()
    assert marks() == 1
    assert differences(before, dump(lasting.workspace.pk)) == {}
    batches.drain()
    assert marks() == 0
    same_as_a_rebuild(lasting)


def test_one_worker_at_a_time_and_a_waiting_drain_waits_for_the_other(lasting):
    chains(lasting)
    other = connections.create_connection("default")
    other.inc_thread_sharing()
    lock = f"({background.WAITING}, {lasting.workspace.pk})"
    try:
        rows(other, f"select pg_advisory_lock{lock}")
        batches.drain()  # leaves it to the other
        assert marks() == 3
        freed = threading.Timer(0.5, lambda: rows(other, f"select pg_advisory_unlock{lock}"))
        freed.start()
        batches.drain(wait=True)
        freed.join()
        assert marks() == 0
    finally:
        other.close()
    same_as_a_rebuild(lasting)


def test_a_line_that_is_never_empty_settles_it_too(shop, monkeypatch):
    chains(shop, 1)
    monkeypatch.setattr(batches, "CATCH_UP_SECONDS", 0.0)
    seen = []
    step = batches.step

    def stepped(*given):
        seen.append(marks())
        return step(*given) if len(seen) > 1 else batches.Counter(events=0)

    monkeypatch.setattr(batches, "step", stepped)
    batches.drain()
    assert seen[0] == 1
    assert seen[1] == 0


def test_after_long_work_a_workspace_rests_but_a_waiting_drain_does_not(shop, monkeypatch):
    chains(shop, 1)
    for name, value in (("LONG_WORK", 0.0), ("RESTS", 1_000_000), ("_resting", {})):
        monkeypatch.setattr(background, name, value)
    batches.drain()
    assert marks() == 0
    shop.sends(*domino("late-"))
    shop.sends(older("late-"))
    assert marks() > 0
    batches.drain(wait=True)
    assert marks() == 0


def test_a_rebuild_among_what_waits(shop):
    chains(shop)
    rebuild.everything()
    assert marks() == 0
    same_as_a_rebuild(shop)
