"""A request's body, read whole and in time. Not here: what becomes of it (server.py), the bounds (protocol.py).

What takes too long is ended by a look at all that are being read, once a second: a timer for each request costs more
than everything else about its body. What is refused before it is whole is answered at once, and the rest is read and
dropped for a while (`rest`): a sender who is cut off while it still sends never sees its answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from channels.readable import TooLarge
from channels.receive import Refusal

Receive = Callable[[], Awaitable[dict[str, Any]]]
Scope = dict[str, Any]

LOOK_SECONDS: Final = 1.0
IDLE_SECONDS: Final = 2.0  # nobody who still sends a body that was refused is silent for so long
LENGTH_DIGITS: Final = 20  # of 64 bits; more are zeros before them
BARE: Final = {"GET", "HEAD", "OPTIONS"}  # methods without a body, as a rule


class _Reading:
    """A body that is being read, until `task` is None."""

    __slots__ = ("late", "task", "until")

    def __init__(self, task: "asyncio.Task[Any] | None", until: float) -> None:
        self.task, self.until, self.late = task, until, False


class BodyTimeouts:
    """Looks at what is being read in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._open: list[_Reading] = []

    def begin(self, seconds: float) -> _Reading:
        """From now on, so long."""
        if not self._open:
            self.loop.call_later(LOOK_SECONDS, self._look)
        reading = _Reading(asyncio.current_task(), self.loop.time() + seconds)
        self._open.append(reading)
        return reading

    def _look(self) -> None:
        now = self.loop.time()
        self._open = [reading for reading in self._open if reading.task is not None]
        for reading in self._open:
            if reading.until <= now and not reading.late and reading.task is not None:
                reading.late = True
                reading.task.cancel()
        if self._open:
            self.loop.call_later(LOOK_SECONDS, self._look)


class _Process:
    watch: BodyTimeouts | None = None


async def whole(scope: Scope, receive: Receive, limit: int, seconds: float) -> bytes:
    """All of it, in memory. Raises a Trouble for a body that is too large, too slow or broken."""
    parts: list[bytes] = []
    await into(parts.append, scope, receive, limit, seconds)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def into(
    put: Callable[[bytes], Any], scope: Scope, receive: Receive, limit: int, seconds: float
) -> int:
    """The same part by part; how many bytes."""
    if scope["method"] in BARE and not _announced(scope):
        return 0
    loop = asyncio.get_running_loop()
    if _Process.watch is None or _Process.watch.loop is not loop:
        _Process.watch = BodyTimeouts(loop)
    reading = _Process.watch.begin(seconds)
    size, more = 0, True
    try:
        while more:
            part = await receive()
            if part["type"] == "http.disconnect":  # or a broken chunk, whose sender still listens
                raise Refusal(
                    "bad_body", "The body broke off, or its chunks are none: send the request again."
                )
            more = part.get("more_body", False)
            body = part.get("body", b"")
            size += len(body)
            if size > limit:
                raise TooLarge(limit)
            put(body)
        return size
    except asyncio.CancelledError as trouble:
        if not reading.late or reading.task is None:
            raise
        reading.task.uncancel()
        raise Refusal("too_slow", f"The body was not whole after {seconds:.0f} seconds.") from trouble
    finally:
        reading.task = None


def admit(declared: str, limit: int) -> None:
    """Refuses a body by its announced length, before a byte of it is read."""
    if declared.isdecimal() and int(declared[-LENGTH_DIGITS:]) > limit:
        raise TooLarge(limit)


async def rest(receive: Receive, limit: int, seconds: float) -> None:
    """Reads and drops what a sender whose answer is out still sends: no more and no longer than this."""
    loop = asyncio.get_running_loop()
    until, size, more = loop.time() + seconds, 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(IDLE_SECONDS) as clock:
            while more and size <= limit:
                part = await receive()
                size += len(part.get("body", b""))
                more = part.get("more_body", False)  # a hang-up has none
                clock.reschedule(min(loop.time() + IDLE_SECONDS, until))


def _announced(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _value in scope["headers"])
