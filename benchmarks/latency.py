"""Sent to visible: an event over HTTP until the read API shows it, at rest and at 70 % of what the pipeline takes.

`python -m benchmarks.latency [--events 30000 --probes 60]`
"""

import itertools
import json
import os
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks import ground
from benchmarks.ground import Stream

SHARE = 0.7  # of the pipeline's rate
PAUSE = 0.15  # seconds between probes


def main() -> None:
    """Measures the pipeline, starts the line, probes; prints p50 and p99."""
    options = ground.options(__doc__, events=30_000, probes=60, people=20_000)
    with ground.ground():
        ground.machine()
        workspace, connectors, key = ground.place()
        stream = Stream(options.people)
        rate = _rate(workspace.pk, connectors, stream, options.events)
        from django.contrib.auth.models import User

        from cdp.kernel import access
        from tests.live import Line

        token = access.make_token(workspace, User.objects.create(username="probe"), "admin")
        with tempfile.TemporaryDirectory() as logs:
            line = Line(dict(os.environ), Path(logs))
            try:
                _say("at rest", _probes(line.address, key, token, options.probes))
                stop = threading.Event()
                sent = [0]
                sender = threading.Thread(
                    target=_load, args=(line.address, key, stream, rate * SHARE, stop, sent)
                )
                sender.start()
                begin = time.perf_counter()
                took = _probes(line.address, key, token, options.probes)
                reached = sent[0] / (time.perf_counter() - begin)
                stop.set()
                sender.join()
                _say(f"with {reached:,.0f} events/s ({reached / rate:.0%} of {rate:,.0f})", took)
            finally:
                line.stop()


def _rate(workspace: int, connectors: list[int], stream: Stream, events: int) -> float:
    from cdp import pipeline

    ground.fill(workspace, connectors, stream.bodies(events))
    pipeline.drain(wait=True)
    ground.fill(workspace, connectors, stream.bodies(events))
    begin = time.perf_counter()
    pipeline.drain(wait=True)
    return events / (time.perf_counter() - begin)


def _probes(address: str, key: str, token: str, count: int) -> list[float]:
    """Milliseconds from before the POST until the event is read."""
    took = []
    for n in range(count):
        name = f"probe-{time.time_ns()}-{n}"
        begin = time.perf_counter()
        _post(address, key, {"messageId": name, "userId": f"probe-{n}", "event": "Probe"}, "/v1/track")
        request = urllib.request.Request(f"{address}/api/events/?message_id={name}")
        request.add_header("Authorization", f"Token {token}")
        while True:
            with urllib.request.urlopen(request, timeout=30) as answer:
                if json.loads(answer.read())["results"]:
                    break
            time.sleep(0.002)
        took.append((time.perf_counter() - begin) * 1000)
        time.sleep(PAUSE)
    return took


def _post(address: str, key: str, body: dict[str, Any], path: str) -> None:
    request = urllib.request.Request(
        f"{address}{path}?writeKey={key}", json.dumps(body).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=30):
        pass


def _load(
    address: str, key: str, stream: Stream, rate: float, stop: threading.Event, sent: list[int]
) -> None:
    """Batches of 100 at this many events a second."""
    begin = time.perf_counter()
    for n in itertools.count(1):
        if stop.is_set():
            return
        _post(address, key, {"batch": [stream.message() for _ in range(100)]}, "/v1/batch")
        sent[0] += 100
        time.sleep(max(begin + n * 100 / rate - time.perf_counter(), 0))


def _say(name: str, took: list[float]) -> None:
    found = sorted(took)
    p99 = found[min(len(found) - 1, int(len(found) * 0.99))]
    print(f"sent to visible, {name:48} p50 {statistics.median(found):8.1f} ms   p99 {p99:8.1f} ms")


if __name__ == "__main__":
    main()
