"""One delivery on its way: its request put together by its kind, sent, and the answer read as what came of it.

Connections stay open from one to the next. No secret stands in what is kept of an answer.
Not here: what is sent to whom (work.py), the call itself (kernel/outbound.py), the bucket's (files.py).
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
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
AT_ONCE: Final = 8  # to a server that takes a while
SLOW: Final = 0.02  # seconds of an answer
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
    """The way out of one thread. A context. A server that takes a while to answer is sent several at once."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds, self._took = seconds, 0.0
        self._clients: list[outbound.Client] = []
        self._free: SimpleQueue[outbound.Client] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        if self._threads is not None:
            self._threads.shutdown()
        for client in self._clients:
            client.__exit__(*trouble)

    @property
    def width(self) -> int:
        """How many are worth sending at once: Python does one thing at a time, and waits for many."""
        return AT_ONCE if self._took > SLOW else 1

    def several(self, kind: DestinationKind, target: Target, told: Sequence[Told]) -> list[Outcome]:
        """What came of each."""
        if len(told) == 1:
            return [self.send(kind, target, told[0])]
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, "sending")
        return list(self._threads.map(lambda one: self.send(kind, target, one), told))

    @contextmanager
    def _client(self) -> Iterator[outbound.Client]:
        """One that nobody else is at."""
        try:
            found = self._free.get_nowait()
        except Empty:
            found = outbound.Client(self._seconds, MOST_BYTES, cut=True)
            self._clients.append(found)
        try:
            yield found
        finally:
            self._free.put(found)

    def send(self, kind: DestinationKind, target: Target, told: Told) -> Outcome:
        """One delivery by one request. Never raises for what a server does, nor for what a kind cannot make."""
        secrets = tuple(target.secrets.values())

        def act() -> Outcome:
            call = request(kind, target, told)
            begun = time.monotonic()
            try:
                with self._client() as client:
                    answer = client.call(call.method, call.url, headers=call.headers, body=call.body)
            finally:
                self._took = time.monotonic() - begun
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
