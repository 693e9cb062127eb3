"""A request's body, read whole and in time. Not here: what becomes of it (server.py), the bounds (protocol.py).

What takes too long is ended by a look at all that are being read, once a second: a timer for each request costs more
than everything else about its body.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from channels import protocol
from channels.readable import TooLarge
from channels.receive import Refusal

Receive = Callable[[], Awaitable[dict[str, Any]]]
Scope = dict[str, Any]

LOOK_SECONDS: Final = 1.0
BARE: Final = {"GET", "HEAD", "OPTIONS"}  # methods without a body, as a rule


class Gone(Exception):
    """The sender hung up: there is nobody to answer."""


class _Reading:
    """A body that is being read, until `task` is None."""

    __slots__ = ("late", "task", "until")

    def __init__(self, task: "asyncio.Task[Any] | None", until: float) -> None:
        self.task, self.until, self.late = task, until, False


class _Watch:
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
    watch: _Watch | None = None


async def whole(scope: Scope, receive: Receive, limit: int, seconds: float) -> bytes:
    """All of it, in memory. Raises Gone, and a Trouble for a body that is too large or too slow."""
    parts: list[bytes] = []
    await into(parts.append, scope, receive, limit, seconds)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def into(
    put: Callable[[bytes], Any], scope: Scope, receive: Receive, limit: int, seconds: float
) -> int:
    """The same part by part; how many bytes. A sender of too much is read on: one who is cut off sees no answer."""
    if scope["method"] in BARE and not _announced(scope):
        return 0
    loop = asyncio.get_running_loop()
    if _Process.watch is None or _Process.watch.loop is not loop:
        _Process.watch = _Watch(loop)
    reading = _Process.watch.begin(seconds)
    try:
        return await _parts(put, receive, limit)
    except asyncio.CancelledError as trouble:
        if not reading.late or reading.task is None:
            raise
        reading.task.uncancel()
        raise Refusal("too_slow", f"The body was not whole after {seconds:.0f} seconds.") from trouble
    finally:
        reading.task = None


async def _parts(put: Callable[[bytes], Any], receive: Receive, limit: int) -> int:
    size, more = 0, True
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            raise Gone
        more = part.get("more_body", False)
        body = part.get("body", b"")
        size += len(body)
        if size <= limit:
            put(body)
        elif size > limit * protocol.READ_ON:
            break
    if size > limit:
        raise TooLarge(limit)
    return size


def _announced(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _value in scope["headers"])
