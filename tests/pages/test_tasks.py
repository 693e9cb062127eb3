"""What somebody new to the product does within a minute, by links and forms alone: each step is found on the page of
the step before."""

import html
import json
import re
from datetime import timedelta

from django.utils import timezone

from tests.pages.test_numbers import person, text
from tests.shop import Shop, order, track


def link(client, page, pattern):
    """The first address on a page that looks so."""
    found = re.search(pattern, client.get(page).content.decode())
    assert found, (page, pattern)
    return html.unescape(found[1])


def test_find_why_an_event_was_refused_mend_it_and_replay_it(db):
    shop = Shop()
    shop.sends(order("A-1", "10", "u1"), to="store")
    shop.sends(*(track("Order Completed", "u2", message_id=f"b{n}", order_id=f"B-{n}") for n in range(2)))
    client = person(shop, "analyst")
    rejects = link(client, "/channels/", r'href="(/rejects/\?channel=web-shop)"')
    group = link(client, rejects, r'<a class="strong" href="(\?[^"]*reason=missing_field[^"]*)"')
    one = link(client, "/rejects/" + group, r'hx-get="(/rejects/[0-9a-f-]{36}/)"')
    why = text(client.get(one))
    assert "Field missing: properties.total" in why
    assert "Order Completed needs total" in why
    raw = re.search(r"<textarea[^>]*>(.*?)</textarea>", client.get(one).content.decode(), re.DOTALL)[1]
    message = json.loads(html.unescape(raw))
    message["properties"]["total"] = "20"
    answer = client.post(one + "mend/", {"raw": json.dumps(message)}, headers={"HX-Request": "true"})
    assert "1 message replayed" in text(answer)
    following = re.search(r'hx-get="(/rejects/[0-9a-f-]{36}/)"', answer.content.decode())[1]
    assert following != one
    shop.drains()
    assert shop.value("orders", **{"from": "2026-01-01", "to": "2030-01-01"}) == "2"
    assert "closed" in text(client.get(one)) or "replayed" in text(client.get(one))
    again = client.post("/rejects/replay/", {"ids": one.split("/")[2]}, headers={"HX-Request": "true"})
    assert "0 messages replayed" in text(again)
    shop.drains()
    assert shop.value("orders", **{"from": "2026-01-01", "to": "2030-01-01"}) == "2"


def test_say_which_channel_made_revenue_fall(db):
    shop, now = Shop(), timezone.now()
    before, lately = now - timedelta(days=40), now - timedelta(days=3)
    shop.sends(order("W-1", "900", "u1", at=before), order("W-2", "300", "u2", at=lately))
    shop.sends(order("S-1", "100", "u3", at=before), order("S-2", "150", "u4", at=lately), to="store")
    client = person(shop, "viewer")
    kpi = link(client, "/", r'href="(/kpi/(?:gmv|net_revenue)/[^"]*)"')
    said = text(client.get(kpi))
    assert "Web shop" in said
    assert re.search(r"−¥600\.00|−¥600", said)
    assert re.search(r"\+?¥50\.00|\+?¥50\b", said)
