"""No page's statement runs for ever: it is cut in its time, with words, and ends with whom it was for."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from kernel import limits
from kernel.db import rows, run
from kernel.models import Member, Role
from kernel.web import access
from tests.conftest import Addresses
from tests.live import Line, eventually
from tests.shop import Shop, identify

PATIENCE, FOR_EVER = "0.5", "120"  # seconds
WAITING = "select count(*) from pg_locks where relation = 'profiles_summary'::regclass and not granted"
LEFT = "select count(*) from pg_locks where locktype = 'advisory' and objid = 424242"
STATEMENT = "select pg_advisory_lock(424242), pg_sleep(100)"


class Web(Line):
    """The web server alone."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        super().__init__(environment, logs, workers=0)

    def wait(self) -> None:
        """Until it answers."""
        eventually(self._up, 40)

    def _up(self) -> bool:
        try:
            return self.call("GET", "/healthz", None, {})[0] == 200
        except OSError:
            return False


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    made = Shop()
    made.sends(identify("ann", name="Ann"))
    return made


@contextmanager
def served(servers: Addresses, logs: Path, seconds: str) -> Iterator[Web]:
    web = Web(servers.environment(HUILIU_PAGE_SECONDS=seconds), logs)
    try:
        yield web
    finally:
        web.stop()


def signed_in(shop: Shop) -> tuple[str, str]:
    """A cookie and a token."""
    from django.contrib.auth.models import User

    user = User.objects.create_user("anna")
    Member.objects.create(workspace=shop.workspace, user=user, role=Role.ANALYST)
    client = Client()
    client.force_login(user)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    return cookie, access.make_token(shop.workspace, user, Role.ANALYST)


def fetch(web: Web, path: str, **headers: str) -> tuple[int, str, Any]:
    """(status, text, headers)."""
    request = urllib.request.Request(web.address + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), refused.headers


def test_a_slow_page_says_so(shop: Shop, servers: Addresses, tmp_path: Path) -> None:
    cookie, token = signed_in(shop)
    with served(servers, tmp_path, PATIENCE) as web:
        with transaction.atomic():
            run(connection, "lock table profiles_summary in access exclusive mode")
            page = fetch(web, "/customers/", Cookie=cookie)
            chinese = fetch(web, "/customers/", Cookie=f"{cookie}; language=zh-hans")
            piece = fetch(web, "/customers/", Cookie=cookie, **{"HX-Request": "true"})
            api = fetch(web, "/api/profiles/", Authorization=f"Token {token}")
        assert [found[0] for found in (page, chinese, piece, api)] == [503] * 4, web.told()
        assert "took longer than 0.5 seconds and was stopped" in page[1]
        assert "超过 0.5 秒" in chinese[1]
        assert "<html" not in piece[1]
        assert "took longer" in piece[1]
        assert json.loads(api[1])["code"] == "try_again"
        assert all(found[2]["Retry-After"] for found in (page, api))
        assert fetch(web, "/customers/", Cookie=cookie)[0] == 200
        assert fetch(web, "/api/profiles/", Authorization=f"Token {token}")[0] == 200


def test_what_nobody_waits_for_ends(shop: Shop, servers: Addresses, tmp_path: Path) -> None:
    cookie, _token = signed_in(shop)
    with served(servers, tmp_path, FOR_EVER) as web, transaction.atomic():
        run(connection, "lock table profiles_summary in access exclusive mode")
        asked = HTTPConnection("127.0.0.1", web.port)
        asked.request("GET", "/customers/", headers={"Cookie": cookie})
        eventually(lambda: rows(connection, WAITING)[0][0] == 1, 40)  # the first request loads all pages
        asked.close()
        eventually(lambda: rows(connection, WAITING)[0][0] == 0)
        assert fetch(web, "/signin/")[0] == 200  # and its thread is there for others


def test_a_statement_ends_with_its_process(servers: Addresses, transactional_db: None) -> None:
    program = (
        "import django; django.setup(); from django.db import connection; from kernel.db import rows;"
        f"rows(connection, {STATEMENT!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", program], env=servers.environment())
    try:
        eventually(lambda: rows(connection, LEFT)[0][0] == 1, 20)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    eventually(lambda: rows(connection, LEFT)[0][0] == 0)


def test_a_file_has_all_the_time_it_needs(shop: Shop) -> None:
    run(connection, "set statement_timeout = '7s'")
    try:
        with limits.unlimited(connection):
            assert rows(connection, "show statement_timeout") == [("0",)]
        assert rows(connection, "show statement_timeout") == [("7s",)]
    finally:
        run(connection, "reset statement_timeout")
