"""The mapping studio in a browser: a mistake is made, seen in the totals, mended, and what came is read anew."""

import os
import re
import uuid
from typing import Any

import pytest

from tests.browser import visual_checks
from tests.browser.conftest import committed
from tests.channels.mapping_with import PAID, paid, post, save

pytestmark = pytest.mark.django_db
LOOKS = [("en", 390, "dark"), ("en", 1440, "light"), ("zh-hans", 390, "light"), ("zh-hans", 1440, "dark")]
WIDE = 1440  # from here on a page is looked at in every width
CLEANED = """
[clean."properties.total"]
when = "event == 'Order Completed'"
required = true
max = 100000

[clean."traits.city"]
trim = true
standard = "gender"
"""


def seen(page: Any, name: str) -> list[str]:
    """The faults that are seen, on a wide screen at any width; a picture where somebody asks for them."""
    page.wait_for_timeout(300)
    own = page.viewport_size
    if folder := os.environ.get("HUILIU_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")
    wide = own["width"] >= WIDE
    found = visual_checks.faults_at(page, visual_checks.WIDTHS) if wide else visual_checks.faults(page)
    page.set_viewport_size(own)
    return [f"{name}: {fault}" for fault in (*found, *page.trouble)]


class Hook:
    """A webhook of a channel of its own, with payloads of which each is an order and a person."""

    def __init__(self, site: Any, text: str = "", payloads: int = 0) -> None:
        self.site = site
        self.one = committed(lambda: self._made(text, payloads))
        self.address = f"{site.address}/channels/{self.one.channel.slug}/connectors/{self.one.uuid}/mapping/"

    def _made(self, text: str, payloads: int) -> Any:
        from cdp.pipeline import batches
        from channels import setup
        from channels.connect import setup as connecting

        channel = setup.add_channel(self.site.workspace, f"Shop {uuid.uuid4().hex[:6]}", "web").channel
        one = connecting.make(channel, "webhook", "Orders", {}, {"secret": "s3cret"}).connector
        if text:
            save(one, text)
        base = uuid.uuid4().int % 10**9
        for n in range(payloads):
            post(one, paid(base + n, amount=12_800 + n, buyer={"mobile": f"1380013{n:04}", "city": "021"}))
        if payloads:
            post(one, {"topic": "stock", "id": base, "rows": [{"sku": "A", "n": 1}]}, {"topic": "none"})
        batches.drain()
        return one

    def orders(self) -> list[str]:
        """What the orders of it came to, as they are stored."""
        return committed(self._orders)

    def _orders(self) -> list[str]:
        from django.db import connection

        from kernel.db import rows

        found = rows(
            connection,
            "select properties->>'total' from profiles_event where connector_id = %(one)s::bigint"
            " and name = 'Order Completed' order by 1",
            one=self.one.pk,
        )
        return [str(total) for (total,) in found]


def field(page: Any, name: str) -> Any:
    """The input of a field."""
    return page.locator(f"#edit .maprow:has(input[type=hidden][value='{name}']) input.mono")


def choose(page: Any, some: str) -> None:
    """The newest payload of some."""
    page.select_option("#only", some)
    page.wait_for_function("some => document.getElementById('only').value === some", arg=some)
    page.locator("#result .became:visible").first.wait_for()


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_the_page_is_sound_in_every_state(
    site: Any, visit: Any, language: str, width: int, theme: str
) -> None:
    key, page = f"{language}-{width}", visit(language, width, theme)
    found: list[str] = []
    empty = Hook(site)
    page.goto(empty.address)
    found += seen(page, f"studio-empty-{key}")
    page.locator("button[value='start:order']").click()
    page.locator("#edit .message").wait_for()
    found += seen(page, f"studio-begun-{key}")
    full = Hook(site, PAID + CLEANED, 12)
    page.goto(full.address)
    page.locator("#payload").wait_for()
    found += seen(page, f"studio-{key}")
    choose(page, "event:Order Completed")
    found += seen(page, f"studio-order-{key}")
    field(page, "properties.total").fill("yuan(amount")
    page.locator("#result .msg.bad").wait_for()
    found += seen(page, f"studio-wrong-{key}")
    page.locator("button[name=act][value=text]").first.click()
    page.locator("#text").wait_for()
    found += seen(page, f"studio-text-{key}")
    assert not found, "\n".join(found)
