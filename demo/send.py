"""Posts requests over a few kept connections, in order within a connector. Not here: what is sent."""

import base64
import http.client
import queue
import threading
import time
import urllib.parse
from typing import Self

import msgspec

from demo.post import Request
from kernel.errors import Trouble

CONNECTIONS = 4
WAITING = 24  # requests a connection may have before it
TIMEOUT_SECONDS = 30
PATIENCE_SECONDS = 300  # how long one request is tried again
PAUSES = (0.2, 5.0)  # seconds between two tries, growing from .. to
LATER = (408, 429, 503)  # answers after which the same request is welcome again


class Senders:
    """`with Senders(address, keys) as senders: senders.send(request)`; at the end everything has been taken."""

    def __init__(self, address: str, keys: dict[str, str]) -> None:
        self._line: dict[str, queue.Queue[Request | None]] = {}
        self._failed: list[Exception] = []
        lines = [queue.Queue[Request | None](WAITING) for _ in range(CONNECTIONS)]
        for number, connector in enumerate(keys):
            self._line[connector] = lines[number % CONNECTIONS]
        self._threads = [
            threading.Thread(target=self._work, args=(_Door(address, keys), line), daemon=True)
            for line in lines
        ]
        self._lines = lines

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        for line in self._lines:
            self._put(line, None)
        for thread in self._threads:
            thread.join()
        if kind is None:
            self._raise()

    def send(self, request: Request) -> None:
        """Waits while the connection has enough to do; raises what went wrong there."""
        self._raise()
        self._put(self._line[request.connector], request)
        self._raise()

    def _put(self, line: "queue.Queue[Request | None]", request: Request | None) -> None:
        while not self._failed:
            try:
                return line.put(request, timeout=0.5)
            except queue.Full:
                continue
        return None

    def _raise(self) -> None:
        if self._failed:
            raise self._failed[0]

    def _work(self, door: "_Door", line: "queue.Queue[Request | None]") -> None:
        while not self._failed:
            try:
                request = line.get(timeout=0.5)
            except queue.Empty:
                continue
            if request is None:
                return
            try:
                door.post(request)
            except Exception as problem:  # told to whoever sends next
                self._failed.append(problem)


class _Door:
    """One kept connection to the front door."""

    def __init__(self, address: str, keys: dict[str, str]) -> None:
        where = urllib.parse.urlsplit(address)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(where.hostname or "127.0.0.1", where.port, timeout=TIMEOUT_SECONDS)
        self._address, self._under = address, where.path.rstrip("/")
        self._headers = {name: _headers(key) for name, key in keys.items()}

    def post(self, request: Request) -> None:
        """Until it is on disk there: the same bytes again after any answer that allows it."""
        body = msgspec.json.encode(request.body)
        until, pause = time.monotonic() + PATIENCE_SECONDS, PAUSES[0]
        while True:
            status, wait, text = self._try(request, body)
            if status == 200:
                return
            if status and status not in LATER:
                raise Trouble(
                    f"{self._address}{request.path} answered {status} to {request.connector}: {text}"
                )
            if time.monotonic() > until:
                raise Trouble(
                    f"{self._address} does not take requests ({text}): see that it runs, then try again."
                )
            time.sleep(max(wait, pause))
            pause = min(pause * 2, PAUSES[1])

    def _try(self, request: Request, body: bytes) -> tuple[int, float, str]:
        """Status (0: no answer), seconds to wait, what was said."""
        try:
            self._connection.request(
                "POST", self._under + request.path, body, self._headers[request.connector]
            )
            answer = self._connection.getresponse()
            text = answer.read(1000).decode("utf-8", "replace")
            answer.read()
        except (OSError, http.client.HTTPException) as problem:
            self._connection.close()
            return 0, 0.0, str(problem)
        wait = answer.headers.get("Retry-After", "0")
        return answer.status, float(wait) if wait.isdigit() else 0.0, text


def _headers(key: str) -> dict[str, str]:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    return {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
