"""The pipeline, one worker, everything the product does, beside raw COPY of the same events and a naive ORM loop.

`python -m benchmarks.pipeline [--people 100000 --events 50000 --runs 3]`
"""

import cProfile
import pstats
import sys
from typing import Any

from benchmarks import ground, naive
from benchmarks.ground import Stream


def main() -> None:
    """Fills, drains, copies, loops; prints figures and ratios."""
    options = ground.options(
        __doc__, people=100_000, warm=100_000, events=50_000, runs=3, naive=1_500, profile=0
    )
    with ground.ground() as servers:
        ground.machine()
        workspace, connectors, _key = ground.place()
        stream = Stream(options.people)
        ground.fill(workspace.pk, connectors, stream.bodies(options.warm))
        _drain()
        _analyze()
        cpu = ground.cpu(servers)
        rates, per_cpu, stages = [], [], {}
        for _ in range(options.runs):
            ground.fill(workspace.pk, connectors, stream.bodies(options.events))
            cpu.since()
            answer = _profiled() if options.profile else _drain()
            took, spent = cpu.since()
            rates.append(answer["events"] / took)
            per_cpu.append(answer["events"] / spent)
            stages = answer["seconds"]
        ours = ground.say("pipeline, events a second", rates, "events/s")
        ours_cpu = ground.say("pipeline, per CPU second of everything", per_cpu, "events/CPU s")
        copied = naive.copied(cpu, workspace.pk, options.events, options.runs)
        limit = ground.say("raw COPY, 5,000 rows a commit", [one[0] for one in copied], "events/s")
        limit_cpu = ground.say("raw COPY, per CPU second", [one[1] for one in copied], "events/CPU s")
        loops = naive.looped(cpu, stream, options.naive, options.runs)
        loop_cpu = ground.say("naive ORM loop, per CPU second", [one[1] for one in loops], "events/CPU s")
        print(f"pipeline : COPY  {ours_cpu / limit_cpu:.1%} per CPU second, {ours / limit:.1%} on the clock")
        print(f"pipeline : naive loop  {ours_cpu / loop_cpu:.0f}x per CPU second")
        total = sum(stages.values())
        for stage, seconds in stages.items():
            print(f"  {stage:10} {seconds:7.3f} s  {seconds / total:5.1%}")


def _drain() -> dict[str, Any]:
    from cdp import pipeline

    return pipeline.drain(wait=True)


def _profiled() -> dict[str, Any]:
    profile = cProfile.Profile()
    answer = profile.runcall(_drain)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(35)
    return answer


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


if __name__ == "__main__":
    main()
