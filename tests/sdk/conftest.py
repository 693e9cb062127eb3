"""The whole line as processes, for clients that speak HTTP: web, worker, a workspace with a key and a token.

`sdk`: the line, and a recorder before it. `node`: Node.js with the npm clients of node/package-lock.json.
`old_packages`: a folder with analytics-python.txt. What cannot be installed skips its tests, and fails them under
HUILIU_REQUIRE_BROWSER=1.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

from tests.sdk import calls
from tests.sdk.recorder import Recorder, compare

HERE = Path(__file__).parent
INSTALL_SECONDS = 300
BUSY = pytest.param("busy", marks=pytest.mark.long)  # a trouble of the recorder's; the other one goes further


class Sdk:
    """Where to send, and where to look."""

    def __init__(self, line: Any, shop: Any) -> None:
        from django.contrib.auth.models import User

        from kernel.web import access
        from tests.live import eventually

        self.line, self.shop, self.eventually = line, shop, eventually
        self.address, self.key = line.address, shop.key
        self.recorder = Recorder(line.port)
        user = User.objects.create(username="reader")
        self.token = access.make_token(shop.workspace, user, "admin")

    def get(self, path: str) -> Any:
        """The JSON of a read-API path."""
        status, body = self.line.get(path, self.token)
        assert status == 200, (status, body)
        return body

    def events(self, count: int, seconds: float = 5) -> list[dict[str, Any]]:
        """The stored events, once there are so many."""

        def all_there() -> Any:
            found = self.get("/api/events/?limit=200")["results"]
            return found if len(found) >= count else None

        try:
            found: list[dict[str, Any]] = self.eventually(all_there, seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}; the line says: {self.line.told()}") from None
        assert len(found) == count, [(event["type"], event["message_id"]) for event in found]
        return found

    def sent(self, count: int) -> list[dict[str, Any]] | None:
        """What went over the wire, once it is so much and all trouble is over."""
        found = self.recorder.messages()
        whole = len({one["messageId"] for one in found}) >= count and not self.recorder.trouble
        return found if whole else None

    def check(
        self, types: set[str], at: str | None = calls.AT, again: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Each type has come once, as it went over the wire and as it was said; no reject. The events by type.
        `again`: the client had reason to send something twice."""
        messages = self.eventually(lambda: self.sent(len(types)), 30)
        if again:
            messages = list({one["messageId"]: one for one in reversed(messages)}.values())
        events = self.events(len(types))
        compare(messages, events)
        said = {event["type"]: event for event in events}
        assert set(said) == types
        assert said["track"]["name"] == "Product Viewed"
        for kind, part, wanted in (
            ("track", "properties", calls.PROPERTIES),
            ("page", "properties", calls.PAGE),
            ("screen", "properties", calls.SCREEN),
            ("group", "traits", calls.GROUP),
        ):
            if kind in said:
                assert holds(said[kind][part], wanted), said[kind]
        for event in events:
            assert holds(event["context"], calls.CONTEXT), event
            if at:
                assert event["occurred_at"][:23] == at[:23], event
        self.check_profile(said)
        assert self.get("/api/rejects/")["results"] == []
        return said

    def check_profile(self, said: dict[str, dict[str, Any]]) -> None:
        """One customer came of it, with every trait."""
        profile = self.profile("user_id:user-1")
        traits = {name: trait["value"] for name, trait in profile["traits"].items()}
        assert holds(traits, calls.TRAITS | {"email": "lin@hemu.cn"}), traits
        kinds = {(one["kind"], one["value"]) for one in profile["identifiers"]}
        assert {("user_id", "user-1"), ("email", "lin@hemu.cn")} <= kinds
        assert {event["profile"] for event in said.values()} == {profile["id"]}

    def profile(self, identifier: str, seconds: float = 5) -> Any:
        """The profile with an identifier, once it is there."""
        found = self.eventually(
            lambda: self.get(f"/api/profiles/?identifier={identifier}")["results"], seconds
        )
        return self.get(f"/api/profiles/{found[0]['id']}/")


def holds(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether everything wanted is there, equal; a client may add its own."""
    return {name: found.get(name) for name in wanted} == wanted


@pytest.fixture(scope="package")
def line(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Web and worker, once for all clients."""
    import redis
    from django.conf import settings

    from tests.live import Line

    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
    database = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + settings.DATABASES["default"]["NAME"]
    line = Line(os.environ | {"DATABASE_URL": database}, tmp_path_factory.mktemp("line"))
    yield line
    line.stop()


@pytest.fixture
def sdk(transactional_db: None, line: Any) -> Iterator[Sdk]:
    """A running line with an empty workspace."""
    from tests.live import empty
    from tests.shop import Shop

    made = Sdk(line, Shop())
    yield made
    made.recorder.stop()
    empty()


class Node(NamedTuple):
    """Node.js and the folder in which the clients are installed."""

    binary: str
    folder: Path


def missing(what: str) -> NoReturn:
    """Skips, or fails where everything has to run."""
    if os.environ.get("HUILIU_REQUIRE_BROWSER") == "1":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def node() -> Node:
    """The npm clients as the lock says, none of their scripts run."""
    from django.core.management.base import CommandError

    from cdp.management.commands.assets import npm

    folder = HERE / "node"
    try:
        command = npm()
    except CommandError as trouble:
        missing(str(trouble))
    binary = shutil.which("node") or str(Path(command).with_name("node"))
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(
            [command, "ci", *flags],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        if done.returncode:
            missing(f"npm could not get the clients: {(done.stderr or done.stdout).strip()[-500:]}")
    return Node(binary, folder)


@pytest.fixture(scope="session")
def page_script(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The browser clients in one script, as a site's build would make it."""
    target = tmp_path_factory.mktemp("page") / "page.js"
    esbuild = next((node.folder / "node_modules" / "@esbuild").glob("*/bin/esbuild"))
    flags = ["--bundle", "--format=iife", "--target=es2020", "--log-level=warning", f"--outfile={target}"]
    done = subprocess.run(
        [esbuild, "page.mjs", *flags], cwd=node.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="session")
def old_packages() -> Path:
    """analytics-python.txt, installed beside."""
    lock = HERE / "analytics-python.txt"
    folder = Path(sys.prefix) / "analytics-python"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        done = subprocess.run(
            [*pip, "--target", str(folder), "-r", str(lock)],
            capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode:
            missing(f"pip could not get analytics-python: {done.stderr.strip()[-500:]}")
        stamp.write_text(lock.read_text())
    return folder
