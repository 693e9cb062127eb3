"""Dropping a file on the real web server, with a real worker: large ones, and who may not."""

import http.client
import json
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernel.models import Member, Role
from kernel.web import access
from tests.channels.conftest import Server, start, stop
from tests.channels.imports.dropping import file_connector, text
from tests.live import Line, empty, eventually
from tests.shop import Shop

MB = 1024 * 1024
HEAD = ["order_id", "ordered_at", "total", "note"]


def form(connector: str, size: int, boundary: str) -> tuple[bytes, bytes, int]:
    """What stands before and after a file in a form, and the length of all."""
    before = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="connector"\r\n\r\n{connector}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    ).encode()
    after = f"\r\n--{boundary}--\r\n".encode()
    return before, after, len(before) + size + len(after)


def send(port: int, token: str, connector: str, pieces: Iterator[bytes], size: int) -> tuple[int, Any]:
    """A form with a file of this size, streamed."""
    boundary = uuid.uuid4().hex
    before, after, length = form(connector, size, boundary)
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        link.putrequest("POST", "/api/imports/")
        link.putheader("Authorization", f"Token {token}")
        link.putheader("Content-Type", f"multipart/form-data; boundary={boundary}")
        link.putheader("Content-Length", str(length))
        link.endheaders(before)
        for piece in pieces:
            link.send(piece)
        link.send(after)
        answer = link.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        link.close()


def token(shop: Shop, role: str) -> str:
    from django.contrib.auth.models import User

    user, _new = User.objects.get_or_create(username=f"{role}-{shop.workspace.slug}")
    Member.objects.get_or_create(workspace=shop.workspace, user=user, defaults={"role": role})
    return access.make_token(shop.workspace, user, role)


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:
    empty()
    yield Shop()
    empty()


@pytest.fixture
def small(servers: Any, transactional_db: None) -> Iterator[Server]:
    """A server that takes files of 100 MB at most."""
    found = start(servers.environment(HUILIU_IMPORT_MB="100"))
    yield found
    stop(found)


def peak(pid: int) -> int:
    """The most memory that a process and its children held, in bytes."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    most = 0
    for one in pids:
        said = Path(f"/proc/{one}/status").read_text()
        most = max(most, int(said.split("VmHWM:")[1].split()[0]) * 1024)
    return most


def test_a_large_file_comes_in_without_lying_in_memory(shop: Shop, small: Server) -> None:
    one = file_connector(shop)
    admin = token(shop, Role.ADMIN)
    small.ask("GET", "/api/imports/", Authorization=f"Token {admin}")
    before = peak(small.process.pid)
    piece = ("\n" + ",".join(["1", "2026-03-01", "5", "x" * 1_000])).encode() * 1_000
    count = 90 * MB // len(piece)
    head = ",".join(HEAD).encode()

    def pieces() -> Iterator[bytes]:
        yield head
        for _ in range(count):
            yield piece

    status, answer = send(small.port, admin, str(one.uuid), pieces(), len(head) + count * len(piece))
    assert status == 202, answer
    assert peak(small.process.pid) - before < 40 * MB
    said = shop.get(f"/api/imports/{answer['id']}/")
    assert (said["state"], said["size"]) == ("waiting", len(head) + count * len(piece))


def test_a_file_that_is_too_large_is_413_before_it_is_read(shop: Shop, small: Server) -> None:
    one, admin = file_connector(shop), token(shop, Role.ADMIN)
    size = 150 * MB
    pieces = (b"x" * MB for _ in range(150))
    status, answer = send(small.port, admin, str(one.uuid), pieces, size)
    assert (status, answer["code"]) == (413, "too_large")
    assert "100 MB" in answer["message"]


@pytest.mark.parametrize(("role", "status"), [("", 401), ("viewer", 403), ("analyst", 403)])
def test_who_may_not_is_told_before_a_large_file_is_read(
    shop: Shop, small: Server, role: str, status: int
) -> None:
    """Nothing of the file is sent: its first bytes are never waited for."""
    given = token(shop, role) if role else "none"
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as link:
        link.sendall(
            f"POST /api/imports/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {given}\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {80 * MB}\r\n\r\n".encode()
        )
        answer = link.recv(65_536).decode()
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert '"code"' in answer


def test_a_dropped_file_is_worked_by_the_worker_at_once(
    shop: Shop, servers: Any, redis: Any, tmp_path: Path
) -> None:
    one = file_connector(shop)
    line = Line(servers.environment(), tmp_path)
    try:
        admin = token(shop, Role.ADMIN)
        file = text(HEAD, *([str(n), "2026-03-01", "1", ""] for n in range(1, 3_001))).encode()
        status, answer = send(line.port, admin, str(one.uuid), iter([file]), len(file))
        assert status == 202, answer

        def done() -> Any:
            said = line.get(f"/api/imports/{answer['id']}/", admin)[1]
            return said if said["state"] == "done" else None

        said = eventually(done, 60)
        assert (said["rows"], said["good"], said["bad"]) == (3_000, 3_000, 0)
        assert shop.value("gmv") == "3000"
    finally:
        line.stop()


def test_an_upload_that_breaks_off_leaves_nothing(shop: Shop, small: Server) -> None:
    from channels.models import Import

    one, admin = file_connector(shop), token(shop, Role.ADMIN)
    boundary = "b"
    before, _after, length = form(str(one.uuid), 5 * MB, boundary)
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as link:
        link.sendall(
            f"POST /api/imports/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {admin}\r\n"
            f"Content-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {length}\r\n\r\n".encode()
            + before
            + os.urandom(MB)
        )
    small.ask("GET", "/healthz")
    assert not Import.objects.filter(workspace=shop.workspace).exists()


@pytest.mark.parametrize(
    ("signed_in", "size", "status", "said"),
    [(False, 80 * MB, 302, "/signin/"), (True, 150 * MB, 413, "at most 100 MB are taken")],
)
def test_the_page_answers_a_form_before_a_large_file_is_read(
    shop: Shop, small: Server, signed_in: bool, size: int, status: int, said: str
) -> None:
    """As a browser without a script sends it: nobody who may not, and nothing that is too large."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    cookie = f"{settings.CSRF_COOKIE_NAME}=x"
    if signed_in:
        token(shop, Role.ADMIN)
        client = Client()
        client.force_login(User.objects.get(username=f"{Role.ADMIN}-{shop.workspace.slug}"))
        cookie += f"; {settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as link:
        link.sendall(
            f"POST /imports/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nAccept: text/html\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {size}\r\n\r\n".encode()
        )
        answer = b""
        while piece := link.recv(65_536):
            answer += piece
            if said.encode() in answer:
                break
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert said.encode() in answer
