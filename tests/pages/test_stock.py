"""Stock on its page: what is empty, what that cost, what to move, which orders took what was not there, the files."""

import csv
import html
import io
import re

import pytest

from tests.pages.test_numbers import person, text
from tests.shop import Shop, later, order

MARCH = "from=2026-03-01&to=2026-03-30"
PHONE = "13812345678"


def level(sku, pieces, channel, days=0.0, **more):
    at = later(days=days).isoformat()
    return {"type": "stock", "sku": sku, "quantity": pieces, "channel": channel, "at": at} | more


@pytest.fixture
def shop(db):
    made = Shop()
    made.channel("Tmall", "marketplace")
    made.records(
        {"type": "product", "sku": "lamp", "name": "Reading lamp", "category": "Light"},
        {"type": "price", "sku": "lamp", "price": "10", "channel": "tmall", "at": later(days=0).isoformat()},
        level("lamp", 60, "store"),
        level("lamp", 3, "tmall"),
        level("lamp", 0, "tmall", days=20.5),
        level("bowl", 5, "web-shop"),
    )
    line = {"sku": "lamp", "price": 10, "quantity": 1}
    made.sends(
        *(order(f"t{day}", 10, "u1", later(days=day), products=[line]) for day in range(20)),
        order(PHONE, 10, "u1", later(days=22), products=[line]),
        to="tmall",
    )
    return made


def title(page):
    return " ".join(html.unescape(re.search(r"<h1>(.*?)</h1>", page.content.decode(), re.DOTALL)[1]).split())


def table(page):
    rows = re.search(r"<tbody>(.*?)</tbody>", page.content.decode(), re.DOTALL)[1]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows.split("</tr>") if "<td" in row]


def lines(client, query):
    answer = client.get(f"/stock/export.csv?{query}")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_title_says_what_is_empty_and_the_line_below_what_that_cost(shop):
    client = person(shop, "viewer")
    page = client.get(f"/stock/?{MARCH}")
    said = text(page)
    assert title(page) == "1 of 3 stock positions are out of stock"
    assert "Days without stock cost about ¥100.00 of sales in 30 days." in said
    assert "1 transfer would bring stock where it sells." in said
    assert "11.1%" in said  # 10 of 90 days
    assert "2 stock positions have stock and no cost: not in the worth." in said
    assert title(client.get("/stock/?from=2001-01-01&to=2001-01-31")) == "No stock levels on that day"


def test_shelves_by_what_they_lost_and_by_their_state(shop):
    client = person(shop, "viewer")
    first, *_rest = table(client.get(f"/stock/?{MARCH}"))
    assert first.startswith("Reading lamp Tmall lamp Out of stock 0")
    assert "1 time in 30 days" in first
    assert "¥100.00" in first
    assert [len(table(client.get(f"/stock/?{MARCH}&state={state}"))) for state in ("out", "long")] == [1, 2]
    assert [row.split()[0] for row in table(client.get(f"/stock/?{MARCH}&ordering=level"))][1] == "bowl"
    assert len(table(client.get(f"/stock/?{MARCH}&category=Light"))) == 2
    assert len(table(client.get(f"/stock/?{MARCH}&channel=store"))) == 1
    assert len(table(client.get(f"/stock/?{MARCH}&sku=bowl"))) == 1


def test_what_to_move_and_what_it_does(shop):
    (move,) = table(person(shop, "viewer").get(f"/stock/?{MARCH}&part=transfers"))
    assert move.startswith("Reading lamp lamp Store 60 → 39 Tmall 0 → 21 21 0.0 d → 21.0 d")
    assert "¥210.00" in move


def test_orders_of_what_was_not_there_lead_to_their_message(shop):
    client = person(shop, "analyst")
    page = client.get(f"/stock/?{MARCH}&part=oversold")
    (line,) = table(page)
    assert line.startswith(f"{PHONE} Tmall")
    address = re.search(r'<a class="strong" href="([^"]+)"', page.content.decode())[1]
    assert PHONE in text(client.get(html.unescape(address)))
    assert PHONE not in person(shop, "viewer").get(f"/stock/?{MARCH}&part=oversold").content.decode()


def test_each_part_is_a_file(shop):
    client = person(shop, "analyst")
    shelves = lines(client, MARCH)
    assert len(shelves) == 4
    assert {len(row) for row in shelves} == {20}
    assert len(lines(client, f"{MARCH}&state=out")) == 2
    transfers = lines(client, f"{MARCH}&part=transfers")
    assert transfers[1][:5] == ["lamp", "Reading lamp", "store", "tmall", "21"]
    assert len(transfers[0]) == len(transfers[1])
    oversold = lines(client, f"{MARCH}&part=oversold")
    assert oversold[1][0] == PHONE
    assert len(oversold[0]) == len(oversold[1])
    assert PHONE not in str(lines(person(shop, "viewer"), f"{MARCH}&part=oversold"))


def test_a_wrong_address_says_so_and_shows_the_page(shop):
    client = person(shop, "viewer")
    for query in ("channel=nowhere", "cursor=none", "from=never", "state=x", "ordering=x", "part=x"):
        assert client.get(f"/stock/?{query}").status_code == 200, query
    assert "not one of this workspace" in text(client.get("/stock/?channel=nowhere"))
    assert "none of ours" in text(client.get("/stock/?cursor=none"))
