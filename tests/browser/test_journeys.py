"""The pages of journeys in a real browser, over the demo's events: sound at every width, and every step of a look.

The mirror is a copy made here of what the demo sent; a server in this process reads it.
"""

from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from tests.browser import visual_checks
from tests.browser.conftest import Site, committed
from tests.browser.test_identity import violations
from tests.metrics.mirror_tables import InMemory, serve

pytestmark = pytest.mark.django_db
TOUCHES = """
    select e.occurred_at at time zone 'UTC', ('x' || left(e.id::text, 8))::bit(32)::bigint, e.sighting_id, e.channel_id,
        e.touchpoint, e.name, true, e.data::jsonb #>> '{properties}'
    from profiles_event e
    where e.workspace_id = %(workspace)s and e.sighting_id is not null and e.type in ('track', 'page', 'screen')
"""
OWNERS = "select sighting_id, profile_id from profiles_owner where workspace_id = %(workspace)s"
ORDERS = """
    select order_id, channel_id, occurred_at at time zone 'UTC', day, sighting_id, currency, total, refunded
    from metrics_order where workspace_id = %(workspace)s
"""
T = ("occurred_at", "tie", "sighting", "channel", "touchpoint", "name", "active", "properties")
O = ("order_id", "channel", "occurred_at", "day", "sighting", "currency", "total", "refunded")  # noqa: E741
PAGES = {
    "paths": "/journeys/",
    "paths-events": "/journeys/?level=event&steps=5&most=12",
    "paths-to-an-order": "/journeys/?level=touchpoint&end=Order%20Completed",
    "paths-none": "/journeys/?from=2001-01-01&to=2001-01-31",
    "funnel": "/journeys/funnel/",
    "funnel-by-channel": "/journeys/funnel/?by=channel&exclude=touchpoint:after-sales",
    "funnel-none": "/journeys/funnel/?from=2001-01-01&to=2001-01-31",
    "people": "/journeys/funnel/people/?step=2&outcome=dropped",
    "people-of-a-path": "/journeys/people/",
}


def mirror_of(workspace: int) -> InMemory:
    """What the demo sent, as the mirror has it."""
    from django.db import connection

    from kernel.db import rows

    made = InMemory()
    for table, names, statement in (
        ("touches", T, TOUCHES),
        ("customers", ("sighting", "profile"), OWNERS),
        ("orders", O, ORDERS),
    ):
        found = committed(lambda text=statement: rows(connection, text, workspace=workspace))
        made.db.executemany(
            f"insert into {table} ({', '.join(names)}) values ({', '.join('?' * len(names))})", found
        )
    return made


@pytest.fixture
def mirrored(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server that reads the mirror; whoever is signed in to the site is so here."""
    serve(monkeypatch, mirror_of(site.workspace.pk))
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
    assert found == []


def test_from_a_loss_to_the_people_and_one_of_them(mirrored, visit) -> None:
    page = visit()
    page.goto(mirrored + "/journeys/")
    page.get_by_role("navigation", name="Journeys").get_by_role("link", name="Funnel").click()
    page.wait_for_url("**/journeys/funnel/**")
    lost = page.locator("td a[href*='outcome=dropped']").first
    count = lost.inner_text()
    lost.click()
    page.wait_for_url("**/journeys/funnel/people/**")
    assert page.locator(".pager .num").inner_text().endswith(f"of {count}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/**")
    assert not page.trouble


def test_a_step_is_found_by_typing_and_added(mirrored, visit) -> None:
    page = visit()
    page.goto(mirrored + "/journeys/funnel/?steps=Product%20Viewed")
    page.locator("summary.filter.add").click()
    page.fill("[name=add]", "touchpoint:cart")
    page.get_by_role("button", name="Add step").click()
    page.wait_for_url("**steps=**touchpoint**")
    assert page.locator(".filters .filter:not(.add)").count() == 2
    page.select_option("[name=by]", "channel")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**by=channel**")
    assert page.get_by_role("heading", name="By value at the first step").is_visible()
    assert not page.trouble


def test_a_flow_leads_to_its_people_and_the_table_says_the_same(mirrored, visit) -> None:
    page = visit()
    page.goto(mirrored + "/journeys/")
    flows = page.locator(".sankey .flow").count()
    page.locator("details.data > summary").click()
    assert page.locator("details.data tbody tr").count() == flows > 5
    page.locator(".sankey text").first.click()
    page.wait_for_url("**/journeys/people/**node=**")
    assert page.locator("tbody tr").count() > 0


def test_on_a_phone_steps_are_a_list(mirrored, visit) -> None:
    page = visit(width=390)
    page.goto(mirrored + "/journeys/")
    assert not page.locator(".sankey").is_visible()
    assert page.get_by_role("heading", name="Step 2").is_visible()
    page.locator(".step-list td.n a").first.click()
    page.wait_for_url("**/journeys/people/**")


def test_axe_has_nothing_against_them(mirrored, visit) -> None:
    page = visit()
    for address in (PAGES["paths"], PAGES["funnel-by-channel"], PAGES["people"]):
        page.goto(mirrored + address)
        assert violations(page) == [], address
