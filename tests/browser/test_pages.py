"""The main pages in a real browser: in all looks and fonts sound (visual_checks.py); what a person does on them.

Not here: all the other pages, and where links lead (test_gallery.py).
"""

import re

import pytest

from tests.browser import fonts, visual_checks
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
    "members": "/workspace/members/",
    "tokens": "/workspace/tokens/",
    "audit": "/workspace/audit/",
    "workspace": "/workspace/",
    "password": "/account/password/",
    "components": "/_components/",
}
WIDTHS = visual_checks.WIDTHS
# Each look is loaded once a page and made as wide as its widths, one after the other.
LOOKS = [
    ("en", "light", fonts.SHIPPED, WIDTHS),
    ("zh-hans", "dark", fonts.SHIPPED, WIDTHS),
    ("en", "dark", fonts.SHIPPED, (390, 1440)),
    ("zh-hans", "light", fonts.SHIPPED, (390, 1440)),
    ("en", "light", fonts.BLOCKED, WIDTHS),
    ("en", "dark", fonts.WIDE, (390, 768, 1024)),
    ("zh-hans", "light", fonts.WIDE, (390, 1440)),
]

# Where a page is looked at in one width only: (language, width, theme), and the fonts.
ONE_WIDE = [("en", 1440, "light"), ("zh-hans", 1440, "dark"), ("en", 390, "dark"), ("zh-hans", 390, "light")]
OTHER_FONTS = [
    (("en", 390, "light"), fonts.BLOCKED),
    (("en", 1440, "dark"), fonts.BLOCKED),
    (("en", 390, "dark"), fonts.WIDE),
    (("zh-hans", 390, "light"), fonts.WIDE),
]
IN_FONTS = [*((look, fonts.SHIPPED) for look in ONE_WIDE), *OTHER_FONTS]


def told(part):
    """How a look is named in a test's id."""
    return part if isinstance(part, str) else "-".join(map(str, part))


def opened(page, site, name):
    page.goto(site.address + PAGES[name].replace("KEY", site.key))
    page.wait_for_load_state("load")


@pytest.mark.parametrize(("language", "theme", "font", "widths"), LOOKS, ids=told)
def test_every_page_is_sound(site, visit, language, theme, font, widths):
    page = visit(language, widths[0], theme, font=font)
    found = {}
    for name in PAGES:
        opened(page, site, name)
        found[name] = visual_checks.faults_at(page, widths)
        assert page.evaluate("document.documentElement.lang") == language
    assert not any(found.values()), found


def test_text_is_set_in_the_fonts_that_come_with_the_page(site, visit):
    page = visit()
    for name, where, font in (
        ("channel", "#start h2", "Inter"),
        ("channel", "#snippet", "JetBrains Mono"),
        ("customer", "main .mono", "JetBrains Mono"),
    ):
        opened(page, site, name)
        page.evaluate("document.fonts.ready.then(() => null)")
        ((family, ours),) = fonts.used(page, where).items()
        assert ours, (where, family)
        assert family.startswith(font)  # Chromium calls a variable font by one of two names


def test_the_button_beside_a_snippet_copies_it(site, visit):
    for width in (1440, 390):
        page = visit(width=width)
        opened(page, site, "channel")
        page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        page.locator("[data-copy=snippet]").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("window.copied") == page.locator("#snippet").inner_text()
        assert not page.trouble


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_sign_in_page_is_sound(site, browser, language):
    for width in (1440, 390):
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.add_cookies([{"name": "language", "value": language, "url": site.address}])
        page = context.new_page()
        visual_checks.listen(page)
        page.goto(site.address + "/signin/")
        assert visual_checks.faults(page) == []
        context.close()


def test_the_tooltip_of_the_chart_breaks_no_policy(site, visit):
    page = visit()
    opened(page, site, "overview")
    chart = page.locator("[data-chart]")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    for part in (0.3, 0.5, 0.8):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] * 0.6)
        page.locator(".hl-tip").first.wait_for()
    assert not page.trouble


def test_a_customer_is_found_by_the_search_key(site, customer, visit):
    page = visit()
    page.goto(customer)
    name = page.locator("h1").inner_text()
    opened(page, site, "customers")
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_url(customer)  # the only one of that name
    assert name == page.locator("h1").inner_text()
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


def test_a_reject_is_opened_in_place(refused, visit):
    page = visit()
    page.goto(refused)
    row = page.locator("td > a[hx-target='#opened']").last
    opened = page.locator("#opened h2")
    usual = opened.inner_text()
    row.click()
    page.wait_for_url("**open=*")
    name = row.locator(".sr").inner_text()
    opened.get_by_text(name).wait_for()
    assert row.evaluate("one => document.activeElement === one"), "the focus stays where it was"
    assert row.get_attribute("aria-current") == "true"
    there = page.url
    page.go_back()
    page.wait_for_url(refused)
    page.locator("#opened h2", has_text=usual).wait_for()  # asked for anew
    assert row.get_attribute("aria-current") is None
    page.goto(there)
    assert name in page.locator("#opened h2").inner_text()
    assert f'"messageId": "{name}"' in page.locator("#opened textarea").input_value()
    assert not page.trouble


def test_what_is_done_to_an_opened_reject_keeps_the_focus_beside_it(refused, visit):
    page = visit()
    page.goto(refused)
    button = page.get_by_role("button", name="Replay as it is")
    button.focus()
    page.keyboard.press("Enter")
    page.locator("#opened .msg.warn", has_text="still rejected").wait_for()
    assert page.evaluate("document.querySelector('#opened').contains(document.activeElement)")
    assert not page.trouble


def test_the_theme_changes_at_once_and_stays(site, visit):
    page = visit()
    opened(page, site, "overview")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("[data-act=theme]").first.click()
        assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == "dark"


def test_the_menu_opens_on_a_phone(site, visit):
    page = visit(width=390)
    opened(page, site, "overview")
    page.locator(".burger").click()
    page.get_by_role("link", name="Customers").first.click()
    page.wait_for_url("**/customers/")
    assert not page.trouble


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_new_channel_turns_green_by_itself_at_its_first_event(site, visit, language):
    made = site.sends()  # a channel to which nothing was sent
    page = visit(language)
    page.goto(f"{site.address}/channels/{made.channel.slug}/")
    state = page.locator("#channel-state")
    assert "good" not in state.get_attribute("class")
    waiting = page.locator("#arrival .msg").inner_text()
    page.wait_for_timeout(2_500)  # asked once more, and nothing changes
    assert page.locator("#arrival .msg").inner_text() == waiting
    site.arrives(made, {"type": "track", "event": "Product Viewed", "userId": "first", "messageId": "first"})
    page.locator("#arrival .msg.good").wait_for()
    page.locator("#channel-state.good").wait_for()  # put in its place a moment after
    assert page.locator("#arrival .facts .v").nth(1).inner_text() == "1"
    assert visual_checks.faults(page) == []
    with page.expect_request(lambda asked: True) as left:
        page.locator("#arrival .msg a").click()
    assert left.value.url.endswith(f"/live/?channel={made.channel.slug}")
