"""The web server's one callable: reads every body itself, answers the front door in its loop, gives the rest to Django.

Started as `granian --interface asginl cdp.serve.server:application`. Not here: what an event request means
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

from kernel.process.ties import die_with_parent, end_for_sure

if "pytest" not in sys.modules:
    die_with_parent(signal.SIGTERM)  # granian's workers would live on after a kill of its main
    end_for_sure()  # and a stop waits for answers that nobody reads
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

django_application = get_wsgi_application()

from django.db import connection  # noqa: E402

from cdp.pipeline.wake import waker  # noqa: E402
from cdp.serve import body, readiness, unrouted, uploads  # noqa: E402
from cdp.serve.body import Receive, Scope  # noqa: E402
from cdp.serve.bridge import Bridge  # noqa: E402
from channels import hooks, keys, protocol, receive  # noqa: E402
from channels.buckets import Buckets  # noqa: E402
from channels.inbox.unsigned import Unsigned  # noqa: E402
from channels.inbox.writer import CapacityGuard, Writer, connect  # noqa: E402
from channels.keys import Keys  # noqa: E402
from kernel import limits  # noqa: E402
from kernel.db import LOCAL  # noqa: E402
from kernel.errors import Trouble  # noqa: E402

logger = logging.getLogger("huiliu.server")
if "pytest" not in sys.modules:
    limits.limit(connection.settings_dict, settings.PAGE_SECONDS)

Send = Callable[[dict[str, Any]], Awaitable[None]]

PAGE_BYTES: Final = 64 * protocol.MB  # of an upload
PAGE_SECONDS: Final = 120.0
IN_MEMORY: Final = protocol.MB  # of a page's body; the rest lies in a file
PROBES: Final = {"/readyz": readiness.report, "/metrics": readiness.metrics}
PROBE_SECONDS: Final = 2.0
UNREAD: Final = {
    protocol.STATUS["too_large"],
    protocol.STATUS["headers_too_large"],
}  # more of the body may come
SHORT_DIGITS: Final = len("999999")  # a length of so many digits is below every limit
REMEMBERED: Final = 1_024  # sets of headers; an origin is the sender's, so they are bounded


class WebProcess(NamedTuple):
    """What one web process holds, made at its first request."""

    house: receive.FrontDoorServices
    bridge: Bridge


class _Process:
    inside: WebProcess | None = None
    probing: ClassVar[dict[str, asyncio.Future[readiness.Answer]]] = {}


def inside() -> WebProcess:
    """This process's threads and connections."""
    if _Process.inside is None:
        parameters = connection.get_connection_params()
        parameters.pop("cursor_factory", None)
        local = parameters.get("host", "") in LOCAL
        room = CapacityGuard(
            Path(settings.VAR) if local else None,
            int(os.environ.get("HUILIU_MIN_FREE_MB", "200")),
            int(os.environ.get("HUILIU_MAX_INBOX_MB", "0")),
        )

        def connected() -> Any:
            return connect(parameters, lossy=settings.FAST_AND_LOSSY)

        house = receive.FrontDoorServices(
            Keys(connected, keys.find),
            Keys(connected, hooks.find),
            Unsigned(connected),
            Writer(connected, room, waker().notify),
            Buckets(Path(settings.VAR) / "run" / "buckets"),
        )
        _Process.inside = WebProcess(house, Bridge(django_application))
        gc.collect()
        gc.freeze()  # what is loaded stays: the collector need not walk it again and again
    return _Process.inside


async def application(scope: Scope, receive_part: Receive, send: Send) -> None:
    """ASGI. Every way out has an answer; to a sender who hung up it goes nowhere."""
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
            await _elsewhere(scope, receive_part, send)
    except Trouble as trouble:
        await _refuse(scope, receive_part, send, trouble)


def _size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    size = 0
    for name, value in headers:
        size += len(name) + len(value)
    return size


async def _front_door(
    scope: Scope, receive_part: Receive, send: Send, route: protocol.Route, caught: str
) -> None:
    headers = _read(scope["headers"])
    announced = headers.get("content-length", "")
    if len(announced) > SHORT_DIGITS:
        body.admit(announced, protocol.BODY_BYTES)
    content = await body.whole(scope, receive_part, protocol.BODY_BYTES, protocol.BODY_SECONDS)
    answer = await receive.handle(inside().house, _request(scope, headers, content), route, caught)
    await reply(send, answer, head=scope["method"] == "HEAD")


def _read(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


def _request(scope: Scope, headers: dict[str, str], content: bytes) -> receive.Request:
    return receive.Request(
        scope["method"],
        scope["path"],
        scope.get("query_string", b"").decode("latin-1"),
        headers,
        content,
        headers["x-forwarded-proto"] if _proxied(headers) else scope.get("scheme", "http"),
    )


async def _refuse(scope: Scope, receive_part: Receive, send: Send, trouble: Trouble) -> None:
    """An answer before the body is whole. The sender may be a page's; it is let finish, or it would not see it."""
    answer = receive.refused(trouble)
    headers = _read(scope["headers"])
    if uploads.is_one(scope) and trouble.status in UNREAD:
        await _unread(scope, receive_part, send, answer)
        return
    if trouble.status != protocol.STATUS["headers_too_large"]:  # an origin that long is not sent back
        answer = receive.with_cors(_request(scope, headers, b""), answer)
    if scope.get("http_version", "1.1") < "2":
        answer = answer._replace(headers=(*answer.headers, ("connection", "close")))
    await reply(send, answer, head=scope["method"] == "HEAD")
    if trouble.status in UNREAD and "expect" not in headers:
        await body.rest(receive_part, protocol.BODY_BYTES * protocol.READ_ON, protocol.READ_ON_SECONDS)


async def _unread(scope: Scope, receive_part: Receive, send: Send, answer: receive.Answer) -> None:
    """An answer to who still sends a file: it is read and dropped, or its sender would not see the answer."""
    if scope.get("http_version", "1.1") < "2":
        answer = answer._replace(headers=(*answer.headers, ("connection", "close")))
    await reply(send, answer)
    if not any(name == b"expect" for name, _value in scope["headers"]):
        await body.rest(receive_part, uploads.READ_ON, uploads.READ_ON_SECONDS)


def _proxied(headers: dict[str, str]) -> bool:
    """Whether a proxy of ours says how the sender came."""
    return bool(settings.PROXIES) and headers.get("x-forwarded-proto") in {"http", "https"}


async def _probe(path: str, send: Send) -> None:
    """Probes have a thread of their own, and one look serves all who ask meanwhile: they answer when all is busy."""
    looking = _Process.probing.get(path)
    if looking is None:
        looking = asyncio.get_running_loop().run_in_executor(readiness.THREAD, PROBES[path])
        _Process.probing[path] = looking
        looking.add_done_callback(lambda _looked: _Process.probing.pop(path, None))
    try:
        status, kind, body = await asyncio.wait_for(asyncio.shield(looking), PROBE_SECONDS)
    except TimeoutError:
        status, kind, body = readiness.SILENT
    await reply(send, receive.Answer(status, body, kind, (("cache-control", "no-store"),)))


async def _elsewhere(scope: Scope, receive_part: Receive, send: Send) -> None:
    """A page, or a program at the wrong address."""
    if not unrouted.by_program(scope):
        await _page(scope, receive_part, send)
        return
    body.admit(_length(scope), protocol.BODY_BYTES)
    route = await asyncio.to_thread(unrouted.route, scope["path"])  # the first one loads all pages
    await _front_door(scope, receive_part, send, route, "")


def _length(scope: Scope) -> str:
    """Of the body, as announced."""
    return next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"content-length"), ""
    )


async def _page(scope: Scope, receive_part: Receive, send: Send) -> None:
    """Everything else: Django, with the whole body in hand."""
    most, seconds = PAGE_BYTES, PAGE_SECONDS
    if uploads.is_one(scope):
        most, seconds = uploads.limit(), uploads.SECONDS
        announced = _length(scope)
        uploads.admit(scope, announced)
        if not announced.isdecimal() or int(announced) > PAGE_BYTES:
            refused = await inside().bridge.ask(lambda: uploads.refused(scope, django_application, announced))
            if refused is not None:
                await _unread(scope, receive_part, send, receive.Answer(*refused))
                return
    else:
        body.admit(_length(scope), PAGE_BYTES)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as content:
        size = await body.into(content.write, scope, receive_part, most, seconds)
        content.seek(0)
        await inside().bridge.answer(scope, content, size, send, receive_part)


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
