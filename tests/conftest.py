"""What every test stands on: one real PostgreSQL and one real Valkey per run, in a folder that goes away.

Nothing outside is needed. DATABASE_URL and REDIS_URL are ours for the time of the tests, whatever they were.
The servers may lose commits (fsync off): tests of crashes start the real `manage.py up` on their own folder.
Each pytest-xdist worker has a database, a Redis number and a folder of its own: tests run side by side.
Their order is a matter of chance (pytest-randomly: files, and tests within a file): each makes what it needs and leaves
nothing. The seed stands at the end of every run; `--randomly-seed=SEED` has that order again, `-p no:randomly` the
written one.

Fixtures for all:
- `db`, `transactional_db` (pytest-django): a migrated database. Several connections, threads or processes at work in
  one test: `transactional_db` (its commits are real; every table is emptied afterwards, see tests/live.py).
- `redis`: a client of this worker's own Redis number, emptied before the test.
- `servers`: the addresses, for processes that a test starts: `servers.environment()`.
- `mirror_of_postgresql`: the columnar mirror, in memory and always up to date.
- `browser`: headless Chromium (playwright); without Chromium the test is skipped, and fails under
  HUILIU_REQUIRE_BROWSER=1.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import polib
import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as chance

from cdp.run.embedded import Servers

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REDIS_NUMBERS = 16
STARTED: dict[str, Any] = {}

os.environ["DJANGO_SETTINGS_MODULE"] = "cdp.settings"
os.environ.update(
    SECRET_KEY="tests",
    IDENTITY_SECRET="tests",
    ENCRYPTION_KEYS="k1:" + "07" * 32,
    FAST_AND_LOSSY="1",
    BUILT_STATIC="0",
    HUILIU_COMPONENTS_PAGE="1",
    DJANGO_ALLOW_ASYNC_UNSAFE="1",  # playwright's loop runs in the main thread; the tests are not async
)

# How long an example takes, to make or to try, is a matter of the machine and of who else is at work there. What is
# tried is the same in each run, that who changes one thing is not shown another's fault; --long looks for new ones.
ANY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
chance.register_profile("any machine", derandomize=True, **ANY)
chance.register_profile("long", **ANY)
chance.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="also the tests that take minutes, at their full size"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Before pytest-django sets Django up: start the servers, once per run (xdist workers inherit the addresses)."""
    if config.getoption("--long"):
        chance.load_profile("long")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker and "servers" not in STARTED:
        start_servers()
    if worker:
        own = Path(os.environ["HUILIU_VAR"]) / worker
        own.mkdir(mode=0o711, exist_ok=True)
        base = os.environ["REDIS_URL"].rpartition("/")[0]
        os.environ["HUILIU_VAR"] = str(own)
        os.environ["REDIS_URL"] = f"{base}/{int(worker.removeprefix('gw')) % REDIS_NUMBERS}"
    os.environ["HUILIU_MIRROR"] = str(Path(os.environ["HUILIU_VAR"]) / "mirror")
    django.setup()
    settings.MIRROR = os.environ["HUILIU_MIRROR"]  # read before we knew which of several we are
    empty_instead_of_flush()


def start_servers() -> None:
    """PostgreSQL and Valkey; and the words, which a fresh checkout has not compiled yet."""
    folder = Path(tempfile.mkdtemp(prefix="huiliu-tests-"))
    folder.chmod(0o711)  # PostgreSQL may run as nobody in there
    servers = Servers(folder, fast=True)
    STARTED.update(folder=folder, servers=servers)
    os.environ["HUILIU_VAR"] = str(folder)
    servers.start()
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = servers.postgres.url(), servers.valkey.url(0)
    for words in Path("locale").glob("*/LC_MESSAGES/*.po"):
        polib.pofile(str(words)).save_as_mofile(str(words.with_suffix(".mo")))


def empty_instead_of_flush() -> None:
    """After real commits all tables are emptied: Django's flush knows its models alone, and is slow."""
    from django.test import TransactionTestCase

    from tests.live import empty

    TransactionTestCase._fixture_teardown = lambda _case: empty()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The servers end with the run; if the run is killed, the kernel ends them."""
    if "servers" in STARTED:
        STARTED.pop("servers").stop()
        shutil.rmtree(STARTED.pop("folder"), ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out unless asked for. The browser's come last: its loop runs on in the main thread."""
    items.sort(key=in_browser)
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if not item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)


def in_browser(item: pytest.Item) -> bool:
    """Whether a test needs Chromium."""
    return "browser" in getattr(item, "fixturenames", ()) or "/browser/" in str(item.path)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Which order it was, and what did not run, whichever worker left it out: nobody overlooks either."""
    seed = terminalreporter.config.getoption("randomly_seed", None)
    if seed is not None and terminalreporter.config.getoption("randomly_reorganize"):
        terminalreporter.write_line(f"In the order of --randomly-seed={seed}")
    left_out = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in left_out)
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} TESTS DID NOT RUN: {reason}", red=True, bold=True)


@pytest.fixture(autouse=True)
def as_a_new_process() -> None:
    """What this process remembers of the test before: the language of a request it answered, whose turn it is."""
    from django.utils import timezone, translation

    from channels.inbox import log

    translation.deactivate()
    timezone.deactivate()
    log._Memory.mark = log._Memory.looked_at = log.BEGINNING
    log._Memory.turn = 0


@pytest.fixture
def mirror_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mirror is what PostgreSQL's rows come to, at once: for answers that are held against PostgreSQL's own."""
    from metrics.mirror import reading
    from tests.metrics import mirrored

    monkeypatch.setattr(reading, "open_mirror", mirrored.following())


class Addresses:
    """Where this worker's databases listen."""

    def __init__(self, database: str, broker: str) -> None:
        self.database, self.broker = database, broker

    def environment(self, **more: str) -> dict[str, str]:
        """For a process of the product that a test starts on the test's databases."""
        return os.environ | {"DATABASE_URL": self.database, "REDIS_URL": self.broker} | more


@pytest.fixture
def servers(django_db_setup: None) -> Addresses:
    """The addresses of the test database (pytest-django renamed it) and of this worker's Redis."""
    name = settings.DATABASES["default"]["NAME"]
    return Addresses(os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}", os.environ["REDIS_URL"])


@pytest.fixture
def redis() -> Iterator[Any]:
    """A client of this worker's Redis, empty."""
    import redis as client

    found = client.Redis.from_url(os.environ["REDIS_URL"])
    found.flushdb()
    yield found
    found.close()


def chromium_here() -> str | None:
    """Where this machine's Chromium is."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium of this machine."""
    from playwright.sync_api import sync_playwright

    path = chromium_here()
    if path is None:
        if os.environ.get("HUILIU_REQUIRE_BROWSER") == "1":
            pytest.fail("No Chromium here, and HUILIU_REQUIRE_BROWSER=1 wants the browser tests to run.")
        pytest.skip("no Chromium on this machine: install it (apt-get install chromium).")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()
