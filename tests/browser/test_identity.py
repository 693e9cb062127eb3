"""The pages of identity, events' lives and data quality in a browser, and what is done there; axe on all pages."""

import functools
import re
from pathlib import Path

import pytest

from tests.browser import visual_checks
from tests.browser.test_pages import ONE_WIDE, OTHER_FONTS, PAGES, opened, told
from tests.live import eventually

pytestmark = pytest.mark.django_db
AXE = Path("node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@functools.cache
def axe():
    """axe-core, a package of package.json for tests alone."""
    return AXE.read_text(encoding="utf-8")


def joined(page, customer):
    """What is to be seen of a customer who was joined: the addresses."""
    page.goto(customer)
    return {
        "person": customer,
        "split": page.locator("a[href*='/split/']").first.evaluate("one => one.href"),
        "merge": customer + "merge/?q=" + page.locator("h1").inner_text()[:2],
        "life": page.locator(".tl a").first.evaluate("one => one.href"),
    }


def places(page, site, customer):
    """Every page worth a look: the listed ones and those that hang on rows."""
    found = {name: site.address + path.replace("KEY", site.key) for name, path in PAGES.items()}
    found |= joined(page, customer)
    found |= {
        "quality": site.address + "/quality/",
        "unknown-event": site.address + "/events/nobody-sent-this/",
        "events": site.address + "/events/",
    }
    page.goto(site.address + "/customers/?ordering=events")
    other = page.locator("tbody a[href^='/customers/']").first.get_attribute("href").split("/")[2]
    found["merge-preview"] = found["person"] + f"merge/?other={other}"
    return found


def violations(page):
    """What axe has against the page as it stands."""
    page.evaluate(axe())
    found = page.evaluate("rules => axe.run({ runOnly: rules })", RULES)["violations"]
    return [
        (one["id"], [node["target"] for node in one["nodes"]][:3], one["nodes"][0]["failureSummary"])
        for one in found
    ]


def sound_places(page, site, customer):
    """Each page in turn, found sound."""
    for name, address in places(page, site, customer).items():
        page.goto(address)
        page.wait_for_load_state("load")
        if name == "quality":
            page.wait_for_selector("#completeness .bar")
        page.wait_for_timeout(150)
        assert visual_checks.faults(page) == [], name
        yield name


@pytest.mark.parametrize(("look", "font"), OTHER_FONTS, ids=told)
def test_new_pages_are_sound_in_other_fonts(site, customer, visit, look, font):
    language, width, theme = look
    assert list(sound_places(visit(language, width, theme, font=font), site, customer))


@pytest.mark.parametrize("look", ONE_WIDE, ids=told)
def test_new_pages_are_sound_and_axe_finds_nothing(site, customer, visit, look):
    language, width, theme = look
    page = visit(language, width, theme)
    wrong = {}
    for name in sound_places(page, site, customer):
        if found := violations(page):
            wrong[name] = found
    assert not wrong, "\n".join(f"{name}: {one}" for name, found in wrong.items() for one in found)


def test_the_confluence_is_drawn_and_agrees_with_the_list(customer, visit):
    page = visit()
    page.goto(customer)
    assert page.locator(".conf .j:not(.no)").count() == page.locator("a[href*='/split/']").count()
    assert page.locator(".conf .trunk").count() >= 1
    assert not page.trouble


def test_an_order_opens_by_keyboard(customer, visit):
    page = visit()
    page.goto(customer)
    button = page.locator("[data-opens]").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert page.locator("tr.opened:visible li").count() >= 1


def test_a_join_is_undone_and_merged_again(customer, visit):
    page = visit()
    page.goto(joined(page, customer)["split"])
    moved = page.locator(".side").last.locator(".facts .v").first.inner_text()
    page.fill("#reason", "not the same person")
    page.get_by_role("button", name="Undo the join").click()
    page.locator("main", has_text="Undone").wait_for()
    merge = page.locator("a[href*='/merge/?other=']").first
    merge.click()
    page.wait_for_url("**/merge/?other=*")
    assert moved in page.locator(".side .facts .v").all_inner_texts()
    page.fill("#reason", "the same after all")
    page.get_by_role("button", name="Merge the two").click()
    page.locator("main", has_text="Merged").wait_for()
    assert not page.trouble


def test_a_live_event_leads_to_its_life(site, visit):
    site.sends(
        {"type": "track", "event": "Just Looked", "userId": "just-looking", "messageId": "just-looked"}
    )
    page = visit()
    opened(page, site, "live")
    page.get_by_role("button", name="Just Looked").first.click()
    page.locator("#opened pre").nth(1).wait_for()  # as it came, and as it is kept
    page.get_by_role("link", name="Event trace").click()
    page.locator(".way li.done").nth(2).wait_for()
    assert not page.trouble


def test_a_reject_leads_to_its_life(refused, visit):
    page = visit()
    page.goto(refused)
    page.locator("td > a[hx-target='#opened']").first.click()
    page.wait_for_url("**open=*")
    page.locator("#opened").get_by_role("link", name="Event trace").click()
    page.locator(".sum-line", has_text="rejected").wait_for()


@pytest.mark.parametrize("width", [1440, 390], ids=["in a card of its own", "with the page"])
def test_the_timeline_goes_on_when_scrolled(customer, visit, width):
    page = visit(width=width)
    page.goto(customer)
    shown = page.locator(".tl time")
    before = shown.count()
    page.locator(".tl a").first.hover()
    page.wait_for_timeout(300)
    assert shown.count() == before, "nothing more before it is scrolled"
    page.mouse.wheel(0, 20_000)
    eventually(lambda: shown.count() > before)
    assert not page.trouble


def insisted(page, act, done) -> None:
    """Done again until it takes: what loads late may draw the ribbon anew under a key or a click."""

    def once() -> bool:
        if not done():
            act()
            page.wait_for_timeout(100)  # the address reaches us as an event
        return done()

    eventually(once)


def test_the_journey_is_zoomed_by_buttons_keys_and_dates_and_the_address_knows(customer, visit):
    page = visit()
    page.goto(customer)
    shown, whole = page.locator(".mk"), page.locator("[data-zoom='0'][aria-pressed='true']")
    assert whole.count() == 1
    closer = page.get_by_role("button", name="Zoom in", exact=True).first
    insisted(page, closer.click, lambda: "journey=" in page.url)
    stretch, there = page.url, page.locator("#jr-from").input_value()
    page.reload()
    assert page.url == stretch
    assert page.locator("#jr-from").input_value() == there

    def press(key: str) -> None:
        shown.first.focus()
        page.keyboard.press(key)

    insisted(page, lambda: press("Shift+ArrowLeft"), lambda: page.url != stretch)
    insisted(page, lambda: press("0"), lambda: "journey=" not in page.url)
    eventually(lambda: whole.count() == 1)
    first = page.locator("#jr-from").input_value()
    last = page.locator("#jr-to").input_value()

    def until(day: str) -> None:
        page.locator("#jr-to").fill(day)
        page.locator("#jr-to").blur()

    insisted(page, lambda: until(first), lambda: "journey=" in page.url)
    assert whole.count() == 0
    page.locator("[data-zoom='0']").click()
    eventually(lambda: page.locator("#jr-to").input_value() == last)
    assert not page.trouble


def test_the_window_of_the_journey_is_drawn_with_the_pointer(customer, visit):
    page = visit()
    page.goto(customer)
    strip = page.locator("#mk-strip")

    def drawn() -> bool:
        strip.scroll_into_view_if_needed()
        box = strip.bounding_box()  # each time anew: what loads above may still move it
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.3, y)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=4)
        page.mouse.up()
        page.wait_for_timeout(100)  # the address reaches us as an event
        return "journey=" in page.url

    eventually(drawn)
    assert page.locator("[data-zoom='0']").get_attribute("aria-pressed") == "false"
    assert not page.trouble


def test_several_contacts_are_opened_by_a_closer_look(customer, visit):
    page = visit(width=390)
    page.goto(customer)
    many = page.locator(".mk[data-n]").first
    many.focus()
    assert page.locator("#mk-info .mk-list li").count() >= 2
    before = page.locator("#jr-from").input_value(), page.locator("#jr-to").input_value()
    page.keyboard.press("Enter")
    assert (page.locator("#jr-from").input_value(), page.locator("#jr-to").input_value()) != before
    assert not page.trouble


def test_the_timeline_is_narrowed_and_the_address_keeps_it(customer, visit):
    page = visit()
    page.goto(customer)
    page.locator("[name=purchases]").check()
    page.wait_for_url("**purchases=1**")
    shown, buys = page.locator(".tl li:not(.d)"), page.locator(".tl li.buy")
    eventually(lambda: shown.count() == buys.count() > 0)
    bought = shown.count()
    page.reload()
    assert page.locator(".tl li:not(.d)").count() == bought
    assert page.locator("[name=purchases]").is_checked()
    page.get_by_role("link", name="show everything").click()
    eventually(lambda: "purchases" not in page.url)
    assert not page.trouble


def test_why_they_are_one_is_asked_and_answered(customer, visit):
    page = visit(role="viewer")
    page.goto(customer)
    page.wait_for_selector("[name=b]")
    page.locator("[name=b]").select_option(index=2)
    page.wait_for_selector("#why li, #why p")
    assert re.search("They are one person by|one and the same", page.locator("#why").inner_text())
    assert not page.trouble
