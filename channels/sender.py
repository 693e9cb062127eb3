"""What the headers of a request say that its reading depends on: kept beside its body, for a rebuild reads it again.

Few requests say any of it; of a hook's delivery the headers are kept whole.
Not here: what it means (mapping/clock.py, mapping/crawlers.py, connectors/).
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

REMEMBERED = 512  # headers of senders, some KB at most
LONGEST_AGENT = 512  # characters
MOST_RETRIES = 1_000_000
GPC = "1"  # the only value that says something
# A browser's user agent that may be a crawler's, or one of a client that keeps its requests in files.
TELLING = re.compile(
    r"\s*(?:analytics-(?:kotlin|swift|ios)\b|Mozilla/.*(?:bot|crawl|spider|http|headless|compatible|preview|lighthouse))",
    re.IGNORECASE,
)


class Hooked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a platform's delivery said beside its body. `encoded`: the body is kept in base64.

    `parsed`: what is kept is one payload of it as JSON, whatever the platform writes: a reject that is sent again.
    """

    headers: dict[str, str] = {}
    query: str = ""
    encoded: bool = False
    parsed: bool = False


class Sender(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of the headers."""

    retries: int = 0  # X-Retry-Count: the same body was sent before
    agent: str = ""  # User-Agent, where it may tell something
    gpc: bool = False  # Sec-GPC: 1, a browser's wish for its person that nothing be sold or shared
    hook: Hooked | None = None
    mapped: bool = False  # its messages are what a mapping made of something: they are not mapped again
    # A payload that is sent again: what its sender called it; else its place in the request in which it came first.
    called: str = ""
    place: str = ""
    erased: bool = False  # an erasure wrote its body anew (channels/erase.py): no mapping reads it


NOBODY = Sender()


def told(headers: Mapping[str, str]) -> str | None:
    """What is to be kept of a request's headers (names in lower case), as text; None as a rule."""
    return _told(headers.get("x-retry-count", ""), headers.get("user-agent", ""), headers.get("sec-gpc", ""))


@lru_cache(maxsize=REMEMBERED)
def _told(retries: str, agent: str, gpc: str) -> str | None:
    kept = agent[:LONGEST_AGENT]
    found = Sender(_count(retries), kept.strip() if TELLING.match(kept) else "", gpc.strip() == GPC)
    return None if found == NOBODY else msgspec.json.encode(found).decode()


def of_hook(hook: Hooked) -> str:
    """What is to be kept of a delivery's."""
    return msgspec.json.encode(Sender(hook=hook)).decode()


def mapped(text: str | None) -> str:
    """The same, of a request whose messages a mapping made."""
    return msgspec.json.encode(msgspec.structs.replace(read(text), hook=None, mapped=True)).decode()


def again(text: str | None, name: str, request: str) -> str:
    """The same, of a payload that is sent again. `name`: its sender's, or made of the request in which it came."""
    own = not name.startswith(f"{request}-")
    said = msgspec.structs.replace(read(text), **{"called" if own else "place": name})
    return msgspec.json.encode(said).decode()


def _count(text: str) -> int:
    bare = text.strip()
    return min(int(bare), MOST_RETRIES) if bare.isascii() and bare.isdigit() and len(bare) < 20 else 0


def read(text: str | None) -> Sender:
    """The other way round."""
    if not text:
        return NOBODY
    return _read(text) if len(text) < LONGEST_AGENT else _decoded(text)


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> Sender:
    return _decoded(text)


def _decoded(text: str) -> Sender:
    try:
        return msgspec.json.decode(text, type=Sender)
    except msgspec.MsgspecError:
        return NOBODY
