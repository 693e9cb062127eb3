"""The doors beside the tracking API: signed hooks against single events of the front door, on the same server, in turn;
files of order lines (imports.py).

    .venv/bin/python -m benchmarks.doors [--seconds 5] [--runs 3] [--connections 50] [--processes 2]
        [--only hooks|imports|mapping] [--rows 1000000] [--sheet 100000]

The load comes from a driver of its own on the same machine, for both: it signs each delivery, so both pay for it.
`--only mapping`: what a mapping costs a message (doors_mapping.py).
Not here: what a delivery comes to in the pipeline.
"""

import time
from typing import Any

from benchmarks import doors_mapping, driver, front_door, ground, imports
from benchmarks.driver import Found, Load

SECRET = "a secret that platform and product share"
P99 = 30.0  # ms, at 50 connections
SHARE = 0.6  # of the front door's rate


def main() -> None:
    """Starts everything, measures in turn, prints."""
    sizes = {"seconds": 5, "runs": 3, "connections": 50, "processes": 2}
    options = ground.options(__doc__, **sizes, only="", rows=1_000_000, sheet=100_000)
    with ground.ground() as servers:
        if options.only == "mapping":
            figures = ground.Figures("doors-mapping", options)
            doors_mapping.mapping(figures, max(options.runs, doors_mapping.RUNS))
            figures.write()
            return
        figures = ground.Figures("doors", options)
        _workspace, _connectors, key = ground.place()
        if options.only in ("", "hooks"):
            _served(figures, servers, key, options)
        if options.only in ("", "imports"):
            imports.measure(figures, servers, options)
        figures.write()


def _served(figures: ground.Figures, servers: Any, key: str, options: Any) -> None:
    web = front_door.serve("ours", options.processes)
    try:
        hooks(figures, servers, web, key, options)
    finally:
        web.process.terminate()
        web.process.wait()


def hooks(figures: ground.Figures, servers: Any, web: front_door.Server, key: str, options: Any) -> None:
    """A signed delivery is committed before its answer, as an event is."""
    from channels.connect import setup
    from channels.models import Channel

    made = setup.make(Channel.objects.order_by("pk")[0], "webhook", "Bench", {}, {"secret": SECRET}).connector
    asks = {"event": (key, ""), "hook": (str(made.uuid), SECRET)}
    driver.once(web.port, key, front_door.START_SECONDS)
    found: dict[str, list[tuple[Found, float]]] = {name: [] for name in asks}
    for asked in asks.values():
        _run(servers, web, asked, options, front_door.WARM_SECONDS)
    rows = _rows()
    for _ in range(options.runs):
        for name, asked in asks.items():
            found[name].append(_run(servers, web, asked, options, options.seconds))
    time.sleep(front_door.PAUSE)
    answered = sum(run.requests - run.errors for runs in found.values() for run, _cpu in runs)
    kept = _rows() - rows
    print(f"{'on disk of those answered 200':52} {kept:12,} of {answered:,}", flush=True)
    if kept < answered:
        raise SystemExit("an answered delivery is not on disk")
    for name, title in (("event", "single events"), ("hook", "signed deliveries")):
        runs = [run for run, _cpu in found[name]]
        figures.say(f"{name}_rate", title, [run.rate for run in runs], "requests/s")
        per_cpu = [run.requests / cpu for run, cpu in found[name]]
        figures.say(f"{name}_cpu", f"{title}, per CPU second", per_cpu, "requests/CPU s")
        figures.say(f"{name}_p99", f"{title}, p99", [run.p99 for run in runs], "ms")
        figures.note(f"{name}_errors", sum(run.errors for run in runs))
    ours, theirs = ([run.rate for run, _cpu in found[name]] for name in ("hook", "event"))
    figures.ratio("hook_to_event", "signed deliveries : single events", ours, theirs, must=SHARE)
    figures.note("p99_must", P99)


def _run(
    servers: Any, web: front_door.Server, asked: tuple[str, str], options: Any, seconds: int
) -> tuple[Found, float]:
    cpu = ground.cpu(servers, web.process.pid, own=False)
    key, secret = asked
    found = driver.load(Load(web.port, key, 1, seconds, options.connections, secret, own=True))
    _took, spent = cpu.since()
    return found, spent


def _rows() -> int:
    return int(ground.one("select count(*) from channels_inbox"))


if __name__ == "__main__":
    main()
