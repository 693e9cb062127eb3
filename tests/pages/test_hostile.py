"""What strangers send is shown as text, on every page, in both languages; and every string has its Chinese."""

import re

import pytest
from django.core.management import call_command

from tests.pages.test_numbers import customer, person
from tests.shop import Shop, identify, order, track

EVIL = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def hostile(db):
    shop = Shop()
    shop.sends(
        identify("u1", name=EVIL, city=EVIL),
        track("Product Viewed", "u1", name=EVIL),
        track(EVIL, "u1"),
        order(EVIL, "1", "u1", products=[{"sku": "S", "name": EVIL, "price": "1"}]),
        track("Order Completed", "u1", message_id=EVIL, order_id="x"),
    )
    return shop


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_markup_in_data_does_nothing(hostile, language):
    client = person(hostile)
    client.cookies["language"] = language
    pages = ["/", "/customers/", customer(client), "/channels/", "/live/", "/rejects/"]
    pages += re.findall(r'hx-get="(/rejects/[0-9a-f-]{36}/)"', client.get("/rejects/").content.decode())
    pages += re.findall(r'hx-get="(/live/[0-9a-f]{8}-[^"]+)"', client.get("/live/").content.decode())
    for page in pages:
        raw = client.get(page.replace("&amp;", "&")).content.decode()
        assert "<script>alert" not in raw, page
        assert "<img" not in raw, page
    assert client.get("/customers/", {"search": EVIL}).status_code == 200


def test_every_string_has_its_chinese():
    call_command("messages", "--check")
