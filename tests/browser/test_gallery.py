"""Every page there is (gallery.py) in a real browser at five widths, and every page that a link of theirs leads to."""

import re
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

import pytest

from tests.browser import gallery, visual_checks
from tests.hostile.crawl import route_of
from tests.live import eventually

pytestmark = pytest.mark.django_db  # makes the database; `site` filled it before
# Pages of one template: one of each kind of number is enough at five widths.
ALIKE = re.compile(r"kpi-(?!gmv|price_parity|retention|of-a|empty)|rows-(?!gmv|active|price|empty)")
OF_A_KIND = 3  # addresses of one route that links are followed to
NO_PAGE = re.compile(r"^/static/|/layout\.css|\.(csv|xlsx)$|^/signout/")
SCHEMA = "{}/api/schema/?format=json"
CALLS = """[...document.querySelectorAll('.opblock')].map(one =>
    one.querySelector('.opblock-summary-method').textContent + ' '
    + one.querySelector('.opblock-summary-path').dataset.path)"""
BLANK = 200  # characters: less than that is no page


def asked(page, site):
    def ask(path):
        answer = page.context.request.get(site.address + path)
        assert answer.ok, path
        return answer.json() if path.startswith("/api/") else answer.text()

    return ask


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh-hans", "light")])
def test_every_page_is_sound_at_every_width(site, visit, language, theme, part):
    page = visit(language, visual_checks.WIDTHS[0], theme)
    every = [one for one in gallery.pages(asked(page, site)) if not ALIKE.match(one.name) and not one.width]
    found = []
    for sight in every[part::3]:
        page.set_viewport_size({"width": 1440, "height": visual_checks.HEIGHT})
        answer = page.goto(site.address + sight.address)
        assert answer.status == sight.status, sight.name
        if sight.act:
            sight.act(page)
        found += [f"{sight.name} at {what}" for what in visual_checks.faults_at(page, visual_checks.WIDTHS)]
        page.emulate_media(media="screen")
    assert found == []


def test_every_link_leads_to_a_page(site, visit):
    """From every page of the gallery, a few of each route: it answers, shows something, and nothing is refused."""
    page = visit()
    ask = asked(page, site)
    starts = {sight.address for sight in gallery.pages(ask) if sight.status == 200}
    links = set()
    for start in sorted(starts):
        text = page.context.request.get(site.address + start).text()
        hrefs = re.findall(r'\bhref="([^"#]+)"', text)
        links |= {urljoin(site.address + start, href.replace("&amp;", "&")) for href in hrefs}
    inside = sorted(link for link in links if link.startswith(site.address))
    assert sorted(links - set(inside)) == []  # nothing of ours lies elsewhere
    kinds = {}
    for link in inside:
        path = urlsplit(link).path
        if not NO_PAGE.search(path):
            kinds.setdefault(route_of(path), []).append(link)
    assert "api/docs/" in kinds
    for kind, those in kinds.items():
        for link in those[:OF_A_KIND]:
            answer = page.goto(link)
            assert answer.status == 200, link
            eventually(lambda: len(page.locator("body").inner_text()) > BLANK)
            assert not page.trouble, (kind, link, page.trouble)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_api_docs_show_every_call(site, visit, language):
    page = visit(language)
    page.goto(site.address + "/api/docs/")
    page.locator(".opblock").first.wait_for()
    told = page.context.request.get(SCHEMA.format(site.address)).json()["paths"]
    calls = {f"{way.upper()} {path}" for path, ways in told.items() for way in ways}
    shown: set[str] = set()

    def all_shown() -> bool:
        """Only what is near stands in the page."""
        shown.update(page.evaluate(CALLS))
        page.mouse.wheel(0, 500)
        return shown >= calls

    with suppress(AssertionError):
        eventually(all_shown)
    assert calls - shown == set()

    def back() -> bool:
        page.mouse.wheel(0, -500)
        return page.locator("#operations-profiles-profiles").count() == 1

    eventually(back)
    page.locator("#operations-profiles-profiles .opblock-summary-control").click()
    page.get_by_text("last_seen_after").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not page.trouble
