"""How channels agree in a browser: rules typed and put in force, tried, a period settled, disputed, agreed, closed."""

import datetime as dt
import os

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


def unsettled(site):
    """Without statements and rules, as before."""

    def clear():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            for table in ("note", "share", "order"):
                cursor.execute(f"delete from metrics_statement_{table}")
            cursor.execute("delete from metrics_statement")
            cursor.execute("delete from metrics_allocation_rules")
            cursor.execute("set session_replication_role = origin")

    committed(clear)


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_channels_agree_on_rules_and_close_a_period(site, visit, language, width):
    unsettled(site)
    key = f"{language}-{width}"
    page = visit(language, width, "dark" if (language, width) == LOOKS[0] else "light")
    page.goto(f"{site.address}/allocation/statements/")
    sound(page, f"statements-none-{key}")
    agree_on_rules(site, page, key)
    make_and_dispute(site, page, key)
    agree_and_close(site, page, key)
    unsettled(site)


def agree_on_rules(site, page, key):
    """Typed wrong, typed right, put in force; others tried."""
    page.goto(f"{site.address}/allocation/rules/")
    sound(page, f"rules-none-{key}")
    page.fill("[name='weight:sold']", "130")
    page.locator("#reading .faults").wait_for()
    assert "weights.sold" in page.locator("#reading").inner_text()
    sound(page, f"rules-wrong-{key}")
    page.fill("[name='weight:sold']", "70")
    page.fill("[name='weight:linear']", "30")
    page.fill("[name='cap:tmall']", "22")
    page.locator("#reading .agreement li:nth-child(4)").wait_for()
    page.fill("[name=reason]", "<b>first & long agreement</b>")
    page.locator("#rules .btn-primary").click()
    page.locator("#versions").wait_for()
    sound(page, f"rules-{key}")
    page.fill("[name='weight:sold']", "40")
    page.fill("[name='weight:linear']", "60")
    page.locator("#rules .card-f .btn-quiet").click()
    page.wait_for_url("**/allocation/simulation/**")
    assert page.locator("#gains tbody tr").count() >= 3
    sound(page, f"simulation-{key}")


def make_and_dispute(site, page, key):
    """A draft, sent, which a channel disputes."""
    page.goto(f"{site.address}/allocation/statements/")
    today = dt.datetime.now(dt.UTC).date()
    page.fill("main [name=from]", f"{today - dt.timedelta(days=40)}")
    page.fill("main [name=to]", f"{today - dt.timedelta(days=10)}")
    page.locator("main .btn-primary").click()
    page.wait_for_url("**/allocation/statements/1/")
    sound(page, f"statement-draft-{key}")
    page.locator("form[action$='/send/'] button").click()
    page.locator("#answer").wait_for()
    sound(page, f"statement-sent-{key}")
    page.fill("#answer [name=comment]", "our stores' orders are missing")
    page.locator("button[formaction$='/dispute/']").click()
    page.locator("#notes p").first.wait_for()
    assert "our stores' orders are missing" in page.locator("#notes").inner_text()


def agree_and_close(site, page, key):
    """All agree, it is closed; down to the orders; on paper."""
    while page.locator("#answer").count():
        page.locator("#answer .btn-primary").click()
        page.wait_for_load_state()
    page.locator("form[action$='/close/'] button").click()
    page.locator("#notes code").wait_for()
    sound(page, f"statement-closed-{key}")
    page.locator("#sheet tbody tr td:nth-child(2) a").first.click()
    page.wait_for_url("**/orders/**")
    sound(page, f"statement-orders-{key}")
    page.goto(f"{site.address}/allocation/statements/1/print/")
    sound(page, f"statement-print-{key}")
