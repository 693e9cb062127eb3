"""The pages of price parity and stock in a real browser, over the demo's goods: sound at every width."""

from typing import Any

import pytest

from tests.browser import visual_checks
from tests.browser.test_identity import violations

pytestmark = pytest.mark.django_db
PAGES = {
    "parity": "/parity/",
    "parity-all": "/parity/?state=all&ordering=-exposure",
    "parity-none": "/parity/?from=2001-01-01&to=2001-01-31",
    "stock": "/stock/",
    "stock-transfers": "/stock/?part=transfers",
    "stock-oversold": "/stock/?part=oversold",
    "stock-none": "/stock/?from=2001-01-01&to=2001-01-31",
}


@pytest.fixture
def sku(site: Any, visit: Any) -> str:
    """The address of a SKU's page."""
    page = visit()
    page.goto(f"{site.address}/parity/?state=all")
    return str(page.locator("#rows td.named a").first.get_attribute("href"))


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-hans", "dark")])
def test_the_pages_are_sound_at_every_width(
    site: Any, visit: Any, sku: str, language: str, theme: str
) -> None:
    page = visit(language, visual_checks.WIDTHS[0], theme)
    found = []
    for name, address in (PAGES | {"sku": sku}).items():
        page.set_viewport_size({"width": 1440, "height": visual_checks.HEIGHT})
        answer = page.goto(site.address + address)
        assert answer.status == 200, name
        found += [f"{name} at {what}" for what in visual_checks.faults_at(page, visual_checks.WIDTHS)]
    assert found == []


def test_from_the_matrix_to_one_sku_and_who_met_a_gap(site: Any, visit: Any) -> None:
    page = visit()
    page.goto(f"{site.address}/parity/?state=all")
    page.locator("#rows td.named a").first.click()
    page.wait_for_url("**/parity/sku/**")
    assert page.locator("[data-chart=curve] svg").is_visible()
    page.get_by_role("link", name="Who met a gap").click()
    page.wait_for_url("**/parity/people/**")
    assert not page.trouble


def test_an_admin_allows_a_promotion(site: Any, visit: Any) -> None:
    page = visit()
    page.goto(f"{site.address}/parity/")
    page.locator("#rules details.data > summary").click()
    page.fill("#rules [name=tolerance]", "1.5")
    page.locator("#rules [name=channel]").first.select_option("douyin")
    page.locator("#rules [name=until]").first.fill("2030-01-31")
    page.locator("#rules").get_by_role("button", name="Save").click()
    page.wait_for_url("**/parity/")
    said = page.locator("#rules ul.plain").inner_text()
    assert "1.50%" in said
    assert "31 Jan 2030" in said
    page.locator("#rules details.data > summary").click()
    page.fill("#rules [name=tolerance]", "0")
    page.locator("#rules [name=channel]").first.select_option("")
    page.locator("#rules").get_by_role("button", name="Save").click()
    page.wait_for_url("**/parity/")
    assert "1.50%" not in page.locator("#rules ul.plain").inner_text()
    assert not page.trouble


def test_axe_has_nothing_against_them(site: Any, visit: Any, sku: str) -> None:
    page = visit()
    for address in (PAGES["parity-all"], sku, PAGES["stock"], PAGES["stock-transfers"]):
        page.goto(site.address + address)
        assert violations(page) == [], address
