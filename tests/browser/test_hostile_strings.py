"""Forty hostile strings in every field a sender or an admin can fill, on every page in a real browser: they are text.

No dialog, no refused policy, no error, no request to elsewhere, no formula in a downloaded sheet.
"""

import contextlib
import csv
import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error

from tests.hostile import routing
from tests.hostile.crawl import route_of
from tests.hostile.payloads import STRINGS

pytestmark = pytest.mark.django_db
CLICKS = 3  # of the pieces a page would fetch
LEFT_OUT = ("/signout/", "/signin/", "/preferences/", "/api/", "/search/")
PAGES, OF_A_ROUTE = 130, 2  # looked at, and of one kind
PLANTED = "document.querySelectorAll('main iframe, main base, main script:not([src]):not([type])').length"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _messages() -> Iterator[dict[str, Any]]:
    for n, evil in enumerate(STRINGS):
        user = f"hostile-{n}"
        traits = {
            "name": evil,
            "city": evil,
            "company": {evil: [evil]},
            evil[:190]: evil,
            "tier": evil,
            "member_no": evil,
        }
        yield {"type": "identify", "userId": user, "messageId": f"i{n}-{evil}", "traits": traits}
        context = {"campaign": {"name": evil, "source": evil}, "page": {"title": evil, "url": evil}}
        named = [{"kind": "marketplace_uid", "value": evil, "namespace": evil}]
        yield {"type": "track", "event": evil, "userId": user, "anonymousId": evil, "context": context,
               "properties": {evil: evil, "name": evil}, "identifiers": named}  # fmt: skip
        yield {"type": "page", "name": evil, "userId": user, "properties": {"title": evil}}
        product = {"sku": evil, "name": evil, "category": evil, "price": "9", "quantity": 1}
        yield _track(
            "Order Completed",
            user,
            order_id=f"{n}{evil}",
            total="9",
            products=[product],
            coupon=evil,
            store=evil,
        )
        yield _track("Order Refunded", user, order_id=f"{n}{evil}", total="1", reason=evil)
        yield _track("Return Received", user, order_id=f"{n}{evil}", store=evil)
        yield _track("Payment Failed", user, order_id=f"{n}{evil}", method=evil, reason=evil)
        yield _track("Feedback Given", user, score=1, text=evil, about=evil)
        yield _track("Ticket Opened", user, ticket_id=evil, topic=evil)
        yield _track("Order Completed", user, order_id=evil, store=evil)  # a reject: no total
        yield {"type": evil, "userId": evil, "messageId": f"r{n}-{evil}"}
        yield {
            "type": "identify",
            "userId": user + "x",
            "traits": {"member_no": evil, "phone": "13812345678"},
        }


def _track(event: str, user: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "userId": user, "properties": properties}


@pytest.fixture(scope="module")
def hostile(site: Any, django_db_blocker: Any) -> Any:
    """The strings, through the line into the workspace that the pages show."""
    from django.db import connection
    from django.utils import timezone

    from cdp.pipeline import batches
    from channels import setup
    from channels.inbox import log

    with django_db_blocker.unblock():
        made = setup.add_channel(site.workspace, STRINGS[7], "store")
        setup.add_connector(made.channel, STRINGS[1])
        batch = list(_messages())
        records = [
            {"type": "product", "sku": evil, "name": evil, "category": evil, "tags": [evil]}
            for evil in STRINGS
        ]
        records += [
            {"type": "spend", "amount": "5", "date": str(timezone.now().date()), "campaign": evil}
            for evil in STRINGS
        ]
        now, bodies = timezone.now(), {"batch": batch, "records": records}
        entries = [
            log.Entry(
                site.workspace.pk,
                now,
                uuid.uuid4(),
                made.connector.pk,
                door,
                len(items),
                json.dumps({door: items}),
            )
            for door, items in bodies.items()
        ]
        log.append(connection, entries)
        batches.drain()
    return site


def _links(page: Any) -> list[str]:
    """Where a page leads to, files apart."""
    found: list[str] = page.eval_on_selector_all(
        "main a[href^='/']", "all => all.map(one => one.getAttribute('href'))"
    )
    return [one for one in found if not one.startswith(LEFT_OUT) and ".csv" not in one]


def _starts() -> list[str]:
    """Every page whose address has no parts."""
    bare = [one.pattern for one in routing.routes() if not one.parts and not one.pattern.startswith(LEFT_OUT)]
    return [one for one in bare if not one.endswith((".csv", "/freshness/", "/add/", "/replay/"))]


def test_hostile_strings_are_text_on_every_page(hostile: Any, visit: Any) -> None:
    page = visit()
    elsewhere: list[str] = []
    page.on("dialog", lambda dialog: (page.trouble.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda asked: elsewhere.append(asked.url) if not asked.url.startswith(hostile.address) else None,
    )
    page.goto(hostile.address + "/customers/")
    shown = page.inner_text("body")
    assert any(
        text in shown for text in STRINGS if "<" in text
    )  # as they were sent; which ones, the order decides
    waiting = [*_links(page), *_starts(), "/customers/?search=%3Cscript%3Ealert(1)%3C/script%3E"]
    visited: list[str] = []
    while waiting and len(visited) < PAGES:
        seen = {route_of(one) for one in visited}
        address = waiting.pop(next((n for n, one in enumerate(waiting) if route_of(one) not in seen), 0))
        route = route_of(address)
        if address in visited or [route_of(one) for one in visited].count(route) >= OF_A_ROUTE:
            continue
        visited.append(address)
        answer = page.goto(hostile.address + address)
        assert answer is None or answer.status < 500, address
        waiting += _links(page)
        for piece in page.locator("main [hx-get]:visible").all()[:CLICKS]:
            with contextlib.suppress(Error):  # covered, or gone with the piece before
                piece.click(timeout=400, no_wait_after=True)
        page.wait_for_timeout(60)
        trouble = [said for said in page.trouble if not said.startswith("Failed to load resource")]
        assert trouble == [], (address, trouble)
        assert page.evaluate(PLANTED) == 0, address
    assert {"customers/<uuid:key>/", "rejects/", "channels/<slug:slug>/"} <= {
        route_of(one) for one in visited
    }
    assert [url for url in elsewhere if not url.startswith("data:")] == []


def test_a_downloaded_sheet_holds_no_formula(hostile: Any, visit: Any) -> None:
    from kernel.web import period

    page, today = visit(), period.today(hostile.workspace)
    orders = f"/kpi/gmv/rows/export.csv?from={today - period.ONE_DAY}&to={today}"  # they came just now
    numbers = [one for one in STRINGS if "{{" not in one]  # a template nobody filled in is no order's number
    for address, least in (("/customers/export.csv?columns=city", len(STRINGS)), (orders, len(numbers))):
        answer = page.context.request.get(hostile.address + address)
        assert answer.status == 200, address
        assert answer.headers["content-disposition"].startswith("attachment"), address
        assert answer.headers["x-content-type-options"] == "nosniff"
        rows = list(csv.reader(io.StringIO(answer.text().removeprefix("\ufeff"))))
        assert len(rows) > least, address
        assert any(cell.startswith("'=") for row in rows for cell in row), "what was one is there, as text"
        for cell in (cell for row in rows for cell in row):
            assert not cell.startswith(FORMULA) or cell.lstrip("-").replace(".", "", 1).isdigit(), cell
