"""Price parity on its page: the finding, the matrix, one SKU, its customers, the rules' form, the file."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from kernel.models import Audit
from tests.pages.test_numbers import person, text
from tests.shop import Shop, identify, later, order

MARCH = "from=2026-03-01&to=2026-03-20"
PHONE = "13812345678"


def price(sku, amount, channel, days=1, **more):
    at = later(days=days).isoformat()
    return {"type": "price", "sku": sku, "price": str(amount), "channel": channel, "at": at} | more


@pytest.fixture
def shop(db, mirror_of_postgresql):
    made = Shop()
    made.channel("Tmall", "marketplace")
    made.channel("Europe", "web", currency="EUR")
    made.records(
        {"type": "product", "sku": "lamp", "name": "Reading lamp", "category": "Light"},
        {"type": "target", "metric": "price_parity", "value": "0.9", "from": "2026-03-01"},
        *(price("lamp", 100, to) for to in ("web-shop", "store")),
        price("lamp", 85, "tmall", days=5, promotion="Spring"),
        *(price("bowl", 20, to) for to in ("web-shop", "store")),
        price("bowl", 3, "europe", currency="EUR"),
        price(PHONE, 5, "store"),
    )
    line = {"sku": "lamp", "price": 100, "quantity": 2}
    made.sends(identify("u1", later(days=0), name="Ann", phone=PHONE))
    made.sends(order("o1", 200, "u1", later(days=2), products=[line]))
    made.sends(
        order("o2", 85, "u1", later(days=6), products=[line | {"price": 85, "quantity": 1}]), to="tmall"
    )
    return made


def title(page):
    return " ".join(html.unescape(re.search(r"<h1>(.*?)</h1>", page.content.decode(), re.DOTALL)[1]).split())


def lines(client, query):
    answer = client.get(f"/parity/export.csv?{query}")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def matrix(page):
    rows = re.search(r'id="rows".*?<tbody>(.*?)</tbody>', page.content.decode(), re.DOTALL)[1]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows.split("</tr>") if "<td" in row]


def test_the_title_says_how_many_differ_and_the_line_below_what_is_at_stake(shop):
    client = person(shop, "viewer")
    page = client.get(f"/parity/?{MARCH}")
    said = text(page)
    assert title(page) == "1 of 2 SKUs differ in price between channels"
    assert "¥45.00 of the sales of 30 days lie in the gaps." in said
    assert "Tmall strays most: 1 SKU." in said
    assert "1 SKU has a price in a currency without a rate" in said
    assert "1 SKU more with one price, and the target is met." in said
    assert "50.0%" in said
    assert "as of 20 Mar 2026" in said
    assert title(client.get("/parity/?from=2001-01-01&to=2001-01-31")) == "No prices on that day"
    assert title(client.get(f"/parity/?{MARCH}&sku=bowl")).startswith("The price of 1 SKU is the same")


def test_outliers_are_marked_and_the_price_to_move_is_said(shop):
    client = person(shop, "viewer")
    (lamp,) = matrix(client.get(f"/parity/?{MARCH}"))
    assert lamp.startswith("Reading lamp lamp ¥100 ¥100 ¥85 −15.0%")
    assert "Tmall ¥85 → ¥100" in lamp
    assert "¥15.00 in 30 days" in lamp
    assert 'class="n hit"' in client.get(f"/parity/?{MARCH}").content.decode()
    every = matrix(client.get(f"/parity/?{MARCH}&state=all&ordering=sku"))
    assert len(every) == 3
    assert [
        len(matrix(client.get(f"/parity/?{MARCH}&state={state}"))) for state in ("agreeing", "single")
    ] == [1, 1]
    assert "no rate" in str(every)


def test_the_series_follows_the_prices(shop):
    page = person(shop, "viewer").get(f"/parity/?{MARCH}")
    chart = page.context["chart"]
    assert chart["target"] == 0.9
    assert chart["data"][:7] == [None, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5]
    assert chart["base"][6] == "1 of 2"


def test_without_a_last_day_it_is_as_it_is_now(shop):
    now = timezone.now()
    shop.records(price("lamp", 100, "tmall") | {"at": (now - timedelta(minutes=1)).isoformat()})
    client = person(shop, "viewer")
    page = client.get("/parity/")
    assert title(page) == "The prices of all 2 SKUs are the same on all their channels"
    assert title(client.get(f"/parity/?{MARCH}")).startswith("1 of 2")


def test_one_sku_over_time(shop):
    client = person(shop, "viewer")
    page = client.get(f"/parity/sku/?sku=lamp&{MARCH}")
    said = text(page)
    assert title(page) == "Reading lamp"
    assert "Its prices lie ¥15.00 apart, 15.0% of the usual ¥100.00." in said
    assert "Spring" in said
    assert [line["name"] for line in page.context["chart"]["lines"]] == ["Web shop", "Store", "Tmall"]
    assert page.context["chart"]["lines"][2]["data"][4:6] == [None, 85.0]
    assert client.get("/parity/sku/?sku=nothing").status_code == 404
    assert client.get("/parity/sku/").status_code == 404


def test_the_customers_who_met_two_prices(shop):
    client = person(shop, "analyst")
    page = client.get(f"/parity/people/?sku=lamp&{MARCH}")
    assert "Ann" in text(page)
    assert "Customers who met lamp at two prices on two channels" in text(page)
    assert "Nobody" in text(client.get(f"/parity/people/?sku=bowl&{MARCH}"))
    assert "Ann" in text(client.get(f"/parity/people/?{MARCH}"))


def test_an_admin_sets_the_rules_and_is_noted(shop):
    client = person(shop, "admin")
    form = {
        "tolerance": "2,5".replace(",", "."),
        "alert": "8 %",
        "tax-europe": "13",
        "channel": ["tmall", ""],
        "until": ["2026-03-20", ""],
        "promotion": ["Spring", "left over"],
    }
    assert client.post("/parity/rules/", form).status_code == 302
    page = client.get(f"/parity/?{MARCH}")
    said = text(page)
    assert title(page).startswith("The prices of all 2 SKUs")
    assert "Prices within 2.50% of the usual one are the same." in said
    assert "The promotion “Spring” is allowed on Tmall until 20 Mar 2026." in said
    assert "On Europe 13.00% tax is put on top." in said
    assert "further apart than 8.00% is an alarm" in said
    (noted,) = Audit.objects.filter(workspace=shop.workspace, action="parity.rules")
    assert noted.detail["tolerance"] == ["0", "0.025"]
    assert "changed the rules of price parity" in text(client.get("/workspace/audit/"))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"tolerance": "much"}, "The tolerance is a share"),
        ({"tolerance": "150"}, "The tolerance is a share"),
        ({"alert": "-1"}, "The gap that is an alarm is a share"),
        ({"tax-store": "x"}, "The tax of store is a share"),
        ({"channel": "store", "until": "soon", "promotion": ""}, "A promotion is allowed until a day"),
        ({"channel": "nowhere", "until": "2026-03-01", "promotion": ""}, "There is no channel"),
    ],
)
def test_rules_that_cannot_be_are_said_with_what_was_typed(shop, form, sentence):
    client = person(shop, "admin")
    page = client.post("/parity/rules/", form)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert any(f'value="{typed}"' in page.content.decode() for typed in form.values())
    assert not Audit.objects.filter(workspace=shop.workspace, action="parity.rules").exists()


def test_only_an_admin_changes_the_rules(shop):
    client = person(shop, "analyst")
    assert client.post("/parity/rules/", {"tolerance": "5"}).status_code == 403
    assert "Change the rules" not in text(client.get("/parity/"))


def test_the_file_has_each_price_and_a_viewer_gets_it_masked(shop):
    found = lines(person(shop, "analyst"), f"{MARCH}&state=apart")
    assert found[0][:7] == ["SKU", "Name", "Category", "Channel", "Price", "Currency", "List price"]
    assert [row[:6] for row in found[1:]] == [
        ["lamp", "Reading lamp", "Light", channel, amount, "CNY"]
        for channel, amount in (("web-shop", "100.00"), ("store", "100.00"), ("tmall", "85.00"))
    ]
    assert found[3][7] == "Spring"
    assert found[3][11:] == ["False", "0.1500000000", "3", "45.00"]
    viewer = person(shop, "viewer")
    assert PHONE not in str(lines(viewer, MARCH))
    assert PHONE not in viewer.get(f"/parity/?{MARCH}&state=all").content.decode()


def test_a_wrong_address_says_so_and_shows_the_page(shop):
    client = person(shop, "viewer")
    for query in ("channel=nowhere", "cursor=none", "from=never", "state=x", "ordering=x", "category=none"):
        assert client.get(f"/parity/?{query}").status_code == 200, query
    assert "not one of this workspace" in text(client.get("/parity/?channel=nowhere"))


def test_a_new_gap_is_told_on_every_page_and_leads_here(shop):
    now = timezone.now()
    shop.records(price("lamp", 50, "tmall") | {"at": (now - timedelta(minutes=1)).isoformat()})
    page = person(shop, "viewer").get("/customers/")
    assert "A new price differs between channels: lamp, by 50.0%" in text(page)
    assert 'href="/parity/"' in page.content.decode()
