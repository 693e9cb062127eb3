"""The pipeline, one worker, everything the product does, beside raw COPY of the same events and the naive loop; then
two workers beside one on equal backlogs.

    .venv/bin/python -m benchmarks.pipeline [--people 30000 --warm 60000 --events 50000 --runs 3 --naive 800]
        [--workers 2] [--profile 1]

The naive loop is measured whole (it does naively what the product does for each message) and lean (only the event, and
whose it is): benchmarks/first_day/loop.py.
"""

import cProfile
import pstats
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks import ground, naive
from benchmarks.stream import Stream
from benchmarks.workers import Workers

EVENTS_S, EVENTS_CPU = "events/s", "events/CPU s"


def main() -> None:
    """Fills, drains, copies, loops; prints figures and ratios."""
    sizes = {"people": 30_000, "warm": 60_000, "events": 50_000, "runs": 3, "naive": 800}
    options = ground.options(__doc__, **sizes, workers=2, profile=0)
    with ground.ground() as servers:
        figures = ground.Figures("pipeline", options)
        workspace, connectors, _key = ground.place()
        stream = Stream(options.people)

        def fill(events: int) -> None:
            ground.fill(workspace.pk, connectors, stream.bodies(events))

        ground.fill(workspace.pk, connectors, stream.greetings())
        fill(options.warm)
        ground.drain()
        ground.analyze()
        cpu = ground.cpu(servers)
        ours = _ours(figures, cpu, fill, options)
        neighbours(
            figures, cpu, workspace.pk, ours, options, Peers(lambda: Stream(options.people, seed=9), 0.10, 50)
        )
        if options.workers > 1:
            workers(figures, fill, options, must=1.0)
        figures.write()


def _ours(figures: ground.Figures, cpu: ground.Cpu, fill: Any, options: Any) -> list[float]:
    rates, per_cpu, stages = [], [], {}
    for _ in range(options.runs):
        fill(options.events)
        cpu.since()
        answer = profiled() if options.profile else ground.drain()
        took, spent = cpu.since()
        rates.append(answer["events"] / took)
        per_cpu.append(answer["events"] / spent)
        stages = answer["seconds"]
    figures.say("rate", "pipeline, one worker", rates, EVENTS_S)
    figures.say("per_cpu", "pipeline, per CPU second of everything", per_cpu, EVENTS_CPU)
    say_stages(figures, stages)
    return per_cpu


def say_stages(figures: ground.Figures, stages: dict[str, float]) -> None:
    """Where the time of a drain went."""
    figures.note("stages", stages)
    total = sum(stages.values())
    for stage, seconds in sorted(stages.items(), key=lambda item: -item[1]):
        print(f"   {stage:10} {seconds:7.3f} s  {seconds / total:5.1%}")


class Peers(NamedTuple):
    """What the naive loop is fed with, and what is wanted: of COPY, and of the whole loop."""

    stream: Callable[[], Stream]
    of_copy: float
    of_naive: float


def neighbours(
    figures: ground.Figures, cpu: ground.Cpu, workspace: int, ours: list[float], options: Any, peers: Peers
) -> None:
    """Raw COPY and the naive loop, in the same run."""
    from benchmarks.first_day import models

    copied = naive.copied(cpu, workspace, options.events, options.runs)
    figures.say("copy", "raw COPY, 5,000 rows a commit", [one[0] for one in copied], EVENTS_S)
    limit = [one[1] for one in copied]
    figures.say("copy_per_cpu", "raw COPY, per CPU second", limit, EVENTS_CPU)
    figures.ratio("of_copy", "pipeline : raw COPY, per CPU second", ours, limit, must=peers.of_copy)
    models.create()
    for lean, name in ((False, "naive loop, whole"), (True, "naive loop, lean")):
        found = naive.looped(cpu, peers.stream(), options.naive, options.runs, lean=lean)
        key = "naive_lean" if lean else "naive"
        figures.say(key, f"{name}, per CPU second", [one[1] for one in found], EVENTS_CPU)
        figures.say(f"{key}_rate", name, [one[0] for one in found], EVENTS_S)
        must = 0 if lean else peers.of_naive
        figures.ratio(f"of_{key}", f"pipeline : {name}", ours, [one[1] for one in found], must=must)


def workers(figures: ground.Figures, fill: Callable[[int], None], options: Any, *, must: float) -> None:
    """Processes as in production, on backlogs of one size in turn."""
    several, rates = Workers(options.workers), {1: list[float](), options.workers: list[float]()}
    cpu, before = ground.Cpu(), _deadlocks()
    try:
        for run in range(options.runs + 1):
            for count, found in rates.items():
                fill(options.events)
                cpu.since()
                stored = sum(answer["events"] for answer in several.drain(count))
                took, _spent = cpu.since()
                if stored != options.events:
                    raise SystemExit(f"{count} workers stored {stored} of {options.events} events")
                if run:  # the first one warms
                    found.append(stored / took)
    finally:
        several.stop()
    figures.say("one_worker", "one worker, a process of its own", rates[1], EVENTS_S)
    figures.say("workers", f"{options.workers} workers", rates[options.workers], EVENTS_S)
    figures.ratio(
        "workers_to_one", f"{options.workers} workers : one", rates[options.workers], rates[1], must=must
    )
    deadlocks = _deadlocks() - before
    print(f"{'deadlocks':52} {deadlocks:12}                  must 0")
    figures.note("deadlocks", deadlocks)


def _deadlocks() -> int:
    """As PostgreSQL counts them."""
    return int(ground.one("select deadlocks from pg_stat_database where datname = current_database()"))


def profiled() -> dict[str, Any]:
    """A drain with its functions' times on stderr."""
    profile = cProfile.Profile()
    answer: dict[str, Any] = profile.runcall(ground.drain)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(35)
    return answer


if __name__ == "__main__":
    main()
