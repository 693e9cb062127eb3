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
    assert 'href="/search/?q=A2"' in page.content.decode()
    assert "/customers/" in client.get("/search/?q=A2")["Location"]
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
