"""Several workers with real commits: the answer of the set, and no deadlock that a retry does not settle."""

import random
import threading

import pytest
from django.db import OperationalError, connection

from tests.profiles.identity.people import expected, ident, seen, send, state

RETRIES = 20


def crowd(seed: int, n: int):
    """Households and hubs: many joins, refused edges, shared values."""
    rnd = random.Random(seed)
    events = []
    for k in range(n):
        u = rnd.randrange(24)
        pool = [
            ident("user_id", f"u{u}"),
            ident("openid", f"o{u % 7}", rnd.choice(["app", "shop"])),
            ident("phone", f"+8613800000{u // 2:03}"),
            ident("anonymous_id", f"a{rnd.randrange(40)}"),
            ident("device_id", f"d{rnd.randrange(8)}"),
            ident("card", f"c{rnd.randrange(9)}"),
        ]
        events.append(
            seen(*rnd.sample(pool, rnd.choice([1, 2, 2, 3])), at=rnd.randrange(60), message=f"e{k}")
        )
    return events


def work(queue, lock, failures):
    try:
        while True:
            with lock:
                if not queue:
                    return
                batch = queue.pop()
            for attempt in range(RETRIES):
                try:
                    send(*batch)
                    break
                except OperationalError as wrong:
                    if (
                        getattr(wrong.__cause__, "pgcode", "") not in {"40P01", "40001"}
                        or attempt == RETRIES - 1
                    ):
                        raise
                    failures["deadlocks"] += 1
    except Exception as wrong:
        failures["errors"].append(wrong)
    finally:
        connection.close()


def run_workers(events, workers, size):
    queue = [events[n : n + size] for n in range(0, len(events), size)]
    lock, failures = threading.Lock(), {"deadlocks": 0, "errors": []}
    threads = [threading.Thread(target=work, args=(queue, lock, failures)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures["errors"] == []
    return failures["deadlocks"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("workers", "size"), [(2, 5), (4, 1), (4, 20)])
def test_workers_side_by_side_give_the_answer_of_the_set(workers, size):
    check(workers, size, seed=workers * 100 + size)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(25))
def test_many_workers_on_many_sets(seed):
    check(workers=[1, 2, 3, 4][seed % 4], size=[1, 3, 10, 40][seed % 4], seed=seed)


def check(workers, size, seed):
    wipe()
    events = crowd(seed, 200)
    random.Random(seed).shuffle(events)
    deadlocks = run_workers(events, workers, size)
    answer = state()
    wipe()
    assert answer == expected(events)
    assert deadlocks == 0


def wipe():
    tables = ("identifier", "sighting", "edge", "manual", "cannot", "kind")
    with connection.cursor() as cursor:
        cursor.execute("truncate " + ", ".join(f"profiles_{name}" for name in tables))
        cursor.execute("delete from profiles_event")
