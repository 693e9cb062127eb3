"""How an admin connects a platform in a browser: channel, kind, address copied, a signed delivery, and it shows."""

import hashlib
import hmac
import json
import os
import urllib.error
import urllib.request

import pytest

from tests.browser import visual_checks
from tests.browser.conftest import committed, work

pytestmark = pytest.mark.django_db
LOOKS = [("en", 390), ("en", 1440), ("zh-hans", 390), ("zh-hans", 1440)]
SECRET = "a-Secret-that-nobody-reads"
WIDE = 1440  # from here on a page is looked at in every width
UNTIL_MS = 30_000  # a machine may be busy


def sound(page, name):
    """No fault is seen, on a wide screen at no width; a picture where somebody asks for them."""
    own = page.viewport_size
    wide = own["width"] >= WIDE
    found = visual_checks.faults_at(page, visual_checks.WIDTHS) if wide else visual_checks.faults(page)
    page.set_viewport_size(own)
    assert found == [], name
    assert not page.trouble
    if folder := os.environ.get("HUILIU_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")  # else it sets styles


def posted(address, message, secret):
    """What the running server answers a platform's delivery."""
    body = json.dumps(message).encode()
    headers = {"X-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
    asked = urllib.request.Request(address, body, headers | {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=UNTIL_MS / 1000) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def added(page, key):
    """From the channel's page to the new connector's, with one mistake on the way."""
    page.locator("#connectors a[href$='/connectors/add/']").click()
    sound(page, f"kinds-{key}")
    page.locator("a.kind[href$='/webhook/']").click()
    page.fill("#name", f"Hook {key}")
    page.fill("#setting-window", "5")
    page.fill("#secret-secret", SECRET)
    page.locator("main form .btn-primary").click()
    page.locator("#setting-window[aria-invalid]").wait_for()
    assert page.evaluate("document.activeElement.id") == "setting-window"
    assert page.input_value("#secret-secret") == ""
    sound(page, f"wrong-{key}")
    page.fill("#setting-window", "300")
    page.fill("#secret-secret", SECRET)
    page.locator("main form .btn-primary").click()
    page.locator("#hook-address").wait_for()


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_a_platform_is_connected_without_a_developer(site, visit, language, width):
    made, key = site.sends(), f"{language}-{width}"
    page = visit(language, width, "dark" if (language, width) == LOOKS[0] else "light")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site.address}/channels/{made.channel.slug}/")
    sound(page, f"channel-{key}")
    added(page, key)
    assert page.locator("#connector-state.line").count() == 1  # it waits
    sound(page, f"new-{key}")
    page.locator("[data-copy=hook-address]").click()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{site.address}/hooks/")
    message = {"type": "track", "event": "Store Visited", "userId": key, "messageId": key}
    assert posted(address, message, "another") == 401
    page.locator("#connector-state.bad").wait_for()  # it turns by itself
    page.locator("#stream .msg.warn").wait_for()
    sound(page, f"failing-{key}")
    assert posted(address, message, SECRET) == 200
    page.locator("#stream tbody .lbl.note").wait_for()
    committed(lambda: work([]))
    page.locator("#connector-state.good").wait_for()
    sound(page, f"taken-{key}")
    assert page.locator("#stream tbody .lbl.good").count() == 1
    page.locator("#stream tbody a").first.click()
    page.wait_for_url("**/events/**")
    page.go_back()
    page.locator("form[action$='/pause/'] button").click()
    page.locator("form[action$='/resume/'] button").wait_for()
    assert posted(address, {**message, "messageId": f"{key}-2"}, SECRET) == 404
    sound(page, f"paused-{key}")


def test_without_a_script_it_works_as_well(site, browser):
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(site.address + "/signin/")
        page.fill("#username", "admin-in-browser")
        page.fill("#password", "a long enough password")
        page.press("#password", "Enter")
        made = site.sends()
        page.goto(f"{site.address}/channels/{made.channel.slug}/connectors/add/webhook/")
        page.fill("#secret-secret", SECRET)
        page.locator("main form .btn-primary").click()
        address = page.locator("#hook-address").inner_text()
        message = {"type": "track", "event": "Store Visited", "userId": "u", "messageId": "without"}
        assert posted(address, message, SECRET) == 200
        committed(lambda: work([]))
        page.reload()
        assert page.locator("#connector-state.good").count() == 1
        page.locator("form[action$='/test/'] button").click()
        assert page.locator("main > .msg.good").count() == 1
    finally:
        context.close()


def test_a_viewer_reads_state_and_guide(site, visit):
    made = site.sends({"type": "track", "event": "Store Visited", "userId": "v", "messageId": "v"})
    page = visit(role="viewer")
    page.goto(f"{site.address}/channels/{made.channel.slug}/")
    page.locator("#connectors tbody a").first.click()
    page.locator(".guide ol li").first.wait_for()
    assert page.locator("main form").count() == 0
    sound(page, "viewer")
