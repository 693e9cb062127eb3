"""`manage.py up`, the real one, on a folder of its own: ready, killed, started again, refused in one sentence."""

import base64
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from cdp.run import programs
from cdp.run.databases import BASE
from cdp.run.embedded import Servers, free_port
from cdp.run.programs import STALL_SECONDS, Progress
from kernel.errors import Trouble
from kernel.process.ties import place, tied

READY_SECONDS = 120.0  # assets may have to be built, and the machine may be busy
GONE_SECONDS = 30.0  # at once on a machine at rest; what waits for nobody is killed after SURE_SECONDS
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "IDENTITY_SECRET",
    "ENCRYPTION_KEYS",
    "FAST_AND_LOSSY",
    "BUILT_STATIC",
    "HUILIU_COMPONENTS_PAGE",
)


def environment(var: Path, **more: str) -> dict[str, str]:
    """As a person's shell has it: nothing of this test run."""
    plain = {name: value for name, value in os.environ.items() if name not in OURS and "PYTEST" not in name}
    return plain | {"HUILIU_VAR": str(var), "DEMO": "0"} | more


def manage(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=BASE,
        env=environment(var),
        capture_output=True,
        text=True,
        timeout=READY_SECONDS,
        check=False,
    )


def within(seconds: float, asked: Callable[[], Any]) -> Any:
    """What a question answers, once the answer is yes."""
    until = time.monotonic() + seconds
    while not (found := asked()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def family(pid: int) -> set[int]:
    """All descendants of a process."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(text.split(" ", 1)[0]))
    found, queue = set(), [pid]
    while queue:
        for child in parents.get(queue.pop(), []):
            found.add(child)
            queue.append(child)
    return found


def living(pids: set[int]) -> set[int]:
    """Those that run: a zombie does not."""
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.add(pid)
    return found


class Up:
    """A running `manage.py up`."""

    def __init__(self, var: Path, parent: bool = False, port: int = 0, **settings: str) -> None:
        self.var, self.port = var, port or free_port()
        self.log = var / "up.log"
        command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
        if parent:  # a shell between us, as make would be
            command = ["sh", "-c", " ".join([*command, "--with-parent"]) + "; true"]
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=BASE,
                env=environment(var, **settings),
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=tied(signal.SIGTERM),  # a killed test run leaves nothing behind
            )

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def ready(self) -> "Up":
        assert within(READY_SECONDS, lambda: "READY" in self.text() or self.process.poll() is not None)
        assert "READY" in self.text(), self.text()[-3000:]
        return self

    def state(self) -> dict[str, Any]:
        return json.loads((self.var / "run" / "state.json").read_text())

    def sends(self, door: str = "track", **said: Any) -> int:
        key = re.search(r"-u (\S+):", self.text())[1]
        body = json.dumps(said or {"event": "Seen", "userId": "u-1"}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/{door}", body)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{key}:".encode()).decode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(kind)
        return self.process.wait(60)

    def rows(self, statement: str) -> list[tuple]:
        connection = psycopg2.connect(self.state()["database_url"])
        with connection.cursor() as cursor:
            cursor.execute(statement)
            found = cursor.fetchall()
        connection.close()
        return found


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="huiliu-up-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture(scope="module")
def latest(var: Path) -> Iterator[list[Up]]:
    """The one that was started last; it ends with the file."""
    found: list[Up] = []
    yield found
    for up in found:
        if up.process.poll() is None:
            up.stop()


@pytest.fixture
def running(var: Path, latest: list[Up]) -> Up:
    """A running one: that of the test before, a new one where that was ended."""
    if not latest or latest[0].process.poll() is not None:
        latest[:] = [Up(var)]
    return latest[0].ready()


@pytest.fixture
def still(var: Path, latest: list[Up]) -> Path:
    """The folder, with nothing running on it."""
    for up in latest:
        if up.process.poll() is None:
            up.stop()
    return var


def test_ready_says_address_logins_and_a_key_that_works(running: Up) -> None:
    assert f"http://127.0.0.1:{running.port}/" in running.text()
    assert re.search(r"admin / \S{8,}", running.text())
    # In another order a test before may have ended the database: a client sends again.
    assert within(30, lambda: answers(running))
    assert running.rows("select count(*) from channels_inbox")[0][0] >= 1
    assert running.state()["address"] == f"http://127.0.0.1:{running.port}"


def test_a_second_up_here_is_refused_in_one_sentence(running: Up) -> None:
    second = manage(running.var, "up", "--port", str(free_port()))
    assert second.returncode == 1
    assert f"already runs here, at {running.state()['address']}" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_command_finds_the_running_databases_by_itself(running: Up) -> None:
    done = manage(running.var, "channel", "list")
    assert done.returncode == 0, done.stderr
    assert "getting-started" in done.stdout
    assert running.process.poll() is None


@pytest.mark.parametrize("part", ["web", "worker", "beat", "valkey", "postgres"])
def test_a_killed_part_comes_back_by_itself(running: Up, part: str) -> None:
    before = running.state()["pids"][part]
    os.kill(before, signal.SIGKILL)
    assert within(30, lambda: running.state()["pids"][part] != before)
    assert within(30, lambda: answers(running)), running.text()[-3000:]


def test_a_message_sent_again_is_no_error_on_the_screen(running: Up) -> None:
    """Clients send again what they do not know to have arrived: to the database that is no trouble worth a word."""
    one = {"type": "track", "event": "Seen", "userId": "u-1"}
    messages = [one | {"messageId": f"again-{n}"} for n in range(4)]
    said_before = len(running.text())
    for batch in (messages[:3], messages[1:3], messages):
        # A web process may not know yet that its database is back: sent again, as a client would.
        assert within(30, lambda batch=batch: taken(running, batch))
        assert within(30, lambda: running.rows("select count(*) from channels_inbox_open") == [(0,)])
    stored = "select count(*) from profiles_event where message_id like 'again-%'"
    assert running.rows(stored) == [(4,)]
    assert not re.search("ERROR|duplicate key", running.text()[said_before:]), running.text()[said_before:]


def taken(up: Up, batch: list[dict[str, Any]]) -> bool:
    try:
        return up.sends("batch", batch=batch) == 200
    except urllib.error.HTTPError as said:
        if said.code != 503:
            raise
        return False


def answers(up: Up) -> bool:
    try:
        return up.sends() == 200
    except OSError:
        return False


def test_everything_dies_with_a_killed_up_and_the_next_start_keeps_what_was_said(running: Up) -> None:
    assert within(
        30, lambda: answers(running)
    )  # the other web process may not know yet that its database is back
    before = running.rows("select request from channels_inbox order by 1")
    children = family(running.process.pid)
    assert len(children) >= 7  # postgres, valkey, granian and two workers, celery and its child, beat
    for child in family(running.state()["pids"]["worker"]):
        os.kill(child, signal.SIGSTOP)  # Celery's own stop would wait for it for ever
    running.process.kill()
    running.process.wait()
    within(GONE_SECONDS, lambda: not living(children))
    assert living(children) == set()
    again = Up(running.var).ready()
    try:
        assert again.rows("select request from channels_inbox order by 1")[: len(before)] == before
        children = family(again.process.pid)
    finally:
        assert again.stop(signal.SIGINT) == 0
    assert "Stopped." in again.text()
    assert living(children) == set()
    assert not (running.var / "run" / "state.json").exists()


def test_up_stops_in_order_when_its_parent_is_killed(still: Path) -> None:
    up = Up(still, parent=True).ready()
    children = family(up.process.pid)
    up.process.kill()
    up.process.wait()
    assert within(20, lambda: not living(children)), living(children)
    assert "Stopped." in up.text()


def test_a_command_alone_starts_the_databases_for_its_time(still: Path) -> None:
    done = manage(still, "channel", "list")
    assert done.returncode == 0, done.stderr
    assert "getting-started" in done.stdout
    assert not (still / "run" / "state.json").exists()


def test_a_used_port_is_refused_in_one_sentence(still: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = manage(still, "up", "--port", str(port))
    assert done.returncode == 1
    assert f"127.0.0.1:{port} cannot be used (Address already in use)" in done.stderr
    assert "Traceback" not in done.stderr


def altered(var: Path, statement: str) -> None:
    """Done to the database of a folder on which nothing runs, past everything that looks at it first."""
    servers = Servers(var)
    servers.start()
    try:
        connection = psycopg2.connect(servers.postgres.url())
        connection.cursor().execute(statement)
        connection.commit()
        connection.close()
    finally:
        servers.stop()


def test_a_database_of_a_newer_version_is_refused_in_one_sentence(still: Path) -> None:
    assert manage(still, "channel", "list").returncode == 0  # there are tables now
    altered(
        still, "insert into django_migrations (app, name, applied) values ('kernel', '9999_later', now())"
    )
    try:
        done = manage(still, "up", "--port", str(free_port()))
        assert done.returncode == 1
        assert "was made by a newer version of Huiliu (it has kernel.9999_later)" in done.stderr + done.stdout
        assert "Traceback" not in done.stderr
    finally:
        altered(still, "delete from django_migrations where name = '9999_later'")


def test_a_full_disk_is_refused_in_one_sentence(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "FREE_MB", 10**9)
    with pytest.raises(Trouble, match=r"only \d+ MB are free on the disk of .*: make room"):
        programs.enough_disk(var)


WORKER = 77


def facts(
    requests: int, seconds: float, *workers: tuple[int, bool, float], parent: int = WORKER
) -> dict[str, Any]:
    """What /readyz says: the lag, and of each worker its moves, whether it is in a statement, when it said so."""
    said = [
        {"place": place(), "parent": parent, "moves": moves, "live": live, "at": at}
        for moves, live, at in workers
    ]
    return {"lag": {"requests": requests, "seconds": seconds}, "workers": said}


def test_a_silent_worker_is_judged_by_the_inbox() -> None:
    progress, now = Progress(), 1000.0

    def stalled(after: float, requests: int, **more: Any) -> bool:
        return progress.stalled(now + after, facts(requests, 30 + after, **more), WORKER)

    assert not progress.stalled(now, facts(0, 0), WORKER)
    assert not stalled(0, 9)
    later = STALL_SECONDS + 1
    assert stalled(later, 9)
    assert not stalled(later + 1, 9)
    assert not stalled(2 * later + 2, 8)  # it moves
    assert stalled(3 * later + 3, 8)


@pytest.mark.parametrize(
    ("last", "hangs"),
    [
        ((5, False, 1050.0), True),  # it lives, and began nothing
        ((6, False, 1000.0), False),  # it began something
        ((5, True, 1050.0), False),  # it is in a statement, which has a time of its own
        ((5, True, 1000.0), True),  # it said so long ago
    ],
)
def test_a_worker_that_is_slow_is_none_that_hangs(last: tuple[int, bool, float], hangs: bool) -> None:
    progress, later = Progress(), STALL_SECONDS + 1
    assert not progress.stalled(1000.0, facts(9, 30, (5, last[1], 1000.0)), WORKER)
    assert progress.stalled(1000.0 + later, facts(9, 30 + later, last), WORKER) is hangs


def test_other_machines_workers_say_nothing_of_ours() -> None:
    progress, later = Progress(), STALL_SECONDS + 1
    assert not progress.stalled(1000.0, facts(9, 30, (5, False, 1000.0), parent=78), WORKER)
    assert progress.stalled(1000.0 + later, facts(9, 30 + later, (6, True, 1050.0), parent=78), WORKER)


def got(up: Up, path: str, body: bytes | None = None, **headers: str) -> Any:
    """The answer to a client that takes gzip."""
    address = f"http://127.0.0.1:{up.port}{path}"
    return urllib.request.urlopen(
        urllib.request.Request(address, body, headers | {"Accept-Encoding": "gzip"}), timeout=30
    )


def test_pages_and_files_come_compressed_and_the_front_door_answers_as_ever(running: Up) -> None:
    page = got(running, "/signin/", Accept="text/html")
    assert page.headers["Content-Encoding"] == "gzip"
    links = re.findall(r'"(/static/[^"]+\.(?:css|js))"', gzip.decompress(page.read()).decode())
    assert links
    for link in links:
        file = got(running, link)
        assert file.headers["Content-Encoding"] == "gzip", link  # packed when it was built
        assert "immutable" in file.headers["Cache-Control"]
    key = re.search(r"-u (\S+):", running.text())[1]
    said = json.dumps({"event": "Seen", "userId": "u-1", "writeKey": key}).encode()
    answer = got(running, "/v1/track", said)
    assert (answer.headers["Content-Encoding"], json.loads(answer.read())["success"]) == (None, True)
