"""From the server's event loop to Django's WSGI handler: a whole body in, an answer out in pieces.

Django's own ASGI handler opens a thread and a database connection a request; a pool of eight does not. Why not a2wsgi:
docs/decisions/2026-11-29-bridge.md. Not here: which requests come this way, and reading their bodies (server.py).
"""

import asyncio
import logging
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any, Final, TypeVar
from urllib.parse import unquote_to_bytes

from django.db import connections

logger = logging.getLogger("huiliu.server")

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Scope = dict[str, Any]
Answer = TypeVar("Answer")

THREADS: Final = 8
WHOLE_BYTES: Final = 1024 * 1024  # an answer up to here leaves in one piece
FAILED: Final = b'{"code":"internal_error","message":"Something went wrong here; it is in the log."}'
PIECE_SECONDS: Final = 30.0  # a reader who takes no piece for so long is left


class Bridge:
    """`await bridge.answer(scope, body, send)`."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, "django")

    async def answer(self, scope: Scope, body: IO[bytes], size: int, send: Send, receive: Receive) -> None:
        """Runs the application in a thread; a long answer is passed on as it comes.

        When the reader hangs up, what the database does for him ends: nobody waits for it.
        """
        loop, asked = asyncio.get_running_loop(), Asked()
        working = loop.run_in_executor(
            self._threads, self._run, environ(scope, body, size), send, loop, asked
        )
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await asyncio.to_thread(asked.drop)
            await working
        finally:
            leaving.cancel()

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """What a question to the application comes to, asked in one of its threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, question)

    def _run(
        self, environment: dict[str, Any], send: Send, loop: asyncio.AbstractEventLoop, asked: "Asked"
    ) -> None:
        """In the thread."""
        if not asked.begin():
            return
        try:
            self._answered(environment, send, loop)
        finally:
            asked.end()

    def _answered(self, environment: dict[str, Any], send: Send, loop: asyncio.AbstractEventLoop) -> None:
        started: list[tuple[int, list[tuple[bytes, bytes]]]] = []

        def start(status: str, headers: list[tuple[str, str]], failed: Any = None) -> Callable[[bytes], None]:
            pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            started.append((int(status[:3]), pairs))
            return lambda _piece: None

        def out(message: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result(PIECE_SECONDS)

        try:
            answer = self._application(environment, start)
        except Exception:
            logger.exception("the application failed at %s", environment["PATH_INFO"][:100])
            plain = [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(FAILED)),
            ]
            out({"type": "http.response.start", "status": 500, "headers": plain})
            out({"type": "http.response.body", "body": FAILED, "more_body": False})
            return
        try:
            pieces = _pieces(answer)
            piece = next(pieces, b"")
            following = next(pieces, None)
            status, headers = started[-1]
            out({"type": "http.response.start", "status": status, "headers": headers})
            while following is not None:
                out({"type": "http.response.body", "body": piece, "more_body": True})
                piece, following = following, next(pieces, None)
            out({"type": "http.response.body", "body": piece, "more_body": False})
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()


class Asked:
    """One request and the database session that works for it: ended from outside, and never the next one's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Any = None
        self._dropped = False

    def begin(self) -> bool:
        """In its thread: whether anybody still waits."""
        with self._lock:
            self._session = connections["default"]
            return not self._dropped

    def end(self) -> None:
        """The thread turns to another one."""
        with self._lock:
            self._session = None

    def drop(self) -> None:
        """Nobody waits any more: the statement that runs is cut."""
        with self._lock:
            self._dropped = True
            opened = self._session and self._session.connection
            if opened is not None:
                with suppress(Exception):  # it ended by itself, or its server is gone
                    opened.cancel()


async def _left(receive: Receive) -> None:
    """Returns when the reader has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _sent(send: Send, message: dict[str, Any]) -> None:
    await send(message)


def _pieces(answer: Iterable[bytes]) -> Iterator[bytes]:
    """Small pieces gathered; what comes slowly (streaming) is gathered too, up to a piece's size."""
    held: list[bytes] = []
    size = 0
    for piece in answer:
        held.append(piece)
        size += len(piece)
        if size >= WHOLE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def environ(scope: Scope, body: IO[bytes], size: int) -> dict[str, Any]:
    """A WSGI environment. The length is the body's own: a chunked one has none, and Django would read nothing."""
    raw = scope.get("raw_path")
    path = unquote_to_bytes(raw.partition(b"?")[0]) if raw else scope["path"].encode()
    server, client = scope.get("server") or ("localhost", 0), scope.get("client") or ("", 0)
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": str(client[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        _add(found, name.decode("latin-1"), value.decode("latin-1"))
    found["CONTENT_LENGTH"] = str(size)
    return found


def _add(environment: dict[str, Any], name: str, value: str) -> None:
    """One header. A name with an underscore could pass for another one: it is left out."""
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key in {"TRANSFER_ENCODING", "CONTENT_LENGTH"}:
        return
    key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
    glue = "; " if key == "HTTP_COOKIE" else ","
    environment[key] = f"{environment[key]}{glue}{value}" if key in environment else value
