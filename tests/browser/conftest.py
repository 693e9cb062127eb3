"""A small demo retailer in the test's database, the real web server before it, and people with a browser.

`site`: made once for the tests of a file, its rows are taken away afterwards. A test that uses rows up, or needs some
that the demo has on some days only, makes its own: `site.sends`, `refused`, `customer`. `visit`: a person at a width,
in a language and theme, with some fonts (fonts.py), whose page collects what must not be: console errors, refused
policies (visual_checks.py).
"""

import datetime as dt
import itertools
import json
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.browser import fonts, visual_checks

PASSWORD = "a long enough password"
CUSTOMERS, DAYS, SEED = 90, 75, 7
PATIENCE_MS = 30_000  # a machine may be busy


class Site:
    """Where the pages are, and what a test needs to know of what is on them."""

    def __init__(self, address: str, key: str, workspace: Any) -> None:
        self.address, self.key, self.workspace = address, key, workspace

    def sends(self, *messages: dict[str, Any]) -> Any:
        """Messages of a new channel, worked and committed; the channel with its connector."""
        return committed(lambda: self._sends(messages))

    def _sends(self, messages: Sequence[dict[str, Any]]) -> Any:
        from channels import setup

        made = setup.add_channel(self.workspace, f"Own {uuid.uuid4().hex[:6]}", "web")
        if messages:
            self._arrive(made, messages)
        return made

    def arrives(self, made: Any, *messages: dict[str, Any]) -> None:
        """Messages of a channel that is there."""
        committed(lambda: self._arrive(made, messages))

    def _arrive(self, made: Any, messages: Sequence[dict[str, Any]]) -> None:
        from django.utils import timezone

        from channels.inbox import log

        body, ids = json.dumps({"batch": messages}, default=str), (uuid.uuid4(), made.connector.pk)
        work([log.Entry(self.workspace.pk, timezone.now(), *ids, "batch", len(messages), body)])

    def customer(self, user: str) -> str:
        """The address of somebody's page."""
        from django.db import connection

        from profiles import queries

        asked = {"identifier": f"user_id:{user}"}
        find = partial(queries.find, connection, self.workspace, asked, limit=2, ordering="-events")
        (found,) = committed(find).items
        return f"{self.address}/customers/{found['id']}/"


def committed(act: Callable[[], Any]) -> Any:
    """Done beside the test's own transaction, which the web server never sees: a thread has a session of its own."""
    from django.db import connection

    def done() -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(done).result()


def work(entries: list[Any]) -> None:
    """Requests through the inbox and the pipeline, and into the mirror."""
    from django.db import connection

    from cdp.pipeline import batches, mirroring
    from channels.inbox import log

    log.append(connection, entries)
    batches.drain()
    mirroring.now()


def fill() -> Any:
    """The demo, through the inbox and the pipeline."""
    from django.contrib.auth.models import User
    from django.db import connection

    from channels.inbox import log
    from channels.models import WriteKey
    from demo import load
    from demo.simulate import Simulation
    from kernel.models import Member

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
    work(entries)
    for role in ("admin", "viewer"):
        user = User.objects.create_user(f"{role}-in-browser", password=PASSWORD)
        Member.objects.create(workspace=workspace, user=user, role=role)
    return workspace


def clear() -> None:
    """Nothing of it stays for the next test of this database."""
    from django.contrib.auth.models import User

    from kernel.models import Workspace
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
    from tests.profiles.suggestions import waiting

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
        known = [one["id"] for one in queries.find(connection, workspace, {}, None, 500, "-events").items]
        richest = known[0]
        # A pair to look at: two with a user id each may not be one.
        assert any(waiting.between(workspace.pk, known[1], one) for one in reversed(known[2:]))
        database = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + settings.DATABASES["default"]["NAME"]
        line = Web(os.environ | {"DATABASE_URL": database}, tmp_path_factory.mktemp("site"), workers=0)
        try:
            yield Site(line.address, richest, workspace)
        finally:
            line.stop()
            clear()
            connection.close()


@pytest.fixture
def refused(site: Site) -> str:
    """The address of a list with three rejects of one kind, which nobody else uses up."""
    bad = [{"type": "track", "userId": "somebody", "messageId": f"bad-{n}"} for n in range(3)]
    made = site.sends(*bad)  # without the event's name
    return f"{site.address}/rejects/?reason=no_event_name&connector={made.connector.uuid}"


@pytest.fixture
def customer(site: Site) -> str:
    """The address of a customer on whom everything can be tried: two devices joined in by a login, an order with its
    return, several contacts at one moment among others far apart, more events than one page of the timeline has.
    """
    user, now = uuid.uuid4().hex[:10], dt.datetime.now(dt.UTC).replace(microsecond=0)
    some = itertools.count()

    def says(event: str, ago: dt.timedelta, **more: Any) -> dict[str, Any]:
        at = (now - ago).isoformat()
        return {"type": "track", "event": event, "timestamp": at, "messageId": f"{user}-{next(some)}"} | more

    day, minute = dt.timedelta(days=1), dt.timedelta(minutes=1)
    goods = {"order_id": user, "total": "100", "products": [{"sku": "A", "quantity": 1, "price": "100"}]}
    own = {"userId": user}
    messages = [
        *(says("Product Viewed", 40 * day - n * minute, anonymousId=f"phone-{user}") for n in range(4)),
        *(says("Product Viewed", 21 * day - n * minute, anonymousId=f"tablet-{user}") for n in range(60)),
        says("Signed In", 20 * day, anonymousId=f"phone-{user}", **own),
        says("Signed In", 19 * day, anonymousId=f"tablet-{user}", **own),
        says("Order Completed", 18 * day, properties=goods, **own),
        says("Order Refunded", 3 * day, properties={"order_id": user, "total": "40"}, **own),
        says("Product Viewed", day, **own),
    ]
    name = {"name": f"Lin {user}"}
    site.sends(*messages, {"type": "identify", "messageId": f"{user}-who", "traits": name} | own)
    return site.customer(user)


@pytest.fixture
def visit(site: Site, browser: Any) -> Iterator[Callable[..., Any]]:
    """`visit(language, width, theme, role, font)`: somebody signed in; `page.trouble` is empty when all is well."""
    contexts = []

    def make(
        language: str = "en",
        width: int = 1440,
        theme: str = "light",
        role: str = "admin",
        font: str = fonts.SHIPPED,
    ) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        fonts.use(context, font)
        host = {"url": site.address}
        kept = {"language": language, "theme": theme}
        context.add_cookies([{"name": name, "value": value, **host} for name, value in kept.items()])
        page = context.new_page()
        visual_checks.listen(page)
        page.goto(site.address + "/signin/")
        page.fill("#username", f"{role}-in-browser")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector(".hl-shell")
        return page

    yield make
    for context in contexts:
        context.close()
