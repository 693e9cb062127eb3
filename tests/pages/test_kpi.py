"""The page of a metric: its numbers, who moved them, the rows behind them, the files."""

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from kernel import cursor
from metrics.catalogue import METRICS
from tests.pages.test_numbers import person, text
from tests.shop import Shop, order, track

pytestmark = pytest.mark.usefixtures("mirror_of_postgresql")


@pytest.fixture
def trade(db):
    shop, now = Shop(), timezone.now()
    shop.sends(
        order("A1", "100", "u1", at=now - timedelta(days=40), currency="CNY"),
        order("A2", "300", "u1", at=now - timedelta(days=4), currency="CNY"),
        order("A3", "20", "u2", at=now - timedelta(days=3), currency="CNY"),
        track("Order Refunded", "u1", now - timedelta(days=2), order_id="A2", total="50", reason="=1+1"),
    )
    shop.sends(order("B1", "70", "u3", at=now - timedelta(days=5), currency="CNY"), to="store")
    return shop


def file(answer):
    assert answer.status_code == 200
    raw = b"".join(answer.streaming_content).decode()
    assert raw.startswith("\ufeff")
    return list(csv.reader(io.StringIO(raw[1:])))


def test_every_metric_has_its_page_full_and_empty(trade):
    client = person(trade)
    for metric in METRICS:
        said = text(client.get(f"/kpi/{metric.name}/"))
        assert str(metric.formula) in said.replace("&#x27;", "'"), metric.name
        text(client.get(f"/kpi/{metric.name}/?from=2001-01-01&to=2001-01-09&compare=year&interval=week"))
        text(client.get(f"/kpi/{metric.name}/rows/?from=2001-01-01&to=2001-01-09"))
        text(client.get(f"/kpi/{metric.name}/rows/?channel=store"))


def test_a_metric_that_is_none_says_so(trade):
    client = person(trade)
    assert client.get("/kpi/nothing/").status_code == 404
    assert client.get("/kpi/nothing/rows/").status_code == 404


def test_the_parts_of_the_change_sum_to_it(trade):
    page = person(trade).get("/kpi/net_revenue/")
    said = text(page)
    assert "¥340.00" in said
    assert "+¥240.00" in said
    bars = json.loads(
        re.search(r'id="moved-data" type="application/json">(.*?)</script>', page.content.decode())[1]
    )
    assert sum(row["v"] for row in bars["rows"]) == 240
    assert {row["name"]: row["said"] for row in bars["rows"]} == {"Web shop": "+¥170.00", "Store": "+¥70.00"}


def test_every_number_of_the_page_leads_to_rows_that_add_up_to_it(trade):
    client = person(trade)
    page = client.get("/kpi/net_revenue/").content.decode()
    assert "/kpi/net_revenue/rows/?part=refunds" in page
    rows = text(client.get("/kpi/net_revenue/rows/?part=refunds"))
    assert "¥50.00 from" in rows
    assert "All rows together, not only this page ¥50.00" in rows
    lines = file(client.get("/kpi/net_revenue/rows/export.csv?part=gmv"))
    assert [line[0] for line in lines[1:]] == ["A3", "A2", "B1"]
    assert sum(Decimal(line[-1]) for line in lines[1:]) == 390


def test_the_file_of_a_metric_holds_all_channels_and_each(trade):
    lines = file(person(trade).get("/kpi/aov/export.csv?interval=month"))
    whole = {line[0]: line[2:5] for line in lines[1:] if "/" in line[1]}
    assert Decimal(whole["all"][0]) == 130
    assert [Decimal(x) for x in whole["web-shop"]] == [160, 320, 2]
    assert [Decimal(x) for x in whole["store"]] == [70, 70, 1]


def test_rows_of_net_revenue_are_orders_and_refunds_and_lead_to_their_customer(trade):
    client = person(trade)
    page = client.get("/kpi/net_revenue/rows/")
    assert "¥340.00 from" in text(page)
    links = re.findall(r'href="(/customers/[^"]+\?order=A2[^"]*)"', page.content.decode())
    assert len(links) == 2  # the order and its refund, both with their customer
    lines = file(client.get("/kpi/net_revenue/rows/export.csv"))[1:]
    assert [(line[0], line[-1]) for line in lines if line[0] == "A2"] == [("A2", "-50.00"), ("A2", "300.00")]


def test_campaigns_are_marked_on_the_days_they_began(trade):
    day = timezone.localtime().date()
    spend = {"type": "spend", "amount": "5", "campaign": "call 13812345021"}
    trade.records(
        spend | {"date": str(day - timedelta(days=9))}, spend | {"date": str(day - timedelta(days=8))}
    )
    trade.records({"type": "spend", "amount": "5", "campaign": "old", "date": str(day - timedelta(days=40))})
    for role, name in (("analyst", "call 13812345021"), ("viewer", "call 138 •••• 5021")):
        marks = person(trade, role).get("/kpi/gmv/").context["chart"]["marks"]
        days = {"from": str(day - timedelta(days=9)), "to": str(day - timedelta(days=8))}
        assert marks == [{"name": name} | days]


def test_a_formula_in_a_reason_stays_text(trade):
    lines = file(person(trade).get("/kpi/refunds/rows/export.csv"))
    assert "'=1+1" in lines[1]


def test_the_year_before_is_held_against_when_asked(trade):
    said = text(person(trade).get("/kpi/gmv/?compare=year"))
    year = timezone.localtime().year - 1
    assert str(year) in said
    assert "Last year" in said


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_the_ends_of_time_are_no_period(trade, year):
    client = person(trade)
    for page in ("/", "/kpi/gmv/", "/kpi/gmv/rows/"):
        said = text(client.get(f"{page}?from={year}-01-01&to={year}-12-31&compare=year"))
        assert "the last 30 days are shown" in said, page


def test_a_cursor_of_somebody_else_is_refused_kindly(trade):
    client = person(trade)
    for key in ("x", "9" * 30, "-5", "²"):
        for part in ("active_customers", "gmv", "satisfaction"):
            at = cursor.encode(False, key, key)
            assert client.get(f"/kpi/{part}/rows/", {"cursor": at}).status_code in (200, 400), (key, part)


def test_wrong_addresses_get_a_sentence_and_the_page(trade):
    client = person(trade)
    assert "not one of this workspace" in text(client.get("/kpi/gmv/rows/?channel=nowhere"))
    assert "This cursor is none of ours" in text(client.get("/kpi/gmv/rows/?cursor=nonsense"))
    assert client.get("/kpi/gmv/rows/?part=nothing").status_code == 200
    assert "This cursor is none of ours" in text(
        client.get("/kpi/inventory_turnover/rows/?part=stock&cursor=zz")
    )


def test_a_viewer_gets_free_text_masked(trade):
    now = timezone.now() - timedelta(days=1)
    trade.sends(
        track(
            "Order Refunded", "u2", now, order_id="A3", total="5", refund_id="r9", reason="call 13812345021"
        )
    )
    raw = person(trade, "viewer").get("/kpi/refunds/rows/").content.decode()
    assert "13812345021" not in raw
    assert "138 •••• 5021" in raw


def test_cards_and_sums_of_the_overview_lead_to_their_metric(trade):
    page = person(trade).get("/?compare=year").content.decode()
    for name in ("inventory_turnover", "cac", "retention", "satisfaction", "gmv", "cross_channel_share"):
        assert f'href="/kpi/{name}/?compare=year"' in page
    assert 'href="/kpi/cac/rows/?compare=year&amp;part=spend_acquisition"' in page


def cells(page):
    """The rows of the page's table, cell by cell, as they are read."""
    raw = page.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", raw, re.DOTALL)
    plain = lambda cell: " ".join(re.sub(r"<[^>]+>", " ", cell).split())  # noqa: E731
    return [[plain(one) for one in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows]


def test_a_row_opens_its_order_on_its_customers_page(trade):
    client = person(trade)
    page = client.get("/kpi/refunds/rows/").content.decode()
    link = re.search(r'href="(/customers/[^"]+\?order=A2[^"]*)#order"', page)[1].replace("&amp;", "&")
    orders = client.get(link).context["orders"]
    assert [row.order_id for row in orders.rows if row.opened] == ["A2"]
    raw = client.get(link).content.decode()
    button = re.search(r'class="asked" id="order">.*?<button([^>]*)>A2</button>', raw, re.DOTALL)[1]
    assert 'aria-expanded="true"' in button
    opened = re.search(r'aria-controls="(order-\d+)"', button)[1]
    assert f'id="{opened}">' in raw  # not hidden
    assert not [row for row in client.get(link.partition("?")[0]).context["orders"].rows if row.opened]


def test_an_order_older_than_those_shown_is_opened_all_the_same(trade):
    now = timezone.now()
    trade.sends(
        *(order(f"Z{n}", "1", "u9", at=now - timedelta(days=20 - n), currency="CNY") for n in range(12))
    )
    client = person(trade)
    page = client.get("/kpi/gmv/rows/").content.decode()
    link = re.search(r'href="(/customers/[^"]+\?order=Z0&[^"]*)#order"', page)[1].replace("&amp;", "&")
    orders = client.get(link).context["orders"]
    assert [row.order_id for row in orders.rows][-1] == "Z0"
    assert orders.rows[-1].opened
    assert orders.hidden == 3


def test_an_order_of_nobody_leads_nowhere(trade):
    trade.sends(order("N1", "9", None, at=timezone.now() - timedelta(days=2), currency="CNY"))
    page = person(trade).get("/kpi/gmv/rows/")
    assert "order=N1" not in page.content.decode()
    assert ["N1", "unknown customer"] in [row[:2] for row in cells(page)]


def test_rows_are_sorted_by_a_head_and_the_order_stays_in_addresses_and_files(trade):
    client = person(trade)
    page = client.get("/kpi/gmv/rows/")
    raw = page.content.decode()
    assert re.search(r'aria-sort="descending"><a href="\?ordering=occurred_at">Time', raw)
    assert 'href="?ordering=-total"' in raw
    assert 'href="?ordering=order_id"' in raw  # words from A on first
    page = client.get("/kpi/gmv/rows/?ordering=-total")
    assert [row[0] for row in cells(page)] == ["A2", "B1", "A3"]
    raw = page.content.decode()
    assert 'href="?ordering=total"' in raw
    assert "export.csv?part=gmv&amp;ordering=-total" in raw
    assert '<input type="hidden" name="ordering" value="-total">' in raw
    lines = file(client.get("/kpi/gmv/rows/export.csv?ordering=total"))
    assert [line[0] for line in lines[1:]] == ["A3", "B1", "A2"]


def test_sorted_rows_are_paged_without_loss(trade):
    now = timezone.now() - timedelta(days=2)
    trade.sends(*(order(f"P{n:03}", 10 + n % 7, "u4", at=now, currency="CNY") for n in range(120)))
    client = person(trade)
    seen, address = [], "?ordering=-total"
    while address:
        page = client.get("/kpi/gmv/rows/" + address)
        seen += cells(page)
        found = re.search(r'rel="next"\s+href="([^"]+)"', page.content.decode())
        address = found and found[1].replace("&amp;", "&")
    assert len(seen) == len({row[0] for row in seen}) == 123
    amounts = [Decimal(row[-1].strip("¥").replace(",", "")) for row in seen]
    assert amounts == sorted(amounts, reverse=True)


def test_an_order_the_rows_do_not_have_gets_a_sentence_and_the_usual_one(trade):
    page = person(trade).get("/kpi/gmv/rows/?ordering=-nonsense")
    assert "cannot be sorted by what the address says" in text(page)
    assert [row[0] for row in cells(page)] == ["A3", "A2", "B1"]


@pytest.fixture
def priced(trade):
    """S1 dearer in the store, S2 cheaper in the app than on two others, S3 the same everywhere."""
    at = str(timezone.now() - timedelta(days=1))
    asked = {"S1": ("100", "112", None), "S2": ("50", "50", "40"), "S3": ("7", "7", "7")}
    trade.channel("App", "app")
    trade.records({"type": "product", "sku": "S1", "name": "Cedar candle"})
    trade.records(
        *(
            {"type": "price", "sku": sku, "channel": channel, "price": price, "at": at, "currency": "CNY"}
            for sku, every in asked.items()
            for channel, price in zip(("web-shop", "store", "app"), every, strict=True)
            if price
        )
    )
    return trade


def test_prices_are_a_grid_with_what_differs_marked_by_colour_and_words(priced):
    client = person(priced)
    page = client.get("/kpi/price_parity/rows/?part=compared")
    raw = page.content.decode()
    heads = [
        " ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<th.*?</th>", raw, re.DOTALL)
    ]
    channels = [name for name in heads if name in ("Web shop", "Store", "App")]
    assert len(channels) == 3
    rows = {row[0].split()[0]: dict(zip(heads, row, strict=True)) for row in cells(page)}
    assert list(rows) == ["S1", "S2", "S3"]  # the widest apart first
    assert rows["S1"]["SKU"] == "S1 Cedar candle"
    assert (rows["S1"]["Web shop"], rows["S1"]["Store"], rows["S1"]["App"]) == (
        "¥100.00",
        "¥112.00 12.0% higher",
        "–",
    )
    assert rows["S2"]["App"] == "¥40.00 20.0% lower"
    assert (rows["S2"]["Spread"], rows["S3"]["Spread"]) == ("¥10.00 25.0%", "¥0.00")
    marked = re.findall(r'<td class="n hi">(.*?)</td>', raw, re.DOTALL)
    assert len(marked) == 2
    assert "arrow-up-right" in marked[0]
    assert "arrow-down-right" in marked[1]
    assert "differs from the price most channels ask" in text(page)


def test_the_file_of_the_grid_has_a_column_a_channel(priced):
    lines = file(person(priced).get("/kpi/price_parity/rows/export.csv?part=compared"))
    head = lines[0]
    rows = {line[0]: dict(zip(head, line, strict=True)) for line in lines[1:]}
    assert (rows["S1"]["web-shop"], rows["S1"]["store"], rows["S1"]["app"]) == (
        "100.00 CNY",
        "112.00 CNY",
        "",
    )
    assert rows["S2"]["app"] == "40.00 CNY"
    assert rows["S1"]["Product"] == "Cedar candle"


def test_a_chart_knows_the_rows_behind_each_of_its_points(trade):
    client = person(trade)
    page = client.get("/kpi/net_revenue/?interval=week")
    chart = page.context["chart"]
    assert len(chart["behind"]["days"]) == len(chart["x"])
    total = Decimal(0)
    for first, last in chart["behind"]["days"]:
        asked = {"from": first, "to": last}
        lines = file(client.get("/kpi/net_revenue/rows/export.csv", asked))
        total += sum(Decimal(line[-1]) for line in lines[1:])
    assert total == 340
    assert chart["behind"]["address"] == "/kpi/net_revenue/rows/?interval=week"
    sales = client.get("/").context["sales"].chart
    assert {one["slug"] for one in sales["series"]} == {"web-shop", "store"}
    assert [sum(one["before"]) for one in sales["series"]] == [100, 0]
    whole = client.get("/kpi/retention/?interval=week").context["chart"]["behind"]
    assert whole["calendar"] == "1"


def test_every_line_has_a_legend_and_every_chart_a_table_with_links(trade):
    client = person(trade)
    for address, series in (("/", {"web-shop", "store", "before"}), ("/kpi/gmv/", {"now", "before"})):
        raw = client.get(address).content.decode()
        assert set(re.findall(r'data-series="([^"]+)"', raw)) == series
    raw = client.get("/kpi/gmv/").content.decode()
    charts = len(re.findall(r"data-chart=", raw))
    tables = re.findall(r'<details class="data">(.*?)</details>', raw, re.DOTALL)
    assert charts == len(tables) == 2
    assert all("/kpi/gmv/rows/?" in one for one in tables)
