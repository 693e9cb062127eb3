"""One delivery on its way: its request put together by its kind, sent, and the answer read as what came of it.

Connections stay open from one to the next. No secret stands in what is kept of an answer.
Not here: what is sent to whom (work.py), the call itself (kernel/outbound.py), the bucket's (files.py).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

from channels.delivery import files, words
from channels.destinations.base import Call, DestinationKind, Target, Told
from kernel import outbound
from kernel.errors import Refused
from kernel.outside import (
    BadAddress,
    BadCertificate,
    Busy,
    CredentialsRefused,
    ForbiddenAddress,
    NoAnswer,
    NotThere,
    Outside,
    Redirected,
    TooLate,
    UnknownName,
    words_of,
)

SECONDS: Final = 10.0  # of a call
MOST_BYTES: Final = 16 * 1024  # of an answer; the rest is not read
LONGEST_ANSWER: Final = 200  # characters that are kept
SECRET_FROM: Final = 6  # characters: a shorter secret is too common to be looked for in a text
HIDDEN: Final = "…"
SOMEBODY: Final = 900.0  # seconds, where somebody has to change something first
# About the server, whatever is sent: all that waits for it waits.
OF_THE_SERVER: Final = (UnknownName, NoAnswer, TooLate, Busy)
OF_THE_SETTINGS: Final = (BadAddress, BadCertificate, CredentialsRefused, NotThere, Redirected)


class Outcome(NamedTuple):
    """What came of a delivery. `seconds`: until it may be taken up again, at least; negative: never by itself.
    `back`: tries that were none. `holds`: its server is to be left alone. `server`: the server itself failed.
    """

    state: str
    reason: str = ""
    params: Mapping[str, Any] | None = None
    status: int | None = None
    answer: str = ""
    seconds: float = -1.0
    back: int = 0
    holds: bool = False
    server: bool = False

    @classmethod
    def of(cls, why: Exception, secrets: Sequence[str]) -> "Outcome":
        """A trouble as it is kept: without secrets, and what is to be done about it."""
        if isinstance(why, ForbiddenAddress):
            return cls("refused", words.PRIVATE)
        if not isinstance(why, Refused):
            return cls("dead", words.UNMADE)
        params = {name: hidden(value, secrets) for name, value in getattr(why, "params", {}).items()}
        said = hidden(getattr(why, "words", ""), secrets)[:LONGEST_ANSWER]
        found = cls("failed", why.code, params or None, getattr(why, "answered", None), said)
        again = getattr(why, "again", None)
        if isinstance(why, OF_THE_SETTINGS):
            return found._replace(seconds=SOMEBODY, holds=True)
        if again is None:  # the same request is no use again
            return found._replace(state="dead")
        return found._replace(seconds=again, holds=isinstance(why, OF_THE_SERVER), server=True)


def hidden(value: Any, secrets: Sequence[str]) -> Any:
    """A text without secrets."""
    if not isinstance(value, str):
        return value
    for secret in secrets:
        if len(secret) >= SECRET_FROM:
            value = value.replace(secret, HIDDEN)
    return value


class Sender:
    """The way out of one thread. A context."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._client = outbound.Client(seconds, MOST_BYTES, cut=True)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._client.__exit__(*trouble)

    def send(self, kind: DestinationKind, target: Target, told: Told) -> Outcome:
        """One delivery by one request. Never raises for what a server does, nor for what a kind cannot make."""
        secrets = tuple(target.secrets.values())

        def act() -> Outcome:
            call = request(kind, target, told)
            answer = self._client.call(call.method, call.url, headers=call.headers, body=call.body)
            kind.heard(target, answer)
            text = hidden(words_of(answer.headers, answer.body), secrets)[:LONGEST_ANSWER]
            return Outcome("sent", status=answer.status, answer=text)

        return _kept(act, secrets)

    def put(self, kind: DestinationKind, target: Target, several: Sequence[Told]) -> Outcome:
        """Many deliveries as one file."""
        secrets = tuple(target.secrets.values())

        def act() -> Outcome:
            if kind.file is None:
                raise TypeError(kind.name)
            made = kind.file(target, several, time.time())
            files.put(made, target.secrets)
            return Outcome("sent", answer=made.name[:LONGEST_ANSWER])

        return _kept(act, secrets)


def request(kind: DestinationKind, target: Target, told: Told) -> Call:
    """A delivery's request, with the key that a receiver knows it by."""
    if kind.call is None:
        raise TypeError(kind.name)
    made = kind.call(target, told, time.time())
    return made._replace(headers={**made.headers, "idempotency-key": str(told.key)})


def _kept(act: Callable[[], Outcome], secrets: Sequence[str]) -> Outcome:
    try:
        return act()
    except Outside as why:
        return Outcome.of(why, secrets)
    except (Refused, LookupError, TypeError, ValueError, AttributeError) as why:
        return Outcome.of(why, secrets)
