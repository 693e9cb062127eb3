"""What an analyst does with refused messages that are wrong alike, in a browser, wide and narrow, in both languages."""

import os
import re

import pytest

from tests.browser import visual_checks
from tests.browser.conftest import committed, work

pytestmark = pytest.mark.django_db
LOOKS = [("en", 390), ("en", 768), ("en", 1440), ("zh-hans", 390), ("zh-hans", 768), ("zh-hans", 1440)]


def sound(page, name):
    """No fault is seen; a picture where somebody asks for them."""
    if folder := os.environ.get("HUILIU_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert visual_checks.faults(page) == [], name
    assert not page.trouble


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_one_fix_is_chosen_previewed_and_applied_to_all_alike(site, visit, language, width):
    key = f"{language}-{width}"
    said = [{"order_id": f"{key}-{n}", "pay_amount": f"¥1,2{n}0.50"} for n in range(4)] + [
        {"order_id": f"{key}-x"}
    ]
    made = site.sends(
        *(
            {
                "type": "track",
                "event": "Order Completed",
                "userId": key,
                "messageId": f"{key}-{n}",
                "properties": one,
            }
            for n, one in enumerate(said)
        )
    )
    page = visit(language, width)
    page.goto(f"{site.address}/rejects/?reason=missing_field&connector={made.connector.uuid}")
    sound(page, f"list-{key}")
    page.locator(f"#reasons a[href*='/rejects/fix/'][href*='{made.connector.uuid}']").first.click()
    page.wait_for_url("**/rejects/fix/**")
    page.locator("#do-drop").check()
    page.locator("#from").fill("properties.pay_amount")
    assert page.locator("#do-copy").is_checked(), "who writes into a way's field means that way"
    page.locator("[name=more]").click()
    page.wait_for_url(re.compile("change="))
    page.locator("#do-number").check()
    page.locator("form.fix-form .btn-primary").click()
    preview = page.locator("#preview")
    preview.locator("form").wait_for()
    assert "¥4,862.00" in preview.inner_text()
    sound(page, f"preview-{key}")
    preview.locator("form .btn-primary").click()
    page.wait_for_url("**/rejects/")
    page.locator("main .msg", has_text=re.compile("4.*1")).first.wait_for()
    committed(lambda: work([]))
    page.goto(f"{site.address}/events/{key}-0/")
    page.locator("#changed ins", has_text="1200.50").wait_for()
    sound(page, f"event-{key}")
    page.goto(f"{site.address}/rejects/?state=replayed&connector={made.connector.uuid}")
    page.locator("#opened ins", has_text="12").first.wait_for()
    sound(page, f"replayed-{key}")
