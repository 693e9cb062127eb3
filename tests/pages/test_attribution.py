"""The pages of attribution: models side by side, figures that lead to their orders, one order, files, bad addresses."""

import csv
import io
import re
from decimal import Decimal
from html import unescape
from urllib.parse import quote, unquote

import pytest

from metrics.attribution.models import MODELS
from tests.metrics.attribution.sold import sold, touch
from tests.shop import Shop, later, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
MARCH = "from=2026-03-01&to=2026-03-31"
LINK = re.compile(r'<a href="([^"]*/allocation/orders/[^"]*)"[^>]*>\s*([^<]*?)\s*</a>')


@pytest.fixture
def shop(db):
    return sold()


def client_of(shop, role="viewer"):
    from django.contrib.auth.models import User
    from django.test import Client

    from kernel.models import Member

    user = User.objects.create_user(f"looks-{role}", password="a long enough password")
    Member.objects.create(workspace=shop.workspace, user=user, role=role)
    found = Client()
    found.force_login(user)
    return found


@pytest.fixture
def client(shop):
    return client_of(shop, "analyst")


def page(client, path, **headers):
    answer = client.get(path, **headers)
    assert answer.status_code == 200, answer.content[:500]
    return unescape(answer.content.decode())


def test_every_figure_leads_to_orders_that_come_to_it(client):
    text = page(client, f"/allocation/?{MARCH}")
    links = LINK.findall(text)
    assert len(links) >= 3 * len(MODELS)
    for address, shown in links[: 3 * len(MODELS)]:
        behind = page(client, address)
        if shown == "¥0.00" and "No order stands behind it" in behind:
            continue
        total = re.search(r'<tfoot>.*<td class="n">\s*(.*?)\s*</td>', behind, re.S)[1]
        both = [Decimal(one.replace("¥", "").replace(",", "").replace("−", "-")) for one in (shown, total)]
        assert abs(both[0] - both[1]) <= Decimal("0.01"), (address, shown, total)


def test_the_columns_come_to_net_revenue(client, shop):
    text = page(client, f"/allocation/?{MARCH}")
    total = Decimal(shop.value("net_revenue", **{"from": "2026-03-01", "to": "2026-03-31"}))
    foot = re.search(r'id="models".*?<tfoot>(.*?)</tfoot>', text, re.S)[1]
    assert re.findall(r"¥[\d,.]+", foot) == [f"¥{total:.2f}"] * len(MODELS)


def test_the_finding_is_against_the_last_touch(client):
    assert "earns" in page(client, f"/allocation/?model=first&{MARCH}")
    assert "Last touch shows what the last touch shows." in page(client, f"/allocation/?model=last&{MARCH}")


def test_by_campaign_and_by_other_measures(client):
    text = page(client, f"/allocation/?by=campaign&measure=conversions&{MARCH}")
    assert "618" in text
    assert "Spend without campaign: ¥19.25 stand in no row." in text
    assert "New customers" in page(client, f"/allocation/?measure=new_customers&{MARCH}")


def test_what_cannot_be_asked_is_said_and_the_usual_shown(client):
    text = page(client, f"/allocation/?model=best&{MARCH}")
    assert "The address asks for what there is not" in text
    assert "Side by side" in text
    assert "bad_cursor" not in page(client, f"/allocation/orders/?key=store&cursor=x&{MARCH}")


def test_an_event_in_an_orders_place_has_conversions_alone_and_no_orders(client):
    text = page(client, f"/allocation/?conversion={quote('Order Completed')}&{MARCH}")
    assert not LINK.findall(text)
    assert "Conversions; marked" in text


def test_an_order_and_its_touches(client):
    text = page(client, "/allocation/order/?channel=web-shop&number=o1")
    assert text.index("spring") < text.index("618")
    assert "¥45.01" in text
    piece = page(client, "/allocation/order/?channel=web-shop&number=o1", HTTP_HX_REQUEST="true")
    assert "<html" not in piece
    assert "¥45.01" in piece
    assert client.get("/allocation/order/?channel=web-shop&number=none").status_code == 404
    assert client.get("/allocation/order/?channel=nowhere&number=o1").status_code == 404
    assert client.get("/allocation/order/").status_code == 404


def test_a_customers_orders_and_timeline_lead_there(client, shop):
    key = shop.profile("user_id:u1")["id"]
    text = page(client, f"/customers/{key}/")
    assert 'hx-get="/allocation/order/?channel=web-shop&number=o1"' in text
    assert "Who earned it" in text


def test_the_file_has_every_row_of_every_model(client):
    answer = client.get(f"/allocation/export.csv?{MARCH}")
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert {line["Model"] for line in lines} == {model.name for model in MODELS}
    for model in MODELS:
        mine = [line for line in lines if line["Model"] == model.name]
        assert sum(Decimal(line["Net revenue"]) for line in mine) == Decimal("244.48")
        assert sum(Decimal(line["Conversions"]) for line in mine) == 5


def test_a_viewer_reads_no_contact_data_that_senders_wrote(shop):
    shop.sends(touch("u1", 3, "to ann@example.com"))
    shop.sends(order("13800000001", "3", "u1", later(days=10)))
    client = client_of(shop)
    for address in (
        f"/allocation/?by=campaign&{MARCH}",
        f"/allocation/orders/?key=null&{MARCH}",
        "/allocation/order/?channel=web-shop&number=13800000001",
    ):
        text = unquote(client.get(address).content.decode())
        assert "ann@example.com" not in text, address
        assert "13800000001" not in text or "number=13800000001" in address, address


def test_nothing_at_all(db):
    text = page(client_of(Shop()), f"/allocation/?{MARCH}")
    assert "No order of this period has a touch before it." in text


def test_in_chinese(client):
    client.cookies["django_language"] = "zh-hans"
    assert page(client, f"/allocation/?{MARCH}").count("¥244.48") >= len(MODELS)
