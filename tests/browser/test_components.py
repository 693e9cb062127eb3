"""The page of components in a browser: each is really drawn, in both themes, in either language and theme."""

from pathlib import Path

import pytest

from tests.browser import visual_checks
from tests.browser.test_identity import violations

pytestmark = pytest.mark.django_db  # makes the database; `site` filled it before
COMPONENTS = sorted(path.stem for path in Path("templates/components").glob("*.html"))
# How high each ground's figures are, and the colour they stand on.
SEEN = """name => [...document.querySelectorAll(`#${name} .ground`)].map((ground) => ({
    theme: ground.dataset.bsTheme,
    colour: getComputedStyle(ground).backgroundColor,
    heights: [...ground.querySelectorAll("figure")].map((one) => one.lastElementChild.getBoundingClientRect().height),
}))"""
# The colours that the axes of each chart are written in, by theme.
INK = """() => [...document.querySelectorAll("#chart .ground")].map((ground) => [
    getComputedStyle(ground).getPropertyValue("--ink-3").trim(),
    ...new Set([...ground.querySelectorAll(".viz svg text[fill]")].map((one) => one.getAttribute("fill"))),
])"""


@pytest.fixture
def gallery(site, visit):
    """`gallery(theme)`: the page, opened."""

    def make(theme="light", **more):
        page = visit(theme=theme, **more)
        page.goto(site.address + "/_components/")
        page.wait_for_selector("#chart .viz svg")
        return page

    return make


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_component_is_drawn_in_both_themes(gallery, theme):
    page = gallery(theme)
    for name in COMPONENTS:
        light, dark = page.evaluate(SEEN, name)
        assert (light["theme"], dark["theme"]) == ("light", "dark")
        assert (light["colour"], dark["colour"]) == ("rgb(244, 246, 245)", "rgb(14, 21, 26)")
        assert len(light["heights"]) == len(dark["heights"]) > 0, name
        assert all(height > 3 for height in light["heights"] + dark["heights"]), (name, light, dark)
    assert not page.trouble


def test_a_chart_is_drawn_in_the_colours_of_where_it_stands(gallery):
    light, dark = gallery("dark").evaluate(INK)
    assert light[0] in light[1:]
    assert dark[0] in dark[1:]
    assert not set(light) & set(dark)


def test_the_page_opens_at_its_top_though_a_field_is_wrong(gallery):
    page = gallery()
    assert page.evaluate("scrollY") == 0
    assert page.locator("[aria-invalid=true]").count() == 6


def test_its_language_is_switched_where_one_reads(gallery):
    page = gallery()
    page.locator(".hl-head button[value=zh-hans]").first.click()
    page.wait_for_selector("html[lang=zh-hans]")
    assert page.url.endswith("/_components/")
    assert page.locator("h1").first.inner_text() == "组件"


@pytest.mark.parametrize("width", [1440, 390])
def test_a_menu_opens_below_its_button_wherever_the_page_is_scrolled_to(gallery, width):
    page = gallery(width=width)
    page.locator("#menu").scroll_into_view_if_needed()
    menus = page.locator("#menu .hl-menu, .hl-top > .hl-menu:last-of-type")
    assert menus.count() > 6
    for menu in menus.all():
        menu.locator("summary").click()
        button, panel = menu.locator("summary").bounding_box(), menu.locator(".panel").bounding_box()
        below = panel["y"] - button["y"] - button["height"]
        assert 0 <= below < 12
        assert 0 <= panel["x"] < panel["x"] + panel["width"] <= width
        menu.locator("summary").click()


def test_what_opens_is_sound_too(gallery):
    page = gallery(width=390)
    for summary in ("#menu .hl-menu > summary", "#data details > summary"):
        for one in page.locator(summary).all():
            one.click()
            assert visual_checks.faults(page) == []
            assert violations(page) == []
            one.click()
