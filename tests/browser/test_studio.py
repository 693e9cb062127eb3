"""The mapping studio in a browser: a mistake is made, seen in the totals, mended, and what came is read anew."""

import os
import uuid
from typing import Any

import pytest

from tests.browser import visual_checks
from tests.browser.conftest import committed
from tests.browser.test_identity import violations
from tests.channels.mapping_with import PAID, paid, post, save

pytestmark = pytest.mark.django_db
LOOKS = [("en", 390, "dark"), ("en", 1440, "light"), ("zh-hans", 390, "light"), ("zh-hans", 1440, "dark")]
SIX = ["128.00", "128.01", "128.02", "128.03", "128.04", "128.05"]
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
        one = connecting.make(channel, "webhook", "Kiosk 7", {}, {"secret": "s3cret"}).connector
        if text:
            save(one, text)
        self._brings(one, payloads)
        if payloads:
            rows = [{"sku": "A", "n": 1}]
            post(one, {"topic": "stock", "id": str(uuid.uuid4()), "rows": rows}, {"topic": "none"})
        batches.drain()
        return one

    def brings(self, payloads: int) -> None:
        """More orders."""
        committed(lambda: self._brings(self.one, payloads))

    def _brings(self, one: Any, payloads: int) -> None:
        from cdp.pipeline import batches

        base = uuid.uuid4().int % 10**9
        for n in range(payloads):
            post(one, paid(base + n, amount=12_800 + n, buyer={"mobile": f"1380013{n:04}", "city": "021"}))
        batches.drain()

    def orders(self) -> list[str]:
        """What its orders come to, the smallest first."""
        return committed(self._orders)

    def _orders(self) -> list[str]:
        from django.db import connection

        from kernel.db import rows

        found = rows(
            connection,
            "select total from metrics_order where channel_id = %(channel)s::int order by total",
            channel=self.one.channel_id,
        )
        return [f"{total:.2f}" for (total,) in found]


def field(page: Any, name: str) -> Any:
    """The input of a field."""
    return page.locator(f"#edit .maprow:has(input[type=hidden][value='{name}']) input.mono")


def choose(page: Any, some: str) -> None:
    """The newest payload of some."""
    page.select_option("#only", some)
    page.locator(f"#only option[selected][value='{some}']").wait_for(state="attached")


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
    found += [str(one) for one in violations(page)]
    field(page, "properties.total").fill("yuan(amount")
    page.locator("#result .msg.bad").wait_for()
    found += seen(page, f"studio-wrong-{key}")
    page.locator("button[name=act][value=text]").first.click()
    page.locator("#text").wait_for()
    found += seen(page, f"studio-text-{key}")
    assert not found, "\n".join(found)


def re_processed() -> None:
    """What waits for the worker."""
    from cdp.pipeline import remaps

    remaps.run()


@pytest.mark.parametrize(("language", "width", "theme"), [LOOKS[1], LOOKS[2]])
def test_yuan_as_cents_are_seen_in_the_totals_mended_and_re_processed(
    site: Any, visit: Any, language: str, width: int, theme: str
) -> None:
    key, page, found = f"{language}-{width}", visit(language, width, theme), []
    hook = Hook(site, PAID, 6)
    assert hook.orders() == SIX
    page.goto(hook.address)
    choose(page, "event:Order Completed")
    total = field(page, "properties.total")
    total.fill("amount")  # the mistake
    page.locator("#totals td.hi .odd").wait_for()
    found += seen(page, f"studio-mistake-{key}")
    page.fill("#why", "as the platform writes it")
    page.locator("button[formaction$='/save/']").click()
    page.locator("a[href$='?version=2']").wait_for()
    hook.brings(2)
    assert hook.orders() == [*SIX, "12800.00", "12801.00"]
    page.reload()
    choose(page, "event:Order Completed")
    page.locator("button[name=act][value=text]").first.click()
    text = page.locator("#text")
    text.fill(text.input_value().replace('"amount"', '"yuan(amount)"'))
    page.locator("#totals td.hi .odd").wait_for()  # the other way round now
    page.fill("#why", "cents")
    page.locator("button[formaction$='/save/']").click()
    page.locator("a[href$='?version=3']").wait_for()
    page.locator("a[href*='/compare/?from=2']").click()
    page.locator(".diff .new").first.wait_for()
    found += seen(page, f"studio-compare-{key}")
    page.go_back()
    page.fill("#day", "2026-01-01")
    page.locator("#again form button").click()
    page.locator(".work").first.wait_for()
    found += seen(page, f"studio-again-{key}")
    committed(re_processed)
    page.locator(".work .lbl.good").wait_for()  # it tells its end by itself
    assert hook.orders() == sorted([*SIX, "128.00", "128.01"])  # no row is lost, every amount is right
    page.reload()
    found += seen(page, f"studio-done-{key}")
    assert not found, "\n".join(found)


def test_the_keyboard_and_a_click_write_into_the_field(site: Any, visit: Any) -> None:
    hook, page = Hook(site, PAID, 2), visit()
    page.goto(hook.address)
    choose(page, "event:Order Completed")
    shown = page.locator("#payload").get_attribute("data-of")
    page.locator("[data-step='1']").click()
    page.locator(f"#payload:not([data-of='{shown}'])").wait_for()
    total = field(page, "properties.order_id")
    total.fill("text()")
    total.press("End")
    total.press("ArrowLeft")
    page.locator("#payload .k[data-path='buyer.mobile']").click()
    assert total.input_value() == "text(buyer.mobile)"
    page.locator("#result dd, #result .s", has_text="1380013").first.wait_for()
    page.locator(".functions summary").click()
    page.locator("[data-insert='yuan(order.amount)']").click()
    assert "yuan(order.amount)" in total.input_value()
    page.locator("button[name=act][value='field:m0-']").focus()
    page.fill("#m0-new", "properties.coupon")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    field(page, "properties.coupon").wait_for()
    assert page.evaluate("document.activeElement.name") == field(page, "properties.coupon").get_attribute(
        "name"
    )
    assert not page.trouble


def test_without_a_script_it_works_as_well(site: Any, browser: Any) -> None:
    hook, context = Hook(site, "", 1), browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(site.address + "/signin/")
        page.fill("#username", "admin-in-browser")
        page.fill("#password", "a long enough password")
        page.press("#password", "Enter")
        page.goto(hook.address)
        page.locator("button[value='start:event']").click()
        for name, said in (("event", "topic"), ("messageId", "text(id)"), ("userId", "buyer.city")):
            field(page, name).fill(said)
        page.locator("#came noscript button, noscript button").first.click()
        assert '"event": "none"' in page.locator("#result").inner_text()
        page.locator("button[formaction$='/save/']").click()
        page.locator("a[href$='?version=1']").wait_for()
    finally:
        context.close()


def test_a_viewer_reads_the_mapping_alone(site: Any, visit: Any) -> None:
    hook, page = Hook(site, PAID + CLEANED, 1), visit(role="viewer")
    page.goto(hook.address)
    assert page.locator("#payload, #again, button[formaction]").count() == 0
    assert field(page, "properties.total").is_disabled()
    assert seen(page, "studio-viewer") == []
