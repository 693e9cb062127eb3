"""Retention, switching and touchpoints in a real browser: sound in every look, and what a person does on them.

Their mirror is filled by hand and read in this process, so the web server is Django's own here.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from channels.models import Channel
from tests.browser import fonts, visual_checks
from tests.browser.test_pages import LOOKS, told
from tests.metrics.journeys.served import USERS, Served
from tests.reference.journeys import Happened, Order, Touch

PERIOD = "from=2026-03-01&to=2026-08-31"
PAGES = {
    "retention": f"/journeys/retention/?{PERIOD}",
    "retention-money": f"/journeys/retention/?{PERIOD}&measure=revenue&by=campaign&interval=week",
    "switching": "/journeys/switching/?from=2026-06-01&to=2026-08-31",
    "touchpoints": f"/journeys/touchpoints/?{PERIOD}",
    "touchpoints-alike": f"/journeys/touchpoints/?{PERIOD}&matched=1",
    "people": "/journeys/retention/people/?cohort=2026-03-01",
    "empty": "/journeys/retention/?from=2001-01-01&to=2001-01-31",
}
CUSTOMERS = 120


def happened(served: Served) -> Happened:
    """A retailer's spring and summer: who visits the store comes back more often, who waits for a parcel less."""
    chance, channels = random.Random(11), list(served.channels.values())
    orders, touches = [], []
    for number in range(CUSTOMERS):
        who = served.ids[USERS[number]] if number < len(USERS) else 1_000_000 + number
        at = datetime(2026, 3, 1, 4, tzinfo=UTC) + timedelta(days=chance.randrange(150))
        visits = chance.random() < 0.4
        for place in range(6):
            channel = chance.choice(channels)
            total = Decimal(chance.randrange(3_000, 90_000)) / 100
            campaign = chance.choice(("", "spring", "618"))
            tie = 10 * number + place
            orders.append(Order(f"o{tie}", channel, at, who, total, campaign=campaign, tie=tie))
            seen = at + timedelta(days=2)
            touches.append(Touch(channel, seen - timedelta(days=1), who, "logistics", tie=2 * tie))
            if visits:
                touches.append(Touch(channel, seen, who, "store", tie=2 * tie + 1))
            if chance.random() > (0.75 if visits else 0.4):
                break
            at += timedelta(days=chance.randrange(8, 60))
    return Happened("Asia/Shanghai", orders, touches)


@pytest.fixture
def visit(
    transactional_db: None, live_server: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """`visit(language, width, theme, font)`: somebody signed in; `page.site`: where the pages are."""
    from tests.pages.test_numbers import person

    served = Served()
    for name, kind in (("Tmall", "marketplace"), ("Douyin", "social")):
        made = served.shop.channel(name, kind)
        served.channels[made.channel.slug] = made.channel.pk
    Channel.objects.filter(slug="store").update(name="Stores")  # a name that has a Chinese one
    served.shows(monkeypatch, happened)
    client: Client = person(served.shop)
    contexts = []

    def make(language: str = "en", width: int = 1440, theme: str = "light", font: str = fonts.SHIPPED) -> Any:
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
def test_the_pages_are_sound(
    visit: Callable[..., Any], language: str, theme: str, font: str, widths: tuple[int, ...]
) -> None:
    page = visit(language, widths[0], theme, font)
    found = {}
    for name, address in PAGES.items():
        page.goto(page.site + address)
        page.wait_for_load_state("load")
        found[name] = visual_checks.faults_at(page, widths)
        assert page.evaluate("document.documentElement.lang") == language
    assert not any(found.values()), found


def test_a_cell_leads_to_its_people_and_a_switch_changes_what_cells_say(visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(page.site + PAGES["retention"])
    march = page.locator(".hm tbody tr").filter(has_text="2026-03")
    assert "%" in march.locator("td").nth(1).inner_text()
    page.get_by_role("link", name="Revenue per customer").click()
    page.wait_for_url("**measure=revenue**")
    assert "¥" in march.locator("td").nth(1).inner_text()
    page.locator(".hm tbody a").first.click()
    page.wait_for_url("**/journeys/retention/people/**")
    assert page.locator("main h1").inner_text()
    assert not page.trouble
