"""The page of a metric, the rows behind it, and the keys of periods and lists, in a real browser."""

import json
import re

import pytest

from tests.browser import visual_checks
from tests.browser.test_pages import IN_FONTS, told

pytestmark = pytest.mark.django_db
PAGES = {
    "kpi": "/kpi/cac/",
    "kpi-sum": "/kpi/net_revenue/?interval=week",
    "kpi-rows": "/kpi/net_revenue/rows/",
    "kpi-people": "/kpi/retention/rows/",
    "kpi-empty": "/kpi/satisfaction/?from=2001-01-01&to=2001-01-31",
}


@pytest.mark.parametrize(("look", "font"), IN_FONTS, ids=told)
def test_the_pages_of_a_metric_are_sound(site, visit, look, font):
    language, width, theme = look
    page = visit(language, width, theme, font=font)
    for name, address in PAGES.items():
        page.goto(site.address + address)
        page.wait_for_load_state("load")
        if not name.startswith("kpi-r"):
            page.wait_for_timeout(150)
        assert visual_checks.faults(page) == [], name


def test_a_number_leads_to_rows_and_a_row_to_its_customer(site, visit):
    page = visit()
    page.goto(site.address + "/?compare=year")
    page.locator(".kpi .formula a").first.click()
    page.wait_for_url(re.compile(r"/kpi/\w+/rows/\?.*compare=year"))
    page.goto(site.address + "/kpi/orders/rows/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/customers/[0-9a-f-]{36}/"))
    assert not page.trouble


def test_the_chart_of_a_metric_explains_itself(site, visit):
    page = visit()
    page.goto(site.address + "/kpi/aov/")
    box = page.locator("[data-chart=line]").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.wait_for_selector(".hl-tip")
    assert "÷" in page.locator(".hl-tip").first.inner_text()
    assert not page.trouble


@pytest.mark.parametrize(("address", "chart"), [("/kpi/net_revenue/", "line"), ("/", "area")])
def test_today_so_far_is_dotted_and_whole_days_are_not(site, visit, address, chart):
    page = visit()
    dots = f"document.querySelectorAll('[data-chart={chart}] path[stroke-linecap=round][stroke-dasharray]').length"
    page.goto(site.address + address)
    page.wait_for_selector(f"[data-chart={chart}] svg")
    assert page.evaluate(dots) == 0
    page.locator(".period summary").click()
    page.get_by_role("link", name="This quarter").click()
    page.wait_for_url(re.compile("unit=quarter"))
    page.wait_for_selector(f"[data-chart={chart}] svg")
    assert page.evaluate(dots) > 0
    assert page.get_by_text("dotted: today so far").is_visible()
    page.locator(f"[data-chart={chart}]").scroll_into_view_if_needed()
    box = page.locator(f"[data-chart={chart}]").bounding_box()
    for inwards in range(
        14, 90, 4
    ):  # how far from the edge the last point stands depends on the words of the axis
        page.mouse.move(box["x"] + box["width"] - inwards, box["y"] + box["height"] * 0.5)
        page.wait_for_timeout(150)
        if page.locator(".hl-tip").count():
            break
    page.wait_for_selector(".hl-tip")
    assert "not whole" in page.locator(".hl-tip").first.inner_text()
    assert not page.trouble


def test_one_day_alone_is_drawn(site, visit):
    page = visit()
    page.goto(site.address + "/")
    sales = json.loads(page.locator("#sales-data").text_content())
    sold = [sum(channel["data"][i] for channel in sales["series"]) for i in range(len(sales["x"]))]
    best = sales["x"][sold.index(max(sold))]
    page.goto(f"{site.address}/?from={best}&to={best}")
    page.wait_for_selector("[data-chart=area] svg")
    heights = (
        "[...document.querySelectorAll('[data-chart=area] svg path')].map((one) => one.getBBox().height)"
    )
    assert max(page.evaluate(heights)) > 9
    assert not page.trouble


def test_brackets_walk_through_periods(site, visit):
    page = visit()
    page.goto(site.address + "/kpi/gmv/")
    before = page.locator(".hl-top .boxed").inner_text()
    page.keyboard.press("[")
    page.wait_for_url(re.compile("from="))
    assert page.locator(".hl-top .boxed").inner_text() != before
    page.keyboard.press("]")
    page.wait_for_function("text => document.querySelector('.hl-top .boxed').innerText === text", arg=before)


@pytest.mark.parametrize(("look", "font"), IN_FONTS, ids=told)
def test_lists_are_sound_with_their_menus_open(site, visit, look, font):
    language, width, theme = look
    page = visit(language, width, theme, font=font)
    addresses = {
        "customers-filtered": "/customers/?channel=tmall&orders_min=1&kind=phone&columns=phone&columns=city",
        "customers-none": "/customers/?orders_min=999&kind=phone",
        "overview-year": "/?compare=year",
    }
    for name, address in addresses.items():
        page.goto(site.address + address)
        page.wait_for_load_state("load")
        for menu in range(page.locator("main details.hl-menu").count()):
            page.locator("main details.hl-menu > summary").nth(menu).click()
            assert visual_checks.faults(page) == [], (name, menu)
            page.keyboard.press("Escape")
        assert visual_checks.faults(page) == [], name


def test_a_list_is_filtered_its_columns_chosen_and_saved(site, visit):
    page = visit()
    page.goto(site.address + "/customers/")
    page.locator("summary.filter.add").click()
    page.locator("input[name=orders_min]").fill("1")
    page.get_by_role("button", name="Show customers").click()
    page.wait_for_url(re.compile("orders_min=1"))
    page.locator(".acts summary", has_text="Columns").click()
    page.get_by_role("checkbox", name="City").check()
    page.get_by_role("button", name="Show columns").click()
    page.wait_for_url(re.compile("orders_min=1.*columns=city|columns=city.*orders_min=1"))
    page.locator(".acts summary", has_text="Views").click()
    page.locator(".acts input[name=name]").fill("Buyers by city")
    page.get_by_role("button", name="Save view").click()
    page.wait_for_url(re.compile("orders_min=1"))
    page.goto(site.address + "/customers/")
    page.locator(".acts summary", has_text="Views").click()
    page.get_by_role("link", name="Buyers by city").click()
    page.wait_for_url(re.compile("columns=city"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert download.value.suggested_filename.startswith("customers-")
    page.locator(".acts summary", has_text="Views").click()
    page.get_by_role("button", name="Delete the view Buyers by city").click()
    page.wait_for_url(re.compile(r"/customers/$"))
    assert not page.trouble


def test_what_was_expected_is_drawn_said_and_hidden(site, visit):
    """The band stands behind the line, the pointer is told what was expected, a legend entry hides it."""
    page = visit()
    page.goto(site.address + "/kpi/active_customers/")
    page.get_by_role("link", name="medium", exact=True).click()
    page.wait_for_url(re.compile("anomalies=medium"))
    page.wait_for_selector("[data-chart=line] svg")
    band = "document.querySelectorAll('[data-chart=line] path[fill-opacity=\"0.16\"]').length"
    assert page.evaluate(band) > 0
    box = page.locator("[data-chart=line]").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
    page.wait_for_selector(".hl-tip")
    assert "xpected" in page.locator(".hl-tip").first.inner_text()
    page.get_by_role("button", name="Expected").click()
    assert page.evaluate(band) == 0
    assert visual_checks.faults(page) == []


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-hans", "dark")])
def test_the_page_with_anomalies_is_sound_at_every_width(site, visit, language, theme):
    page = visit(language, 390, theme)
    page.goto(site.address + "/kpi/active_customers/?anomalies=high")
    page.wait_for_selector("[data-chart=line] svg")
    assert visual_checks.faults_at(page, visual_checks.WIDTHS) == []
