"""Sends requests over kept connections: as fast as they are answered (`load`), or so many a second whatever comes
back (`Sender`).

`load` takes wrk where there is one (apt-get install wrk), else this program. Senders are processes of their own.
Not here: what the figures mean.
"""

import asyncio
import hmac
import http.client
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.ground import percentile, python
from benchmarks.stream import PER_REQUEST, Stream

PEOPLE = 20_000  # whose events `load` sends
STRIDE = 7_919  # from one event's person to the next one's
DRAIN_SECONDS = 10.0  # for the last answers
CONNECTIONS = 16  # of a steady sender
OK = 200
SCRIPT = """
local head, middle, tail = %s, %s, %s
local count, path = %d, "%s"
local threads, n = 0, 0
function setup(thread) threads = threads + 1; thread:set("id", threads) end
function item()
    n = n + 1
    return head .. id .. "-" .. n .. middle .. (n * %d %% %d) .. tail
end
function request()
    if count == 1 then return wrk.format("POST", path, nil, item()) end
    local items = {}
    for i = 1, count do items[i] = item() end
    return wrk.format("POST", path, nil, '{"batch":[' .. table.concat(items, ",") .. ']}')
end
function done(summary, latency)
    io.write(string.format("RESULT %%d %%d %%f %%f %%d\\n", summary.requests, summary.duration,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.write))
end
"""


class Found(NamedTuple):
    """What a run of `load` came to; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class Load(NamedTuple):
    """What is to be sent: batches of `count`, single events when it is 1.

    `secret`: each is a delivery to the hook that `key` is, signed. `own`: by this program, for others that must be.
    """

    port: int
    key: str
    count: int
    seconds: int
    connections: int
    secret: str = ""
    own: bool = False

    @property
    def path(self) -> str:
        """Where the channel systems send it."""
        if self.secret:
            return f"/hooks/{self.key}/"
        return "/v1/track" if self.count == 1 else "/v1/batch"


def name() -> str:
    """What sends."""
    return "wrk" if shutil.which("wrk") else "an own driver in Python (wrk would take less of the CPU)"


def load(wanted: Load) -> Found:
    """Sends as fast as answers come."""
    if wanted.secret or wanted.own or shutil.which("wrk") is None:
        command = python("-m", "benchmarks.driver", "load", json.dumps(wanted._asdict()))
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        return Found(*json.loads(said))
    texts = [json.dumps(part, ensure_ascii=True) for part in _parts()]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % (*texts, wanted.count, wanted.path, STRIDE, PEOPLE))
        script.flush()
        command = ["wrk", "-t1", f"-c{wanted.connections}", f"-d{wanted.seconds}s", "--timeout", "10s"]
        command += ["-s", script.name, "-H", f"Authorization: Basic {token(wanted.key)}"]
        command += ["-H", "Content-Type: application/json", f"http://127.0.0.1:{wanted.port}/"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)", said)
    assert found, said
    requests, micros, p50, p99, errors = (float(part) for part in found.groups())
    return Found(int(requests), micros / 1e6, p50, p99, int(errors))


def once(port: int, key: str, seconds: float) -> int:
    """The status of one event, as soon as the server is there."""
    until = time.monotonic() + seconds
    headers = {"Authorization": f"Basic {token(key)}", "Content-Type": "application/json"}
    while True:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
        try:
            link.request("POST", "/v1/track", next(_bodies(1)), headers)
            return link.getresponse().status
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        finally:
            link.close()


def event() -> dict[str, Any]:
    """About 550 bytes, as a shop's page sends them."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "anonymousId": str(uuid.uuid4()),
        "timestamp": "2026-11-24T08:15:30.123Z",
        "properties": {
            "sku": "HM-2231-L",
            "name": "Linen shirt",
            "price": 329,
            "currency": "CNY",
            "quantity": 1,
        },
        "context": {
            "page": {"path": "/p/hm-2231", "url": "https://shop.example/p/hm-2231", "title": "Linen shirt"},
            "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15",
            "locale": "zh-CN",
        },
    }


def _parts() -> tuple[str, str, str]:
    """What stands before the message's number, between that and the person's, and after: no two runs send the same."""
    return f'{{"messageId":"{uuid.uuid4().hex[:12]}-', '","userId":"user-', '",' + json.dumps(event())[1:]


def token(key: str) -> str:
    """A write key as clients send it, in the header of basic authentication."""
    return b64encode(f"{key}:".encode()).decode()


class Sender:
    """A process that sends batches of 100 at a steady rate: late answers do not slow it, they are counted."""

    def __init__(self, port: int, key: str, rate: float, seconds: float, people: int, seed: int) -> None:
        asked = {"port": port, "key": key, "rate": rate, "seconds": seconds, "people": people, "seed": seed}
        command = python("-m", "benchmarks.driver", "send", json.dumps(asked))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()  # its bodies are made

    def begin(self) -> None:
        """Now."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> dict[str, float]:
        """Waits for its end: events sent, seconds, errors, the p99 of an answer from when it was to be sent."""
        said, _nothing = self.process.communicate()
        return dict(json.loads(said.strip().splitlines()[-1]))


# ---- the child ----------------------------------------------------------------------------------

Done = Callable[["Link", int], None]


class Link(asyncio.Protocol):
    """One kept connection: a request, its answer, the next."""

    def __init__(self, done: Done) -> None:
        self.done, self.rest, self.transport = done, b"", None  # type: ignore[var-annotated]

    def connection_made(self, transport: Any) -> None:
        """Open."""
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed by the other side: what was asked has no answer."""
        self.done(self, 0)

    def send(self, request: bytes) -> None:
        """One request."""
        assert self.transport is not None
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Until the answer is whole."""
        self.rest += data
        head, gap, body = self.rest.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head) if gap else None
        if length and len(body) >= int(length[1]):
            self.rest = b""
            self.done(self, int(head[9:12]))


def _request(asked: dict[str, Any], path: str, body: bytes) -> bytes:
    if asked.get("secret"):
        who = f"X-Signature: {hmac.digest(asked['secret'].encode(), body, 'sha256').hex()}"
    else:
        who = f"Authorization: Basic {token(asked['key'])}"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _bodies(count: int) -> Iterator[bytes]:
    """As the script for wrk makes them."""
    head, middle, tail = _parts()
    n = 0
    while True:
        items = [f"{head}{i}{middle}{i * STRIDE % PEOPLE}{tail}" for i in range(n, n + count)]
        n += count
        yield (items[0] if count == 1 else f'{{"batch":[{",".join(items)}]}}').encode()


async def _load(wanted: Load) -> list[float]:
    loop, took, errors = asyncio.get_running_loop(), [], 0
    asked, bodies, since = wanted._asdict(), _bodies(wanted.count), dict[Link, float]()

    def send(link: Link) -> None:
        since[link] = time.perf_counter()
        link.send(_request(asked, wanted.path, next(bodies)))

    def done(link: Link, status: int) -> None:
        nonlocal errors
        took.append(time.perf_counter() - since[link])
        errors += status != OK
        if status and time.perf_counter() < until:
            send(link)

    links = [
        (await loop.create_connection(lambda: Link(done), "127.0.0.1", wanted.port))[1]
        for _ in range(wanted.connections)
    ]
    begin = time.perf_counter()
    until = begin + wanted.seconds
    for link in links:
        send(link)
    await asyncio.sleep(wanted.seconds)
    seconds = time.perf_counter() - begin
    return [len(took), seconds, percentile(took, 0.5) * 1000, percentile(took, 0.99) * 1000, errors]


class Steady:
    """Every request at its time; one that finds all connections busy waits, and its wait counts."""

    def __init__(self, requests: list[bytes], interval: float) -> None:
        self.requests, self.interval = requests, interval
        self.idle, self.waiting, self.due = deque[Link](), deque[int](), dict[Link, float]()
        self.took, self.errors, self.began = list[float](), 0, 0.0

    async def run(self, port: int) -> float:
        """All of them; the seconds until the last was given away."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            self.idle.append((await loop.create_connection(lambda: Link(self.done), "127.0.0.1", port))[1])
        self.began = time.perf_counter()
        for n in range(len(self.requests)):
            await asyncio.sleep(max(self.began + n * self.interval - time.perf_counter(), 0))
            self.waiting.append(n)
            self.give()
        seconds = time.perf_counter() - self.began
        while self.due and time.perf_counter() < self.began + seconds + DRAIN_SECONDS:
            await asyncio.sleep(0.02)
        self.errors += len(self.due) + len(self.waiting)
        return seconds

    def give(self) -> None:
        """What waits to connections that are free."""
        while self.idle and self.waiting:
            link, n = self.idle.popleft(), self.waiting.popleft()
            self.due[link] = self.began + n * self.interval
            link.send(self.requests[n])

    def done(self, link: Link, status: int) -> None:
        """An answer, or a lost connection."""
        if link in self.due:
            self.took.append(time.perf_counter() - self.due.pop(link))
            self.errors += status != OK
        if status:
            self.idle.append(link)
            self.give()


async def _send(asked: dict[str, Any], requests: list[bytes]) -> dict[str, float]:
    steady = Steady(requests, PER_REQUEST / asked["rate"])
    seconds = await steady.run(asked["port"])
    late = percentile(steady.took, 0.99) * 1000
    return {
        "events": len(steady.took) * PER_REQUEST,
        "seconds": seconds,
        "errors": steady.errors,
        "p99": late,
    }


def main() -> None:
    """`load OPTIONS` or `send OPTIONS`, as JSON."""
    what, asked = sys.argv[1], json.loads(sys.argv[2])
    if what == "load":
        print(json.dumps(asyncio.run(_load(Load(**asked)))))
        return
    stream = Stream(asked["people"], asked["seed"])
    made = stream.bodies(int(asked["rate"] * asked["seconds"]))
    requests = [_request(asked, "/v1/batch", body.encode()) for body, _count in made]
    print("made", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(_send(asked, requests))))


if __name__ == "__main__":
    main()
