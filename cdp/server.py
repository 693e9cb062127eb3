"""The web server's one callable: reads every body itself, answers the front door in its loop, gives the rest to Django.

Started as `granian --interface asginl cdp.server:application`. Not here: what an event request means
(channels/receive.py), the pages (urls.py).
"""

import asyncio
import gc
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

from cdp.kernel.process import die_with_parent

if "pytest" not in sys.modules:
    die_with_parent(signal.SIGTERM)  # granian's workers would live on after a kill of its main
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

django_application = get_wsgi_application()

from django.db import connection  # noqa: E402

from cdp import body, ready  # noqa: E402
from cdp.body import Receive, Scope  # noqa: E402
from cdp.bridge import Bridge  # noqa: E402
from cdp.kernel.errors import Trouble  # noqa: E402
from cdp.wake import bell  # noqa: E402
from channels import protocol, receive  # noqa: E402
from channels.buckets import Buckets  # noqa: E402
from channels.inbox.writer import Room, Writer, connect  # noqa: E402
from channels.keys import Keys  # noqa: E402

logger = logging.getLogger("huiliu.server")

Send = Callable[[dict[str, Any]], Awaitable[None]]

PAGE_BYTES: Final = 64 * protocol.MB  # of an upload
PAGE_SECONDS: Final = 120.0
IN_MEMORY: Final = protocol.MB  # of a page's body; the rest lies in a file
LOCAL: Final = {"", "localhost", "127.0.0.1", "::1"}
PROBES: Final = {"/readyz": ready.report, "/metrics": ready.metrics}
PROBE_SECONDS: Final = 2.0
REMEMBERED: Final = 1_024  # sets of headers; an origin is the sender's, so they are bounded


class Inside(NamedTuple):
    """What one web process holds, made at its first request."""

    house: receive.House
    bridge: Bridge


class _Process:
    inside: Inside | None = None
    probing: ClassVar[dict[str, asyncio.Future[ready.Answer]]] = {}


def inside() -> Inside:
    """This process's threads and connections."""
    if _Process.inside is None:
        parameters = connection.get_connection_params()
        parameters.pop("cursor_factory", None)
        local = parameters.get("host", "") in LOCAL
        room = Room(
            Path(settings.VAR) if local else None,
            int(os.environ.get("HUILIU_MIN_FREE_MB", "200")),
            int(os.environ.get("HUILIU_MAX_INBOX_MB", "0")),
        )

        def connected() -> Any:
            return connect(parameters, lossy=settings.FAST_AND_LOSSY)

        house = receive.House(
            Keys(connected),
            Writer(connected, room, bell().ring),
            Buckets(Path(settings.VAR) / "run" / "buckets"),
        )
        _Process.inside = Inside(house, Bridge(django_application))
        gc.collect()
        gc.freeze()  # what is loaded stays: the collector need not walk it again and again
    return _Process.inside


async def application(scope: Scope, receive_part: Receive, send: Send) -> None:
    """ASGI. Every way out has an answer, but for a sender who hung up."""
    if scope["type"] != "http":
        return
    try:
        if _size(scope["headers"]) > protocol.HEADER_BYTES:
            raise receive.Refusal(
                "headers_too_large", "The headers are too long: clear the cookies of this site."
            )
        path = scope["path"]
        found = protocol.route(path)
        if found is not None:
            await _front_door(scope, receive_part, send, *found)
        elif path.rstrip("/") == "/healthz":
            await reply(send, receive.Answer(200, b'{"status":"up"}'))
        elif path.rstrip("/") in PROBES:
            await _probe(path.rstrip("/"), send)
        else:
            await _page(scope, receive_part, send)
    except body.Gone:
        return
    except Trouble as trouble:
        await reply(send, receive.refused(trouble))


def _size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    size = 0
    for name, value in headers:
        size += len(name) + len(value)
    return size


async def _front_door(
    scope: Scope, receive_part: Receive, send: Send, route: protocol.Route, caught: str
) -> None:
    refused = None
    try:
        content = await body.whole(scope, receive_part, protocol.BODY_BYTES, protocol.BODY_SECONDS)
    except Trouble as trouble:
        content, refused = b"", receive.refused(trouble)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    request = receive.Request(
        scope["method"],
        scope["path"],
        scope.get("query_string", b"").decode("latin-1"),
        headers,
        content,
        headers["x-forwarded-proto"] if _proxied(headers) else scope.get("scheme", "http"),
    )
    if refused is not None:
        answer = receive.with_cors(request, refused)
    else:
        answer = await receive.handle(inside().house, request, route, caught)
    await reply(send, answer, head=scope["method"] == "HEAD")


def _proxied(headers: dict[str, str]) -> bool:
    """Whether a proxy of ours says how the sender came."""
    return bool(settings.PROXIES) and headers.get("x-forwarded-proto") in {"http", "https"}


async def _probe(path: str, send: Send) -> None:
    """Probes have a thread of their own, and one look serves all who ask meanwhile: they answer when all is busy."""
    looking = _Process.probing.get(path)
    if looking is None:
        looking = asyncio.get_running_loop().run_in_executor(ready.THREAD, PROBES[path])
        _Process.probing[path] = looking
        looking.add_done_callback(lambda _looked: _Process.probing.pop(path, None))
    try:
        status, kind, body = await asyncio.wait_for(asyncio.shield(looking), PROBE_SECONDS)
    except TimeoutError:
        status, kind, body = ready.SILENT
    await reply(send, receive.Answer(status, body, kind, (("cache-control", "no-store"),)))


async def _page(scope: Scope, receive_part: Receive, send: Send) -> None:
    """Everything else: Django, with the whole body in hand."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as content:
        size = await body.into(content.write, scope, receive_part, PAGE_BYTES, PAGE_SECONDS)
        content.seek(0)
        await inside().bridge.answer(scope, content, size, send)


@lru_cache(maxsize=REMEMBERED)
def _encoded(kind: str, headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    """Headers as they go out: as a rule those of the answer before."""
    return [
        (b"content-type", kind.encode()),
        *((name.encode(), value.encode("latin-1", "replace")) for name, value in headers),
    ]


async def reply(send: Send, answer: receive.Answer, *, head: bool = False) -> None:
    """An answer in one piece."""
    headers = [(b"content-length", b"%d" % len(answer.body)), *_encoded(answer.type, answer.headers)]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body, "more_body": False})
