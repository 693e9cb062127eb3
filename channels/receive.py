"""The front door: authenticate, limit, append, answer. Not here: understanding a body (mapping/), reading it off the
wire (cdp/serve/server.py), the tables of paths, limits and codes (protocol.py).

`handle` answers 200 only when the request is committed. It runs in the server's event loop: what blocks has a thread.
"""

import base64
import binascii
import json
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec

from channels import doors, hooks, protocol, readable, sender
from channels.buckets import Buckets
from channels.connectors.base import Delivery
from channels.hooks import Hook
from channels.inbox.log import Entry
from channels.inbox.unsigned import Unsigned
from channels.inbox.writer import Writer
from channels.keys import Keys, Source
from channels.protocol import Route
from kernel.errors import Refused, Trouble, TryAgain

logger = logging.getLogger("huiliu.receive")

REMEMBERED: Final = 512  # headers of senders; one may have some KB
JSON: Final = "application/json"
NO_RAW: Final = msgspec.Raw(b"")
FORM: Final = "application/x-www-form-urlencoded"
EXPOSED: Final = ("access-control-expose-headers", "Retry-After")


class Request(NamedTuple):
    """A whole request. Header names are lower case; `query` is as sent."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    scheme: str


class Answer(NamedTuple):
    """What goes back."""

    status: int
    body: bytes
    type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


DONE: Final = Answer(200, b'{"success":true}')


class FrontDoorServices(NamedTuple):
    """What the front door stands on; one in each web process."""

    keys: Keys[Source]
    hooks: Keys[Hook]
    unsigned: Unsigned
    writer: Writer
    buckets: Buckets


class Head(msgspec.Struct):
    """As much of a body as the answer needs; the rest is only checked to be JSON."""

    batch: msgspec.Raw = NO_RAW
    records: msgspec.Raw = NO_RAW
    writeKey: msgspec.Raw = NO_RAW  # noqa: N815 (the clients' name)


class ListHead(msgspec.Struct):
    """The same of a body that should have a list."""

    batch: list[msgspec.Raw] = []
    records: list[msgspec.Raw] = []
    writeKey: msgspec.Raw = NO_RAW  # noqa: N815 (the clients' name)


HEAD: Final = msgspec.json.Decoder(Head)
LISTS: Final = msgspec.json.Decoder(ListHead)
TEXT: Final = msgspec.json.Decoder(str)
ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])


class Refusal(Refused):
    """An answer that is no success, by its code."""

    paths: tuple[str, ...] = ()

    def __init__(self, code: str, text: str, wait: float = 0.0) -> None:
        super().__init__(text)
        self.code, self.status, self.wait = code, protocol.STATUS[code], wait


class Missing(Refusal):
    """Nothing is taken at this path: the sender speaks another dialect, or was given another part of the address."""

    paths = protocol.SHOWN

    def __init__(
        self, path: str, methods: tuple[str, ...] = (), nothing: str = "There is nothing here."
    ) -> None:
        meant, taken = protocol.meant(path), " or ".join(methods)
        texts = [f"Use {taken} here." if methods else nothing]
        if meant and not methods:
            texts.append(f"Did you mean {meant}?")
        texts.append("Events of Segment's clients go to POST /v1/track, /v1/identify … or /v1/batch.")
        super().__init__("not_allowed" if methods else "not_found", " ".join(texts))


async def handle(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    """The answer to a request of the front door's, whatever comes; never an exception."""
    try:
        if request.method == "OPTIONS":
            return with_cors(_asking(request, route), Answer(200, b""), preflight=True)
        if request.method not in route.methods:
            raise Missing(request.path, route.methods)
        answer = await DOINGS[route.does](house, request, route, caught)
    except Trouble as trouble:
        answer = refused(trouble, route)
    except Exception:
        logger.exception("the front door failed at %s", request.path[:100])
        answer = refused(TryAgain("Something went wrong here: send the request again."), route)
    return with_cors(request, answer)


def refused(trouble: Trouble, route: Route | None = None) -> Answer:
    """The answer of an error: clients read `code` and `message`, and Retry-After in whole seconds from 1 on."""
    headers: list[tuple[str, str]] = []
    if trouble.status == protocol.STATUS["try_again"]:
        headers.append(("retry-after", str(protocol.RETRY_SECONDS)))
    elif isinstance(trouble, Refusal) and trouble.wait:
        headers.append(("retry-after", str(max(1, math.ceil(trouble.wait)))))
    if trouble.status == protocol.STATUS["not_allowed"] and route is not None:
        headers.append(("allow", ", ".join((*route.methods, "OPTIONS"))))
    said: dict[str, Any] = {"code": trouble.code, "message": str(trouble)}
    if isinstance(trouble, Refusal) and trouble.paths:
        said["paths"] = trouble.paths
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(trouble.status, body, JSON, tuple(headers))


def _asking(request: Request, route: Route) -> Request:
    """A preflight; who asks for a page is let in from elsewhere without cookies only: without an origin."""
    if route is not protocol.PAGE:
        return request
    kept = {name: value for name, value in request.headers.items() if name != "origin"}
    return request._replace(headers=kept)


# ---- what is done ------------------------------------------------------------------------------


async def _message(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    """One message or a list of them."""
    body = readable.inflate(request.body, request.headers.get("content-encoding", ""))
    if len(body) > protocol.BODY_BYTES:
        raise readable.TooLarge
    try:
        text, head = _read(body, route)
    except Refused:
        await _source(house, request)  # without a key nobody is told more
        raise
    source = await _source(house, request, head)
    count = _count(route.door, head)
    await _keep(house, request, source, route.door, count, text)
    return DONE


async def _drop(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    """Metrics of the browser client about itself: an answer keeps its console quiet."""
    return DONE


async def _pixel(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    """A query string that is a message, answered by the smallest picture."""
    text, _head = readable.read(doors.pixel_body(route.door, request.query), HEAD)
    await _keep(house, request, await _source(house, request), "pixel", 1, text)
    return Answer(200, doors.GIF, "image/gif", (("cache-control", "no-store"),))


async def _webhook(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    """Any object, from a platform that knows only a URL."""
    if request.method == "GET":
        body = doors.pixel_body("", request.query)
    else:
        body = readable.inflate(request.body, request.headers.get("content-encoding", ""))
        if len(body) > protocol.BODY_BYTES:
            raise readable.TooLarge
        if request.headers.get("content-type", "").startswith(FORM) and body.lstrip()[:1] != b"{":
            body = doors.form_body(body.decode("utf-8", "replace"))
    source = await _source(house, request)
    text, _head = readable.read(body, HEAD)
    await _keep(house, request, source, route.door, 1, text)
    return DONE


async def _hook(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    """A platform's delivery, at its connector's address."""
    hook = await house.hooks.find(caught.lower())
    if hook is None:
        raise Missing(
            request.path, nothing="There is no hook here: copy the address from the connector's page."
        )
    _admit(house, hook)
    body = readable.inflate(request.body, request.headers.get("content-encoding", ""))
    if len(body) > protocol.BODY_BYTES:
        raise readable.TooLarge
    delivery = Delivery(request.method, request.headers, request.query, body, request.path)
    judged = hooks.judge(hook, delivery, time.time())
    if judged.forged:
        house.unsigned.add(hook.workspace, hook.connector, judged.forged)
    elif judged.text is not None:
        await _write(house, hook, route.door, 1, judged.text, judged.sender)
    return Answer(*judged.reply)


async def _settings(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    """What Segment's browser client boots from. It holds no secret, so it is given even when nobody can say."""
    key = unquote(caught)
    try:
        known = await house.keys.find(key)
    except TryAgain:
        pass
    else:
        if known is None or not known.enabled:
            raise Refusal("not_found", "This write key is unknown: copy it from the connector's page.")
    document = doors.settings_document(key, request.headers.get("host", "localhost"), request.scheme)
    return Answer(200, json.dumps(document).encode(), JSON, (("cache-control", "public, max-age=60"),))


async def _source_config(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    """What RudderStack's browser client boots from."""
    for key in _asked(request, None):
        source = await house.keys.find(key)
        if source is not None and source.enabled:
            document = doors.source_document(key, source.uuid, source.name, source.workspace, source.created)
            return Answer(200, json.dumps(document).encode())
    raise _unknown_key()


async def _text(house: FrontDoorServices, request: Request, route: Route, caught: str) -> Answer:
    kind, body = doors.TEXTS[route.door]
    return Answer(200, body, kind)


Doing = Callable[[FrontDoorServices, Request, Route, str], Awaitable[Answer]]
DOINGS: Final[dict[str, Doing]] = {
    "message": _message,
    "drop": _drop,
    "pixel": _pixel,
    "webhook": _webhook,
    "hook": _hook,
    "settings": _settings,
    "source": _source_config,
    "text": _text,
}


# ---- the steps ---------------------------------------------------------------------------------


def _read(body: bytes, route: Route) -> tuple[str, Head | ListHead]:
    """The text of a body and its head; a list is counted in the same pass."""
    if protocol.door(route.door).items:
        with suppress(readable.NotAnObject):  # or what should be a list is none: `_count` says so
            return readable.read(body, LISTS)
    return readable.read(body, HEAD)


def _count(door: str, head: Head | ListHead) -> int:
    """How many messages a body holds."""
    field = protocol.door(door).items
    if not field:
        return 1
    items = getattr(head, field)
    if isinstance(items, msgspec.Raw):  # something else about the body is odd
        try:
            items = ITEMS.decode(items) if items else []
        except (msgspec.DecodeError, RecursionError):
            items = []
    if not items:
        raise Refusal("empty_batch", f"`{field}` must be a list with at least one item.")
    if len(items) > protocol.MAX_ITEMS:
        raise Refusal(
            "too_large", f"At most {protocol.MAX_ITEMS:,} items are taken at once: send it in parts."
        )
    return len(items)


async def _source(house: FrontDoorServices, request: Request, head: Head | ListHead | None = None) -> Source:
    """The connector of the first known key; its limit holds from here on."""
    for key in _asked(request, head):
        source = await house.keys.find(key)
        if source is None:
            continue
        _admit(house, source)
        return source
    raise _unknown_key()


def _admit(house: FrontDoorServices, source: Source | Hook) -> None:
    """Raises Refusal when its connector is off, or over its limit."""
    if not source.enabled:
        raise Refusal("not_found", "This connector is switched off: an admin can switch it on.")
    wait = house.buckets.wait(source, time.monotonic())
    if wait:
        raise Refusal("too_many", "More requests a second than this connector may send.", wait)


def _unknown_key() -> Refusal:
    return Refusal(
        "unknown_key", "No known write key came with the request: copy it from the connector's page."
    )


async def _keep(
    house: FrontDoorServices, request: Request, source: Source, door: str, count: int, text: str
) -> None:
    """On disk when this returns."""
    await _write(house, source, door, count, text, sender.told(request.headers))


async def _write(
    house: FrontDoorServices, source: Source | Hook, door: str, count: int, text: str, said: str | None
) -> None:
    """On disk when this returns. Time and id are made before the first attempt."""
    entry = Entry(
        workspace=source.workspace,
        received_at=datetime.now(UTC),
        request=house.writer.request_id(),
        connector=source.connector,
        door=door,
        n=count,
        body=text,
        sender=said,
    )
    await house.writer.keep(entry)


def _asked(request: Request, head: Head | ListHead | None) -> Iterator[str]:
    """The write keys a request brings, place after place (the order in which Segment's clients put them)."""
    word, _gap, rest = request.headers.get("authorization", "").partition(" ")
    if word.lower() == "basic":
        yield from basic(rest.strip())
    if head is not None and head.writeKey:
        with suppress(msgspec.DecodeError, RecursionError):
            yield TEXT.decode(head.writeKey).strip()
    if "ritekey" in request.query.lower():
        yield from (
            value.strip() for name, value in doors.fields(request.query) if name.lower() == "writekey"
        )
    header = request.headers.get("x-write-key", "")
    if header:
        yield header.strip().partition(":")[0]
    if word.lower() == "bearer":
        yield rest.strip()


@lru_cache(maxsize=REMEMBERED)
def basic(encoded: str) -> tuple[str, ...]:
    """`key:`, or the key alone. A sender says the same each time."""
    try:
        plain = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return ()
    name, _colon, _password = plain.partition(":")
    return (name.strip(),)


@lru_cache(maxsize=REMEMBERED)
def _done(origin: str) -> Answer:
    """The answer that nearly all get."""
    return DONE._replace(headers=(*_to(origin), EXPOSED))


def _to(origin: str) -> list[tuple[str, str]]:
    """Who may read the answer."""
    headers = [("access-control-allow-origin", origin or "*"), ("vary", "Origin")]
    return [*headers, ("access-control-allow-credentials", "true")] if origin else headers


def with_cors(request: Request, answer: Answer, *, preflight: bool = False) -> Answer:
    """Any page may send: its origin and the headers it asks for are echoed. Cookies play no part here."""
    asked = request.headers
    if answer is DONE and not preflight:
        return _done(asked.get("origin", ""))
    headers = [*answer.headers, *_to(asked.get("origin", ""))]
    if not preflight:
        return answer._replace(headers=(*headers, EXPOSED))
    headers += [
        ("access-control-allow-methods", "GET, POST, OPTIONS"),
        ("access-control-max-age", str(protocol.PREFLIGHT_SECONDS)),
        ("vary", "Access-Control-Request-Headers"),
    ]
    if asked.get("access-control-request-headers"):
        headers.append(("access-control-allow-headers", asked["access-control-request-headers"]))
    if asked.get("access-control-request-private-network"):
        headers.append(("access-control-allow-private-network", "true"))
    return answer._replace(headers=tuple(headers))
