"""PostgreSQL and Valkey of our own: made, started, stopped, recovered."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg2
import pytest

from cdp.run import embedded
from cdp.run.embedded import Postgres, Servers, living_in, passwords
from kernel.errors import Trouble


@pytest.fixture
def var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="huiliu-embedded-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def setting(servers: Servers, name: str) -> str:
    connection = psycopg2.connect(servers.postgres.url())
    with connection.cursor() as cursor:
        cursor.execute(f"show {name}")
        found = cursor.fetchone()[0]
    connection.close()
    return found


def test_the_servers_start_from_nothing_and_keep_what_was_written(var: Path) -> None:
    servers = Servers(var)
    servers.start()
    try:
        assert servers.valkey.alive()
        assert {setting(servers, name) for name in embedded.SAFE} == {"on"}
        assert setting(servers, "listen_addresses") == "127.0.0.1"
        connection = psycopg2.connect(servers.postgres.url())
        connection.cursor().execute("create table kept as select 7 as n; commit")
        connection.close()
    finally:
        servers.stop()
    assert not list(living_in(var / "postgres"))
    again = Servers(var)
    again.start()
    try:
        connection = psycopg2.connect(again.postgres.url())
        with connection.cursor() as cursor:
            cursor.execute("select n from kept")
            assert cursor.fetchone() == (7,)
        connection.close()
    finally:
        again.stop()


def test_nobody_gets_in_without_the_password(var: Path) -> None:
    servers = Servers(var)
    servers.start()
    try:
        wrong = servers.postgres.url().replace(servers.postgres.password, "guessed")
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(wrong)
    finally:
        servers.stop()


START = """
import sys, time
from pathlib import Path
from cdp.run.embedded import Servers
servers = Servers(Path(sys.argv[1]))
servers.start()
print(servers.postgres.url(), flush=True)
time.sleep(600)
"""


def test_servers_end_with_a_killed_starter_and_the_next_start_recovers(var: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", START, str(var)], stdout=subprocess.PIPE, text=True)
    url = starter.stdout.readline().strip()
    busy = psycopg2.connect(url)
    busy.cursor().execute("create table kept as select 1 as n; commit")
    starter.kill()
    starter.wait()
    starter.stdout.close()
    until = time.monotonic() + 5
    while any(list(living_in(var / part)) for part in ("postgres", "valkey")) and time.monotonic() < until:
        time.sleep(0.05)
    assert not list(living_in(var / "postgres"))
    assert not list(living_in(var / "valkey"))
    (var / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n{var / 'postgres'}\n")
    servers = Servers(var)
    servers.start()
    servers.stop()


def test_an_orphaned_backend_is_ended_before_the_start(var: Path) -> None:
    servers = Servers(var)
    servers.start()
    heeding = partial(
        signal.signal, signal.SIGQUIT, signal.SIG_DFL
    )  # a run in a shell's background ignores it
    sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
    orphan = subprocess.Popen(sleeps, cwd=var / "postgres", preexec_fn=heeding)
    servers.stop()
    assert list(living_in(var / "postgres")) == [orphan.pid]
    Postgres(var).prepare()
    assert orphan.wait(5) == -signal.SIGQUIT


def test_data_of_another_version_is_refused_in_one_sentence(var: Path) -> None:
    passwords(var)
    (var / "postgres").mkdir()
    (var / "postgres" / "PG_VERSION").write_text("99\n")
    with pytest.raises(Trouble, match="made by PostgreSQL 99"):
        Postgres(var).prepare()


def test_a_lost_secret_beside_data_is_never_made_anew(var: Path) -> None:
    (var / "postgres").mkdir()
    (var / "postgres" / "PG_VERSION").write_text("18\n")
    with pytest.raises(Trouble, match="put it back from a backup"):
        passwords(var)


def test_secrets_are_made_once_and_read_by_their_owner_only(var: Path) -> None:
    assert passwords(var) == passwords(var)
    assert (var / "secret").stat().st_mode & 0o777 == 0o600


def test_the_port_of_a_server_is_none_that_a_client_may_get() -> None:
    """Else a sender that tries again while its server starts anew may be given the server's own port."""
    clients = int(embedded.CLIENTS.read_text().split()[0])
    ports = {embedded.free_port() for _ in range(20)}
    assert len(ports) > 10
    assert max(ports) < clients or clients <= embedded.FIRST_PORT  # a machine that gives clients nearly all


def test_a_port_that_somebody_took_meanwhile_is_not_insisted_on(var: Path) -> None:
    with socket.socket() as postgres, socket.socket() as valkey:
        servers = Servers(var, fast=True)
        for taken, server in ((postgres, servers.postgres), (valkey, servers.valkey)):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            server.port = taken.getsockname()[1]
        before = servers.postgres.port, servers.valkey.port
        servers.start()
        try:
            assert servers.postgres.alive()
            assert servers.valkey.alive()
            assert not {servers.postgres.port, servers.valkey.port} & set(before)
        finally:
            servers.stop()
