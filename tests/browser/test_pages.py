"""Every page in a real browser: both languages, wide and narrow, light and dark: sound (sound.py); and what a person
does on them."""

import re

import pytest

from tests.browser import sound
from tests.live import eventually

pytestmark = pytest.mark.django_db  # makes the database; `site` filled it before
PAGES = {
    "overview": "/",
    "customers": "/customers/",
    "customer": "/customers/KEY/",
    "channels": "/channels/",
    "channel": "/channels/web-shop/",
    "live": "/live/",
    "rejects": "/rejects/",
}
LOOKS = [("en", 1440, "light"), ("zh-hans", 1440, "dark"), ("en", 390, "dark"), ("zh-hans", 390, "light")]


def opened(page, site, name):
    page.goto(site.address + PAGES[name].replace("KEY", site.key))
    page.wait_for_load_state("load")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_every_page_is_sound(site, visit, look):
    language, width, theme = look
    page = visit(language, width, theme)
    for name in PAGES:
        opened(page, site, name)
        if name in ("overview", "customer"):
            page.wait_for_timeout(150)
        assert sound.faults(page) == [], name
        assert page.evaluate("document.documentElement.lang") == language


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_sign_in_page_is_sound(site, browser, language):
    for width in (1440, 390):
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.add_cookies([{"name": "language", "value": language, "url": site.address}])
        page = context.new_page()
        sound.listen(page)
        page.goto(site.address + "/signin/")
        assert sound.faults(page) == []
        context.close()


def test_the_tooltip_of_the_chart_breaks_no_policy(site, visit):
    page = visit()
    opened(page, site, "overview")
    chart = page.locator("[data-chart]")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    for part in (0.3, 0.5, 0.8):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] * 0.6)
        page.wait_for_timeout(60)
    assert page.locator(".hl-tip").count() >= 1
    assert not page.trouble


def test_a_customer_is_found_by_the_search_key(site, visit):
    page = visit()
    opened(page, site, "customers")
    name = page.locator("tbody a.strong").first.inner_text()
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_load_state("load")
    assert name in page.locator("main").inner_text()
    assert not page.trouble


def test_the_journey_is_walked_with_arrow_keys(site, visit):
    page = visit()
    opened(page, site, "customer")
    marks = page.locator(".mk")
    assert marks.count() > 2
    marks.last.focus()
    last = page.locator("#mk-info").inner_text()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#mk-info").inner_text() != last
    page.get_by_role("button", name="30 days").click()
    assert not page.trouble


def test_earlier_events_come_by_themselves(site, visit):
    page = visit()
    opened(page, site, "customer")
    before = page.locator(".tl time").count()
    if page.get_by_role("button", name="Earlier events").count():
        page.get_by_role("button", name="Earlier events").click()
        eventually(lambda: page.locator(".tl time").count() > before)
    page.locator("#tl-touchpoint").select_option("order")
    page.wait_for_url("**touchpoint=order**")
    assert page.locator("#tl-touchpoint").input_value() == "order"
    assert not page.trouble


def test_a_viewer_sees_no_whole_phone(site, visit):
    page = visit(role="viewer")
    opened(page, site, "customer")
    assert not re.search(r"\+?861\d{10}|\b1[3-9]\d{9}\b", page.locator("main").inner_text())


def test_the_stream_pauses(site, visit):
    page = visit()
    opened(page, site, "live")
    page.keyboard.press("p")
    assert page.locator("[data-pause]").get_attribute("aria-pressed") == "true"
    page.locator("#stream button").first.click()
    page.wait_for_selector("#opened pre")
    assert not page.trouble


def test_a_reject_is_opened_and_mended_in_place(site, visit):
    page = visit()
    opened(page, site, "rejects")
    page.get_by_role("button", name="Open").first.click()
    page.wait_for_selector("#opened textarea")
    assert page.locator("#opened textarea").input_value().startswith(("{", "[", '"'))
    assert not page.trouble


def test_the_theme_changes_at_once_and_stays(site, visit):
    page = visit()
    opened(page, site, "overview")
    page.locator("[data-act=theme]").first.click()
    assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == "dark"
    page.wait_for_timeout(300)
    page.reload()
    assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == "dark"


def test_the_menu_opens_on_a_phone(site, visit):
    page = visit(width=390)
    opened(page, site, "overview")
    page.locator(".burger").click()
    page.get_by_role("link", name="Customers").first.click()
    page.wait_for_url("**/customers/")
    assert not page.trouble
