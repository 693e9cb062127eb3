"""What stands on the pages is what was sent: money, people, states; a viewer sees no contact data."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from kernel.models import Member
from tests.shop import Shop, identify, order, track

PHONE = "+8613812345021"


@pytest.fixture
def retailer(db):
    shop, now = Shop(), timezone.now()
    candle = {"sku": "S1", "price": "128", "quantity": 2, "name": "Cedar candle"}
    shop.sends(
        identify("u1", now - timedelta(days=3), name="Lin Xiaowen", phone=PHONE, city="Hangzhou"),
        track("Product Viewed", "u1", now - timedelta(days=3), name="Cedar candle", sku="S1"),
        order("TM-1", "256.00", "u1", at=now - timedelta(days=2), currency="CNY", products=[candle]),
        track(
            "Order Refunded", "u1", now - timedelta(days=1), order_id="TM-1", total="56.10", refund_id="r1"
        ),
        track("Order Completed", "u1", now - timedelta(days=1), message_id="broken", order_id="TM-2"),
    )
    phone = [{"kind": "phone", "value": "13812345021"}]
    shop.sends(
        track("Store Visited", at=now - timedelta(days=1), store="Hubin", identifiers=phone), to="store"
    )
    return shop


def person(shop, role="admin"):
    user = User.objects.create_user(role, password="x")
    Member.objects.create(workspace=shop.workspace, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    assert answer.status_code == 200, answer.status_code
    plain = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(plain.split())


def customer(client):
    found = re.search(r"/customers/([0-9a-f-]{36})/", client.get("/customers/").content.decode())
    return f"/customers/{found[1]}/"


def test_the_overview_counts_money_to_the_cent(retailer):
    said = text(person(retailer).get("/"))
    assert "¥256.00" in said
    assert "¥199.90" in said
    assert "One item needs attention." in said


def test_a_customer_is_whole_over_both_channels(retailer):
    client = person(retailer)
    said = text(client.get(customer(client)))
    assert "Lin Xiaowen" in said
    assert "¥256.00 − ¥56.10" in said
    assert "−¥56.10 ¥199.90" in said
    assert "Order TM-1" in said
    assert "Visited Hubin" in said
    assert "phone + account" in said or "account + phone" in said


def test_the_ribbon_has_a_lane_for_each_channel(retailer):
    client = person(retailer)
    page = client.get(customer(client)).content.decode()
    data = json.loads(re.search(r'id="ribbon-data" type="application/json">(.*?)</script>', page)[1])
    assert [lane["slug"] for lane in data["lanes"]] == ["web-shop", "store"]
    assert [event["amount"] for event in data["events"] if event["buy"]] == ["¥256.00"]


@pytest.mark.parametrize("words", ["13812345021", "+86 138 1234 5021", "TM-1", "xiaowen", "Lin"])
def test_one_box_finds_a_customer(retailer, words):
    client = person(retailer)
    assert client.get("/search/", {"q": words})["Location"] == customer(client)


def test_what_nobody_has_leads_to_a_list_that_says_so(retailer):
    client = person(retailer)
    assert client.get("/search/", {"q": "nobody at all"})["Location"] == "/customers/?search=nobody+at+all"
    assert "No customer meets this condition" in text(client.get("/customers/?search=nobody+at+all"))


def test_too_narrow_filters_name_the_one_to_drop(retailer):
    said = text(person(retailer).get("/customers/?channel=store&orders_min=9"))
    assert "No customer meets all 2 conditions" in said
    assert "Without “Orders at least 9” there are 1." in said


WRONG = ("cursor=nonsense", "ordering=shoe", "orders_min=x", "channel=nowhere", "first_seen_after=?")


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_address_gets_a_sentence_and_the_list(retailer, query):
    said = text(person(retailer).get(f"/customers/?{query}"))
    assert "All customers are shown meanwhile." in said
    assert "Lin Xiaowen" in said


def test_a_viewer_sees_no_contact_data(retailer):
    client = person(retailer, "viewer")
    for page in (customer(client), "/live/", "/rejects/", "/customers/"):
        raw = client.get(page).content.decode()
        assert "12345021" not in raw, page
    assert "138 •••• 5021" in text(client.get(customer(client)))


def test_a_viewer_sees_no_write_key_and_changes_nothing(retailer):
    client = person(retailer, "viewer")
    assert "/v1/track" not in client.get("/channels/web-shop/").content.decode()
    assert client.post("/channels/add/", {"name": "x", "kind": "web"}).status_code == 403
    assert client.post("/rejects/replay/").status_code == 403


def test_a_reject_is_mended_and_replayed(retailer):
    client = person(retailer, "analyst")
    page = client.get("/rejects/").content.decode()
    assert "Field missing" in page
    where = re.search(r'hx-get="(/rejects/[0-9a-f-]{36}/)"', page)[1]
    assert "broken" in text(client.get(where))
    raw = {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "broken"}
    raw["properties"] = {"order_id": "TM-2", "total": "10"}
    said = text(client.post(where + "mend/", {"raw": json.dumps(raw)}, headers={"HX-Request": "true"}))
    assert "1 message replayed" in said
    retailer.drains()
    assert "TM-2" in text(client.get(customer(client)))


def test_what_is_still_no_json_keeps_what_was_typed(retailer):
    client = person(retailer, "analyst")
    where = re.search(r'hx-get="(/rejects/[0-9a-f-]{36}/)"', client.get("/rejects/").content.decode())[1]
    said = client.post(where + "mend/", {"raw": "{broken"}, headers={"HX-Request": "true"}).content.decode()
    assert "{broken" in said
    assert "not valid JSON yet" in said


def test_the_stream_says_what_became_of_each(retailer):
    client = person(retailer)
    page = client.get("/live/").content.decode()
    assert "stored" in text(client.get("/live/"))
    assert "rejected" in text(client.get("/live/stream/?state=rejected"))
    for where in re.findall(r'hx-get="(/live/[0-9a-f]{8}-[^"]+)"', page):
        assert "As received" in text(client.get(where.replace("&amp;", "&")))


def test_keys_are_added_rotated_and_revoked(retailer):
    client = person(retailer)
    page = re.search(
        r'href="(/channels/web-shop/connectors/[^/]{36}/)"',
        client.get("/channels/web-shop/").content.decode(),
    )[1]
    key = re.search(r'<code id="key-(\d+)">', client.get(page).content.decode())[1]
    where = f"{page}key/"
    for what in ("add", "rotate"):
        assert client.post(where, {"what": what}).status_code == 302
    assert f'id="key-{key}"' not in client.get(page).content.decode()
    for key in ("no number", "", "9" * 30, "9" * 5_000):
        assert client.post(where, {"what": "revoke", "key": key}).status_code == 404
    assert client.post(where, {"what": "burn"}).status_code == 400


def test_a_new_channel_takes_a_colour_of_its_own(retailer):
    client = person(retailer)
    client.post("/channels/add/", {"name": "Second shop", "kind": "web", "currency": "CNY"})
    page = client.get("/channels/second-shop/").content.decode()
    assert "chn c-web" not in page
    assert "curl" in page


def test_a_channel_that_cannot_be_made_says_why_and_keeps_what_was_typed(retailer):
    said = person(retailer).post("/channels/add/", {"name": "A shop", "kind": "spaceship"}).content.decode()
    assert "not a channel kind" in said
    assert 'value="A shop"' in said


def test_the_stream_names_events_in_the_readers_language_and_keeps_the_name_that_was_sent(retailer):
    client = person(retailer)
    client.cookies["language"] = "zh-hans"
    stream = client.get("/live/stream/").content.decode()
    named = dict(
        re.findall(
            r'title="([^"]+)"\s+hx-get="[^"]+"\s+hx-target="#opened"\s+hx-indicator="#opened">([^<]+)<',
            stream,
        )
    )
    assert named["Order Completed"] == "订单"
