"""The pages of service in a real browser, over the demo's orders: sound at every width, from a square to one order.

The mirror is a copy made here of what the demo sent; a server in this process reads it.
"""

from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from tests.browser import visual_checks
from tests.browser.conftest import Site, committed
from tests.browser.test_identity import violations
from tests.metrics import mirrored as mirrors
from tests.metrics.mirror_tables import serve

pytestmark = pytest.mark.django_db
NEVER = "from=2001-01-01&to=2001-01-31"
PAGES = {
    "aftersales": "/aftersales/?cost-call-centre=12.50",
    "aftersales-none": f"/aftersales/?{NEVER}",
    "returns": "/aftersales/rows/?rows=returns",
    "refunds": "/aftersales/rows/?rows=refunds",
    "tickets": "/aftersales/rows/?rows=tickets",
    "payments": "/payments/",
    "payments-reason": "/payments/?by=reason",
    "payments-none": f"/payments/?{NEVER}",
    "payments-rows": "/payments/rows/?outcome=failed",
}


@pytest.fixture
def mirrored(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server that reads the mirror; whoever is signed in to the site is so here."""
    serve(monkeypatch, committed(lambda: mirrors.filled(site.workspace.pk)))
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
def test_the_pages_are_sound_at_every_width(mirrored, visit, language, theme) -> None:
    page = visit(language, visual_checks.WIDTHS[0], theme)
    found = []
    for name, address in PAGES.items():
        page.set_viewport_size({"width": 1440, "height": visual_checks.HEIGHT})
        answer = page.goto(mirrored + address)
        assert answer.status == 200, name
        found += [f"{name} at {what}" for what in visual_checks.faults_at(page, visual_checks.WIDTHS)]
    page.goto(mirrored + PAGES["returns"])
    page.goto(mirrored + page.locator("td a[href^='/orders/']").first.get_attribute("href"))
    found += [f"order at {what}" for what in visual_checks.faults_at(page, visual_checks.WIDTHS)]
    assert found == []


def test_from_a_square_to_its_returns_and_one_order(mirrored, visit) -> None:
    page = visit()
    page.goto(mirrored + "/aftersales/")
    square = page.locator("td.q5 a").first
    count = int(square.inner_text().split()[0].replace(",", ""))
    square.click()
    page.wait_for_url("**/aftersales/rows/**")
    assert page.locator("tbody tr").count() == min(count, 50)
    page.locator("td a[href^='/orders/']").first.click()
    page.wait_for_url("**/orders/**")
    assert page.get_by_role("heading", name="From end to end").is_visible()
    assert page.locator("tbody tr").count() > 2
    assert not page.trouble


def test_a_cost_is_typed_and_the_sum_is_said(mirrored, visit) -> None:
    page = visit()
    page.goto(mirrored + "/aftersales/")
    page.locator("[name^=cost-]").first.fill("10")
    page.get_by_role("button", name="Work out the cost").click()
    page.wait_for_url("**cost-**")
    assert "Service cost" in page.locator("#tickets").inner_text()
    assert not page.trouble


def test_a_methods_arrival_is_asked_for(mirrored, visit) -> None:
    page = visit()
    page.goto(mirrored + "/payments/")
    page.locator("#arrival [name=method]").select_option(index=0)
    page.get_by_role("button", name="Show", exact=True).last.click()
    page.wait_for_url("**method=**")
    assert page.locator("#arrival p.strong, #arrival [role=status]").first.is_visible()
    assert not page.trouble


def test_axe_has_nothing_against_them(mirrored, visit) -> None:
    page = visit()
    for name in ("aftersales", "returns", "payments"):
        page.goto(mirrored + PAGES[name])
        assert violations(page) == [], name
