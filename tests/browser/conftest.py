"""A small demo retailer in the test's database, the real web server before it, and people with a browser.

`site`: made once for the tests of this folder, its rows are taken away afterwards. `visit`: a person at a width, in a
language and theme, whose page collects what must not be: console errors, refused policies (sound.py).
"""

import datetime as dt
import json
import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import sound

PASSWORD = "a long enough password"
CUSTOMERS, DAYS, SEED = 90, 75, 7


class Site:
    """Where the pages are, and what a test needs to know of what is on them."""

    def __init__(self, address: str, key: str, workspace: Any) -> None:
        self.address, self.key, self.workspace = address, key, workspace


def fill() -> Any:
    """The demo, through the inbox and the pipeline."""
    from django.contrib.auth.models import User
    from django.db import connection

    from cdp import pipeline
    from cdp.demo import load
    from cdp.demo.simulate import Simulation
    from cdp.kernel.models import Member
    from channels.inbox import log
    from channels.models import WriteKey

    workspace = load.place()
    keys = {
        code: WriteKey.objects.get(key=key).connector_id for code, key in load.connectors(workspace).items()
    }
    today = dt.datetime.now(dt.UTC)
    log.ensure_days(connection, today.date())
    entries = []
    for request in Simulation(CUSTOMERS, DAYS, SEED, today).requests():
        n = sum(len(items) for items in request.body.values())
        door = request.path.rpartition("/")[2]
        body = json.dumps(request.body, default=str)
        at = dt.datetime.now(dt.UTC)
        entries.append(log.Entry(workspace.pk, at, uuid.uuid4(), keys[request.connector], door, n, body))
    log.append(connection, entries)
    pipeline.drain()
    for role in ("admin", "viewer"):
        user = User.objects.create_user(f"{role}-in-browser", password=PASSWORD)
        Member.objects.create(workspace=workspace, user=user, role=role)
    return workspace


def clear() -> None:
    """Nothing of it stays for the next test of this database."""
    from django.contrib.auth.models import User

    from cdp.kernel.models import Workspace
    from tests.live import empty

    empty()
    User.objects.filter(username__endswith="-in-browser").delete()
    Workspace.objects.filter(slug="demo").delete()


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The demo behind the real front door."""
    from django.conf import settings

    from profiles import queries
    from tests.live import START_SECONDS, Line, eventually

    class Web(Line):
        """The web server alone: the demo is worked in already."""

        def wait(self) -> None:
            eventually(self._answers, START_SECONDS)

        def _answers(self) -> bool:
            try:
                return self.get("/healthz")[0] == 200
            except OSError:
                return False

    with django_db_blocker.unblock():
        from django.db import connection

        workspace = fill()
        richest = queries.find(connection, workspace, {}, None, 1, "-events").items[0]["id"]
        database = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + settings.DATABASES["default"]["NAME"]
        line = Web(os.environ | {"DATABASE_URL": database}, tmp_path_factory.mktemp("site"), workers=0)
        try:
            yield Site(line.address, richest, workspace)
        finally:
            line.stop()
            clear()
            connection.close()


@pytest.fixture
def visit(site: Site, browser: Any) -> Iterator[Callable[..., Any]]:
    """`visit(language, width, theme, role)`: a page of somebody signed in; `page.trouble` is empty when all is well."""
    contexts = []

    def make(language: str = "en", width: int = 1440, theme: str = "light", role: str = "admin") -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(8_000)
        contexts.append(context)
        host = {"url": site.address}
        kept = {"language": language, "theme": theme}
        context.add_cookies([{"name": name, "value": value, **host} for name, value in kept.items()])
        page = context.new_page()
        sound.listen(page)
        page.goto(site.address + "/signin/")
        page.fill("#username", f"{role}-in-browser")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector(".hl-shell")
        return page

    yield make
    for context in contexts:
        context.close()
