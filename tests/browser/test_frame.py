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
    # The first stands open from the start: what is filled in before the click has brought it anew is gone with it.
    with page.expect_response("**/rejects/*-*/**"):
        page.locator("td > a[hx-target='#opened']").first.click()
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    page.wait_for_selector("#opened textarea")
    row = page.locator("#opened form[hx-post$='/mend/']").get_attribute("hx-post").split("/")[2]
    page.locator("#opened textarea").fill('{"type": "track", "event": "Product Viewed", "userId": "mended"}')
    page.get_by_role("button", name="Fix and replay").click()
    page.wait_for_selector("#opened [role=status]")
    eventually(lambda: "replayed" in page.locator(f"#row-{row}").inner_text())
    page.get_by_role("button", name="Next of this kind").click()
    page.wait_for_selector("#opened textarea")
    other = page.locator("#opened form[hx-post$='/mend/']").get_attribute("hx-post").split("/")[2]
    assert other != row
    assert page.locator("td > a[hx-target='#opened'][aria-current]").evaluate_all(
        "all => all.map(one => one.parentNode.id)"
    ) == [f"row-{other}"]
    assert page.url.endswith(f"open={other}")
    assert not page.trouble


MOST_STOPS = 55  # of them some twenty lead to other pages, and `skip` goes past those
STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")]
    .filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden" && one.checkVisibility()).length"""


def test_the_overview_is_walked_in_a_few_steps_and_all_of_it_by_arrows(site, visit):
    page = visit()
    page.wait_for_load_state("load")
    assert page.evaluate(STOPS) <= MOST_STOPS
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    card = page.locator(".kpi").first
    links = card.locator("a:not([aria-hidden])")
    drawn = card.locator("a[aria-hidden]")  # the small line leads where the name does: for the mouse alone
    assert drawn.get_attribute("href") == links.first.get_attribute("href")
    links.first.focus()
    for place in range(1, links.count()):
        page.keyboard.press("ArrowRight")
        assert links.nth(place).evaluate("one => one === document.activeElement")
    page.keyboard.press("ArrowRight")  # the end: nothing happens
    assert links.last.evaluate("one => one === document.activeElement && one.tabIndex === 0")
    page.keyboard.press("Tab")  # and on to what follows the card
    assert not page.evaluate("document.querySelector('.kpi').contains(document.activeElement)")
    rows = page.locator("main table:visible tbody tr", has=page.locator("td a"))
    rows.nth(0).locator("a").first.focus()
    page.keyboard.press("ArrowDown")
    assert rows.nth(1).locator("a").first.evaluate("one => one === document.activeElement")
    page.keyboard.press("Home")
    assert rows.nth(0).locator("a").first.evaluate("one => one === document.activeElement")
    assert not page.trouble


def test_what_is_hidden_on_a_phone_is_no_stop_there(site, visit):
    page = visit(width=1440)
    page.goto(site.address + "/customers/")
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_timeout(100)
    stop = page.locator("main table a[tabindex='0']")
    assert stop.count() == 1
    assert stop.is_visible()
