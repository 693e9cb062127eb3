"""The form of a connector kind: what it is called, what an admin sets, how its deliveries are checked and read.

A kind is one file beside this one with one ConnectorKind, a line in the list (`__init__.py`) and a delivery in
tests/samples/. What it says of itself here becomes its form, its checks, its page and docs/connectors.md.
Not here: the door that deliveries come through (channels/hooks.py), what is fetched and when (channels/pulls/), reading
both from the inbox (channels/mapping/deliveries.py), how a signature or a body is read (signatures.py, payloads.py).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Annotated, Any, Final, NamedTuple, Protocol

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_noop

from channels.reasons import Rejection
from kernel.errors import Refused

JSON: Final = "application/json"
PLAIN: Final = "text/plain; charset=utf-8"
API, HOOK, FILE, PULL = "api", "hook", "file", "pull"  # which way data comes

Words = Promise | str
Message = dict[str, Any]  # as a client of ours would send it: an event, or a record; with a messageId


class Unusable(NamedTuple):
    """A message that cannot be used, and why: a reject by itself, beside the others of its delivery."""

    message: Message
    why: Rejection


class Delivery(NamedTuple):
    """A request of a platform's, as it came. Header names are lower case, the body without its compression."""

    method: str
    headers: Mapping[str, str]
    query: str
    body: bytes


class Payload(NamedTuple):
    """What a platform sent, as plain values with exact decimals. `id`: the delivery's own, the same on a repeat.

    `part`: it is one of a list, be it the only one; else it is the body.
    """

    value: Any
    id: str = ""
    part: bool = False


class Wanted(NamedTuple):
    """What a thin notice only names: it is looked up at the platform's API in the background and read like a delivery.

    `id`: the notice's own, the same on a repeat. `params`: what the look-up needs, plain JSON.
    """

    id: str
    params: dict[str, Any]


class Page(NamedTuple):
    """What one request to a platform's API brought: kept as a delivery whose `query` is `topic`, read by `messages`.

    `cursor`: where the next request goes on, plain JSON, kept in the body's transaction. `more`: whether there is a
    next page to ask for at once: its cursor is another one, or the chain is ended. An empty body keeps nothing but the
    cursor. `rows`: what stands in the body, where that is known.
    """

    body: bytes
    cursor: dict[str, Any]
    more: bool = False
    topic: str = ""
    rows: int = 1


class Answer(NamedTuple):
    """An answer of a platform's API with a status below 400. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Api(Protocol):
    """The way out to a platform. Raises Outside (kernel/outside.py) for an address that is not allowed, no answer, one
    that is too large or too late, and every status from 400 on, with the platform's words. A kind lets it rise: what
    may be tried again (429, 5xx) is, by who called the kind. What a platform says in a good answer's body the kind
    raises itself: CredentialsRefused(words), then a remembered token is made anew and the page asked for once more;
    Busy, Down, NotThere, or Said(words).
    """

    now: float  # epoch seconds

    def call(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """One request."""

    def remember(self, name: str, make: Callable[[], tuple[str, float]]) -> str:
        """An access token of the connector's: kept, sealed, for the seconds that `make` says beside it."""


class Reply(NamedTuple):
    """What the platform is told, in its own way."""

    status: int = 200
    body: bytes = b'{"success":true}'
    type: str = JSON


class Connection(NamedTuple):
    """A connector as its kind sees it. `settings`: of the kind's own struct; a secret that is not set is not there."""

    settings: Any
    secrets: Mapping[str, str]
    zone: tzinfo  # of times that say none
    currency: str
    app: str  # namespace of its openids


class Forged(Refused):
    """A delivery that is not the platform's, or not now's: 401, nothing kept but a count. `code` says how."""

    status = 401

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Secret(NamedTuple):
    """Something that is written and never read. `needed`: without it nothing can be checked."""

    name: str
    label: Words
    help: Words = ""
    needed: bool = True
    lines: bool = False  # a certificate or key: several lines


class Guide(NamedTuple):
    """What an admin reads. `untold`: what the platform does not tell us; `source`: what it was written by, and when."""

    steps: tuple[Words, ...]
    untold: tuple[Words, ...] = ()
    source: str = ""
    read_on: str = ""
    verified: bool = False  # against the platform itself, not its documents alone


class Pulled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is set of every kind that is pulled: its settings are a struct of this one."""

    every: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            le=10_080,
            title=gettext_noop("Minutes between two runs"),
            description=gettext_noop("From the end of one to the beginning of the next."),
        ),
    ] = 15


class NoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a kind that has none."""


def accepted(connection: Connection) -> Reply:
    """What most senders want to hear."""
    return Reply()


def refused(trouble: Refused) -> Reply:
    """No, in our own form."""
    said = {"code": trouble.code, "message": str(trouble)}
    return Reply(trouble.status, msgspec.json.encode(said))


def nothing(connection: Connection, delivery: Delivery) -> Reply | None:
    """No delivery is a handshake."""
    return None


@dataclass(frozen=True, kw_only=True)
class ConnectorKind:
    """One way into the product.

    `settings`: a frozen struct; its fields' `Meta` says title and description. `handshake`: what is answered at once
    and never kept, before `verify`. `verify`: raises Forged, before anything is read; `now` in epoch seconds.
    `messages`: a delivery -> messages of ours, each with a messageId that is the same however often it is delivered;
    raises channels.reasons.Rejection for what cannot be read. `fetch`: of a kind that is pulled, the page after a
    cursor ({} at first). `look_up`: what a Wanted names. `payloads`: of a kind that says nothing by itself, what
    a mapping reads in place of messages; a kind without it has its messages mapped. `withheld`: headers that carry a
    secret: not kept. `pace`: how many requests a second its platform is asked at most; 0: as it comes.
    """

    name: str
    label: Words
    category: str  # of CATEGORIES
    direction: str
    about: Words
    guide: Guide
    settings: type[msgspec.Struct] = NoSettings
    secrets: tuple[Secret, ...] = ()
    handshake: Callable[[Connection, Delivery], Reply | None] = nothing
    verify: Callable[[Connection, Delivery, float], None] | None = None
    messages: Callable[[Connection, Delivery, datetime], Iterable[Message | Unusable | Wanted]] | None = None
    fetch: Callable[[Connection, Api, Mapping[str, Any]], Page] | None = None
    look_up: Callable[[Connection, Api, Mapping[str, Any]], Page] | None = None
    payloads: Callable[[Connection, Delivery], Iterable[Payload]] | None = None
    accepted: Callable[[Connection], Reply] = accepted
    refused: Callable[[Refused], Reply] = refused
    withheld: Callable[[Any], tuple[str, ...]] = field(default=lambda _settings: ())
    pace: Callable[[Any], float] = field(default=lambda _settings: 0.0)
    check: Callable[[Connection], str] | None = None  # "test the connection": what was seen; raises Refused


CATEGORIES: Final = ("api", "shop", "payment", "message", "erp", "file", "database", "other")
