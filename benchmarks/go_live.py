"""A backlog in which most people are new, one worker, everything the product does, beside raw COPY of the same events
and the naive loop; two workers beside one; what an event takes on the disk and in the write-ahead log.

    .venv/bin/python -m benchmarks.go_live [--people 33000 --events 100000 --runs 3 --naive 800]
        [--workers 2] [--profile 1]

Who they are: newcomers.py. Everyday's mix, of people who were all seen before: pipeline.py.
"""

from collections.abc import Callable
from typing import Any

from benchmarks import ground, pipeline
from benchmarks.newcomers import PER_PERSON, Newcomers

OF_COPY, OF_NAIVE, OF_WORKERS = 0.09, 45, 1.4  # what must be reached
MOST_BYTES, MOST_LOG = 1_300, 3_000  # bytes an event
# The tables that come from elsewhere: the inbox is there before, its rows are measured with the front door.
SIZE = """
select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
from pg_class c
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname not like 'channels_inbox%%'
"""
LOG = "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


def main() -> None:
    """Fills, drains, copies, loops; prints figures and ratios."""
    sizes = {"people": 33_000, "events": 100_000, "runs": 3, "naive": 800}
    options = ground.options(__doc__, **sizes, workers=2, profile=0)
    with ground.ground() as servers:
        figures = ground.Figures("go_live", options)
        workspace, connectors, _key = ground.place()
        fill = _filling(workspace.pk, connectors, options.people)
        fill(2_000)
        ground.drain()
        cpu = ground.cpu(servers)
        ours = _ours(figures, cpu, fill, options)
        peers = pipeline.Peers(lambda: _peers(options), OF_COPY, OF_NAIVE)
        pipeline.neighbours(figures, cpu, workspace.pk, ours, options, peers)
        if options.workers > 1:
            pipeline.workers(figures, fill, options, must=OF_WORKERS)
        figures.write()


def _filling(workspace: int, connectors: list[int], people: int) -> Callable[[int], None]:
    """Puts so many events of people whom nobody has met into the inbox."""
    seeds = iter(range(1, 1_000))

    def fill(events: int) -> None:
        some = Newcomers(min(people, events // PER_PERSON), seed=next(seeds))
        ground.fill(workspace, connectors, some.bodies(events))

    return fill


def _peers(options: Any) -> Newcomers:
    """The same share of new people for the naive loop's few events; each of its runs meets nobody twice."""
    return Newcomers(options.naive * (options.runs + 1) // PER_PERSON, seed=1_001)


def _ours(figures: ground.Figures, cpu: ground.Cpu, fill: Callable[[int], None], options: Any) -> list[float]:
    rates, per_cpu, sizes, logs, stages = [], [], [], [], {}
    for _ in range(options.runs):
        fill(options.events)
        ground.one("checkpoint", answers=False)
        size, log = ground.one(SIZE), ground.one(LOG)
        cpu.since()
        answer = pipeline.profiled() if options.profile else ground.drain()
        took, spent = cpu.since()
        events = answer["events"]
        rates.append(events / took)
        per_cpu.append(events / spent)
        sizes.append(float(ground.one(SIZE) - size) / events)
        logs.append(float(ground.one(LOG) - log) / events)
        stages = answer["seconds"]
    figures.say("rate", "newcomers, one worker", rates, pipeline.EVENTS_S)
    figures.say("per_cpu", "newcomers, per CPU second of everything", per_cpu, pipeline.EVENTS_CPU)
    pipeline.say_stages(figures, stages)
    figures.say("bytes", f"on the disk, heap and indexes (must {MOST_BYTES:,})", sizes, "bytes/event")
    figures.say("log", f"write-ahead log (must {MOST_LOG:,})", logs, "bytes/event")
    figures.note("parts", parts(options.events * options.runs))
    return per_cpu


def parts(events: int) -> dict[str, float]:
    """Bytes an event by table, partitions under their parent."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            select coalesce(p.relname, c.relname), sum(pg_table_size(c.oid)), sum(pg_indexes_size(c.oid))
            from pg_class c
            left join pg_inherits i on i.inhrelid = c.oid
            left join pg_class p on p.oid = i.inhparent
            where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
              and c.relname not like 'channels_inbox%%'
            group by 1 order by 2 desc
            """
        )
        found = [
            (name, float(heap) / events, float(index) / events) for name, heap, index in cursor.fetchall()
        ]
    for name, heap, index in found:
        if heap + index >= 5:
            print(f"   {name:28} {heap:7.0f} + {index:5.0f} bytes an event")
    return {name: round(heap + index, 1) for name, heap, index in found}


if __name__ == "__main__":
    main()
