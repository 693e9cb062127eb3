"""Runs the product: databases, web, worker, beat, and the demo's first load. `manage.py up` is its door.

Every part is a child in a session of its own (Ctrl-C reaches only us) that the kernel ends with us, however we end.
A part that ends is started again after a growing pause. Django is never loaded here: children do the work.
Not here: what is run (programs.py, embedded.py), who may (databases.py), what a first start lays down (prepare).
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from cdp.run import programs
from cdp.run.databases import BASE, Lock, forget, note, state, var_folder
from cdp.run.embedded import Postgres, Program, Valkey
from kernel.errors import Trouble
from kernel.process.ties import die_with_parent

DEFAULT_PORT = 8000
READY_SECONDS = 90.0
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds before a part that ended starts again
STEADY_SECONDS = 30.0  # a part that ran this long begins its pauses anew
ECHO_SECONDS = 1.0
HURRIED_SECONDS = 2.0  # the wait for each part after a second Ctrl-C
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WATCH_SECONDS = 5.0
# What the servers say at every start and stop, and what is no trouble of ours.
HUSH = re.compile(r"LOG:  |overcommit|signal-handler|ready to exit|database system is starting up|^\s*$")
MANAGE = str(BASE / "manage.py")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `manage.py up`; PORT, HOST and DEMO may also come from the environment."""
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or DEFAULT_PORT))
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument(
        "--no-demo", action="store_true", default=os.environ.get("DEMO") == "0", help="as DEMO=0"
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the process that started this one ends"
    )


def main(words: list[str]) -> int:
    """`manage.py up WORDS`."""
    parser = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    arguments(parser)
    return run(parser.parse_args(words))


def run(options: argparse.Namespace) -> int:
    """Until told to stop; 0 after a clean stop."""
    if options.with_parent:
        die_with_parent(signal.SIGTERM)
    try:
        return asyncio.run(Supervisor(options).run())
    except Trouble as trouble:
        print(f"\nHuiliu cannot start: {trouble}", file=sys.stderr, flush=True)
        return 1


class Part:
    """One program that shall run, and is started again when it ends."""

    def __init__(
        self, program: Program, prepare: Callable[[], None] | None, noted: Callable[[], None]
    ) -> None:
        self.program, self.prepare, self.noted = program, prepare, noted
        self.process: asyncio.subprocess.Process | None = None
        self.stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run and keep running."""
        self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        failures = 0
        while not self.stopping:
            begin = time.monotonic()
            try:
                if self.prepare:
                    await asyncio.to_thread(self.prepare)
                self.process = await spawn(self.program)
            except (OSError, Trouble) as problem:
                say(self.program.name, f"does not start: {problem}")
            else:
                self.noted()
                await asyncio.gather(pump(self), self.process.wait())
                if self.stopping:
                    return
                say(self.program.name, f"ended ({self.process.returncode}), starting again")
            failures = 0 if time.monotonic() - begin > STEADY_SECONDS else failures + 1
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES)) - 1] if failures else PAUSES[0])

    async def stop(self, hurry: asyncio.Event) -> None:
        """Its own stop signal, its grace, then the whole group is killed."""
        self.stopping = True
        process = self.process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self.program.stop)
            await patience(process.wait(), self.program.grace, hurry)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def restart(self) -> None:
        """End it hard; it starts again by itself."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """The order of a start, and its reverse."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.var = options, var_folder()
        self.stop, self.hurry, self.told_at = asyncio.Event(), asyncio.Event(), 0.0
        self.parts: dict[str, Part] = {}
        self.environment = {"MALLOC_ARENA_MAX": "2"} | dict(
            os.environ
        )  # threads' heaps: 30 MB less a process
        host = "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host  # noqa: S104 (compared, not bound)
        self.address = f"http://{host}:{options.port}"

    async def run(self) -> int:
        """Start in order, wait, stop in the other order."""
        loop = asyncio.get_running_loop()
        for kind in STOPS:
            loop.add_signal_handler(kind, self._told)
        lock = await self._lock()
        try:
            forget(self.var)
            programs.enough_disk(self.var)
            programs.free_address(self.options.host, self.options.port)
            work = asyncio.create_task(self._work())
            told = asyncio.create_task(self.stop.wait())
            await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if work.done():
                work.result()  # its trouble rises here
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        finally:
            forget(self.var)
            note(self.var, starter="stopping", pid=os.getpid())
            await self._stop_all()
            forget(self.var)
            lock.free()
        print("Stopped. Everything is kept; the next start goes on from here.", flush=True)
        return 0

    async def _work(self) -> None:
        await self._databases()
        laid = await self._prepare()
        self._start("web", programs.web(self.options), 20.0, APPLICATION_NAME="huiliu-web")
        self._start("worker", programs.worker(), 20.0, signal.SIGKILL, APPLICATION_NAME="huiliu-worker")
        self._start("beat", programs.beat(self.var), 5.0, signal.SIGKILL, APPLICATION_NAME="huiliu-beat")
        await self._ready()
        print(programs.greeting(self.address, laid), flush=True)
        demo = None
        if not self.options.no_demo and not laid["demo_loaded"]:
            demo = asyncio.create_task(self._demo())
        await self._watch()
        if demo:
            await demo

    def _told(self) -> None:
        """The first word stops; a later one hurries. make and the terminal both pass one on: that is no second word."""
        now = time.monotonic()
        if not self.stop.is_set():
            self.told_at = now
            print("\nStopping …", flush=True)
        elif now - self.told_at > ECHO_SECONDS:
            self.hurry.set()
        self.stop.set()

    async def _lock(self) -> Lock:
        """The lock of this checkout. A command that started the databases is waited for, another `up` is not."""
        lock, told = Lock(self.var / "run" / "lock"), False
        while not lock.tried():
            found = state(self.var)
            if found.get("starter") == "up":
                raise Trouble(
                    f"it already runs here, at {found.get('address')} (process {found.get('pid')})."
                )
            if not told and found:
                who = (
                    "an earlier run, which is stopping" if found.get("starter") == "stopping" else "a command"
                )
                print(f"Waiting for {who} (process {found.get('pid')}) …", flush=True)
                told = True
            if self.stop.is_set():
                raise Trouble("stopped while waiting.")
            await asyncio.sleep(0.2)
        return lock

    async def _databases(self) -> None:
        """PostgreSQL and Valkey, unless the environment names others."""
        servers: list[Postgres | Valkey] = []
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(self.var)
            self.environment["DATABASE_URL"] = postgres.url()
            servers.append(postgres)
        if not os.environ.get("REDIS_URL"):
            valkey = Valkey(self.var)
            self.environment["REDIS_URL"] = valkey.url()
            servers.append(valkey)
        for server in servers:
            await asyncio.to_thread(server.prepare)
            self._keep(Part(server.program(), server.prepare, self._note))
        for server in servers:
            await self._answers(server)
            if isinstance(server, Postgres):
                await asyncio.to_thread(server.create)
        self._note()

    async def _answers(self, server: Postgres | Valkey) -> None:
        until = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(server.alive):
            if time.monotonic() > until:
                raise Trouble(f"{server.folder.name} does not answer; its last words stand above.")
            await asyncio.sleep(0.05)

    async def _prepare(self) -> dict[str, Any]:
        """Migrations, workspace, users, translations, files: one child that says what it laid down."""
        program = Program(
            "prepare", [programs.PYTHON, MANAGE, "prepare", "--users", "--json"], env=self.environment
        )
        process = await spawn(program, stderr=None)
        said = await process.stdout.read() if process.stdout else b""
        if await process.wait():
            raise Trouble("the database could not be brought up to date; the reason stands above.")
        lines = said.decode().strip().splitlines()
        for line in lines[:-1]:
            print(line, flush=True)
        return dict(json.loads(lines[-1]))

    def _start(
        self, name: str, argv: list[str], grace: float, orphaned: signal.Signals | None = None, **more: str
    ) -> None:
        """`orphaned`: Celery's own stop may wait for ever for a child that is gone or stands still."""
        extra = {"PORT": str(self.options.port), "ALLOWED_HOSTS": programs.hosts(self.options.host), **more}
        environment = extra | self.environment | more | {"PORT": extra["PORT"]}
        self._keep(
            Part(Program(name, argv, signal.SIGTERM, grace, environment, orphaned=orphaned), None, self._note)
        )

    def _keep(self, part: Part) -> None:
        self.parts[part.program.name] = part
        part.start()

    def _note(self) -> None:
        """state.json: how others find us."""
        pids = {name: part.process.pid for name, part in self.parts.items() if part.process}
        facts = {"starter": "up", "pid": os.getpid(), "address": self.address, "pids": pids}
        if "DATABASE_URL" in self.environment and "REDIS_URL" in self.environment:
            facts |= {
                "database_url": self.environment["DATABASE_URL"],
                "redis_url": self.environment["REDIS_URL"],
            }
        note(self.var, **facts)

    async def _ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while (found := await asyncio.to_thread(programs.readiness, self.address))[0] != 200:
            if time.monotonic() > until:
                raise Trouble(
                    f"{self.address}/readyz does not say ready after {READY_SECONDS:.0f} s: {found[1]}"
                )
            await asyncio.sleep(0.1)

    async def _demo(self) -> None:
        """The demo retailer, through the front door, its progress on this screen."""
        print("Loading the demo retailer through the front door; its pages fill as you watch.", flush=True)
        environment = self.environment | {"PORT": str(self.options.port)}
        program = Program(
            "demo", [programs.PYTHON, MANAGE, "demo", "--address", self.address], env=environment
        )
        process = await spawn(program, stdout=None, stderr=None)
        try:
            if await process.wait():
                print("The demo is not whole: the next start goes on with it.", flush=True)
            else:
                print(f"The demo retailer is there: {self.address}/", flush=True)
        finally:
            if process.returncode is None:
                process.terminate()
                await patience(process.wait(), 5.0, self.hurry)

    async def _watch(self) -> None:
        """Celery may be alive and deaf: judge the worker by its progress, not by its pulse.

        What it leaves in the database is ended by the next one before its first work (tasks.py).
        """
        progress = programs.Progress()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            _code, facts = await asyncio.to_thread(programs.readiness, self.address)
            process = self.parts["worker"].process
            if progress.stalled(time.monotonic(), facts, process.pid if process else 0):
                say("worker", "makes no progress while events wait: starting it anew")
                self.parts["worker"].restart()

    async def _stop_all(self) -> None:
        """Beat first, then who writes, then the broker, then the database."""
        for group in (("beat",), ("web", "worker"), ("valkey",), ("postgres",)):
            parts = [self.parts[name] for name in group if name in self.parts]
            await asyncio.gather(*(part.stop(self.hurry) for part in parts))


# ---- small steps ------------------------------------------------------------------------------


async def spawn(
    program: Program,
    stdout: int | None = asyncio.subprocess.PIPE,
    stderr: int | None = asyncio.subprocess.STDOUT,
) -> asyncio.subprocess.Process:
    """Start a child that ends with us."""
    pipes = {"stdin": asyncio.subprocess.DEVNULL, "stdout": stdout, "stderr": stderr, "cwd": BASE}
    return await asyncio.create_subprocess_exec(*program.argv, **(program.options() | pipes))


async def pump(part: Part) -> None:
    """A child's lines, with its name before them."""
    stream = part.process.stdout if part.process else None
    while stream is not None:
        try:
            line = await stream.readline()
        except ValueError:  # longer than the reader's buffer: what was read is thrown away
            continue
        if not line:
            return
        text = line.decode(errors="replace").rstrip()
        if not HUSH.search(text):
            say(part.program.name, text)


def say(name: str, text: str) -> None:
    """One line on the screen; a closed terminal stops nothing."""
    with contextlib.suppress(OSError):
        print(f"{name:<8} | {text}", flush=True)


async def patience(wait: Coroutine[Any, Any, Any], seconds: float, hurry: asyncio.Event) -> None:
    """Wait for an end, this long; two more seconds once somebody is in a hurry."""
    ended, hurried = asyncio.ensure_future(wait), asyncio.ensure_future(hurry.wait())
    await asyncio.wait({ended, hurried}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    if not ended.done() and hurry.is_set():
        await asyncio.wait({ended}, timeout=HURRIED_SECONDS)
    for task in (ended, hurried):
        task.cancel()
