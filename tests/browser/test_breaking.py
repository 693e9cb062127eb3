"""A metric by any dimension, of what filters leave, and all metrics there are, in a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from tests.browser import visual_checks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
LOOKS = (
    ("en", 390, "light"),
    ("zh-hans", 768, "dark"),
    ("en", 1024, "light"),
    ("zh-hans", 1440, "light"),
    ("en", 1920, "dark"),
    ("zh-hans", 390, "light"),
)
PAGES = {
    "metrics": "/kpi/",
    "metrics-none": "/kpi/?q=weather",
    "kpi-by-sku": "/kpi/units/?by=sku",
    "kpi-filtered": "/kpi/buyers/?by=city&filter=new_or_returning:new&filter=member_tier:null",
    "rows-filtered": "/kpi/net_revenue/rows/?filter=payment_method:null",
    "rows-visits": "/kpi/visit_conversion/rows/?part=visits",
}


@pytest.fixture
def address(site: Any) -> Iterator[str]:
    """The same pages out of this process, whose mirror is PostgreSQL's rows."""
    served = LiveServerThread("127.0.0.1", StaticFilesHandler)
    served.daemon = True
    served.start()
    served.is_ready.wait(30)
    assert not served.error
    yield f"http://127.0.0.1:{served.port}"
    served.terminate()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_are_sound(address, visit, look):
    language, width, theme = look
    page = visit(language, width, theme)
    for name, path in PAGES.items():
        answer = page.goto(address + path)
        assert answer.status == 200, name
        page.wait_for_load_state("load")
        page.wait_for_timeout(150)
        if folder := os.environ.get("HUILIU_PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
        assert visual_checks.faults(page) == [], name


def test_a_dimension_is_chosen_a_value_narrows_and_its_number_opens_rows(address, visit):
    page = visit()
    page.goto(address + "/kpi/units/")
    page.locator("summary", has_text="Break down by").click()
    page.get_by_role("link", name="Category", exact=True).click()
    page.wait_for_url("**by=category**")
    only = page.locator("td a.wrap[href^='?'][href*='filter=category']").first
    name = only.inner_text()
    only.click()
    page.wait_for_url("**filter=category**")
    assert name in page.locator(".filters .filter b").first.inner_text()
    page.locator(".kpi-row + .kpi-meta, .formula .f a").last.click()
    page.wait_for_url("**/rows/?**filter=category**")
    assert page.locator("tbody tr").count() > 0
    assert not page.trouble
