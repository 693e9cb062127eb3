"""The real web server on the test database, and a sender that speaks plain HTTP to it.

Django is imported inside: this file is read before it is set up.
"""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cdp.run.embedded import free_port
from kernel.process.ties import tied

START_SECONDS = 120  # on a busy machine


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["code"]


class Server:
    """A running granian."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.port, self.process = port, process

    def ask(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            link.request(method, path, body.encode() if isinstance(body, str) else body, named)
            answer = link.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            link.close()

    def post(self, path: str, value: Any, key: str | None = None, **headers: str) -> Reply:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        if key:
            headers["authorization"] = basic(key)
        return self.ask("POST", path, body, **headers)

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


def basic(key: str, colon: str = ":") -> str:
    return "Basic " + b64encode(f"{key}{colon}".encode()).decode()


def start(environment: dict[str, str], workers: int = 1, log: Path | None = None) -> Server:
    """A web server that answers; what it writes stands in the log, or with the test's own."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1"]
    command += [
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--no-access-log",
        "cdp.serve.server:application",
    ]
    command += ["--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "8"]
    with log.open("ab") if log else nullcontext() as out:
        process = subprocess.Popen(
            command, env=environment, preexec_fn=tied(signal.SIGTERM), stdout=out, stderr=out
        )
    server = Server(port, process)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if server.ask("GET", "/healthz").status == 200:
                return server
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError("granian did not start")


def stop(server: Server) -> None:
    server.process.terminate()
    try:
        server.process.wait(15)
    except subprocess.TimeoutExpired:
        server.process.kill()


@pytest.fixture(scope="session")
def web(django_db_setup: None, django_db_blocker: Any) -> Iterator[Server]:
    """One granian for all tests; it uses the test database."""
    import os

    from django.conf import settings

    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + settings.DATABASES["default"]["NAME"]
    server = start(os.environ | {"DATABASE_URL": url, "APPLICATION_NAME": "web under test"})
    yield server
    stop(server)


@pytest.fixture
def shop(transactional_db: None) -> Any:
    """A channel with a connector and a key, committed."""
    from channels import setup

    return setup.add_channel(setup.workspace(), "Web shop", "web")


@pytest.fixture
def out(transactional_db: None, web: Server) -> Any:
    """A fresh shop behind the real front door, seen from outside."""
    from tests.channels.outside import Outside
    from tests.live import empty
    from tests.shop import Shop

    empty()
    return Outside(web, Shop())


@pytest.fixture
def platforms(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What starts a platform's double (tests/platform_double.py); this machine may be asked for once."""
    from django.conf import settings

    from tests.platform_double import platform

    monkeypatch.setattr(settings, "ALLOW_ADDRESSES", ["127.0.0.1"])
    return platform


def inbox(connector: int) -> list[tuple[Any, ...]]:
    """What the inbox holds of a connector: door, n, body."""
    from django.db import connection

    from kernel.db import rows

    return rows(
        connection,
        "select door, n, body from channels_inbox where connector_id = %(c)s order by received_at, request",
        c=connector,
    )
