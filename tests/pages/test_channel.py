"""A channel's page: settings with their audit, its connectors, code to send with, health at a glance. Not here: one
connector (test_connectors.py).
"""

import re

import pytest

from channels.models import Channel, Connector
from console.channel import snippets
from kernel.models import Audit
from tests.pages.test_numbers import person, text
from tests.shop import Shop, track

GOOD = {
    "name": "Our shop",
    "currency": "eur",
    "timezone": "Europe/Berlin",
    "commission": "5.5",
    "color": "jd",
}


@pytest.fixture
def shop(db):
    found = Shop()
    found.sends(track("Product Viewed", "u1", sku="A"), track("Order Completed", "u1", order_id="A-1"))
    return found


def test_settings_are_saved_and_noted_with_who_made_them(shop):
    client = person(shop)
    assert client.post("/channels/web-shop/set/", GOOD).status_code == 302
    channel = Channel.objects.get(workspace=shop.workspace, slug="web-shop")
    said = (channel.name, channel.currency, channel.timezone, str(channel.commission), channel.color)
    assert said == ("Our shop", "EUR", "Europe/Berlin", "0.05500", "jd")
    note = Audit.objects.get(action="channel.change")
    assert (note.actor, note.target) == ("admin", "web-shop")
    assert note.detail["currency"] == ["CNY", "EUR"]
    page = client.get("/channels/web-shop/").content.decode()
    assert 'value="5.5"' in page
    assert "chn c-jd" in page
    client.post("/channels/web-shop/set/", GOOD)
    assert Audit.objects.filter(action="channel.change").count() == 1  # nothing was different


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("currency", "yuan", "is not a currency"),
        ("timezone", "Beijing", "is not a time zone"),
        ("commission", "101", "a percentage from 0 to 100"),
        ("commission", "NaN", "a percentage from 0 to 100"),
        ("commission", "5.12345", "a percentage from 0 to 100"),
        ("name", " ", "A name needs"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(shop, field, typed, said):
    answer = person(shop).post("/channels/web-shop/set/", GOOD | {field: typed})
    assert said in text(answer)
    assert f'value="{GOOD["timezone"] if field != "timezone" else typed}"' in answer.content.decode()
    assert Channel.objects.get(workspace=shop.workspace, slug="web-shop").currency == "CNY"
    assert not Audit.objects.filter(action="channel.change").exists()


def test_a_channel_whose_only_connector_is_paused_is_switched_off(shop):
    client, connector = person(shop), shop.connectors["web-shop"]
    where = f"/channels/web-shop/connectors/{connector.uuid}/"
    client.post(where + "pause/")
    assert "switched off" in text(client.get("/channels/"))
    assert "curl -sS" not in client.get("/channels/web-shop/").content.decode()
    client.post(where + "resume/")
    assert "switched off" not in text(client.get("/channels/"))
    assert "curl -sS" in client.get("/channels/web-shop/").content.decode()


@pytest.mark.parametrize("client", snippets.CLIENTS, ids=lambda client: client.code)
def test_the_code_of_each_client_holds_the_real_address_and_key(shop, client):
    page = person(shop).get(f"/channels/web-shop/?client={client.code}").content.decode()
    code = re.search(r'id="snippet"[^>]*>(.*?)</pre>', page, re.DOTALL)[1]
    assert shop.key in code
    assert "http://testserver" in code
    assert "{KEY}" not in code
    assert "{ADDRESS}" not in code


def test_the_code_is_for_the_connector_that_was_chosen(shop):
    second = shop.api().get("/api/connectors/").json()["results"]
    web = next(one for one in second if one["channel"] == "web-shop")
    client = person(shop)
    client.post("/channels/web-shop/connectors/add/http/", {"name": "App"})
    app = Connector.objects.get(workspace=shop.workspace, name="App")
    for connector, key in ((web["connector"], shop.key), (app.uuid, app.keys.get().key)):
        page = client.get(f"/channels/web-shop/?connector={connector}").content.decode()
        assert key in re.search(r'id="snippet"[^>]*>(.*?)</pre>', page, re.DOTALL)[1]


def test_an_analyst_reads_health_and_no_key(shop):
    said = person(shop, "analyst").get("/channels/web-shop/").content.decode()
    assert f"/channels/web-shop/connectors/{shop.connectors['web-shop'].uuid}/" in said
    assert shop.key not in said
    assert 'action="/channels/web-shop/set/"' not in said
    assert person(shop, "viewer").post("/channels/web-shop/set/", GOOD).status_code == 403


def test_health_is_told_at_a_glance_and_leads_to_the_rejects_of_the_channel(shop):
    client = person(shop)
    said = text(client.get("/channels/web-shop/"))
    assert "Received, 24 h 2 0.0 per min, last hour" in said
    assert "Identified 100.0%" in said
    assert "/rejects/?channel=web-shop" in client.get("/channels/").content.decode()
    assert "Field missing" in text(client.get("/rejects/?channel=web-shop"))
    assert "Field missing" not in text(client.get("/rejects/?channel=store"))
    assert "all are shown" in text(client.get("/rejects/?channel=nowhere"))


def test_a_new_channel_waits_for_its_first_event_and_says_when_it_is_there(shop):
    client = person(shop)
    made = shop.channel("Pop-up", "store").channel
    page = client.get(f"/channels/{made.slug}/")
    assert "Waiting for the first event" in text(page)
    where = re.search(r'hx-get="([^"]*arrival[^"]*)"', page.content.decode())[1]
    nothing = client.get(where)
    assert (nothing.status_code, nothing.content) == (204, b"")
    shop.sends(track("Product Viewed", "u1", sku="A"), to=made.slug)
    there = client.get(where)
    assert "The first event has arrived" in text(there)
    assert 'hx-trigger="every' not in there.content.decode()  # it is not asked again
    assert (
        '<span class="lbl good" id="channel-state" hx-swap-oob="true">healthy</span>'
        in there.content.decode()
    )
    later = client.get(f"/channels/{made.slug}/")
    assert "arrival/" not in later.content.decode()
    assert "Waiting for the first event" not in text(later)


def test_what_only_others_sent_is_no_arrival(shop):
    made = shop.channel("Pop-up", "store").channel
    shop.sends(track("Product Viewed", "u1", sku="A"))
    assert person(shop).get(f"/channels/{made.slug}/arrival/").status_code == 204
