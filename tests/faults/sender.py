"""A sender as the clients are: several at once, each request until it is acknowledged; remembers what was.

Every answer is noted: its status, and how long it took. A connection that breaks is an outcome that is not known.
"""

import http.client
import json
import select
import threading
import time
from base64 import b64encode
from collections import Counter
from typing import Any

from tests.faults.story import Sent

PAUSE = 0.1  # seconds before a request is sent again
ANSWER_SECONDS = 15
UNKNOWN = 0  # no answer came


class Sender:
    """Sends the requests of a story through `threads` connections; `keys`: channel -> write key."""

    def __init__(self, port: int, keys: dict[str, str], threads: int = 6, pace: float = 0.0) -> None:
        self.port, self.keys, self.threads, self.pace = port, keys, threads, pace
        self.acknowledged: set[str] = set()
        self.answers: Counter[int] = Counter()
        self.without_retry_after = 0
        self.slowest = 0.0
        self.given_up: list[str] = []
        self._queue: list[Sent] = []
        self._lock = threading.Lock()
        self._running: list[threading.Thread] = []
        self.until = float("inf")

    def start(self, requests: list[Sent]) -> "Sender":
        """Begin; `wait` for the end."""
        self._queue = list(reversed(requests))
        self._running = [threading.Thread(target=self._work, daemon=True) for _ in range(self.threads)]
        for thread in self._running:
            thread.start()
        return self

    def wait(self, seconds: float) -> "Sender":
        """Until all is acknowledged."""
        self.until = time.monotonic() + seconds
        for thread in self._running:
            thread.join(max(self.until - time.monotonic(), 0) + ANSWER_SECONDS)
        assert not self.given_up, self.given_up[:3]
        assert not self.busy
        return self

    @property
    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self._running)

    @property
    def left(self) -> int:
        return len(self._queue)

    def _work(self) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        while True:
            with self._lock:
                if not self._queue:
                    link.close()
                    return
                sent = self._queue.pop()
            names = [one["messageId"] for one in sent.messages]
            while self._ask(link, sent) != 200:
                if time.monotonic() > self.until:
                    self.given_up += names
                    return
                time.sleep(PAUSE)
            with self._lock:
                self.acknowledged.update(names)
            if self.pace:
                time.sleep(self.pace)

    def _ask(self, link: http.client.HTTPConnection, sent: Sent) -> int:
        begin = time.monotonic()
        if link.sock is not None and select.select([link.sock], [], [], 0)[0]:
            link.close()  # the server has closed it since: every client looks before it uses a connection again
        try:
            status, retry = post(link, sent.door, sent.body, self.keys[sent.channel])
        except (OSError, http.client.HTTPException):
            link.close()
            status, retry = UNKNOWN, "1"
        with self._lock:
            self.answers[status] += 1
            self.slowest = max(self.slowest, time.monotonic() - begin)
            if status == 503 and int(retry or 0) < 1:
                self.without_retry_after += 1
        return status


def post(link: http.client.HTTPConnection, door: str, body: Any, key: str) -> tuple[int, str | None]:
    """Status and Retry-After of a request."""
    headers = {
        "content-type": "application/json",
        "authorization": "Basic " + b64encode(f"{key}:".encode()).decode(),
    }
    link.request("POST", f"/v1/{door}", json.dumps(body, default=str), headers)
    answer = link.getresponse()
    answer.read()
    return answer.status, answer.getheader("retry-after")
