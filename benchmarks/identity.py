"""Events a second of identity resolution alone, on a PostgreSQL of its own: `python -m benchmarks.identity --help`.

Customers by Zipf, 5 % of the events with a new cookie, 0.5 % joining two profiles, 1 % with a neighbour's device.

Then the whole line over identities at their worst (adversary.py), each number of messages in a new workspace beside a
full one that the planner knows: what a message costs may grow by a half at most from the first size to the last.
"""

import argparse
import bisect
import itertools
import os
import random
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

SECRET = b"benchmark"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ZIPF = 0.8
MOST_GROWN = 1.5


def main() -> None:
    """Start, seed, measure, print, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="customers there before")
    parser.add_argument("--events", type=int, default=40_000, help="events of a run")
    parser.add_argument("--batch", type=int, default=5_000, help="events of a batch")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="show where the last run's time went")
    parser.add_argument(
        "--worst", default="1000,10000,100000", help="messages of each new workspace at its worst"
    )
    parser.add_argument("--full", type=int, default=50_000, help="events of the full workspace beside them")
    parser.add_argument("--only-worst", action="store_true", help="only that")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="huiliu-benchmark-"))
    folder.chmod(0o711)
    from cdp.run.embedded import Servers

    servers = Servers(folder)
    servers.start()
    try:
        _prepare(servers, folder)
        if not options.only_worst:
            _measure(options)
        _at_worst(servers, options)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(servers, folder: Path) -> None:
    """A migrated database."""
    os.environ.update(
        HUILIU_VAR=str(folder),
        DATABASE_URL=servers.postgres.url(),
        REDIS_URL=servers.valkey.url(0),
        SECRET_KEY="benchmark",
        IDENTITY_SECRET="benchmark",
        ENCRYPTION_KEYS="k1:" + "07" * 32,
        DJANGO_SETTINGS_MODULE="cdp.settings",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _measure(options) -> None:
    from django.db import connection

    rnd = random.Random(1)
    weights = list(itertools.accumulate(1 / (n + 1) ** ZIPF for n in range(options.people)))
    begin = time.perf_counter()
    number = itertools.count()
    seed = list(_seed(rnd, options.people, number))
    made = time.perf_counter()
    _run(seed, 20_000)
    took = time.perf_counter() - made
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
        cursor.execute(
            "select (select count(*) from profiles_identifier), (select count(*) from profiles_sighting)"
        )
        identifiers, sightings = cursor.fetchone()
    print(
        f"seeded {len(seed):,} events in {took:.1f} s ({len(seed) / took:,.0f}/s; making them {made - begin:.1f} s)"
    )
    print(f"{identifiers:,} identifiers, {sightings:,} sightings")
    for run in range(options.runs):
        events = [_event(rnd, weights, options.people, next(number), run) for _ in range(options.events)]
        if options.profile and run == options.runs - 1:
            _profiled(events, options.batch)
            continue
        begin = time.perf_counter()
        _run(events, options.batch)
        took = time.perf_counter() - begin
        print(
            f"run {run + 1}: {len(events):,} events in batches of {options.batch:,}: {len(events) / took:,.0f} events/s"
        )


def _at_worst(servers, options) -> None:
    """What a message costs in new workspaces of several sizes."""
    from benchmarks import adversary, ground
    from benchmarks.stream import Stream

    workspace, connectors, _key = ground.place()
    ground.fill(workspace.pk, connectors, Stream(options.full // 5).bodies(options.full))
    ground.drain()
    ground.analyze()
    cpu, costs = ground.cpu(servers), []
    for size in map(int, options.worst.split(",")):
        workspace, connectors, _key = ground.place()
        name = f"w{size}"
        sent = ground.fill(
            workspace.pk, connectors[:1], adversary.requests(adversary.mixed(size, name), name)
        )
        cpu.since()
        seconds = ground.drain()["seconds"]
        took, spent = cpu.since()
        costs.append(spent / sent * 1e6)
        stages = ", ".join(f"{stage} {value:.1f}" for stage, value in seconds.items() if value >= took / 50)
        print(
            f"at worst, {sent:,} messages: {took:.1f} s, {costs[-1]:,.0f} us of CPU a message  ({stages})",
            flush=True,
        )
    grown = costs[-1] / costs[0]
    word = "held" if grown <= MOST_GROWN else "NOT held"
    print(
        f"at worst, the last size's cost of a message is {grown:.2f}x the first's (at most {MOST_GROWN}: {word})"
    )


def _run(events, size: int) -> None:
    from django.db import connection, transaction

    from profiles.identity import resolve

    for n in range(0, len(events), size):
        with transaction.atomic():
            resolve.owners(connection, 1, events[n : n + size])


def _profiled(events, size: int) -> None:
    import cProfile
    import pstats

    watch = cProfile.Profile()
    watch.runcall(_run, events, size)
    pstats.Stats(watch).sort_stats("cumulative").print_stats(45)


def _seed(rnd, people: int, number):
    """Every customer with a user id, a phone for half, cookies and a device."""
    for person in range(people):
        user = _ident("user_id", f"u{person}")
        yield _clean(number, user, _ident("anonymous_id", f"a{person}.0"))
        for cookie in range(1, rnd.choice([1, 2, 3, 8])):
            yield _clean(number, _ident("anonymous_id", f"a{person}.{cookie}"), user)
        if person % 2:
            yield _clean(number, user, _ident("phone", f"+86138{person:08}"))
        yield _clean(number, user, _ident("device_id", f"d{person}"))


def _event(rnd, weights, people: int, n: int, run: int):
    person = bisect.bisect_left(weights, rnd.random() * weights[-1])
    user, dice = _ident("user_id", f"u{person}"), rnd.random()
    if dice < 0.05:
        return _clean(n, user, _ident("anonymous_id", f"new{n}"))
    if dice < 0.055:
        return _clean(n, _ident("phone", f"+86139{person:08}"), _ident("anonymous_id", f"a{person}.0"))
    if dice < 0.065:
        return _clean(n, user, _ident("device_id", f"d{rnd.randrange(people)}"))
    if dice < 0.5:
        return _clean(n, user, _ident("anonymous_id", f"a{person}.0"))
    return _clean(
        n, rnd.choice([user, _ident("anonymous_id", f"a{person}.0"), _ident("device_id", f"d{person}")])
    )


def _ident(kind: str, value: str):
    from kernel.event import Identifier, identifier_key

    return Identifier(kind, "", value, identifier_key(SECRET, 1, kind, "", value))


def _clean(number, *identifiers):
    from kernel.event import Clean

    n = number if isinstance(number, int) else next(number)
    at = BEGIN + timedelta(seconds=n)
    return Clean(
        id=UUID(int=n), message_id=f"m{n}", connector=1, channel=1, request=UUID(int=0), position=0, received_at=at,
        occurred_at=at, type="track", name="Seen", touchpoint="other", identifiers=identifiers,
        properties={}, traits={}, context={}, observed={}, active=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
