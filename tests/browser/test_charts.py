"""Charts in a real browser: a click leads to the rows, a legend hides and remembers, axes waste nothing."""

import re

import pytest

from tests.shop import order

pytestmark = pytest.mark.django_db
TOUCHES = 10  # on a busy machine a touch takes so long that it is no click
AXIS = """kind => {
    const option = echarts.getInstanceByDom(document.querySelector(`[data-chart=${kind}]`)).getOption();
    return { min: option.yAxis[0].min, max: option.yAxis[0].max, name: option.yAxis[0].name,
             drawn: [...new Set(option.series.filter((one) => one.data.length).map((one) => one.name))],
             values: option.series.flatMap((one) => one.data).filter((one) => one != null) };
}"""
# Where a point of a chart stands on the page: of the i-th of its intervals, at a height.
POINT = """([kind, i, value]) => {
    const part = document.querySelector(`[data-chart=${kind}]`), box = part.getBoundingClientRect();
    const [x, y] = echarts.getInstanceByDom(part).convertToPixel("grid", [i, value]);
    return [box.x + x, box.y + y];
}"""
SPEC = "id => JSON.parse(document.getElementById(id).textContent)"


def at(page, kind, i, value):
    page.evaluate("document.fonts.ready.then(() => null)")  # when they come the chart is drawn anew
    page.wait_for_timeout(300)
    page.locator(f"[data-chart={kind}]").scroll_into_view_if_needed()
    return page.evaluate(POINT, [kind, i, value])


def test_a_click_on_an_area_leads_to_the_orders_of_its_channel_on_that_day(site, visit):
    page = visit()
    page.goto(site.address + "/")
    spec = page.evaluate(SPEC, "sales-data")
    lowest = spec["series"][0]
    day = max(range(1, len(lowest["data"]) - 1), key=lambda i: lowest["data"][i])
    page.mouse.click(*at(page, "area", day, lowest["data"][day] / 2))
    page.wait_for_url(re.compile(r"/kpi/net_revenue/rows/"))
    first, last = spec["behind"]["days"][day]
    assert f"from={first}&to={last}" in page.url
    assert f"channel={lowest['slug']}" in page.url
    assert page.locator("tbody tr").count() > 0
    assert not page.trouble


def test_a_click_above_all_areas_leads_to_every_channel(site, visit):
    page = visit()
    page.goto(site.address + "/")
    top = page.evaluate(AXIS, "area")["max"]
    page.mouse.click(*at(page, "area", 3, top * 0.995))
    page.wait_for_url(re.compile(r"/kpi/net_revenue/rows/.*from="))
    assert "channel=" not in page.url


def test_a_click_on_a_line_leads_to_its_rows_and_on_the_dashed_one_to_those_before(site, visit):
    for series, place in (("data", "days"), ("ref", "before")):
        page = visit()
        page.goto(site.address + "/kpi/gmv/?interval=week")
        spec = page.evaluate(SPEC, "kpi-data")
        values = spec["data"] if series == "data" else spec["ref"]["data"]
        other = spec["ref"]["data"] if series == "data" else spec["data"]
        week = max(range(1, len(values) - 1), key=lambda i: abs(values[i] - other[i]))
        page.mouse.click(*at(page, "line", week, values[week]))
        page.wait_for_url(re.compile(r"/kpi/gmv/rows/.*from="))
        first, last = spec["behind"][place][week]
        assert f"from={first}&to={last}" in page.url


def test_a_bar_and_its_name_lead_to_the_rows_of_its_channel(site, visit):
    page = visit()
    page.goto(site.address + "/kpi/net_revenue/")
    bar = page.evaluate(SPEC, "moved-data")["rows"][0]
    page.mouse.click(*page.evaluate(
        """() => {
            const part = document.querySelector("[data-chart=hbars]"), box = part.getBoundingClientRect();
            const chart = echarts.getInstanceByDom(part), value = chart.getOption().series[0].data[0].value;
            const [x, y] = chart.convertToPixel("grid", [value / 2, 0]);
            return [box.x + x, box.y + y];
        }"""
    ))  # fmt: skip
    page.wait_for_url(re.compile(r"/kpi/net_revenue/rows/"))
    assert page.url.endswith(bar["href"])
    page.go_back()
    page.wait_for_selector("[data-chart=hbars] svg")
    page.locator("[data-chart=hbars] svg text", has_text=bar["name"]).first.click()
    page.wait_for_url(re.compile(r"/kpi/net_revenue/rows/"))
    assert page.url.endswith(bar["href"])


def test_the_legend_hides_a_line_and_the_address_remembers_it(site, visit):
    page = visit()
    page.goto(site.address + "/")
    whole = page.evaluate(AXIS, "area")
    spec = page.evaluate(SPEC, "sales-data")
    largest = spec["series"][0]
    button = page.locator(f"button[data-series={largest['slug']}]")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert f"hide={largest['slug']}" in page.url
    fewer = page.evaluate(AXIS, "area")
    assert largest["name"] in whole["drawn"]
    assert largest["name"] not in fewer["drawn"]
    # What it is compared with speaks of the same channels.
    dashed = page.evaluate(
        "() => echarts.getInstanceByDom(document.querySelector('[data-chart=area]')).getOption().series.at(-1).data"
    )
    for i, value in enumerate(dashed):
        assert abs(value - sum(one["before"][i] for one in spec["series"][1:])) < 0.01
    sold = [sum(one["data"][i] for one in spec["series"][1:]) for i in range(len(spec["x"]))]
    assert fewer["max"] <= whole["max"]  # the axis fits what is shown
    assert (fewer["max"] - max(*sold, *dashed)) / fewer["max"] < 0.35
    page.locator("button[data-series=before]").click()
    page.reload()
    assert button.get_attribute("aria-pressed") == "false"
    assert page.evaluate(AXIS, "area")["drawn"] == [one["name"] for one in spec["series"][1:]]
    page.get_by_role("link", name="Week").click()  # the interval changes, what is hidden stays so
    page.wait_for_url(re.compile(r"interval=week"))
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert f"hide={largest['slug']}" not in page.url
    assert largest["name"] in page.evaluate(AXIS, "area")["drawn"]
    assert not page.trouble


def test_the_legend_is_one_stop_and_arrows_go_along_it(site, visit):
    page = visit()
    page.goto(site.address + "/kpi/gmv/")
    assert page.locator(".chkey [tabindex='0']").count() == 1
    page.locator(".chkey button").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("/kpi/gmv/rows/")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.series") == "before"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "false"
    assert page.locator(".chkey [tabindex='0']").count() == 1


def test_a_legend_entry_leads_to_its_rows(site, visit):
    page = visit()
    page.goto(site.address + "/")
    page.locator("button[data-series=tmall] + a").click()
    page.wait_for_url(re.compile(r"/kpi/net_revenue/rows/\?.*channel=tmall"))


def test_axes_waste_nothing_and_sums_begin_at_0(site, visit):
    page = visit()
    names = ("gmv", "orders", "net_revenue", "aov", "retention", "cac", "price_parity", "cross_channel_share")
    for name in names:
        page.goto(f"{site.address}/kpi/{name}/?interval=week")
        found = page.evaluate(AXIS, "line")
        low, high = min(found["values"]), max(found["values"])
        assert found["min"] <= low <= high <= found["max"], name
        if not page.evaluate(SPEC, "kpi-data")["ratio"]:
            assert found["min"] <= 0, name
        assert (found["min"] > 0) == bool(found["name"]), name
        if high > 0:
            assert (found["max"] - high) / (found["max"] - found["min"]) < 0.35, name


def test_a_ratio_that_would_be_a_flat_line_begins_higher_and_says_so(site, visit):
    """Orders of 100, 104 and 98 yuan on three days: the mean is drawn from 98 on, their sum from 0."""
    site.sends(
        *(
            order(f"flat-{n}", total, f"flat-{n}", at=f"2021-03-0{n}T08:00:00Z", currency="CNY")
            for n, total in enumerate(("100", "104", "98"), 1)
        )
    )
    days = "?from=2021-03-01&to=2021-03-03"
    for language, said in (("en", "The axis begins at ¥98"), ("zh-hans", "纵轴从 ¥98 起")):
        page = visit(language)
        page.goto(f"{site.address}/kpi/aov/{days}")
        found = page.evaluate(AXIS, "line")
        assert (found["min"], found["max"], found["name"]) == (98, 104, said)
        assert page.locator("[data-chart=line] svg text", has_text=said).count() == 1
        page.goto(f"{site.address}/kpi/gmv/{days}")
        found = page.evaluate(AXIS, "line")
        assert (found["min"], bool(found["name"])) == (0, False)


def test_ticks_can_be_told_apart(site, visit):
    page = visit()
    for name in ("gmv", "aov", "retention", "refund_rate", "inventory_turnover", "orders"):
        page.goto(f"{site.address}/kpi/{name}/")
        said = page.evaluate(
            """() => {
                const chart = echarts.getInstanceByDom(document.querySelector("[data-chart=line]"));
                const axis = chart.getOption().yAxis[0], found = [];
                for (let n = 0; axis.min + n * axis.interval <= axis.max * 1.0000001; n += 1)
                    found.push(axis.axisLabel.formatter(axis.min + n * axis.interval));
                return found;
            }"""
        )
        assert len(said) >= 2, name
        assert len(set(said)) == len(said), (name, said)


def test_a_finger_reads_first_and_goes_with_the_second_touch(site, browser, visit):
    kept = visit().context.storage_state()
    context = browser.new_context(
        storage_state=kept, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    page.goto(site.address + "/kpi/gmv/")
    assert page.evaluate("matchMedia('(hover: none)').matches")
    data = page.evaluate(SPEC, "kpi-data")["data"]
    place = at(page, "line", 12, data[12])
    page.touchscreen.tap(*place)
    page.wait_for_selector(".hl-tip")
    assert "/rows/" not in page.url
    for _ in range(TOUCHES):
        if "/rows/" in page.url:
            break
        page.touchscreen.tap(*place)
        page.wait_for_timeout(500)
    page.wait_for_url(re.compile(r"/kpi/gmv/rows/.*from="))
    context.close()


def test_a_join_of_the_drawing_leads_to_its_evidence(customer, visit):
    page = visit()
    page.goto(customer)
    page.locator(".conf .j.leads").first.click()
    page.wait_for_url(re.compile(r"#join-\d+$"))
    assert page.locator(".joins li:target").count() == 1


def test_an_order_of_the_rows_stands_open_on_its_customers_page(site, visit):
    for width in (1440, 390):
        page = visit(width=width)
        page.goto(site.address + "/kpi/refunds/rows/?ordering=-refund")
        link = page.locator("tbody tr td:first-child a").first
        number = link.inner_text()
        link.click()
        page.wait_for_url(re.compile(r"/customers/.*order=.*#order$"))
        row = page.locator("#order")
        assert row.locator("button").inner_text() == number
        assert row.is_visible()
        box = page.locator("#order + tr.opened .parts").bounding_box()
        assert 0 < box["y"] < 900  # it was gone to
        row.locator("button").click()
        assert not page.locator("#order + tr.opened").is_visible()
        assert not page.trouble
