"""Payouts on their page: the finding, sums by channel and time, each number with its orders, the file."""

import csv
import html
import io
import re

import pytest

from tests.metrics.test_payouts import bill
from tests.pages.test_numbers import person, text
from tests.shop import Shop, later, order

MARCH = "from=2026-03-01&to=2026-03-31"
PHONE = "13812345678"


@pytest.fixture
def shop(db):
    made = Shop()
    made.channel("Tmall", "marketplace")
    made.channel("Europe", "web", currency="EUR")
    made.sends(
        order("t1", "100", "u1", later(days=1), payout="95"),
        order("t2", "50", "u1", later(days=2), payout="47.50"),
        order(PHONE, "60", "u1", later(days=3), payout="57"),
        to="tmall",
    )
    made.sends(order("e1", "10", "u2", later(days=12), payout="9"), to="europe")
    made.records(
        bill("t1", "95.00"),
        bill(PHONE, "50"),
        bill("stranger", "8", days=11),
        bill("e1", "9", channel="europe", currency="EUR"),
    )
    return made


def title(page):
    return " ".join(html.unescape(re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]).split())


def lines(client, query):
    answer = client.get(f"/payouts/export.csv?{query}")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_title_says_what_needs_a_look_and_the_line_below_how_much(shop):
    client = person(shop, "analyst")
    page = client.get(f"/payouts/?{MARCH}")
    said = text(page)
    assert (
        title(page.content.decode()) == "3 of 5 payouts need a look: 1 missing, 1 differing, 1 not expected"
    )
    assert "¥46.50 less than expected" in said
    assert "€9.00 paid out, as expected" in said
    assert (
        title(client.get("/payouts/?from=2001-01-01&to=2001-01-31").content.decode())
        == "No payouts in this period"
    )
    one = client.get(f"/payouts/?{MARCH}&channel=europe").content.decode()
    assert title(one) == "The payout is as its order expects"


@pytest.mark.parametrize("by", ["channel", "week", "month"])
def test_each_number_leads_to_its_orders(shop, by):
    client = person(shop, "analyst")
    page = client.get(f"/payouts/?{MARCH}&by={by}").content.decode()
    sums = re.search(r'id="sums".*?</section>', page, re.DOTALL)[0]
    links = re.findall(r'<a href="(\?[^"#]*state=[^"#]*)#rows">\s*(\d+)\s*</a>', sums)
    assert links
    for address, count in links:
        found = client.get(f"/payouts/{html.unescape(address)}").content.decode()
        rows = re.search(r'id="rows".*?<tbody>(.*?)</tbody>', found, re.DOTALL)[1]
        assert rows.count("<tr>") == int(count), address


def test_the_file_has_what_is_asked_and_a_viewer_gets_it_masked(shop):
    found = lines(person(shop, "analyst"), f"{MARCH}&state=differing")
    assert found[0][:7] == ["Order", "Channel", "State", "Currency", "Expected", "Paid out", "Difference"]
    assert [row[:7] for row in found[1:]] == [[PHONE, "tmall", "Differing", "CNY", "57.00", "50.00", "-7.00"]]
    viewer = person(shop, "viewer")
    assert PHONE not in str(lines(viewer, MARCH))
    assert PHONE not in viewer.get(f"/payouts/?{MARCH}").content.decode()


def test_a_wrong_address_says_so_and_shows_all(shop):
    client = person(shop, "viewer")
    for query in ("channel=nowhere", "cursor=none", "from=never", "state=x&by=x&currency=x"):
        assert client.get(f"/payouts/?{query}").status_code == 200
    assert "not one of this workspace" in text(client.get("/payouts/?channel=nowhere"))
