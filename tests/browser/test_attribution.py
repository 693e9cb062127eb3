"""The page of attribution in a browser, over the demo's events: sound at every width, and from a figure to an order.

The mirror is a copy made here of what the demo sent; a server in this process reads it.
"""

from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from tests.browser import visual_checks
from tests.browser.conftest import Site, committed
from tests.browser.test_identity import violations
from tests.metrics import mirrored
from tests.metrics.mirror_tables import serve

pytestmark = pytest.mark.django_db
PAGES = {
    "channels": "/allocation/?touches=marketing,store",
    "campaigns": "/allocation/?by=campaign&measure=conversions&model=markov",
    "wrong": "/allocation/?model=best",
    "nothing": "/allocation/?from=2001-01-01&to=2001-01-31",
    "orders": "/allocation/orders/?key=null&model=linear",
}


@pytest.fixture
def served(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server that reads the mirror; whoever is signed in to the site is so here."""
    serve(monkeypatch, committed(lambda: mirrored.filled(site.workspace.pk)))
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None
    try:
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-hans", "dark")])
def test_the_pages_are_sound_at_every_width(served, visit, language, theme) -> None:
    page = visit(language, visual_checks.WIDTHS[0], theme)
    found = []
    for name, address in PAGES.items():
        page.set_viewport_size({"width": 1440, "height": visual_checks.HEIGHT})
        answer = page.goto(served + address)
        assert answer.status == 200, name
        found += [f"{name} at {what}" for what in visual_checks.faults_at(page, visual_checks.WIDTHS)]
    assert found == []


def test_from_a_figure_to_its_orders_and_one_of_them(served, visit) -> None:
    page = visit()
    page.goto(served + PAGES["channels"])
    page.locator("#models tbody td a").first.click()
    page.wait_for_url("**/allocation/orders/**")
    page.locator("tbody td a").first.click()
    page.wait_for_url("**/allocation/order/**")
    assert page.locator(".credits > div").count() == 9
    assert violations(page) == []
    assert not page.trouble


def test_another_model_and_another_window_stay_in_the_address(served, visit) -> None:
    page = visit()
    page.goto(served + PAGES["channels"])
    page.get_by_role("link", name="Linear", exact=True).first.click()
    page.wait_for_url("**model=linear**")
    page.select_option("[name=lookback]", "7d")
    page.get_by_role("button", name="Show", exact=True).last.click()
    page.wait_for_url("**lookback=7d**")
    assert "model=linear" in page.url
    assert not page.trouble
