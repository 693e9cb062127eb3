"""The limit of a front door: a bare ASGI callable that does nothing but commit each body, many a commit.

No key is looked up, nothing is parsed, counted or limited. `granian --interface asginl benchmarks.bare:application`.
"""

import asyncio
import os
import queue
import signal
import threading
from contextlib import suppress
from typing import Any

import psycopg2

from kernel.process.ties import die_with_parent

die_with_parent(signal.SIGTERM)

MOST = 500  # bodies of one commit
TABLE = "create table if not exists bench_bare (id bigint generated always as identity, body text not null)"
Waiting = tuple[str, "asyncio.Future[None]", asyncio.AbstractEventLoop]
_queue: "queue.SimpleQueue[Waiting]" = queue.SimpleQueue()


def _work() -> None:
    db = psycopg2.connect(os.environ["DATABASE_URL"])
    db.autocommit = True
    while True:
        group = [_queue.get()]
        with suppress(queue.Empty):
            while len(group) < MOST:
                group.append(_queue.get_nowait())
        with db.cursor() as cursor:
            cursor.execute(
                "insert into bench_bare (body) select unnest(%s::text[])", ([body for body, *_ in group],)
            )
        group[0][2].call_soon_threadsafe(_tell, [future for _body, future, _loop in group])


def _tell(futures: "list[asyncio.Future[None]]") -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ASGI: the body, its commit, 200."""
    body, more = b"", True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    _queue.put((body.decode(), future, loop))
    await future
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


threading.Thread(target=_work, name="writer", daemon=True).start()
