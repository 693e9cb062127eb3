"""What the columnar mirror costs the pipeline, with it and without in turns; how long a first build takes, and its
memory.

    .venv/bin/python -m benchmarks.mirror [--people 30000 --warm 60000 --events 50000 --runs 4]
        [--base 100000 --clones 49]

`--clones 49`: the first build is of 5 million events. Not here: what questions to it take (journeys.py).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import ground
from benchmarks.clones import Clones, step_seconds
from benchmarks.stream import Stream

MOST = 0.05  # of the pipeline's CPU
BUILD_SECONDS = 60.0
EVENTS_CPU = "events/CPU s"


def main() -> None:
    """Fills, drains with and without in turns; grows, builds."""
    sizes = {"people": 30_000, "warm": 60_000, "events": 50_000, "runs": 4, "base": 100_000, "clones": 9}
    options = ground.options(__doc__, **sizes)
    with ground.ground() as servers:
        figures = ground.Figures("mirror", options)
        workspace, connectors, _key = ground.place()
        stream = Stream(options.people)
        cpu = ground.cpu(servers)

        def fill(events: int) -> None:
            ground.fill(workspace.pk, connectors, stream.bodies(events))

        ground.fill(workspace.pk, connectors, stream.greetings())
        fill(options.warm)
        ground.drain()
        ground.analyze()
        _cost(figures, cpu, fill, options)
        _build(figures, options)
        figures.write()


def _cost(figures: ground.Figures, cpu: ground.Cpu, fill: Callable[[int], None], options: Any) -> None:
    found: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(options.runs):
        for kept, rates in found.items():
            fill(options.events)
            cpu.since()
            if kept:
                answer = ground.drain()
            else:
                with _without():
                    answer = ground.drain()
            _took, spent = cpu.since()
            rates.append(answer["events"] / spent)
            stages = answer["seconds"]
            share = stages.get("mirror", 0) / sum(stages.values())
            print(f"   {'with' if kept else 'without':8} kept in {share:.1%} of the batches' time")
    figures.say("with", "pipeline and mirror, per CPU second of everything", found[True], EVENTS_CPU)
    figures.say("without", "pipeline alone", found[False], EVENTS_CPU)
    figures.ratio("kept", "with the mirror : without", found[True], found[False], must=1 - MOST)


@contextmanager
def _without() -> Iterator[None]:
    """Batches keep no changes, and nobody writes files."""
    with mock.patch("metrics.capture.keep"), mock.patch("cdp.pipeline.mirroring.now"):
        yield


def _build(figures: ground.Figures, options: Any) -> None:
    workspace, connectors, _key = ground.place()
    stream = Stream(2_000, step=step_seconds(options.base))
    ground.fill(workspace.pk, connectors, stream.bodies(options.base))
    ground.drain()
    Clones(workspace.pk).grow(options.clones)
    ground.analyze()
    from cdp.pipeline import mirroring

    began = time.perf_counter()
    mirroring.now(anew=True)
    took = time.perf_counter() - began
    events = options.base * (options.clones + 1)
    figures.note("build", {"events": events, "seconds": round(took, 1)})
    print(
        f"   first build of {events:,} events and what was there: {took:.1f} s (must < {BUILD_SECONDS:g} of 5 million)"
    )
    from django.conf import settings

    bytes_ = sum(path.stat().st_size for path in Path(settings.MIRROR).rglob("*.parquet"))
    print(f"   files: {bytes_ / 1e6:.1f} MB; largest resident size of this process: {_peak_mb():.0f} MB")
    figures.note("files_mb", round(bytes_ / 1e6, 1))


def _peak_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
