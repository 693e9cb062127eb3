"""How an admin gets a tracking plan in a browser: proposed, saved, broken, told to the developer, made strict."""

import os
import re
import uuid

import pytest

from tests.browser import visual_checks
from tests.browser.conftest import committed

pytestmark = pytest.mark.django_db
LOOKS = [("en", 390), ("en", 1440), ("zh-hans", 390), ("zh-hans", 1440)]
WIDE = 1440  # from here on a page is looked at in every width


def sound(page, name):
    """No fault is seen, on a wide screen at no width; a picture where somebody asks for them."""
    own = page.viewport_size
    wide = own["width"] >= WIDE
    found = visual_checks.faults_at(page, visual_checks.WIDTHS) if wide else visual_checks.faults(page)
    page.set_viewport_size(own)
    if folder := os.environ.get("HUILIU_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")
    assert found == [], name
    assert not page.trouble


def viewed(n, **properties):
    name = f"Seat “{n}” <b>Reserved & held for a very long while</b>"
    return {
        "type": "track",
        "event": name,
        "userId": "somebody",
        "messageId": uuid.uuid4().hex,
        "properties": properties,
    }


def planless(site):
    """Without a plan, as before."""
    from kernel.db import run

    def clear():
        from django.db import connection

        for table in ("channels_plan", "channels_planned", "channels_violation"):
            run(connection, f"delete from {table} where workspace_id = %(id)s", id=site.workspace.pk)

    committed(clear)


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_a_plan_is_proposed_saved_and_broken(site, visit, language, width):
    planless(site)
    key = f"{language}-{width}"
    good = [viewed(key, level=["gold", "silver"][n % 2], price=n, seat={"row": "A"}) for n in range(60)]
    made = site.sends(*good)
    page = visit(language, width, "dark" if (language, width) == LOOKS[0] else "light")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site.address}/quality/plan/")
    sound(page, f"plan-none-{key}")
    page.locator(".hl-head a[href$='/proposal/']").click()
    proposed = page.locator(".plan-proposed", has_text=f"“{key}”")
    proposed.locator("summary").click()
    assert "seat.row" in proposed.inner_text()
    sound(page, f"plan-proposal-{key}")
    page.locator("[name=mode][value=warn]").check()
    page.locator("#save .btn-primary").click()
    page.wait_for_url("**/quality/plan/")
    sound(page, f"plan-saved-{key}")

    bad = [
        viewed(key, level="bronze", price="12", seat={}),
        viewed(key, level="gold", price=5, seat={"row": "B"}),
    ]
    site.arrives(made, *bad)
    page.goto(f"{site.address}/quality/plan/")
    rows = page.locator("#broken tbody tr")
    assert rows.count() == 4
    assert re.search(r"1\D+\d+", page.locator(".hl-head .sum-line").inner_text())
    sound(page, f"plan-broken-{key}")
    rows.filter(has_text="price").locator("a").first.click()
    page.locator("#snippet", has_text="price = 12").wait_for()
    page.locator("#developer [data-copy]").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#snippet").inner_text()
    assert bad[0]["messageId"] in copied
    assert f'analytics.track("{viewed(key)["event"]}", {{"price": 0}})' in copied

    row = page.locator("#events tbody tr", has_text=f"“{key}”")
    row.locator("button[value=refuse]:visible").click()
    row.locator("button[value=refuse][aria-pressed=true]:visible").wait_for()
    site.arrives(made, viewed(key, level="gold", price="13", seat={"row": "C"}))
    page.goto(f"{site.address}/rejects/?reason=plan&connector={made.connector.uuid}")
    assert "13" in page.locator("#opened").inner_text()


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_an_event_is_looked_at_and_changed(site, visit, language, width):
    planless(site)
    key = f"one-{language}-{width}"
    page = visit(language, width)
    made = site.sends(*[viewed(key, level="gold", price=n) for n in range(30)])
    page.goto(f"{site.address}/quality/plan/proposal/")
    page.locator("[name=mode][value=warn]").check()
    page.locator("#save .btn-primary").click()
    page.wait_for_url("**/quality/plan/")
    site.arrives(made, viewed(key, price=-5), viewed(key, level="gold", price=10**7))
    page.locator("#events tbody tr", has_text=f"“{key}”").locator("a").first.click()
    page.wait_for_url("**/quality/plan/event/**")
    sound(page, f"plan-event-{key}")
    page.fill("#text", '{"price": {"type": "money"}}')
    page.locator("#change .btn-primary").click()
    page.locator("#text[aria-invalid]").wait_for()
    assert page.input_value("#text") == '{"price": {"type": "money"}}'
    sound(page, f"plan-event-wrong-{key}")
    page.fill("#text", '{"price": {"type": "number", "min": -10}}')
    page.locator("#change .btn-primary").click()
    page.wait_for_url("**/quality/plan/event/**")
    page.locator("#properties tbody tr").first.wait_for()
    assert page.locator("#properties tbody tr").count() == 1
    page.locator(".hl-head button[value=open]").click()
    page.locator(".hl-head button[value=open][aria-pressed=true]").wait_for()


def test_a_viewer_reads_and_changes_nothing(site, visit):
    planless(site)
    site.sends(*[viewed("viewer", level="gold") for n in range(3)])
    page = visit("en", 1440, role="viewer")
    page.goto(f"{site.address}/quality/plan/")
    assert page.locator("main form, a[href$='/proposal/']").count() == 0
    assert page.goto(f"{site.address}/quality/plan/proposal/").status == 403
