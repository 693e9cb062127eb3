"""The dialects of Segment's clients as tables: paths, doors, limits, codes. Not here: reading or answering a request.

A door says how a body is to be read (mapping/decode): DOORS has a row for each.
To add a path: one line in EXACT, or a pattern in PATTERNS.
"""

import re
from typing import Final, NamedTuple

MB: Final = 1024 * 1024
BODY_BYTES: Final = 5 * MB  # of a request, after decompression
READ_ON: Final = 8  # after its answer a sender of too much is read up to this many times the limit …
READ_ON_SECONDS: Final = 10.0  # … and so long, so that it sees the answer
BODY_SECONDS: Final = 10.0  # a body that is not whole by then: 408
MAX_ITEMS: Final = 100_000  # of a list: more cannot be real messages in 5 MB
HEADER_BYTES: Final = 32 * 1024
KEY_LENGTH: Final = 200
COMMIT_SECONDS: Final = 1.6  # how long a sender waits for its commit (503 within 2 s)
COMMIT_BYTES_A_SECOND: Final = 20 * MB  # what waits before it lengthens that
RETRY_SECONDS: Final = 2  # Retry-After of a 503
PREFLIGHT_SECONDS: Final = 86_400  # Access-Control-Max-Age: browsers ask anew for each URL and header set
PIXEL_FIELDS: Final = 100
PIXEL_DEPTH: Final = 6

TYPES: Final = ("track", "identify", "page", "screen", "group", "alias")


class Door(NamedTuple):
    """How what came through a door is read."""

    items: str = (
        ""  # the field that holds its list; empty: the body is one message, whatever else stands in it
    )
    typed: bool = False  # the message is of the door's type, whatever it says itself
    utc: bool = True  # a time without an offset is UTC, as the tracking protocol has it; else the channel's


BATCH: Final = "batch"
RECORDS: Final = "records"
HOOK: Final = "hook"
FILE: Final = "file"  # no path: rows of a file that an admin dropped (channels/imports/)
KEPT: Final = "kept"  # no path: a delivery of which an erasure left the messages that were made of it
PULL: Final = "pull"  # no path: what a platform's API answered (channels/pulls/)
DELIVERED: Final = frozenset(
    (HOOK, FILE, PULL)
)  # read by their connector's kind (channels/mapping/deliveries.py)
DOORS: Final[dict[str, Door]] = {
    **{kind: Door(typed=True) for kind in TYPES},
    "merge": Door(typed=True),  # there is no such type: a reject says so
    "item": Door(),  # one of a list, sent again by itself
    "pixel": Door(),
    "webhook": Door(utc=False),
    HOOK: Door(utc=False),  # a platform's delivery
    FILE: Door(utc=False),
    PULL: Door(utc=False),
    KEPT: Door(items=BATCH, utc=False),
    BATCH: Door(items=BATCH),
    RECORDS: Door(items=RECORDS),
}
OTHER: Final = Door(items=BATCH, utc=False)  # a door of another version of ours


def door(name: str) -> Door:
    """The row of a door's name."""
    return DOORS.get(name, OTHER)


STATUS: Final = {
    "bad_json": 400,
    "not_an_object": 400,
    "empty_batch": 400,
    "bad_body": 400,
    "unknown_key": 401,
    "not_found": 404,
    "not_allowed": 405,
    "too_slow": 408,
    "too_large": 413,
    "bad_encoding": 415,
    "too_many": 429,
    "headers_too_large": 431,
    "try_again": 503,
}


class Route(NamedTuple):
    """What is behind a path: what is done, the door's name and the methods it takes."""

    does: str  # message, drop, pixel, webhook, hook, settings, source, text; missing, page: nothing is taken here
    door: str
    methods: tuple[str, ...]


POST: Final = ("POST",)
GET: Final = ("GET", "HEAD")

EXACT: Final[dict[str, Route]] = {
    **{f"/v1/{kind}": Route("message", kind, POST) for kind in TYPES},
    **{f"/v1/{kind[0]}": Route("message", kind, POST) for kind in TYPES},
    "/v1/batch": Route("message", "batch", POST),
    "/v1/b": Route("message", "batch", POST),
    "/v1/import": Route("message", "batch", POST),
    "/v1/records": Route("message", "records", POST),
    "/v1/merge": Route("message", "merge", POST),  # kept as a reject "unknown type": seen, not lost
    "/v1/m": Route("drop", "", POST),
    "/v1/webhook": Route("webhook", "webhook", ("GET", "POST")),
    "/beacon/v1/batch": Route("message", "batch", POST),
    **{f"/pixel/v1/{kind}": Route("pixel", kind, GET) for kind in TYPES},
    **{
        f"{start}/{kind}": Route("message", kind, POST)
        for kind in TYPES
        for start in ("/api/s", "/api/s/s2s")
    },
    "/sourceConfig": Route("source", "", GET),
    "/health": Route("text", "health", GET),
    "/version": Route("text", "version", GET),
    "/robots.txt": Route("text", "robots", GET),
}
PATTERNS: Final = (
    (re.compile(r"/v1/projects/([^/]{1,200})/settings"), Route("settings", "", GET)),
    (re.compile(r"/hooks/([^/]{1,60})"), Route("hook", "hook", ("GET", "HEAD", "POST"))),
    (re.compile(r"/api/s/(?:s2s/)?(batch)"), Route("message", "batch", POST)),
    (re.compile(r"/api/s/(?:s2s/)?([^/]{1,40})"), Route("message", "item", POST)),
)
OURS: Final = ("/v1/", "/hooks/", "/beacon/", "/pixel/", "/api/s/", "/sourceConfig")
NOT_FOUND: Final = Route("missing", "", ())
PAGE: Final = Route("page", "", GET)  # what a program posts to where people read
# What a sender of another dialect is told: the paths by their full names.
SHOWN: Final = tuple(
    path
    for path, found in EXACT.items()
    if found.does in {"message", "pixel", "webhook"}
    and found.door != "merge"
    and not path.startswith("/api/")
    and len(path.rpartition("/")[2]) > 1
)


def route(path: str) -> tuple[Route, str] | None:
    """The route of a path and what its pattern caught; None when it is not the front door's at all."""
    plain = path.rstrip("/") or "/"
    found = EXACT.get(plain)
    if found is not None:
        return found, ""
    if not plain.startswith(OURS) and plain not in {"/v1", "/hooks", "/beacon", "/pixel"}:
        return None
    for pattern, behind in PATTERNS:
        match = pattern.fullmatch(plain)
        if match:
            return behind, match[1]
    return NOT_FOUND, ""


def meant(path: str) -> str:
    """The path of ours that ends as a wrong one does: `/track` is `/v1/track`; empty when none does."""
    last = path.rstrip("/").rpartition("/")[2]
    return f"/v1/{last}" if f"/v1/{last}" in SHOWN else ""


def doors() -> frozenset[str]:
    """Every door a request can come through."""
    return frozenset(found.door for found in EXACT.values() if found.door and found.does != "text") | {
        "item",
        "pixel",
        HOOK,
        FILE,
        PULL,
    }
