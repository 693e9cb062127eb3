"""Bodies that break off, chunks that are none, lengths that lie, names no filter has: told at once, nothing harmed.

Raw bytes over sockets to the real web server, good requests in between. Not here: hostile JSON (test_front_door.py),
every value of every parameter (test_read_side.py).
"""

import contextlib
import json
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from channels import protocol, setup
from tests.channels.conftest import Server, basic, start, stop
from tests.hostile.broken import BROKEN, CHUNKED, ORIGIN, TARGETS, head, hostile
from tests.hostile.wire import memory

LONG, SHORT = 3_000, 600  # hostile requests
TOGETHER = 20  # at a time
EVERY = 50  # hostile requests, a good one
GOOD_SECONDS = 3.0  # on a machine that has other work
AT_ONCE_SECONDS = 5.0  # far from BODY_SECONDS
SILENT_SECONDS = 30.0
GROWTH_MB = 60


class Said(NamedTuple):
    """What came back, up to the end of the connection: the statuses, and of the first answer headers and body."""

    statuses: list[int]
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def code(self) -> str:
        """Of an error in JSON."""
        return str(json.loads(self.body)["code"])


@pytest.fixture(scope="module")
def door(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A web server for this file alone, and what it writes."""
    import os

    from django.conf import settings as product

    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + product.DATABASES["default"]["NAME"]
    log = tmp_path_factory.mktemp("door") / "web.log"
    server = start(os.environ | {"DATABASE_URL": url}, log=log)
    server.ask("POST", "/capture/", b"{}")  # the pages are loaded
    yield server, log
    stop(server)


@pytest.fixture
def key(transactional_db: None) -> Iterator[str]:
    """A connector's write key; all that came through it is taken away afterwards."""
    from tests.live import empty

    yield setup.add_channel(setup.add_workspace("Fortress"), "Web shop", "web").key
    empty()


def api_token() -> str:
    """Of an analyst, so that the read API is reached."""
    from django.contrib.auth.models import User

    from kernel.models import Workspace
    from kernel.web import access

    user = User.objects.create_user("hostile")
    return access.make_token(Workspace.objects.get(name="Fortress"), user, "analyst")


def read(link: socket.socket, begin: float) -> Said:
    """All that comes."""
    link.settimeout(SILENT_SECONDS)
    got = b""
    try:
        while piece := link.recv(65_536):
            got += piece
    except ConnectionError:
        pass
    seconds = time.monotonic() - begin
    statuses, headers, body = [], {}, b""
    while got.startswith(b"HTTP/1."):
        head, _gap, rest = got.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        found = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        size = int(found.get("content-length", len(rest)))
        if not statuses:
            headers, body = found, rest[:size]
        statuses.append(int(lines[0].split()[1]))
        got = rest[size:]
    return Said(statuses, headers, body, seconds)


def send(server: Server, raw: bytes, *, half: bool = False) -> Said:
    """These bytes, and what they get; `half`: the sender says that nothing more comes."""
    begin = time.monotonic()
    with server.open() as link:
        link.sendall(raw)
        if half:
            link.shutdown(socket.SHUT_WR)
        return read(link, begin)


@pytest.mark.parametrize("target", TARGETS)
def test_a_broken_body_is_a_400_in_json_on_every_path(door: tuple[Server, Path], target: bytes) -> None:
    server, log = door
    told_before = len(log.read_text())
    for what, body in BROKEN.items():
        said = send(server, head(b"POST", target, CHUNKED) + body)
        assert (said.statuses, said.code) == ([400], "bad_body"), (what, said)
        assert said.headers["access-control-allow-origin"] == ORIGIN.decode(), what
        assert said.seconds < AT_ONCE_SECONDS, what
    for cut in (
        head(b"POST", target, b"Content-Length: 20") + b'{"a":',
        head(b"POST", target, CHUNKED) + b'5\r\n{"a',
        head(b"POST", target, CHUNKED),
        head(b"GET", target, b"Content-Length: 3"),
    ):
        said = send(server, cut, half=True)
        assert (said.statuses, said.code) == ([400], "bad_body"), (cut, said)
        assert said.seconds < AT_ONCE_SECONDS
    told = log.read_text()[told_before:]
    assert "Traceback" not in told
    assert "ERROR" not in told


def test_a_sender_who_is_gone_leaves_no_trace(door: tuple[Server, Path]) -> None:
    server, log = door
    told_before = len(log.read_text())
    for target in TARGETS:
        for body in (b'{"a":', b"", b"zz\r\n"):
            for kind in (b"Content-Length: 20", CHUNKED, b"Content-Length: 99999999"):
                with server.open() as link:
                    link.sendall(head(b"POST", target, kind) + body)
    assert server.ask("GET", "/healthz").status == 200
    told = log.read_text()[told_before:]
    assert "Traceback" not in told
    assert "ERROR" not in told


LIMIT = protocol.BODY_BYTES


@pytest.mark.parametrize(
    "target", [b"/v1/track", b"/v1/batch", b"/beacon/v1/batch", b"/capture/", b"/v1/nothing"]
)
def test_too_much_is_told_at_once_however_little_has_come(
    door: tuple[Server, Path], key: str, target: bytes
) -> None:
    server, _log = door
    auth = b"Authorization: " + basic(key).encode()
    for length in (LIMIT + 1, 10**9, 2**63):
        for body in (b"", b'{"batch":[', b"x" * 300_000):
            begin = time.monotonic()
            with server.open() as link:
                link.sendall(head(b"POST", target, auth, b"Content-Length: %d" % length) + body)
                first = link.recv(65_536)
                assert b" 413 " in first.split(b"\r\n")[0]
                assert time.monotonic() - begin < AT_ONCE_SECONDS
    asked = head(b"POST", target, auth, b"Expect: 100-continue", b"Content-Length: %d" % (LIMIT + 1))
    said = send(server, asked)  # not "continue": the body need not come, and the connection ends at once
    assert (said.statuses, said.code) == ([413], "too_large")
    assert said.seconds < AT_ONCE_SECONDS
    assert said.headers["access-control-allow-origin"] == ORIGIN.decode()


def test_too_much_in_chunks_is_told_as_soon_as_it_is(door: tuple[Server, Path], key: str) -> None:
    server, _log = door
    chunk = b"%x\r\n" % (1 << 20) + b"x" * (1 << 20) + b"\r\n"
    begin = time.monotonic()
    with server.open() as link:
        link.sendall(head(b"POST", b"/v1/batch", b"Authorization: " + basic(key).encode(), CHUNKED))
        for _number in range(6):
            link.sendall(chunk)
        assert b" 413 " in link.recv(65_536).split(b"\r\n")[0]  # though the last chunk never came
        assert time.monotonic() - begin < protocol.BODY_SECONDS / 2


def test_who_sends_all_of_it_first_reads_the_answer_all_the_same(door: tuple[Server, Path], key: str) -> None:
    server, _log = door
    for size in (LIMIT + 1, 4 * LIMIT):
        begin = time.monotonic()
        with server.open() as link:
            link.sendall(head(b"POST", b"/v1/batch", b"Content-Length: %d" % size))
            for place in range(0, size, 1 << 20):  # a cut connection would be a broken pipe here
                link.sendall(b"x" * min(1 << 20, size - place))
            said = read(link, begin)
        assert (said.statuses, said.code, said.headers["connection"]) == ([413], "too_large", "close")


def test_nobody_is_read_on_for_ever(door: tuple[Server, Path]) -> None:
    server, _log = door
    silent = send(server, head(b"POST", b"/v1/batch", b"Content-Length: 99999999") + b"x")
    assert silent.statuses == [413]
    assert silent.seconds < protocol.BODY_SECONDS
    sent = 0
    with server.open() as link, contextlib.suppress(OSError):
        link.sendall(head(b"POST", b"/v1/batch", b"Content-Length: 9999999999"))
        while sent < 10 * protocol.READ_ON * LIMIT:
            link.sendall(b"x" * (1 << 20))
            sent += 1 << 20
    assert sent <= protocol.READ_ON * LIMIT + (32 << 20)  # what the system had in its buffers


def test_a_body_of_exactly_the_limit_may_be_announced(door: tuple[Server, Path], key: str) -> None:
    server, _log = door
    start, end = b'{"userId":"u","event":"e","pad":"', b'"}'
    body = start + b"x" * (LIMIT - len(start) - len(end)) + end
    asked = head(b"POST", b"/v1/track", b"Authorization: " + basic(key).encode(), b"Connection: close",
                 b"Content-Length: 000%d" % LIMIT)  # fmt: skip
    assert send(server, asked + body).statuses == [200]


# ---- many of them, mixed --------------------------------------------------------------------------


def test_thousands_of_broken_requests_harm_nothing(
    door: tuple[Server, Path], key: str, request: pytest.FixtureRequest
) -> None:
    server, log = door
    chance = random.Random(15)
    tokens = (basic(key).encode(), b"Token " + api_token().encode())
    seen: set[int] = set()
    answered = 0
    good = {"type": "track", "event": "Good", "userId": "u"}
    warm, slowest = 0, 0.0
    count = LONG if request.config.getoption("--long") else SHORT
    for begun in range(0, count, TOGETHER):
        links = []
        for _number in range(TOGETHER):
            raw = hostile(chance, chance.choice(tokens))
            link = server.open()
            links.append((link, raw))
            with contextlib.suppress(OSError):  # some are answered before they are sent
                link.sendall(raw)
                link.shutdown(socket.SHUT_WR)
        for link, raw in links:
            with link:
                said = read(link, time.monotonic())
            answered += bool(said.statuses)
            seen.update(said.statuses)
            assert all(status < 500 or (status == 503 and b"/readyz" in raw) for status in said.statuses), (
                said,
                raw,
            )
        if begun % EVERY < TOGETHER:
            begin = time.monotonic()
            assert server.post("/v1/track", good | {"messageId": f"m{begun}"}, key).status == 200
            slowest = max(slowest, time.monotonic() - begin)
        warm = warm or memory(server.process.pid)
    assert answered > count * 0.9
    assert {200, 400, 401, 404, 405, 413} <= seen
    assert slowest < GOOD_SECONDS
    assert memory(server.process.pid) - warm < GROWTH_MB
    assert server.process.poll() is None
    assert "Traceback" not in log.read_text()
