"""Statements, rules and rules tried, on their pages: what stands there, who may do what, and the way to the orders."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kernel.models import Audit, Member
from tests.metrics.allocation.settling import APRIL, IN_APRIL, RULES, Settling, refund, sold
from tests.pages.test_numbers import person, text
from tests.shop import Shop, later, track

PAGE = "/allocation/statements/"
FORM = {"pot": "revenue", "rate": "10", "weight:sold": "100", "lookback": "30", "untouched": "sold"}
PHONE = "13812345678"


@pytest.fixture
def shop(db):
    made = Settling()
    sold(made, "w1", "100", later(days=1))
    sold(made, PHONE, "60", later(days=2))
    sold(made, "s1", "40", later(days=3), to="store", store="Hubin")
    return made


def title(page):
    return " ".join(html.unescape(re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]).split())


def does(client, number, act, **given):
    return client.post(f"{PAGE}{number}/{act}/", given)


def closed(shop):
    """March closed, a refund in April, April a draft."""
    shop.settles()
    shop.sends(refund("w1", "40", IN_APRIL))
    shop.makes(APRIL)
    return person(shop)


def test_a_period_goes_from_draft_to_closed_on_the_pages(shop):
    admin = person(shop)
    assert "Nothing was settled yet" in text(admin.get(PAGE))
    made = admin.post(f"{PAGE}make/", {"from": "2026-03-01", "to": "2026-03-31"})
    assert made["Location"] == f"{PAGE}1/"
    page = admin.get(made["Location"])
    assert title(page.content.decode()) == "Settlement 1 – 31 Mar 2026"
    said = text(page)
    assert "¥20.00 for 2 channels" in said
    assert "Send to the channels" in said
    assert does(admin, 1, "send").status_code == 302
    assert "2 have not answered yet" in text(admin.get(f"{PAGE}1/"))
    assert "Statement" not in str(does(admin, 1, "agree", channel="store").content)
    said = text(admin.get(f"{PAGE}1/"))
    assert "Agreed by 1 of 2" in said
    assert "Close for good" not in said
    does(admin, 1, "dispute", channel="web-shop", comment="w9 is missing")
    said = text(admin.get(f"{PAGE}1/"))
    assert "1 disputes its share" in said
    assert "w9 is missing" in said
    does(admin, 1, "agree", channel="web-shop")
    assert "Close for good" in text(admin.get(f"{PAGE}1/"))
    does(admin, 1, "close")
    said = text(admin.get(f"{PAGE}1/"))
    assert "Closed" in said
    assert shop.statement(1)["digest"] in said
    assert "Back to a draft" not in said
    assert "1 – 31 Mar 2026 is closed." in text(admin.get(PAGE))


def test_why_a_share_is_what_it_is_stands_with_its_numbers(shop):
    shop.agrees_on(RULES | {"limits": {"web-shop": {"cap": "0.5"}}})
    shop.makes()
    said = text(person(shop).get(f"{PAGE}1/?channel=web-shop"))
    assert "Why Web shop gets 50%" in said
    assert "100% × 80% (Sold by) = ¥16.00 of the pot of ¥20.00" in said
    assert "¥16.00 − ¥6.00 = ¥10.00 over the cap of 50%" in said
    said = text(person(shop, "analyst").get(f"{PAGE}1/?channel=store"))
    assert "Why Store gets 50%" in said
    assert "Hubin ¥10.00" in said


def test_why_a_share_is_what_it_is_adds_up_where_services_come_first(shop):
    taken = {"order_id": "w1", "order_channel": "web-shop"}
    shop.sends(track("Return Received", at=later(days=5), **taken), to="store")
    shop.agrees_on(RULES | {"services": {"return": "0.02"}})
    shop.makes()
    admin = person(shop)
    said = text(admin.get(f"{PAGE}1/?channel=store"))
    assert "¥4.00 − ¥0.40 + ¥2.00 = ¥5.60" in said
    assert "services and growth; for orders of others" in said
    assert "¥16.00 − ¥1.60 = ¥14.40" in text(admin.get(f"{PAGE}1/?channel=web-shop"))


def test_each_number_of_the_sheet_leads_to_its_orders(shop):
    admin = closed(shop)
    page = admin.get(f"{PAGE}2/").content.decode()
    assert "−¥4.00" in text(admin.get(f"{PAGE}2/"))
    links = {html.unescape(one) for one in re.findall(r'href="([^"]*/orders/[^"]*)"', page)}
    assert links
    assert all(admin.get(one).status_code == 200 for one in links)
    said = text(admin.get(f"{PAGE}2/orders/?channel=web-shop&corrections=1"))
    assert "refunded after closing" in said
    assert "−¥4.00" in said
    said = text(admin.get(f"{PAGE}1/orders/?channel=store"))
    assert "s1" in said
    assert "w1" not in said


def test_a_viewer_gets_orders_masked_and_no_buttons(shop):
    shop.makes()
    viewer = person(shop, "viewer")
    page = viewer.get(f"{PAGE}1/").content.decode()
    assert "statement-act" not in page
    assert "/send/" not in page
    assert PHONE not in viewer.get(f"{PAGE}1/orders/").content.decode()
    assert PHONE in person(shop, "analyst").get(f"{PAGE}1/orders/").content.decode()
    assert does(viewer, 1, "send").status_code == 403
    assert viewer.post(f"{PAGE}make/", {}).status_code == 403


def test_what_cannot_be_is_said_on_the_page(shop):
    admin = person(shop)
    for days, said in (
        ({"from": "x", "to": "y"}, "A period has two days"),
        ({"from": "2026-03-01", "to": "2999-01-01"}, "once all its days are over"),
        ({"from": "2026-04-01", "to": "2026-03-01"}, "ends on or after the day it begins"),
    ):
        answer = admin.post(f"{PAGE}make/", days)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    shop.makes()
    for act, given, said in (
        ("close", {}, "once every channel has agreed"),
        ("agree", {"channel": "store"}, "was not sent yet"),
    ):
        answer = does(admin, 1, act, **given)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    does(admin, 1, "send")
    assert does(admin, 1, "dispute", channel="store").status_code == 422
    odd = SimpleUploadedFile("run.exe", b"x")
    assert does(admin, 1, "dispute", channel="store", comment="no", file=odd).status_code == 422
    assert does(admin, 1, "frobnicate").status_code == 404
    assert admin.get(f"{PAGE}7/").status_code == 404


def test_a_channels_own_people_have_their_statements_and_nothing_else(shop):
    shop.makes()
    store = shop.browser_of("store")
    assert store.get("/")["Location"] == PAGE
    assert "As soon as a statement is sent" in text(store.get(PAGE))
    shop.done(1, "send")
    said = text(store.get(f"{PAGE}1/"))
    assert "Your answer" in said
    assert "Web shop" not in said
    assert "¥4.00 for 1 channel" in said
    navigation = re.search(r'<nav class="hl-nav".*?</nav>', store.get(PAGE).content.decode(), re.DOTALL)[0]
    assert re.findall(r'data-go="(\w)"', navigation) == ["d"]
    for path in (
        "/customers/",
        "/kpi/",
        "/allocation/rules/",
        "/allocation/simulation/",
        "/channels/",
        "/search/?q=w1",
    ):
        assert store.get(path).status_code == 403, path
    assert does(store, 1, "agree", channel="web-shop").status_code == 403
    assert does(store, 1, "send").status_code == 403
    file = SimpleUploadedFile("list.pdf", b"%PDF")
    assert does(store, 1, "dispute", channel="store", comment="s2 is missing", file=file).status_code == 302
    page = store.get(f"{PAGE}1/").content.decode()
    (link,) = re.findall(r'href="([^"]*/files/\d+/)"', page)
    assert store.get(link).content == b"%PDF"
    assert shop.browser_of("web-shop").get(link).status_code == 404
    assert does(store, 1, "agree", channel="store").status_code == 302
    assert "Your answer" not in text(store.get(f"{PAGE}1/"))
    assert store.get(f"{PAGE}1/orders/").status_code == 200
    assert store.get(f"{PAGE}1/sheet.xlsx").status_code == 200


def test_on_paper_it_has_a_line_to_sign(shop):
    shop.settles()
    said = text(person(shop).get(f"{PAGE}1/print/"))
    assert "Signature" in said
    assert "¥20.00" in said


def test_an_admin_says_whose_people_somebody_is(shop):
    admin = person(shop)
    other = person(shop, "viewer")
    member = Member.objects.get(workspace=shop.workspace, user__username="viewer")
    address = f"/workspace/members/{member.pk}/"
    assert "A channel’s own people" in text(admin.get(address))
    assert admin.post(f"{address}channels/", {"channels": ["store"]}).status_code == 302
    assert other.get("/customers/").status_code == 403
    assert other.get(PAGE).status_code == 200
    (noted,) = Audit.objects.filter(workspace=shop.workspace, action="member.channels")
    assert noted.detail == {"before": [], "after": ["store"]}
    assert admin.post(f"{address}channels/", {"channels": ["moon"]}).status_code == 422
    assert admin.post(f"{address}channels/", {}).status_code == 302
    assert other.get("/customers/").status_code == 200
    own = Member.objects.get(workspace=shop.workspace, user__username="admin")
    Member.objects.exclude(pk=own.pk).filter(workspace=shop.workspace, role="admin").delete()
    own.user.set_password("a long enough password")
    own.user.save()
    admin.force_login(own.user)
    answer = admin.post(f"/workspace/members/{own.pk}/channels/", {"channels": ["store"]})
    assert answer.status_code == 422  # nobody else could let people in


# ---- rules -----------------------------------------------------------------------------------------------


def test_rules_are_put_in_force_by_a_form_that_reads_like_the_agreement(db):
    shop = Shop()
    admin = person(shop)
    assert title(admin.get("/allocation/rules/").content.decode()) == "No rules are in force yet"
    given = FORM | {
        "weight:sold": "60",
        "weight:shapley": "40",
        "service:pickup": "2",
        "costs": "yes",
        "floor:*": "4",
        "cap:web-shop": "70",
        "guarantee:store": "500",
        "adjusted": "10",
        "most": "5",
        "reason": "the first agreement",
        "version": "0",
    }
    assert admin.post("/allocation/rules/put/", given).status_code == 302
    said = text(admin.get("/allocation/rules/"))
    for sentence in (
        "The pot is 10% of net revenue.",
        "It is shared 60% by “Sold by”, 40% by “Shapley”.",
        "First each channel gets back what it spent.",
        "Picked up here, sold elsewhere: 2% of the order's value.",
        "Every channel gets at least 4% of the pot.",
        "Web shop gets at most 70% of the pot.",
        "Store gets at least ¥500.00.",
        "10% of its growth, at most 5%",
        "the first agreement",
    ):
        assert sentence in html.unescape(said), sentence
    found = shop.get("/api/allocation/rules/")["rules"]
    assert found["limits"] == {
        "*": {"floor": "0.04"},
        "web-shop": {"cap": "0.7"},
        "store": {"guarantee": "500"},
    }
    page = admin.get("/allocation/rules/").content.decode()
    assert re.search(r'name="weight:sold"[^>]*value="60"', page)
    stale = admin.post("/allocation/rules/put/", given)
    assert stale.status_code == 422
    assert "Somebody else changed the rules" in stale.content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"weight:sold": "60"}, "come to 60.0%"),
        ({"weight:sold": "most"}, "“most” is not a number"),
        ({"rate": "120"}, "between 0 and 1"),
        ({"floor:*": "60"}, "give more than the pot"),
        ({"floor:store": "50", "cap:store": "20"}, "above the cap"),
        ({"lookback": "999"}, "1 to 180 days"),
    ],
)
def test_what_is_wrong_is_said_while_one_types(shop, changed, said):
    answer = person(shop).post("/allocation/rules/check/", FORM | changed)
    assert answer.status_code == 200
    assert said in html.unescape(answer.content.decode())
    refused = person(shop, "viewer").post("/allocation/rules/put/", FORM | changed)
    assert refused.status_code == 403
    assert shop.get("/api/allocation/rules/")["version"] == 1


def test_rules_are_tried_beside_those_in_force(shop):
    analyst = person(shop, "analyst")
    tried = "&".join(f"{name}={value}" for name, value in (FORM | {"cap:web-shop": "50"}).items())
    page = analyst.get(f"/allocation/simulation/?from=2026-03-01&to=2026-03-31&{tried}")
    said = text(page)
    assert "Store gains ¥6.00, Web shop loses ¥6.00." in said
    assert "Efficiency: all of the pot is given" in said
    again = re.search(r'href="(/allocation/rules/\?[^"]*)"', page.content.decode())[1]
    form = analyst.get(html.unescape(again)).content.decode()
    assert re.search(r'name="cap:web-shop"[^>]*value="50"', form)
    wrong = analyst.get("/allocation/simulation/?pot=revenue&rate=900")
    assert wrong.status_code == 422
    assert "These rules cannot be tried" in wrong.content.decode()
    assert "Nothing was sold in this period" in text(
        analyst.get("/allocation/simulation/?from=2001-01-01&to=2001-01-31")
    )
    assert person(shop, "viewer").get("/allocation/simulation/").status_code == 403


def test_the_pages_speak_chinese(shop):
    admin = closed(shop)
    admin.cookies["language"] = "zh-hans"
    for path in (PAGE, f"{PAGE}2/", f"{PAGE}1/print/", f"{PAGE}2/orders/", "/allocation/rules/"):
        assert admin.get(path).status_code == 200, path
