"""The group commit: what goes together. That nothing is lost by it: test_outage.py, tests/faults."""

import asyncio
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from channels.inbox import log, writer
from channels.inbox.writer import MANY, MOMENT_SECONDS, CapacityGuard, Waiting, Writer


def entry() -> log.Entry:
    return log.Entry(1, datetime.now(UTC), uuid.uuid4(), 1, "track", 1, "{}")


def test_while_many_come_a_commit_waits_a_moment_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    slept: list[float] = []
    free = threading.Event()

    def kept(_db: object, entries: Sequence[log.Entry]) -> None:
        sizes.append(len(entries))
        free.wait(10)

    async def story() -> None:
        loop = asyncio.get_running_loop()
        inbox = Writer(object, CapacityGuard(None, 0), lambda: None)

        def moment(seconds: float) -> None:
            slept.append(seconds)
            inbox._queue.put(Waiting(entry(), loop.create_future(), loop))

        monkeypatch.setattr(writer, "time", SimpleNamespace(sleep=moment, monotonic=time.monotonic))
        first = asyncio.create_task(inbox.keep(entry()))
        while not sizes:
            await asyncio.sleep(0.01)
        many = [asyncio.create_task(inbox.keep(entry())) for _ in range(MANY)]
        await asyncio.sleep(0)  # they wait while the first is written
        free.set()
        await asyncio.gather(first, *many)
        await inbox.keep(entry())
        await inbox.keep(entry())

    monkeypatch.setattr(log, "append_new", kept)
    monkeypatch.setattr(log, "ensure_days", lambda *_: None)
    asyncio.run(story())
    assert sizes == [1, MANY, 2, 1]
    assert slept == [MOMENT_SECONDS]
