"""Membership and marketing in a real browser: sound in every look, and what a person does on them.

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
from tests.browser.test_identity import violations
from tests.browser.test_pages import LOOKS, told
from tests.metrics.journeys.served import USERS, Served
from tests.metrics.mirror_tables import serve
from tests.reference.journeys import Happened, Order, Touch
from tests.reference.loyalty import Change, Step, loyal_mirror

PERIOD = "from=2026-05-01&to=2026-07-31"
PAGES = {
    "membership": f"/membership/?{PERIOD}",
    "accounts": f"/membership/accounts/?{PERIOD}",
    "accounts-channel": f"/membership/accounts/?{PERIOD}&by=channel",
    "joining": f"/membership/joining/?{PERIOD}&joined=90d",
    "joining-none": "/membership/joining/?from=2001-01-01&to=2001-01-31",
    "people": f"/membership/people/?{PERIOD}&who=buyers",
    "campaigns": f"/campaigns/?{PERIOD}&model=linear",
    "campaigns-days": "/campaigns/?from=2026-05-01&to=2026-05-31",
    "campaigns-none": "/campaigns/?from=2001-01-01&to=2001-01-31",
    "audiences": f"/campaigns/audiences/?{PERIOD}",
    "budget": f"/campaigns/budget/?{PERIOD}&source=-&target=spring&amount=5000",
    "budget-wrong": f"/campaigns/budget/?{PERIOD}&source=-&target=moon&amount=5000",
}
CUSTOMERS = 300
CAMPAIGNS = ("spring", "双11", "618")


def day(n: float) -> datetime:
    return datetime(2026, 1, 1, 4, tzinfo=UTC) + timedelta(days=n)


def story(served: Served) -> tuple[Happened, list[Step], list[Change]]:
    """Half a year of orders; some join, rise and gather points; campaigns meet most."""
    dice, channels = random.Random(11), list(served.channels.values())
    orders, touches, steps, changes = [], [], [], []
    for number in range(CUSTOMERS):
        who = served.ids[USERS[number]] if number < len(USERS) else 1_000_000 + number
        joins = dice.uniform(20, 190) if dice.random() < 0.5 else None
        at, home = dice.uniform(0, 60), dice.choice(channels)
        while at < 210:
            total = Decimal(dice.randrange(3_000, 90_000)) / 100
            channel = home if dice.random() < 0.7 else dice.choice(channels)
            orders.append(Order(f"o{len(orders)}", channel, day(at), who, total, tie=len(orders)))
            touches.append(
                Touch(
                    dice.choice(channels),
                    day(at - dice.uniform(0.1, 3)),
                    who,
                    "marketing",
                    "Campaign Touched",
                    campaign=dice.choice((*CAMPAIGNS, "")),
                    tie=len(touches),
                )
            )
            if joins and at > joins:
                changes.append(Change(who, day(at), "points", "earned", Decimal(int(total)), "", channel))
            at += dice.expovariate(1 / 40)
        if joins:
            steps.append(Step(who, day(joins), "joined", "silver", number))
            if dice.random() < 0.3:
                steps.append(Step(who, day(joins + 15), "upgraded", "gold", number))
                changes.append(Change(who, day(joins + 16), "points", "spent", Decimal(-90), "", home))
                changes.append(Change(who, day(joins + 16), "balance", "earned", Decimal(50), "CNY", home))
    return Happened("Asia/Shanghai", orders, touches), steps, changes


def spend(served: Served) -> None:
    dice = random.Random(5)
    served.shop.records(
        *(
            {
                "type": "spend",
                "campaign": campaign,
                "medium": "cpc",
                "amount": str(dice.randrange(200, 4_000)),
                "date": (day(n)).date().isoformat(),
                "channel": "store" if campaign == "618" else "web-shop",
                "at": day(n).isoformat(),
            }
            for n in range(120, 210)
            for campaign in CAMPAIGNS
        ),
        {"type": "spend", "amount": "99", "date": "2026-06-01", "at": "2026-06-01T00:00:00Z"},
    )


@pytest.fixture
def visit(
    transactional_db: None, live_server: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """`visit(language, width, theme, font)`: somebody signed in; `page.site`: where the pages are."""
    from tests.pages.test_numbers import person

    served = Served()
    made = served.shop.channel("Tmall", "marketplace")
    served.channels[made.channel.slug] = made.channel.pk
    Channel.objects.filter(slug="store").update(name="Stores")  # a name that has a Chinese one
    serve(monkeypatch, loyal_mirror(*story(served)))
    spend(served)
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
        answer = page.goto(page.site + address)
        assert answer.status == 200, name
        page.wait_for_load_state("load")
        found[name] = visual_checks.faults_at(page, widths)
        assert page.evaluate("document.documentElement.lang") == language
    assert not any(found.values()), found


def test_from_a_share_to_the_people_and_back(visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(page.site + PAGES["membership"])
    cell = page.locator("#channels tfoot a").first
    count = cell.inner_text()
    cell.click()
    page.wait_for_url("**/membership/people/**who=buyers**")
    assert page.locator(".pager .num").inner_text().endswith(f"of {count}")
    page.locator(".crumb a").click()
    page.wait_for_url("**/membership/?**")
    page.get_by_role("navigation", name="Membership").get_by_role("link", name="What joining changes").click()
    page.wait_for_url("**/membership/joining/**")
    assert not page.trouble


def test_money_is_moved_by_the_form(visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(page.site + f"/campaigns/budget/?{PERIOD}")
    assert page.locator(".response").count() == page.locator("details.data").count()
    options = page.locator("#move-target option").count()
    if options > 1:
        page.select_option("#move-target", index=1)
        page.fill("#move-amount", "2500")
        page.get_by_role("button", name="Simulate").click()
        page.wait_for_url("**amount=2500**")
        assert "2,500" in page.locator("main").inner_text()
    assert not page.trouble


def test_axe_has_nothing_against_them(visit: Callable[..., Any]) -> None:
    page = visit()
    for name in ("membership", "accounts", "joining", "campaigns", "audiences", "budget"):
        page.goto(page.site + PAGES[name])
        assert violations(page) == [], name
