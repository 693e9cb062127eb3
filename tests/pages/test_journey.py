"""A customer's page: the journey and its stretch, the timeline and its filters, why they are one, what lost, each step.

The three things a new person is asked to do stand here as they would be done.
"""

import json
import re
from datetime import UTC, datetime

import pytest

from profiles import timeline
from tests.pages.test_numbers import PHONE, person, text
from tests.shop import Shop, identify, order, track

PHONE_TYPED = "138 1234-5021"


def march(day, hour=4):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.fixture
def lin(db):
    """One person on two channels: browsed, bought twice, was refunded; known by account, phone and browser."""
    shop = Shop()
    shop.sends(
        track("Product Viewed", at=march(2), anonymous="browser-1", name="Cedar candle"),
        track(
            "Product Viewed", "u1", at=march(3), anonymous="browser-1", name="Cedar candle", message_id="link"
        ),
        identify("u1", march(3, 5), name="Lin Xiaowen", city="Ningbo", phone=PHONE) | {"messageId": "known"},
        order("A-1", "100.00", "u1", at=march(4), message_id="bought"),
        {
            "type": "page",
            "name": "Home",
            "userId": "u1",
            "timestamp": march(5).isoformat(),
            "messageId": "home",
        },
    )
    phone = [{"kind": "phone", "value": PHONE_TYPED}]
    shop.sends(
        order("S-1", "40.00", at=march(20), identifiers=phone, message_id="in-store"),
        identify("m", march(20, 5), city="Hangzhou") | {"userId": None, "identifiers": phone},
        track("Order Refunded", at=march(21), identifiers=phone, order_id="S-1", total="15", refund_id="r"),
        to="store",
    )
    return shop


@pytest.fixture
def page(lin):
    return f"/customers/{lin.profile('user_id:u1')['id']}/"


def events(answer):
    """The sentences of a timeline."""
    raw = answer.content.decode()
    found = re.findall(
        r'<li(?: class="buy")?><time.*?<span class="wrap">(.*?) <span class="muted', raw, re.DOTALL
    )
    return [re.sub("<[^>]+>", "", one) for one in found]


def ribbon(answer):
    return json.loads(
        re.search(r'id="ribbon-data"[^>]*>(.*?)</script>', answer.content.decode(), re.DOTALL)[1]
    )


# ---- what a new person is asked -------------------------------------------------------------------


def test_a_customer_is_found_by_phone(lin, page):
    for client in (person(lin, "viewer"), person(lin, "analyst")):
        for typed in ("13812345021", "+86 138 1234 5021", PHONE_TYPED):
            assert client.get("/search/", {"q": typed})["Location"] == page


def test_why_two_identifiers_are_one_person(lin, page):
    client = person(lin)
    keys = dict(re.findall(r'<option value="([0-9a-f-]{36})">([^<]+)<', client.get(page).content.decode()))
    browser = next(key for key, words in keys.items() if "browser-1" in words)
    phone = next(key for key, words in keys.items() if "phone" in words)
    said = text(client.get(page + "why/", {"a": browser, "b": phone}))
    assert "They are one person by a chain of 2 joins" in said
    assert "both appeared in “Viewed a product”, Web shop" in said
    assert "both appeared in “Identified”, Web shop" in said
    assert said.index("browser-1") < said.index("phone")
    assert "by 1 join" in text(client.get(page + "why/", {"a": phone, "b": lin.profile("user_id:u1")["id"]}))
    assert "same identifier" in text(client.get(page + "why/", {"a": phone, "b": phone}))
    assert "Choose two" in text(client.get(page + "why/", {"a": phone, "b": "nonsense"}))


def test_a_wrong_join_is_undone_from_the_list(lin, page):
    client = person(lin, "analyst")
    raw = client.get(page).content.decode()
    href = re.findall(r'href="(/customers/[^"]+/split/[^"]+)"', raw)[0].replace("&amp;", "&")
    assert "Nothing has changed yet" in text(client.get(href))
    where, _mark, query = href.partition("?")
    pair = dict(part.split("=") for part in query.split("&"))
    done = client.post(where, pair | {"reason": "a colleague's phone"})
    assert done.status_code == 302
    assert "a colleague" not in raw
    assert len(lin.get("/api/profiles/")["results"]) == 2


# ---- the timeline ---------------------------------------------------------------------------------

NARROWED = {
    "channel=store": ["Refund of order S-1", "Identified", "Order S-1"],
    "touchpoint=browse": ["Viewed page Home", "Viewed Cedar candle", "Viewed Cedar candle"],
    "event=Product+Viewed": ["Viewed Cedar candle", "Viewed Cedar candle"],
    "event=type:page": ["Viewed page Home"],
    "purchases=1": ["Order S-1", "Order A-1"],
    "purchases=1&channel=store": ["Order S-1"],
    "from=2026-03-20&to=2026-03-20": ["Identified", "Order S-1"],
    "to=2026-03-02": ["Viewed Cedar candle"],
    "touchpoint=cart": [],
}


def test_the_timeline_is_narrowed_on_the_page_and_as_a_piece(lin, page):
    client = person(lin)
    for query, found in NARROWED.items():
        assert events(client.get(f"{page}?{query}")) == found, query
        piece = client.get(f"{page}timeline/?{query}")
        assert events(piece) == found, query
        assert piece["HX-Replace-Url"].startswith(page + "?")


def test_days_are_the_workspaces(lin, page):
    lin.sends(track("Store Visited", "u1", at=datetime(2026, 3, 25, 17, tzinfo=UTC)))  # the 26th in Shanghai
    client = person(lin)
    assert events(client.get(f"{page}?from=2026-03-26&to=2026-03-26")) == ["Visited a store"]
    assert events(client.get(f"{page}?from=2026-03-25&to=2026-03-25")) == []


def test_the_address_keeps_what_is_not_the_timelines(lin, page):
    here = {"HTTP_HX_CURRENT_URL": f"http://testserver{page}?orders=all&journey=1-2&channel=store"}
    answer = person(lin).get(f"{page}timeline/?channel=web-shop&touchpoint=&purchases=1", **here)
    assert answer["HX-Replace-Url"] == f"{page}?orders=all&journey=1-2&channel=web-shop&purchases=1"


def test_an_address_that_is_none_keeps_nothing(lin, page):
    client = person(lin)
    for here in ("http://[", "//[x]/", "é", "#?a=b", ""):
        answer = client.get(f"{page}timeline/?channel=web-shop", HTTP_HX_CURRENT_URL=here)
        assert answer["HX-Replace-Url"] == f"{page}?channel=web-shop", here


def test_the_timeline_goes_on_with_its_filters(lin, page):
    lin.sends(*(track("Cart Viewed", "u1", at=march(8, n % 24)) for n in range(40)))
    client = person(lin)
    first = client.get(f"{page}timeline/?event=Cart+Viewed").content.decode()
    further = re.search(r'hx-get="([^"]+cursor=[^"]+)"', first)[1].replace("&amp;", "&")
    assert "event=Cart+Viewed" in further
    rest = client.get(further)
    assert len(events(rest)) == 15
    assert "HX-Replace-Url" not in rest.headers
    assert "tl-filter" not in rest.content.decode()


def test_a_wrong_filter_is_left_out(lin, page):
    client = person(lin)
    for query in (
        "from=yesterday",
        "to=2026-13-01",
        "from=9999-12-31",
        "until=x",
        "channel=none",
        "touchpoint=x",
    ):
        assert len(events(client.get(f"{page}?{query}"))) == 8, query


def test_what_can_be_chosen_is_what_there_is(lin, page):
    said = text(person(lin).get(page))
    for choice in ("Store (3)", "browse (3)", "Viewed a product (2)", "Viewed a page (1)"):
        assert choice in said, choice
    assert "cart (" not in said
    assert "counted among" not in said


def test_kinds_of_a_long_history_are_counted_among_the_newest_and_channels_in_all(lin, page, monkeypatch):
    monkeypatch.setattr(timeline, "LOOKED_AT", 3)
    said = text(person(lin).get(page))
    assert "kinds counted among the newest 3 events" in said
    for choice in ("Store (3)", "Web shop (5)"):
        assert choice in said, choice
    assert "Viewed a product" not in said.partition("every event")[2].partition("only purchases")[0]


# ---- the journey ----------------------------------------------------------------------------------


def test_the_ribbon_holds_every_contact_with_its_day(lin, page):
    found = ribbon(person(lin).get(page))
    assert [one["kind"] for one in found["events"]] == [
        "browse",
        "browse",
        "order",
        "browse",
        "order",
        "after-sales",
    ]
    assert [one["date"] for one in found["events"]][:2] == ["2026-03-02", "2026-03-03"]
    assert [one["label"] for one in found["events"]][:4] == [
        "Viewed Cedar candle",
        "Viewed Cedar candle",
        "Order A-1",
        "Viewed page Home",
    ]
    assert [one["short"] for one in found["events"] if one["buy"]] == ["¥100", "¥40"]
    assert found["events"][-1]["amount"] == "−¥15.00"
    assert [one["name"] for one in found["lanes"]] == ["Web shop", "Store"]


def test_a_long_journey_says_which_piece_is_shown(lin, page, monkeypatch):
    monkeypatch.setattr(timeline, "TOUCHES", 2)
    monkeypatch.setattr(timeline.touches, "__defaults__", (None, 2))
    client = person(lin)
    answer = client.get(page)
    assert "The newest 2 touchpoints on 1 channel" in text(answer)
    earlier = re.search(r'href="(\?until=[^"#]+)#journey"', answer.content.decode())[1].replace("&amp;", "&")
    before = client.get(page + earlier)
    assert [one["kind"] for one in ribbon(before)["events"]] == ["order", "browse"]
    assert "Back to the latest" in text(before)
    assert "2 touchpoints of this piece" in text(before)
    for odd in (
        "nonsense",
        "0001-01-01T00:00:00%2B14:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
    ):
        assert client.get(f"{page}?until={odd}").status_code == 200, odd


# ---- what lost, and each step of an event ----------------------------------------------------------


def test_the_golden_record_shows_what_lost_with_its_source_and_time(lin, page):
    raw = person(lin).get(page).content.decode()
    said = " ".join(re.sub("<[^>]+>", " ", raw[raw.index('id="golden"') :]).split())
    assert re.search(r"City Hangzhou Store · 20 Mar · reported last 1 other value", said)
    assert re.search(r"Ningbo Web shop · 3 Mar 13:00", said)


def test_an_event_says_what_cleaning_did(lin):
    client = person(lin)
    said = text(client.get("/events/in-store/"))
    assert "What mapping and cleaning did" in said
    assert f"{PHONE_TYPED} {PHONE} identifier: phone" in said
    assert "2026-03-20T04:00:00+00:00 2026-03-20T04:00:00Z" in said
    assert "Order Completed unchanged touchpoint: order" in said
    assert "properties.total 40.00 unchanged" in said
    assert "active customers, retention" in said
    assert "Nothing had to be marked." in said


def test_what_was_marked_is_said_in_words(lin):
    lin.sends(
        track("Order Completed", "u1", message_id="marked", order_id="R-1", total="1.005", currency="CNY")
        | {"identifiers": [{"kind": "email", "value": "no mail"}]}
    )
    said = text(person(lin).get("/events/marked/"))
    assert "it was rounded" in said
    assert "What was sent as “e-mail” is not an identifier" in said
    assert "no mail – not an identifier" in said


def test_a_viewer_sees_no_phone_in_any_step(lin):
    raw = person(lin, "viewer").get("/events/in-store/").content.decode()
    assert not re.search("1234-?5021|12345021", raw)
    assert "138 •••• 5021" in raw
