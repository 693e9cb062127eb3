"""What goes out: deliveries a second to a receiver on this machine, what is lost or comes twice over kills, and what
noting them costs the line.

    .venv/bin/python -m benchmarks.deliveries [--events 20000] [--kills 20] [--runs 3]

The receiver is a process of its own that answers at once and keeps each Idempotency-Key; its CPU is not counted among
ours. A sender is a process with the worker's threads; with kills it is ended by SIGKILL at times of chance and another
one goes on. What a killed sender had claimed is free again after the lease, which is five seconds here.
"""

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from typing import Any, ClassVar

from benchmarks import ground
from benchmarks.stream import Stream

EVENT = "Product Viewed"
MUST = 1_000.0  # deliveries a second
PEOPLE = 2_000
LEASE = 5.0  # seconds
WAIT_SECONDS = 300.0
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class Receiver(asyncio.Protocol):
    """The least that is HTTP: a head, a body of the length it says, an answer."""

    keys: ClassVar[Counter[bytes]] = Counter()

    def connection_made(self, transport: Any) -> None:
        self.transport, self.held = transport, b""

    def data_received(self, data: bytes) -> None:
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            head = self.held[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(self.held) < end + 4 + length:
                return
            self.held = self.held[end + 4 + length :]
            self.keys[head.partition(b"idempotency-key:")[2].partition(b"\r\n")[0].strip()] += 1
            self.transport.write(ANSWER)


def receive(pipe: Any) -> None:
    """Serves until it is asked for its keys, again and again."""

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Receiver, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while await loop.run_in_executor(None, pipe.recv):
            pipe.send(Receiver.keys.copy())
            Receiver.keys.clear()

    asyncio.run(serve())


def main() -> None:
    """Fills, sends, kills, asks the receiver what came."""
    options = ground.options(__doc__, events=20_000, kills=20, runs=3)
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("fork").Process(target=receive, args=(there,), daemon=True)
    receiver.start()
    port = here.recv()
    os.environ["HUILIU_ALLOW_ADDRESSES"] = "127.0.0.1"
    with ground.ground() as servers:
        figures = ground.Figures("deliveries", options)
        _line(figures, options)
        workspace, connectors, _key = ground.place()
        one = _destination(workspace, port, [EVENT])
        stream = Stream(PEOPLE)
        rates, spent = [], []
        for _ in range(options.runs):
            _note(workspace, connectors, stream, options.events, one)
            here.send(True)
            here.recv()
            clock, cpu = _sent(servers, random.Random(7), 0)
            here.send(True)
            n = _judged(one, here.recv(), "without kills")
            rates.append(n / clock)
            spent.append(1_000_000 * cpu / n)
        reached = figures.say("rate", "deliveries a second, one sender", rates, "a second")
        print(f"   must {MUST:,.0f}: {'reached' if reached >= MUST else 'NOT reached'}")
        figures.say("cpu", "CPU of ours and PostgreSQL's, a delivery", spent, "µs")
        _note(workspace, connectors, stream, options.events, one)
        _sent(servers, random.Random(7), options.kills)
        here.send(True)
        _judged(one, here.recv(), f"over {options.kills} kills")
        figures.write()


def _line(figures: ground.Figures, options: Any) -> None:
    """What the stage costs in which deliveries are noted: where nobody asks, for another event, for these."""
    for key, names in (("nobody", []), ("other", ["Somebody Sneezed"]), ("all", [EVENT])):
        took = []
        for _ in range(options.runs):
            workspace, connectors, _key = ground.place()
            if names:
                _destination(workspace, 9, names)
            n = ground.fill(workspace.pk, connectors, Stream(PEOPLE).bodies(options.events))
            took.append(1_000_000 * ground.drain()["seconds"]["mirror"] / n)
        figures.say(f"line_{key}", f"the stage, an event: asked for {key}", took, "µs")
    ground.one("delete from channels_delivery", answers=False)
    ground.one("delete from channels_asked", answers=False)
    ground.one("update channels_destination set deleted_at = now()", answers=False)


def _destination(workspace: Any, port: int, names: list[str]) -> Any:
    from channels.delivery import setup

    body = {
        "name": "Receiver",
        "kind": "webhook",
        "settings": {"url": f"http://127.0.0.1:{port}/hook"},
        "secrets": {"secret": "of-the-benchmark"},
        "events": {"names": names},
        "fields": ["name", "property.sku"],
    }
    return setup.make(workspace, body)


def _note(workspace: Any, connectors: list[int], stream: Any, events: int, one: Any) -> None:
    """So many deliveries wait."""
    ground.one("delete from channels_delivery", answers=False)
    while True:
        ground.fill(workspace.pk, connectors, stream.bodies(events))
        ground.drain()
        noted = ground.one("select count(*) from channels_delivery where destination_id = %s", one.pk)
        if noted >= events // 4:
            ground.analyze()
            return


def _sender() -> int:
    """A process with the worker's threads, until nothing is left; its number."""
    from django.db import connection

    connection.close()
    pid = os.fork()
    if pid:
        return pid
    from cdp.pipeline import activation
    from channels.delivery import work

    work.LEASE = LEASE  # type: ignore[misc]
    activation.start()
    while _left():
        time.sleep(0.05)
    os._exit(0)


def _left() -> int:
    return int(
        ground.one("select count(*) from channels_delivery where state in ('waiting', 'failed', 'sending')")
    )


def _sent(servers: Any, chance: random.Random, kills: int) -> tuple[float, float]:
    """Seconds on the clock and of CPU until all has gone out."""
    cpu, until = ground.cpu(servers), time.monotonic() + WAIT_SECONDS
    before = os.times()
    pid, done = _sender(), 0
    while True:
        if done < kills:
            time.sleep(chance.uniform(0.4, 1.2))
            os.kill(pid, signal.SIGKILL)
        _pid, _status = os.waitpid(pid, 0)
        if done >= kills and not _left():
            clock, spent = cpu.since()
            now = os.times()  # of senders, which have ended
            ended = now.children_user + now.children_system - before.children_user - before.children_system
            return clock, spent + ended
        if time.monotonic() > until:
            raise SystemExit("It does not end.")
        done += 1
        pid = _sender()


def _judged(one: Any, keys: Counter[bytes], when: str) -> int:
    """All that was noted came, and nothing else; how many. What came twice stands beside it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select key::text, state from channels_delivery where destination_id = %s", [one.pk])
        noted = {key.encode(): state for key, state in cursor.fetchall()}
    lost = set(noted) - set(keys)
    strange = set(keys) - set(noted)
    ended = Counter(noted.values())
    again = sum(n - 1 for n in keys.values())
    print(f"   {when}: {len(noted):,} noted {dict(ended)}, {len(lost)} lost, {len(strange)} strange, "
          f"{again} repeats under a known key")  # fmt: skip
    if lost or strange or set(ended) != {"sent"}:
        raise SystemExit("NOT right")
    return len(noted)


if __name__ == "__main__":
    main()
