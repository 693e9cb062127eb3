"""The product's own web server and worker, as processes on the test's databases, for tests that need the whole line.

`line` (fixture): granian with the real front door, and a Celery worker; both end with the test.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from cdp.run.embedded import free_port
from kernel.process.ties import tied

START_SECONDS = 120  # on a busy machine
SEEN_SECONDS = 30  # on a busy machine; what is promised to be quick says so itself
EMPTY_TRIES = 5  # a worker that still runs may be in the way
# Only what holds rows, a large table anew and a small one row by row: to truncate all of the parts' partitions takes
# half a second, and a test has no other use for that time. What the migrations put in stays.
EMPTY = """do $$
declare
    held record;
begin
    set local session_replication_role = replica;  -- the order of foreign keys is no matter: all goes
    for held in
        select c.oid::regclass as name, pg_relation_size(c.oid) > 200000 as large from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and pg_relation_size(c.oid) > 0
            and c.relname not in ('django_migrations', 'django_content_type', 'auth_permission')
        order by c.relname
    loop
        if held.large then
            execute format('truncate %s cascade', held.name);
        else
            execute format('delete from %s', held.name);
        end if;
    end loop;
end $$"""


def empty() -> None:
    """Empties every table: tests with real commits leave nothing to the next."""
    from django.db import OperationalError, connection

    for tried in range(1, EMPTY_TRIES + 1):
        try:
            with connection.cursor() as cursor:
                cursor.execute(EMPTY)
        except OperationalError:
            if tried == EMPTY_TRIES:
                raise
        else:
            return


class Line:
    """Web and worker on the test's databases."""

    def __init__(self, environment: dict[str, str], logs: Path, workers: int = 1) -> None:
        self.environment, self.logs = environment, logs
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.processes = [self.web(), *(self.worker(n) for n in range(workers))]
        self.wait()

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=tied(signal.SIGTERM),  # a killed test run leaves nothing behind
            )

    def web(self) -> subprocess.Popen[bytes]:
        """The web server."""
        return self._start(
            "web", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", "1", "--respawn-failed-workers", "--workers-kill-timeout", "8", "--no-access-log",
            "cdp.serve.server:application",
        )  # fmt: skip

    def worker(self, number: int = 0) -> subprocess.Popen[bytes]:
        """A worker."""
        return self._start(
            f"worker{number}", "celery", "-A", "cdp", "worker", "-c", "1", "-n", f"w{number}@test-{self.port}",
            "--without-gossip", "--without-mingle", "--loglevel", "INFO",
        )  # fmt: skip

    def wait(self) -> None:
        """Until the web server answers and a worker listens."""
        import redis

        broker = redis.Redis.from_url(self.environment["REDIS_URL"])
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.address + "/healthz", timeout=1):
                    if broker.exists("_kombu.binding.celery"):  # a worker has begun to listen
                        return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"the line did not start: {self.told()}")

    def told(self) -> str:
        """The end of what its processes wrote, for a test that fails."""
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in self.logs.glob("*.log"))

    def post(self, path: str, body: Any, key: str = "", **headers: str) -> tuple[int, Any]:
        """A POST as a channel system sends it: (status, JSON)."""
        import base64

        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} | headers
        if key:
            given["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        return self.call("POST", path, data, given)

    def get(self, path: str, token: str = "") -> tuple[int, Any]:
        """A GET with an API token."""
        return self.call("GET", path, None, {"Authorization": f"Token {token}"} if token else {})

    def call(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        """(status, JSON or text)."""
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, _body(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, _body(refused.read())

    def stop(self) -> None:
        """Ends the processes that are still there."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait(5)


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def eventually(check: Any, seconds: float = SEEN_SECONDS) -> Any:
    """The first true answer of `check` within the time; fails with the last one."""
    deadline, found = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {found!r}")
