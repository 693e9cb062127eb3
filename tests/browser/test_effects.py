"""Return on joining and consistency in a real browser: sound in every look; what a person does on them.

Their mirror is what PostgreSQL's rows come to, read in this process, so the web server is Django's own here.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from channels.models import Channel
from tests.browser import fonts, visual_checks
from tests.browser.test_pages import LOOKS, told
from tests.metrics.consistency.gapped import gapped_shop
from tests.metrics.roi.joined import AT, joined_shop

pytestmark = pytest.mark.usefixtures("mirror_of_postgresql")
JOINED = f"/roi/?at={AT}&window=21d&joined=web-shop&joined=tmall&cost=1000"
ROI = {"roi": JOINED, "roi-asked": "/roi/", "roi-wrong": f"/roi/?at={AT}&joined=moon"}
CONSISTENCY = {
    "consistency": "/consistency/?from=2026-03-01&to=2026-03-31",
    "consistency-churn": "/consistency/?from=2026-06-13&to=2026-07-13",
    "consistency-people": "/consistency/people/?from=2026-06-13&to=2026-07-13&gap=late",
    "consistency-empty": "/consistency/?from=2001-01-01&to=2001-01-31",
}
Visit = Callable[..., Any]


@pytest.fixture
def visit(transactional_db: None, live_server: Any, browser: Any) -> Iterator[Visit]:
    """`visit(shop, language, width, theme, font)`: somebody signed in; `page.site`: where the pages are."""
    from tests.pages.test_numbers import person

    contexts = []

    def make(
        shop: Any, language: str = "en", width: int = 1440, theme: str = "light", font: str = fonts.SHIPPED
    ) -> Any:
        client: Client = person(shop)
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        contexts.append(context)
        fonts.use(context, font)
        cookies = {"language": language, "theme": theme, "sessionid": client.cookies["sessionid"].value}
        host = {"domain": urlsplit(live_server.url).hostname, "path": "/"}
        context.add_cookies([{"name": name, "value": value, **host} for name, value in cookies.items()])
        page = context.new_page()
        visual_checks.listen(page)
        page.site = live_server.url
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("language", "theme", "font", "widths"), LOOKS, ids=told)
@pytest.mark.parametrize(
    ("make", "pages"), [(joined_shop, ROI), (gapped_shop, CONSISTENCY)], ids=["roi", "consistency"]
)
def test_the_pages_are_sound(
    visit: Visit,
    make: Any,
    pages: dict[str, str],
    language: str,
    theme: str,
    font: str,
    widths: tuple[int, ...],
) -> None:
    shop = make()
    Channel.objects.filter(slug="store").update(name="Stores")  # a name that has a Chinese one
    page = visit(shop, language, widths[0], theme, font)
    found = {}
    for name, address in pages.items():
        page.goto(page.site + address)
        page.wait_for_load_state("load")
        found[name] = visual_checks.faults_at(page, widths)
        assert page.evaluate("document.documentElement.lang") == language
    assert not any(found.values()), found


def test_a_board_asks_reads_and_prints(visit: Visit) -> None:
    page = visit(joined_shop())
    page.goto(f"{page.site}/roi/")
    page.get_by_label("Joined on").fill(str(AT))
    page.get_by_label("Days before and after").select_option("21d")
    page.get_by_label("What it cost").fill("1000")
    page.get_by_label("Web shop").check()
    page.get_by_label("Tmall").check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/roi/?*joined=tmall*")
    effect = page.locator("#brought tbody tr").first.locator(".strong.tone-good")
    assert effect.inner_text().startswith("+")
    page.emulate_media(media="print")
    assert not page.locator("form.asking").is_visible()
    for part in ("#brought", "#worth", "#channels", "#method"):
        assert page.locator(part).is_visible()
    assert page.locator("#brought table").evaluate(
        "one => one.scrollWidth <= one.parentElement.clientWidth + 1"
    )
    page.emulate_media(media="screen")
    page.locator("#brought tbody a[href*='/rows/']").first.click()
    page.wait_for_url("**/rows/**")
    assert page.locator("main h1").inner_text()
    assert not page.trouble


def test_a_gap_leads_to_its_cure_and_to_its_customers(visit: Visit) -> None:
    page = visit(gapped_shop())
    page.goto(page.site + CONSISTENCY["consistency-churn"])
    page.locator("#churn tbody tr").filter(has_text="later than promised").locator("a").first.click()
    page.wait_for_url("**/consistency/people/**")
    assert "Buyer u2" in page.locator("main").inner_text()
    page.goto(page.site + CONSISTENCY["consistency"])
    page.locator("#gaps a.btn").first.click()
    page.wait_for_load_state("load")
    assert page.locator("main h1").inner_text()
    assert not page.trouble
