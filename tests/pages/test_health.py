"""What a channel is said to have brought, and how it does: the same on every page and in the API. What needs somebody
stands once, and says what money hangs on it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from tests.pages.test_numbers import person, text
from tests.shop import Shop, order, track


@pytest.fixture
def shop(db):
    return Shop()


def mixed(shop):
    """100 messages: 90 stored, of them 60 with a person known by a login, 4 rejected, 6 repeats."""
    good = [track("Product Viewed", f"u{n}", message_id=f"good-{n}", sku="A") for n in range(90)]
    again = [track("Product Viewed", f"u{n}", message_id=f"good-{n}", sku="A") for n in range(6)]
    bad = [{"type": "track", "userId": "u", "messageId": f"bad-{n}"} for n in range(4)]
    shop.sends(*good, *again, *bad)


def needs(client):
    """The lines of the list: title and what it costs."""
    page = client.get("/").content.decode()
    (listed,) = re.findall(r'<ul class="needs">(.*?)</ul>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in listed.split("</li>")[:-1]]


def test_every_page_and_the_api_say_the_same(shop):
    mixed(shop)
    client = person(shop)
    (web, _store) = shop.get("/api/channels/")["results"]
    said = web["health"]
    assert [said[name] for name in ("received", "stored", "rejected", "repeats")] == [100, 90, 4, 6]
    assert (said["state"], said["level"]) == ("rejecting_some", "warn")
    (connector, _other) = shop.get("/api/connectors/")["results"]
    assert connector["health"] == said
    assert (
        "1 of 2 channels sent something in the last 24 hours; 90 of 100 messages were stored, 4 rejected."
        in text(client.get("/channels/"))
    )
    assert "100 messages in the last 24 hours: 90 stored, 4 rejected." in text(client.get("/live/"))
    own = f"/channels/web-shop/connectors/{connector['connector']}/"
    for address in ("/channels/", "/channels/web-shop/", own, "/quality/"):
        page = client.get(address).content.decode()
        assert re.search(r'<span class="lbl warn"[^>]*>rejecting some</span>', page), address
        assert ">healthy<" not in page
    assert "Received, 24 h 100" in text(client.get(own))
    assert "Stored 90 90.0% · 6 repeats Rejected 4" in text(client.get(own))
    (row,) = [
        one for one in client.get("/quality/").content.decode().split("<tr>") if "rejecting some" in one
    ]
    assert re.findall(r'<td class="n(?: opt)?">(\d+)</td>', row)[:3] == ["100", "90", "4"]


def test_a_connector_that_rejects_stands_once_in_what_needs_somebody(shop):
    bad = [{"type": "track", "userId": "u", "messageId": f"bad-{n}"} for n in range(40)]
    shop.sends(track("Product Viewed", "u1"), *bad)
    lines = needs(person(shop))
    assert sum("Web shop" in one for one in lines) == 1
    assert lines[0].startswith("40 messages of Web shop rejected: Event without a name (event)")


def test_a_silent_channel_stands_once_with_the_orders_that_usually_come(shop):
    now = datetime.now(UTC)
    for back in range(7, 0, -1):
        for hours in range(0, 24, 2):
            at = now - timedelta(days=back, hours=hours + 2)
            shop.sends(order(f"{back}-{hours}", "120", "u1", at=at), received_at=at, drain=False)
    for minutes in (26 * 60, 27 * 60):
        at = now - timedelta(minutes=minutes)
        shop.sends(track("Product Viewed", "u2", at=at, sku="A"), received_at=at, to="store", drain=False)
    shop.drains()
    client = person(shop)
    web, store = [one["health"] for one in shop.get("/api/channels/")["results"]]
    assert (web["state"], web["level"]) == ("silent", "bad")
    assert (store["state"], store["level"]) == ("idle", "warn")
    lines = needs(client)
    assert [one.split(" has sent nothing")[0] for one in lines] == ["Web shop", "Store"]
    assert re.search(r"Orders of ¥1,[45]\d\d\.\d\d usually come in this time\.", lines[0])
    assert "¥" not in lines[1]  # nobody knows
    drawn = set(re.findall(r'icons[^"]*\.svg#([a-z-]+)"', client.get("/").content.decode()))
    assert {"plug", "alert-triangle"} & drawn
    assert drawn <= set((settings.BASE_DIR / "static" / "icons.txt").read_text().split())


def test_what_most_money_hangs_on_comes_first(shop):
    mixed(shop)
    lost = order("A-1", "88000", "u1", message_id="lost")
    lost["properties"]["order_id"] = None
    shop.sends(lost)
    shop.sends(
        order("B-1", "120", "u1", at="2026-03-01T04:00:00Z"),
        track("Order Cancelled", "u1", at="2026-03-02T04:00:00Z", order_id="B-1"),
        track("Payment Succeeded", "u1", at="2026-03-03T04:00:00Z", order_id="B-1", amount="120"),
    )
    lines = needs(person(shop))
    assert [one.split(" ")[0] for one in lines] == ["1", "1", "4"]
    assert "¥88,000.00 of refused orders, since" in lines[0]
    assert "¥120.00 is in no sum" in lines[1]
    assert "¥" not in lines[2]
