"""The form of a destination kind: what it is called, what an admin sets, what a delivery looks like on the wire.

A kind is one file beside this one with one DestinationKind, and a line in the list (`__init__.py`). It makes requests
out of plain values and reads answers: it knows no database and calls nobody.
Not here: who is sent what and when (channels/delivery/), placeholders in texts (template.py), the way out
(kernel/outbound.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

import msgspec
from django.utils.functional import Promise

from channels.connectors.base import Guide, Secret

EVENT, ENTERED, LEFT = "event", "entered", "left"
CAUSES: Final = (EVENT, ENTERED, LEFT)

Words = Promise | str


class Target(NamedTuple):
    """A destination as its kind sees it. `settings`: of the kind's own struct. `fields`: names of kernel/told.py."""

    uuid: UUID
    settings: Any
    secrets: Mapping[str, str]
    fields: tuple[str, ...] = ()


class Told(NamedTuple):
    """One delivery. `key`: the same however often it is tried. `values`: by name, of those that were asked for;
    what is not known is not there.
    """

    key: UUID
    cause: str
    name: str  # of the event, or the segment's slug
    at: datetime
    person: UUID | None
    values: Mapping[str, Any]
    event: UUID | None = None


class Call(NamedTuple):
    """A request. Header names are lower case; `Idempotency-Key` is put there by who sends it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


class Answer(Protocol):
    """An answer with a status below 300."""

    @property
    def status(self) -> int:
        """Of HTTP."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case names."""

    @property
    def body(self) -> bytes:
        """Its beginning, where it was too long."""


class File(NamedTuple):
    """What is put into a bucket. `place`: s3://bucket/prefix."""

    place: str
    region: str
    endpoint: str
    name: str
    body: bytes


def heard(target: Target, answer: Answer) -> None:
    """A good status is a yes."""


def nothing_needed(settings: Any) -> tuple[str, ...]:
    """Its requests are made of the fields alone."""
    return ()


def nothing_wrong(settings: Any) -> None:
    """Each setting is judged by itself."""


@dataclass(frozen=True, kw_only=True)
class DestinationKind:
    """One way out of the product.

    `settings`: a frozen struct; its fields' `Meta` says title and description. `call`: a delivery -> its request; `now`
    in epoch seconds. `heard`: raises an Outside for a no that stands in a good answer's body. `file`: of a kind that
    takes many deliveries at once, at most `at_once`, in place of `call`. `needs`: names that its settings want a value
    for (kernel/told.py); `must`: those without which nothing can be sent. `check`: raises BadRequest for settings that
    do not fit together. `personal`: it reaches a person, so a test names one. `pace`: requests a second at most; 0: as
    it comes.
    """

    name: str
    label: Words
    about: Words
    guide: Guide
    settings: type[msgspec.Struct]
    secrets: tuple[Secret, ...] = ()
    call: Callable[[Target, Told, float], Call] | None = None
    heard: Callable[[Target, Answer], None] = heard
    file: Callable[[Target, Sequence[Told], float], File] | None = None
    at_once: int = 100
    needs: Callable[[Any], tuple[str, ...]] = nothing_needed
    must: Callable[[Any], tuple[str, ...]] = nothing_needed
    check: Callable[[Any], None] = nothing_wrong
    personal: bool = False
    pace: float = field(default=0.0)
