"""The frame in a real browser: keys, alarms on a phone, paper, what is shown when the server does not answer."""

import pytest

from tests.live import eventually

pytestmark = pytest.mark.django_db  # makes the database; `site` filled it before


def test_keys_lead_to_pages_and_are_listed(site, visit):
    page = visit()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/quality/")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog#keys").is_visible()
    page.keyboard.press("/")
    page.keyboard.type("g?h")  # in a field these are letters
    assert page.locator("#search").input_value() == "g?h"
    assert page.url.endswith("/quality/")
    assert not page.locator("dialog#keys").is_visible()
    assert not page.trouble


def test_rows_are_walked_and_opened_by_keys(site, visit):
    page = visit()
    page.goto(site.address + "/live/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#opened .raw-halves")
    assert page.locator("#stream tr[aria-selected=true]").count() == 1
    assert page.locator("[data-pause]").get_attribute("aria-pressed") == "true"
    page.keyboard.press("p")
    assert page.locator("[data-pause]").get_attribute("aria-pressed") == "false"
    assert not page.trouble


def test_an_alarm_is_read_on_a_phone(site, visit):
    page = visit(width=390)
    chip = page.locator("#fresh summary")
    if chip.count():  # the demo's silent or rejecting connectors, and no worker
        assert chip.is_visible()
        chip.click()
        assert page.locator("#fresh .panel li").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_paper_shows_the_page_black_on_white(site, visit):
    page = visit(theme="dark")
    page.goto(site.address + "/channels/")
    page.emulate_media(media="print")
    assert not page.locator(".hl-nav").is_visible()
    assert not page.locator(".hl-top").is_visible()
    assert page.locator(".printed").is_visible()
    assert page.locator("main table").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_what_cannot_be_loaded_says_so(refused, visit):
    page = visit()
    page.goto(refused)
    button = page.locator("td > a[hx-target='#opened']").last
    page.route("**/rejects/*-*/", lambda route: route.fulfill(status=500, body="<html>broken</html>"))
    button.click()
    page.wait_for_selector("#opened [role=alert]")
    assert "could not be loaded" in page.locator("#opened").inner_text()
    page.unroute("**/rejects/*-*/")
    button.click()
    page.wait_for_selector("#opened textarea")


def test_a_page_that_is_cut_off_says_that_it_may_be_old(site, visit):
    page = visit()
    page.goto(site.address + "/live/")
    page.route("**/live/stream/**", lambda route: route.abort())
    eventually(page.locator("#lost").is_visible)
    page.unroute("**/live/stream/**")
    eventually(lambda: not page.locator("#lost").is_visible())


def test_a_mended_message_leads_to_the_next(refused, visit):
    page = visit()
    page.goto(refused)
    page.get_by_role("button", name="Open", exact=True).first.click()
    page.wait_for_selector("#opened textarea")
    row = page.locator("#opened form[hx-post$='/mend/']").get_attribute("hx-post").split("/")[2]
    page.locator("#opened textarea").fill('{"type": "track", "event": "Product Viewed", "userId": "mended"}')
    page.get_by_role("button", name="Mend and replay").click()
    page.wait_for_selector("#opened [role=status]")
    eventually(lambda: "replayed" in page.locator(f"#row-{row}").inner_text())
    page.get_by_role("button", name="Next of this kind").click()
    page.wait_for_selector("#opened textarea")
    assert page.locator("#opened form[hx-post$='/mend/']").get_attribute("hx-post").split("/")[2] != row
    assert not page.trouble
