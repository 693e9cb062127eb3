"""The front door, every request on disk before its 200: single events and batches of 100, with workers still and busy,
beside a bare callable on the same server, raw COPY, and the naive peer over HTTP.

    .venv/bin/python -m benchmarks.front_door [--seconds 5] [--runs 3] [--connections 50] [--processes 2]

It starts databases of its own (fsync on) and three web servers on them, and asks them in turn. The load comes from wrk
(apt-get install wrk) or a driver of its own on the same machine: it shares the cores, its CPU is not counted.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any, NamedTuple

from benchmarks import driver, ground, naive
from benchmarks.driver import Found, Load
from benchmarks.stream import Stream
from benchmarks.workers import Workers
from kernel.process.ties import tied

BATCH = 100
START_SECONDS = 30
COPIED = 50_000
BACKLOG = 10_000  # events that wait for a busy worker, a second of load: more than it can take
WARM_SECONDS = 2
PAUSE = 0.5  # seconds for the last group's commit
SETTLE_SECONDS = 20  # at most
REST = 0.1  # of a CPU: what servers and the database take when nobody asks
SERVERS = {
    "ours": ("asginl", "cdp.serve.server:application", ()),
    "bare": ("asginl", "benchmarks.bare:application", ()),
    "naive": ("wsgi", "benchmarks.first_day.wsgi:application", ("--blocking-threads", "4")),
}


class Server(NamedTuple):
    """One of the three, running."""

    port: int
    process: subprocess.Popen[bytes]


class Run(NamedTuple):
    """One run of load: what came, and the CPU that the servers and the database took."""

    found: Found
    cpu: float
    stored: int = 0  # events that busy workers stored meanwhile

    def per_cpu(self, count: int) -> float:
        """Events a CPU second of everything but the load."""
        return self.found.requests * count / self.cpu


def main() -> None:
    """Starts everything, measures in turn, prints."""
    options = ground.options(__doc__, seconds=5, runs=3, connections=50, processes=2)
    with ground.ground() as servers:
        figures = ground.Figures("front_door", options)
        print(f"   load: {driver.name()}")
        workspace, connectors, key = ground.place()
        _prepare(key)
        web = {name: serve(name, options.processes) for name in SERVERS}
        try:
            ask = Asking(servers, web, key, options)
            _singles(figures, ask)
            limit = _copied(figures, servers, workspace.pk, connectors, options.runs)
            _batches(figures, ask, limit)
            _busy(figures, ask, workspace.pk, connectors)
        finally:
            for server in web.values():
                server.process.terminate()
            for server in web.values():
                server.process.wait()
        figures.write()


def _prepare(key: str) -> None:
    from benchmarks import bare
    from benchmarks.first_day import models

    ground.one(bare.TABLE, answers=False)
    models.create()
    models.Source.objects.create(name="Bench", key=key)


def serve(name: str, processes: int) -> Server:
    """One of SERVERS, on a port of its own."""
    interface, application, more = SERVERS[name]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = ground.python("-m", "granian", "--interface", interface, "--port", str(port), *more)
    command += [
        "--workers",
        str(processes),
        "--no-access-log",
        "--log-level",
        "warning",
        "--workers-kill-timeout",
        "8",
    ]
    command += ["--respawn-failed-workers", application]
    process = subprocess.Popen(command, cwd=ground.ROOT, preexec_fn=tied(signal.SIGTERM))
    return Server(port, process)


class Asking:
    """Runs of load on one of the servers."""

    def __init__(self, servers: Any, web: dict[str, Server], key: str, options: Any) -> None:
        self.servers, self.web, self.key, self.options = servers, web, key, options
        for name, server in web.items():
            if driver.once(server.port, key, START_SECONDS) != driver.OK:
                sys.exit(f"{name} does not take an event")
            self.run(name, 1, seconds=WARM_SECONDS)

    def run(self, name: str, count: int, *workers: int, seconds: int = 0) -> Run:
        """Load for the options' seconds."""
        server = self.web[name]
        ground.one("checkpoint", answers=False)  # what the run before left to be written
        cpu = ground.cpu(self.servers, server.process.pid, *workers, own=False)
        asked = seconds or self.options.seconds
        found = driver.load(Load(server.port, self.key, count, asked, self.options.connections))
        _took, spent = cpu.since()
        self._settle(cpu)
        return Run(found, spent)

    def _settle(self, cpu: ground.Cpu) -> None:
        """Until nothing works any more: a slow server is at it long after the load has gone, beside who comes next."""
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            time.sleep(PAUSE)
            took, spent = cpu.since()
            if spent < REST * took:
                return

    def all(self, names: tuple[str, ...], count: int) -> dict[str, list[Run]]:
        """Every one in turn, as often as the options say."""
        runs: dict[str, list[Run]] = {name: [] for name in names}
        for _ in range(self.options.runs):
            for name in names:
                runs[name].append(self.run(name, count))
        return runs


def _singles(figures: ground.Figures, ask: Asking) -> None:
    rows = _rows()
    runs = ask.all(("ours", "bare", "naive"), 1)
    time.sleep(PAUSE)
    answered = sum(run.found.requests - run.found.errors for run in runs["ours"])
    kept = _rows() - rows
    for name, title in (("ours", "front door"), ("bare", "bare callable"), ("naive", "naive peer")):
        figures.say(
            f"single_{name}", f"{title}, single events", [run.found.rate for run in runs[name]], "requests/s"
        )
        per_cpu = [run.per_cpu(1) for run in runs[name]]
        figures.say(f"single_{name}_cpu", f"{title}, single events per CPU second", per_cpu, "events/CPU s")
        figures.say(f"single_{name}_p50", f"{title}, p50", [run.found.p50 for run in runs[name]], "ms")
        figures.say(f"single_{name}_p99", f"{title}, p99", [run.found.p99 for run in runs[name]], "ms")
        _errors(figures, f"single_{name}", title, runs[name])
    print(f"{'on disk of those answered 200':52} {kept:12,} of {answered:,}", flush=True)
    if kept < answered:
        sys.exit("an answered request is not on disk")
    for peer, must in (("bare", 0.6), ("naive", 15)):
        for per, value in (("", lambda run: run.found.rate), ("_cpu", lambda run: run.per_cpu(1))):
            ours, theirs = ([value(run) for run in runs[name]] for name in ("ours", peer))
            name = f"single events, ours : {peer}{', per CPU second' if per else ''}"
            figures.ratio(f"single_to_{peer}{per}", name, ours, theirs, must=0 if per else must)


def _errors(figures: ground.Figures, key: str, title: str, runs: list[Run]) -> None:
    errors = sum(run.found.errors for run in runs)
    figures.note(f"{key}_errors", errors)
    if errors:
        print(f"{title + ', errors':52} {errors:12,}")


def _copied(
    figures: ground.Figures, servers: Any, workspace: int, connectors: list[int], runs: int
) -> list[float]:
    """Raw COPY of events that the pipeline made, per CPU second; the inbox is empty afterwards."""
    _forget()
    ground.fill(workspace, connectors, Stream(driver.PEOPLE).bodies(COPIED))
    ground.drain()
    found = naive.copied(ground.cpu(servers), workspace, COPIED, runs)
    ground.analyze()  # or the server does it meanwhile, and the front door's runs pay for it
    figures.say("copy", "raw COPY, 5,000 rows a commit", [one[0] for one in found], "events/s")
    figures.say("copy_cpu", "raw COPY, per CPU second", [one[1] for one in found], "events/CPU s")
    return [one[1] for one in found]


def _batches(figures: ground.Figures, ask: Asking, limit: list[float]) -> None:
    runs = ask.all(("ours", "bare", "naive"), BATCH)
    for name, title in (("ours", "front door"), ("bare", "bare callable"), ("naive", "naive peer")):
        rates = [run.found.rate * BATCH for run in runs[name]]
        figures.say(f"batch_{name}", f"{title}, batches of {BATCH}", rates, "events/s")
        per_cpu = [run.per_cpu(BATCH) for run in runs[name]]
        figures.say(f"batch_{name}_cpu", f"{title}, batches, per CPU second", per_cpu, "events/CPU s")
        _errors(figures, f"batch_{name}", title, runs[name])
    ours = [run.per_cpu(BATCH) for run in runs["ours"]]
    figures.ratio("batch_to_copy", "batches : raw COPY, per CPU second", ours, limit, must=1.2)
    for peer in ("bare", "naive"):
        theirs = [run.per_cpu(BATCH) for run in runs[peer]]
        figures.ratio(f"batch_to_{peer}", f"batches, ours : {peer}, per CPU second", ours, theirs)


def _busy(figures: ground.Figures, ask: Asking, workspace: int, connectors: list[int]) -> None:
    """In turn with the workers still, and with one that drains a backlog which outlasts the run."""
    workers, stream = Workers(1), Stream(driver.PEOPLE, seed=3)
    try:
        for count, name in ((1, "single events"), (BATCH, f"batches of {BATCH}")):
            still, busy = [], []
            for _ in range(ask.options.runs):
                _forget()
                still.append(ask.run("ours", count).found.rate * count)
                _forget()
                ground.fill(workspace, connectors, stream.bodies(BACKLOG * ask.options.seconds))
                workers.begin()
                run = ask.run("ours", count, *workers.pids)
                busy.append(run._replace(stored=workers.rest()))
            key = "single" if count == 1 else "batch"
            figures.say(f"{key}_still", f"{name}, workers still", still, "events/s")
            rates = [run.found.rate * count for run in busy]
            figures.say(f"{key}_busy", f"{name}, a worker busy", rates, "events/s")
            figures.say(
                f"{key}_busy_p99", f"{name}, a worker busy, p99", [run.found.p99 for run in busy], "ms"
            )
            stored = [run.stored / run.found.seconds for run in busy]
            figures.say(f"{key}_busy_stored", "   which stored meanwhile", stored, "events/s")
            figures.ratio(f"{key}_kept", f"{name}, busy : still", rates, still, must=0.5)
            _errors(figures, f"{key}_busy", name, busy)
    finally:
        workers.stop()


def _rows() -> int:
    return int(ground.one("select count(*) from channels_inbox"))


def _forget() -> None:
    """What was sent so far: each run begins with an empty inbox."""
    ground.one("truncate channels_inbox, channels_inbox_open, bench_bare", answers=False)
    os.sync()


if __name__ == "__main__":
    main()
