"""Sent to visible: an event over HTTP until the read API shows it, at rest and at 70 % of what the pipeline takes.

    .venv/bin/python -m benchmarks.latency [--events 30000] [--probes 300] [--a_second 10] [--people 20000]

The pipeline's rate is measured first, in the same run. The load is sent at its times whatever comes back, and so are
the probes: a probe's time runs from when it was due until a reader that asks for the oldest not yet seen, again and
again, sees it. What stalls a sender is counted too, and so is the reader's own round (some 5 ms).
"""

import http.client
import json
import os
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import ground
from benchmarks.driver import Sender
from benchmarks.stream import Stream

SHARE = 0.7  # of the pipeline's rate
ONE = "/api/events/?limit=1&message_id="
PAUSE, PAUSE_LOADED = 0.003, 0.03  # seconds between looks of the reader: they must not become the load
WAIT_SECONDS = 20.0  # for one probe: then it counts as that
RAMP_SECONDS = 3.0  # of load before the first probe
SPARE_SECONDS = 2.0  # of load after the last one
SENDERS = 32  # probes on their way to the front door at once, at most
MUST = {"p50": 200.0, "p99": 1000.0}  # milliseconds, under load


def main() -> None:
    """Measures the pipeline, starts the line, probes; prints p50, p95 and p99."""
    options = ground.options(__doc__, events=30_000, probes=300, a_second=10, people=20_000)
    with ground.ground():
        figures = ground.Figures("latency", options)
        workspace, connectors, key = ground.place()
        rate = _rate(figures, workspace.pk, connectors, options)
        from django.contrib.auth.models import User

        from kernel.web import access
        from tests.live import Line

        token = access.make_token(workspace, User.objects.create(username="probe"), "admin")
        with tempfile.TemporaryDirectory() as logs:
            line = Line(dict(os.environ), Path(logs))
            try:
                prober = Prober(line.port, key, token)
                prober.several(20, options.a_second, PAUSE)  # warms
                _say(figures, "rest", "at rest", prober.several(options.probes, options.a_second, PAUSE))
                _loaded(figures, prober, rate * SHARE, options)
            finally:
                line.stop()
        figures.write()


def _rate(figures: ground.Figures, workspace: int, connectors: list[int], options: Any) -> float:
    """Events a second that one worker takes when that is all it does; the first round warms."""
    stream, rates = Stream(options.people), []
    ground.fill(workspace, connectors, stream.greetings())
    ground.drain()
    for _round in range(4):
        ground.fill(workspace, connectors, stream.bodies(options.events))
        begin = time.perf_counter()
        ground.drain()
        rates.append(options.events / (time.perf_counter() - begin))
    ground.analyze()  # as autovacuum has done where the line has run for a minute
    return figures.say("rate", "pipeline, one worker", rates[1:], "events/s")


def _loaded(figures: ground.Figures, prober: "Prober", rate: float, options: Any) -> None:
    seconds = RAMP_SECONDS + options.probes / options.a_second + SPARE_SECONDS
    sender = Sender(prober.port, prober.key, rate, seconds, options.people, seed=2)
    sender.begin()
    time.sleep(RAMP_SECONDS)
    behind = [_behind()]
    last = threading.Timer(options.probes / options.a_second, lambda: behind.append(_behind()))
    last.start()
    took = prober.several(options.probes, options.a_second, PAUSE_LOADED)
    last.join()
    sent = sender.end()
    reached = sent["events"] / sent["seconds"]
    _say(figures, "load", f"with {reached:,.0f} events/s beside", took)
    print(f"{'   of the rate that was wanted':52} {reached / rate:12.1%}")
    print(f"{'   events not yet worked, at the first and last probe':52} {behind[0]:12,} {behind[1]:,}")
    print(
        f"{'   batches of 100, answered by the front door, p99':52} {sent['p99']:12.1f} ms, errors {sent['errors']:.0f}"
    )
    figures.note("sender", sent | {"wanted": rate, "reached": reached, "behind": behind})


def _behind() -> int:
    from django.db import connection

    found = int(ground.one("select coalesce(sum(n), 0) from channels_inbox_open"))
    if threading.current_thread() is not threading.main_thread():
        connection.close()
    return found


class Prober:
    """Sends events one by one at their times, while one reader asks for the oldest not yet seen, again and again."""

    def __init__(self, port: int, key: str, token: str) -> None:
        self.port, self.key, self.token = port, key, token

    def several(self, count: int, a_second: int, pause: float) -> list[float]:
        """Milliseconds from when each was due until the reader saw it; WAIT_SECONDS for one that never came."""
        run, begin = f"probe-{time.time_ns()}", time.perf_counter() + PAUSE_LOADED
        due = {f"{run}-{n}": begin + n / a_second for n in range(count)}
        seen: dict[str, float] = {}
        with ThreadPoolExecutor(SENDERS) as pool:
            sent = [pool.submit(self._send, name, at) for name, at in due.items()]
            link = self._link()
            for name, at in due.items():
                time.sleep(max(at - time.perf_counter(), 0))
                while time.perf_counter() < at + WAIT_SECONDS:
                    if _answer(link, "GET", f"{ONE}{name}", None, self.token)["results"]:
                        seen[name] = time.perf_counter()
                        break
                    time.sleep(pause)
            for one in sent:
                one.result()
        return [(seen.get(name, at + WAIT_SECONDS) - at) * 1000 for name, at in due.items()]

    def _send(self, name: str, due: float) -> None:
        time.sleep(max(due - time.perf_counter(), 0))
        link = self._link()
        body = json.dumps({"messageId": name, "userId": name, "event": "Probe"})
        _answer(link, "POST", f"/v1/track?writeKey={self.key}", body)
        link.close()

    def _link(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)


def _answer(
    link: http.client.HTTPConnection, method: str, path: str, body: str | None, token: str = ""
) -> dict[str, Any]:
    headers = {"Authorization": f"Token {token}"} if token else {}
    link.request(method, path, body, headers)
    answer = link.getresponse()
    read = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {read[:200]!r}")
    return dict(json.loads(read))


def _say(figures: ground.Figures, key: str, name: str, took: list[float]) -> None:
    figures.note(f"{key}_ms", [round(value, 1) for value in took])
    for place, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        value = ground.percentile(took, share)
        must = f"must {MUST[place]:.0f}" if key == "load" and place in MUST else ""
        print(
            f"{f'sent to visible, {name}, {place}':52} {value:12.1f} ms  of {len(took)}  {must}", flush=True
        )
        figures.note(f"{key}_{place}", value)


if __name__ == "__main__":
    main()
