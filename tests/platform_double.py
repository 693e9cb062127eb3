"""A platform's API as a test needs it: a real HTTP server on this machine, which keeps what it was asked.

    with platform(said({"items": [1]}), said({"items": []})) as shop:   # one answer after the other
        … shop.url … shop.asked[0].query["page"] …
    with platform(lambda asked: said({"page": asked.query["page"]})) as shop:   # or an answer to each

After the last of several answers it says 500: a test that asks more than it expects sees it. The fixture `platforms`
(tests/channels/conftest.py) is `platform` with this machine allowed, which outbound calls refuse otherwise. Not here:
what a platform's own API looks like (beside the tests of its kind).
"""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Asked(NamedTuple):
    """A request. Header names are lower case; of a query name that comes twice the last is there."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Said(NamedTuple):
    """An answer. `length`: what Content-Length says, where that is not the body's; `then`: called before it is sent."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    length: int | None = None
    then: Callable[[], object] | None = None


Answers = Callable[[Asked], Said]


def said(value: Any = None, status: int = 200, **headers: str) -> Said:
    """An answer in JSON; of text or bytes as they are. `retry_after="3"` is the header Retry-After."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    if isinstance(value, bytes):
        return Said(status, value, named)
    if isinstance(value, str):
        return Said(status, value.encode(), {"content-type": "text/html; charset=utf-8"} | named)
    body = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
    return Said(status, body, {"content-type": "application/json"} | named)


class Platform:
    """A running one."""

    def __init__(self, answers: Answers, tls: ssl.SSLContext | None = None) -> None:
        self.answers, self.asked = answers, list[Asked]()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def answer(self, asked: Asked) -> Said:
        self.asked.append(asked)
        return self.answers(asked)

    def says(self, *answers: Said) -> None:
        """From now on these, one after the other."""
        self.answers = in_turn(*answers)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def in_turn(*answers: Said) -> Answers:
    """One after the other; then 500."""
    left = list(answers)
    lock = threading.Lock()

    def answer(_asked: Asked) -> Said:
        with lock:
            return left.pop(0) if left else said({"error": "the test expected no further request"}, 500)

    return answer


@contextmanager
def platform(*answers: Said | Answers, tls: ssl.SSLContext | None = None) -> Iterator[Platform]:
    """A platform that answers in turn, or by one function."""
    first = answers[0] if answers else None
    function = first if callable(first) and not isinstance(first, Said) else None
    found = Platform(function or in_turn(*(one for one in answers if isinstance(one, Said))), tls)
    try:
        yield found
    finally:
        found.stop()


def _handler(owner: Platform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            there = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            asked = Asked(
                self.command,
                there.path,
                dict(parse_qsl(there.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length) if length else b"",
            )
            found = owner.answer(asked)
            if found.then is not None:
                found.then()
            with suppress(OSError):  # who asked may be gone: killed, or with enough of it
                self.send_response(found.status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                length = len(found.body) if found.length is None else found.length
                self.close_connection = length != len(found.body)
                self.send_header("content-length", str(length))
                self.end_headers()
                self.wfile.write(found.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 (the standard library's names)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    return Handler
